"""The line that a person writes in: what is pasted into it is as harmless as what comes from an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import Input

from tui_monitor.board.cells import one_line

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp


class Writing(Input):
    """Its cursor stands still: one that blinks sends something for as long as nobody types."""

    def on_mount(self) -> None:
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        return one_line(value)

    def render_line(self, y: int) -> Strip:
        """With what this terminal cannot show spelt in as many cells."""
        strip = super().render_line(y)
        spelt = cast("BoardApp", self.app).glyphs.spelt
        return Strip([Segment(spelt(text), style) for text, style, _ in strip], strip.cell_length)
