"""Whom to tell of an incident: each answer carries its reason, the silent ones too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tui_monitor.core.model import Incident, Service, State
from tui_monitor.core.plan import Route
from tui_monitor.core.quiet import Quiet
from tui_monitor.core.text import spell_duration
from tui_monitor.core.window import spell_moment


@dataclass(frozen=True, slots=True)
class Answer:
    """What the routes say of one destination and one incident; `again_at` is when time alone may change it."""

    destination: str
    is_told: bool
    reason: str
    group_wait: float = 0.0
    remind_every: float | None = None
    again_at: datetime | None = None


def answers(incident: Incident, service: Service, routes: Sequence[Route], now: datetime) -> list[Answer]:
    """One answer for each destination of any route: told if any route that matches says so, else why not."""
    found: dict[str, Answer] = {}
    for number, route in enumerate(routes, 1):
        for destination in dict.fromkeys(route.to):
            answer = _answer(number, route, destination, incident, service, now)
            before = found.get(destination)
            found[destination] = answer if before is None else _join(before, answer)
    return list(found.values())


def _answer(
    number: int, route: Route, destination: str, incident: Incident, service: Service, now: datetime
) -> Answer:
    mismatch = _mismatch(route, incident, service)
    if mismatch:
        return Answer(destination, False, f"route {number} does not apply: {mismatch}")
    opening = opens_at(route, now)
    if incident.is_open and opening is not None:
        zone = route.during[0].timezone  # which may be another than that in which everything else is shown
        closed = f"route {number} is outside its hours until {spell_moment(opening, now, zone)} {zone}"
        return Answer(destination, False, closed, again_at=opening)
    due_at = incident.started_at + timedelta(seconds=route.after)
    if incident.is_open and route.after and now < due_at:
        waiting = f"route {number} waits: it tells after {spell_duration(route.after)}"
        return Answer(destination, False, waiting, again_at=due_at)
    if not incident.is_open and incident.resolved_at is not None and incident.resolved_at < due_at:
        short = f"route {number} was not reached: it ended within {spell_duration(route.after)}"
        return Answer(destination, False, short)
    return Answer(destination, True, _reason(number, route), route.group_wait, route.remind_every)


def _mismatch(route: Route, incident: Incident, service: Service) -> str:
    """The first condition that does not hold, in words; empty where all do."""
    if not route.severity.holds(incident.severity):
        return f"severity {incident.severity} is not {route.severity}"
    other = unfit(route, service)
    if other:
        return other
    if route.unless == State.ACKNOWLEDGED and incident.acknowledged_at is not None:
        return f"acknowledged by {incident.by or 'somebody'}"
    return ""


def unfit(route: Route, service: Service) -> str:
    """Why a route takes no incident of a service at all, in words; empty where it may take some."""
    if route.critical is not None and route.critical is not service.critical:
        return "the service is not critical" if route.critical else "the service is critical"
    if route.services and service.id not in route.services and service.name not in route.services:
        return f"it is for {', '.join(route.services)}"
    if route.groups and service.group not in route.groups:
        return f"it is for the groups {', '.join(route.groups)}"
    if route.tags and not set(route.tags) & set(service.tags):
        return f"it is for the tags {', '.join(route.tags)}"
    return ""


def opens_at(route: Route, now: datetime) -> datetime | None:
    """When the hours of a route begin again; None where they hold now, or it has none."""
    if not route.during or any(hours.is_open(now) for hours in route.during):
        return None
    return min(hours.opens_after(now) for hours in route.during)


def speaks_at(destination: str, service: Service, routes: Sequence[Route], now: datetime) -> datetime | None:
    """When a destination may be spoken to of a service again; None where it may be now.

    Whoever was told once is told how it goes on though no route would begin it any more, but in no route's off hours.
    """
    leading = [route for route in routes if destination in route.to and not unfit(route, service)]
    openings = [opens_at(route, now) for route in leading]
    return min((at for at in openings if at is not None), default=None) if None not in openings else None


def hushed(given: Sequence[Answer], quiet: Quiet | None) -> list[Answer]:
    """The answers as they are while something keeps quiet: its reason stands before that of the route."""
    if quiet is None:
        return list(given)
    return [replace(one, is_told=False, reason=quiet.reason) if one.is_told else one for one in given]


def _reason(number: int, route: Route) -> str:
    parts = [f"severity {route.severity}"]
    if route.critical is not None:
        parts.append("critical" if route.critical else "not critical")
    if route.after:
        parts.append(f"open for {spell_duration(route.after)}")
    if route.unless:
        parts.append(f"not {route.unless}")
    return f"route {number}: {', '.join(parts)}"


def _join(first: Answer, second: Answer) -> Answer:
    """Two routes to one destination: the first that tells gives the reason, the shorter waits hold."""
    again_at = min((at for at in (first.again_at, second.again_at) if at is not None), default=None)
    if first.is_told and second.is_told:
        reminders = [every for every in (first.remind_every, second.remind_every) if every is not None]
        return Answer(
            first.destination,
            True,
            first.reason,
            min(first.group_wait, second.group_wait),
            min(reminders, default=None),
            again_at,
        )
    if first.is_told or second.is_told:
        return replace(first if first.is_told else second, again_at=again_at)
    return Answer(first.destination, False, f"{first.reason}; {second.reason}", again_at=again_at)
