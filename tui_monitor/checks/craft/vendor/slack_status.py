"""The documents of Slack's status page: all that is active (v2), the one thing that is (v1), or its history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
from tui_monitor.checks.craft.vendor.said import Said, Stage, Told, dated, in_order
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status

TYPES = {
    "outage": Status.MAJOR,
    "incident": Status.DEGRADED,
    "notice": Status.OPERATIONAL,
    "maintenance": Status.MAINTENANCE,
}
"""An `incident` may be as small as an emoji that is missing; what Slack calls an `outage` stops everybody."""
CLOSED = frozenset({"resolved", "completed", "cancelled", "canceled"})
PLANNED = frozenset({"scheduled", "completed", "cancelled", "canceled"})
LISTED = 50
"""Incidents that the history holds at most."""
ALL_ACTIVE = "all active"
"""The document that lists all that is active; without its list it says nothing, though v1 may look the same."""
CALM = "no active incident"


def address_of(url: str) -> str:
    """The address of a document itself, or the list of what is active below that of the page."""
    base = url.rstrip("/")
    return base if "/api/" in base else f"{base.removesuffix('/api')}/api/v2.0.0/current"


def said_of(data: Any, now: datetime, role: str = "") -> Said:
    if isinstance(data, list):
        return _history(listed(data), now)
    data = mapping(data)
    refuse_error(data)
    if "active_incidents" in data or role == ALL_ACTIVE:
        return _all_active(data, now)
    return _first_version(data, now)


def _all_active(data: Row, now: datetime) -> Said:
    state = needed(data, "status", "the head").lower()
    told = tuple(_told(row, now) for row in rows(data, "active_incidents"))
    if state != "ok" and not told:
        raise Unreadable("its page says that something is wrong, and lists nothing")
    headline = Status.OPERATIONAL if state in ("ok", "active") else Status.UNKNOWN
    return Said(headline, CALM if headline.is_good else "", told=told)


def _first_version(data: Row, now: datetime) -> Said:
    """The keys of one incident at the top, or `ok` and when that was written.

    Of several it shows only the most urgent one: what it does not name may last unseen.
    """
    if "date_created" not in data and "date_updated" not in data:
        raise Unreadable("its page has none of what Slack's has: neither a list of what is active nor a date")
    if needed(data, "status", "its page").lower() == "ok" and not data.keys() & {"id", "title", "notes"}:
        return Said(Status.OPERATIONAL, CALM, told=())
    if not data.keys() >= {"title", "notes"}:
        raise Unreadable("its page says that something is wrong, and not what")
    stage, one = _told(data, now)
    return Said(words=CALM, told=((stage, one),), reach=now if stage is Stage.OPEN else None)


def _history(past: list[Row], now: datetime) -> Said:
    """An empty one is none of Slack's, which has had incidents."""
    if not past or not all(row.keys() >= {"date_created", "notes"} for row in past):
        raise Unreadable("its page is not the history of incidents that it should be")
    told = tuple(_told(row, now) for row in past)
    begun = [one.started_at for _, one in told if one.started_at is not None]
    return Said(words=CALM, told=told, reach=min(begun) if begun and len(told) >= LISTED else None)


def _told(row: Row, now: datetime) -> Told:
    """Open is whatever is not known to be over, in whichever word. The notes come in either order."""
    state, kind = word(row, "status"), word(row, "type")
    planned = state in PLANNED or kind == "maintenance"
    begun, changed = when(row.get("date_created"), now), when(row.get("date_updated"), now)
    over = state in CLOSED
    stage = Stage.OVER if over else Stage.ANNOUNCED if state == "scheduled" else Stage.OPEN
    notes = row.get("notes")
    said = VendorIncident(
        ref=text_of(row, "id") or needed(row, "url", "an incident without an id"),
        title=text_of(row, "title", "an incident without a title"),
        status=Status.MAINTENANCE if planned else TYPES.get(kind, Status.UNKNOWN),
        url=text_of(row, "url"),
        started_at=begun if stage is not Stage.ANNOUNCED or (begun is not None and begun > now) else None,
        updated_at=changed,
        maintenance=planned,
        components=names(row.get("services")),
        updates=in_order(
            [
                VendorUpdate(plain(text_of(note, "body")), when(note.get("date_created"), now))
                for note in (notes if isinstance(notes, list) else [])
                if isinstance(note, dict)
            ]
        ),
        state=text_of(row, "status"),
        impact=text_of(row, "type"),
        until=changed if over else None,
    )
    return stage, dated(said)
