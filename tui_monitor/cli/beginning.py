"""Verbs for the first minutes: a config to begin with, or one made of another monitor's."""

from __future__ import annotations

import asyncio
import os
import shlex
import stat
import sys
import tempfile
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import print_json, tell
from tui_monitor.cli.parser import BadUsage, near
from tui_monitor.cli.reach import wait_for
from tui_monitor.core.errors import ConfigError, Problem, Rejected
from tui_monitor.core.text import clean, spell_duration

if TYPE_CHECKING:
    from tui_monitor.config.imports import Imported
    from tui_monitor.core.ports import Outside

USUAL = "config.yaml"
LARGEST = 8 * 1024 * 1024
PATIENCE = 60.0
"""Seconds that a page which is asked for all that it has may take."""
_SHOWN = 40


def init(asked: Namespace) -> int:
    """A starter that runs as it stands, and three steps to go on from there."""
    from tui_monitor.config.starter import starter

    text, usual = starter(), Path(os.environ.get("TUI_MONITOR_CONFIG") or USUAL)
    path = None if asked.file == "-" else _path(asked, asked.file) or usual
    if path is not None:
        _write(path, text, secret=True, force=asked.force)
    if getattr(asked, "json", False):
        print_json({"file": None if path is None else str(path), "config": text})
    elif path is None:
        _put_out(text)
    if path is not None:
        tell(f"{path} is written: it watches this machine, and you can run it as it is.")
        _tell_steps(path, " and make it yours: every line of it says what it is for")
    return Exit.FINE


def begin(path: Path) -> str:
    """The same starter for whoever begins at the board; what to do next, in a sentence. Raises Rejected."""
    from tui_monitor.config.starter import starter

    try:
        path = path.expanduser()
        if os.path.lexists(path):
            raise Rejected(f"{path} is there already, and stays as it is: name another file")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, starter(), secret=True, force=False)
    except OSError as error:
        raise Rejected(f"{path} cannot be written: {(error.strerror or 'unknown reason').lower()}") from None
    except (ValueError, RuntimeError):
        raise Rejected("there can be no file of this name: name another") from None
    return f"{path} is written, and watches this machine. Make it yours while it runs: changes are taken in at once."


def import_(asked: Namespace) -> int:
    """What another monitor was told, as a config of ours, and all that could not be carried over."""
    from tui_monitor.config.imports import FORMATS, carry_over

    if asked.format not in FORMATS:
        raise BadUsage(f"there is no format {asked.format!r}; {near(asked.format, list(FORMATS))}")
    path = _path(asked, asked.output)
    if path is not None:
        _must_be_free(path, asked.force)
    source = "stdin" if asked.source == "-" else clean(asked.source, 200)
    folder = (path or Path(USUAL)).absolute().parent
    fetch = FORMATS[asked.format].fetch
    raw = _read(asked.source, source) if fetch is None else wait_for(_fetched(fetch, asked.source))
    made = carry_over(asked.format, raw, source, os.environ, folder)
    if path is not None:
        _write(path, made.text, secret=made.is_secret, force=asked.force)
    if getattr(asked, "json", False):
        print_json(_document(made, source, path))
    elif path is None:
        _put_out(made.text)
    sys.stdout.flush()
    _tell_of(made, source, path)
    return Exit.FINE


async def _fetched(fetch: Callable[[str, Outside, Mapping[str, str]], Awaitable[bytes]], address: str) -> bytes:
    """What a page says of itself, within a time that people wait."""
    from tui_monitor.core.plan import Plan
    from tui_monitor.daemon.ways import way_out

    try:
        async with way_out(Plan(), Path.cwd()) as outside, asyncio.timeout(PATIENCE):
            return await fetch(address, outside(PATIENCE), os.environ)
    except TimeoutError:
        raise Rejected(f"it has not said everything within {spell_duration(PATIENCE)}: try again") from None


