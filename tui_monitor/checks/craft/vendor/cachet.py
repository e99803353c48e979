"""The documents of Cachet as one reads them, 2.x and 3.x alike: components, groups, incidents, schedules, status.

The two number the states of components in different ways. A row of 3.x is known by its `attributes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from tui_monitor.checks.craft.vendor.document import (
    Row,
    listed,
    needed,
    refuse_error,
    text_of,
    when,
    word,
)
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, in_order
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status

COMPONENTS, GROUPS, INCIDENTS, SCHEDULES, STATUS = "components", "groups", "incidents", "schedules", "status"
"""The documents, and their roles."""

PATHS: Mapping[str, Mapping[str, str]] = {
    "2": {
        COMPONENTS: "/api/v1/components?per_page=100",
        GROUPS: "/api/v1/components/groups?per_page=100",
        INCIDENTS: "/api/v1/incidents?per_page=100&sort=id&order=desc",
        SCHEDULES: "/api/v1/schedules?per_page=100&sort=id&order=desc",
        STATUS: "/api/v1/status",
    },
    "3": {
        COMPONENTS: "/api/components?per_page=100&include=group",
        INCIDENTS: "/api/incidents?per_page=100&include=components,updates",
        SCHEDULES: "/api/schedules?per_page=100&sort=-id&include=components,updates",
        STATUS: "/api/status",
    },
}
OPTIONAL = frozenset({GROUPS, SCHEDULES, STATUS})
"""What older ones do not have."""

HEADLINES = {
    "success": Status.OPERATIONAL,
    "info": Status.DEGRADED,
    "danger": Status.MAJOR,
    "operational": Status.OPERATIONAL,
    "undermaintenance": Status.MAINTENANCE,
    "partialoutage": Status.PARTIAL,
    "majoroutage": Status.MAJOR,
}
_STATES = {"1": Status.OPERATIONAL, "2": Status.DEGRADED, "3": Status.PARTIAL, "4": Status.MAJOR}
STATES = {"2": _STATES, "3": {**_STATES, "6": Status.MAINTENANCE}}
"""What a component's number means; 0 of 2.x and 5 of 3.x are unknown by name."""
INCIDENT_STATES = {"1": "Investigating", "2": "Identified", "3": "Watching", "4": "Fixed"}
FIXED = "4"
UPCOMING, COMPLETE = "0", "2"
_TIMES = ("occurred", "published", "created", "updated", "scheduled", "completed")
_TYPES = {"components": COMPONENTS, "componentGroups": GROUPS, "incidents": INCIDENTS, "schedules": SCHEDULES}


Included = Mapping[tuple[str, str], Row]
"""What a document of 3.x brings along, by type and number."""


@dataclass(frozen=True, slots=True)
class Numbered(Part):
    """A component with the number by which other documents speak of it."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a list this is, and whether another one follows."""

    number: int
    goes_on: bool


def said_of(data: Row, now: datetime, zone: tzinfo, role: str = "") -> Said:
    refuse_error(data)
    if "data" not in data:
        raise Unreadable("its page lacks 'data', so it is not of the shape that Cachet gives")
    found = data["data"]
    if isinstance(found, dict) and "id" not in found:
        return _headline(found)
    given = [_flat(row) for row in listed([found] if isinstance(found, dict) else found)]
    kinds = {_kind(row) for row in given} or {role}
    if len(kinds) > 1 or not kinds <= {COMPONENTS, GROUPS, INCIDENTS, SCHEDULES} or (role and kinds != {role}):
        raise Unreadable("its page lists something else than Cachet does")
    included = _included(data)
    (kind,) = kinds
    if kind in (COMPONENTS, GROUPS):
        parts = _parts(given, included) if kind == COMPONENTS else _grouped(given)
        return Said(parts=parts or None)
    tell = _incident if kind == INCIDENTS else _schedule
    told = [tell(row, included, now, zone) for row in given]
    begun = [one.started_at for _, one in told if one.started_at is not None]
    is_cut = kind == INCIDENTS and isinstance(found, list) and page_of(data).goes_on
    return Said(told=tuple(told), reach=min(begun) if is_cut and begun else None)


