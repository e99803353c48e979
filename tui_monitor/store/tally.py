"""What lies unpacked, counted in memory: kept with each commit, so that an uptime need not count rows.

A count is four numbers in one integer (up, down, maintenance, unknown, 32 bits each): adding two adds all four.
Readers and the writer share this. Only moving looks from rows into a packed hour could make a reader count them twice
or not at all, so that move's commit and a reader's first statement exclude each other by `moving`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable

from tui_monitor.core.ports import Uptime
from tui_monitor.store.queries import SQL

_BITS = 32
_MASK = (1 << _BITS) - 1
_UP, _DOWN, _MAINTENANCE, _UNKNOWN = (1 << (_BITS * place) for place in range(4))
UNITS = (_UP, _MAINTENANCE, _UP, _DOWN, _DOWN, _UNKNOWN)
"""What one look adds, by the code of its status."""


class Tally:
    """Counts by hour and service; an entry of 0 says that rows are there, though none of them counts."""

    def __init__(self) -> None:
        self.moving = threading.Lock()
        self.numbers: dict[str, int] = {}
        self.newest: dict[int, int] = {}
        self.hours: dict[int, dict[int, int]] = {}

    def count(self, connection: sqlite3.Connection) -> None:
        """Once, at the start, before anything is committed."""
        self.numbers.update({name: no for no, name in connection.execute(SQL.services)})
        for no, hour, status, confirming, count, newest in connection.execute(SQL.unpacked):
            self.add(hour, no, 0 if confirming else count * UNITS[status])
            self.newest[no] = max(newest, self.newest.get(no, 0))

    def add(self, hour: int, no: int, count: int) -> None:
        services = self.hours.get(hour)
        if services is None:
            services = self.hours[hour] = {}
        services[no] = services.get(no, 0) + count

    def remove(self, hour: int, numbers: Iterable[int]) -> None:
        services = self.hours[hour]
        for no in numbers:
            services.pop(no, None)
        if not services:
            del self.hours[hour]


def packed_count(up: int, down: int, maintenance: int, unknown: int) -> int:
    return up * _UP + down * _DOWN + maintenance * _MAINTENANCE + unknown * _UNKNOWN


def uptime_of(count: int) -> Uptime:
    up, down, maintenance, unknown = (count >> (_BITS * place) & _MASK for place in range(4))
    return Uptime(up, down, maintenance, unknown)


def total_of(count: int) -> int:
    return sum(count >> (_BITS * place) & _MASK for place in range(4))
