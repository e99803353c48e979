"""The door from the daemon's side: opened, kept open though somebody removes its socket, and closed at the end."""

from __future__ import annotations

import asyncio
import importlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.engine import Engine

if TYPE_CHECKING:
    from tui_monitor.control.server import Door

log = logging.getLogger("tui_monitor.daemon")

EVERY = 1.0
"""Seconds between two glances at the socket: so long may nobody reach an engine that runs."""


class Entrance:
    """Without a door nobody can ask, but services are watched and people are told all the same."""

    def __init__(self, engine: Engine, path: Path, timezone: str) -> None:
        self._engine = engine
        self._path = path
        self._timezone = timezone
        self._door: Door | None = None
        self._complaint = ""

    def show_times_in(self, timezone: str) -> None:
        """Another config is in force."""
        self._timezone = timezone
        if self._door is not None:
            self._door.show_times_in(timezone)

    async def open(self) -> None:
        if await self._try():
            log.info("commands are taken at %s", self._path)

    async def keep_open(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            if self._door is None:
                await self.open()
            elif not self._door.is_there():
                await self.close()
                if await self._try():
                    log.warning("the door was gone, and is open again at %s", self._path)

    async def close(self) -> None:
        door, self._door = self._door, None
        if door is not None:
            await door.close()

    async def _try(self) -> bool:
        """What keeps it shut is told once, not at every try."""
        server = await asyncio.to_thread(importlib.import_module, "tui_monitor.control.server")
        door: Door = server.Door(self._engine, self._path, self._engine.is_alive, self._timezone)
        try:
            await door.open()
        except TuiMonitorError as error:
            if str(error) != self._complaint:
                log.error("the door stays shut: %s", error)
            self._complaint = str(error)
            return False
        self._door, self._complaint = door, ""
        door.show_times_in(self._timezone)  # which may have changed while it was opened
        return True
