"""Whom to tell, against a naive model of the routes; and that every silence has its reason too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.small import NOON
from tui_monitor.core.model import Incident, Service, State
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.routing import answers
from tui_monitor.core.status import Status
from tui_monitor.core.window import parse_hours

PLACES = ["ops", "oncall", "mail"]
SEVERITIES = [status for status in Status if status is not Status.UNKNOWN]
SPANS = [0.0, 300.0, 900.0]

ROUTES = st.builds(
    Route,
    to=st.lists(st.sampled_from(PLACES), min_size=1, max_size=3).map(tuple),
    severity=st.builds(Condition, st.sampled_from([">=", ">", "=", "<=", "<"]), st.sampled_from(SEVERITIES)),
    critical=st.sampled_from([None, None, True, False]),
    services=st.sampled_from([(), (), ("api",), ("API", "web"), ("web",)]),
    groups=st.sampled_from([(), (), ("Own",), ("Other",)]),
    tags=st.sampled_from([(), (), ("prod",), ("prod", "eu"), ("test",)]),
    after=st.sampled_from(SPANS),
    unless=st.sampled_from(["", "acknowledged"]),
    remind_every=st.sampled_from([None, 600.0, 1800.0]),
    group_wait=st.sampled_from([0.0, 10.0, 30.0]),
)
SERVICES = st.builds(
    Service,
    st.just("api"),
    st.just("API"),
    group=st.sampled_from(["Own", "Other", ""]),
    tags=st.sampled_from([(), ("prod",), ("eu", "test")]),
    critical=st.booleans(),
)
OPEN = Incident("i1", "api", "own:x", "x", Status.MAJOR, Status.MAJOR, NOON)


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    one = replace(OPEN, severity=draw(st.sampled_from(list(Status))))
    if draw(st.booleans()):
        one = replace(one, state=State.ACKNOWLEDGED, by="ada", acknowledged_at=NOON)
    if draw(st.booleans()):
        ended = NOON + timedelta(seconds=draw(st.sampled_from([60, 300, 600, 1200])))
        one = replace(one, state=State.RESOLVED, resolved_at=ended)
    return one


def tells(route: Route, incident: Incident, service: Service, seconds: float) -> bool:
    """Whether one route wants this told now, read off the documentation word by word."""
    rank = Status.PARTIAL.rank if incident.severity is Status.UNKNOWN else incident.severity.rank
    bound = route.severity.status.rank
    lasted = (incident.resolved_at - incident.started_at).total_seconds() if incident.resolved_at else seconds
    return (
        {">=": rank >= bound, ">": rank > bound, "=": rank == bound, "<=": rank <= bound, "<": rank < bound}[
            route.severity.sign
        ]
        and (route.critical is None or route.critical == service.critical)
        and (not route.services or bool({service.id, service.name} & set(route.services)))
        and (not route.groups or service.group in route.groups)
        and (not route.tags or any(tag in route.tags for tag in service.tags))
        and not (route.unless == "acknowledged" and incident.acknowledged_at is not None)
        and lasted >= route.after
    )


@given(st.lists(ROUTES, max_size=5), SERVICES, incidents(), st.integers(0, 2000))
def test_every_destination_of_a_route_has_one_answer_with_a_reason(
    routes: list[Route], service: Service, incident: Incident, seconds: int
):
    found = answers(incident, service, routes, NOON + timedelta(seconds=seconds))
    assert sorted(one.destination for one in found) == sorted({name for route in routes for name in route.to})
    assert all(one.reason.strip() for one in found)


@given(st.lists(ROUTES, max_size=5), SERVICES, incidents(), st.integers(0, 2000))
def test_a_destination_is_told_when_any_route_says_so(
    routes: list[Route], service: Service, incident: Incident, seconds: int
):
    for one in answers(incident, service, routes, NOON + timedelta(seconds=seconds)):
        said = [r for r in routes if one.destination in r.to and tells(r, incident, service, seconds)]
        assert one.is_told == bool(said)
        if said:
            assert one.group_wait == min(route.group_wait for route in said)
            every = [route.remind_every for route in said if route.remind_every is not None]
            assert one.remind_every == min(every, default=None)


@given(st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(60, 3600)), min_size=1, max_size=5))
def test_of_routes_that_all_tell_the_shortest_wait_and_the_soonest_reminder_hold(spans: list[tuple[int, int | None]]):
    """Drawn so that all of them tell: of routes with conditions, two to one destination seldom do."""
    routes = [Route(("ops",), remind_every=every, group_wait=wait) for wait, every in spans]
    (one,) = answers(OPEN, Service("api", "API"), routes, NOON)
    assert one.group_wait == min(wait for wait, _ in spans)
    assert one.remind_every == min((every for _, every in spans if every is not None), default=None)


@given(st.lists(ROUTES, max_size=5), SERVICES, incidents(), st.integers(0, 2000), st.integers(0, 2000))
def test_time_alone_changes_an_answer_only_at_the_moment_it_names(
    routes: list[Route], service: Service, incident: Incident, seconds: int, later: int
):
    """So that nobody need ask again before: an escalation cannot be missed, a reminder begins on time."""
    now = NOON + timedelta(seconds=seconds)
    then = now + timedelta(seconds=later)
    after = {one.destination: one for one in answers(incident, service, routes, then)}
    for one in answers(incident, service, routes, now):
        if one.again_at is None or then < one.again_at:
            found = after[one.destination]
            assert (found.is_told, found.remind_every) == (one.is_told, one.remind_every)
        assert one.again_at is None or one.again_at > now


def reasons(*routes: Route, incident: Incident = OPEN, service: Service | None = None, after: float = 0) -> list[str]:
    given = service or Service("api", "API", group="Own", tags=("prod",))
    return [one.reason for one in answers(incident, given, routes, NOON + timedelta(seconds=after))]


def test_the_reason_to_tell_names_the_route_and_its_conditions():
    route = Route(("ops",), Condition(">=", Status.PARTIAL), critical=True, after=900, unless="acknowledged")
    (reason,) = reasons(route, service=Service("api", "API", critical=True), after=900)
    assert reason == "route 1: severity >=partial, critical, open for 15 m, not acknowledged"


SILENT = [
    (Route(("a",), Condition("<", Status.PARTIAL)), "route 1 does not apply: severity major is not <partial"),
    (Route(("a",), critical=True), "route 1 does not apply: the service is not critical"),
    (Route(("a",), services=("web",)), "route 1 does not apply: it is for web"),
    (Route(("a",), groups=("Other",)), "route 1 does not apply: it is for the groups Other"),
    (Route(("a",), tags=("test",)), "route 1 does not apply: it is for the tags test"),
    (Route(("a",), after=900), "route 1 waits: it tells after 15 m"),
]


@pytest.mark.parametrize(("route", "reason"), SILENT, ids=[reason for _, reason in SILENT])
def test_silence_has_its_reason(route: Route, reason: str):
    assert reasons(route) == [reason]


def test_silence_for_a_service_that_is_critical_has_its_reason():
    service = Service("api", "API", critical=True)
    assert reasons(Route(("a",), critical=False), service=service) == [
        "route 1 does not apply: the service is critical"
    ]


def test_an_escalation_that_was_acknowledged_in_time_says_by_whom():
    taken = replace(OPEN, state=State.ACKNOWLEDGED, by="ada", acknowledged_at=NOON)
    route = Route(("oncall",), after=900, unless="acknowledged")
    assert reasons(route, incident=taken, after=1000) == ["route 1 does not apply: acknowledged by ada"]


def test_an_incident_that_ended_before_its_escalation_says_so():
    over = replace(OPEN, state=State.RESOLVED, resolved_at=NOON + timedelta(minutes=5))
    assert reasons(Route(("oncall",), after=900), incident=over, after=5000) == [
        "route 1 was not reached: it ended within 15 m"
    ]


def test_two_silent_routes_give_both_reasons():
    (reason,) = reasons(Route(("a",), critical=True), Route(("a",), after=900))
    assert "route 1 does not apply" in reason and "route 2 waits" in reason


@pytest.mark.parametrize("text", [">=partial", "> major", "==degraded", "maintenance", "<= operational", "<partial"])
def test_a_condition_reads_as_people_write_it(text: str):
    condition = Condition.parse(text)
    assert Condition.parse(str(condition)) == condition


@pytest.mark.parametrize("text", ["", ">=", "unknown", ">=unknown", "=> partial", "bad", "partial>="])
def test_what_is_no_condition_is_refused(text: str):
    with pytest.raises(ValueError, match="is not a condition on a severity"):
        Condition.parse(text)


def test_a_clock_that_is_set_back_silences_nothing_that_does_not_wait():
    """The incident then began in the future, but what is told at once was told."""
    assert reasons(Route(("a",)), after=-3600) == ["route 1: severity >=degraded"]


def test_a_route_that_tells_does_not_hide_when_another_will_remind():
    """Told at once by the first, reminded from a quarter of an hour on by the second."""
    routes = [Route(("a",)), Route(("a",), after=900, remind_every=600)]
    (now,) = answers(OPEN, Service("api", "API"), routes, NOON)
    assert (now.is_told, now.remind_every, now.again_at) == (True, None, NOON + timedelta(seconds=900))
    (later,) = answers(OPEN, Service("api", "API"), routes, NOON + timedelta(seconds=900))
    assert (later.is_told, later.remind_every) == (True, 600)


def test_hours_in_a_zone_of_their_own_are_said_with_it():
    """Everything else is shown in the zone of the board: an hour without its zone would be another."""
    (reason,) = reasons(Route(("a",), during=(parse_hours("08:00-09:00 Asia/Kathmandu", "UTC"),)))
    assert reason == "route 1 is outside its hours until Mon 08:00 Asia/Kathmandu"
