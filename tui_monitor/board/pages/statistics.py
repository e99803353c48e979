"""The statistics of some time: asked for when the page is opened, and now and then while it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tui_monitor.board.asked import Asked
from tui_monitor.board.draw.statistics import SPANS, Sums, statistics_rows
from tui_monitor.board.draw.words import key_name
from tui_monitor.board.ink import Row, texts
from tui_monitor.board.pages.page import Aim
from tui_monitor.board.pages.reading import ReadingPage
from tui_monitor.board.state import Touched

ASK_EVERY = 30.0
"""Seconds after which the figures are asked for again."""


class StatisticsPage(ReadingPage):
    """Figures that no event tells of, so that they are asked for."""

    name_of_page: ClassVar[str] = "statistics"
    heading: ClassVar[str] = "statistics"
    foot = ("back", "open", "copy", "help", "quit")

    def __init__(self) -> None:
        super().__init__()
        self.span = "7d"
        self.sums = Asked()
        self._drawn: tuple[Any, ...] = ()
        self._rows: Sequence[Row] = ()

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
        if is_new and self.is_seen():
            self.draw_anew()

    def draw_body(self, touched: Touched) -> None:
        self._ask()
        super().draw_body(touched)

    def rows(self, width: int) -> Sequence[Row]:
        """Made anew only for another answer: with thousands of services they are many, and none of them ages."""
        app = self.board_app
        sums = Sums(self.span, self._keys(), self.sums.answer, self.sums.refusal)
        drawn = (sums.view, sums.span, sums.keys, sums.note, width, app.glyphs, app.timezone)
        if drawn != self._drawn:
            self._drawn, self._rows = drawn, statistics_rows(sums, app.board.name_of, self.sight(width))
        return self._rows

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
