"""A small `Control` in memory, which keeps every promise of the real one: enough for the door to be proved."""

from __future__ import annotations

import asyncio
from typing import Any

from tui_monitor.core.errors import CursorExpired, Rejected, StoreError
from tui_monitor.core.ports import Changes, Command, Outcome

KEPT = 5


class SmallControl:
    """One incident, a numbered list of changes of which the newest few are kept."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.n = 0
        self.turned = asyncio.Condition()
        self.waiting = asyncio.Event()
        self.incident = {"id": "7f3a", "service": "shop", "title": "503 \x1b[31m[/red] é 日本", "state": "open"}

    async def snapshot(self) -> dict[str, Any]:
        return {"at": "2026-01-01T00:00:00Z", "source": "engine", "cursor": str(self.n), "incidents": [self.incident]}

    async def changes(self, cursor: str, wait: float) -> Changes:
        since = int(cursor)
        if since < self.n - KEPT:
            raise CursorExpired("these changes are no longer kept: take a new snapshot")
        self.waiting.set()
        try:
            async with asyncio.timeout(wait), self.turned:
                await self.turned.wait_for(lambda: self.n > since)
        except TimeoutError:
            return Changes(cursor)
        events = tuple({"n": n} for n in range(since + 1, self.n + 1))
        return Changes(str(self.n), incidents={"7f3a": self.incident, "gone": None}, events=events)

    async def history(self, what: str, **options: str) -> Any:
        if what == "looks":
            raise StoreError("the store cannot be read now")
        if what == "stats":
            raise ZeroDivisionError("a fault of ours")
        if what != "incidents":
            raise Rejected(f"there is no history of {what!r}")
        return [{**self.incident, "options": options}]

    async def do(self, command: Command) -> Outcome:
        if command.name == "turn":
            await self.turn()
            return Outcome("turned")
        if command.name == "wait":
            self.waiting.set()
            await asyncio.get_running_loop().create_future()
        if command.target != "7f3a":
            raise Rejected(f"no incident begins with {command.target!r}")
        self.commands.append(command)
        return Outcome("done", {"id": "7f3a", "by": command.by})

    async def turn(self) -> None:
        async with self.turned:
            self.n += 1
            self.turned.notify_all()
