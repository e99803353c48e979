"""What every page has: the head, the alarms, the foot, its keys, and what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from tui_monitor.board.draw import heads
from tui_monitor.board.draw.words import key_name
from tui_monitor.board.ink import Line, Row, line
from tui_monitor.board.state import Touched
from tui_monitor.board.widgets.bar import Bar
from tui_monitor.board.widgets.sheet import Sheet
from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.keys import OPERATIONS, Operation

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

SMALLEST = (40, 10)


@dataclass(frozen=True, slots=True)
class Aim:
    """What an operation is about: the services and open incidents that are selected or marked, and what to copy."""

    services: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    delivery: str = ""
    text: str = ""


def keys_of(operation: Operation) -> str:
    """As the toolkit takes them: a comma would part two keys, and no key at all would leave those of the page."""
    return ",".join("comma" if key == "," else key for key in operation.keys) or "no-key"


def bindings(page: str) -> list[BindingType]:
    """The keys of a page, with the ids by which a config may change them."""
    return [
        Binding(keys_of(one), f"operate('{one.id}')", one.does, id=one.id, show=bool(one.label))
        for one in OPERATIONS
        if not one.where or page in one.where
    ]


class Body(Widget):
    """What is between head and foot, and nothing of its own."""

    BLANK = True  # one empty strip for all of its lines: cutting them where others begin costs nothing then


class Page(Screen[None], inherit_bindings=False):
    """A page draws itself from the picture whenever something in it differs, and once a second for what ages."""

    BLANK = True

    name_of_page: ClassVar[str] = ""
    """As `Operation.where` names it."""
    heading: ClassVar[str] = ""
    waits: ClassVar[str] = "starting"
    """What the header says of an engine that has not answered yet."""
    foot: ClassVar[tuple[str, ...]] = ()
    """The operations that the footer shows, the most important first."""

    DEFAULT_CSS = """
    Page { layout: vertical; }
    Page #body { height: 1fr; layout: horizontal; }
    Page.-tiny #body, Page.-tiny #foot, Page.-tiny #alarms { display: none; }
    Page #tiny { display: none; }
    Page.-tiny #tiny { display: block; height: 1fr; }
    Page.-tiny #head { display: none; }
    """

    _is_behind = False
    """Whether news have come that it did not draw: it lay below another page, or the terminal was too small."""

    def __init_subclass__(cls, **kwargs: bool) -> None:
        cls.BINDINGS = bindings(cls.name_of_page)
        super().__init_subclass__(**kwargs)

    @property
    def board_app(self) -> BoardApp:
        return cast("BoardApp", self.app)

    # -- what a page says of itself -----------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Bar(id="head")
        yield Bar(id="alarms")
        with Body(id="body"):
            yield from self.compose_body()
        yield Sheet(id="tiny")
        yield Bar(id="said")
        yield Bar(id="foot")

    def compose_body(self) -> ComposeResult:
        yield Sheet(id="sheet")

    def rows(self, width: int) -> Sequence[Row]:
        """What the sheet of the page shows, for pages that are one sheet."""
        return ()

    def draw_body(self, touched: Touched) -> None:
        """What is between head and foot. `touched` says what is new; all of it after a resize."""
        sheet = self.sheet
        sheet.show(self.rows(max(1, sheet.size.width or self.size.width)))

    def aim(self) -> Aim:
        return Aim()

    def do(self, operation: str) -> bool:
        """What an operation means on this page; False where it means the same as everywhere."""
        return move_sheet(self.sheet, operation)

    def shown(self) -> Sequence[str]:
        """The services in sight: others are hidden by the filter."""
        return tuple(self.board_app.board.services)

    def refuse(self, error: TuiMonitorError) -> bool:
        """No engine could be opened. False where the page knows no way on from there, so that the board must end."""
        return False

    def describe(self) -> str:
        """What the header says after the title of the board."""
        return self.heading

    def foot_right(self) -> Line:
        banner = self.board_app.board.around.get("banner")
        if not banner:
            return ()
        return line((f"banner: {str(banner.get('severity', '')).upper()} {banner.get('state', '')} ", "bar bold"))

    @property
    def sheet(self) -> Sheet:
        return self.query_one("#sheet", Sheet)

    # -- drawing ------------------------------------------------------------------------------------------------

    def draw(self, touched: Touched) -> None:
        """Only what differs from what the terminal has is sent to it."""
        width, height = self.size
        if not width or not self.is_mounted or not self.app.is_running or self not in self.app.screen_stack:
            return  # one that was seen for a moment only, beneath another that was closed, is being taken apart
        is_tiny = width < SMALLEST[0] or height < SMALLEST[1]
        self.set_class(is_tiny, "-tiny")
        if is_tiny:
            lines = heads.at_least(width, height, SMALLEST)
            self.query_one("#tiny", Sheet).show([Row(one) for one in lines])
            self._is_behind = True
            return
        app = self.board_app
        if self._is_behind or app.page is not self:
            touched = Touched(is_all=True)
        self._is_behind = app.page is not self
        self.draw_body(touched)  # first: the head says how many services it shows
        about = app.about(self.describe())
        self.query_one("#head", Bar).show([heads.header(app.board, about, width, app.glyphs)])
        self.query_one("#alarms", Bar).show(heads.alarms(app.board, about, width))
        self.query_one("#said", Bar).show(app.said_lines(width))
        self.query_one("#foot", Bar).show([heads.footer(self.operations(), self.foot_right(), width)])

    def operations(self) -> list[Operation]:
        """Those of the footer, as they are bound now; without rights, what only looks."""
        app = self.board_app
        shown = [app.operations[name] for name in self.foot]
        return [one for one in shown if not (one.changes and app.is_read_only)]

    def bindings_now(self) -> Iterable[Sequence[Binding]]:
        """The keys of this page as they are: help and palette are made of these."""
        return self._bindings.key_to_bindings.values()

    def on_key(self, event: events.Key) -> None:
        """A key that does nothing says so, so that nobody thinks the board hangs."""
        if event.is_printable and event.key not in self._bindings.key_to_bindings:
            keys = self.board_app.operations["help"].keys
            more = f"; {key_name(keys[0])} shows the keys" if keys else ""
            self.board_app.say(f"{event.character} does nothing here{more}")

    def on_screen_suspend(self) -> None:
        self._is_behind = True

    def on_screen_resume(self) -> None:
        self.call_after_refresh(self.draw, Touched(is_all=True))

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw, Touched(is_all=True))

    def on_sheet_opened(self, message: Sheet.Opened) -> None:
        self.open(message.key)

    def open(self, key: str) -> None:
        """What Enter does to a row of the sheet."""

    def action_operate(self, operation: str) -> None:
        self.board_app.operate(operation)


def move_sheet(sheet: Sheet, operation: str) -> bool:
    """The keys that move, on a sheet; False for any other."""
    if operation in ("up", "down"):
        sheet.move(-1 if operation == "up" else 1)
    elif operation in ("page-up", "page-down"):
        sheet.page(-1.0 if operation == "page-up" else 1.0)
    elif operation in ("half-up", "half-down"):
        sheet.page(-0.5 if operation == "half-up" else 0.5)
    elif operation == "first":
        sheet.first()
    elif operation == "last":
        sheet.last()
    elif operation == "open":
        sheet.open()
    else:
        return False
    return True
