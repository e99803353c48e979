"""The built-in demo: a fleet of small services on the loopback that live and fail by a script, a config that watches
them, places that are told, and a colleague. Works offline; everything it writes is in one temporary folder.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tui_monitor.core.errors import Rejected
from tui_monitor.fakes.demo.fleet import Fleet
from tui_monitor.fakes.demo.folder import remove, temporary_folder

SEED = "1"
"""Another one in $TUI_MONITOR_DEMO_SEED is another demo; the same one is the same."""
LIMIT = 10.0
"""Seconds that the fleet has to open and to close; it takes a fraction of one."""

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""What ends it; when its terminal is closed, too: nobody would find a demo that goes on without one."""


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a running demo has its things."""

    folder: Path
    config: Path
    services: int
    wall: Callable[[], float]
    """The clock on the wall of the demo, which its script sets."""

    def remove(self) -> None:
        remove(self.folder)


@contextmanager
def demo(environ: Mapping[str, str] = os.environ) -> Iterator[Demo]:
    """The fleet lives in a thread of its own until the end of the block, so that the engine meets strangers."""
    seed, speed = environ.get("TUI_MONITOR_DEMO_SEED", SEED), _speed_of(environ)
    with _orderly_signals(), _no_proxies(), temporary_folder() as folder, _loop_beside() as loop:
        fleet = Fleet(folder, seed, speed)
        try:
            _wait_for(fleet.open(), loop)
            loop.call_soon_threadsafe(fleet.start)
            yield Demo(folder, fleet.config, fleet.size, fleet.wall)
        finally:
            _hear(signal.SIG_IGN)
            _wait_for(fleet.close(), loop)


def _speed_of(environ: Mapping[str, str]) -> float:
    """How many times as fast everything goes: for whoever has no five minutes."""
    text = environ.get("TUI_MONITOR_DEMO_SPEED", "1")
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 20:
        raise Rejected(f"$TUI_MONITOR_DEMO_SPEED is {text!r}: it must be a number from 0.1 to 20")
    return speed


@contextmanager
def _loop_beside() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    living = threading.Thread(target=loop.run_forever, name="demo", daemon=True)
    living.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        living.join(LIMIT)
        loop.close()


def _wait_for(work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(work, loop).result(LIMIT)


@contextmanager
def _orderly_signals() -> Iterator[None]:
    """The engine has its own way with signals while it runs; before and after it, they must leave nothing lying."""
    before = _hear(_interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _no_proxies() -> Iterator[None]:
    """Nothing leaves this machine, and a proxy could not find the way back to it."""
    taken = {name: os.environ.pop(name) for name in list(os.environ) if name.lower().endswith("_proxy")}
    try:
        yield
    finally:
        os.environ.update(taken)


def _hear(handler: Any) -> dict[signal.Signals, Any]:
    """What was heard before; nothing changes in a thread to which no signals come."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.signal(number, handler) for number in SIGNALS}


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
