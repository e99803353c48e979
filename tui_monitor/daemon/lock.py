"""One engine per state: a lock that the kernel gives up with the process, so that none is ever left behind."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from tui_monitor.core.errors import Rejected
from tui_monitor.places import PlaceUnusable


class Taken(Rejected):
    """An engine already runs on this state: ask that one."""


class EngineLock:
    """Held from `with` to its end. Raises Taken, naming the process that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def __enter__(self) -> EngineLock:
        try:
            # O_CLOEXEC is Python's default: no child can keep the lock alive after us
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise PlaceUnusable(f"the lock {self._path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = holder_of(self._path)
            os.close(self._file)
            who = f" (process {holder})" if holder else ""
            raise Taken(
                f"an engine already runs on this state{who}: ask it with tui-monitor status, or stop it first"
            ) from error
        # who holds it is a courtesy to whoever comes second: a full disk that keeps it from being written is no
        # reason to watch nothing
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # the file stays: unlinking it would let two engines lock two files of one name
        os.ftruncate(self._file, 0)
        os.close(self._file)


def running_on(path: Path) -> int | None:
    """The process of the engine that runs on this state, if one does.

    What a dead engine wrote may stand here for ever, so only the kernel's word counts. It is asked by taking the lock
    for a moment, in which an engine that starts would be refused: that is why only of a process that lives.
    """
    holder = holder_of(path)
    if holder is None or not _is_alive(holder):
        return None
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return holder
    except OSError:
        return None
    finally:
        os.close(file)
    return None


def _is_alive(process: int) -> bool:
    if process <= 0:  # these would be whole groups of processes
        return False
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def holder_of(path: Path) -> int | None:
    """The process that wrote itself into the lock, if it can be read."""
    with suppress(OSError, ValueError, IndexError):
        return int(path.read_text(encoding="ascii").split()[0])
    return None
