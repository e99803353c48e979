"""The one document of Status.io: the page as a whole, its components, what is open, and maintenance."""

from __future__ import annotations

from datetime import datetime

from tui_monitor.checks.craft.vendor.document import (
    Row,
    mapping,
    names,
    needed,
    refuse_error,
    rows,
    text_of,
    when,
)
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, in_order, latest
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst

CODES = {
    "100": Status.OPERATIONAL,
    "200": Status.MAINTENANCE,
    "300": Status.DEGRADED,
    "400": Status.PARTIAL,
    "500": Status.MAJOR,
    "600": Status.MAJOR,
}
"""600 is a security event, which stands above every disruption there."""
IMPACTS = {**CODES, "100": Status.DEGRADED, "200": Status.DEGRADED}
"""An open incident is never nothing, and no maintenance, whatever the last word on the components is."""
WORDS = {
    "100": "operational",
    "200": "planned maintenance",
    "300": "degraded performance",
    "400": "partial service disruption",
    "500": "service disruption",
    "600": "security event",
}
STATES = {"100": "investigating", "200": "identified", "300": "monitoring", "400": "resolved"}
WORK = {"100": "scheduled", "200": "active", "300": "verifying", "400": "completed"}
OVER = "400"


def said_of(data: Row, now: datetime) -> Said:
    refuse_error(data)
    result = mapping(data.get("result"), "its result")
    overall = mapping(result.get("status_overall"), "its overall status")
    code = needed(overall, "status_code", "the overall status")
    told = [_incident(row, now) for row in rows(result, "incidents")]
    planned = mapping(result.get("maintenance", {}), "its maintenance")
    told += [_maintenance(row, Stage.OPEN, now) for row in rows(planned, "active", optional=True)]
    told += [_maintenance(row, Stage.ANNOUNCED, now) for row in rows(planned, "upcoming", optional=True)]
    return Said(
        CODES.get(code, Status.UNKNOWN),
        text_of(overall, "status"),
        parts=_parts(rows(result, "status")),
        told=tuple(told),
        as_of=when(overall.get("updated"), now),
    )


def _parts(components: list[Row]) -> tuple[Part, ...]:
    """Each component once, whatever number of times the page lists it; as ill as where it is worst."""
    found: dict[str, Part] = {}
    for row in components:
        name = text_of(row, "name", "a component without a name")
        places = row.get("containers")
        known = [row, *[one for one in places if isinstance(one, dict)]] if isinstance(places, list) else [row]
        ident = text_of(row, "id") or name
        before = [found[ident].status] if ident in found else []
        states = [CODES.get(text_of(one, "status_code"), Status.UNKNOWN) for one in known]
        found[ident] = Part(name, worst(before + states))
    return tuple(found.values())


def _messages(row: Row) -> list[Row]:
    given = row.get("messages")
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _update(row: Row, now: datetime, states: dict[str, str]) -> VendorUpdate:
    state = text_of(row, "state")
    return VendorUpdate(plain(text_of(row, "details")), when(row.get("datetime"), now), states.get(state, state))


def _newest(messages: list[Row], now: datetime) -> Row:
    """The message that was written last; what has no time stays with the one before it."""
    if len(messages) == 1:
        return messages[0]
    found: Row = {}
    at = reached = float("-inf")
    for row in messages:
        moment = when(row.get("datetime"), now)
        at = moment.timestamp() if moment is not None else at
        if at >= reached:
            found, reached = row, at
    return found


def _incident(row: Row, now: datetime) -> Told:
    """Its last message says how far it is and how bad; without any it is open, and nobody knows how bad."""
    messages = _messages(row)
    last = _newest(messages, now)
    state, impact = text_of(last, "state"), text_of(last, "status")
    updates = in_order([_update(one, now, STATES) for one in messages])
    said = VendorIncident(
        ref=needed(row, "_id", "an incident"),
        title=text_of(row, "name", "an incident without a title"),
        status=IMPACTS.get(impact, Status.UNKNOWN),
        started_at=when(row.get("datetime_open"), now),
        updated_at=latest(updates),
        components=names(row.get("components_affected")),
        updates=updates,
        state=STATES.get(state, state),
        impact=WORDS.get(impact, impact),
        until=when(row.get("datetime_resolved"), now),
    )
    return Stage.OVER if state == OVER else Stage.OPEN, dated(said)


def _maintenance(row: Row, stage: Stage, now: datetime) -> Told:
    messages = _messages(row)
    state = text_of(_newest(messages, now), "state")
    said = VendorIncident(
        ref=needed(row, "_id", "a maintenance"),
        title=text_of(row, "name", "a maintenance without a title"),
        status=Status.MAINTENANCE,
        started_at=when(row.get("datetime_planned_start"), now) or when(row.get("datetime_open"), now),
        maintenance=True,
        components=names(row.get("components_affected")),
        updates=in_order([_update(one, now, WORK) for one in messages]),
        state=WORK.get(state, state),
        until=when(row.get("datetime_planned_end"), now),
    )
    return Stage.OVER if state == OVER else stage, dated(said)
