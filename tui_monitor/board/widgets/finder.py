"""The line in which the words of the filter are written: what is typed narrows the view at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tui_monitor.board.ink import line
from tui_monitor.board.widgets.bar import Bar
from tui_monitor.board.widgets.writing import Writing

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

HINT = "! in front: what has it not    enter keeps it, esc shows all"


class Finder(Widget):
    """Not there until it is opened."""

    DEFAULT_CSS = """
    Finder { display: none; height: 1; layout: horizontal; background: $panel; }
    Finder.-open { display: block; }
    Finder #asks { width: 10; }
    Finder #words { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    Finder #words:focus { border: none; }
    Finder #hint { width: auto; }
    """

    class Typed(Message):
        """Other words."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Done(Message):
        """The words stand."""

    def compose(self) -> ComposeResult:
        yield Bar(id="asks")
        yield Writing(id="words", select_on_focus=False)

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def _input(self) -> Input:
        return self.query_one("#words", Input)

    def open(self, words: str) -> None:
        app = cast("BoardApp", self.app)
        self.query_one("#asks", Bar).show([line((f" filter {app.glyphs.right} ", "heading"))])
        self.add_class("-open")
        with self.prevent(Input.Changed):
            self._input.value = words
        self._input.cursor_position = len(words)
        self._input.focus()

    def close(self) -> None:
        self.remove_class("-open")

    @on(Input.Changed)
    def _tell(self, message: Input.Changed) -> None:
        message.stop()
        if self.is_open:
            self.post_message(self.Typed(message.value))

    @on(Input.Submitted)
    def _keep(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(self.Done())