def page_of(data: Row) -> Page:
    """2.x counts its pages, 3.x only says whether there is another."""
    meta, links = _inner(data, "meta"), _inner(data, "links")
    pages = _inner(meta, "pagination") or meta
    number, last = (_count(pages.get(key)) for key in ("current_page", "total_pages"))
    return Page(max(1, number), number < last or bool(links.get("next")))


def _inner(row: Row, key: str) -> Row:
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 7 else 0


def joined(said: Said) -> Said:
    """With the names for the numbers by which components and groups are called elsewhere."""
    parts: dict[str, Part] = {}
    for one in said.parts or ():
        key = one.id if isinstance(one, Numbered) else one.name
        known = parts.get(key)
        parts[key] = one if known is None else replace(known, group=_better(known.group, one.group))
    names = {f"component {key}": one.name for key, one in parts.items()}
    told = said.told and tuple(
        (stage, replace(one, components=tuple(names.get(name, name) for name in one.components)))
        for stage, one in said.told
    )
    return replace(said, parts=None if said.parts is None else tuple(parts.values()), told=told)


def _better(one: str, other: str) -> str:
    """The name of a group, rather than its number."""
    return other if other and (not one or one.startswith("group ")) else one


def _headline(row: Row) -> Said:
    if not isinstance(row.get("status"), str) or "message" not in row:
        raise Unreadable("its page is not of the shape that Cachet gives")
    return Said(HEADLINES.get(word(row, "status"), Status.UNKNOWN), text_of(row, "message"))


def _flat(row: Row) -> Row:
    """A row of 3.x as 2.x would spell it, with its `type` and what it is related to."""
    attributes = row.get("attributes")
    if not isinstance(attributes, dict):
        return row
    flat = {**attributes, "id": row.get("id"), "type": row.get("type"), "relationships": row.get("relationships")}
    for name in _TIMES:
        if name in attributes:
            flat[f"{name}_at"] = _inner(attributes, name).get("string")
    if isinstance(attributes.get("status"), dict):
        flat |= {"status": attributes["status"].get("value"), "human_status": attributes["status"].get("human")}
    return flat


def _kind(row: Row) -> str:
    if "type" in row and "relationships" in row:
        return _TYPES.get(text_of(row, "type"), "")
    if row.keys() >= {"name", "status"} and row.keys() & {"visible", "is_resolved", "component_id", "stickied"}:
        return INCIDENTS
    if row.keys() >= {"name", "status", "scheduled_at"}:
        return SCHEDULES
    if row.keys() >= {"name", "status", "group_id"}:
        return COMPONENTS
    return GROUPS if row.keys() >= {"id", "name", "order"} and "status" not in row else ""


def _version(row: Row) -> str:
    return "3" if "relationships" in row else "2"


def _is_shown(row: Row) -> bool:
    return row.get("enabled") not in (False, 0, "0") and not row.get("deleted_at")


def _parts(given: list[Row], included: Included, group: str = "") -> tuple[Part, ...]:
    return tuple(
        Numbered(
            needed(row, "name", "a component"),
            STATES[_version(row)].get(_state(row), Status.UNKNOWN),
            group or _group(row, included),
            id=text_of(row, "id"),
        )
        for row in given
        if _is_shown(row)
    )


def _state(row: Row, key: str = "status") -> str:
    return text_of(row, key).removesuffix(".0")


def _group(row: Row, included: Included) -> str:
    related = [text_of(one, "name") for one in _related(row, "group", included)]
    number = text_of(row, "group_id")
    return related[0] if related else f"group {number}" if number not in ("", "0") else ""


def _grouped(given: list[Row]) -> tuple[Part, ...]:
    """The components that stand below the name of their group."""
    found: list[Part] = []
    for row in given:
        below = row.get("enabled_components")
        if isinstance(below, list):
            found += _parts([_flat(one) for one in listed(below, "a group")], {}, text_of(row, "name"))
    return tuple(found)


