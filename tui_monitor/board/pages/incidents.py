"""All incidents: what is open now, and what has been in the last thirty days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from tui_monitor.board.draw.incident import incident_text
from tui_monitor.board.draw.incidents import fits, open_list, past_list
from tui_monitor.board.ink import Row
from tui_monitor.board.pages.incident import sight_of
from tui_monitor.board.pages.page import Aim, Page
from tui_monitor.board.state import Touched
from tui_monitor.board.widgets.finder import Finder
from tui_monitor.board.widgets.sheet import Sheet

View = Mapping[str, Any]

DAYS = 30


class IncidentsPage(Page):
    """The open ones come from the board. The others are asked for once; what ends meanwhile joins them."""

    name_of_page: ClassVar[str] = "incidents"
    heading: ClassVar[str] = "incidents"
    foot = (
        "open",
        "acknowledge",
        "resolve",
        "comment",
        "notify",
        "ticket",
        "filter",
        "explain",
        "copy",
        "back",
        "help",
    )

    DEFAULT_CSS = "IncidentsPage #body { layout: vertical; }"

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        """What narrows the list down."""
        self._past: dict[str, View] = {}
        self._known: set[str] = set()
        self._note = "asking for them"
        self._is_asked = False
        self._second = -1
        self._changes = 0
        """How often it has become another past."""
        self._drawn: tuple[Any, ...] = ()
        self._rows: Sequence[Row] = ()

    def compose_body(self) -> ComposeResult:
        yield Sheet(id="sheet")
        yield Finder(id="finder")

    # -- what there is ------------------------------------------------------------------------------------------

    def _follow(self, touched: Touched) -> None:
        standing = self.board_app.board.incidents
        gone = self._known - standing.keys()
        for name, row in standing.items():
            if row["state"] == "resolved":
                self._remember(row)
            elif self._past.pop(name, None) is not None:
                self._changes += 1
        for name in gone - self._past.keys():
            self._ask_one(name)
        self._known = set(standing)
        if not self._is_asked or (touched.is_all and self._note):
            self._is_asked = True
            self.board_app.ask(
                lambda control: control.history("incidents", all="1", since=f"{DAYS}d"), self._hear_past
            )

    def _remember(self, view: View) -> None:
        name = str(view["id"])
        if self._past.get(name) is not view:
            self._past[name] = view
            self._changes += 1

    def _ask_one(self, name: str) -> None:
        """What ended between two pictures, so that nobody has seen its end."""
        self.board_app.ask(lambda control: control.history("incident", id=name), self._hear_one)

    def _hear_past(self, views: Sequence[View] | None, refusal: str) -> None:
        for one in views or ():
            if one["state"] == "resolved":
                self._remember(self._past.get(str(one["id"]), one))
        self._note = refusal
        self._draw_again()

    def _hear_one(self, view: View | None, refusal: str) -> None:
        if view is not None and view["state"] == "resolved":
            self._remember(view)
            self._draw_again()

    def _draw_again(self) -> None:
        if self in self.app.screen_stack:
            self._second = -1
            self.draw(Touched(around=True))

    def _view(self, name: str) -> View | None:
        return self.board_app.board.incidents.get(name) or self._past.get(name)

    # -- what is drawn ------------------------------------------------------------------------------------------

    def draw_body(self, touched: Touched) -> None:
        """Anew when an incident has changed, and once a second for what ages."""
        self._follow(touched)
        second = int(self.board_app.clock())
        if touched.is_all or touched.incidents or second != self._second:
            self._second = second
            super().draw_body(touched)

    def rows(self, width: int) -> Sequence[Row]:
        standing = [one for one in self.board_app.board.open_incidents() if fits(one, self.words)]
        return [*open_list(standing, sight_of(self.board_app, width)), *self._past_rows(width)]

    def _past_rows(self, width: int) -> Sequence[Row]:
        """There may be thousands of them, so they are drawn anew only when they are others."""
        sight = sight_of(self.board_app, width)
        drawn = (self._changes, width, self.words, self._note, sight.now.astimezone(sight.zone).date())
        if drawn != self._drawn:
            past = [one for one in self._past.values() if fits(one, self.words)]
            none = self._note or ("none with these words" if self.words.strip() else "")
            past.sort(key=lambda one: (str(one["started_at"]), str(one["id"])), reverse=True)
            self._drawn, self._rows = drawn, past_list(past, sight, none, DAYS)
        return self._rows

    def describe(self) -> str:
        return f"incidents with {self.words.strip()}" if self.words.strip() else self.heading

    # -- what its keys are about --------------------------------------------------------------------------------

    def open(self, key: str) -> None:
        self.board_app.open_incident(key)

    def aim(self) -> Aim:
        view = self._view(self.sheet.key)
        if view is None:
            return Aim()
        service, sight = str(view["service"]), sight_of(self.board_app)
        return Aim(
            (service,) if service in self.board_app.board.services else (),
            (str(view["id"]),) if view["state"] != "resolved" else (),
            text=incident_text(view, sight.zone, sight.now),
        )

    def do(self, operation: str) -> bool:
        if operation == "filter":
            self.query_one(Finder).open(self.words)
            return True
        if operation == "back" and (self.words or self.query_one(Finder).is_open):
            self._narrow("")
            self._close_finder()
            return True
        return super().do(operation)

    def _narrow(self, words: str) -> None:
        self.words = words
        self._draw_again()

    def _close_finder(self) -> None:
        self.query_one(Finder).close()
        self.sheet.focus()

    def on_finder_typed(self, message: Finder.Typed) -> None:
        self._narrow(message.words)

    def on_finder_done(self) -> None:
        self._close_finder()
