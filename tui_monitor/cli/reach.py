"""From what was asked to whom to ask: which config, which state, and the engine that runs on it."""

from __future__ import annotations

import asyncio
import os
import stat
from argparse import Namespace
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.places import Places, places_of

if TYPE_CHECKING:
    from tui_monitor.control.client import Client

T = TypeVar("T")


def config_of(asked: Namespace) -> Path:
    """The config file that is meant. ConfigError where there is none."""
    found = find_config(asked)
    if found is None:
        where = "-c FILE, $TUI_MONITOR_CONFIG, ./config.yaml, or config.yaml in your own config folder"
        raise ConfigError([Problem(f"there is no config: write one with tui-monitor init, or name one by {where}")])
    return found


def find_config(asked: Namespace) -> Path | None:
    from tui_monitor.config.where import find

    found = find(asked.config, os.environ, Path.cwd())
    if found is not None:
        _must_be_a_file(found)
    return found


def _must_be_a_file(path: Path) -> None:
    """Opening a pipe would wait for somebody to write into it. What is not there is told by whoever reads it."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a socket or a device"
        raise ConfigError([Problem(f"this is {kind}, and a config is a file", file=str(path))])


def existing_config_of(asked: Namespace) -> Path:
    """For what needs only to know which state is meant: the file is there, right or wrong."""
    found = config_of(asked)
    if not found.is_file():
        raise ConfigError([Problem("there is no such config file", file=str(found))])
    return found


def engine_of(asked: Namespace) -> Client:
    from tui_monitor.control.client import Client

    places = places_of(existing_config_of(asked))
    return Client(places.socket, absence=lambda: absence(places))


def absence(places: Places, otherwise: str = "") -> str:
    """Why nobody answers. An engine may run all the same: it is starting, or its socket was removed."""
    from tui_monitor.control.client import NOBODY
    from tui_monitor.daemon.lock import running_on

    process = running_on(places.lock)
    return (
        f"an engine runs on this state (process {process}), but its door is shut" if process else NOBODY + otherwise
    )


def wait_for(answer: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(answer)
