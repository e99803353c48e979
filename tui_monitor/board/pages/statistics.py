"""The statistics of some time: asked for when the page is opened, and now and then while it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from tui_monitor.board.asked import Asked
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.statistics import SPANS, Sums, statistics_rows
from tui_monitor.board.draw.words import key_name, zone_of
from tui_monitor.board.ink import Row, texts
from tui_monitor.board.pages.page import Aim, Page
from tui_monitor.board.state import Touched
from tui_monitor.board.widgets.reader import Reader

ASK_EVERY = 30.0
"""Seconds after which the figures are asked for again."""


class StatisticsPage(Page):
    """Figures that no event tells of, so that they are asked for."""

    name_of_page: ClassVar[str] = "statistics"
    heading: ClassVar[str] = "statistics"
    foot = ("back", "open", "copy", "help", "quit")

    def __init__(self) -> None:
        super().__init__()
        self.span = "7d"
        self.sums = Asked()
        self._drawn_at = 0.0

    def compose_body(self) -> ComposeResult:
        yield Reader(id="sheet")

    def _ask(self) -> None:
        app = self.board_app
        if app.is_paused or not self.sums.is_due(app.clock(), ASK_EVERY):
            return
        turn, span = self.sums.begin(app.clock()), self.span
        app.ask(
            lambda control: control.history("stats", since=span),
            lambda answer, refusal: self._hear(self.sums.take(turn, answer, refusal)),
        )

    def _hear(self, is_new: bool) -> None:
        if is_new and self.is_attached and self.board_app.page is self:
            self._draw_anew()

    def draw_body(self, touched: Touched) -> None:
        """Nothing on it follows the picture but the names of the services."""
        self._ask()
        if touched.is_all or self.board_app.clock() - self._drawn_at >= 1.0:
            self._draw_anew()

    def _draw_anew(self) -> None:
        self._drawn_at = self.board_app.clock()
        super().draw_body(Touched(is_all=True))

    def rows(self, width: int) -> Sequence[Row]:
        app = self.board_app
        sight = Sight(width, zone_of(app.timezone), app.now(), app.glyphs)
        sums = Sums(self.span, self._keys(), self.sums.answer, self.sums.refusal)
        return statistics_rows(sums, app.board.name_of, sight)

    def _keys(self) -> str:
        operations = self.board_app.operations
        keys = [key_name(operations[name].keys[0]) for name in ("shorter", "longer") if operations[name].keys]
        return f"({' '.join(keys)})" if keys else ""

    def do(self, operation: str) -> bool:
        if operation not in ("shorter", "longer"):
            return super().do(operation)
        number = SPANS.index(self.span) + (1 if operation == "longer" else -1)
        span = SPANS[min(max(number, 0), len(SPANS) - 1)]
        if span != self.span:
            self.span = span
            self.sums.forget()
            self.draw(Touched(is_all=True))
        return True

    def open(self, key: str) -> None:
        what, _, name = key.partition(":")
        if what == "incident":
            self.board_app.open_incident(name)
        elif name in self.board_app.board.services:
            self.board_app.open_service(name)

    def aim(self) -> Aim:
        board, (what, _, name) = self.board_app.board, self.sheet.key.partition(":")
        text = texts(self.sheet.rows)
        if what != "service" or name not in board.services:
            return Aim(text=text)
        return Aim((name,), tuple(str(one["id"]) for one in board.incidents_of(name)), text=text)
