"""What faces follow: which rows changed since a cursor. Rows are made when they are asked for, so that a change costs
next to nothing while nobody watches, and many changes of one row reach a slow face as one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from tui_monitor.core.errors import CursorExpired
from tui_monitor.core.model import Event

KEPT_EVENTS = 2000
KEPT_ROWS = 50_000


class Feed:
    """A version that only grows, and for each row the version at which it last changed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.version = 0
        self._rows: dict[tuple[str, str], int] = {}
        self._events: deque[tuple[int, Event]] = deque(maxlen=KEPT_EVENTS)
        self._forgotten = 0
        self._moved = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Feed {self.cursor}, {len(self._rows)} rows>"

    @property
    def cursor(self) -> str:
        return f"{self._name}-{self.version}"

    def publish(self, rows: Iterable[tuple[str, str]], events: Iterable[Event] = ()) -> None:
        """Everything that changed in one turn has one version."""
        self.version += 1
        for row in rows:
            self._rows[row] = self.version
        if len(self._rows) > KEPT_ROWS:
            self._forget_oldest()
        for event in events:
            if len(self._events) == KEPT_EVENTS:
                self._forgotten = max(self._forgotten, self._events[0][0])
            self._events.append((self.version, event))
        self._moved.set()
        self._moved = asyncio.Event()

    def _forget_oldest(self) -> None:
        """Faces that are so far behind take a new snapshot."""
        versions = sorted(self._rows.values())
        self._forgotten = max(self._forgotten, versions[len(versions) // 2])
        self._rows = {row: changed for row, changed in self._rows.items() if changed > self._forgotten}

    def since(self, cursor: str) -> tuple[list[tuple[str, str]], list[Event]]:
        """The rows and events newer than a cursor of this engine."""
        version = self._read(cursor)
        rows = [row for row, changed in self._rows.items() if changed > version]
        return rows, [event for changed, event in self._events if changed > version]

    def recent(self, count: int) -> list[Event]:
        return [event for _, event in list(self._events)[-count:]]

    async def moved(self, cursor: str, wait: float) -> None:
        """Returns when there is something newer than the cursor, or after `wait` seconds."""
        if self._read(cursor) < self.version:
            return
        try:
            async with asyncio.timeout(wait):
                await self._moved.wait()
        except TimeoutError:
            return

    def _read(self, cursor: str) -> int:
        name, _, number = cursor.rpartition("-")
        if name != self._name or not number.isdecimal() or len(number) > 18:
            raise CursorExpired("this cursor is of another engine: take a new snapshot")
        version = int(number)
        if version < self._forgotten or version > self.version:
            raise CursorExpired("the changes since this cursor are no longer kept: take a new snapshot")
        return version
