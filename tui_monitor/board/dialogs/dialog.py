"""What lies over a page: a box with a title, that Escape and, where nothing is written in it, `q` close."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui_monitor.board.ink import Row, line, spread, wrapped
from tui_monitor.board.pages.page import move_sheet
from tui_monitor.board.widgets.bar import Bar
from tui_monitor.board.widgets.sheet import Sheet
from tui_monitor.board.widgets.writing import Writing

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

T = TypeVar("T")
MOST_CHOICES, AROUND_CHOICES = 18, 6
"""Lines of a list, as far as the terminal has room, and of what stands around it."""


class Dialog(ModalScreen[T], inherit_bindings=False):
    """Closed with None where the person thought better of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close", id="dialog.close"),
        Binding("q", "leave", "close", show=False),
        Binding("tab", "app.focus_next", "next field", show=False),
        Binding("shift+tab", "app.focus_previous", "field before", show=False),
    ]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > #box { width: 100; max-width: 96%; height: auto; max-height: 94%; border: round $border;
                    background: $surface; padding: 0 1; }
    Dialog.-ascii > #box { border: ascii $border; }
    Dialog #foot { height: 1; }
    Dialog Input { border: none; height: 1; padding: 0; background: $panel; }
    Dialog Input:focus { border: none; }
    Dialog TextArea { height: 6; border: none; padding: 0; background: $panel; }
    """
    title_of_box: str = ""

    @property
    def board_app(self) -> BoardApp:
        return cast("BoardApp", self.app)

    def compose(self) -> ComposeResult:
        self.set_class(self.board_app.glyphs.is_ascii, "-ascii")
        with Vertical(id="box") as box:
            box.border_title = None
            yield Bar(id="title")
            yield from self.compose_body()
            yield Bar(id="foot")

    def compose_body(self) -> ComposeResult:
        yield Sheet(id="sheet")

    def on_mount(self) -> None:
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Drawn anew with each picture too, so that what it shows is never old."""
        if not self.is_mounted:
            return
        title, foot = self.query_one("#title", Bar), self.query_one("#foot", Bar)
        title.show([line((self.title_of_box, "title"))])
        hint = line((self.hint(), "muted"))
        foot.show(wrapped(hint, foot.size.width) if foot.size.width else [hint])

    def hint(self) -> str:
        """Which keys there are, in the last line of the box."""
        return "esc closes"

    def action_leave(self) -> None:
        self.dismiss(None)


class Scrolled(Dialog[None]):
    """One that is read: its keys scroll the sheet."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll('up')", show=False),
        Binding("down,j,enter,space", "scroll('down')", show=False),
        Binding("pageup,ctrl+u", "scroll('half-up')", show=False),
        Binding("pagedown,ctrl+d", "scroll('half-down')", show=False),
        Binding("g,home", "scroll('first')", show=False),
        Binding("G,end", "scroll('last')", show=False),
    ]

    def action_scroll(self, operation: str) -> None:
        move_sheet(self.query_one("#sheet", Sheet), operation)


class Sentence(Dialog[None]):
    """Why a key did nothing, where words may follow it: typed on, they must not act as keys of the page."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", show=False)]

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose_body(self) -> ComposeResult:
        yield Bar(id="text")

    def draw(self) -> None:
        super().draw()
        if self.is_mounted:
            bar = self.query_one("#text", Bar)
            bar.show(wrapped(line((self.text, "bad")), max(1, bar.size.width)))

    def hint(self) -> str:
        return "enter, esc or q closes"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to choose: what it gives, what it is called, and what stands beside it."""

    key: str
    text: str
    note: str = ""
    words: str = ""
    """What it can also be found by."""


def found(items: Sequence[Item], words: Sequence[str]) -> list[Item]:
    """Those that have all of the words; first those that are called so, and not only described with them."""
    fitting = [one for one in items if all(word in f"{one.text} {one.words}".casefold() for word in words)]
    return sorted(fitting, key=lambda one: not one.words.casefold().startswith("-".join(words)))


class Choice(Dialog[str]):
    """A list of which one is chosen; letters narrow it down. `moved` hears of each one that is looked at.

    `q` is a letter here like any other: were it to close an empty search, the rest of a typed `quit` would be keys.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,ctrl+k", "step(-1)", show=False),
        Binding("down,ctrl+j", "step(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]
    DEFAULT_CSS = "Choice #sheet { height: auto; max-height: 18; min-height: 1; } Choice Input { margin: 0 0 1 0; }"

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        *,
        key: str = "",
        moved: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self.title_of_box = title
        self._items = list(items)
        self._first = key
        self._moved = moved

    def compose_body(self) -> ComposeResult:
        yield Writing(placeholder="type to find", id="words")
        yield Sheet(id="sheet", lit=True)

    def on_mount(self) -> None:
        self.query_one("#sheet", Sheet).can_focus = False
        self.query_one("#words", Input).focus()
        self.query_one("#sheet", Sheet).key = self._first
        super().on_mount()

    def hint(self) -> str:
        return "type to find, enter chooses, esc closes"

    def draw(self) -> None:
        super().draw()
        words = self.query_one("#words", Input).value.casefold().split()
        items = found(self._items, words)
        sheet = self.query_one("#sheet", Sheet)
        sheet.styles.height = max(1, min(MOST_CHOICES, len(items), self.size.height * 94 // 100 - AROUND_CHOICES))
        width = max(1, sheet.size.width)
        rows = [Row(spread(line(" ", one.text), line((one.note, "muted")), width), one.key) for one in items]
        sheet.show(rows or [Row(line((" nothing is called so", "muted")))])

    @on(Input.Changed)
    def _narrow(self) -> None:
        """The best of what is found is chosen, and not what was the best for fewer letters."""
        if self.query_one("#words", Input).value:
            self.query_one("#sheet", Sheet).key = ""
        self.draw()
        self._tell()

    @on(Input.Submitted)
    def _choose(self) -> None:
        key = self.query_one("#sheet", Sheet).key
        self.dismiss(key or None)

    def on_sheet_opened(self, message: Sheet.Opened) -> None:
        self.dismiss(message.key)

    def on_sheet_moved(self, message: Sheet.Moved) -> None:
        self._tell()

    def action_step(self, step: int) -> None:
        self.query_one("#sheet", Sheet).move(step)

    def action_page(self, step: int) -> None:
        self.query_one("#sheet", Sheet).page(float(step))

    def _tell(self) -> None:
        if self._moved is not None:
            self._moved(self.query_one("#sheet", Sheet).key)
