"""What keeps quiet, as a config writes it: dependencies, planned work, active hours, reference targets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui_monitor import config
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.plan import Plan
from tui_monitor.core.window import Scope, Span

SERVICES = """
services:
  - {name: Router, tcp: {host: h, port: 1}}
  - {name: API, id: api, group: Own, tags: [prod], depends_on: [Router], tcp: {host: h, port: 1}}
  - {name: Web, group: Own, depends_on: api, tcp: {host: h, port: 1}}
"""


def read(text: str) -> Plan:
    return config.read(SERVICES + text, "config.yaml", {}, Path())


def told(text: str) -> list[str]:
    """Every problem, each with where it is."""
    return problems_of(SERVICES + text)


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config.read(text, "config.yaml", {}, Path())
    return [f"{one.path}: {one.text}" for one in caught.value.problems]


# -- dependencies -------------------------------------------------------------------------------------------------


def test_names_and_ids_of_what_a_service_depends_on_become_ids():
    plan = read("")
    assert [one.depends_on for one in plan.services] == [(), ("router",), ("api",)]


@pytest.mark.parametrize(
    ("depends", "problem"),
    [
        ("[Router, Ruoter]", "services[0].depends_on[1]: no service is called 'Ruoter'; did you mean 'Router'?"),
        ("[A]", "services[0].depends_on[0]: a service cannot depend on itself"),
        ("a", "services[0].depends_on: a service cannot depend on itself"),
        ("[B]", "services[0].depends_on: services depend on each other in a ring: a -> b -> a"),
    ],
)
def test_a_dependency_that_cannot_be_is_told(depends: str, problem: str):
    text = f"""
services:
  - {{name: A, depends_on: {depends}, tcp: {{host: h, port: 1}}}}
  - {{name: B, depends_on: [A], tcp: {{host: h, port: 1}}}}
  - {{name: Router, tcp: {{host: h, port: 1}}}}
