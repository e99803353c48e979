"""The terminal as the kernel has it: its modes, taken and given back; frames that go out without anybody waiting for
them; and what others write to it meanwhile, which goes into the log. It must be left as it was found, however we end.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import termios
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from types import FrameType
from typing import Any

log = logging.getLogger("tui_monitor.board")

KEYS, SCREEN = 0, 1

ENDS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
"""Signals that end a board."""

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?1004h\x1b[?2004h\x1b[?7l"
"""The other screen, no cursor, focus and pastes reported, long lines cut and not wrapped."""

MOUSE = "\x1b[?1000h\x1b[?1002h\x1b[?1006h"
"""Clicks and drags; a mouse that only moves sends nothing over a slow line."""

NO_MOUSE = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"

LEAVE = f"\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l{NO_MOUSE}\x1b[?1004l\x1b[<u\x1b[0m\x1b[?1049l\x1b[?25h"
"""Everything as it was. The keyboard goes first, for each screen of a terminal has its own."""

BACKLOG = 64 * 1024
"""Bytes that may wait while a slow terminal takes others; what is more is left out, until a whole picture is due."""

GLANCE = 0.05
"""Seconds between two looks at whether a terminal that takes nothing is still wanted."""

ASIDES = 1000
"""Lines of others that are logged; whoever writes more is in a loop."""

LAST_FRAMES = 0.2
"""Seconds that the end waits for what was sent last, such as a text for the clipboard."""


class Tty:
    """Used from any thread. What is called `on_` something is called in threads of its own."""

    def __init__(self) -> None:
        self.on_gone: Callable[[], None] = lambda: None
        self.on_caught_up: Callable[[], None] = lambda: None
        self.on_interrupt: Callable[[], None] = lambda: None
        """Ctrl-C was pressed: whatever it means, somebody may be out of patience."""
        self._lock = threading.Lock()
        self._out, self._is_patient = _own_way_to(SCREEN)
        self._attributes: list[Any] | None = None
        self._pen: _Pen | None = None
        self._aside: _Aside | None = None
        self._is_gone = False

    @property
    def is_on(self) -> bool:
        return self._pen is not None

    @property
    def is_gone(self) -> bool:
        return self._is_gone

    def size(self) -> tuple[int, int]:
        """Columns and lines; those of an old terminal where the kernel knows none."""
        with suppress(OSError):
            columns, lines = os.get_terminal_size(self._out)
            if columns and lines:
                return columns, lines
        return 80, 24

    def is_ours(self) -> bool:
        """Whether the shell has put us in front. One that is not our session's is ours alone."""
        try:
            return os.tcgetpgrp(KEYS) == os.getpgrp()
        except OSError:
            return True

    # -- taking and giving back ---------------------------------------------------------------------------------

    def enter(self, extra: str = "") -> None:
        """With more modes than those, where one likes; they are asked for although it has been entered before."""
        with self._lock:
            if self._pen is not None or self._is_gone:
                return self.write(extra, is_needed=True)
            with suppress(termios.error):
                self._attributes = termios.tcgetattr(KEYS)
            self._aside = _Aside()
            self._pen = _Pen(self._out, self._is_patient, self.lose, self._catch_up)
        self._go_raw()
        return self.write(ENTER + extra, is_needed=True)

    def assert_again(self, extra: str = "") -> None:
        """Somebody else had the terminal while we were stopped, and has left it in modes of their own."""
        if self.is_on:
            self._go_raw()
            self.write(ENTER + extra, is_needed=True)

    def leave(self) -> None:
        """Once for each `enter`, by whoever comes first; waits for no terminal that takes nothing."""
        with self._lock:
            pen, self._pen = self._pen, None
            aside, self._aside = self._aside, None
        if pen is None:
            return
        pen.stop()
        with _unstoppable():
            if not self._is_gone:
                self._force(LEAVE.encode())
                self._give_back()
        if aside is not None:
            aside.end()

    def write(self, text: str, *, is_needed: bool = False) -> None:
        """Hand over a frame; one that is needed is never left out."""
        pen = self._pen
        if pen is not None:
            pen.take(text.encode("utf-8", "replace"), is_needed)

    def lose(self) -> None:
        """Nobody is at the other end any more."""
        if not self._is_gone:
            self._is_gone = True
            self.on_gone()

    def _catch_up(self) -> None:
        self.on_caught_up()

    def _go_raw(self) -> None:
        with suppress(termios.error):
            attributes = termios.tcgetattr(KEYS)
            attributes[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
            attributes[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
            attributes[6][termios.VMIN] = 1
            termios.tcsetattr(KEYS, termios.TCSANOW, attributes)

    def _give_back(self) -> None:
        """Cooked and echoing again, without what was typed for us. In the background the shell has its own modes."""
        if self._attributes is None or not self.is_ours():
            return
        with suppress(termios.error):
            termios.tcflush(KEYS, termios.TCIFLUSH)
            termios.tcsetattr(KEYS, termios.TCSANOW, self._attributes)

    def _force(self, data: bytes) -> None:
        """A terminal that takes nothing loses what it has not read, so that there is room for these."""
        for attempt in range(2):
            with suppress(OSError, termios.error):
                if attempt:
                    termios.tcflush(self._out, termios.TCOFLUSH)
                if _has_room(self._out, 0.0):
                    data = data[os.write(self._out, data) :]
            if not data:
                return


@contextmanager
def curtain(tty: Tty, words: str) -> Iterator[None]:
    """A first sign of life, before the board is loaded. Whatever happens inside, the terminal is given back."""

    def drop(number: int, frame: FrameType | None) -> None:
        tty.leave()
        os._exit(128 + number)

    before = {number: signal.signal(number, drop) for number in ENDS}
    try:
        tty.enter(f"\x1b[1;2H{words}")
        yield
    finally:
        tty.leave()
        for number, handler in before.items():
            signal.signal(number, handler)


def _own_way_to(handle: int) -> tuple[int, bool]:
    """A handle of our own on the same terminal, which waits for nobody; whether it is that.

    The one that we were given is shared with the shell, which would not expect it to be in a hurry. Where the
    terminal belongs to somebody else it cannot be opened anew, and the given one must do.
    """
    with suppress(OSError):
        way = os.open(os.ttyname(handle), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        if os.fstat(way).st_rdev == os.fstat(handle).st_rdev:
            return way, False
        os.close(way)
    return os.dup(handle), True


def _has_room(handle: int, patience: float) -> bool:
    """Whether it takes something now. OSError where nobody is at the other end."""
    watch = select.poll()
    watch.register(handle, select.POLLOUT)
    found = watch.poll(patience * 1000)
    if found and found[0][1] & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
        raise OSError("the terminal is gone")
    return bool(found)


@contextmanager
def _unstoppable() -> Iterator[None]:
    """Giving a terminal back from the background would have the kernel stop us halfway."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Pen:
    """Writes in a thread of its own, so that a terminal that takes nothing holds up nobody."""

    def __init__(
        self, handle: int, is_patient: bool, on_gone: Callable[[], None], on_caught_up: Callable[[], None]
    ) -> None:
        self._handle = handle
        self._chunk = 256 if is_patient else 64 * 1024
        self._on_gone = on_gone
        self._on_caught_up = on_caught_up
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._size = 0
        self._is_behind = False
        self._is_busy = False
        self._ends_at: float | None = None
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="board-output", daemon=True)
        self._thread.start()

    def take(self, data: bytes, is_needed: bool) -> None:
        with self._change:
            if self._ends_at is not None:
                return
            if not is_needed and (self._is_behind or (self._is_busy and self._size > BACKLOG)):
                self._fall_behind()
                return
            self._waiting.append((data, is_needed))
            self._size += len(data)
            self._change.notify()

    def _fall_behind(self) -> None:
        """Pictures build on one another: where one is left out, the rest would be wrong."""
        self._is_behind = True
        self._waiting = deque(one for one in self._waiting if one[1])
        self._size = sum(len(data) for data, _ in self._waiting)
        self._change.notify()

    def stop(self) -> None:
        """At once where nothing waits, soon where something does."""
        with self._change:
            self._ends_at = monotonic() + LAST_FRAMES
            self._change.notify()
        self._thread.join(LAST_FRAMES + 2 * GLANCE)

    def _work(self) -> None:
        try:
            while (data := self._next()) is not None:
                self._write(data)
        except OSError:
            self._on_gone()

    def _next(self) -> bytes | None:
        """What waits in one piece; None at the end."""
        caught_up = self._is_busy = False
        with self._change:
            while not self._waiting:
                if self._ends_at is not None:
                    return None
                if self._is_behind:
                    self._is_behind, caught_up = False, True
                    break
                self._change.wait()
            data = b"".join(one for one, _ in self._waiting)
            self._waiting.clear()
            self._size = 0
            self._is_busy = bool(data)
        if caught_up:
            self._on_caught_up()
        return data

    def _write(self, data: bytes) -> None:
        while data:
            if self._ends_at is not None and monotonic() > self._ends_at:
                return
            if _has_room(self._handle, GLANCE):
                with suppress(BlockingIOError):
                    data = data[os.write(self._handle, data[: self._chunk]) :]


class _Aside:
    """What libraries and children write to stdout and stderr while the board is on: into the log, line by line."""

    def __init__(self) -> None:
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        self._kept = {number: os.dup(number) for number in (1, 2)}
        self._nowhere = (
            logging.NullHandler()
        )  # without a log, what is logged would go to stderr, and so round and round
        logging.getLogger().addHandler(self._nowhere)
        reading, writing = os.pipe()
        os.set_blocking(writing, False)  # a reader in trouble must hold up nobody
        for number in self._kept:
            os.dup2(writing, number)
        os.close(writing)
        threading.Thread(target=self._read, args=(reading,), name="board-aside", daemon=True).start()

    def end(self) -> None:
        for number, kept in self._kept.items():
            os.dup2(kept, number)
            os.close(kept)
        logging.getLogger().removeHandler(self._nowhere)

    def _read(self, reading: int) -> None:
        """Until nobody holds the other end, which a child of ours may do for a while."""
        with os.fdopen(reading, "rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(4000), b"")):
                if number < ASIDES and (text := line.decode("utf-8", "replace").rstrip()):
                    log.warning("written to the terminal: %s", text)
