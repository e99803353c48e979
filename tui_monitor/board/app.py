"""The app: it takes the news eight times a second, folds them into the picture, and has the page in sight draw it."""

from __future__ import annotations

import gc
import os
import pwd
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from tui_monitor.board import clipboard, notice
from tui_monitor.board.awaiting import Awaiting
from tui_monitor.board.colours import SHEET, depth_of, is_light, native, textual_theme
from tui_monitor.board.draw.heads import About
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.face import Connection, Face
from tui_monitor.board.gaze import Gaze
from tui_monitor.board.glyphs import Glyphs, glyphs_for
from tui_monitor.board.ink import Line, line, wrapped
from tui_monitor.board.life import Living
from tui_monitor.board.link import GATHER, Answer, Link, Question
from tui_monitor.board.operations import CARRIED_OUT, LOOKED_AT
from tui_monitor.board.pages.first import First
from tui_monitor.board.pages.incident import IncidentPage
from tui_monitor.board.pages.overview import Overview
from tui_monitor.board.pages.page import Page, keys_of
from tui_monitor.board.pages.service import ServicePage
from tui_monitor.board.palette import Palette
from tui_monitor.board.state import Board, Touched, fold
from tui_monitor.board.themes import themes_of
from tui_monitor.board.widgets.sheet import Canvas
from tui_monitor.core.codec import decode
from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.keys import bound
from tui_monitor.core.plan import Appearance
from tui_monitor.core.ports import Command

if TYPE_CHECKING:
    from tui_monitor.board.theme import Theme as ThemeOfBoard

TICKS = 8
"""Times a second that news are drawn."""
SAID_FOR = 8.0
"""Seconds that the answer to an operation stays in sight."""
FIRST_SAID_FOR = 60.0
"""The same for what a newcomer has to do next."""


