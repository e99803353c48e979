"""A part of a page with a frame round it, that is drawn like everything else: line by line, and only what differs."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.widget import Widget

from tui_monitor.board.draw.frame import framed
from tui_monitor.board.ink import Line
from tui_monitor.board.widgets.sheet import Canvas


class Inside(Layout):
    """The one child fills what the frame leaves."""

    name = "inside"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        room = Region(1, 1, max(0, size.width - 2), max(0, size.height - 2))
        return [placed(child, room) for child in children]


def placed(child: Widget, region: Region) -> WidgetPlacement:
    return WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)


class Frame(Canvas):
    """The frame is drawn by this widget itself, what stands in it by its children on top of it."""

    DEFAULT_CSS = "Frame { overflow: hidden; }"

    class Sized(Message):
        """It has another size, so that what it shows must be arranged anew."""

    def __init__(self, *children: Widget, id: str | None = None) -> None:
        super().__init__(id=id)
        self._inner = children
        self._placing: Layout = Inside()

    @property
    def layout(self) -> Layout:
        return self._placing

    def compose(self) -> ComposeResult:
        yield from self._inner

    def frame(self, title: Line, foot: Line = (), inner: Sequence[Line] = (), *, has_focus: bool) -> None:
        size = (self.size.width, self.size.height)
        self.put(framed(title, foot, inner, size, self.board_app.glyphs, has_focus=has_focus))

    def on_resize(self) -> None:
        self.post_message(self.Sized())
