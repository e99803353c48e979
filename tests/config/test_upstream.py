"""The vendors that a service stands on, as a config names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_monitor import config
from tui_monitor.core.errors import ConfigError

VENDORS = """
services:
  - {name: Router, tcp: {host: h, port: 1}}
  - {name: GitHub, id: hub, statuspage: {url: "https://hub.example"}}
  - {name: Cloud, statuspage: {url: "https://cloud.example"}}
"""


@pytest.mark.parametrize(
    ("written", "ids"), [("GitHub", ("hub",)), ("[Cloud, hub, GitHub]", ("cloud", "hub")), ("[]", ())]
)
def test_names_and_ids_of_vendors_become_ids_each_once(written: str, ids: tuple[str, ...]) -> None:
    text = VENDORS + f"  - {{name: A, upstream: {written}, tcp: {{host: h, port: 1}}}}"
    plan = config.read(text, "config.yaml", {}, Path())
    assert [one.upstream for one in plan.services] == [(), (), (), ids]
    assert {one.depends_on for one in plan.services} == {()}


def test_a_vendor_of_the_catalogue_is_meant_by_its_key_with_every_service_that_reads_its_page() -> None:
    rows = """
services:
  - {name: Actions, vendor: {name: github, components: [Actions]}}
  - {name: Elsewhere, id: m365, statuspage: {url: "https://m.example"}}
  - {name: Pages, vendor: {name: github, components: [Pages]}}
  - vendor: azure_devops
  - {name: A, upstream: github, tcp: {host: h, port: 1}}
  - {name: B, upstream: [Pages, azure_devops, m365], tcp: {host: h, port: 1}}
"""
    *_, a, b = config.read(rows, "config.yaml", {}, Path()).services
    assert (a.upstream, b.upstream) == (("actions", "pages"), ("pages", "azure-devops", "m365"))


def problems_of(rows: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config.read(VENDORS + rows, "config.yaml", {}, Path())
    return [f"{one.line} {one.path}: {one.text}" for one in caught.value.problems]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "{name: A, upstream: [hub, Guthub], tcp: {host: h, port: 1}}",
            ".upstream[1]: no service is called 'Guthub'; did you mean 'GitHub'?",
        ),
        (
            "{name: A, upstream: [hub, m365], tcp: {host: h, port: 1}}",
            ".upstream[1]: no service reads the page of Microsoft 365: list one with `vendor: microsoft365`",
        ),
        ("{name: A, upstream: A, tcp: {host: h, port: 1}}", ".upstream: a service cannot be upstream of itself"),
        (
            "{name: A, upstream: [Router], tcp: {host: h, port: 1}}",
            ".upstream[0]: 'Router' reads no vendor's page: upstream names vendors, depends_on what is your own",
        ),
        (
            "{name: A, upstream: [hub], statuspage: {url: 'https://a.example'}}",
            ".upstream[0]: upstream is for services of your own, and this one reads a vendor's page itself",
        ),
    ],
)
def test_an_upstream_that_cannot_be_is_told_where_it_stands(row: str, problem: str) -> None:
    assert problems_of(f"  - {row}") == [f"6 services[3]{problem}"]


def test_of_a_vendor_whose_own_row_is_wrong_only_that_is_told() -> None:
    rows = "  - {name: A, upstream: [Broken], tcp: {host: h, port: 1}}\n  - {name: Broken, statuspage: {}}"
    assert [one for one in problems_of(rows) if "upstream" in one] == []
