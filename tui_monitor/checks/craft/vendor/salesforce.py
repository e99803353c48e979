"""The documents of Salesforce Trust: incidents (active ones, all, or a single one), maintenances, and instances.

Each row is recognised by its own keys, so that no list needs to say which one it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from tui_monitor.checks.craft.vendor.document import (
    LONGEST_WORD,
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
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, fits, in_order, latest, newest, oldest
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst
from tui_monitor.core.text import clean

SEVERITIES = {"minor": Status.DEGRADED, "major": Status.PARTIAL, "critical": Status.MAJOR}
TYPES = {"degradation": Status.DEGRADED, "disruption": Status.PARTIAL}
"""For an incident of which no impact is written yet."""
INSTANCES = {
    "ok": Status.OPERATIONAL,
    "informational": Status.OPERATIONAL,
    "maintenance": Status.MAINTENANCE,
    "minorincident": Status.DEGRADED,
    "majorincident": Status.PARTIAL,
}
"""Whether the core or something else is ill makes no difference here: `_CORE` and `_NONCORE` are taken off."""
CLOSED = frozenset({"resolved", "resolution", "completed", "closed", "cancelled", "canceled"})
ACTIVE, PLANS, PLACES = "active", "maintenances", "instances"
"""The roles of the documents that are asked for: what is active, what is planned, how each instance is."""
INSTANCE = frozenset({"Incidents", "Products", "isActive"})
"""What has any of these, and a key and a status, is an instance."""
CAUSES = frozenset({"rootCause", "actionPlan", "pathToResolution"})
"""What is known of an incident on the whole, which is no state of it."""
MOST_NAMED = 3
CALM = "no active incident"

_DOCUMENT = re.compile(r"/(incidents(?P<active>/active)?(/[^/?]+)?|maintenances|instances(/[^?]+)?)/?(\?.*)?$")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The instances and services that concern us; whatever is empty chooses all."""

    instances: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def takes(self, row: Row) -> bool:
        """What names no instance or service may concern any.

        `affectsAll` means all services, and all instances unless some are named: Trust shows such an incident at
        those instances alone, and the others as well.
        """
        if not self.instances and not self.services:
            return True
        places, parts = names(row.get("instanceKeys"), "key"), names(row.get("serviceKeys"), "key")
        is_mine = row.get("affectsAll") is True or _meet(self.services, parts)
        return is_mine and _meet(self.instances, places)


def _meet(wanted: Sequence[str], known: Sequence[str]) -> bool:
    return not wanted or not known or any(fits(one, name) for one in wanted for name in known)


def documents(url: str, *, with_instances: bool) -> list[tuple[str, str]]:
    """The addresses to ask and their roles: the one that is given, or those below the address of the API."""
    found = _DOCUMENT.search(url)
    if found:
        return [(url, ACTIVE if found["active"] else "")]
    base = url.rstrip("/")
    asked = [(f"{base}/incidents/active", ACTIVE), (f"{base}/maintenances", PLANS)]
    return asked + [(f"{base}/instances/status/preview?childProducts=false", PLACES)] * with_instances


def said_of(data: Any, now: datetime, wanted: Wanted = Wanted(), role: str = "") -> Said:
    given = listed(data if isinstance(data, list) else [_one(data)])
    incidents = [row for row in given if "IncidentImpacts" in row]
    plans = [row for row in given if row.keys() & {"MaintenanceImpacts", "plannedStartTime"}]
    places = [row for row in given if row.keys() >= {"key", "status"} and row.keys() & INSTANCE]
    if len(incidents) + len(plans) + len(places) != len(given):
        raise Unreadable("its page lists something that is neither an incident, a maintenance nor an instance")
    is_list_of_past = isinstance(data, list) and role != ACTIVE
    incidents += _distinct(one for row in places for one in rows(row, "Incidents", optional=True))
    plans += _distinct(one for row in places for one in rows(row, "Maintenances", optional=True))
    known = [_incident(row, now) for row in incidents]
    past = [one.started_at for stage, one in known if stage is Stage.OVER and one.started_at is not None]
    told = [one for one, row in zip(known, incidents, strict=True) if wanted.takes(row)]
    told += _still([_plan(row, now) for row in plans if wanted.takes(row)], role)
    return Said(
        words=CALM,
        parts=_parts(places, wanted) if places or role == PLACES else None,
        told=tuple(told),
        reach=min(past) if is_list_of_past and past else None,
    )