def _path(asked: Namespace, named: str | None) -> Path | None:
    """The file to write: named for itself, or by -c as everywhere else."""
    if named and asked.config and Path(named) != asked.config:
        raise BadUsage(f"two files are named, {named} and {asked.config}: name one")
    chosen = Path(named) if named else asked.config
    return None if chosen is None or str(chosen) == "-" else chosen.expanduser()


def _read(path: str, source: str) -> bytes:
    """The source, whatever kind of file it is, as long as it ends."""
    if path == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        with Path(path).expanduser().open("rb") as file:
            return file.read(LARGEST + 1)
    except IsADirectoryError:
        raise ConfigError([Problem("this is a folder: name the config file in it", file=source)]) from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ConfigError([Problem(f"cannot be read: {reason}", file=source)]) from None
    except ValueError:
        raise ConfigError([Problem("cannot be read: there can be no such file", file=source)]) from None


def _must_be_free(path: Path, force: bool) -> None:
    if path.is_dir():
        raise Rejected(f"{path} is a folder: name a file in it")
    if os.path.lexists(path) and not force:
        raise Rejected(f"{path} is there already, and stays as it is: name another file, or say --force")


def _write(path: Path, text: str, *, secret: bool, force: bool) -> None:
    """All of it or nothing, and never over a file that is there unless that is wanted."""
    try:
        _must_be_free(path, force)
        if not path.exists():
            _create(path, text, 0o600 if secret else 0o666)
        elif path.is_file():
            _replace(path.resolve(), text, secret)
        else:
            path.write_text(text, encoding="utf-8")  # a device or a pipe stays what it is
    except FileExistsError:
        raise Rejected(f"{path} is there already, and stays as it is: name another file, or say --force") from None
    except OSError as error:
        raise Rejected(f"{path} cannot be written: {(error.strerror or 'unknown reason').lower()}") from None


def _create(path: Path, text: str, mode: int) -> None:
    """Refuses where another was quicker."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _replace(path: Path, text: str, secret: bool) -> None:
    mode = 0o600 if secret else stat.S_IMODE(path.stat().st_mode)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _put_out(text: str) -> None:
    """A config is UTF-8, whatever the terminal is set to."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(text.encode())


def _document(made: Imported, source: str, path: Path | None) -> dict[str, object]:
    left = [{"file": source, "line": one.line or None, "path": one.path, "text": one.reason} for one in made.left]
    counts = {"services": made.services, "destinations": made.destinations}
    file = None if path is None else str(path)
    return {"file": file, "config": made.text, **counts, "needs": list(made.needs), "left": left}


def _tell_of(made: Imported, source: str, path: Path | None) -> None:
    for left in made.left:
        tell(left.at(source))
    count = len(made.left)
    things = f"{count:,} thing{'' if count == 1 else 's'}"
    what = (
        f"{things} could not be carried over as written: see above, and the comments of the config" if count else ""
    )
    tell(f"{what or 'Everything was carried over'}.")
    if made.needs:
        _tell_needs(made.needs, path)
    if path is not None:
        tell(f"{path} is written.")
        _tell_steps(path, ", and decide on what could not be carried over" if made.left else "")


def _tell_needs(needs: Sequence[str], path: Path | None) -> None:
    names = ", ".join(needs[:_SHOWN]) + (f" and {len(needs) - _SHOWN} more" if len(needs) > _SHOWN else "")
    beside = f"beside {path}" if path is not None else "beside it"
    tell(f"It needs variables that are not set: {names}. Set them in the environment, or in a file .env {beside}.")


def _tell_steps(path: Path, first: str) -> None:
    named = "" if str(path) == USUAL else f" -c {shlex.quote(str(path))}"
    tell(f"1. Read {path}{first}.")
    tell(f"2. Try it: tui-monitor validate{named}, which tells every mistake, then tui-monitor check{named}.")
    tell(f"3. Run it: tui-monitor{named}, which shows the board; with --no-tui it runs without one.")
