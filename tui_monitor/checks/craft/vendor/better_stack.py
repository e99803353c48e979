"""The one document of Better Stack (JSON:API): the page, and what is included: sections, resources, reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tui_monitor.checks.craft.vendor.document import Row, mapping, needed, refuse_error, rows, text_of, when, word
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, in_order, latest
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status

STATES = {
    "operational": Status.OPERATIONAL,
    "maintenance": Status.MAINTENANCE,
    "degraded": Status.DEGRADED,
    "downtime": Status.MAJOR,
}
IMPACTS = {**STATES, "operational": Status.DEGRADED, "resolved": Status.DEGRADED}
"""A report that has not ended is never nothing."""
UNWATCHED = "notmonitored"

Included = Mapping[tuple[str, str], Row]
"""What is included, by its type and its id."""


def said_of(data: Row, now: datetime) -> Said:
    refuse_error(data)
    page = _attributes(mapping(data.get("data"), "its data"))
    state = needed(page, "aggregate_state", "the page itself")
    included = {(needed(row, "type", "a row"), needed(row, "id", "a row")): row for row in rows(data, "included")}
    parts = {ident: _part(row, included) for (kind, ident), row in included.items() if kind == "status_page_resource"}
    reports = [row for (kind, _), row in included.items() if kind == "status_report"]
    return Said(
        STATES.get(word(page, "aggregate_state"), Status.UNKNOWN),
        f"its page says {state}",
        parts=tuple(parts.values()),
        told=tuple(_told(row, included, parts, now) for row in reports),
    )


def _attributes(row: Row) -> Row:
    return mapping(row.get("attributes"), "a row of its page")


def _part(row: Row, included: Included) -> Part:
    """One resource, under the section that it stands in. What is not watched there weighs only where it is chosen."""
    own = _attributes(row)
    section = included.get(("status_page_section", text_of(own, "status_page_section_id")))
    state = word(own, "status")
    return Part(
        text_of(own, "public_name", "a resource without a name"),
        STATES.get(state, Status.UNKNOWN),
        text_of(_attributes(section), "name") if section is not None else "",
        counts=state != UNWATCHED,
    )


def _told(row: Row, included: Included, parts: Mapping[str, Part], now: datetime) -> Told:
    """A report is over once its end has come: that of a maintenance is known before."""
    own = _attributes(row)
    begins, ends = when(own.get("starts_at"), now), when(own.get("ends_at"), now)
    planned = word(own, "report_type") == "maintenance"
    updates = in_order(_updates(row, included, now))
    said = VendorIncident(
        ref=needed(row, "id", "a report"),
        title=text_of(own, "title", "a report without a title"),
        status=Status.MAINTENANCE if planned else IMPACTS.get(word(own, "aggregate_state"), Status.UNKNOWN),
        started_at=begins,
        updated_at=latest(updates),
        maintenance=planned,
        components=_affected(own, parts),
        updates=updates,
        state=text_of(own, "report_type"),
        impact=text_of(own, "aggregate_state"),
        until=ends,
    )
    if ends is not None and ends <= now:
        return Stage.OVER, dated(said)
    is_to_come = planned and begins is not None and begins > now
    return Stage.ANNOUNCED if is_to_come else Stage.OPEN, dated(said)


def _affected(own: Row, parts: Mapping[str, Part]) -> tuple[str, ...]:
    given = own.get("affected_resources")
    some = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    known = (parts.get(text_of(one, "status_page_resource_id")) for one in some)
    return tuple(dict.fromkeys(one.name for one in known if one is not None))


def _updates(row: Row, included: Included, now: datetime) -> list[VendorUpdate]:
    """The updates that a report points at, as far as they are included."""
    linked: Any = row.get("relationships")
    for key in ("status_updates", "data"):
        linked = linked.get(key) if isinstance(linked, dict) else None
    idents = [text_of(one, "id") for one in linked if isinstance(one, dict)] if isinstance(linked, list) else []
    found = [_attributes(included[one]) for ident in idents if (one := ("status_update", ident)) in included]
    return [VendorUpdate(plain(text_of(own, "message")), when(own.get("published_at"), now)) for own in found]
