"""The tiles of the overview: a fixed pool of slots, as many as fit, each bound to whichever service is seen there.

However many services there are, only those in the window have a widget, and only lines that differ are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.layout import ArrangeResult, Layout
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui_monitor.board.ink import BLANK, Line
from tui_monitor.board.layout import LINES, Grid, Window
from tui_monitor.board.widgets.frame import Frame, placed
from tui_monitor.board.widgets.sheet import Canvas

Faces = Callable[[int, Region], tuple[Line, ...]]
"""What a service looks like, by its number in the order and its place."""


class Tile(Canvas):
    """One slot. It knows no service: what it shows is its face, and a face that is the same costs nothing."""

    IS_BARE: ClassVar[bool] = True
    face: reactive[tuple[Line, ...]] = reactive((), repaint=False)

    def watch_face(self, face: tuple[Line, ...]) -> None:
        self.put(face)


class Slots(Layout):
    """Each slot where the window has a place for it; the others are nowhere."""

    name = "slots"

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        inside = Region(1, 1, max(0, size.width - 2), max(0, size.height - 2))
        places = (region.translate((1, 1)).intersection(inside) for region in self._tiles.window.regions)
        return [placed(child, place) for child, place in zip(children, places, strict=False)]


class Tiles(Frame, can_focus=True):
    """The window on the grid: it begins at the row `top`."""

    class Picked(Message):
        """A service was clicked, by its number in the order; twice opens it."""

        def __init__(self, number: int, is_twice: bool) -> None:
            super().__init__()
            self.number, self.is_twice = number, is_twice

    class Scrolled(Message):
        """The wheel has moved the window."""

    WHEEL: ClassVar[int] = 1

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._placing = Slots(self)
        self.grid = Grid()
        self.top = 0
        self.window = Window()
        self._slots: list[Tile] = []

    @property
    def room(self) -> Size:
        """What the frame leaves for tiles."""
        return Size(max(0, self.size.width - 2), max(0, self.size.height - 2))

    # -- the window ---------------------------------------------------------------------------------------------

    def lay(self, grid: Grid) -> None:
        """Another grid, or the same one in another size; the window stays where it is as far as it can."""
        self.grid = grid
        self.move(self.top)

    def move(self, top: int) -> None:
        """Let the window begin at another row. Slots are placed anew only where places differ."""
        height = self.room.height
        self.top = min(max(top, 0), self.grid.lowest(height))
        before, self.window = self.window.regions, self.grid.window(self.top, height)
        regions = self.window.regions
        if regions != before:
            self._provide(len(regions))
            for slot in self._slots[:1]:
                slot.refresh(layout=True)  # the toolkit forgets how children were placed when one of them asks for it

    def _provide(self, count: int) -> None:
        """As many slots as the window has places; those that are there are kept."""
        if count > len(self._slots):
            fresh = [Tile() for _ in range(count - len(self._slots))]
            self._slots += fresh
            self.mount(*fresh)

    def reveal(self, number: int) -> None:
        """Move the window as little as is needed to see this service whole."""
        self.move(self.grid.reveal(number, self.top, self.room.height))

    def sees(self, number: int) -> bool:
        return any(number == one for one, _ in self.window.places)

    def show(self, faces: Faces, numbers: Iterable[int] | None = None) -> None:
        """Draw what is seen, or of it only these services."""
        wanted = None if numbers is None else set(numbers)
        for slot, (number, region) in zip(self._slots, self.window.places, strict=False):
            if wanted is None or number in wanted:
                slot.face = faces(number, region)

    @property
    def backdrop(self) -> Sequence[Line]:
        """What stands between the tiles: the headings of groups."""
        lines: list[Line] = [BLANK] * self.room.height
        for y, heading in self.window.headings:
            if y >= len(lines):
                break  # the terminal has just become smaller, and nothing is laid anew yet
            lines[y] = ((f" {heading}", "heading"),)
        return lines

    @property
    def is_listed(self) -> bool:
        return self.grid.shape == LINES

    # -- the mouse ----------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        corner = self.content_region.offset
        number = self.window.at(event.screen_x - corner.x - 1, event.screen_y - corner.y - 1)
        if number is not None:
            self.post_message(self.Picked(number, event.chain > 1))

    def on_mouse_scroll_down(self) -> None:
        self._roll(3 if self.is_listed else self.WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self._roll(-3 if self.is_listed else -self.WHEEL)

    def _roll(self, rows: int) -> None:
        self.move(self.top + rows)
        self.post_message(self.Scrolled())
