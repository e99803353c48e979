"""The documents of Atlassian Statuspage (v2), which others serve too: summary, status, lists, or one incident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tui_monitor.checks.craft.vendor.document import (
    Row,
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
    "none": Status.OPERATIONAL,
    "minor": Status.DEGRADED,
    "major": Status.PARTIAL,
    "critical": Status.MAJOR,
    "maintenance": Status.MAINTENANCE,
}
IMPACTS = {**HEADLINES, "none": Status.DEGRADED}
"""An open incident is never nothing: one without impact has the least weight that there is."""
COMPONENTS = {
    "operational": Status.OPERATIONAL,
    "undermaintenance": Status.MAINTENANCE,
    "degradedperformance": Status.DEGRADED,
    "partialoutage": Status.PARTIAL,
    "majoroutage": Status.MAJOR,
    "fulloutage": Status.MAJOR,
}
CLOSED = frozenset({"resolved", "postmortem", "completed", "complete"})
PLANNED = frozenset({"scheduled", "inprogress", "verifying"})
LISTS = ("incidents", "scheduled_maintenances")
SINGLE = ("incident", "scheduled_maintenance")
PLANS = frozenset({"scheduled_maintenances", "scheduled_maintenance"})
WIDGETS = frozenset({"ongoing_incidents", "in_progress_maintenances"})
"""Lists of another document by incident.io, which has one more of the same name as here."""
LISTED = 50
"""Incidents that the lists of the past hold at most."""


def said_of(data: Row, now: datetime) -> Said:
    """Any of the documents: the summary, one of the lists, the status alone, or one incident."""
    refuse_error(data)
    if data.keys() & WIDGETS:
        raise Unreadable("its page is the document of incident.io for widgets, which the check incident_io reads")
    if "incident_updates" in data:
        return Said(told=(_told(data, now),))
    for key in SINGLE:
        if key in data:
            return Said(told=(_told(mapping(data[key], "its incident"), now, planned=key in PLANS),))
    if not data.keys() & {"status", "components", *LISTS}:
        raise Unreadable("its page has none of what a Statuspage has: status, components or incidents")
    if "status" not in data and "components" in data and data.keys() & set(LISTS):
        raise Unreadable("its page lacks 'status', so it is not of the shape that it should be")
    is_summary = data.keys() >= {"status", "components"}
    listed = {key: value for key, value in data.items() if value is not None or not (is_summary and _has_nulls(data))}
    told = [_told(row, now, planned=key in PLANS) for key in LISTS for row in rows(listed, key, optional=True)]
    begun = [one.started_at for _, one in told if one.started_at is not None]
    is_cut = "status" not in data and len(told) >= LISTED
    page = data.get("page")
    headline, words = _headline(data["status"]) if "status" in data else (None, "")
    return Said(
        headline,
        words,
        parts=_parts(rows(data, "components")) if "components" in data else None,
        told=tuple(told) if is_summary or data.keys() & set(LISTS) else None,
        reach=min(begun) if is_cut and begun else None,
        as_of=when(page.get("updated_at"), now) if is_summary and isinstance(page, dict) else None,
    )


def _has_nulls(data: Row) -> bool:
    """Whether this server writes null for an empty list, as some that serve the same documents do.

    One that writes an empty list as such beside it does not, and its null is damage.
    """
    lists = [data[key] for key in LISTS if key in data]
    return None in lists and [] not in lists


def _headline(value: Any) -> tuple[Status, str]:
    status = mapping(value, "its status")
    word_for_all = needed(status, "indicator", "the status").lower()
    return HEADLINES.get(word_for_all, Status.UNKNOWN), text_of(status, "description")


def _parts(components: list[Row]) -> tuple[Part, ...]:
    groups = {text_of(row, "id"): text_of(row, "name") for row in components if row.get("group") is True}
    return tuple(
        Part(
            text_of(row, "name", "a component without a name"),
            COMPONENTS.get(word(row, "status"), Status.UNKNOWN),
            groups.get(text_of(row, "group_id"), ""),
            row.get("showcase") is not False,
        )
        for row in components
        if row.get("group") is not True and not text_of(row, "name").startswith("Visit www.githubstatus.com")
    )


def _told(row: Row, now: datetime, *, planned: bool = False) -> Told:
    """One row of any list. Open is whatever is not known to be over, in whichever word."""
    state, impact = word(row, "status").removeprefix("maintenance"), text_of(row, "impact").lower()
    planned = planned or state in PLANNED or bool(row.get("scheduled_for")) or impact == "maintenance"
    begins, ends = when(row.get("scheduled_for"), now), when(row.get("scheduled_until"), now)
    over = state in CLOSED
    said = VendorIncident(
        ref=needed(row, "id", "an incident"),
        title=text_of(row, "name", "an incident without a title"),
        status=Status.MAINTENANCE if planned else IMPACTS.get(impact, Status.UNKNOWN),
        url=text_of(row, "shortlink"),
        started_at=begins or when(row.get("started_at"), now) or when(row.get("created_at"), now),
        updated_at=when(row.get("updated_at"), now),
        maintenance=planned,
        components=_affected(row),
        updates=in_order(_updates(row, now)),
        state=text_of(row, "status"),
        impact=text_of(row, "impact"),
        until=when(row.get("resolved_at"), now) if over else ends,
    )
    stage = Stage.OVER if over else Stage.ANNOUNCED if planned and _is_to_come(state, begins, now) else Stage.OPEN
    return stage, dated(said)


def _is_to_come(state: str, begins: datetime | None, now: datetime) -> bool:
    """A word that we do not know holds once the time has come."""
    return state == "scheduled" or (state not in PLANNED and begins is not None and begins > now)


def _updates(row: Row, now: datetime) -> list[VendorUpdate]:
    return [
        VendorUpdate(
            plain(text_of(one, "body")),
            when(one.get("display_at"), now) or when(one.get("created_at"), now) or when(one.get("updated_at"), now),
            text_of(one, "status"),
        )
        for one in _written(row)
    ]


def _written(row: Row) -> list[Row]:
    """Its updates, as far as they are any: an incident without one is an incident."""
    value = row.get("incident_updates")
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _affected(row: Row) -> tuple[str, ...]:
    """The components that it names itself, else those of its updates."""
    found = names(row.get("components"))
    if not found:
        lists = [one.get("affected_components") for one in _written(row)]
        found = tuple(dict.fromkeys(name for one in lists for name in names(one)))
    return found
