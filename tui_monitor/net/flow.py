"""A flow is one exchange on its way: a generator that goes on whenever something it waits for may have happened.

Straight-line code with `try`/`finally`, as a coroutine would be, but driven by the sockets themselves: only one
future and one timer (the deadline of everything) for a whole exchange. Each `yield` means "would block: wake me".
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any, Generic, TypeVar

from tui_monitor.core.errors import TuiMonitorError, Unreachable, Unreadable
from tui_monitor.core.text import spell_duration
from tui_monitor.net.words import of_os_error

T = TypeVar("T")
Steps = Generator[None, None, T]


class Expired(Exception):
    """The deadline is over; thrown into the flow where it waits."""


class Flow(Generic[T]):
    """Runs one generator to its end or its deadline, and knows what it waits for and how long each part took."""

    __slots__ = (
        "_error",
        "_future",
        "_loop",
        "_result",
        "_steps",
        "blameless",
        "connect",
        "dns",
        "doing",
        "done",
        "first_byte",
        "placed",
        "tls",
        "until",
        "waited",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._steps: Any = None
        self._future: asyncio.Future[None] | None = None
        self._result: Any = None
        self._error: Exception | None = None
        self.done = False
        self.doing = "starting"
        self.blameless = False  # while it waits for something of this machine, not of the other side
        self.placed = False  # whether it has one of the places for connections
        self.until = 0.0
        self.dns = self.connect = self.tls = self.first_byte = 0.0
        self.waited = 0.0  # for a place, which is no part of how long the service took

    async def run(self, steps: Steps[T], within: float) -> T:
        """What the generator returns. At the deadline: Unreachable, with what it was still waiting for."""
        self._steps = steps
        self.until = self._loop.time() + within
        self.advance()
        if not self.done:
            await self._finish(within)
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # it knows this frame, and a ring of the two would wait for the garbage collector
        result: T = self._result
        return result

    async def _finish(self, within: float) -> None:
        timer = self._loop.call_at(self.until, self._expire, within)
        self._future = self._loop.create_future()
        try:
            await self._future
        finally:
            timer.cancel()
            if not self.done:
                self.done = True
                self._steps.close()

    def advance(self) -> None:
        """Go on until the generator waits again, ends or fails."""
        if self.done:
            return
        try:
            self._steps.send(None)
        except StopIteration as end:
            self._settle(end.value, None)
        except TuiMonitorError as error:
            self._settle(None, error)
        except OSError as error:
            self._settle(None, of_os_error(error))
        finally:
            if not self.done and self._steps.gi_frame is None:
                self._settle(None, Unreadable("the look was broken off by a fault in this program"))

    def later(self) -> None:
        """Go on in the next turn of the loop, after the others."""
        self._loop.call_soon(self.advance)

    def _expire(self, within: float) -> None:
        if self.done:
            return
        text = f"no answer within {spell_duration(within)}, still {self.doing}"
        error: Exception = Unreadable(text) if self.blameless else Unreachable("timeout", text)
        try:
            self._steps.throw(Expired())
        except TuiMonitorError as better:
            error = better
        except (Expired, StopIteration, OSError):
            pass
        finally:
            self._settle(None, error)
        self._steps.close()

    def _settle(self, result: Any, error: Exception | None) -> None:
        self._result, self._error, self.done = result, error, True
        if self._future is not None and not self._future.done():
            self._future.set_result(None)
