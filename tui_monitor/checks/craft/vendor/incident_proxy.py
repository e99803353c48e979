"""What the pages of incident.io themselves are drawn from: a summary, a list of incidents, or a single one.

Components stand there by number, with their names in one place and what is wrong with them in another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from tui_monitor.checks.craft.vendor.document import Row, mapping, needed, refuse_error, rows, text_of, when, word
from tui_monitor.checks.craft.vendor.incident_io import CLOSED, IMPACTS
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, in_order
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst

COMPONENTS = {**IMPACTS, "operational": Status.OPERATIONAL}
STATES = frozenset({"investigating", "identified", "monitoring"})
SUMMARY, SINGLE, PAST = "summary", "incident", "incidents"

Names = Mapping[str, str]


def is_proxy(data: Row) -> bool:
    """A list of incidents is known by the moment at which each was published, which Statuspage's have not."""
    if isinstance(data.get(SUMMARY), dict):
        return True
    some = data.get(PAST, [data.get(SINGLE)])
    found = [one for one in some if isinstance(one, dict)] if isinstance(some, list) else []
    return any(one.keys() >= {"published_at", "status"} for one in found)


def said_of(data: Row, now: datetime) -> Said:
    refuse_error(data)
    if SINGLE in data:
        return Said(told=(_told(mapping(data[SINGLE], "its incident"), {}, "", now),))
    if SUMMARY not in data:
        told = tuple(_told(row, {}, "", now) for row in rows(data, PAST))
        begun = [one.started_at for _, one in told if one.started_at is not None]
        return Said(words="no open incident", told=told, reach=min(begun, default=None))
    page = mapping(data[SUMMARY], "its summary")
    refuse_error(page)
    names = {text_of(row, "id"): text_of(row, "name") for row in rows(page, "components")}
    told = tuple(
        _told(row, names, text_of(page, "public_url").rstrip("/"), now)
        for key in ("ongoing_incidents", "in_progress_maintenances", "scheduled_maintenances")
        for row in rows(page, key, optional=key != "ongoing_incidents")
    )
    return Said(words="it lists no incident", parts=tuple(_parts(page, names)), told=told)


def _parts(page: Row, names: Names) -> Iterator[Part]:
    """Whatever is not named among those that are affected is well."""
    ill: dict[str, list[Status]] = {}
    for row in rows(page, "affected_components"):
        state = COMPONENTS.get(word(row, "status"), Status.UNKNOWN)
        ill.setdefault(needed(row, "component_id", "a component"), []).append(state)
    groups = _groups(page)
    for ident, name in {**dict.fromkeys(ill, "a component without a name"), **names}.items():
        yield Part(
            name or "a component without a name", worst(ill.get(ident, [Status.OPERATIONAL])), groups.get(ident, "")
        )


def _groups(page: Row) -> dict[str, str]:
    found: dict[str, str] = {}
    structure = page.get("structure")
    for item in _some(structure if isinstance(structure, dict) else {}, "items"):
        group = item.get("group")
        if isinstance(group, dict):
            found |= {text_of(one, "component_id"): text_of(group, "name") for one in _some(group, "components")}
    return found


def _some(row: Row, key: str) -> list[Row]:
    value = row.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _told(row: Row, names: Names, page: str, now: datetime) -> Told:
    """A maintenance is one by its type or by its state; the window of it is that in which it touches components."""
    ref, state = needed(row, "id", "an incident"), word(row, "status")
    planned = word(row, "type") == "maintenance" or state.startswith("maintenance")
    over = state in CLOSED
    spans = [*_some(row, "component_impacts"), *_some(row, "status_summaries")]
    begun = [at for one in spans if (at := when(one.get("start_at"), now)) is not None]
    ended = [at for one in spans if (at := when(one.get("end_at"), now)) is not None]
    published = when(row.get("published_at"), now)
    affected = dict.fromkeys(names.get(text_of(one, "component_id"), "") for one in _some(row, "affected_components"))
    begins = min(begun, default=None if planned else published)
    said = VendorIncident(
        ref=ref,
        title=text_of(row, "name", "an incident without a title"),
        status=Status.MAINTENANCE if planned else _weight(row, state),
        url=f"{page}/incidents/{ref}" if page else "",
        started_at=begins,
        updated_at=published,
        maintenance=planned,
        components=tuple(filter(None, affected)),
        updates=in_order(
            VendorUpdate(
                plain(text_of(one, "message_string")), when(one.get("published_at"), now), text_of(one, "to_status")
            )
            for one in _some(row, "updates")
        ),
        state=text_of(row, "status"),
        until=max(ended, default=None) if over or planned else None,
    )
    is_to_come = planned and (
        state == "maintenancescheduled" or (state != "maintenanceinprogress" and begins is not None and begins > now)
    )
    return Stage.OVER if over else Stage.ANNOUNCED if is_to_come else Stage.OPEN, dated(said)


def _weight(row: Row, state: str) -> Status:
    """By how its components are now, or were while it lasted; one that names none has the least weight of all."""
    affected = _some(row, "affected_components")
    if not affected:
        return Status.DEGRADED if state in STATES | CLOSED else Status.UNKNOWN
    key = "status" if state in CLOSED else "current_status"
    return worst(IMPACTS.get(word(one, key) or word(one, "status"), Status.UNKNOWN) for one in affected)
