"""Whether it is the monitor itself that is cut off: failures wait until reference targets have been asked.

A failing look is held until a probe that began after it has come back. When too few targets take a connection, the
look could not tell, nobody is told anything, and one event says so; when the line is back, everything goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui_monitor.core.errors import Unreachable
from tui_monitor.core.model import Observation
from tui_monitor.core.plan import Guard
from tui_monitor.core.status import Status
from tui_monitor.net import build_call

if TYPE_CHECKING:
    from tui_monitor.core.ports import Outside
    from tui_monitor.engine.clock import Clock

AGAIN = 2.0
"""Seconds between two probes while it is cut off."""

AFTERMATH = 5.0
"""Seconds after the line is back in which looks that began before still prove nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line was cut, or is back; `since` is when that began as far as anybody saw."""

    is_cut: bool
    since: datetime
    text: str


class LineGuard:
    """Holds failing looks; reports them, and each turn of the line."""

    def __init__(
        self,
        guard: Guard,
        outside: Outside,
        clock: Clock,
        release: Callable[[Observation], None],
        report: Callable[[Line], None],
    ) -> None:
        self.guard = guard
        self._outside, self._clock = outside, clock
        self._release, self._report = release, report
        self._calls = [build_call(host, port) for host, port in guard.targets]
        self._held: list[Observation] = []
        self._probing: asyncio.Task[None] | None = None
        self.cut_since: datetime | None = None
        self._back_at: datetime | None = None

    def __repr__(self) -> str:
        return f"<LineGuard {'cut off' if self.cut_since else 'connected'}, {len(self._held)} held>"

    def hold(self, observation: Observation) -> None:
        """A failing look waits for the next probe; while the line is cut it is known at once."""
        if self.cut_since is not None:
            self._release(inconclusive(observation))
            return
        self._held.append(observation)
        self.suspect()

    def suspect(self) -> None:
        """Something outside has failed: ask the targets, unless they are being asked."""
        if self._probing is None or self._probing.done():
            self._probing = asyncio.get_running_loop().create_task(self._probe(), name="network guard")

    def is_holding(self, service: str) -> bool:
        """Whether a look at a service waits here: those that come after it must not overtake it."""
        return any(one.service == service for one in self._held)

    async def stop(self) -> None:
        """Nobody will know any more what the looks that wait here were worth."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait({self._probing})
        held, self._held = self._held, []
        for one in held:
            self._release(inconclusive(one))

    async def _probe(self) -> None:
        """Until nothing waits any more and the line is whole."""
        while True:
            waiting = len(self._held)
            is_connected = await self.ask()
            held, self._held = self._held[:waiting], self._held[waiting:]
            now = self._clock.at()
            if not is_connected and self.cut_since is None:
                self.cut_since = min((one.at for one in held), default=now)
                self._report(Line(True, self.cut_since, self._words()))
            elif is_connected and self.cut_since is not None:
                since, self.cut_since, self._back_at = self.cut_since, None, now
                self._report(Line(False, since, ""))
            for one in held:
                is_doubtful = not is_connected or self._is_too_soon(one)
                self._release(inconclusive(one) if is_doubtful else one)
            if self.cut_since is not None:
                await asyncio.sleep(AGAIN)
            elif not self._held:
                return

    def _is_too_soon(self, observation: Observation) -> bool:
        """Whether a look began before the line had been back for a moment."""
        return self._back_at is not None and observation.at < self._back_at + timedelta(seconds=AFTERMATH)

    async def ask(self) -> bool:
        """Whether enough targets take a connection now."""
        trying = {asyncio.ensure_future(self._reaches(call)) for call in self._calls}
        reached, left = 0, trying
        try:
            while left and reached < self.guard.quorum:
                done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
                reached += sum(one.result() for one in done)
        finally:
            for one in trying:
                one.cancel()
            await asyncio.gather(*trying, return_exceptions=True)
        return reached >= self.guard.quorum

    async def _reaches(self, call: object) -> bool:
        try:
            await self._outside.net.talk(call, self.guard.timeout)
        except Unreachable as error:
            return error.cause == "refused"  # somebody there has answered
        return True

    def _words(self) -> str:
        wanted = f"{self.guard.quorum} of {len(self.guard.targets)}"
        return f"cut off: fewer than {wanted} reference targets can be reached; looks that fail prove nothing now"


def inconclusive(observation: Observation) -> Observation:
    """What a look saw from a place without a network."""
    reading = observation.reading
    if not reading.status.is_bad:
        return observation
    text = f"not counted, for the monitor itself is cut off: {reading.message}"
    return replace(observation, reading=replace(reading, status=Status.UNKNOWN, message=text))
