"""What can be found out about this machine without asking anybody: files, room, clock, and what is installed."""

from __future__ import annotations

import ctypes
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from tui_monitor.core.text import spell_duration
from tui_monitor.places import Places

MEGABYTE = 10**6
LITTLE = 100 * MEGABYTE
"""Bytes free below which the next full disk is near."""

AHEAD = 60.0
"""Seconds by which another moment may be ahead of this clock before the clock is doubted."""

_TIME_ERROR = 5
"""What Linux answers for a clock that nothing keeps in time."""


class Verdict(StrEnum):
    """What a person should do about a finding."""

    FINE = "fine"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and one sentence of how it is or what to do about it."""

    about: str
    verdict: Verdict
    text: str


def fine(about: str, text: str) -> Finding:
    return Finding(about, Verdict.FINE, text)


def note(about: str, text: str) -> Finding:
    return Finding(about, Verdict.NOTE, text)


def mend(about: str, text: str) -> Finding:
    return Finding(about, Verdict.MEND, text)


# -- files ----------------------------------------------------------------------------------------------------------


def of_config(path: Path) -> Iterator[Finding]:
    """Whoever may change the config decides what is run and who is told; the `.env` beside it holds secrets."""
    if _mode(path) & stat.S_IWOTH:
        yield mend("config", f"anybody on this machine may change {path}: chmod o-w it")
    secrets = path.parent / ".env"
    if _mode(secrets) & 0o077:
        yield note("config", f"others on this machine may read {secrets}, which is a place for secrets: chmod 600 it")


def of_state(places: Places) -> Iterator[Finding]:
    """The folders of the state, and that nobody else can look into it."""
    faults = [fault for folder in _folders(places) for fault in _faults_of(folder)]
    loose = [path for path in _files(places) if _mode(path) & 0o077]
    faults += [f"others on this machine may use {path}: chmod 600 it" for path in loose]
    yield from (mend("state", fault) for fault in faults)
    if not faults:
        made = "is yours alone" if places.home.is_dir() else "is made when an engine starts"
        yield fine("state", f"{places.home} {made}")


def _folders(places: Places) -> list[Path]:
    return list(dict.fromkeys((places.home, places.logs, places.socket.parent)))


def _files(places: Places) -> list[Path]:
    return [places.store, places.lock, places.log, places.socket]


def _faults_of(folder: Path) -> Iterator[str]:
    if not folder.exists():
        above = next(one for one in folder.parents if one.exists())
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            yield f"{folder} cannot be made in {above}: choose another place with $TUI_MONITOR_HOME"
    elif not folder.is_dir():
        yield f"{folder} is not a folder: choose another place with $TUI_MONITOR_HOME"
    elif folder.stat().st_uid != os.getuid():
        yield f"{folder} belongs to somebody else: choose another place with $TUI_MONITOR_HOME"
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield f"{folder} cannot be written to: chmod 700 it"
    elif _mode(folder) & 0o077:
        yield f"others on this machine may look into {folder}: chmod 700 it"


def _mode(path: Path) -> int:
    """The permissions of what is there; none of what is not."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def of_disk(places: Places, size_limit: int) -> Iterator[Finding]:
    """The room that is left where the state is; the store may still grow up to its limit."""
    home, logs = _there(places.home), _there(places.logs)
    size = places.store.stat().st_size if places.store.is_file() else 0
    yield _room_in(home, max(0, size_limit - size))
    if home.stat().st_dev != logs.stat().st_dev:
        yield _room_in(logs, 0)


def _room_in(folder: Path, growth: int) -> Finding:
    room = os.statvfs(folder)
    free = room.f_bavail * room.f_frsize
    left = f"{free / MEGABYTE:,.0f} MB are free in {folder}"
    if free < LITTLE:
        return mend("disk", f"{left}: make room")
    if room.f_files and not room.f_favail:
        return mend("disk", f"{left}, but it takes no new file: remove some")
    if free < growth:
        return note("disk", f"{left}, and the store may still grow by {growth / MEGABYTE:,.0f} MB")
    return fine("disk", left)


def _there(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.is_dir())


# -- the clock ------------------------------------------------------------------------------------------------------


def of_clock(now: datetime, newest: datetime | None) -> Finding:
    """`newest` is the last moment that the store knows of: time cannot have gone back since."""
    if newest is not None and (newest - now).total_seconds() > AHEAD:
        ahead = spell_duration((newest - now).total_seconds())
        return mend("clock", f"this clock is {ahead} behind what the store has seen already: set it right")
    if is_adrift():
        return note("clock", "nothing keeps this clock in time, as far as the kernel knows: let NTP do it")
    return fine("clock", "nothing speaks against this clock")


def is_adrift() -> bool:
    """Whether Linux says that nothing keeps its clock in time; elsewhere nobody knows."""
    if not sys.platform.startswith("linux"):
        return False
    ask = getattr(ctypes.CDLL(None), "adjtimex", None)
    # zeros ask without changing anything; the kernel fills in about two hundred bytes
    return ask is not None and ask(ctypes.create_string_buffer(512)) == _TIME_ERROR


# -- what is installed ----------------------------------------------------------------------------------------------


def of_extras(wanted: Sequence[str] | None = None) -> Finding:
    """What is installed apart, since only some need it; where this config lacks one, that is an error of it."""
    written = (requires("tui-monitor") or []) if wanted is None else wanted
    absent: dict[str, None] = {}
    for line in written:
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        if extra and not _is_installed(re.split(r"[^\w.-]", line, maxsplit=1)[0]):
            absent[extra[1]] = None
    if not absent:
        return fine("extras", "everything that is installed apart is here")
    listed = ", ".join(absent)
    return fine("extras", f"not installed, and not needed by this config: {listed}")


def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True
