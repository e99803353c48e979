"""The public events of AWS: the list of those that are current, and the older file of current and archived ones.

An event is known by its ARN, which stays while its words change. The older file has none: there it is known by its
service, which names the region too, and by when it began, which is written once and stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui_monitor.checks.craft.vendor.document import Row, listed, mapping, refuse_error, rows, text_of, when
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Said, Stage, Told, dated, has_words, in_order, latest
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst

LEVELS = {"1": Status.OPERATIONAL, "2": Status.DEGRADED, "3": Status.MAJOR}
"""1 is for information, 2 a degradation, 3 a disruption, which is the worst that AWS says."""
WORDS = {"0": "resolved", "1": "informational", "2": "degradation", "3": "disruption"}
OVER = "0"
CALM = "no open event"
MEANING = frozenset({"summary", "event_log", "description"})

_RESOLVED = re.compile(r"\s*\[RESOLVED\]", re.IGNORECASE)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+$")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The services and regions that concern us; whatever is empty chooses all."""

    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def has_region(self, row: Row) -> bool:
        """A global event, and one that names no region, concerns everybody."""
        known = _regions(row)
        if not self.regions or not known or any(has_words("global", name) for name in known):
            return True
        return any(has_words(one, name) for one in self.regions for name in known)

    def has_service(self, *known: str) -> bool:
        return any(has_words(one, name) for one in self.services for name in known)


def said_of(data: Any, now: datetime, wanted: Wanted = Wanted()) -> Said:
    current, archive = _lists(data)
    for row in (*current, *archive):
        if not row.keys() & MEANING:
            raise Unreadable("its page lists something that is no event of AWS")
    told = [_told(row, now, wanted) for row in current if wanted.has_region(row)]
    told += [_told(row, now, wanted, past=True) for row in archive if wanted.has_region(row)]
    return Said(words=CALM, told=tuple(one for one in told if one is not None))


def _lists(data: Any) -> tuple[list[Row], list[Row]]:
    if isinstance(data, list):
        return listed(data), []
    refuse_error(mapping(data))
    return rows(data, "current"), rows(data, "archive", optional=True)


def _told(row: Row, now: datetime, wanted: Wanted, *, past: bool = False) -> Told | None:
    """None where none of the chosen services is concerned."""
    log = _log(row)
    levels = _levels(row, wanted)
    if levels is None:
        return None
    is_over = past or _is_over(row, log, now) or (bool(levels) and set(levels) == {OVER})
    updates = _updates(row, log, now)
    open_levels = [one for one in levels if one != OVER]
    said = VendorIncident(
        ref=_ref(row),
        title=text_of(row, "summary", "an event without a summary"),
        status=worst([LEVELS.get(one, Status.UNKNOWN) for one in open_levels] or [Status.UNKNOWN]),
        url="https://health.aws.amazon.com/health/status",
        started_at=when(row.get("date"), now),
        updated_at=latest(updates),
        components=_components(row),
        updates=updates,
        state=WORDS.get(text_of(row, "status"), text_of(row, "status")),
        until=updates[-1].at if is_over and updates else None,
    )
    return (Stage.OVER if is_over else Stage.OPEN), dated(said)


def _ref(row: Row) -> str:
    ref = text_of(row, "arn")
    service, date = text_of(row, "service"), text_of(row, "date")
    if not ref and not (service and date):
        raise Unreadable("an event of its page has neither an ARN nor a service and a date to know it by")
    return ref or f"{service}@{date}"


def _is_over(row: Row, log: list[Row], now: datetime) -> bool:
    """By its own level, or by what is written above it or above its newest entry."""
    newest = max(log, key=lambda one: _moment(one, now), default={})
    heads = (text_of(row, "summary"), text_of(newest, "summary"))
    return text_of(row, "status") == OVER or any(_RESOLVED.match(head) for head in heads)


def _levels(row: Row, wanted: Wanted) -> list[str] | None:
    """How bad it is: for the services that are chosen, where it says so of each; None where it is about others."""
    own, impacted = text_of(row, "status"), _impacted(row)
    whole = (text_of(row, "service"), text_of(row, "service_name"))
    if not wanted.services or wanted.has_service(*whole):
        return [own]
    each = [
        text_of(one, "current", own)
        for key, one in impacted.items()
        if wanted.has_service(key, text_of(one, "service_name"))
    ]
    names_none = not impacted and (not any(whole) or any(has_words("multiple", name) for name in whole))
    return each or ([own] if names_none else None)


def _impacted(row: Row) -> dict[str, Row]:
    found = row.get("impacted_services")
    return {key: one for key, one in found.items() if isinstance(one, dict)} if isinstance(found, dict) else {}


def _components(row: Row) -> tuple[str, ...]:
    """The region, and the services that are still ill there: in order, for AWS lists them in ever another one."""
    service = text_of(row, "service_name") or text_of(row, "service")
    ill = {
        text_of(one, "service_name", key) for key, one in _impacted(row).items() if text_of(one, "current") != OVER
    }
    found = (text_of(row, "region_name"), *(sorted(ill) or [service]))
    return tuple(dict.fromkeys(name for name in found if name))


def _regions(row: Row) -> list[str]:
    """By its code and by its name, out of each place where AWS writes one."""
    arn = text_of(row, "arn").split(":")
    code = _REGION.search(text_of(row, "service"))
    named = _IN_BRACKETS.search(text_of(row, "service_name"))
    found = [arn[3] if len(arn) > 3 else "", text_of(row, "region_name")]
    return [one for one in (*found, code[0] if code else "", named[1] if named else "") if one]


def _log(row: Row) -> list[Row]:
    found = row.get("event_log")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _updates(row: Row, log: list[Row], now: datetime) -> tuple[VendorUpdate, ...]:
    """The log of an event; in the older file, one text with all of it."""
    if not log:
        return in_order([VendorUpdate(plain(text_of(row, "description") or text_of(row, "details")))])
    return in_order(
        [VendorUpdate(plain(text_of(one, "message")), when(one.get("timestamp"), now), _state(one)) for one in log]
    )


def _state(entry: Row) -> str:
    return WORDS.get(text_of(entry, "status"), text_of(entry, "status"))


def _moment(entry: Row, now: datetime) -> float:
    at = when(entry.get("timestamp"), now)
    return at.timestamp() if at is not None else float("-inf")
