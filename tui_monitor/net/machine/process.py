"""One program on its way: its pipes, its end, and the end of all that it has started.

A program has a session of its own, and so a group: whoever it starts is in that group and ends with it. Some, such as
`timeout`, make a group of their own: where a program is ended before it has left, the groups of all its children end
too. Nobody runs after those who have left group and parents both, as daemons do. Neither signals nor the loop's own
watcher of children are used, so that this works in a loop of any kind and in any thread: a descriptor that stands for
the process tells when it has left. It is reaped last, for until then its number, and its group's, belong to nobody
else.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO, Any

from tui_monitor.net.watch import Watch

MAX_OUTPUT = 64 * 1024
"""Bytes that are kept of each of the two outputs; the rest is read and dropped."""

GRACE = 0.25
"""Seconds from asking a group to end to ending it."""

PATIENCE = 0.5
"""Seconds that an end by force may take. What hangs in the kernel for longer is reaped whenever it comes out."""

_CHUNK = 64 * 1024
_AT_ONCE = 16
"""Reads before others have their turn."""

_PAUSE = 0.01
"""Seconds between the turns of one who says more than anybody will look at."""

_MOST = 1000
"""Processes of one family that are looked for: whoever has started more of them is not to hold us up."""

_POLL = 0.02
"""Seconds between two looks at a process on a system that has no descriptors for them."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code, or below zero the signal that killed it."""

    code: int
    out: bytes = b""
    err: bytes = b""
    took: float = 0.0
    is_cut: bool = False

    @property
    def how(self) -> str:
        """For people."""
        if self.code >= 0:
            return f"exit code {self.code}"
        named = {one.value: one.name for one in signal.Signals}
        return f"killed by {named.get(-self.code, f'signal {-self.code}')}"


