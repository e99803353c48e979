"""A slow, obvious model of cron lines and active hours: somebody who looks at a clock on the wall minute by minute.

Days on which the clocks are not changed are reckoned instead of watched, so that ten years pass in a moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tui_monitor.core.window import Hours

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
EARLIER = timedelta(hours=4)

ZONES = (
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/St_Johns",
    "America/Havana",
    "Asia/Beirut",
)
"""With half an hour of summer time, with clocks that change at midnight, and with a day that was left out."""


@dataclass(frozen=True)
class Line:
    """A cron line of plain numbers, written apart: `None` is a star, and minutes or hours may have a step."""

    minutes: tuple[int, ...] | None
    hours: tuple[int, ...] | None
    days: tuple[int, ...] | None = None
    months: tuple[int, ...] | None = None
    weekdays: tuple[int, ...] | None = None
    step: int = 1

    def __str__(self) -> str:
        minutes = "*" if self.step == 1 else f"*/{self.step}"
        fields = (self.minutes, self.hours, self.days, self.months, self.weekdays)
        first, *others = ("*" if field is None else ",".join(map(str, field)) for field in fields)
        return " ".join([minutes if self.minutes is None else first, *others])

    @property
    def is_fixed(self) -> bool:
        return self.minutes is not None and self.hours is not None

    def is_of(self, day: date) -> bool:
        """Of two restrictions on the day either is enough, as in cron; of one, that one."""
        if self.months is not None and day.month not in self.months:
            return False
        by_number = None if self.days is None else day.day in self.days
        by_name = None if self.weekdays is None else day.isoweekday() % 7 in self.weekdays
        known = [one for one in (by_number, by_name) if one is not None]
        return any(known) if known else True

    def says(self, wall: datetime) -> bool:
        if not self.is_of(wall.date()) or (self.hours is not None and wall.hour not in self.hours):
            return False
        return wall.minute in self.minutes if self.minutes is not None else wall.minute % self.step == 0


@dataclass(frozen=True)
class Glance:
    """One minute at the clock: what it shows, what it has left out, and whether it has shown this before."""

    at: datetime
    wall: datetime
    skipped: tuple[datetime, ...]
    is_repeated: bool


def shown(zone: str, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def glances(zone: str, since: datetime, until: datetime) -> Iterator[Glance]:
    at, before, latest = since, shown(zone, since - MINUTE), shown(zone, since - MINUTE)
    while at < until:
        wall = shown(zone, at)
        missing = max(0, (wall - before) // MINUTE - 1)
        skipped = tuple(before + (number + 1) * MINUTE for number in range(missing))
        yield Glance(at, wall, skipped, wall <= latest)
        at, before, latest = at + MINUTE, wall, max(latest, wall)


@cache
def watched(zone: str, day: datetime) -> tuple[Glance, ...]:
    """A day in UTC, watched from a few hours before so that what is repeated is known to be."""
    return tuple(one for one in glances(zone, day - EARLIER, day + DAY) if one.at >= day)


@cache
def is_changing(zone: str, day: datetime) -> bool:
    zones = ZoneInfo(zone)
    return (day - EARLIER).astimezone(zones).utcoffset() != (day + DAY).astimezone(zones).utcoffset()


def firings(line: Line, zone: str, since: datetime, until: datetime) -> list[datetime]:
    """Each moment from one to another at which somebody at the clock would begin what the line says."""
    found: list[datetime] = []
    day = datetime.combine(since.astimezone(UTC).date(), time(0), UTC)
    while day < until:
        if any(line.is_of(day.date() + days * DAY) for days in (-1, 0, 1)):
            found += _seen(line, zone, day) if is_changing(zone, day) else _reckoned(line, zone, day)
        day += DAY
    return [one for one in found if since <= one < until]


def _seen(line: Line, zone: str, day: datetime) -> list[datetime]:
    return [one.at for one in watched(zone, day) if _begins(line, one)]


def _begins(line: Line, glance: Glance) -> bool:
    if line.is_fixed:
        now = not glance.is_repeated and line.says(glance.wall)
        return now or any(map(line.says, glance.skipped))
    return line.says(glance.wall)


def _reckoned(line: Line, zone: str, day: datetime) -> list[datetime]:
    first = shown(zone, day)
    offset = first - day.replace(tzinfo=None)
    hours = range(24) if line.hours is None else sorted(line.hours)
    minutes = range(0, 60, line.step) if line.minutes is None else sorted(line.minutes)
    dates = [one for one in (first.date(), first.date() + DAY) if line.is_of(one)]
    walls = [datetime.combine(one, time(hour, minute)) for one in dates for hour in hours for minute in minutes]
    return [(wall - offset).replace(tzinfo=UTC) for wall in walls if first <= wall < first + DAY]


@cache
def changes(zone: str, first: int, last: int) -> tuple[datetime, ...]:
    """The first moment of each time by which clocks were changed, to the minute, in some years."""
    day, found, zones = datetime(first, 1, 1, tzinfo=UTC), [], ZoneInfo(zone)
    while day.year < last:
        before = day.astimezone(zones).utcoffset()
        if before != (day + DAY).astimezone(zones).utcoffset():
            minutes = (day + number * MINUTE for number in range(1441))
            found.append(next(at for at in minutes if at.astimezone(zones).utcoffset() != before))
        day += DAY
    return tuple(found)


# -- active hours ---------------------------------------------------------------------------------------------------


def is_working(hours: Sequence[Hours], at: datetime) -> bool:
    return any(_works(one, shown(one.timezone, at)) for one in hours)


def _works(hours: Hours, wall: datetime) -> bool:
    """Whether a clock that shows this is between start and end of a day that counts, or of the night after it."""
    for day in (wall.date() - DAY, wall.date()):
        begins, ends = datetime.combine(day, hours.start), datetime.combine(day, hours.end)
        ends += DAY if ends <= begins else timedelta(0)
        if day.weekday() in hours.days and begins <= wall < ends:
            return True
    return False


def first_working(hours: Sequence[Hours], at: datetime, within: timedelta) -> datetime | None:
    """Asked minute by minute."""
    if is_working(hours, at):
        return at
    minute = at.replace(second=0, microsecond=0) + MINUTE
    while minute < at + within:
        if is_working(hours, minute):
            return minute
        minute += MINUTE
    return None
