"""What the config says of a service for single destinations, and places that are told of no incident."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_monitor import config
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.plan import Plan

PLACES = """
destinations:
  page: {cachet: {url: "https://status.example", token: {value: word}}}
  journal: log
  switch: {heartbeat_out: {url: "https://hc.example/1"}}
""".replace("journal: log", "journal: {log: {}}")


def read(rows: str, more: str = "") -> Plan:
    return config.read(
        f"services:\n  - {{name: Web, tcp: {{host: h, port: 1}}{rows}}}\n{PLACES}{more}", "c.yaml", {}, Path()
    )


def problems(rows: str, more: str = "") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(rows, more)
    return [f"{one.line} {one.path}: {one.text}" for one in caught.value.problems]


def test_what_is_said_of_a_service_comes_to_the_place_that_it_is_said_for() -> None:
    (service,) = read(", publish: {page: {component: 3, actions: [update_status]}}").services
    assert list(service.publish) == ["page"]
    assert (service.publish["page"].component, service.publish["page"].actions) == (3, ("update_status",))


def test_nothing_is_said_where_nothing_is_written() -> None:
    for rows in ("", ", publish: {}"):
        assert read(rows).services[0].publish == {}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pge", "no destination is called 'pge'; did you mean 'page'?"),
        ("journal", "journal needs to know nothing of single services"),
    ],
)
def test_what_leads_nowhere_is_told_at_its_line(name: str, said: str) -> None:
    assert problems(f", publish: {{{name}: {{component: 1}}}}") == [f"2 services[0].publish.{name}: {said}"]


def test_an_option_that_the_place_does_not_know_is_told_with_the_nearest() -> None:
    (said,) = problems(", publish: {page: {componnt: 1}}")
    assert "componnt" in said
    assert "did you mean 'component'?" in said


def test_of_a_place_with_a_problem_of_its_own_only_that_is_told() -> None:
    text = PLACES.replace('url: "https://status.example"', 'url: "no address"')
    rows = "services:\n  - {name: Web, tcp: {host: h, port: 1}, publish: {page: {component: 1}}}\n"
    with pytest.raises(ConfigError) as caught:
        config.read(rows + text, "c.yaml", {}, Path())
    assert ["publish" in one.path for one in caught.value.problems] == [False]


def test_without_routes_everything_goes_to_whoever_hears_of_incidents() -> None:
    assert [route.to for route in read("").routes] == [("page", "journal")]


def test_no_route_leads_to_a_place_that_is_told_of_no_incident() -> None:
    (said,) = problems("", "routes:\n  - {to: [switch, journal]}\n")
    assert said.endswith("'switch' is told of no incident: no route leads there")
