"""When something holds: maintenance windows, once or by cron, and the active hours of a route. Moments are UTC.

People write hours of a clock on a wall, so these know time zones. A window lasts as long as it says in elapsed time,
also over a night in which the clocks change; one whose fixed hour is left out begins right after it, and one in the
hour that comes twice begins once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from tui_monitor.core.model import Service

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)

_REPEATED = timedelta(hours=3)
"""No clock is set back by more in one night."""

_DAYS_AHEAD = 16
"""Hours that come once a week are left out at most once, when the clocks are set forward over them."""


@cache
def zone_of(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # 15 ms, and most configs name no zone

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

    def spans_within(self, since: datetime, until: datetime, most: int) -> list[Span]:
        """The spans that touch a time, oldest first; of more than so many only the newest."""
        if self.span is not None:
            return [self.span] if self.span.since <= until and self.span.until > since else []
        found: list[Span] = []
        begun = fired_before(self.cron, self.timezone, until)
        while begun is not None and begun + timedelta(seconds=self.lasts) > since and len(found) < most:
            found.append(Span(begun, begun + timedelta(seconds=self.lasts)))
            begun = fired_before(self.cron, self.timezone, begun - timedelta(microseconds=1))
        return found[::-1]

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
    return _fired(cron, timezone, at, is_backward=True)


def _fired(cron: str, timezone: str, at: datetime, *, is_backward: bool) -> datetime | None:
    """Found on the clock of a wall that never changes, then put into the time zone."""
    from cronsim import CronSim, CronSimError

    line, zone = cron.split(), zone_of(timezone)
    if len(line) != 5:
        raise ValueError(f"{cron!r} is not a cron line like '0 3 * * SUN': it has {len(line)} fields, not 5")
    is_fixed = not line[0].startswith("*") and not line[1].startswith("*")
    wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
    around = {(at + side * _REPEATED).astimezone(zone).utcoffset() for side in (-1, 1)}
    beside = _REPEATED if len(around) > 1 else timedelta(microseconds=1)
    found: list[datetime] = []
    try:
        for local in CronSim(cron, wall + beside if is_backward else wall - beside, reverse=is_backward):
            begins = _begins(local, zone, is_fixed=is_fixed)
            found += [one for one in begins if (one <= at if is_backward else one > at)]
            is_past = local < wall - beside if is_backward else bool(begins) and begins[0] > at
            if found and (is_past or is_fixed):
                return max(found) if is_backward else min(found)
    except CronSimError as error:
        raise ValueError(f"{cron!r} is not a cron line like '0 3 * * SUN': {error}") from None
    return None


def _begins(local: datetime, zone: ZoneInfo, *, is_fixed: bool) -> list[datetime]:
    """When a clock on the wall shows what a cron line says, as cron itself takes it.

    A line with a star for the minute or the hour follows the clock: not in an hour left out, twice in one repeated.
    """
    once, again = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if once > again:
        return [_turn_between(again, once, zone)] if is_fixed else []
    return [once] if is_fixed or once == again else [once, again]


def _turn_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of a zone are changed, to the second."""
    was = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == was:
            before = middle
        else:
            after = middle
    return after


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
        zone = zone_of(self.timezone)
        today = at.astimezone(zone).date()
        for day in (today + timedelta(days=days) for days in range(_DAYS_AHEAD)):
            found = [one for one in _edges_of(day, self.start, zone) if one > at and self.is_open(one)]
            if found:
                return min(found)
        raise ValueError("these hours never come")


def _edges_of(day: date, start: time, zone: ZoneInfo) -> list[datetime]:
    """The moments of a day at which hours may begin: at their start, twice in autumn, and when the clocks change."""
    local = datetime.combine(day, start, zone)
    starts = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    midnight = datetime.combine(day, time(0), zone)
    begin, end = midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
    if begin.astimezone(zone).utcoffset() == end.astimezone(zone).utcoffset():
        return starts
    return [*starts, _turn_between(begin, end, zone)]


def parse_hours(text: str, timezone: str) -> Hours:
    """`mon-fri 08:00-18:00`, `sat,sun`, `22:00-06:00`, each with a time zone after it if it has one of its own."""
    days, hours, zones = [], [], []
    for word in text.split():
        if "/" in word or word == "UTC":
            zones.append(zone_of(word).key)
        elif word[0].isdigit():
            hours.append(_clock_span(word))
        else:
            days.append(frozenset(day for part in word.split(",") for day in _days_of(part)))
    for found, what in ((days, "days"), (hours, "hours"), (zones, "time zones")):
        if len(found) > 1:
            raise ValueError(f"{text!r} has {what} twice: write one line for each")
    begin, end = hours[0] if hours else (time(0), time(0))
    return Hours(days[0] if days else frozenset(range(7)), begin, end, zones[0] if zones else timezone)


def _days_of(part: str) -> Sequence[int]:
    first, dash, last = part.partition("-")
    begin, end = _day_of(first), _day_of(last if dash else first)
    if begin is None or end is None:
        raise ValueError(f"{part!r} are no days: write them like mon-fri or sat,sun")
    return [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]


def _day_of(name: str) -> int | None:
    """The number of a day by its name, or the first three letters or more of it."""
    fits = [day for day, full in enumerate(DAYS) if len(name) >= 3 and full.startswith(name.lower())]
    return fits[0] if fits else None


def _clock_span(word: str) -> tuple[time, time]:
    first, _, last = word.partition("-")
    begin, end = _CLOCK.fullmatch(first), _CLOCK.fullmatch("00:00" if last == "24:00" else last)
    if begin is None or end is None:
        raise ValueError(f"{word!r} are no hours: write them like 08:00-18:00")
    return time(int(begin[1]), int(begin[2])), time(int(end[1]), int(end[2]))


def spell_moment(at: datetime, now: datetime, timezone: str) -> str:
    """A moment as people say it: the clock time, with the day where it is not today."""
    local = at.astimezone(zone_of(timezone))
    today = now.astimezone(zone_of(timezone)).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%a %H:%M}" if 0 < (local.date() - today).days < 7 else f"{local:%Y-%m-%d %H:%M}"
