"""What the pages of a board draw, over one moment of the store: a span in slices, days, and the newest looks.

Looks are read as they are packed: a latency as its code, which is a small integer, a status as a byte. Most hours lie
in one slice as a whole, and of those not even the times are worked out.
"""

from __future__ import annotations

import math
import sqlite3
import struct
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate

from tui_monitor.core.model import Look
from tui_monitor.core.ports import Chart, Day, Quantiles, Slice
from tui_monitor.core.status import Status, worst
from tui_monitor.store.history import Counts, at_one_moment, readable, rows_between
from tui_monitor.store.pack import (
    CONFIRMING,
    Columns,
    PackedLook,
    coarse,
    code_of,
    columns,
    latency_of,
    latency_of_coarse,
    timeless,
)
from tui_monitor.store.queries import SQL
from tui_monitor.store.rows import CODES, DAY, HOUR, SLOT, STATUSES, look_of, milliseconds, moment_of
from tui_monitor.store.sketch import Sketch
from tui_monitor.store.tally import Tally

_STATES = tuple(range(len(STATUSES)))
_DOWN = (CODES[Status.PARTIAL], CODES[Status.MAJOR])
_WELL = bytes([CODES[Status.OPERATIONAL]])
SHARES = (0.5, 0.95, 0.99, 1.0)
_FIRST_REACH = 8
"""Hours that are first searched for the newest looks; each further search reaches eight times as far."""


class _Bin:
    """What falls into one slice: a byte for the state of each look, and two for its coarse latency."""

    def __init__(self) -> None:
        self.states: list[bytes] = []
        self.latencies: list[bytes] = []

    def add(self, states: bytes, latencies: bytes) -> None:
        self.states.append(states)
        self.latencies.append(latencies)

    def counted(self) -> Counter[int]:
        """How often each latency was measured, by its coarse code."""
        together = b"".join(self.latencies)
        found = Counter(struct.unpack(f"<{len(together) // 2}H", together))
        del found[0]
        return found

    def slice(self, at: datetime, latencies: Mapping[int, int]) -> Slice:
        together = b"".join(self.states)
        rest = together.translate(None, _WELL)  # nearly all of them are well, and need no counting one by one
        found = Counter(rest)
        found[_WELL[0]] = len(together) - len(rest)
        found = +found
        kinds = {STATUSES[state & ~CONFIRMING] for state in found}
        return Slice(
            at,
            quantiles(latencies),
            worst(kinds) if kinds else None,
            sum(found[code] for code in _STATES),
            sum(found[code] for code in _DOWN),
            found[CODES[Status.MAINTENANCE]],
        )


def quantiles(latencies: Mapping[int, int]) -> Quantiles:
    """Of how often each was measured, by its coarse code."""
    if not latencies:
        return Quantiles()
    codes = sorted(latencies)
    seen = list(accumulate(latencies[code] for code in codes))
    places = (bisect_left(seen, max(1, math.ceil(share * seen[-1]))) for share in SHARES)
    return Quantiles(*(latency_of_coarse(codes[place]) for place in places))


# -- a span in slices ---------------------------------------------------------------------------------------------


