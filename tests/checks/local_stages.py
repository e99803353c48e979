"""The stages of the checks that look at this machine itself: at programs, containers and units."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.checks.scenes import Scene, Setting
from tests.net.buses import Systemd, message_bus, systemd_at, unit
from tests.net.small import Served, response
from tests.net.test_local import answering_at, serving_at
from tests.net.test_process import gone

# -- command --------------------------------------------------------------------------------------------------------


@dataclass
class Run(Scene):
    """A program, which says by a file that it runs, and who it is."""

    folder: Path = Path()

    async def heard(self) -> None:
        while not (self.folder / "pid").exists() or not (self.folder / "pid").read_text().strip():
            await asyncio.sleep(0)

    async def left(self) -> None:
        await gone(int((self.folder / "pid").read_text()))


@asynccontextmanager
async def running(script: str, said: bytes = b"") -> AsyncIterator[Scene]:
    """A shell in a folder of its own, which holds what it may say."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "said").write_bytes(said)
        options = {"run": script, "shell": True, "directory": folder, "nagios": True}
        yield Run(Served(), options, folder=Path(folder))


PROGRAMS: dict[str, Setting] = {
    "well": lambda _: running("echo 'fine | a=1'"),
    "wrong": lambda _: running("echo 'bad | a=2'; exit 2"),
    "silent": lambda _: running("echo $$ > pid; exec sleep 1000"),
    "garbled": lambda said: running("cat said; exit 2", said),
}
"""Of a program that is not there, see test_command."""


# -- docker ---------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def contained(*pieces: bytes, hold: bool = False) -> AsyncIterator[Scene]:
    """An engine of containers at a socket of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        async with answering_at(path, *pieces, hold=hold) as served:
            yield Scene(served, {"container": "a", "socket": str(path)})


@asynccontextmanager
async def left_socket(_: bytes, **options: str) -> AsyncIterator[Scene]:
    """A socket at which nobody listens any more; the option that has an empty path names it."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "s")
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(path)
        yield Scene(Served(), {name: value or path for name, value in options.items()})


def state_of(status: str) -> bytes:
    return response(json.dumps({"State": {"Status": status, "ExitCode": 1}}).encode())


CONTAINERS: dict[str, Setting] = {
    "well": lambda _: contained(state_of("running")),
    "wrong": lambda _: contained(state_of("exited")),
    "silent": lambda _: contained(hold=True),
    "gone": lambda said: left_socket(said, container="a", socket=""),
    "garbled": lambda said: contained(said),
}


# -- systemd --------------------------------------------------------------------------------------------------------


@dataclass
class Managed(Scene):
    """A systemd, which knows how often it was asked."""

    systemd: Systemd = field(default_factory=lambda: Systemd({}))

    def looks(self) -> int:
        return self.systemd.asked.count("LoadUnit web.service")


@asynccontextmanager
async def managed(active: str, sub: str) -> AsyncIterator[Scene]:
    with message_bus() as path:
        async with systemd_at(path, web__service=unit(active, sub)) as systemd:
            yield Managed(Served(), {"unit": "web", "bus": str(path)}, systemd=systemd)


@asynccontextmanager
async def no_bus(said: bytes) -> AsyncIterator[Scene]:
    """Says these bytes once it has heard something; with none, there is only silence."""
    served = Served()

    async def handle(reader: Any, writer: Any) -> None:
        served.heard.append(await reader.read(65_536))
        writer.write(said)
        if not said:
            await reader.read()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        async with serving_at(path, handle) as listening:
            served.closed = listening.closed
            yield Scene(served, {"unit": "web", "bus": str(path)})


UNITS: dict[str, Setting] = {
    "well": lambda _: managed("active", "running"),
    "wrong": lambda _: managed("failed", "failed"),
    "silent": lambda _: no_bus(b""),
    "gone": lambda said: left_socket(said, unit="web", bus=""),
    "garbled": lambda said: no_bus(said or b"\0"),
}
