"""Heroku's own page (v4): three systems with a colour each, what is open, and what is planned."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter

from tui_monitor.checks.craft.vendor.document import Row, needed, refuse_error, rows, text_of, when, word
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, in_order
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst

COLOURS = {
    "green": Status.OPERATIONAL,
    "blue": Status.MAINTENANCE,
    "yellow": Status.DEGRADED,
    "red": Status.MAJOR,
}
CLOSED = frozenset({"resolved", "completed", "closed", "cancelled", "canceled"})


def said_of(data: Row, now: datetime) -> Said:
    refuse_error(data)
    parts = tuple(
        Part(needed(row, "system", "a system"), COLOURS.get(word(row, "status"), Status.UNKNOWN))
        for row in rows(data, "status")
    )
    if not parts:
        raise Unreadable("its page names no system, so it is not of the shape that it should be")
    told = [_told(row, parts, now, False) for row in rows(data, "incidents")]
    told += [_told(row, parts, now, True) for row in rows(data, "scheduled", optional=True)]
    return Said(words=f"{', '.join(part.name for part in parts)}: green", parts=parts, told=tuple(told))


def _told(row: Row, parts: tuple[Part, ...], now: datetime, planned: bool) -> Told:
    """Over is only what one of its words says and none denies."""
    state, notes = word(row, "state"), _notes(row)
    over = state in CLOSED or (not state and row.get("resolved") is True)
    said = VendorIncident(
        ref=needed(row, "id", "an incident"),
        title=text_of(row, "title", "an incident without a title"),
        status=Status.MAINTENANCE if planned else _weight(notes, parts, now),
        url=text_of(row, "full_url"),
        started_at=when(row.get("created_at"), now),
        updated_at=when(row.get("updated_at"), now),
        maintenance=planned,
        updates=in_order(
            VendorUpdate(plain(text_of(one, "contents")), _at(one, now), text_of(one, "update_type")) for one in notes
        ),
        state=text_of(row, "state"),
        until=(when(row.get("resolved_at"), now) or when(row.get("updated_at"), now)) if over else None,
    )
    return (Stage.OVER if over else _stage(state, parts) if planned else Stage.OPEN), dated(said)


def _stage(state: str, parts: tuple[Part, ...]) -> Stage:
    """Blue is the colour of maintenance that has begun; that a plan is open does not say so."""
    is_on = state == "open" and any(part.status is Status.MAINTENANCE for part in parts)
    return Stage.OPEN if is_on else Stage.ANNOUNCED


def _weight(notes: list[Row], parts: tuple[Part, ...], now: datetime) -> Status:
    """The colours of what was written last, else those of the systems; what is open is never nothing."""
    times = [(at, note) for note in notes if (at := _at(note, now)) is not None]
    newest = max(times, key=itemgetter(0))[1] if times else {}
    given = [text_of(newest, "status_prod").lower(), text_of(newest, "status_dev").lower()]
    found = worst([COLOURS.get(one, Status.UNKNOWN) for one in given if one])
    if found.is_bad or found is Status.UNKNOWN:
        return found
    ill = worst(part.status for part in parts)
    return ill if ill.is_bad else Status.DEGRADED


def _notes(row: Row) -> list[Row]:
    notes = row.get("updates")
    return [one for one in notes if isinstance(one, dict)] if isinstance(notes, list) else []


def _at(note: Row, now: datetime) -> datetime | None:
    return when(note.get("created_at"), now) or when(note.get("updated_at"), now)