def _one(data: Any) -> Row:
    refuse_error(mapping(data))
    return mapping(data)


def _distinct(found: Iterable[Row]) -> list[Row]:
    """Each that is not the same as one before: an incident stands once more below each instance that it hits."""
    known: dict[str, Row] = {}
    kept = []
    for row in found:
        ref = text_of(row, "id")
        if known.get(ref) != row:
            kept.append(row)
        known[ref] = row
    return kept


def _still(told: list[Told], role: str) -> list[Told]:
    """Beside the list of what is active, plans that are done would make it look like a list of the past."""
    return [one for one in told if not role or one[0] is not Stage.OVER]


def _parts(places: list[Row], wanted: Wanted) -> tuple[Part, ...]:
    """The chosen instances. Where services are chosen too, an instance may be ill for the sake of another one."""
    known = [(needed(row, "key", "an instance"), row) for row in places]
    for one in wanted.instances:
        if not any(fits(one, key) for key, _ in known):
            raise Unreadable(f"its page has no instance {clean(one, 60)!r}")
    return tuple(
        Part(key, _condition(row), text_of(row, "location"), counts=not wanted.services)
        for key, row in known
        if _meet(wanted.instances, [key])
    )


def _condition(row: Row) -> Status:
    return INSTANCES.get(word(row, "status").removesuffix("noncore").removesuffix("core"), Status.UNKNOWN)


def _incident(row: Row, now: datetime) -> Told:
    """The machine's fields decide, and not the words: a text may say that it is over while an impact lasts."""
    impacts, events = rows(row, "IncidentImpacts"), _updates(row, "IncidentEvents", now)
    begun = _times(impacts, "startTime", now)
    ended = [_ended(one, now) for one in impacts]
    lasting = [one for one, at in zip(impacts, ended, strict=True) if at is None]
    over = _is_over(row, impacts, lasting, events)
    lasting = lasting or impacts
    weight = worst([SEVERITIES.get(word(one, "severity"), Status.UNKNOWN) for one in lasting])
    ref = needed(row, "id", "an incident")
    parts, places = names(row.get("serviceKeys"), "key"), names(row.get("instanceKeys"), "key")
    said = VendorIncident(
        ref=ref,
        title=_title(_kind(row, zip(impacts, begun, strict=True)), parts, places),
        status=weight if lasting else _weight_of(word(row, "type")),
        url=f"https://status.salesforce.com/incidents/{ref}",
        started_at=oldest(*begun) or when(row.get("createdAt"), now),
        updated_at=latest(events, when(row.get("updatedAt"), now)),
        components=parts + places,
        updates=events,
        state=text_of(row, "status") or _last_word(events),
        impact=", ".join(dict.fromkeys([text_of(one, "severity") for one in lasting])),
        until=newest(*ended) if over else None,
    )
    return (Stage.OVER if over else Stage.OPEN), said


def _is_over(row: Row, impacts: list[Row], lasting: list[Row], events: Sequence[VendorUpdate]) -> bool:
    """Active is what says so, or has an impact without an end; without any impact, its words are all there is."""
    if word(row, "status") == "active":
        return False
    if impacts:
        return not lasting
    said = word(row, "status") or _last_word(events).lower()
    return said in CLOSED


def _last_word(events: Sequence[VendorUpdate]) -> str:
    return next((one.state for one in reversed(events) if one.state not in CAUSES), "")


