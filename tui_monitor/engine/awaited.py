"""Looks that somebody waits for: a request to look now is answered with what that look saw."""

from __future__ import annotations

import asyncio
from datetime import datetime

from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Observation, Reading, Service
from tui_monitor.core.ports import Outcome


class Awaited:
    """Who waits for which service since when; a look that began before they asked is not theirs."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[datetime, asyncio.Future[Observation]]]] = {}

    def __repr__(self) -> str:
        return f"<Awaited {sum(map(len, self._waiting.values()))} waiting>"

    def saw(self, observation: Observation) -> None:
        if observation.echo:
            return
        for asked_at, future in self._waiting.get(observation.service, ()):
            if observation.at >= asked_at and not future.done():
                future.set_result(observation)

    def expect(self, service: str, now: datetime) -> asyncio.Future[Observation]:
        """What the next look that begins from now on will have seen."""
        seen: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(service, [])
        waiting.append((now, seen))
        seen.add_done_callback(lambda done: waiting.remove((now, seen)))
        return seen

    async def answer(self, service: Service, seen: asyncio.Future[Observation]) -> Outcome:
        """What was seen, in words. Rejected where no look comes back in time."""
        try:
            async with asyncio.timeout(2 * service.timeout + 3.0):  # one look may be under way
                reading = (await seen).reading
        except TimeoutError:
            raise Rejected(f"{service.name} was not looked at in time") from None
        return _outcome(service, reading)


def _outcome(service: Service, reading: Reading) -> Outcome:
    text = f"{service.name} is {reading.status}: {reading.message}".rstrip(": ")
    return Outcome(text, {"service": service.id, "status": reading.status.value, "message": reading.message})