"""
    assert problem in problems_of(text)


# -- planned work -------------------------------------------------------------------------------------------------


def test_planned_work_by_cron_covers_what_fits_all_that_is_written():
    (window,) = read(
        "maintenance: [{tags: [prod], groups: [Own], cron: '0 3 * * SUN', lasts: 2h, timezone: Europe/Paris}]"
    ).maintenance
    assert (window.scope, window.cron, window.lasts) == (Scope((), ("Own",), ("prod",)), "0 3 * * SUN", 7200.0)
    assert window.target == "group Own, tag prod"
    sunday = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    assert window.open_at(sunday) == Span(sunday, sunday + timedelta(hours=2))


def test_planned_work_without_services_is_on_all_of_them():
    (window,) = read("maintenance: [{cron: '0 3 * * *', lasts: 1h}]").maintenance
    assert window.target == "all services"
    assert all(window.scope.covers(one) for one in read("").services)


@pytest.mark.parametrize("ends", ["until: 2026-12-25 02:00", "lasts: 4h", "until: 2026-12-25T01:00:00Z"])
def test_planned_work_once_is_read_on_the_clocks_of_the_board(ends: str):
    (window,) = read(
        f"board: {{timezone: Europe/Paris}}\nmaintenance: [{{services: [Web], from: 2026-12-24 22:00, {ends}}}]"
    ).maintenance
    since = datetime(2026, 12, 24, 21, 0, tzinfo=UTC)
    assert window.span == Span(since, since + timedelta(hours=4))


def test_the_same_work_has_the_same_id_after_every_start_and_no_other_has_it():
    three, four = "{cron: '0 3 * * *', lasts: 1h}", "{cron: '0 4 * * *', lasts: 1h}"
    text = f"maintenance: [{three}, {four}, {three}]"
    first, second = read(text).maintenance, read(text).maintenance
    assert [one.id for one in first] == [one.id for one in second]
    assert len({one.id for one in first}) == 3


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("lasts: 1h", "maintenance[0]: planned work has exactly one of cron and from"),
        ("cron: '0 3 * * *'", "planned work by cron says how long it lasts"),
        ("cron: '0 3 * * *', from: 2026-12-24 22:00, lasts: 1h", "planned work has exactly one of cron and from"),
        ("cron: '0 3 31 2 *', lasts: 1h", "'0 3 31 2 *' is not a cron line"),
        ("cron: sometimes, lasts: 1h", "'sometimes' is not a cron line"),
        ("cron: '0 3 * * *', lasts: 400d", "is longer than a year"),
        ("from: tomorrow, lasts: 1h", "'tomorrow' is not a moment like 2026-11-20 22:00"),
        ("from: 2026-12-24 22:00, until: 2026-12-24 21:00", "is not after from"),
        ("from: 2026-12-24 22:00", "planned work from a moment has exactly one of until and lasts"),
        ("tags: [prd], cron: '0 3 * * *', lasts: 1h", "no service has the tag 'prd'; did you mean 'prod'?"),
        ("services: [Wbe], cron: '0 3 * * *', lasts: 1h", "no service is called 'Wbe'; did you mean 'Web'?"),
        ("cron: '0 3 * * *', lasts: 1h, timezone: Europe/Pris", "'Europe/Pris' is not a time zone"),
        ("crn: '0 3 * * *', lasts: 1h", "unknown key 'crn'; did you mean 'cron'?"),
        ("from: 9999-12-31T23:00:00-02:00, lasts: 4h", "is in no year that can be planned for: from 1970 to 2999"),
        ("from: 0001-01-01T00:00:00+14:00, until: 2026-12-24", "is in no year that can be planned for"),
        ("from: 2026-12-24, until: 9999-12-31", "is in no year that can be planned for"),
        ("services: [], cron: '0 3 * * *', lasts: 1h", "must name at least one"),
        ("tags: [], cron: '0 3 * * *', lasts: 1h", "must name at least one"),
    ],
)
def test_planned_work_that_cannot_be_is_told(row: str, problem: str):
    assert any(problem in one for one in told(f"maintenance: [{{{row}}}]")), told(f"maintenance: [{{{row}}}]")


@pytest.mark.parametrize("written", ["{}", "sunday"])
def test_planned_work_is_a_list(written: str):
    assert told(f"maintenance: {written}") == ["maintenance: must be a list"]


def test_until_is_compared_with_from_as_moments_not_as_texts():
    text = "board: {timezone: Asia/Tokyo}\nmaintenance: [{from: 2026-12-24 22:00, until: 2026-12-24T12:00:00Z}]"
    assert any("is not after from" in one for one in told(text))


# -- hours --------------------------------------------------------------------------------------------------------

LED = "destinations: {log: {log: {}}}\nroutes: [{to: log, during: "


def test_hours_are_in_the_zone_of_the_board_or_in_their_own():
    (route,) = read(f"board: {{timezone: Asia/Tokyo}}\n{LED}['mon-fri 08:00-18:00', 'sat UTC']}}]").routes
    assert [one.timezone for one in route.during] == ["Asia/Tokyo", "UTC"]
    assert route.during[0].is_open(datetime(2026, 11, 19, 23, 0, tzinfo=UTC)), "friday, 08:00 in Tokyo"
    assert not route.during[0].is_open(datetime(2026, 11, 20, 9, 0, tzinfo=UTC)), "friday, 18:00 in Tokyo"


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        ("'mon-fry 08:00-18:00'", "'mon-fry' are no days: write them like mon-fri or sat,sun"),
        ("'25:00-26:00'", "'25:00-26:00' are no hours: write them like 08:00-18:00"),
        ("'08:00'", "'08:00' are no hours"),
        ("'mon Europe/Pris'", "has a time zone that is none"),
        ("' '", "must not be empty"),
        ("[]", "must name at least one"),
    ],
)
def test_hours_that_cannot_be_are_told(hours: str, problem: str):
    assert any(problem in one for one in told(f"{LED}{hours}}}]")), told(f"{LED}{hours}}}]")


# -- the guard ----------------------------------------------------------------------------------------------------


def test_reference_targets_are_addresses():
    guard = read(
        "network_guard: {targets: ['tcp://192.0.2.1:443', '[2001:db8::1]:53', ns.example.com:53], quorum: 2}"
    ).guard
    assert guard is not None
    assert guard.targets == (("192.0.2.1", 443), ("2001:db8::1", 53), ("ns.example.com", 53))
    assert (guard.quorum, guard.timeout) == (2, 2.0)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{targets: [udp://192.0.2.1:53]}", "'udp://192.0.2.1:53' is not an address like tcp://192.0.2.1:443"),
        ("{targets: ['192.0.2.1']}", "'192.0.2.1' is not an address"),
        ("{targets: ['192.0.2.1:0']}", "is not an address"),
        ("{targets: []}", "must name at least one"),
        ("{targets: ['h:1'], quorum: 2}", "network_guard.quorum: is more than the 1 targets there are"),
        ("{targets: ['h:1'], quorum: 0}", "must be a whole number from 1 on"),
        ("{}", "'targets' is missing"),
    ],
)
def test_a_guard_that_cannot_be_is_told(written: str, problem: str):
    assert any(problem in one for one in told(f"network_guard: {written}")), told(f"network_guard: {written}")
