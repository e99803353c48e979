"""The one folder of a demo: it goes when the demo goes, and what a killed demo left goes with the next one.

A running demo holds a lock in its folder, which the kernel gives up with the process. So a folder whose lock can be
taken belongs to nobody any more, whatever process has got its number since.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "tui-monitor-demo-"
LOCK = "in-use"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    folder, lock = _make()
    try:
        yield folder
    finally:
        remove(folder)
        os.close(lock)


def _make() -> tuple[Path, int]:
    """A folder of our own and the lock on it; another one where somebody swept it away in between."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (folder / LOCK).exists():
                return folder, lock
            os.close(lock)


def remove(folder: Path) -> None:
    """Whole, also where somebody still writes into it for a moment."""
    for _ in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def sweep() -> list[Path]:
    """Remove what demos of ours left that were killed; which they were."""
    swept = []
    with os.scandir(tempfile.gettempdir()) as entries:
        found = [Path(entry.path) for entry in entries if entry.name.startswith(PREFIX)]
    for folder in found:
        with suppress(OSError):
            if _is_ours(folder) and _is_abandoned(folder):
                swept.append(folder)
    return swept


def _is_ours(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _is_abandoned(folder: Path) -> bool:
    """Whether nobody holds its lock; it is removed under that very lock. One without a lock is left alone."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove(folder)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
