"""`vendor` in a service: a name in place of a check and its address, told plainly where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tui_monitor import config
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.model import Service

ALL = "tui-monitor vendors lists all that are known"


def services(rows: str, **environ: str) -> list[Service]:
    return list(config.read(f"services:\n{rows}", "c.yaml", environ, Path()).services)


def only(row: str, **environ: str) -> Service:
    (service,) = services(f"  - {row}\n", **environ)
    return service


def problems(rows: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        services(rows)
    return [f"{one.line}: {one.path}: {one.text}" for one in caught.value.problems]


def test_a_name_gives_the_check_its_address_and_the_name_of_the_service():
    service = only("vendor: github")
    assert (service.id, service.name, service.kind) == ("github", "GitHub", "statuspage")
    assert service.check.url == "https://www.githubstatus.com"
    assert service.check.components == ()


def test_the_row_goes_before_the_catalogue():
    row = "{name: Actions, every: 30s, vendor: {name: github, components: [Actions], severity: partial}}"
    service = only(row)
    assert (service.name, service.every) == ("Actions", 30.0)
    assert (service.check.components, service.check.severity) == (("Actions",), "partial")
    assert service.check.url == "https://www.githubstatus.com"
    assert only("vendor: {name: github, url: 'https://a.example'}").check.url == "https://a.example"


def test_an_address_of_the_row_takes_the_place_of_the_id_of_a_page():
    assert only("vendor: gitlab").check.page_id
    check = only("vendor: {name: gitlab, url: 'https://a.example/1.0/status/1'}").check
    assert (check.page_id, check.url) == ("", "https://a.example/1.0/status/1")


def test_whatever_is_usual_for_its_kind_of_check_holds():
    ours = only("{name: GitHub, statuspage: {url: 'https://www.githubstatus.com'}}")
    assert only("vendor: github") == ours


def test_other_names_and_names_from_the_environment_are_known():
    assert only("vendor: gcp").check == only("vendor: google-cloud").check
    assert only("vendor: google-cloud").name == "Google Cloud"
    assert only("vendor: '${WHICH}'", WHICH="npm").name == "npm"
    assert only("vendor: {name: '${WHICH}'}", WHICH="npm").name == "npm"
    assert only("vendor: 1password").name == "1Password"


def test_blanks_around_a_name_are_none_of_it():
    assert only("vendor: ' github '") == only("vendor: github")
    assert only("vendor: {name: ' github '}") == only("vendor: github")
    assert only("vendor: '${WHICH}'", WHICH="npm\n").name == "npm"


def test_a_service_that_has_its_name_of_a_vendor_is_called_by_it_everywhere():
    rows = "  - vendor: github\n  - {name: Shop, depends_on: [GitHub], tcp: {host: h, port: 1}}\n"
    rows += "  - {name: Both, group: {all: [Shop, github]}}\n"
    text = f"services:\n{rows}destinations: {{d: {{log: }}}}\nroutes: [{{to: d, when: {{service: GitHub}}}}]\n"
    plan = config.read(text, "c.yaml", {}, Path())
    assert plan.services[1].depends_on == ("github",)
    assert plan.routes[0].services == ("github",)


def test_texts_may_use_the_fields_of_its_check():
    text = "services: [{vendor: gitlab}]\nmessages: {opened: '{name} {page_id}'}"
    assert "page_id" in config.read(text, "c.yaml", {}, Path()).services[0].fields


def test_credentials_stand_beside_the_name_and_are_secrets():
    row = "vendor: {name: m365, tenant: t, client_id: c, client_secret: '${KEY}'}"
    plan = config.read(f"services: [{{{row}}}]", "c.yaml", {"KEY": "k-e-y"}, Path())
    assert (plan.services[0].kind, plan.services[0].name) == ("microsoft365", "Microsoft 365")
    assert plan.services[0].check.client_secret.reveal() == "k-e-y"
    assert "k-e-y" not in repr(plan)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("vendor: gihub", f"services[0].vendor: there is no vendor 'gihub'; did you mean 'github'? {ALL}"),
        ("vendor: GitHub", f"services[0].vendor: there is no vendor 'GitHub'; did you mean 'github'? {ALL}"),
        ("vendor: qqqqqq", f"services[0].vendor: there is no vendor 'qqqqqq'; {ALL}"),
        ("vendor: {name: gihub}", "services[0].vendor.name: there is no vendor 'gihub'; did you mean 'github'? "
         f"{ALL}"),
        ("vendor: {nme: github}", "services[0].vendor.nme: unknown key 'nme'; did you mean 'name'?"),
        ("{name: A, vendor: {Name: github}}", "services[0].vendor.Name: unknown key 'Name'; did you mean 'name'?"),
        ("vendor: {names: github, url: 'https://a.example'}", "services[0].vendor.names: unknown key 'names'; did "
         "you mean 'name'?"),
        ("vendor: {nme: gihub}", "services[0].vendor.nme: unknown key 'nme'; did you mean 'name'?"),
        ("{name: A, vendor: '  '}", "services[0].vendor: must be the name of a vendor, or a mapping of that and of "
         f"options; {ALL}"),
        ("{name: A, vendor: [github]}", "services[0].vendor: must be the name of a vendor, or a mapping of that and "
         f"of options; {ALL}"),
        ("{name: A, vendor: }", "services[0].vendor: must be the name of a vendor, or a mapping of that and of "
         f"options; {ALL}"),
        ("{name: A, vendor: {url: x}}", "services[0].vendor: must be the name of a vendor, or a mapping of that and "
         f"of options; {ALL}"),
        ("vendor: {name: github, componets: x}", "services[0].vendor.componets: unknown key 'componets'; did you "
         "mean 'components'?"),
        ("vendor: {name: github, severity: bad}", "services[0].vendor.severity: must be one of notice, degraded, "
         "partial, major, not 'bad'"),
        ("vendor: {name: github, url: 'ftp://a.example'}", "services[0].vendor.url: the URL must begin with http:// "
         "or https://"),
        ("vendor: office365", "services[0].vendor: Microsoft 365 is asked with tenant, client_id and client_secret: "
         "write {name: microsoft365, tenant: …, client_id: …, client_secret: …}"),
        ("vendor: {name: m365, tenant: a, client_id: b}", "services[0].vendor: 'client_secret' is missing"),
        ("{vendor: github, http: {url: 'http://a.example'}}", "services[0].http: a second check: there is 'vendor' "
         "already, and each entry has one"),
        ("{name: A, tcp: {host: h, port: 1}, vendor: github}", "services[0].vendor: a second check: there is 'tcp' "
         "already, and each entry has one"),
        ("vendor: '${NOPE}'\n    name: A", "services[0].vendor: the environment variable NOPE is not set: set it, or "
         "write ${NOPE:-default}"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_once_at_its_line(row: str, told: str):
    assert problems(f"\n  - {row}\n") == [f"3: {told}"]


def test_a_misspelt_key_is_told_to_mean_a_vendor():
    assert "3: services[0].vendr: unknown key 'vendr'; did you mean 'vendor'?" in problems("\n  - {vendr: github}\n")


def test_two_services_may_not_have_the_name_of_one_vendor():
    told = "3: services[1].name: two services have the name 'GitHub', the other is on line 2"
    assert problems("  - vendor: github\n  - {vendor: {name: github, components: x}}\n") == [told]


SHAPES: list[tuple[str, bool]] = [
    ("vendor: github", True),
    ("vendor: m365-not", False),
    ("vendor: '${WHICH}'", True),
    ("vendor: google-cloud", True),
    ("vendor: 7", False),
    ("vendor: ", False),
    ("{name: A, vendor: github, every: 5m}", True),
    ("vendor: {name: github, components: [Actions]}", True),
    ("vendor: {name: github, componets: [Actions]}", False),
    ("vendor: {name: gitlab, page_id: abc}", True),
    ("vendor: {name: github, page_id: abc}", False),
    ("vendor: {components: [Actions]}", False),
    ("vendor: microsoft365", False),
    ("vendor: {name: microsoft365, tenant: a, client_id: b}", False),
    ("vendor: {name: office365, tenant: a, client_id: b, client_secret: {env: HOME}}", True),
    ("{name: A, vendor: github, tcp: {host: h, port: 1}}", False),
    ("{vendor: github, tcp: {host: h, port: 1}}", False),
    ("{tcp: {host: h, port: 1}}", False),
]


@pytest.fixture(scope="module")
def judge() -> Any:
    return jsonschema.Draft202012Validator(config.schema())


@pytest.mark.parametrize(("row", "is_right"), SHAPES, ids=[row for row, _ in SHAPES])
def test_the_schema_takes_what_the_reader_takes(judge: Any, row: str, is_right: bool):
    text = f"services:\n  - {row}\n"
    assert judge.is_valid(yaml.safe_load(text)) is is_right
    try:
        config.read(text, "c.yaml", {"WHICH": "npm", "HOME": "x"}, Path())
        assert is_right
    except ConfigError:
        assert not is_right


def test_an_editor_is_offered_every_name():
    offered = config.schema()["$defs"]["service"]["properties"]["vendor"]["anyOf"][0]["enum"]
    assert {"github", "gcp", "google-cloud"} <= set(offered)
    assert "microsoft365" not in offered
