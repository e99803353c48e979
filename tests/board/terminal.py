"""A terminal of the tests' own: a program runs on a real pty, keys are fed, and a small screen reads what comes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

PATIENCE = 20.0
"""Seconds after which something that should have happened has not; nothing waits this long when all is well."""

TOKEN = re.compile(
    rb"\x1b\[(?P<private>[<=>?]?)(?P<numbers>[\d;:]*)[ !$]*(?P<final>[@-~])"
    rb"|\x1b[\]PX^_](?P<string>.*?)(?:\x07|\x1b\\)"
    rb"|\x1b[()*+][0-9A-Z]|\x1b[=>78cDEHMNOZ]"
    rb"|(?P<control>[\x00-\x1f\x7f])"
    rb"|(?P<text>[^\x00-\x1f\x7f]+)",
    re.DOTALL,
)
UNFINISHED = re.compile(rb"\x1b(?:\[[<=>?]?[\d;:]*[ !$]*|[\]PX^_][^\x07\x1b]*\x1b?|)\Z|[\xc0-\xff][\x80-\xbf]*\Z")

USUAL = {7, 25}
"""Modes that are set in a terminal that nobody has touched."""


class Screen:
    """What a terminal would show, and in which modes it would be."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.columns, self.lines = columns, lines
        self.modes = set(USUAL)
        self.keyboards = 0
        self.sent = b""
        self.outside = ""
        """What was written while the other screen was off."""
        self._rest = b""
        self._row = self._column = 0
        self._cells: dict[tuple[int, int], str] = {}

    def feed(self, data: bytes) -> None:
        self.sent += data
        data = self._rest + data
        unfinished = UNFINISHED.search(data)
        end = unfinished.start() if unfinished and not _is_whole(data[unfinished.start() :]) else len(data)
        self._rest = data[end:]
        for token in TOKEN.finditer(data[:end]):
            self._obey(token)

    def resize(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines

    def row(self, number: int) -> str:
        return "".join(self._cells.get((number, column), " ") for column in range(self.columns)).rstrip()

    @property
    def text(self) -> str:
        return "\n".join(self.row(number) for number in range(self.lines))

    @property
    def is_restored(self) -> bool:
        """Whether every mode is as in a terminal that nobody has touched."""
        return self.modes == USUAL and self.keyboards <= 0

    def _obey(self, token: re.Match[bytes]) -> None:
        if token["text"]:
            self._put(token["text"].decode("utf-8", "replace"))
        elif token["control"]:
            self._move(token["control"])
        elif token["final"]:
            numbers = [int(one) if one else 0 for one in re.split(rb"[;:]", token["numbers"])]
            self._command(token["private"], numbers, token["final"])

    def _put(self, text: str) -> None:
        if 1049 not in self.modes:
            self.outside += text
        for letter in text:
            self._cells[self._row, self._column] = letter
            self._column += 1

    def _move(self, control: bytes) -> None:
        if control == b"\n":
            self._row += 1
            self.outside += "\n" * (1049 not in self.modes)
        elif control == b"\r":
            self._column = 0

    def _command(self, private: bytes, numbers: list[int], final: bytes) -> None:
        if private == b"?" and final in b"hl":
            for number in numbers:
                self._set(number, final == b"h")
        elif final == b"u" and private in (b">", b"<"):
            self.keyboards += 1 if private == b">" else -1
        elif final == b"H":
            row, column = (*numbers, 0)[:2]
            self._row, self._column = max(row, 1) - 1, max(column, 1) - 1
        elif final == b"J":
            self._cells.clear()

    def _set(self, number: int, is_set: bool) -> None:
        if is_set:
            self.modes.add(number)
        else:
            self.modes.discard(number)
        if number == 1049:
            self._cells.clear()


def _is_whole(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not data.startswith(b"\x1b")


class Program:
    """A program with a terminal to itself; whatever becomes of the test, it is ended."""

    def __init__(
        self,
        words: Sequence[str],
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        size: tuple[int, int] = (80, 24),
        is_in_charge: bool = True,
    ) -> None:
        """The terminal is in charge of the program, with signals for it, unless it was only handed to it."""
        self.screen = Screen(*size)
        self.begun = monotonic()
        self.master, self._slave = pty.openpty()
        self._set_size(*size)
        self.before = self.attributes()
        self.process = subprocess.Popen(
            words,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=surroundings(environ or {}),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_take_terminal if is_in_charge else None,
        )

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        self.hang_up()

    # -- what a person does -------------------------------------------------------------------------------------

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(columns, lines)
        self._set_size(columns, lines)

    def hang_up(self) -> None:
        """The terminal is closed."""
        for name in ("master", "_slave"):
            handle = getattr(self, name)
            setattr(self, name, -1)
            if handle >= 0:
                os.close(handle)

    # -- what a person sees -------------------------------------------------------------------------------------

    def attributes(self) -> list[Any]:
        return termios.tcgetattr(self._slave)

    @property
    def is_given_back(self) -> bool:
        """Byte by byte and bit by bit."""
        return self.screen.is_restored and self.attributes() == self.before

    def until(self, holds: Callable[[Screen], Any], patience: float = PATIENCE) -> Screen:
        """Read until it holds of the screen."""
        end = monotonic() + patience
        while not holds(self.screen):
            assert self.read(end - monotonic()), f"it never came, only:\n{self.screen.text}\n{self.screen.outside}"
        return self.screen

    def until_shows(self, *words: str) -> Screen:
        return self.until(lambda screen: all(word in screen.text for word in words))

    def until_quiet(self) -> None:
        """Read until nothing more comes of itself."""
        while self.read(0.2):
            pass

    def read(self, patience: float) -> bool:
        """Whether something came in that time."""
        ready, _, _ = select.select([self.master], [], [], max(0.0, patience))
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.screen.feed(data)
        return bool(data)

    def wait(self, patience: float = PATIENCE) -> int:
        """Its exit code, once everything that it sent has been read, as far as there is a terminal still."""
        end = monotonic() + patience
        while self.process.poll() is None:
            assert monotonic() < end, f"it has not ended:\n{self.screen.text}"
            if self.master < 0:
                return self.process.wait(max(0.0, end - monotonic()))
            self.read(0.02)
        while self.read(0.0):
            pass
        return self.process.returncode

    def stop_with(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.wait()

    def processor_time(self) -> float:
        """Seconds of processor that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("4H", lines, columns, 0, 0))


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def surroundings(given: Mapping[str, str]) -> dict[str, str]:
    """The environment of a person at a plain terminal with colours."""
    strange = ("TUI_MONITOR", "XDG_", "TEXTUAL", "NO_COLOR", "COLUMNS", "LINES", "TMUX", "TERM", "LC_", "LANG", "SSH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    plain = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONWARNINGS": "ignore"}
    return {**kept, **plain, **given}


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]
