"""The document that incident.io serves for widgets: what is open, what is being maintained, what is announced."""

from __future__ import annotations

from datetime import datetime

from tui_monitor.checks.craft.vendor.document import Row, names, needed, refuse_error, rows, text_of, when, word
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Said, Stage, Told, dated, in_order
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status

IMPACTS = {
    "operational": Status.DEGRADED,
    "degradedperformance": Status.DEGRADED,
    "partialoutage": Status.PARTIAL,
    "fulloutage": Status.MAJOR,
    "majoroutage": Status.MAJOR,
    "undermaintenance": Status.MAINTENANCE,
}
"""An open incident is never nothing: one whose components are well again has the least weight that there is."""
CLOSED = frozenset({"resolved", "postmortem", "completed", "maintenancecomplete", "maintenancecompleted"})
INCIDENTS, WORKING, PLANNED = "ongoing_incidents", "in_progress_maintenances", "scheduled_maintenances"


def is_widget(data: Row) -> bool:
    """Whether this is such a document, and not one of those that are spelt as Statuspage spells them."""
    return bool(data.keys() & {"page_title", "page_url", INCIDENTS, WORKING})


def said_of(data: Row, now: datetime) -> Said:
    """It has no word for the page as a whole, and names only the components that are affected."""
    refuse_error(data)
    told = [_incident(row, now) for row in rows(data, INCIDENTS)]
    told += [_maintenance(row, Stage.OPEN, now) for row in rows(data, WORKING, optional=True)]
    told += [_maintenance(row, Stage.ANNOUNCED, now) for row in rows(data, PLANNED, optional=True)]
    return Said(words="it lists no incident", told=tuple(told))


def _incident(row: Row, now: datetime) -> Told:
    over = word(row, "status") in CLOSED
    impact = text_of(row, "current_worst_impact")
    said = VendorIncident(
        ref=needed(row, "id", "an incident"),
        title=text_of(row, "name", "an incident without a title"),
        status=IMPACTS.get(word(row, "current_worst_impact"), Status.UNKNOWN),
        url=text_of(row, "url"),
        started_at=when(row.get("started_at"), now) or when(row.get("created_at"), now),
        updated_at=when(row.get("last_update_at"), now),
        components=names(row.get("affected_components")),
        updates=_updates(row, now),
        state=text_of(row, "status"),
        impact=impact,
    )
    return Stage.OVER if over else Stage.OPEN, dated(said)


def _maintenance(row: Row, stage: Stage, now: datetime) -> Told:
    begins = when(row.get("started_at"), now) or when(row.get("starts_at"), now)
    said = VendorIncident(
        ref=needed(row, "id", "a maintenance"),
        title=text_of(row, "name", "a maintenance without a title"),
        status=Status.MAINTENANCE,
        url=text_of(row, "url"),
        started_at=begins,
        updated_at=when(row.get("last_update_at"), now),
        maintenance=True,
        components=names(row.get("affected_components")),
        updates=_updates(row, now),
        state=text_of(row, "status"),
        until=when(row.get("scheduled_end_at"), now) or when(row.get("ends_at"), now),
    )
    return Stage.OVER if word(row, "status") in CLOSED else stage, dated(said)


def _updates(row: Row, now: datetime) -> tuple[VendorUpdate, ...]:
    text = plain(text_of(row, "last_update_message"))
    at = when(row.get("last_update_at"), now)
    return in_order([VendorUpdate(text, at, text_of(row, "status"))]) if text else ()
