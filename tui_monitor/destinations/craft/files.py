"""Writing so that a reader, a full disk and a power cut each find a file whole: the old one or the new one.

One lock for all of them: such writes are rare and short, and two at once are how a name is taken twice.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.text import clean

writing = threading.Lock()

PAGE = 4096
"""Bytes for which there must be room where something is to be written: on a full disk an empty file can be made."""


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """What the disk refuses may be mended by a person while the outbox goes on trying."""
    try:
        yield
    except OSError as error:
        reason = clean(error.strerror or type(error).__name__, 200)
        raise DeliveryError(f"cannot write {clean(str(path), 300)}: {reason}", retry=True) from error


def placed(home: Path, option: str) -> Path:
    """The path of an option, from the folder of the config unless it says where itself."""
    return home / Path(option).expanduser()


def append(path: Path, line: bytes, sync: bool) -> None:
    """A line at the end in one write; where not all of it fits, none of it stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with writing:
        # a pipe that nobody reads is refused at once instead of waited for
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        try:
            _write_or_undo(handle, line)
            if sync and stat.S_ISREG(os.fstat(handle).st_mode):
                os.fsync(handle)
        finally:
            os.close(handle)


def try_file(path: Path) -> None:
    """As if something were to be added, and nothing is."""
    append(path, b"", False)
    disk = os.statvfs(path)
    if disk.f_blocks and disk.f_bavail * disk.f_frsize < PAGE:  # what has no blocks at all is no disk
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_or_undo(handle: int, line: bytes) -> None:
    state = os.fstat(handle)
    if os.write(handle, line) == len(line):
        return
    if stat.S_ISREG(state.st_mode):
        os.ftruncate(handle, state.st_size)
    raise OSError(None, "there is no room for the whole line")


def replace(path: Path, content: bytes) -> None:
    """The file anew: written beside it, on the disk before it takes the name.

    What a killed writer left beside it is swept away by the next; under another name each, it would lie for ever.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.unlink(missing_ok=True)
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        beside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def try_folder(folder: Path) -> None:
    """Write a file into it, and take it away again."""
    with refusals(folder):
        replace(folder / ".tui-monitor-proof", bytes(PAGE))
        (folder / ".tui-monitor-proof").unlink()
