"""Threads for calls that block: daemon ones, so that a call that hangs never keeps the process from ending."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

Work = Callable[[], None]


class Threads:
    """At most `size` threads, started as they are needed, and a queue before them."""

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._ready = threading.Condition()
        self._queue: deque[Work] = deque()
        self._idle = 0
        self._threads = 0
        self._closed = False

    def put(self, work: Work) -> None:
        """Have `work` called; it sees to its own errors."""
        with self._ready:
            self._queue.append(work)
            if self._idle >= len(self._queue) or self._threads >= self._size:
                self._ready.notify()
                return
            self._threads += 1
        threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    async def run(self, work: Callable[[], Any]) -> Any:
        """What `work` returns, or the error it raises."""
        call = _Call(work, asyncio.get_running_loop())
        self.put(call.work_off)
        return await call.future

    def close(self) -> None:
        """Start nothing more; what runs may end or be left behind."""
        with self._ready:
            self._closed = True
            self._queue.clear()
            self._ready.notify_all()

    def _serve(self) -> None:
        while (work := self._take()) is not None:
            work()

    def _take(self) -> Work | None:
        with self._ready:
            self._idle += 1
            while not self._queue and not self._closed:
                self._ready.wait()
            self._idle -= 1
            return None if self._closed else self._queue.popleft()


class _Call:
    """One blocking call. Leaving its `with` block carries whichever error the work raises to who awaits it."""

    def __init__(self, work: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self._result: Any = None

    def work_off(self) -> None:
        with self:
            self._result = self._work()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> bool:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._settle, error)
        return True

    def _settle(self, error: BaseException | None) -> None:
        if self.future.done():
            return
        if isinstance(error, StopIteration):  # which a future cannot carry
            error = RuntimeError(str(error))
        if error is None:
            self.future.set_result(self._result)
        else:
            self.future.set_exception(error)
