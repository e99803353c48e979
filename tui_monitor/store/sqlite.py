"""The embedded store: core's `Store` over SQLite, with one thread that writes and two that read.

Readers have connections of their own, and SQLite's log of changes lets them read while the writer writes: a question
about history never waits for a commit. Here is only who runs where; what is written is in writer.py, what is read in
reader.py and history.py, what is packed and forgotten in tidying.py.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Event, Incident, Look, Told
from tui_monitor.core.ports import Account, Batch, Chart, Checkpoint, Day, Uptime
from tui_monitor.store import charts, history, reader
from tui_monitor.store.opening import connect, open_readonly, open_sound, plainly
from tui_monitor.store.rows import Rows, milliseconds, rows_of
from tui_monitor.store.tally import Tally
from tui_monitor.store.tidying import Keeping, Tidying
from tui_monitor.store.writer import Writer

T = TypeVar("T")

READERS = 2


class Waiting:
    """A batch in the queue; several that wait together share one transaction."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.is_done = False
        self.error = ""


class SqliteStore:
    """Made by `open_store`. `notice` is what a person should be told about this store, "" if nothing."""

    def __init__(
        self, path: Path, writer: Writer, readers: Sequence[sqlite3.Connection], keeping: Keeping, *, notice: str
    ) -> None:
        self.path = path
        self.notice = notice
        self._writer = writer
        self._tidying = Tidying(writer, keeping)
        self._waiting: deque[Waiting] = deque()
        self._readers: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        for connection in readers:
            self._readers.put(connection)
        self._reading = ThreadPoolExecutor(READERS, "store-reader") if readers else None
        self._writing = ThreadPoolExecutor(1, "store-writer") if readers else None
        self._is_closed = False
        self._counting: Future[None] | None = None
        if self._writing is None:
            writer.count()
        else:
            self._counting = self._writing.submit(writer.count)

    def __repr__(self) -> str:
        return f"<SqliteStore {self.path} {'closed' if self._is_closed else 'open'}>"

    async def commit(self, batch: Batch) -> None:
        """Durable when it returns: through a kill always, through a power loss where somebody acts on it."""
        waiting = Waiting(rows_of(batch))
        self._waiting.append(waiting)
        try:
            await self._write(self._commit_waiting, waiting)
        except asyncio.CancelledError:
            with suppress(ValueError):  # the writer may have it already, which is no harm
                self._waiting.remove(waiting)
            raise

    def _commit_waiting(self, own: Waiting) -> None:
        """Called once for each batch that waits; whoever comes first takes all of them along."""
        group = [] if own.is_done else self._taken()
        if len(group) > 1:
            self._commit_together(group)
        if not own.is_done:
            self._writer.commit([own.rows])
            own.is_done = True
        if own.error:
            raise StoreError(own.error)

    def _taken(self) -> list[Waiting]:
        group = []
        with suppress(IndexError):  # none is left; asking first would race with a commit that is cancelled
            while True:
                group.append(self._waiting.popleft())
        return group

    def _commit_together(self, group: Sequence[Waiting]) -> None:
        """What the disk refuses is refused to all. One bad batch takes no other down: then each has its own try."""
        try:
            self._writer.commit([waiting.rows for waiting in group])
        except StoreError as error:
            if not isinstance(error.__cause__, sqlite3.Error):
                return
            for waiting in group:
                waiting.error = str(error)
        for waiting in group:
            waiting.is_done = True

    async def load(self, services: Sequence[str]) -> Checkpoint:
        return await self._read(lambda connection: reader.checkpoint(connection, services))

    async def incidents(self, *, open_only: bool, since: datetime | None = None, service: str = "") -> list[Incident]:
        return await self._read(lambda connection: reader.incidents(connection, open_only, since, service))

    async def events(self, since: datetime, limit: int) -> list[Event]:
        return await self._read(lambda connection: reader.events(connection, since, limit))

    async def account(self, since: datetime) -> Account:
        files = [self.path.with_name(f"{self.path.name}{suffix}") for suffix in ("", "-wal", "-shm")]
        return await self._read(lambda connection: reader.account(connection, since, files))

    async def timeline(self, incident: str) -> list[Event]:
        return await self._read(lambda connection: reader.timeline(connection, incident))

    async def told_of(self, subject: str) -> list[Told]:
        return await self._read(lambda connection: reader.told_of(connection, subject))

    async def looks(self, service: str, since: datetime, until: datetime) -> list[Look]:
        tally = await self._counted()
        return await self._read(lambda connection: history.looks(connection, tally, service, since, until))

    async def uptimes(
        self, services: Sequence[str], now: datetime, spans: Sequence[float]
    ) -> dict[str, list[Uptime]]:
        tally = await self._counted()
        return await self._read(lambda connection: history.uptimes(connection, tally, services, now, spans))

    async def sparkline(self, service: str, since: datetime, until: datetime, points: int) -> list[float | None]:
        tally = await self._counted()
        return await self._read(lambda conn: history.sparkline(conn, tally, service, since, until, points))

    async def chart(self, service: str, since: datetime, until: datetime, points: int) -> Chart:
        tally = await self._counted()
        return await self._read(lambda conn: charts.chart(conn, tally, service, since, until, points))

    async def days(self, service: str, until: datetime, count: int) -> list[Day]:
        tally = await self._counted()
        return await self._read(lambda connection: charts.days(connection, tally, service, until, count))

    async def lately(self, services: Sequence[str], count: int) -> dict[str, list[Look]]:
        tally = await self._counted()
        return await self._read(lambda connection: charts.lately(connection, tally, services, count))

    async def tidy(self, now: datetime) -> None:
        """Pack full hours, roll up, forget what is too old, give space back; commits go in between the steps."""
        await self._counted()
        at = milliseconds(now)
        for do in self._tidying.steps:
            while await self._write(self._tidying.step, do, at):
                pass
        self.notice = self._tidying.notice or self.notice

    async def close(self) -> None:
        """What was asked before is finished first; the log of changes is folded into the file. Twice is no harm."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._writing is None or self._reading is None:
            self._writer.connection.close()
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._reading.shutdown)
        while not self._readers.empty():
            self._readers.get().close()
        await loop.run_in_executor(self._writing, self._writer.connection.close)
        self._writing.shutdown(wait=False)

    async def _counted(self) -> Tally:
        """The tally, once the rows that an earlier run left unpacked are counted."""
        if self._counting is not None:
            await asyncio.wrap_future(self._counting)
        return self._writer.tally

    async def _write(self, work: Callable[..., T], *args: object) -> T:
        self._refuse_when_closed()
        if self._writing is None:
            return work(*args)
        return await asyncio.get_running_loop().run_in_executor(self._writing, work, *args)

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._refuse_when_closed()
        if self._reading is None:
            with plainly(self.path):
                return work(self._writer.connection)
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read_apart, work)

    def _read_apart(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._readers.get()
        try:
            with plainly(self.path):
                return work(connection)
        finally:
            self._readers.put(connection)

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise StoreError(f"The store {self.path} is closed.")


async def open_store(
    path: Path | str,
    *,
    keep_looks: float = 30 * 86_400.0,
    keep_history: float = 365 * 86_400.0,
    size_limit: int | None = None,
    now: datetime,
    inline: bool = False,
    readonly: bool = False,
    patience: float = 5.0,
) -> SqliteStore:
    """The store at `path`, made if it is not there; StoreError where it cannot be had.

    Looks are kept for `keep_looks` seconds, resolved incidents and the counts per day for `keep_history`, the
    file under `size_limit` bytes. `inline` runs everything on the calling thread, for tests on a virtual clock.
    `readonly` is for commands that look at the store of an engine that may be running: nothing is made, mended or
    set aside, and a commit is refused. `patience` is how long to wait, in seconds, for another process's lock.
    """
    path = Path(path)
    keeping = Keeping(round(keep_looks * 1000), round(keep_history * 1000), size_limit)

    def build() -> SqliteStore:
        opened = (open_readonly(path, patience), "") if readonly else open_sound(path, now, patience)
        connection, notice = opened
        try:
            with plainly(path):
                number = 0 if inline or readonly else READERS
                readers = [connect(path, patience, readonly=True) for _ in range(number)]
            return SqliteStore(path, Writer(connection, path), readers, keeping, notice=notice)
        except StoreError:
            connection.close()
            raise

    return build() if inline or readonly else await asyncio.to_thread(build)