def chart(
    connection: sqlite3.Connection, tally: Tally, service: str, since: datetime, until: datetime, points: int
) -> Chart:
    first, last = milliseconds(since), milliseconds(until)
    edges = [first + (last - first) * i // points for i in range(points)] + [last + 1]
    no = tally.numbers.get(service)
    if no is None:
        return Chart([Slice(moment_of(at)) for at in edges[:-1]])
    bins = [_Bin() for _ in range(points)]
    with at_one_moment(connection, tally) as counts, readable():
        span = connection.execute(SQL.packed_span).fetchone()
        for hour, blob in _blobs(connection, no, span, first // HOUR, last // HOUR):
            _put_packed(hour * HOUR, blob, edges, bins)
        _put(*_columns_of(rows_between(connection, counts, no, first, last)), edges, bins)
        horizon = last if span[0] is None else span[0] * HOUR
        days = _gone(connection, no, first, last, horizon)
    return _charted(edges, bins, days, horizon)


_Hours = tuple[int | None, int | None]
"""The first and the last packed hour of any service."""


def _blobs(
    connection: sqlite3.Connection, no: int, span: _Hours, first: int, last: int
) -> Iterator[tuple[int, bytes]]:
    """The packed hours of one service, from an hour to another."""
    oldest, newest = span
    if oldest is None or newest is None or max(oldest, first) > min(newest, last):
        return iter(())
    reach = {"service": no, "first": max(oldest, first), "last": min(newest, last)}
    return connection.execute(SQL.packed_hours_of, reach)


def _put_packed(begin: int, blob: bytes, edges: Sequence[int], bins: Sequence[_Bin]) -> None:
    """An hour that lies in one slice goes there whole."""
    place = bisect_right(edges, begin) - 1
    if 0 <= place < len(bins) and begin + HOUR <= edges[place + 1]:
        bins[place].add(*timeless(blob))
    else:
        _put(*columns(blob), edges, bins)


def _columns_of(rows: Sequence[PackedLook]) -> Columns:
    found = sorted(rows, key=lambda seen: seen[0])
    states = bytes(status | CONFIRMING if confirming else status for _, status, confirming, _ in found)
    return Columns([seen[0] for seen in found], states, [code_of(seen[3]) for seen in found])


def _put(ats: Sequence[int], states: bytes, codes: Sequence[int], edges: Sequence[int], bins: Sequence[_Bin]) -> None:
    """Whole stretches at a time, in order of time."""
    low = bisect_left(ats, edges[0])
    while low < len(ats) and ats[low] < edges[-1]:
        place = bisect_right(edges, ats[low]) - 1
        high = bisect_left(ats, edges[place + 1])
        bins[place].add(states[low:high], coarse(codes[low:high]))
        low = high


_Rolled = tuple[Sketch, list[int]]


def _gone(connection: sqlite3.Connection, no: int, first: int, last: int, horizon: int) -> dict[int, _Rolled]:
    """What is still known of days of which looks were forgotten: their sketch, and their counts per status."""
    if first >= horizon:
        return {}
    reach = (no * SLOT + first // DAY, no * SLOT + min(last, horizon) // DAY)
    rows = connection.execute(SQL.days_of, reach)
    return {day: (Sketch.unpacked(blob) if blob else Sketch(), counts) for day, *counts, blob in rows}


def _charted(edges: Sequence[int], bins: Sequence[_Bin], days: Mapping[int, _Rolled], horizon: int) -> Chart:
    together: Counter[int] = Counter()
    slices = []
    rolled: set[int] = set()
    for i, one in enumerate(bins):
        begin, end = edges[i], edges[i + 1]
        if days and end <= horizon and not one.states:
            meant = _days_meant(begin, end)
            slices.append(_of_days(moment_of(begin), [days[day] for day in meant if day in days], begin, end))
            rolled.update(day for day in meant if day in days)
        else:
            latencies = one.counted()
            slices.append(one.slice(moment_of(begin), latencies))
            together.update(latencies)
    for day in rolled:
        together.update(_codes_of(days[day][0]))
    total = together.total()
    mean = (
        sum((latency_of_coarse(code) or 0.0) * count for code, count in together.items()) / total if total else None
    )
    return Chart(slices, quantiles(together), mean)


def _days_meant(begin: int, end: int) -> Sequence[int]:
    """The days whose noon a slice holds; a slice of less has the day that its own middle lies in."""
    noons = range((begin + DAY // 2 - 1) // DAY, (end + DAY // 2 - 1) // DAY)
    return noons or [(begin + end) // 2 // DAY]


def _codes_of(sketch: Sketch) -> dict[int, int]:
    """On the scale of the others."""
    found: Counter[int] = Counter()
    for latency, count in sketch.latencies():
        found[struct.unpack("<H", coarse([code_of(latency)]))[0]] += count
    return found


def _of_days(at: datetime, days: Sequence[_Rolled], begin: int, end: int) -> Slice:
    together = Sketch()
    counts = [0] * len(STATUSES)
    for sketch, some in days:
        together.merge(sketch)
        counts = [one + more for one, more in zip(counts, some, strict=True)]
    kinds = [STATUSES[code] for code in _STATES if counts[code]]
    is_whole = end - begin >= DAY
    numbers = [sum(counts), sum(counts[code] for code in _DOWN), counts[CODES[Status.MAINTENANCE]]]
    known = numbers if is_whole or not kinds else [None] * len(numbers)
    return Slice(
        at,
        Quantiles(*(together.quantile(share) for share in SHARES)),
        worst(kinds) if kinds else None,
        *known,
    )


# -- days ---------------------------------------------------------------------------------------------------------


def days(connection: sqlite3.Connection, tally: Tally, service: str, until: datetime, count: int) -> list[Day]:
    """The counts of packed hours, and the looks that are not packed yet."""
    last = milliseconds(until) // DAY
    first = last - count + 1
    found: dict[int, Counter[Status]] = {day: Counter() for day in range(first, last + 1)}
    no = tally.numbers.get(service)
    if no is not None:
        with at_one_moment(connection, tally) as counts:
            for day, *numbers, _ in connection.execute(SQL.days_of, (no * SLOT + first, no * SLOT + last)):
                found[day].update(dict(zip(STATUSES, numbers, strict=True)))
            for at, status, confirming, _ in rows_between(connection, counts, no, first * DAY, (last + 1) * DAY - 1):
                if not confirming:
                    found[at // DAY][STATUSES[status]] += 1
    return [Day(moment_of(day * DAY), dict(+counted)) for day, counted in found.items()]


# -- the newest looks ---------------------------------------------------------------------------------------------


def lately(
    connection: sqlite3.Connection, tally: Tally, services: Sequence[str], count: int
) -> dict[str, list[Look]]:
    found: dict[str, list[Look]] = {}
    with at_one_moment(connection, tally) as counts, readable():
        span = connection.execute(SQL.packed_span).fetchone()
        for service in services:
            no = tally.numbers.get(service)
            newest = [] if no is None else _newest(connection, counts, no, span, count)
            found[service] = [look_of(*seen) for seen in newest]
    return found


def _newest(connection: sqlite3.Connection, counts: Counts, no: int, span: _Hours, count: int) -> list[PackedLook]:
    """Rows first, which are the newest but for clocks that were set; of what is packed no more than is needed."""
    rows: list[PackedLook] = []
    for hour in sorted((hour for hour in counts if no in counts[hour]), reverse=True):
        rows += rows_between(connection, counts, no, hour * HOUR, hour * HOUR)
        if len(rows) >= count:
            break
    rows.sort(key=lambda seen: seen[0])
    rows = rows[-count:]
    oldest, newest = span
    if oldest is None or newest is None:
        return rows
    enough = rows[0][0] // HOUR if len(rows) == count else oldest
    packed: list[PackedLook] = []
    last, reach = newest, _FIRST_REACH
    while last >= max(oldest, enough) and len(packed) < count:
        first = max(oldest, last - reach + 1)
        for _, blob in reversed(list(_blobs(connection, no, span, first, last))):
            packed += _tail(blob, count)
            if len(packed) >= count:
                break
        last, reach = first - 1, reach * 8
    return sorted(packed + rows, key=lambda seen: seen[0])[-count:]


def _tail(blob: bytes, count: int) -> list[PackedLook]:
    ats, states, codes = columns(blob)
    return [
        (at, state & ~CONFIRMING, int(bool(state & CONFIRMING)), latency_of(code))
        for at, state, code in zip(ats[-count:], states[-count:], codes[-count:], strict=True)
    ]
