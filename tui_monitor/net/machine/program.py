"""Programs to be run for a look: what is run and with what around it, found, started, and given up in time.

A program sees none of our own environment but a few names that hold no secret, and runs in the folder of the config.
"""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.net.machine.process import GRACE, PATIENCE, Ended, Running
from tui_monitor.net.threads import Threads
from tui_monitor.net.watch import Watch

_SHELL = ("/bin/sh", "-c")
_FOR_PROGRAM = "a text is for a shell: say shell: true, or write a list like [program, argument]"
_INHERITED = frozenset({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"})
"""And what begins with LC_. Anything else may be a secret, and is given by name or not at all."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is run. Only the name of the program is shown anywhere: the rest may hold what is nobody's business."""

    argv: tuple[str, ...] = field(repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    folder: str = ""
    text: bytes = field(default=b"", repr=False)

    @property
    def name(self) -> str:
        return clean(self.argv[0], 100)

    def environment(self) -> dict[str, str]:
        """What it sees: a little of ours, and what it was given."""
        ours = {name: text for name, text in os.environ.items() if name in _INHERITED or name.startswith("LC_")}
        return {"PATH": os.defpath, **ours, **dict(self.env)}


def build_program(
    run: Sequence[str] | str,
    *,
    shell: bool = False,
    env: Mapping[str, str | Secret] | None = None,
    directory: str = "",
    text: str | Secret = "",
) -> Program:
    """A program from what a person wrote. ValueError says in one sentence why it cannot be run."""
    if isinstance(run, str) is not shell:
        for_shell = "a list is not for a shell: write a text, or leave out shell: true"
        raise ValueError(f"run: {for_shell if shell else _FOR_PROGRAM}")
    argv = (*_SHELL, run) if isinstance(run, str) else tuple(run)
    pairs = tuple((name, _revealed(value)) for name, value in (env or {}).items())
    if not run or not argv[0]:
        raise ValueError("run: names no program")
    for option, words in (("run", argv), ("directory", (directory,))):
        if any("\0" in word for word in words):
            raise ValueError(f"{option}: has a character in it that no program can be given")
    with naming("env"):
        for name, value in pairs:
            if not name or "=" in name or "\0" in name + value:
                raise ValueError(f"{clean(name, 40)!r} is not the name of a variable, or its value cannot be one")
    return Program(argv, pairs, directory, _revealed(text).encode())


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def find_program(name: str, path: str, folder: Path) -> str:
    """Where the program is. Unreadable says why it cannot be started from this folder. Blocks."""
    try:
        if not folder.is_dir():
            raise Unreadable(f"there is no folder {clean(str(folder), 200)} to run {clean(name, 100)} in")
        place = str(folder / name) if "/" in name else shutil.which(name, path=path)
        if place is None:
            raise Unreadable(f"there is no program {clean(name, 100)} in {clean(path, 200)}")
        if not Path(place).is_file():
            raise Unreadable(f"there is no program {clean(place, 200)}")
        if not os.access(place, os.X_OK):
            raise Unreadable(f"{clean(place, 200)} may not be executed: see to its permissions")
    except OSError as error:
        raise _unstarted(name, error) from error
    return place


def _unstarted(name: str, error: OSError) -> Unreadable:
    reason = clean(error.strerror or "unknown reason").lower()
    if isinstance(error, FileNotFoundError):
        reason = "what its first line names to run it with is not there"
    return Unreadable(f"{clean(name, 100)} cannot be started: {reason}")


class Programs:
    """The programs of one process that run now. Made inside a running loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, watch: Watch, home: Path) -> None:
        self._loop, self._watch, self._home = loop, watch, home
        self._threads = Threads(16, "tui-monitor-programs")  # of their own: file systems may hang
        self._searches: dict[tuple[str, str, Path], asyncio.Task[str]] = {}
        self._running: set[Running] = set()

    def __repr__(self) -> str:
        return f"<Programs {len(self._running)} running>"

    async def execute(self, program: Program, within: float) -> Ended:
        """How the program ended; within its time, or Unreachable. Whatever happens, nothing of it is left to run."""
        found = False
        try:
            async with asyncio.timeout(within):
                place = await self._find(program)
                found = True
                return await self._run(program, place)
        except TimeoutError:
            limit = spell_duration(within)
            if not found:
                text = f"{program.name} was not found within {limit}: its file system does not answer"
                raise Unreadable(text) from None
            raise Unreachable("timeout", f"not finished within {limit}") from None

    async def close(self) -> None:
        for task in self._searches.values():
            task.cancel()
        for one in self._running:
            one.kill()
        await self._see_gone(*self._running)
        for one in self._running:
            one.forget()
        self._threads.close()

    async def _run(self, program: Program, place: str) -> Ended:
        running = self._start(program, place)
        try:
            await running.left.wait()
        finally:
            running.end()
            await self._see_gone(running)
        ended = running.result
        if ended is None:
            raise Unreadable("how the command ended is not known: this process was started to ignore SIGCHLD")
        return ended

    async def _see_gone(self, *running: Running) -> None:
        """Wait for their end, but not for ever: what hangs in the kernel cannot be ended by anybody."""
        if waits := [asyncio.ensure_future(one.gone.wait()) for one in running if not one.gone.is_set()]:
            try:
                await asyncio.wait(waits, timeout=GRACE + PATIENCE)
            finally:
                for wait in waits:
                    wait.cancel()
        self._running = {one for one in self._running if not one.gone.is_set()}

    def _find(self, program: Program) -> asyncio.Future[str]:
        """In a thread, for a dead file system would hold the whole loop; and in one only for each program."""
        folder = self._home / Path(program.folder).expanduser()
        key = (program.argv[0], program.environment()["PATH"], folder)
        task = self._searches.get(key)
        if task is None:
            task = asyncio.ensure_future(self._threads.run(functools.partial(find_program, *key)))
            self._searches[key] = task
            task.add_done_callback(functools.partial(self._found, key))
        return asyncio.shield(task)

    def _found(self, key: tuple[str, str, Path], task: asyncio.Task[str]) -> None:
        del self._searches[key]
        if not task.cancelled():
            task.exception()  # whoever still waits for it has it too

    def _start(self, program: Program, place: str) -> Running:
        try:
            process = subprocess.Popen(  # noqa: S603 - to run what the config names is what this is for
                program.argv,
                executable=place,
                stdin=subprocess.PIPE if program.text else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=self._home / Path(program.folder).expanduser(),
                env=program.environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise _unstarted(program.name, error) from error
        try:
            running = Running(self._loop, self._watch, process, program.text)
        except BaseException:
            with process:
                process.kill()
            raise
        self._running.add(running)
        return running
