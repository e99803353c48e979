"""The documents of an Uptime Kuma, 1.x and 2.x: its status page, its heartbeats, and the history of its incidents.

The page names its monitors and says nothing of how they are; the heartbeats know that, and no names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from tui_monitor.checks.craft.vendor.document import (
    Row,
    listed,
    mapping,
    needed,
    refuse_error,
    rows,
    text_of,
    when,
    word,
)
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

BEATS, PAGE = "heartbeats", "page"
"""The documents, and their roles."""

STATES = {"0": Status.MAJOR, "1": Status.OPERATIONAL, "2": Status.DEGRADED, "3": Status.MAINTENANCE}
"""By the last heartbeat. 2 is a monitor whose last look failed, and which looks again before it is down."""
STYLES = {"danger": Status.MAJOR, "warning": Status.DEGRADED}
NOTICES = frozenset({"info", "primary", "light", "dark"})
PLANS = {
    "scheduled": Stage.ANNOUNCED,
    "undermaintenance": Stage.OPEN,
    "ended": Stage.OVER,
    "inactive": Stage.OVER,
}

_TIME = re.compile(r"\d{4}-\d\d-\d\d.\d\d:\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Monitor(Part):
    """A monitor, by its number; `named` is whether its name is known, and not only its state."""

    id: str = ""
    named: bool = True


def documents(url: str, slug: str) -> tuple[tuple[str, str], ...]:
    """The addresses and roles of what is asked, from the address of a page as people see it, or of the whole Kuma."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    for marker in ("/api/status-page/", "/status/"):
        before, found, after = path.rpartition(marker)
        if found:
            path, slug = before, slug or unquote(after.removeprefix("heartbeat/").split("/")[0])
            break
    name = quote(slug or "default", safe="")
    base = urlunsplit((parts.scheme, parts.netloc, path.removesuffix("/status"), "", ""))
    return (f"{base}/api/status-page/heartbeat/{name}", BEATS), (f"{base}/api/status-page/{name}", PAGE)


def said_of(data: Row, now: datetime, role: str = "") -> Said:
    if text_of(data, "status") == "fail" or data.get("ok") is False:
        raise Unreadable(f"its page says that something went wrong: {clean(text_of(data, 'msg', 'a failure'), 300)}")
    refuse_error(data)
    if "heartbeatList" in data and role in ("", BEATS):
        return Said(parts=_states(mapping(data["heartbeatList"], "its heartbeats")))
    if "publicGroupList" in data and role in ("", PAGE):
        return _page(data, now)
    if data.get("ok") is True and "incidents" in data and not role:
        return Said(told=tuple(_incident(row, now) for row in rows(data, "incidents")))
    raise Unreadable("its page has none of what an Uptime Kuma has: heartbeats, or groups of monitors")


def joined(said: Said) -> Said:
    """Each monitor with its name from the page and its state from the heartbeats."""
    known: dict[str, Part] = {}
    for one in said.parts or ():
        key = one.id if isinstance(one, Monitor) else one.name
        other = known.get(key)
        known[key] = one if other is None else _met(one, other)
    parts = tuple(known.values())
    if parts and not any(one.counts for one in parts):
        parts = tuple(replace(one, counts=True) for one in parts)
    return replace(said, parts=None if said.parts is None else parts)


def _met(one: Part, other: Part) -> Part:
    named, beating = (one, other) if getattr(one, "named", False) else (other, one)
    return replace(named, status=beating.status, counts=beating.counts)


def _states(beats: Row) -> tuple[Part, ...]:
    """Whoever has paused a monitor hears no heartbeat of it: that is unknown, and weighs nothing on its own."""
    if not beats:
        raise Unreadable("its page has no heartbeats at all")
    found = []
    for key, given in beats.items():
        some = listed(given, "a list of heartbeats")
        status = STATES.get(_state(some), Status.UNKNOWN) if some else Status.UNKNOWN
        found.append(Monitor(f"monitor {key}", status, counts=bool(some), id=key, named=False))
    return tuple(found)


def _state(beats: list[Row]) -> str:
    """Of the newest heartbeat; they are listed oldest first, and all times of one Kuma are spelt alike."""
    times = [text_of(one, "time") for one in beats]
    newest = max(range(len(times)), key=lambda at: (times[at], at)) if all(map(_TIME.match, times)) else -1
    return text_of(beats[newest], "status")


def _page(data: Row, now: datetime) -> Said:
    if "incidents" in data:
        incidents = rows(data, "incidents")
    elif "incident" in data:
        incidents = [] if data["incident"] is None else [mapping(data["incident"], "its incident")]
    else:
        raise Unreadable("its page lacks 'incidents', so it is not of the shape that it should be")
    told = [_incident(row, now) for row in incidents]
    told += [_maintenance(row, now) for row in rows(data, "maintenanceList", optional=True)]
    parts = _monitors(data)
    if not parts:
        return Said(Status.UNKNOWN, "its page has no monitors", parts=parts, told=tuple(told))
    return Said(parts=parts, told=tuple(told))


def _monitors(data: Row) -> tuple[Part, ...]:
    return tuple(
        Monitor(
            needed(row, "name", "a monitor"),
            Status.UNKNOWN,
            text_of(group, "name"),
            id=needed(row, "id", "a monitor"),
        )
        for group in rows(data, "publicGroupList")
        for row in rows(group, "monitorList")
    )


def _incident(row: Row, now: datetime) -> Told:
    style = word(row, "style")
    begun, changed = when(row.get("createdDate"), now), when(row.get("lastUpdatedDate"), now)
    said = VendorIncident(
        ref=needed(row, "id", "an incident"),
        title=text_of(row, "title", "an incident without a title"),
        status=Status.OPERATIONAL if style in NOTICES else STYLES.get(style, Status.UNKNOWN),
        started_at=begun,
        updated_at=changed or begun,
        updates=tuple(VendorUpdate(text, changed or begun) for text in [plain(text_of(row, "content"))] if text),
        impact=text_of(row, "style"),
    )
    return Stage.OVER if _is_off(row.get("active")) else Stage.OPEN, said


def _is_off(value: Any) -> bool:
    return value in (False, 0, "0") and value is not None


def _maintenance(row: Row, now: datetime) -> Told:
    given = row.get("timeslotList")
    slots = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    windows = [(when(one.get("startDate"), now), when(one.get("endDate"), now)) for one in slots]
    begins, ends = next((one for one in windows if one[1] is None or one[1] > now), (None, None))
    said = VendorIncident(
        ref=f"maintenance {needed(row, 'id', 'a maintenance')}",
        title=text_of(row, "title", "planned work without a title"),
        status=Status.MAINTENANCE,
        started_at=begins,
        maintenance=True,
        updates=tuple(VendorUpdate(text, None) for text in [plain(text_of(row, "description"))] if text),
        state=text_of(row, "status"),
        until=ends,
    )
    is_to_come = begins is not None and begins > now
    return PLANS.get(word(row, "status"), Stage.ANNOUNCED if is_to_come else Stage.OPEN), said
