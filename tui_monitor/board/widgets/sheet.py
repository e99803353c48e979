"""Lines in a window: it scrolls row by row, a selected row keeps its key, and only lines that differ are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Self, cast

from rich.style import Style
from textual import events
from textual.color import Color
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_monitor.board.ink import BLANK, Line, Row, difference, fill, strip_of, under

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp


class Canvas(Widget):
    """Draws lines of spans itself; `put` draws anew only those that differ from what the terminal has."""

    IS_BARE: ClassVar[bool] = False
    """Whether it never has a border or a padding, and so can be drawn without asking for them."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: list[Line] = []
        self._kept: tuple[Region, list[Strip]] | None = None
        self._ground: Style | None = None
        """What lies behind everything: a light theme is light on a dark terminal too."""

    @property
    def board_app(self) -> BoardApp:
        return cast("BoardApp", self.app)

    def put(self, lines: Sequence[Line]) -> None:
        before, self._drawn = self._drawn, list(lines)
        width, height = self.size
        if len(before) > len(self._drawn) or not before:
            self.refresh()
            return
        changed = []
        for y, spans in enumerate(self._drawn[:height]):
            first, cells = difference(before[y], spans, width) if y < len(before) else (0, width)
            if cells > 0:
                changed.append(Region(first, y, cells, 1))
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        spans = self._drawn[y] if y < len(self._drawn) else BLANK
        app = self.board_app
        strip = strip_of(spans, self.size.width, app.palette.style, app.glyphs.spelt)
        return strip.apply_style(self._ground) if self._ground else strip

    # -- whoever has not changed is asked for its strips too, whenever a neighbour has: that must cost nothing -------

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._kept is None or self._kept[0] != crop:
            colour = self.background_colors[1]
            self._ground = ground_of(colour)
            self._kept = crop, self._bare(crop, colour) if self.IS_BARE else super().render_lines(crop)
        return self._kept[1]

    def _bare(self, crop: Region, colour: Color) -> list[Strip]:
        """The same as the toolkit does for a widget without border and padding, in a third of the time."""
        strips = [self.render_line(y) for y in crop.line_range]
        for effect in self.get_line_filters():
            strips = [one.apply_filter(effect, colour) for one in strips]
        if crop.column_span == (0, self.size.width):
            return strips
        return [one.crop(*crop.column_span) for one in strips]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        self._kept = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        self._kept = None
        super().notify_style_update()

    @property
    def lines(self) -> Sequence[Line]:
        """What is drawn now, for tests."""
        return self._drawn


@lru_cache(maxsize=64)
def ground_of(colour: Color) -> Style | None:
    """Nothing, where the terminal's own background is wanted."""
    is_own = colour.a == 0 or (colour.ansi is not None and colour.ansi < 0)
    return None if is_own else Style(bgcolor=colour.rich_color)


