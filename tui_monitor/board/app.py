"""The app: it takes the news eight times a second, folds them into the picture, and has the page in sight draw it."""

from __future__ import annotations

import getpass
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from tui_monitor.board.draw.heads import About
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.face import Connection, Face
from tui_monitor.board.gaze import Gaze
from tui_monitor.board.glyphs import Glyphs, glyphs_for
from tui_monitor.board.ink import Line, line
from tui_monitor.board.link import Answer, Link, Question
from tui_monitor.board.operations import CARRIED_OUT
from tui_monitor.board.pages.overview import Overview
from tui_monitor.board.pages.page import Page
from tui_monitor.board.state import Board, Touched, fold
from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.keys import bound
from tui_monitor.core.ports import Command

if TYPE_CHECKING:
    from tui_monitor.board.palette import Palette

TICKS = 8
"""Times a second that news are drawn."""
SAID_FOR = 8.0
"""Seconds that the answer to an operation stays in sight."""


class BoardApp(App[int], inherit_bindings=False):
    """One board on one terminal."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "leave_at_once", show=False, priority=True)]
    CSS = "Screen { background: $background; color: $foreground; }"

    def __init__(self, face: Face, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.face = face
        self.clock = clock
        self.connection: Connection | None = None
        self.link: Link | None = None
        self.board = Board()
        self.gaze: Gaze = Gaze()
        self.operations = bound({})
        self.glyphs: Glyphs = glyphs_for(os.environ, sys.stdout.encoding, face.is_ascii)
        self.palette: Palette
        self.problem = ""
        """Why there is no engine: what opening it said."""
        self._unseen = Touched()
        self._held: Board | None = None
        self._opened: deque[Connection | TuiMonitorError] = deque()
        self._said: tuple[str, str, float] = ("", "", 0.0)
        self._ticks = 0

    # -- life ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.push_screen(Overview())
        self.set_interval(1 / TICKS, self.tick)
        if self.face.config is not None or self.face.is_demo:
            self.call_after_refresh(self.open_engine, self.face.config)

    def open_engine(self, config: Path | None) -> None:
        """Begin to open it; the screen does not wait. None is the demo."""
        threading.Thread(target=self._open, args=(config,), name="opening", daemon=True).start()

    def _open(self, config: Path | None) -> None:
        try:
            self._opened.append(self.face.open(config))
        except TuiMonitorError as error:
            self._opened.append(error)

    def _settle(self, opened: Connection | TuiMonitorError) -> None:
        if isinstance(opened, TuiMonitorError):
            self.problem = str(opened)
            self.say(self.problem, "bad")
            return
        self.connection, self.link = opened, Link(opened)
        self.operations = bound(opened.appearance.keys)
        self.set_keymap({name: ",".join(one.keys) for name, one in self.operations.items()})
        self.link.start()

    @property
    def is_read_only(self) -> bool:
        return self.face.is_read_only

    @property
    def by(self) -> str:
        """Who acts, where no door asks the kernel."""
        return getpass.getuser()

    # -- the picture --------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """What has come since the last time is folded in, drawn and answered."""
        while self._opened:
            self._settle(self._opened.popleft())
        news = self.link.take() if self.link else []
        live = self._held or self.board
        fresh, touched = fold(live, (one for one in news if not isinstance(one, Answer)), self.clock())
        if self._held is not None:
            self._held = fresh
        else:
            self.board = fresh
            self._draw(touched)
        for one in news:
            if isinstance(one, Answer):
                one.give()

    def _draw(self, touched: Touched) -> None:
        """What ages is drawn once a second although nothing is new."""
        self._ticks += 1
        if touched or self._ticks % TICKS == 0:
            self.page.draw(touched)

    def redraw(self) -> None:
        """After something that no news told of, such as another filter."""
        self.page.draw(Touched(is_all=True))

    @property
    def is_paused(self) -> bool:
        return self._held is not None

    def pause(self) -> None:
        """The picture stands still, or shows what has come meanwhile."""
        if self._held is None:
            self._held = self.board
        else:
            self.board, self._held = self._held, None
        self.redraw()

    @property
    def page(self) -> Page:
        """The page in sight, be there dialogs above it or not."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Page))

    def now(self) -> datetime:
        """By the engine's clock, and not ours."""
        return self.board.now(self.clock())

    def about(self, page: str) -> About:
        opened = self.connection
        title = self.board.around.get("title") or (opened.title if opened else "tui-monitor")
        zone = zone_of(opened.timezone if opened else "UTC")
        live = self._held or self.board
        return About(
            page,
            title,
            opened.place if opened else self.problem or "starting",
            zone,
            self.is_paused,
            self.is_read_only,
            live.is_old(self.clock()),
            live.age(self.clock()),
            self.gaze,
            len(self.board.services) - len(self.page.shown()) if self.gaze.is_narrowed else 0,
        )

    # -- operations ---------------------------------------------------------------------------------------------

    def operate(self, name: str) -> None:
        """Carry an operation out, on the page or as everywhere. Without rights nothing is changed, and so it says."""
        operation = self.operations[name]
        if operation.changes and self.is_read_only:
            self.say(f"this board is read-only: it cannot {operation.label or name}", "bad")
        elif not self.page.do(name):
            CARRIED_OUT[name](self)

    def ask(self, question: Question, then: Callable[[Any, str], None]) -> None:
        """Ask the engine; `then(result, refusal)` comes when it has answered, and nothing waits for it."""
        if self.link is None:
            then(None, self.problem or "there is no engine yet")
        else:
            self.link.ask(question, then)

    def carry_out(self, command: Command) -> None:
        """Ask the engine to do something, and say what came of it."""
        asked = replace(command, by=self.by)
        self.ask(lambda control: control.do(asked), self._tell_outcome)

    def _tell_outcome(self, outcome: Any, refusal: str) -> None:
        if refusal:
            self.say(refusal, "bad")
        else:
            self.say(outcome.text, "good")

    def say(self, text: str, style: str = "text") -> None:
        """One sentence above the footer, until it is old or another one comes."""
        self._said = (text, style, self.clock())
        if self.is_running and self.screen_stack:
            self.page.draw(Touched(around=True))

    def said_lines(self, width: int) -> list[Line]:
        text, style, at = self._said
        if not text or self.clock() - at > SAID_FOR:
            return []
        return [line((f" {text}", style))]

    # -- keys that are the same everywhere ----------------------------------------------------------------------

    def look(self, gaze: Gaze) -> None:
        """Look at other services, or in another order."""
        self.gaze = gaze
        self.redraw()

    def action_leave_at_once(self) -> None:
        if "ctrl+c" in self.operations["quit"].keys:
            self.exit(0)
