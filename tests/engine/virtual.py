"""A clock that jumps: an event loop whose time passes only when nothing is left to do, and then at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Jumping(selectors.BaseSelector):
    """Never waits: where the real one would, the loop's time is moved on instead."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now = 1000.0

    def register(self, fileobj: Any, events: Any, data: Any = None) -> Any:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> Any:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: Any, data: Any = None) -> Any:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Any:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()

    def select(self, timeout: float | None = None) -> Any:
        ready = self._real.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("nothing is left to do, and nothing will ever happen")
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time is the selector's; `wall` is what a clock on the wall would say."""

    def __init__(self) -> None:
        self._jumping = Jumping()
        self.wall_offset = 0.0
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def wall(self) -> float:
        return EPOCH.timestamp() + self._jumping.now - 1000.0 + self.wall_offset

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> Any:
        """Done at once: while a real thread works, virtual time would race ahead."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def hold_up(self, seconds: float) -> None:
        """As if the whole process had been stopped for so long."""
        self._jumping.now += seconds


def run(story: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    """Plays a story to its end in virtual time."""
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(story)
    finally:
        asyncio.set_event_loop(None)
        loop.close()
