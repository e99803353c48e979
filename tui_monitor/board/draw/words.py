"""How figures and moments read on the board: short, and the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from tui_monitor.core.text import spell_duration

View = Mapping[str, Any]


@lru_cache(maxsize=32)
def zone_of(name: str) -> tzinfo:
    """The zone of a board. Where this machine does not know it, times are in UTC."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC


def moment_of(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def since(text: str | None, now: datetime) -> str:
    """How long ago: `12m`, `3h 05m`. Empty where it is not known."""
    at = moment_of(text)
    return lasting((now - at).total_seconds()) if at else ""


def until(text: str | None, now: datetime) -> str:
    at = moment_of(text)
    return lasting((at - now).total_seconds()) if at else ""


def lasting(seconds: float) -> str:
    """Whole seconds at the least, and short enough for the corner of a tile."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h {minutes:02d}m"
    return f"{hours // 24}d {hours % 24}h"


def latency(seconds: float | None) -> str:
    return "" if seconds is None else spell_duration(seconds)


def clock(text: str | None, zone: tzinfo, now: datetime) -> str:
    """`12:04:31` today, with the day before it on another one."""
    at = moment_of(text)
    if at is None:
        return ""
    there = at.astimezone(zone)
    return there.strftime("%H:%M:%S" if there.date() == now.astimezone(zone).date() else "%m-%d %H:%M")


def time(text: str | None, zone: tzinfo, now: datetime) -> str:
    """`22:00` today, with the day before it on another one: for what people plan by the minute."""
    at = moment_of(text)
    if at is None:
        return ""
    there = at.astimezone(zone)
    return there.strftime("%H:%M" if there.date() == now.astimezone(zone).date() else "%m-%d %H:%M")


def planned(one: View, zone: tzinfo, now: datetime, *, has_begun: bool) -> str:
    """When a vendor's maintenance is: `begins in 3h 00m, until 22:00`."""
    begins, ends = moment_of(one["started_at"]), moment_of(one["until"])
    if has_begun:
        said = "under way"
    elif begins is None:
        said = "begins at a time that is not said"
    elif begins > now:
        said = f"begins in {lasting((begins - now).total_seconds())}"
    else:
        said = f"should have begun {lasting((now - begins).total_seconds())} ago"
    if ends is None:
        return said
    is_late = has_begun and ends < now
    return f"{said}, {'was to end' if is_late else 'until'} {time(one['until'], zone, now)}"


def is_unread(row: View) -> bool:
    """Whether a vendor's page could not be read by the last look: what is known of it is older than that."""
    seen = row["checked_at"]
    return bool(row.get("vendor")) and seen is not None and row.get("read_at", seen) != seen


def last_read(row: View, now: datetime) -> str:
    """When a vendor's page was last read."""
    age = since(row.get("read_at"), now)
    return f"last read {age} ago" if age else "never read yet"


def full(text: str | None, zone: tzinfo) -> str:
    """With the name of the zone: for pages with room."""
    at = moment_of(text)
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z") if at else ""


def share(value: float | None) -> str:
    """An uptime; never rounded up to a hundred that it is not."""
    if value is None:
        return ""
    return f"{100 if value >= 1 else min(value * 100, 99.99):.2f} %"


def marks(row: View) -> list[str]:
    """What else there is to say of a service beside its status."""
    found = {
        "rehearsal": row.get("simulated"),
        "flapping": row["flapping"],
        "suppressed": row.get("suppressed_by"),
        "silenced": row.get("silenced"),
        "maintenance": row.get("maintenance") and row["status"] != "maintenance",
        "closed by hand": row.get("forgiven"),
    }
    return [mark for mark, holds in found.items() if holds]


def key_name(key: str) -> str:
    """A key as people read it."""
    names = {"escape": "esc", "pageup": "pgup", "pagedown": "pgdn", "space": "space"}
    return names.get(key, key.replace("ctrl+", "^"))
