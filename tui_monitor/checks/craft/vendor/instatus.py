"""The documents of Instatus: the summary (of any version) and the components; and Checkly's, which are much alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tui_monitor.checks.craft.vendor.document import (
    Row,
    listed,
    mapping,
    names,
    needed,
    refuse_error,
    rows,
    text_of,
    when,
    word,
)
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, in_order
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status

HEADLINES = {
    "up": Status.OPERATIONAL,
    "undermaintenance": Status.MAINTENANCE,
    "hasissues": Status.DEGRADED,
}
"""What has issues does not say how bad: the least that it can be, and the incidents and components say the rest."""
COMPONENTS = {
    "operational": Status.OPERATIONAL,
    "undermaintenance": Status.MAINTENANCE,
    "degradedperformance": Status.DEGRADED,
    "minoroutage": Status.DEGRADED,
    "partialoutage": Status.PARTIAL,
    "majoroutage": Status.MAJOR,
}
IMPACTS = {
    **COMPONENTS,
    "operational": Status.DEGRADED,
    "minor": Status.DEGRADED,
    "medium": Status.DEGRADED,
    "major": Status.PARTIAL,
    "critical": Status.MAJOR,
}
"""An open incident is never nothing. The last four are Checkly's severities."""
CLOSED = frozenset({"resolved", "postmortem", "completed"})
COMING, WORKING = "notstartedyet", frozenset({"inprogress", "verifying"})
LISTS = ("activeIncidents", "activeMaintenances")


def said_of(data: Row, now: datetime) -> Said:
    """The summary, whose lists are absent when they are empty, or the components."""
    refuse_error(data)
    if "components" in data and not data.keys() & {"page", "id"}:
        parts = tuple(_parts(rows(data, "components")))
        if not parts:
            raise Unreadable("its page lists no component at all")
        return Said(parts=parts)
    page = mapping(data.get("page"), "its page")
    known = needed(page, "status", "the head")
    told = [_incident(row, now) for row in rows(data, LISTS[0], optional=True)]
    told += [_maintenance(row, now) for row in rows(data, LISTS[1], optional=True)]
    status = HEADLINES.get(word(page, "status"), Status.UNKNOWN)
    return Said(status, f"its page says {known}", told=tuple(told))


def _parts(components: list[Row], group: str = "") -> Iterator[Part]:
    """Each component under the group that it names, or in which it stands; a group is as well as what is in it."""
    for row in components:
        name = needed(row, "name", "a component")
        if row.get("children"):
            yield from _parts(listed(row["children"], "children"), name)
        elif row.get("isParent") is not True:
            needed(row, "status", "a component")
            above = row.get("group")
            heading = text_of(above, "name") if isinstance(above, dict) else text_of(row, "group")
            yield Part(name, COMPONENTS.get(word(row, "status"), Status.UNKNOWN), heading or group)


def _first(row: Row, *keys: str) -> str:
    for key in keys:
        if key in row and (found := text_of(row, key)):
            return found
    return ""


def _when(row: Row, now: datetime, *keys: str) -> datetime | None:
    for key in keys:
        if key in row and (found := when(row[key], now)):
            return found
    return None


def _ref(row: Row) -> str:
    """By its id; where a page leaves that out, by its own address, or else by what it is called."""
    return _first(row, "id", "url") or needed(row, "name", "an incident without an id")


def _incident(row: Row, now: datetime) -> Told:
    state, impact = _first(row, "status", "lastUpdateStatus"), _first(row, "impact", "severity")
    said = VendorIncident(
        ref=_ref(row),
        title=_first(row, "name", "title") or "an incident without a title",
        status=IMPACTS.get(word({"impact": impact}, "impact"), Status.UNKNOWN),
        url=text_of(row, "url"),
        started_at=_when(row, now, "started", "startedAt", "createdAt", "created_at"),
        updated_at=_when(row, now, "updatedAt", "updated_at"),
        components=_affected(row),
        updates=in_order(_updates(row, now)),
        state=state,
        impact=impact,
        until=_when(row, now, "resolved", "resolvedAt"),
    )
    return Stage.OVER if word({"state": state}, "state") in CLOSED else Stage.OPEN, dated(said)


def _maintenance(row: Row, now: datetime) -> Told:
    state = word(row, "status")
    begins = _when(row, now, "start", "startedAt", "startsAt", "started")
    said = VendorIncident(
        ref=_ref(row),
        title=_first(row, "name", "title") or "a maintenance without a title",
        status=Status.MAINTENANCE,
        url=text_of(row, "url"),
        started_at=begins,
        updated_at=_when(row, now, "updatedAt", "updated_at"),
        maintenance=True,
        components=_affected(row),
        updates=in_order(_updates(row, now)),
        state=text_of(row, "status"),
        until=_when(row, now, "end", "endsAt", "endedAt") or _after(begins, text_of(row, "duration")),
    )
    if state in CLOSED:
        return Stage.OVER, dated(said)
    is_to_come = state == COMING or (state not in WORKING and begins is not None and begins > now)
    return Stage.ANNOUNCED if is_to_come else Stage.OPEN, dated(said)


def _after(begins: datetime | None, minutes: str) -> datetime | None:
    """The end of what lasts so many minutes, which are written as a text."""
    if begins is None or not (minutes.isascii() and minutes.isdigit() and len(minutes) < 7):
        return None
    return begins + timedelta(minutes=int(minutes))


def _affected(row: Row) -> tuple[str, ...]:
    keys = ("components", "affectedComponents", "affectedServices", "services")
    return next((found for key in keys if (found := names(row.get(key)))), ())


def _updates(row: Row, now: datetime) -> Iterator[VendorUpdate]:
    for key in ("updates", "incidentUpdates"):
        given = row.get(key)
        for one in given if isinstance(given, list) else []:
            if isinstance(one, dict):
                at = _when(one, now, "started", "publicIncidentUpdateDate", "createdAt", "created_at")
                yield VendorUpdate(plain(_first(one, "message", "description")), at, text_of(one, "status"))
