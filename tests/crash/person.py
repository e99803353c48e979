"""Somebody at the door of whichever engine lives: looks, acknowledges and notes, and keeps what was promised."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path

from tui_monitor.control.client import Client
from tui_monitor.core.errors import EngineUnreachable, Rejected
from tui_monitor.core.ports import Command


class Person:
    """`promised` was answered with success, `unsure` with nothing, `refused` with a reason; no text comes twice."""

    def __init__(self, socket: Path, dice: random.Random) -> None:
        self._client = Client(socket, patience=5.0)
        self._dice = dice
        self._gone = asyncio.Event()
        self._number = 0
        self.seen: dict[str, tuple[str, str]] = {}
        self.promised: list[tuple[str, str, str]] = []
        self.unsure: list[str] = []
        self.refused: list[str] = []

    async def leave(self) -> None:
        self._gone.set()

    async def act(self) -> None:
        """Until told to leave: something every now and then, with nobody there for most of the time."""
        while not self._gone.is_set():
            with suppress(EngineUnreachable):  # no engine lives just now
                await self._look_and_speak()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), self._dice.uniform(0.01, 0.15))

    async def _look_and_speak(self) -> None:
        found = await self._client.history("incidents")
        for one in found:
            self.seen[one["id"]] = (one["service"], one["started_at"])
        if not found:
            return
        chosen = self._dice.choice(found)
        name = "ack" if chosen["state"] == "open" and self._dice.random() < 0.4 else "note"
        self._number += 1
        await self._say(name, chosen["id"], f"word {self._number}")

    async def _say(self, name: str, target: str, text: str) -> None:
        try:
            await self._client.do(Command(name, target, text))
        except Rejected:
            self.refused.append(text)
        except EngineUnreachable:
            self.unsure.append(text)
        else:
            self.promised.append((name, target, text))
