"""One life of an engine as a process: started, asked, killed; and its state as it lies on the disk afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tui_monitor.control.client import Client
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import EngineUnreachable, Rejected
from tui_monitor.core.ports import Command, Outcome
from tui_monitor.places import Places, places_of

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

PROMISED = 2.0
"""Seconds from SIGTERM to the end."""


def until(condition: Callable[[], Any], within: float, what: str) -> Any:
    """What the condition gives once it is true; it is asked fifty times a second."""
    end = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {within:g} s")
        select.select([], [], [], 0.02)


class Home:
    """A config and the state of the engines that run on it, in a folder."""

    def __init__(self, folder: Path, config: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "config.yaml"
        self.config.write_text(config)
        self.state = folder / "home"
        self.environ = {**os.environ, "TUI_MONITOR_HOME": str(self.state)}

    @property
    def places(self) -> Places:
        return places_of(self.config, self.environ)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tui_monitor", *words, "-c", str(self.config)]

    def start(self, before: Sequence[str] = (), inside: bool = False) -> Life:
        """An engine, through a launcher perhaps; `inside` when that puts it among mounts of its own."""
        return Life(self, before, inside)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the line, to its end."""
        command = self.command(*words)
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=30, check=False)

    def corpse(self) -> Corpse:
        """The store as the last engine left it, read from a copy so that nothing is mended by looking."""
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "store.db"
            for end in ("", "-wal"):
                part = Path(f"{self.places.store}{end}")
                if part.exists():
                    shutil.copy(part, f"{copy}{end}")
            return _read(copy)


class _Ear:
    """Reads a pipe to its end, so that whoever speaks never waits."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._heard = bytearray()
        self._thread = threading.Thread(target=self._listen, name="ear", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while part := os.read(self._pipe.fileno(), 65536):
            self._heard += part

    @property
    def text(self) -> str:
        return bytes(self._heard).decode("utf-8", "replace")

    def close(self) -> None:
        self._thread.join(10)
        self._pipe.close()


@dataclass(frozen=True)
class Corpse:
    """What a copy of the store says."""

    integrity: str = "ok"
    incidents: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Mapping[str, Any]] = ()
    told: Sequence[Mapping[str, Any]] = ()

    def sending(self, destination: str) -> list[Mapping[str, Any]]:
        return [row for row in self.told if row["state"] == "sending" and row["destination"] == destination]

    def timeline(self, subject: str) -> list[Mapping[str, Any]]:
        return [event for event in self.events if event["subject"] == subject]


def _texts(found: Iterable[tuple[str]]) -> list[dict[str, Any]]:
    """Rows of JSON, their moments to the millisecond as the door gives them."""
    return [{name: _millisecond(value) for name, value in json.loads(text).items()} for (text,) in found]


def _millisecond(value: Any) -> Any:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return moment(datetime.fromisoformat(value))
    return value


def _read(path: Path) -> Corpse:
    if not path.exists():
        return Corpse()
    with closing(sqlite3.connect(path)) as database:
        (integrity,) = database.execute("pragma integrity_check").fetchone()
        if not database.execute("select 1 from sqlite_schema where name = 'told'").fetchone():
            return Corpse(integrity)
        incidents = _texts(database.execute("select incident from incident"))
        events = _texts(database.execute("select event from event order by subject, n"))
        told = _texts(database.execute("select row from told"))
    return Corpse(integrity, {one["id"]: one for one in incidents}, events, told)


class Life:
    """A running engine; whatever a test does, it is over at the end of the block.

    What it says goes through pipes: files of ours would be short of room together with its own.
    """

    def __init__(self, home: Home, before: Sequence[str] = (), inside: bool = False) -> None:
        self.home = home
        self._inside = inside
        self.process = subprocess.Popen(
            [*before, *home.command("--no-tui")],
            env=home.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._ears = [_Ear(pipe) for pipe in (self.process.stdout, self.process.stderr) if pipe is not None]

    def __enter__(self) -> Life:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def printed(self) -> str:
        return self._ears[0].text

    @property
    def said(self) -> str:
        """Its stderr so far."""
        return self._ears[1].text

    @property
    def complaints(self) -> list[str]:
        """What it said that a person should act on, and whatever is no line of a log."""
        return [line for line in self.said.splitlines() if " info " not in line]

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.ends()

    def ends(self, within: float = 10.0) -> int:
        """Its exit code, once it has ended and everything it said is here."""
        code = self.process.wait(within)
        for ear in self._ears:
            ear.close()
        return code

    def watches(self) -> None:
        """Waits until it has begun to look; whoever has ended before that watches nothing."""
        until(lambda: "watching" in self.said or self.process.poll() is not None, 30.0, "a start")

    def lives_for(self, seconds: float) -> None:
        """Lets it live for a while; fails if it ends by itself."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"the engine ended by itself with {code}: {self.said[-1500:]}")

    def stop(self) -> float:
        """SIGTERM; the seconds it took to end."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        lasted = time.monotonic() - begun
        self.ends()
        return lasted

    # -- its door -------------------------------------------------------------------------------------------------

    @property
    def door(self) -> Client:
        return Client(self.seen(self.home.places.socket))

    def seen(self, path: Path) -> Path:
        """A path of the engine's as we can open it."""
        return Path(f"/proc/{self.process.pid}/root{path}") if self._inside else path

    def board(self) -> dict[str, Any] | None:
        """The board, or None while nobody answers."""
        self.lives_for(0)
        try:
            return asyncio.run(self.door.snapshot())
        except EngineUnreachable:
            return None

    def shown(self, incident: str) -> dict[str, Any]:
        """One incident with all its timeline."""
        found: dict[str, Any] = asyncio.run(self.door.history("incident", id=incident))
        return found

    def do(self, name: str, target: str = "", text: str = "") -> Outcome:
        return asyncio.run(self.door.do(Command(name, target, text)))

    def refusal(self, name: str, target: str = "", text: str = "") -> str:
        """The sentence with which a command is refused, empty when it is carried out."""
        try:
            self.do(name, target, text)
        except Rejected as error:
            return str(error)
        return ""

    def awaits(self, holds: Callable[[dict[str, Any]], Any], within: float, what: str) -> dict[str, Any]:
        """The board once something holds of it."""

        def look() -> dict[str, Any] | None:
            board = self.board()
            return board if board is not None and holds(board) else None

        try:
            found: dict[str, Any] = until(look, within, what)
        except AssertionError as error:
            raise AssertionError(f"{error}; the engine said: {self.said[-1500:]}") from None
        return found


def is_quiet(board: Mapping[str, Any]) -> bool:
    """Everything well, nothing open, nothing owed."""
    everyone_well = all(one["status"] == "operational" and not one["failing"] for one in board["services"])
    return everyone_well and not board["incidents"] and not board["deliveries"] and not board["trouble"]