class BoardApp(Living, inherit_bindings=False):
    """One board on one terminal."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "leave_at_once", show=False, priority=True)]
    CSS = SHEET + "Page { background: $background; color: $foreground; }"

    def __init__(
        self,
        face: Face,
        *,
        clock: Callable[[], float] = time.monotonic,
        environ: Mapping[str, str] = os.environ,
        gather: float = GATHER,
    ) -> None:
        """`gather` is for how many seconds changes come together before they are one picture."""
        self.depth = depth_of(environ)
        super().__init__(ansi_color=native(self.depth))
        self.face = face
        self.clock = clock
        self.environ = environ
        self._gather = gather
        self.themes = themes_of(environ)
        self._is_light = is_light(environ)
        self.connection: Connection | None = None
        self.link: Link | None = None
        self.board = Board()
        self.gaze: Gaze = Gaze()
        self.operations = bound({})
        self._encoding = sys.stdout.encoding
        self.glyphs: Glyphs = glyphs_for(environ, self._encoding, face.is_ascii)
        self.appearance = Appearance()
        self.place = ""
        """Where the engine is."""
        self.refusal: TuiMonitorError | None = None
        """Why there is no engine; with nothing else to show, the board ends with it."""
        self._held: Board | None = None
        self._opened: deque[Connection | TuiMonitorError] = deque()
        self._said: tuple[str, str, float] = ("", "", 0.0)
        self._awaiting = Awaiting()
        self._ticks = 0
        self._was_old = False
        self._is_frozen = False
        self.wear(self.choose_theme(face.theme))

    # -- life ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        is_first = self.face.config is None and not self.face.is_demo
        self.push_screen(First() if is_first else Overview())
        self.set_interval(1 / TICKS, self.tick)
        if not is_first:
            self.call_after_refresh(self.open_engine, self.face.config)

    def open_engine(self, config: Path | None) -> None:
        """Begin to open it; the screen does not wait. None is the demo."""
        threading.Thread(target=self._open, args=(config,), name="board-opening", daemon=True).start()

    def _open(self, config: Path | None) -> None:
        try:
            self._opened.append(self.face.open(config))
        except TuiMonitorError as error:
            self._opened.append(error)

    def _settle(self, opened: Connection | TuiMonitorError) -> None:
        if isinstance(opened, TuiMonitorError):
            self.refusal = opened
            if not self.page.refuse(opened):
                self.give_up(opened)
            return
        if self.link is not None:
            self.link.stop()
        self.refusal = None
        self.connection, self.link, self.place = opened, Link(opened, self._gather), opened.place
        self.board = Board()
        self.follow(opened.appearance)
        self.gaze = replace(self.gaze, sort=opened.appearance.sort)
        self.link.start()
        if isinstance(self.page, First):
            written = self.page.written
            while self.screen is not self.page:  # a dialog that lies over it
                self.pop_screen()
            self.switch_screen(Overview())
            if written:
                self.say(written, "good", FIRST_SAID_FOR)
        self.redraw()  # nothing of the engine before stands in the new picture

    def follow(self, appearance: Appearance) -> None:
        """How the config wants it shown; what the command line asks for goes before it."""
        theme_before, self.appearance = self.appearance.theme, appearance
        self.operations = bound(appearance.keys)
        others = [one for one in self.operations.values() if one.id in appearance.keys]
        self.set_keymap({one.id: keys_of(one) for one in others})  # each costs time whenever a key is pressed
        is_ascii = self.face.is_ascii or appearance.ascii
        self.glyphs = glyphs_for(self.environ, self._encoding, is_ascii)
        if not self.face.theme and appearance.theme != theme_before:
            self.wear(self.choose_theme(appearance.theme))
        use_mouse = getattr(self._driver, "use_mouse", None)
        if use_mouse is not None:
            use_mouse(appearance.mouse)

    # -- themes -------------------------------------------------------------------------------------------------

    def choose_theme(self, name: str) -> ThemeOfBoard:
        """The theme of this name, or one that suits the terminal; what is wrong with it is said."""
        chosen = self.themes.choose(name, self.depth, self._is_light)
        if chosen.notes:
            self._said = ("; ".join(chosen.notes), "bad", self.clock() + SAID_FOR)
        return chosen.theme

    def wear(self, theme: ThemeOfBoard) -> None:
        """From now on everything is drawn in this theme."""
        self._palette = Palette(theme)
        self.register_theme(textual_theme(theme))
        self.theme = theme.name
        self.repaint()
        self.call_later(self.repaint)  # what lies behind the text follows when the toolkit has read its styles anew

    @property
    def palette(self) -> Palette:
        """What is old is drawn dim: never a frozen green board."""
        return self._palette.dimmed() if self._was_old else self._palette

    def repaint(self) -> None:
        """Every line anew, in another style."""
        if self.is_running:
            for screen in self.screen_stack:
                for canvas in screen.query(Canvas):
                    canvas.refresh()

    @property
    def is_read_only(self) -> bool:
        return self.face.is_read_only

    @property
    def by(self) -> str:
        """Who acts, where no door asks the kernel."""
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return f"uid {os.getuid()}"

    # -- the picture --------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """What has come since the last time is folded in, drawn and answered."""
        if not self.is_running:
            return  # it is about to close: its pages are being taken apart
        while self._opened:
            self._settle(self._opened.popleft())
        news = self.link.take() if self.link else []
        live = self.live
        fresh, touched = fold(live, (one for one in news if not isinstance(one, Answer)), self.clock())
        if self._held is not None:
            self._held = fresh
        else:
            self.board = fresh
        if self._awaiting and touched:
            self._say_answers()
        self._heed(touched, has_come_back=touched.is_all and not live.is_empty)
        self._draw(touched)
        for one in news:
            if isinstance(one, Answer):
                one.give()
        if touched.is_all and not self._is_frozen:
            self._is_frozen = True
            gc.freeze()  # thousands of rows stay: a collection that looked at them would keep a key waiting

    @property
    def live(self) -> Board:
        """What is true, be the picture in sight paused or not."""
        return self._held or self.board

    def _draw(self, touched: Touched) -> None:
        """What ages is drawn once a second although nothing is new."""
        self._ticks += 1
        is_old = self.live.is_old(self.clock())
        if is_old != self._was_old:
            self._was_old = is_old
            self.repaint()
            touched.around = True
        if touched or self._ticks % TICKS == 0:
            self.page.draw(Touched() if self.is_paused else touched)

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

    @property
    def timezone(self) -> str:
        return str(self.board.around.get("timezone") or (self.connection.timezone if self.connection else "UTC"))

    def about(self, page: str) -> About:
        opened = self.connection
        title = self.board.around.get("title") or (opened.title if opened else "tui-monitor")
        gaze = self.gaze if isinstance(self.page, Overview) else Gaze()  # no other page hides a service
        return About(
            page,
            title,
            self.place if opened else str(self.refusal or self.page.waits),
            zone_of(self.timezone),
            self.is_paused,
            self.is_read_only,
            self.live.is_old(self.clock()),
            self.live.age(self.clock()),
            gaze,
            len(self.board.services) - len(self.page.shown()) if gaze.is_narrowed else 0,
            self.live.lost,
            self._begun_since(),
        )

    def _begun_since(self) -> int:
        """Incidents that a paused picture does not show."""
        if self._held is None:
            return 0
        return sum(one["id"] not in self.board.incidents for one in self._held.open_incidents())

    # -- operations ---------------------------------------------------------------------------------------------

    def operate(self, name: str) -> None:
        """Carry an operation out, on the page or as everywhere. Without rights nothing is changed, and so it says."""
        operation = self.operations[name]
        if operation.changes and self.is_read_only and name in LOOKED_AT:
            LOOKED_AT[name](self)
        elif operation.changes and self.is_read_only:
            self.say("this board is read-only: it shows everything, and changes nothing", "bad")
        elif not self.page.do(name):
            CARRIED_OUT[name](self)

    def ask(self, question: Question, then: Callable[[Any, str], None]) -> None:
        """Ask the engine; `then(result, refusal)` comes when it has answered, and nothing waits for it."""
        if self.link is None:
            then(None, str(self.refusal or "there is no engine yet"))
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
            self.await_answers([outcome.data])

    def _heed(self, touched: Touched, *, has_come_back: bool) -> None:
        """What means something to the board itself: another config or engine, or something that may wake people."""
        if has_come_back or any(one["kind"] in ("reloaded", "well") for one in touched.events):
            self.ask(lambda control: control.history("config"), self._take_config)
        if has_come_back and self.connection is not None and self.connection.place_now is not None:
            self.place = self.connection.place_now()
        title = str(self.live.around.get("title") or "tui-monitor")
        called = notice.signal(notice.calls(touched.events, self.live), title, self.appearance, self.environ)
        if called and self._driver is not None:
            self._driver.write(called)

    def _take_config(self, config: Any, refusal: str) -> None:
        if not refusal:
            self.follow(decode(Appearance, config["appearance"]))
            self.redraw()

    def await_answers(self, told: Iterable[Mapping[str, Any]]) -> None:
        """For a while, say at once what the destinations that these outcomes name have to answer."""
        for data in told:
            self._awaiting.expect(data, self.now(), self.clock())
        self._say_answers()

    def _say_answers(self) -> None:
        for text, style in self._awaiting.hear(self.live, self.clock()):
            self.say(text, style)

    def copy(self, text: str) -> None:
        """Into the clipboard of whoever sits before this terminal, however far away."""
        shown = clipboard.fit(text)
        self.copy_to_clipboard(shown)
        if self._driver is not None and self.environ.get("TMUX"):
            self._driver.write(clipboard.through_tmux(shown))
        self.say(clipboard.said_of(text), "good")

    def say(self, text: str, style: str = "text", lasts: float = SAID_FOR) -> None:
        """One sentence above the footer, until it is old or another one comes."""
        self._said = (text, style, self.clock() + lasts)
        if self.is_running and self.screen_stack:
            self.page.draw(Touched(around=True))

    def said_lines(self, width: int) -> list[Line]:
        text, style, until = self._said
        if not text or self.clock() > until:
            return []
        return wrapped(line((f" {text}", style)), width, indent=1)[:4]

    # -- pages --------------------------------------------------------------------------------------------------

    def open_incident(self, incident: str) -> None:
        self.push_screen(IncidentPage(incident))

    def open_service(self, service: str) -> None:
        self.push_screen(ServicePage(service))

    # -- keys that are the same everywhere ----------------------------------------------------------------------

    def look(self, gaze: Gaze) -> None:
        """Look at other services, or in another order."""
        self.gaze = gaze
        self.redraw()

    def action_leave_at_once(self) -> None:
        if "ctrl+c" in self.operations["quit"].keys:
            self.exit(0)
