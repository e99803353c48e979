"""When something holds: maintenance windows, once or by cron, and the active hours of a route. Moments are UTC.

People write hours of a clock on a wall, so these know time zones. A window lasts as long as it says in elapsed time,
also over a night in which the clocks change; one that falls into the hour that is left out begins right after it, and
one in the hour that comes twice begins once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tui_monitor.core.model import Service

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which services are meant: all that is written must hold, of several one must; all services where nothing is."""

    services: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def covers(self, service: Service) -> bool:
        if self.services and service.id not in self.services:
            return False
        if self.groups and service.group not in self.groups:
            return False
        return not self.tags or not set(self.tags).isdisjoint(service.tags)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another, which no longer belongs to it."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Window:
    """Planned work on some services: a span, or one of `lasts` seconds each time the cron line says so."""

    id: str
    target: str
    scope: Scope = Scope()
    span: Span | None = None
    cron: str = ""
    lasts: float = 0.0
    timezone: str = "UTC"
    reason: str = ""
    by: str = ""
    since: datetime | None = field(default=None)

    @property
    def is_over_at(self) -> datetime | None:
        """When it is over for good; None for one that comes again."""
        return self.span.until if self.span else None

    def open_at(self, at: datetime) -> Span | None:
        """The span that holds at a moment; of several that overlap, the one that began last."""
        if self.span is not None:
            return self.span if self.span.holds(at) else None
        begun = fired_before(self.cron, self.timezone, at)
        if begun is None:
            return None
        span = Span(begun, begun + timedelta(seconds=self.lasts))
        return span if span.holds(at) else None

    def next_after(self, at: datetime) -> Span | None:
        """The next span that begins after a moment."""
        if self.span is not None:
            return self.span if self.span.since > at else None
        begins = fires_after(self.cron, self.timezone, at)
        return Span(begins, begins + timedelta(seconds=self.lasts)) if begins else None


def check_cron(cron: str) -> None:
    """ValueError says what is wrong with a cron line, or that it never comes true."""
    if fires_after(cron, "UTC", datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise ValueError(f"{cron!r} never comes true")


def fires_after(cron: str, timezone: str, at: datetime) -> datetime | None:
    """The first moment of a cron line after another. ValueError: it is no cron line."""
    return _fired(cron, timezone, at, is_backward=False)


def fired_before(cron: str, timezone: str, at: datetime) -> datetime | None:
    """The last moment of a cron line up to another, that one included."""
    return _fired(cron, timezone, at + timedelta(microseconds=1), is_backward=True)


def _fired(cron: str, timezone: str, at: datetime, *, is_backward: bool) -> datetime | None:
    from cronsim import CronSim, CronSimError

    try:
        found: datetime = next(CronSim(cron, at.astimezone(zone_of(timezone)), reverse=is_backward))
    except CronSimError as error:
        raise ValueError(f"{cron!r} is not a cron line like '0 3 * * SUN': {error}") from None
    except StopIteration:
        return None
    return found.astimezone(UTC)


# -- active hours -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hours:
    """Some hours of some days of the week; hours that end before they begin go on into the next day."""

    days: frozenset[int] = frozenset(range(7))
    start: time = time(0)
    end: time = time(0)
    timezone: str = "UTC"

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(zone_of(self.timezone))
        clock, today = local.time(), local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        yesterday = (today - 1) % 7
        return (today in self.days and clock >= self.start) or (yesterday in self.days and clock < self.end)

    def opens_after(self, at: datetime) -> datetime:
        """The first moment from this one on at which it is open."""
        if self.is_open(at):
            return at
        today = at.astimezone(zone_of(self.timezone)).date()
        found = [
            begins
            for days in range(9)
            for begins in _moments_of(datetime.combine(today + timedelta(days=days), self.start), self.timezone)
            if begins >= at and self.is_open(begins)
        ]
        if not found:
            raise ValueError("these hours never come")
        return min(found)


def _moments_of(local: datetime, timezone: str) -> list[datetime]:
    """When a clock on the wall shows this: once, twice in autumn; in spring the minutes around the hour left out."""
    zone = zone_of(timezone)
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    if early <= late and early.astimezone(zone).replace(tzinfo=None) == local:
        return [early]
    if early > late:
        return [late, early]
    return [early + timedelta(minutes=minute) for minute in range(int((late - early).total_seconds()) // 60 + 1)]


def parse_hours(text: str, timezone: str) -> Hours:
    """`mon-fri 08:00-18:00`, `sat,sun`, `22:00-06:00`, each with a time zone after it if it has one of its own."""
    days, hours = frozenset(range(7)), (time(0), time(0))
    for word in text.split():
        if "/" in word or word == "UTC":
            timezone = word
            zone_of(word)
        elif word[0].isdigit():
            hours = _clock_span(word)
        else:
            days = frozenset(day for part in word.split(",") for day in _days_of(part))
    return Hours(days, *hours, timezone)


def _days_of(part: str) -> Sequence[int]:
    first, _, last = part.partition("-")
    names = [name[:3].lower() for name in (first, last or first)]
    if any(name not in DAYS for name in names):
        raise ValueError(f"{part!r} are no days: write them like mon-fri or sat,sun")
    begin, end = map(DAYS.index, names)
    return [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]


def _clock_span(word: str) -> tuple[time, time]:
    first, _, last = word.partition("-")
    try:
        begin, end = time.fromisoformat(first), time.fromisoformat("00:00" if last == "24:00" else last)
    except ValueError:
        raise ValueError(f"{word!r} are no hours: write them like 08:00-18:00") from None
    return begin, end


def spell_moment(at: datetime, now: datetime, timezone: str) -> str:
    """A moment as people say it: the clock time, with the day where it is not today."""
    local = at.astimezone(zone_of(timezone))
    today = now.astimezone(zone_of(timezone)).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%a %H:%M}" if 0 < (local.date() - today).days < 7 else f"{local:%Y-%m-%d %H:%M}"
