"""The one connection that changes the store: batches in, each kept together or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Event
from tui_monitor.store.opening import plainly, transaction
from tui_monitor.store.queries import SQL
from tui_monitor.store.rows import MINUTE, Rows, value_of
from tui_monitor.store.tally import UNITS, Tally

LookRow = tuple[int, int, int, int, int, float | None]


class Writer:
    """Not for two threads at once: whoever owns it calls it from one thread, or without threads.

    Batches that somebody acts on (events, told, incidents, settings) are committed with a sync of the log, so that
    they outlive a power loss; batches of looks alone without one: they outlive a kill, and a power loss may cost the
    seconds since the last sync. A sync per look is what wears disks out and makes monitors slow.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self.tally = Tally()
        self._synced: bool | None = None
        self._added: list[LookRow] = []

    def count(self) -> None:
        """Before the first commit; apart from the opening, so that a long history delays no first look."""
        with plainly(self.path):
            self.tally.count(self.connection)

    def commit(self, batches: Sequence[Rows]) -> None:
        """Several batches in one transaction; StoreError and none of them kept if any cannot be."""
        numbers = self.tally.numbers
        known = len(numbers)
        self._added.clear()
        with plainly(self.path):
            self.sync(any(rows.is_promised for rows in batches))
            try:
                with transaction(self.connection):
                    for rows in batches:
                        self._write(rows)
            except BaseException:
                while len(numbers) > known:
                    numbers.popitem()
                raise
        for minute, no, _, status, confirming, _ in self._added:
            self.tally.add(minute // 60, no, 0 if confirming else UNITS[status])

    def sync(self, wanted: bool) -> None:
        if wanted is not self._synced:
            self.connection.execute("pragma synchronous = full" if wanted else "pragma synchronous = normal")
            self._synced = wanted

    def _write(self, rows: Rows) -> None:
        if rows.looks:
            self._add_looks(rows.looks)
        many = self.connection.executemany
        if rows.beliefs:
            many(SQL.put_belief, rows.beliefs)
        if rows.incidents:
            many(SQL.put_incident, rows.incidents)
        for event in rows.events:
            self._append(event)
        if rows.told:
            many(SQL.put_told, rows.told)
        if rows.settings:
            many(SQL.put_setting, rows.settings)

    def _append(self, event: tuple[str, int, int, str]) -> None:
        """Only once: the same again changes nothing, something else under the same number is refused."""
        if self.connection.execute(SQL.add_event, event).rowcount:
            return
        subject, n, _, text = event
        (kept,) = self.connection.execute(SQL.event, (subject, n)).fetchone()
        if kept != text and value_of(Event, kept) != value_of(Event, text):
            raise StoreError(f"Event {n} of {subject} is already written, with other content.")

    def _add_looks(self, looks: Sequence[tuple[str, int, int, int, float | None]]) -> None:
        """A look that comes at or before an earlier one (a stepped clock) takes the next millisecond that is free."""
        fresh: list[LookRow] = []
        newest, numbers = self.tally.newest, self.tally.numbers
        for service, at, status, confirming, latency in looks:
            no = numbers.get(service) or self._number(service)
            if at > newest.get(no, -1):
                newest[no] = at
                fresh.append((at // MINUTE, no, at, status, confirming, latency))
                continue
            self._add_rows(fresh)
            fresh = []
            free = self._free(no, at)
            newest[no] = max(newest[no], free)
            fresh.append((free // MINUTE, no, free, status, confirming, latency))
        self._add_rows(fresh)

    def _add_rows(self, rows: list[LookRow]) -> None:
        self.connection.executemany(SQL.add_look, rows)
        self._added += rows

    def _free(self, no: int, at: int) -> int:
        while self.connection.execute(SQL.has_look, (at // MINUTE, no, at)).fetchone():
            at += 1
        return at

    def _number(self, service: str) -> int:
        no = len(self.tally.numbers) + 1
        self.connection.execute(SQL.add_service, (no, service))
        self.tally.numbers[service] = no
        return no
