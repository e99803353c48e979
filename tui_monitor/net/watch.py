"""Who is told when a socket can go on: one epoll inside the event loop, or the loop itself where there is none.

A loop's own `add_reader` costs several times the system call below it. Here the loop watches one descriptor, an
epoll of ours, and each socket costs a single edge-triggered registration for its whole life; closing it ends it.
An edge may come too often, never too seldom: whoever waits tries again until the socket would block.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from typing import Protocol

Wake = Callable[[], None]


class Watch(Protocol):
    """Calls `wake` whenever the socket may be able to go on."""

    def add(self, fd: int, wake: Wake, *, writing: bool) -> None: ...

    def rearm(self, fd: int, *, writing: bool) -> None:
        """The one who waits has tried, and the socket would block."""
        ...

    def remove(self, fd: int) -> None:
        """Before the socket is closed or put aside."""
        ...

    def drop(self, fd: int) -> None:
        """Like `remove`, for a socket that is closed next."""
        ...

    def close(self) -> None: ...


class EpollWatch:
    """One epoll of ours, watched by the loop."""

    _AT_ONCE = 64

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._wakes: dict[int, Wake] = {}
        self._reading = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET
        self._both = self._reading | select.EPOLLOUT
        loop.add_reader(self._epoll.fileno(), self._dispatch)

    def add(self, fd: int, wake: Wake, *, writing: bool) -> None:
        self._wakes[fd] = wake
        self._epoll.register(fd, self._both if writing else self._reading)

    def rearm(self, fd: int, *, writing: bool) -> None:
        if writing:
            self._epoll.modify(fd, self._both)

    def remove(self, fd: int) -> None:
        if self._wakes.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def drop(self, fd: int) -> None:
        """Like `remove`, for a socket that is closed next: closing takes it out of the epoll by itself."""
        self._wakes.pop(fd, None)

    def _dispatch(self) -> None:
        wakes = self._wakes
        for fd, _ in self._epoll.poll(0, self._AT_ONCE):
            wake = wakes.get(fd)
            if wake is not None:
                wake()

    def close(self) -> None:
        if not self._epoll.closed:
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()


class LoopWatch:
    """The loop's own readers and writers, armed once for each wait."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._wakes: dict[int, Wake] = {}

    def add(self, fd: int, wake: Wake, *, writing: bool) -> None:
        self._wakes[fd] = wake
        self.rearm(fd, writing=writing)

    def rearm(self, fd: int, *, writing: bool) -> None:
        self._loop.add_reader(fd, self._fire, fd)
        if writing:
            self._loop.add_writer(fd, self._fire, fd)

    def remove(self, fd: int) -> None:
        if self._wakes.pop(fd, None) is not None:
            self._disarm(fd)

    drop = remove

    def _fire(self, fd: int) -> None:
        self._disarm(fd)
        wake = self._wakes.get(fd)
        if wake is not None:
            wake()

    def _disarm(self, fd: int) -> None:
        self._loop.remove_reader(fd)
        self._loop.remove_writer(fd)

    def close(self) -> None:
        for fd in list(self._wakes):
            self.remove(fd)


def best_watch(loop: asyncio.AbstractEventLoop) -> Watch:
    """The cheapest that this system has."""
    return EpollWatch(loop) if hasattr(select, "epoll") else LoopWatch(loop)