class Hearing:
    """One output of a program, read as it comes and kept as far as there is room."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, watch: Watch, file: IO[bytes], ended: Callable[[], None]
    ) -> None:
        self._loop, self._watch, self._file, self._ended = loop, watch, file, ended
        self._fd = file.fileno()
        self.kept = b""
        self.is_cut = self._is_pausing = False
        os.set_blocking(self._fd, False)
        watch.add(self._fd, self.read, writing=False)

    def read(self) -> None:
        """Whatever is there; of one who says more than anybody will look at only now and then, for it costs much."""
        if self._is_pausing or self._file.closed:
            return
        is_empty = self._take()
        if self.is_over:
            self._ended()
        elif self.is_cut or not is_empty:
            self._is_pausing = True
            self._loop.call_later(_PAUSE if self.is_cut else 0.0, self._resume)
        else:
            self._watch.rearm(self._fd, writing=False)

    def _take(self) -> bool:
        """Whether nothing more was there; others must have their turn too."""
        for _ in range(_AT_ONCE):
            try:
                data = os.read(self._fd, _CHUNK)
            except BlockingIOError:
                return True
            if not data:
                self.close()
                return True
            self._keep(data)
        return False

    def _resume(self) -> None:
        self._is_pausing = False
        self.read()

    def _keep(self, data: bytes) -> None:
        room = MAX_OUTPUT - len(self.kept)
        self.is_cut = self.is_cut or len(data) > room
        if room:
            self.kept += data[:room]

    @property
    def is_over(self) -> bool:
        """Whether nobody can say anything more."""
        return self._file.closed

    def close(self) -> None:
        if not self._file.closed:
            self._watch.remove(self._fd)
            self._file.close()


class Telling:
    """What a program is given to read."""

    def __init__(self, watch: Watch, file: IO[bytes], text: bytes) -> None:
        self._watch, self._file = watch, file
        self._fd = file.fileno()
        self._left = memoryview(text)
        os.set_blocking(self._fd, False)
        watch.add(self._fd, self.write, writing=True)

    def write(self) -> None:
        """As much as it takes; whoever reads no more has read enough."""
        try:
            while self._left and not self._file.closed:
                self._left = self._left[os.write(self._fd, self._left[:_CHUNK]) :]
        except BlockingIOError:
            self._watch.rearm(self._fd, writing=True)
            return
        except BrokenPipeError:
            pass
        self.close()

    def close(self) -> None:
        if not self._file.closed:
            self._watch.remove(self._fd)
            self._file.close()


class Running:
    """One process and its group, until it is reaped. It has `left` when it has ended itself, and then is `gone`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, watch: Watch, process: subprocess.Popen[bytes], text: bytes
    ) -> None:
        self._loop, self._watch, self._process = loop, watch, process
        self._begun = perf_counter()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._status: int | None = None
        self._is_ending = self._is_killed = False
        self._groups = {process.pid}
        self.left, self.gone = asyncio.Event(), asyncio.Event()
        self.took = 0.0
        pipes = (process.stdout, process.stderr)
        self._heard = [Hearing(loop, watch, pipe, self._go_on) for pipe in pipes if pipe is not None]
        self._told = [Telling(watch, process.stdin, text)] if process.stdin is not None else []
        self._fd = _descriptor(process.pid)
        if self._fd < 0:
            self._ask()
        else:
            watch.add(self._fd, self._leave, writing=False)

    @property
    def result(self) -> Ended | None:
        """None where it is not known how it ended."""
        if self._status is None:
            return None
        out, err = (one.kept for one in self._heard)
        is_cut = any(one.is_cut for one in self._heard)
        return Ended(os.waitstatus_to_exitcode(self._status), out, err, self.took, is_cut)

    def end(self) -> None:
        """See to it that nothing of the group is left: it is asked to end, and soon made to."""
        if self._is_ending:
            return
        self._is_ending = True
        if self._is_silent:
            self.kill()
        else:
            self._signal(signal.SIGTERM)
            self._later(GRACE, self.kill)

    def kill(self) -> None:
        """End all of the group now; what it has said is what has been read."""
        if self._is_killed:
            return
        self._is_ending = self._is_killed = True
        self._signal(signal.SIGKILL)
        for hearing in self._heard:
            hearing.close()
        for telling in self._told:
            telling.close()
        if self.left.is_set():
            self._reap()

    def forget(self) -> None:
        """Watch it no longer."""
        for timer in self._timers.values():
            timer.cancel()
        if self._fd >= 0:
            self._watch.remove(self._fd)
            os.close(self._fd)
            self._fd = -1

    @property
    def _is_silent(self) -> bool:
        """Whether the process has left and nobody holds its outputs any more."""
        return self.left.is_set() and all(one.is_over for one in self._heard)

    def _go_on(self) -> None:
        if self._is_ending and self._is_silent:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        """To the whole family. On some systems a group of the dead alone may not be told anything."""
        if not self.left.is_set():
            self._groups |= groups_below(self._process.pid)
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        self._timers[work.__name__] = self._loop.call_later(seconds, work)

    def _leave(self) -> None:
        """The process has ended, and all that it has said itself is in the pipes by now."""
        if self.left.is_set():
            return
        self.took = perf_counter() - self._begun
        for one in self._heard:
            one.read()
        self.left.set()
        if self._is_killed:
            self._reap()
        else:
            self._go_on()

    def _ask(self) -> None:
        """Whether it has ended, on a system where nothing tells: there it is reaped when it is found."""
        if self._has_ended():
            self._leave()
        else:
            self._later(_POLL, self._ask)

    def _has_ended(self) -> bool:
        """Reaps it. Whoever ignores SIGCHLD is not told how a child has ended."""
        try:
            pid, status = os.waitpid(self._process.pid, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid:
            self._status = status
        return bool(pid)

    def _has_orphans(self) -> bool:
        """Whether others of the group are ours to reap still: the first process of a container gets all orphans."""
        return any(map(_has_dead, self._groups))

    def _reap(self) -> None:
        if (self._status is None and not self._has_ended()) or self._has_orphans():
            self._later(_POLL, self._reap)
            return
        self.forget()
        self._process.returncode = 0  # it is told no more of it, for it would wait for it again
        self.gone.set()


def groups_below(leader: int) -> set[int]:
    """The groups that the children of this process and theirs are in, as far as the system tells."""
    groups, parents = set[int](), [leader]
    for parent in parents:
        if len(parents) > _MOST:
            break
        for child in _children(parent):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                groups.add(os.getpgid(child))
                parents.append(child)
    return groups


def _children(pid: int) -> list[int]:
    """Those of all its threads; nobody where the system does not tell."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for told in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, told.read_text().split())
    return found


def _has_dead(group: int) -> bool:
    """Whether some of a group are ours to reap, which it does as far as they are dead."""
    try:
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _descriptor(pid: int) -> int:
    """One that can be read once the process has ended; -1 where the system has none or none is left."""
    opened: Any = getattr(os, "pidfd_open", None)
    if opened is None:
        return -1
    try:
        return int(opened(pid))
    except OSError:
        return -1
