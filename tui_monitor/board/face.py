"""What the command line gives the board: how to come to an engine, and how the person wants it shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from tui_monitor.core.plan import Appearance
    from tui_monitor.core.ports import Control


@dataclass(frozen=True, slots=True)
class Connection:
    """An engine that the board may speak to. Everything of `control` runs on `loop`, which is in another thread."""

    control: Control
    loop: asyncio.AbstractEventLoop
    place: str
    """Where the engine is, for the header: `this process`, `process 1234`."""
    config: Path
    appearance: Appearance
    title: str
    timezone: str
    close: Callable[[], None]
    """Ends it, and may take some seconds: an engine of this process in good order, the way to another at once."""
    fault: Callable[[], str]
    """Why the engine of this process has died; empty while it lives."""
    place_now: Callable[[], str] | None = None
    """Where it is now that it answers again; another process may have taken over. None: it cannot move."""


@dataclass(frozen=True, slots=True)
class Face:
    """What to open, and on what terms."""

    open: Callable[[Path | None], Connection]
    """The engine of this config, or of the demo. Blocks, so it is called in a thread. Raises TuiMonitorError."""
    starter: Callable[[Path], str]
    """Writes a config to begin with; what to do next, in a sentence. Raises TuiMonitorError."""
    config: Path | None = None
    """None, and no demo either: there is no config yet, and the board asks what to do."""
    is_demo: bool = False
    is_read_only: bool = False
    is_ascii: bool = False
    theme: str = ""
    """Empty: the one that the config names."""