class Sheet(Canvas, can_focus=True):
    """Rows of which a window is seen. One that `follows` stays at its end until somebody scrolls away from it."""

    DEFAULT_CSS = "Sheet { height: 1fr; }"

    class Opened(Message):
        """A row was opened, by Enter or a second click."""

        def __init__(self, sheet: Sheet, key: str) -> None:
            super().__init__()
            self.sheet, self.key = sheet, key

    class Moved(Message):
        """Another row is selected."""

        def __init__(self, sheet: Sheet, key: str) -> None:
            super().__init__()
            self.sheet, self.key = sheet, key

    WHEEL: ClassVar[int] = 3

    def __init__(self, *, follows: bool = False, lit: bool = False, id: str | None = None) -> None:
        """`lit` shows what is selected although the keys go elsewhere."""
        super().__init__(id=id)
        self._lit = lit
        self.rows: Sequence[Row] = ()
        self.top = 0
        self.key = ""
        self.key_is_chosen = False
        """Whether a person has moved to the selected row; a log that follows selects nothing by itself."""
        self.is_following = follows
        self._follows = follows

    @property
    def is_selective(self) -> bool:
        """Whether rows can be selected; else the keys scroll."""
        return any(row.key for row in self.rows)

    # -- what is shown ------------------------------------------------------------------------------------------

    def show(self, rows: Sequence[Row]) -> None:
        """Other rows: the selection stays with its key, else with the row that stood nearest."""
        at = self._at()
        self.rows = rows
        if self.is_selective and not any(row.key and row.key == self.key for row in rows):
            self.key = self._nearest(at)
        if self.is_following and not self.key_is_chosen:
            self.top = self._lowest()
        self.top = min(self.top, self._lowest())
        self.paint()

    def paint(self) -> None:
        width, height = self.size
        window = self.rows[self.top : self.top + max(0, height)]
        is_lit = self._lit or self.has_focus
        self.put(
            [
                under(fill(self._pointed(row.line), width), "selected")
                if is_lit and row.key and row.key == self.key
                else row.line
                for row in window
            ]
        )

    def _pointed(self, spans: Line) -> Line:
        """With the pointer at its edge where there is room for one: colour is never the only sign."""
        if not spans or not spans[0][0].startswith(" "):
            return spans
        (text, style), *rest = spans
        return ((self.board_app.glyphs.pointer, "accent"), (text[1:], style), *rest)

    def on_resize(self) -> None:
        if self.is_following:
            self.top = self._lowest()
        self.top = min(self.top, self._lowest())
        self._reveal()
        self.paint()

    def on_focus(self) -> None:
        self.paint()

    def on_blur(self) -> None:
        self.paint()

    # -- moving -------------------------------------------------------------------------------------------------

    def move(self, step: int) -> None:
        """To another row that can be selected, or by lines where there is none."""
        if not self.is_selective:
            self.scroll(step)
            return
        keys = [number for number, row in enumerate(self.rows) if row.key]
        at = self._at()
        if at is None or not self.has_chosen():
            self._choose(keys[-1] if self._follows and step < 0 else keys[0] if at is None else keys[keys.index(at)])
            return
        place = keys.index(at) + step
        if self._follows and place >= len(keys):
            self.follow()
            return
        self._choose(keys[min(max(place, 0), len(keys) - 1)])

    def has_chosen(self) -> bool:
        return self.key_is_chosen or not self._follows

    def page(self, share: float) -> None:
        """By a share of the window, such as half of it upwards."""
        step = int(self.size.height * share) or (1 if share > 0 else -1)
        if not self.is_selective:
            self.scroll(step)
            return
        keys = [number for number, row in enumerate(self.rows) if row.key]
        goal = (self._at() or 0) + step
        self._choose(min(keys, key=lambda number: abs(number - goal)))

    def first(self) -> None:
        keys = [number for number, row in enumerate(self.rows) if row.key]
        self.top = 0
        if keys:
            self._choose(keys[0], reveal=False)
        self.is_following = False
        self.paint()

    def last(self) -> None:
        if self._follows:
            self.follow()
            return
        keys = [number for number, row in enumerate(self.rows) if row.key]
        self.top = self._lowest()
        if keys:
            self._choose(keys[-1], reveal=False)
        self.paint()

    def follow(self) -> None:
        """To the end, and stay there."""
        self.key_is_chosen, self.is_following = False, True
        self.key = ""
        self.top = self._lowest()
        self.paint()

    def scroll(self, step: int) -> None:
        self.top = min(max(self.top + step, 0), self._lowest())
        self.is_following = self._follows and self.top == self._lowest() and not self.key_is_chosen
        self.paint()

    def choose(self, key: str) -> None:
        """Select the row with this key, if it is there."""
        for number, row in enumerate(self.rows):
            if row.key == key:
                self._choose(number)
                return

    def _choose(self, number: int, *, reveal: bool = True) -> None:
        self.key, self.key_is_chosen = self.rows[number].key, True
        self.is_following = False
        if reveal:
            self._reveal()
        self.paint()
        self.post_message(self.Moved(self, self.key))

    def _reveal(self) -> None:
        at, height = self._at(), self.size.height
        if at is None or height <= 0 or not self.has_chosen():
            return
        last = at
        while last + 1 < len(self.rows) and not self.rows[last + 1].key and last - at < 3:
            last += 1  # what belongs to the row stands below it
        if last >= self.top + height:
            self.top = last - height + 1
        self.top = min(self.top, at)
        if at == next((number for number, row in enumerate(self.rows) if row.key), 0) and at < height:
            self.top = 0  # what heads the first row is seen with it

    def _at(self) -> int | None:
        return next((number for number, row in enumerate(self.rows) if row.key and row.key == self.key), None)

    def _nearest(self, at: int | None) -> str:
        if self._follows:
            self.key_is_chosen = False
            return ""
        keys = [(abs(number - (at or 0)), row.key) for number, row in enumerate(self.rows) if row.key]
        return min(keys, default=(0, ""))[1]

    def _lowest(self) -> int:
        return max(0, len(self.rows) - self.size.height)

    # -- the mouse ----------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        at = self.row_under(self.top + event.y)
        if at is None:
            return
        is_again = self.rows[at].key == self.key and event.chain > 1
        self._choose(at)
        if is_again:
            self.post_message(self.Opened(self, self.key))

    def row_under(self, at: int) -> int | None:
        """The row that is meant by a click on this line: the one that it belongs to."""
        while 0 <= at < len(self.rows) and not self.rows[at].key:
            at -= 1
        return at if 0 <= at < len(self.rows) else None

    def on_mouse_scroll_down(self) -> None:
        self.scroll(self.WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self.scroll(-self.WHEEL)

    def open(self) -> None:
        if self.key and self.has_chosen():
            self.post_message(self.Opened(self, self.key))
