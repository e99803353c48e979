"""The log: one line per thing, cleaned, without secrets, written by threads so that the loop waits for no disk."""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from urllib.parse import quote, quote_plus

from tui_monitor.core.codec import moment
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.text import clean
from tui_monitor.places import PlaceUnusable

SIZE, KEPT = 5_000_000, 5
LINE_LIMIT = 4_000
WAITING_LINES = 10_000
FAREWELL = 0.5
"""Seconds that the end waits for the last lines: a terminal that takes none must not hold the exit."""

QUIET = ("httpx", "httpcore", "uvicorn.access", "asyncio", "boto3", "botocore", "urllib3", "hpack", "mysql")
"""Loggers that would write whole addresses, or what is in a request."""


class _Intake(logging.Handler):
    """Makes the finished, harmless line while the record is at hand, and hands it to the pens."""

    def __init__(self, pens: Sequence[_Pen], secrets: Iterable[Secret]) -> None:
        super().__init__()
        self._pens = pens
        self._secrets: list[Secret] = []
        self.hide(secrets)

    def hide(self, secrets: Iterable[Secret]) -> None:
        """From now on these too; what was a secret once is never shown again."""
        fresh = {spelling for secret in secrets for spelling in _spellings(secret)}
        self._secrets = [*self._secrets, *(fresh - set(self._secrets))]

    def emit(self, record: logging.LogRecord) -> None:
        line = self._line(record)
        for pen in self._pens:
            pen.take(line)

    def _line(self, record: logging.LogRecord) -> str:
        text = self._harmless(record.getMessage())
        text += "".join(f"\n    {self._harmless(line)}" for line in _trace_of(record))
        at = moment(datetime.fromtimestamp(record.created, UTC))
        return f"{at} {record.levelname.lower():7} {record.name.removeprefix('tui_monitor.')}: {text}"

    def _harmless(self, text: str) -> str:
        return clean(redact(text, self._secrets), LINE_LIMIT)


def _spellings(secret: Secret) -> set[Secret]:
    """A secret as it is, and as it stands in an address or in JSON."""
    text = secret.reveal()
    spelt = (quote(text), quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1])
    return {secret, *map(Secret, spelt)}


def _trace_of(record: logging.LogRecord) -> list[str]:
    parts = traceback.format_exception(*record.exc_info) if record.exc_info else []
    return [line for part in parts for line in part.splitlines()]


class _Pen:
    """Writes lines in a thread of its own; a full queue loses lines, never time, and says how many."""

    def __init__(self, handler: logging.Handler) -> None:
        self._handler = handler
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING_LINES)
        self._lost = 0
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def take(self, line: str) -> None:
        try:
            if self._lost:
                self._lines.put_nowait(f"... {self._lost} lines of the log were lost")
                self._lost = 0
            self._lines.put_nowait(line)
        except queue.Full:
            self._lost += 1

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            # without the handler's lock: one thread writes, and logging's own farewell must not wait for that lock
            self._handler.emit(logging.makeLogRecord({"msg": line}))
        with suppress(OSError):  # what a full disk did not take was told when it was written
            self._handler.close()

    def close(self) -> None:
        with suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(FAREWELL)


class _Screen(logging.Handler):
    """Stderr without Python's buffer, whose lock a stalled terminal would hold beyond the end of the program."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            os.write(2, f"{record.msg}\n".encode())


class _PrivateFile(RotatingFileHandler):
    """A log file for its owner alone, also after it has been turned over; a full disk is told once, not per line."""

    _said = False

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return open(handle, "a", encoding="utf-8")  # noqa: PTH123 - a Path cannot open a descriptor

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        if self._said:
            return
        self._said = True
        error = sys.exc_info()[1]
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        with suppress(OSError):
            os.write(2, f"tui-monitor: the log file cannot be written: {reason}\n".encode())


class Journal:
    """The log of this process while it runs."""

    def __init__(self, intake: _Intake) -> None:
        self._intake = intake

    def renew(self, level: str, secrets: Iterable[Secret]) -> None:
        """Another config says how much to log, and what to keep out of it."""
        self._intake.hide(secrets)
        logging.getLogger().setLevel(level.upper())


@contextmanager
def logging_to(
    path: Path, *, level: str, secrets: Iterable[Secret] = (), is_on_screen: bool = True
) -> Iterator[Journal]:
    """Log to a rotating file until the end of the block, and to stderr unless a board has the terminal.

    Raises PlaceUnusable.
    """
    try:
        file = _PrivateFile(path, maxBytes=SIZE, backupCount=KEPT)
    except OSError as error:
        raise PlaceUnusable(f"the log file {path} cannot be opened: {error.strerror}") from error
    pens = (_Pen(file), _Pen(_Screen())) if is_on_screen else (_Pen(file),)
    intake = _Intake(pens, secrets)
    root = logging.getLogger()
    before = root.level
    root.addHandler(intake)
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        yield Journal(intake)
    finally:
        root.removeHandler(intake)
        root.setLevel(before)
        for pen in pens:
            pen.close()
