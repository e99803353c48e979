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
from tui_monitor.board.layout import divide
from tui_monitor.board.widgets.sheet import Canvas


class Inside(Layout):
    """The one child fills what the frame leaves."""

    name = "inside"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        room = Region(1, 1, max(0, size.width - 2), max(0, size.height - 2))
        return [placed(child, room) for child in children]


def placed(child: Widget, region: Region) -> WidgetPlacement:
    return WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)


class Shared(Layout):
    """Two children share the place of their parent as the division says."""

    name = "shared"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        division = divide(size.width, size.height)
        parts = zip(children, (division.tiles, division.log), strict=False)
        return [placed(child, region) for child, region in parts if region.area]


class Parts(Widget):
    """What stands beside each other where the page is wide, and below each other where it is not."""

    BLANK = True
    DEFAULT_CSS = "Parts { height: 1fr; overflow: hidden; }"

    def __init__(self, *children: Widget, id: str | None = None) -> None:
        super().__init__(*children, id=id)
        self._placing = Shared()

    @property
    def layout(self) -> Layout:
        return self._placing


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
