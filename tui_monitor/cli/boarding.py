"""Puts the board on the terminal: what it may open, how it ends, and what is said once the terminal is free again.

Until the first picture stands, nothing is loaded that it does not need.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui_monitor.board.face import Connection, Face
from tui_monitor.cli.exits import Exit
from tui_monitor.cli.parser import BadUsage
from tui_monitor.cli.reach import existing_config_of, find_config
from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.text import clean

if TYPE_CHECKING:
    from tui_monitor.board.life import Ending
    from tui_monitor.daemon.hosting import Attached, Engines, Hosted


FRAMES = "240"
"""Pictures a second at most. So many never come, but a key that changes two of them must not wait for the second."""


def run(asked: Namespace) -> int:
    """`tui-monitor` and `tui-monitor --demo`: returns when the person has left."""
    config = None if asked.demo or find_config(asked) is None else existing_config_of(asked)
    _need_terminal()
    voyage = _Voyage()
    face = Face(
        open=voyage.open,
        starter=_starter,
        config=config,
        is_demo=asked.demo,
        is_read_only=asked.read_only,
        is_ascii=asked.ascii,
        theme=asked.theme,
    )
    from tui_monitor.board.colours import prepare

    prepare(os.environ)  # before the toolkit is loaded, which looks at the terminal then and never again
    os.environ["TEXTUAL_FPS"] = FRAMES
    from tui_monitor.board.tty import Tty, curtain

    tty = Tty()
    with curtain(tty, "tui-monitor is starting"):
        from tui_monitor.board import life
        from tui_monitor.board.app import BoardApp

        ending = life.run(BoardApp(face), voyage.end, voyage.abort, tty)
    return _leave(_say(ending, voyage, asked.debug), voyage)


def _need_terminal() -> None:
    if not (os.isatty(0) and os.isatty(1)):
        raise BadUsage("the board needs a terminal, and this is none: --no-tui runs the engine without a board")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise BadUsage("this terminal cannot show the board (see $TERM): --no-tui runs the engine without one")


def _starter(path: Path) -> str:
    from tui_monitor.cli.beginning import begin

    return begin(path)


class _Voyage:
    """What one board opens and leaves behind."""

    def __init__(self) -> None:
        self._engines: Engines | None = None
        self._abort: Callable[[], None] = lambda: None

    def open(self, config: Path | None) -> Connection:
        """Called in a thread of the board; None is the demo."""
        from tui_monitor.daemon.hosting import Engines

        self._engines = self._engines or Engines()
        with self._engines.opening():
            opened = self._open_demo(self._engines) if config is None else self._engines.open(config, os.environ)
        gc.freeze()  # what is here now stays: no collection need look at it while somebody waits for a key
        return _connected(opened)

    def _open_demo(self, engines: Engines) -> Hosted | Attached:
        from tui_monitor.engine import Clock
        from tui_monitor.fakes.demo import demo

        found = engines.stand_on(demo())
        self._abort = found.remove
        return engines.open(found.config, {"TUI_MONITOR_HOME": str(found.folder)}, Clock(found.wall))

    def end(self) -> None:
        if self._engines is not None:
            self._engines.close()

    def abort(self) -> None:
        """At once: only what would lie about for ever is seen to."""
        self._abort()

    @property
    def has_opened(self) -> bool:
        return self._engines is not None

    @property
    def fault(self) -> str:
        return self._engines.fault() if self._engines else ""

    @property
    def log(self) -> Path | None:
        return self._engines.log if self._engines else None


def _connected(opened: Hosted | Attached) -> Connection:
    """With what every face is told of the config in force."""
    from tui_monitor.core.codec import decode
    from tui_monitor.core.plan import Appearance
    from tui_monitor.daemon.hosting import answer_of

    told = answer_of(opened, opened.control.history("config"))
    return Connection(
        control=opened.control,
        loop=opened.loop,
        place=opened.place,
        config=Path(told["file"]),
        appearance=decode(Appearance, told["appearance"]),
        title=told["title"],
        timezone=told["timezone"],
        close=opened.close,
        fault=opened.fault,
        place_now=opened.place_now,
    )


def _say(ending: Ending, voyage: _Voyage, debug: bool) -> int:
    """What a person must know, in one line; values are never told, since any might be a secret."""
    fault = ending.fault
    if isinstance(fault, TuiMonitorError):
        raise fault
    if fault is not None:
        if debug:
            traceback.print_exception(fault)
        where = f"{voyage.log} says where" if voyage.log and voyage.log.exists() else "--debug shows where"
        print(f"tui-monitor: the board broke ({type(fault).__name__}); {where}", file=sys.stderr)
        return Exit.REFUSED
    if voyage.fault:
        print(f"tui-monitor: {clean(voyage.fault, 2000)}", file=sys.stderr)
        return Exit.REFUSED
    return ending.code


def _leave(code: int, voyage: _Voyage) -> int:
    if voyage.has_opened:
        from tui_monitor import daemon

        daemon.leave(code)
    return code
