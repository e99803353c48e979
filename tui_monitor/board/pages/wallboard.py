"""The board for a screen on the wall: nothing to select, and nothing that anybody must press."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.message import Message

from tui_monitor.board.draw.wall import Wall, wall
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.pages.page import Page
from tui_monitor.board.state import Touched
from tui_monitor.board.widgets.sheet import Canvas

LEAVES = ("wallboard", "back", "quit")


class Hanging(Canvas):
    """The wall. What fits depends on its size, which is another one whenever a line above or below comes or goes."""

    class Sized(Message):
        """It is larger or smaller than it was."""

    def on_resize(self) -> None:
        self.post_message(self.Sized())


class Wallboard(Page):
    """What does not fit is shown in turns, by the ticks of the app."""

    name_of_page: ClassVar[str] = "wallboard"
    heading: ClassVar[str] = "wallboard"

    DEFAULT_CSS = """
    Wallboard #foot, Wallboard #head { display: none; }
    Wallboard #wall { height: 1fr; width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._hung: float | None = None
        """When it was put up, so that it begins with what is worst."""

    def compose_body(self) -> ComposeResult:
        yield Hanging(id="wall")

    def draw_body(self, touched: Touched) -> None:
        app, canvas = self.board_app, self.query_one("#wall", Hanging)
        self._hung = app.clock() if self._hung is None else self._hung
        width, height = canvas.size
        if width and height:
            zone = zone_of(app.timezone)
            on = Wall(width, height, app.now(), zone, app.clock() - self._hung, app.glyphs)
            canvas.put(wall(app.board, on))

    def on_hanging_sized(self) -> None:
        self.draw(Touched(around=True))

    def do(self, operation: str) -> bool:
        if operation not in LEAVES:
            return False
        self.board_app.pop_screen()
        return True
