"""A moment to come, as people write one: a time of the day, tomorrow's, so long from now, or a date and a time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from tui_monitor.core.text import clean, duration_of

LONGEST = 10 * 366 * 86400.0
"""Seconds that a moment may lie ahead: what is planned for later was hardly meant."""

ADVICE = "write it like 22:00, tomorrow 03:00, +2h or 2030-01-31T22:00Z"

_CLOCK = re.compile(r"(?:(today|tomorrow)\s+)?(\d{1,2}:\d\d(?::\d\d)?)", re.IGNORECASE | re.ASCII)
_DATED = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T|\s+)(\d{1,2}:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s*(Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE | re.ASCII,
)


def moment_of(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment that is meant by whoever reads clocks of this zone. ValueError says what is wrong with the text."""
    stripped = text.strip()
    if stripped.startswith("+"):
        return _later(duration_of(stripped[1:]), now)
    if clock := _CLOCK.fullmatch(stripped):
        found = _next(clock[1], _time(clock[2], stripped), now, zone)
    elif dated := _DATED.fullmatch(stripped):
        found = _on(_date(dated[1], stripped, now), _time(dated[2], stripped), dated[3], now, zone)
    else:
        raise ValueError(f"{clean(stripped, 60)!r} is not a moment: {ADVICE}")
    if found < now:
        raise ValueError(f"{clean(stripped, 60)!r} is past")
    return _later((found - now).total_seconds(), now)


def _later(seconds: float, now: datetime) -> datetime:
    if seconds > LONGEST:
        raise ValueError("that is more than ten years ahead")
    return (now + timedelta(seconds=seconds)).astimezone(UTC)


def _next(day: str | None, clock: time, now: datetime, zone: tzinfo) -> datetime:
    """Without a day the next time that the clocks show it, today or tomorrow."""
    today = now.astimezone(zone).date()
    if (day or "").lower() == "tomorrow":
        return _local(today + timedelta(days=1), clock, now, zone)
    found = _local(today, clock, now, zone)
    return found if day or found >= now else _local(today + timedelta(days=1), clock, now, zone)


def _on(day: date, clock: time, offset: str | None, now: datetime, zone: tzinfo) -> datetime:
    if offset is None:
        return _local(day, clock, now, zone)
    try:
        return datetime.fromisoformat(f"{day}T{clock}{offset.upper()}")
    except ValueError:
        raise ValueError(f"no zone is {offset} from UTC") from None


def _local(day: date, clock: time, now: datetime, zone: tzinfo) -> datetime:
    """Of a time that the clocks show twice, the first that is not past; one yet to come that they skip is refused."""
    shown = datetime.combine(day, clock, zone)
    first, second = shown.astimezone(UTC), shown.replace(fold=1).astimezone(UTC)
    if first < now:
        return max(first, second)
    if first.astimezone(zone).replace(tzinfo=None) != shown.replace(tzinfo=None):
        raise ValueError(f"the clocks skip {clock:%H:%M} on {day}: name another time")
    return first


def _time(text: str, whole: str) -> time:
    try:
        return time.fromisoformat(f"0{text}" if text[1] == ":" else text)
    except ValueError:
        raise ValueError(f"{clean(whole, 60)!r} is not a moment: there is no time {text}") from None


def _date(text: str, whole: str, now: datetime) -> date:
    """Days near the ends of the calendar are told apart here, where no zone has moved them beyond it yet."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{clean(whole, 60)!r} is not a moment: there is no day {text}") from None
    if abs(day - now.date()).total_seconds() > LONGEST + 2 * 86400:
        raise ValueError(f"{day} is past" if day < now.date() else "that is more than ten years ahead")
    return day