def _included(data: Row) -> Included:
    included = data.get("included")
    some = [one for one in included if isinstance(one, dict)] if isinstance(included, list) else []
    return {(text_of(row, "type"), text_of(row, "id")): _flat(row) for row in some}


def _related(row: Row, name: str, included: Included) -> list[Row]:
    """The rows to which this one is related, as far as the document of 3.x brings them along."""
    found = _inner(_inner(row, "relationships"), name).get("data")
    some = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
    keys = [(text_of(one, "type"), text_of(one, "id")) for one in some]
    return [included[key] for key in keys if key in included]


def _affected(row: Row, included: Included) -> tuple[str, ...]:
    related = [name for one in _related(row, "components", included) if (name := text_of(one, "name"))]
    own = text_of(_inner(row, "component"), "name")
    number = text_of(row, "component_id")
    numbered = [f"component {number}"] if number not in ("", "0") else []
    return tuple(dict.fromkeys(related or ([own] if own else numbered)))


def _incident(row: Row, included: Included, now: datetime, zone: tzinfo) -> Told:
    """Its newest update says how it stands, and then its own number. Legacy plans of 2.x are incidents in state 0."""
    state = _state(row, "latest_status") or _state(row)
    over = state == FIXED or row.get("is_resolved") in (True, 1, "1", "true")
    begins = when(row.get("scheduled_at"), now, zone)
    planned = state == "0" and begins is not None
    started = begins if planned else when(row.get("occurred_at"), now, zone) or when(row.get("created_at"), now, zone)
    known, changed = state in INCIDENT_STATES, when(row.get("updated_at"), now, zone)
    said = VendorIncident(
        ref=needed(row, "id", "an incident"),
        title=text_of(row, "name", "an incident without a title"),
        status=Status.MAINTENANCE if planned else Status.DEGRADED if known else Status.UNKNOWN,
        url=text_of(row, "permalink"),
        started_at=started,
        updated_at=changed,
        maintenance=planned,
        components=_affected(row, included),
        updates=in_order(_updates(row, included, started, now, zone)),
        state=INCIDENT_STATES.get(state) or text_of(row, "human_status") or state,
        until=changed if over and not planned else None,
    )
    if planned:
        return Stage.ANNOUNCED if begins is not None and begins > now else Stage.OVER, dated(said)
    return Stage.OVER if over else Stage.OPEN, dated(said)


def _updates(
    row: Row, included: Included, started: datetime | None, now: datetime, zone: tzinfo
) -> list[VendorUpdate]:
    first = VendorUpdate(plain(text_of(row, "message")), started)
    later = row.get("updates") or _related(row, "updates", included)
    return [first] + [
        VendorUpdate(
            plain(text_of(one, "message")),
            when(one.get("created_at"), now, zone),
            INCIDENT_STATES.get(_state(one), text_of(one, "human_status")),
        )
        for one in (later if isinstance(later, list) else [])
        if isinstance(one, dict)
    ]


def _schedule(row: Row, included: Included, now: datetime, zone: tzinfo) -> Told:
    """Planned work. It counts apart from incidents, so that its number may be one of theirs."""
    state = _state(row)
    begins, ends = when(row.get("scheduled_at"), now, zone), when(row.get("completed_at"), now, zone)
    said = VendorIncident(
        ref=f"schedule {needed(row, 'id', 'a schedule')}",
        title=text_of(row, "name", "planned work without a title"),
        status=Status.MAINTENANCE,
        started_at=begins,
        updated_at=when(row.get("updated_at"), now, zone),
        maintenance=True,
        components=_affected(row, included),
        updates=in_order(_updates(row, included, when(row.get("created_at"), now, zone), now, zone)),
        state=text_of(row, "human_status"),
        until=ends,
    )
    if state == COMPLETE or (ends is not None and ends <= now):
        return Stage.OVER, said
    is_to_come = begins is not None and begins > now
    return Stage.ANNOUNCED if state == UPCOMING or (is_to_come and state != "1") else Stage.OPEN, said
