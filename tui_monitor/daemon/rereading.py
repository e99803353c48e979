"""Reads the config anew: on SIGHUP, on request, and when the file or the `.env` beside it has changed and settled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from tui_monitor.config import load
from tui_monitor.core.errors import Rejected
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Command
from tui_monitor.engine import Engine

log = logging.getLogger("tui_monitor.daemon")

EVERY = 1.0
"""Seconds between two glances at the file; it is read when two of them in a row see the same change."""

Looks = tuple[tuple[int, int, int] | None, ...]


class Rereading:
    """`adopted` are told of each plan that comes into force."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._asked = asyncio.Event()
        self._known: Looks = ()
        self.adopted: list[Callable[[Plan], None]] = []

    def read(self) -> Plan:
        """The config as it is now; what changes while it is read is noticed later."""
        self._known = self._looks()
        return load(self._config)

    def adopt(self, plan: Plan) -> None:
        for tell in self.adopted:
            tell(plan)

    def ask(self) -> None:
        """SIGHUP has come."""
        self._asked.set()

    async def go_on(self, engine: Engine) -> None:
        """Until it is cancelled."""
        before = self._known
        while True:
            by = await self._next()
            now = self._looks()
            if by or now == before != self._known:
                await _reload(engine, by or "file change")
            before = now

    async def _next(self) -> str:
        """Who asks, or nobody when it is only time for another glance."""
        try:
            async with asyncio.timeout(EVERY):
                await self._asked.wait()
        except TimeoutError:
            return ""
        self._asked.clear()
        return "SIGHUP"

    def _looks(self) -> Looks:
        """What tells a changed file from the one that was read; None for one that is not there for the moment."""
        return tuple(_look(path) for path in (self._config, self._config.parent / ".env"))


def _look(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


async def _reload(engine: Engine, by: str) -> None:
    """A fault of ours or of a plugin must not end the watch over the file: the next change may be right."""
    reading = asyncio.create_task(engine.do(Command("reload", by=by)), name="reload")
    try:
        await asyncio.wait({reading})
    finally:
        reading.cancel()
    error = reading.exception()
    if isinstance(error, Rejected):
        log.warning("%s", error)
    elif error is not None:
        log.error("the config could not be read anew", exc_info=error)
