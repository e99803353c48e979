"""The program as a user has it: started as a process, asked through its command line, ended with signals."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any

from tui_monitor.cli import main
from tui_monitor.control.client import Client
from tui_monitor.places import Places, places_of

PATIENCE = 60.0
"""Seconds after which something that should have happened has not; nothing waits this long when all is well."""

COMMAND = [sys.executable, "-m", "tui_monitor"]


class Site:
    """A small web server that answers with the status it is told to, and counts."""

    def __init__(self) -> None:
        site = self
        self.status = 200
        self.body = b"ok"
        self.bodies: list[dict[str, Any]] = []

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(site.status)
                self.send_header("Content-Length", str(len(site.body)))
                self.end_headers()
                self.wfile.write(site.body)

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                site.bodies.append(json.loads(self.rfile.read(length)))
                self.do_GET()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(frozen=True)
class Said:
    """What came of a command."""

    code: int
    out: str
    err: str


@dataclass
class Setting:
    """A config in a folder of its own, with a home beside it."""

    folder: Path
    text: str
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(self.text, encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUI_MONITOR", "XDG_"))}
        plain = {"TUI_MONITOR_HOME": str(self.home), "PYTHONWARNINGS": "ignore", "HOME": str(self.folder)}
        return {**kept, **plain, **self.environ}

    @property
    def places(self) -> Places:
        return places_of(self.config, {"TUI_MONITOR_HOME": str(self.home), **self.environ})

    @property
    def client(self) -> Client:
        return Client(self.places.socket)

    def call(self, *words: str, config: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        named = ["-c", str(self.config)] if config else []
        return subprocess.run(
            [*COMMAND, *words, *named],
            env=self.variables,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
        )

    def here(self, *words: str) -> Said:
        """The same in this process, which is quicker: the program is one function."""
        out, err = io.StringIO(), io.StringIO()
        before, hook = dict(os.environ), sys.excepthook
        os.environ.update(self.variables)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main([*words, "-c", str(self.config)])
        finally:
            os.environ.clear()
            os.environ.update(before)
            sys.excepthook = hook
        return Said(code, out.getvalue(), err.getvalue())

    def ask(self, *words: str) -> Any:
        """The JSON that a command prints."""
        said = self.here(*words, "--json")
        assert said.code == 0 or (said.code, said.err, words) == (1, "", ("status",)), said.err
        return json.loads(said.out)

    def start(
        self, *words: str, cwd: Path | None = None, config: bool = True, through: Sequence[str] = ()
    ) -> Running:
        """An engine, headless unless other words say otherwise; `through` is a command that runs it."""
        named = ["-c", str(self.config)] if config else []
        return Running([*(words or ["--no-tui"] * config), *named], self.variables, cwd or self.folder, through)

    def until(self, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first board of the running engine for which it holds."""

        async def watch() -> dict[str, Any]:
            async with asyncio.timeout(PATIENCE):
                while not holds(board := await self.client.snapshot()):
                    await self.client.changes(board["cursor"], 5)
                return board

        return asyncio.run(watch())


class Running:
    """An engine in a process of its own; whatever becomes of the test, it is ended."""

    def __init__(self, words: list[str], environ: dict[str, str], cwd: Path, through: Sequence[str] = ()) -> None:
        self.process = subprocess.Popen(
            [*through, *COMMAND, *words],
            env=environ,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.narration = ""

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def until_it_says(self, words: str) -> str:
        """Read stderr up to these words; what was read is kept in `narration`."""
        assert self.process.stderr is not None
        end = monotonic() + PATIENCE
        while words not in self.narration:
            ready, _, _ = select.select([self.process.stderr], [], [], max(0.0, end - monotonic()))
            assert ready, f"it never said {words!r}, only:\n{self.narration}"
            part = os.read(self.process.stderr.fileno(), 65536)
            assert part, f"it ended without saying {words!r}:\n{self.narration}"
            self.narration += part.decode()
        return self.narration

    def until_open(self) -> Running:
        self.until_it_says("commands are taken")
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, float]:
        """Its exit code, its last words on stdout, and the seconds that it took."""
        begun = monotonic()
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        self.narration += err.decode()
        return self.process.returncode, out.decode(), monotonic() - begun