def _ended(impact: Row, now: datetime) -> datetime | None:
    """None while it lasts."""
    given = impact.get("endTime")
    ended_at = when(given, now) if isinstance(given, str) else None
    return ended_at if ended_at is not None and ended_at <= now else None


def _weight_of(kind: str) -> Status:
    return next((status for part, status in TYPES.items() if part in kind), Status.UNKNOWN)


def _plan(row: Row, now: datetime) -> Told:
    """A maintenance goes by its window; a word for its end holds before."""
    impacts = rows(row, "MaintenanceImpacts", optional=True)
    begins = when(row.get("plannedStartTime"), now) or oldest(*_times(impacts, "startTime", now))
    ends = when(row.get("plannedEndTime"), now) or newest(*_times(impacts, "endTime", now))
    message = row.get("message")
    how = message if isinstance(message, dict) else {}
    state = word(how, "eventStatus") or word(row, "status")
    is_on = state == "inprogress" or (begins is not None and begins <= now)
    is_over = state in CLOSED or (ends is not None and ends <= now)
    ref = needed(row, "id", "a maintenance")
    parts, places = names(row.get("serviceKeys"), "key"), names(row.get("instanceKeys"), "key")
    events = _updates(row, "MaintenanceEvents", now)
    said = VendorIncident(
        ref=ref,
        title=text_of(row, "name") or _title(text_of(how, "maintenanceType", "maintenance"), parts, places),
        status=Status.MAINTENANCE,
        url=f"https://status.salesforce.com/maintenances/{ref}",
        started_at=begins,
        updated_at=latest(events, when(row.get("updatedAt"), now)),
        maintenance=True,
        components=parts + places,
        updates=events,
        state=text_of(how, "eventStatus") or text_of(row, "status"),
        until=ends,
    )
    return (Stage.OVER if is_over else Stage.OPEN if is_on else Stage.ANNOUNCED), said


def _kind(row: Row, pairs: Iterable[tuple[Row, datetime | None]]) -> str:
    """The name of what began first: Trust gives its incidents no title."""
    known = [(at.timestamp() if at else 0.0, kind) for one, at in pairs if (kind := text_of(one, "type"))]
    return min(known, key=itemgetter(0))[1] if known else text_of(row, "type", "incident")


def _title(kind: str, parts: Sequence[str], places: Sequence[str]) -> str:
    """`Performance degradation: coreService (NA137)`."""
    what = _spelt(kind[:LONGEST_WORD])
    return f"{what}{f': {_few(parts)}' if parts else ''}{f' ({_few(places)})' if places else ''}"


@lru_cache(1024)
def _spelt(kind: str) -> str:
    return " ".join(_HUMP.sub(" ", kind).lower().split()).capitalize()


def _few(known: Sequence[str]) -> str:
    more = len(known) - MOST_NAMED
    return ", ".join(known[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _times(impacts: Iterable[Row], key: str, now: datetime) -> list[datetime | None]:
    return [when(one.get(key), now) for one in impacts]


def _updates(row: Row, key: str, now: datetime) -> tuple[VendorUpdate, ...]:
    """What is known of it on the whole comes first, for it has no time; then what happened."""
    message = row.get("message")
    causes = message if isinstance(message, dict) and key == "IncidentEvents" else {}
    whole = [("", text_of(row, "additionalInformation")), *[(one, text_of(causes, one)) for one in causes]]
    known = [VendorUpdate(shown, None, one) for one, text in whole if text and (shown := plain(text))]
    events = row.get(key)
    happened = [
        VendorUpdate(
            plain(text_of(one, "message")),
            when(one.get("createdAt"), now) or when(one.get("updatedAt"), now),
            text_of(one, "type"),
        )
        for one in (events if isinstance(events, list) else [])
        if isinstance(one, dict)
    ]
    return tuple(known) + in_order(happened)
