"""Looks, uptimes and sparklines, over one moment of the store.

How far a span reaches back, exactly: an uptime counts whole hours. A span begins with the hour in which it begins (a
24 h uptime at 12:34 counts from 12:00 of the day before), and where the hours of that day are already gone, with the
UTC day in which it begins. It has no upper end: what a clock that was wrong has put into the future was seen, too.
Counted are scheduled looks; times without looks (monitor off) count for nothing, since there is nothing to count.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Look
from tui_monitor.core.ports import Uptime
from tui_monitor.store.pack import FLOOR, STEP, code_of, columns, unpack
from tui_monitor.store.queries import SQL
from tui_monitor.store.rows import DAY, HOUR, SLOT, look_of, milliseconds
from tui_monitor.store.sketch import Sketch
from tui_monitor.store.tally import Tally, packed_count, uptime_of

FEW = 16
"""Up to so many services are read one by one; more are faster in one sweep over all."""
_HOURS = DAY // HOUR
_FAR = SLOT - 1

Counts = dict[int, dict[int, int]]
"""The tally of one moment: hour, service, count."""


@contextmanager
def at_one_moment(connection: sqlite3.Connection, tally: Tally) -> Iterator[Counts]:
    """Everything inside sees the store as it is now, in step with the tally that is handed over."""
    try:
        with tally.moving:
            connection.execute(SQL.snapshot)
            connection.execute(SQL.mark, ("hours",)).fetchone()  # a snapshot begins with the first thing read
            counts = {hour: dict(services) for hour, services in list(tally.hours.items())}
        yield counts
    finally:
        if connection.in_transaction:
            connection.execute(SQL.commit)


# -- looks --------------------------------------------------------------------------------------------------------


def looks(connection: sqlite3.Connection, tally: Tally, service: str, since: datetime, until: datetime) -> list[Look]:
    """Both ends included; in order of time."""
    no = tally.numbers.get(service)
    if no is None:
        return []
    first, last = milliseconds(since), milliseconds(until)
    with at_one_moment(connection, tally) as counts, readable():
        found = [seen for blob in _blobs(connection, no, first, last) for seen in unpack(blob)]
        found += rows_between(connection, counts, no, first, last)
    found.sort(key=lambda seen: seen[0])
    return [look_of(*seen) for seen in found if first <= seen[0] <= last]


def _blobs(connection: sqlite3.Connection, no: int, first: int, last: int) -> Iterable[bytes]:
    oldest, newest = connection.execute(SQL.packed_span).fetchone()
    if oldest is None:
        return []
    reach = {"service": no, "first": max(oldest, first // HOUR), "last": min(newest, last // HOUR)}
    if reach["first"] > reach["last"]:
        return []
    return (blob for (blob,) in connection.execute(SQL.packed_of, reach))


def rows_between(
    connection: sqlite3.Connection, counts: Counts, no: int, first: int, last: int
) -> list[tuple[int, int, int, float | None]]:
    hours = sorted(hour for hour in counts if no in counts[hour] and first // HOUR <= hour <= last // HOUR)
    return [
        row[1:]
        for hour in hours
        for row in connection.execute(SQL.looks_of_hour, {"hour": hour, "first": no, "last": no})
    ]


@contextmanager
def readable() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise StoreError(f"Some of the looks cannot be read: {error}.") from error


# -- sparkline ----------------------------------------------------------------------------------------------------


def sparkline(
    connection: sqlite3.Connection, tally: Tally, service: str, since: datetime, until: datetime, points: int
) -> list[float | None]:
    """Median latency per slice; from the day's sketch where the looks themselves are gone."""
    no = tally.numbers.get(service)
    if no is None:
        return [None] * points
    first, last = milliseconds(since), milliseconds(until)
    edges = [first + (last - first) * i // points for i in range(points)] + [last + 1]
    slices: list[list[int]] = [[] for _ in range(points)]
    with at_one_moment(connection, tally) as counts, readable():
        for blob in _blobs(connection, no, first, last):
            _slice_packed(blob, edges, slices)
        for at, _, _, latency in rows_between(connection, counts, no, first, last):
            if latency is not None and first <= at <= last:
                slices[bisect_right(edges, at) - 1].append(code_of(latency))
        sketches = _sketches(connection, no, first, last)
    return [_median(codes) if codes else _middle(sketches, edges[i], edges[i + 1]) for i, codes in enumerate(slices)]


def _slice_packed(blob: bytes, edges: Sequence[int], slices: Sequence[list[int]]) -> None:
    """Whole stretches at a time: a day of looks is thousands, its slices are few."""
    ats, _, codes = columns(blob)
    for i in range(bisect_right(edges, ats[0]) - 1, len(slices)):
        begin, end = bisect_left(ats, edges[i]) if i >= 0 else 0, bisect_left(ats, edges[i + 1])
        if i >= 0:
            slices[i].extend(filter(None, codes[begin:end]))
        if end == len(ats):
            return


def _median(codes: list[int]) -> float:
    """Sorted as codes, which are small integers, and only the middle turned into seconds."""
    codes.sort()
    low, high = codes[(len(codes) - 1) // 2], codes[len(codes) // 2]
    return (FLOOR * STEP ** (low - 1) + FLOOR * STEP ** (high - 1)) / 2


def _sketches(connection: sqlite3.Connection, no: int, first: int, last: int) -> dict[int, Sketch]:
    reach = (no * SLOT + first // DAY, no * SLOT + last // DAY)
    return {day: Sketch.unpacked(blob) for day, blob in connection.execute(SQL.sketches, reach)}


def _middle(sketches: dict[int, Sketch], begin: int, end: int) -> float | None:
    """Of the days whose noon the slice holds; a slice of less has the day that its own middle lies in."""
    noons = range((begin + DAY // 2 - 1) // DAY, (end + DAY // 2 - 1) // DAY)
    together = Sketch()
    for day in noons or [(begin + end) // 2 // DAY]:
        if day in sketches:
            together.merge(sketches[day])
    return together.quantile(0.5)


# -- uptimes ------------------------------------------------------------------------------------------------------


def uptimes(
    connection: sqlite3.Connection, tally: Tally, services: Sequence[str], now: datetime, spans: Sequence[float]
) -> dict[str, list[Uptime]]:
    numbers = [tally.numbers.get(service, 0) for service in services]
    until = milliseconds(now)
    with at_one_moment(connection, tally) as counts:
        few = len(numbers) <= FEW
        count = _FewCounts(connection, numbers) if few else _AllCounts(connection)
        (folded,) = connection.execute(SQL.mark, ("hours",)).fetchone()
        reached = sorted({_begin(until - round(span * 1000), folded) for span in spans})
        sums = _sums(count, counts, reached)
    return {
        service: [uptime_of(sums[_begin(until - round(span * 1000), folded)][no]) for span in spans]
        for service, no in zip(services, numbers, strict=True)
    }


def _begin(at: int, folded: int) -> int:
    """The hour with which a span begins that reaches back to this millisecond."""
    hour = max(0, at // HOUR)
    return hour if hour >= folded * _HOURS else hour // _HOURS * _HOURS


def _sums(
    count: _AllCounts | _FewCounts, unpacked: Counts, begins: Sequence[int]
) -> dict[int, defaultdict[int, int]]:
    """Per beginning and service. Days are swept once: a longer span is a shorter one and the days before it."""
    sums: dict[int, defaultdict[int, int]] = {}
    days: defaultdict[int, int] = defaultdict(int)
    end = _FAR
    for begin in reversed(begins):
        whole = -(-begin // _HOURS)
        for no, number in count.in_days(whole, end):
            days[no] += number
        end = min(end, whole)
        total = sums[begin] = defaultdict(int, days)
        for no, number in count.in_hours(begin, whole * _HOURS):
            total[no] += number
        for hour, services in unpacked.items():
            if hour >= begin:
                for no, number in services.items():
                    total[no] += number
    return sums


class _AllCounts:
    """Counts of every service, in one sweep."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def in_hours(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        for no, *kinds in self.connection.execute(SQL.uptime_in_hours, (first * SLOT, end * SLOT)):
            yield no, packed_count(*kinds)

    def in_days(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        for no, *kinds in self.connection.execute(SQL.uptime_in_days, {"first": first, "end": end}):
            yield no, packed_count(*kinds)


class _FewCounts:
    """Counts of a few services, each by its own slots."""

    def __init__(self, connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
        self.connection = connection
        self.numbers = sorted(set(numbers))

    def in_hours(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        return self._each(SQL.uptime_in_hours_of, first, end)

    def in_days(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        return self._each(SQL.uptime_in_days_of, first, end)

    def _each(self, query: str, first: int, end: int) -> Iterator[tuple[int, int]]:
        for number in self.numbers:
            reach = {"service": number, "first": first, "end": end}
            for no, *kinds in self.connection.execute(query, reach):
                if kinds[0] is not None:
                    yield no, packed_count(*kinds)
