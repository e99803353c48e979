"""One service: its row of the board is followed, and what lies further back is asked for again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tui_monitor.board.asked import Asked
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.service import SPANS, USUAL, Known, chart_lines, service_rows
from tui_monitor.board.draw.words import key_name
from tui_monitor.board.ink import Line, Row, texts
from tui_monitor.board.pages.page import Aim
from tui_monitor.board.pages.reading import ReadingPage
from tui_monitor.board.state import Touched

View = Mapping[str, Any]

ASK_EVERY = 10.0
"""Seconds after which what was asked is asked again."""
ASK_AT_MOST = 2.0
"""Seconds between two questions, although the service changes all the time."""
MOST_POINTS = 500
TALL, FLAT = 16, 7
"""Lines of a chart, as far as the page has room."""


class ServicePage(ReadingPage):
    """Everything about one service, from how it is to how it is looked at."""

    name_of_page: ClassVar[str] = "service"
    foot = ("back", "open", "acknowledge", "resolve", "silence", "maintenance", "recheck", "simulate", "copy", "help")

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service
        self.span = USUAL
        self._has_chosen = False
        """Whether a person wants this span, also where hardly anything was measured in it."""
        self.whole = Asked()
        self.chart = Asked()
        self._chart_drawn: tuple[Any, ...] = ()
        self._chart_lines: list[Line] = []

    # -- what is asked ------------------------------------------------------------------------------------------

    def _ask(self, has_changed: bool) -> None:
        app = self.board_app
        if app.is_paused:
            return
        now, after = app.clock(), ASK_AT_MOST if has_changed else ASK_EVERY
        if self.whole.is_due(now, after):
            turn = self.whole.begin(now)
            app.ask(
                lambda control: control.history("service", id=self.service),
                lambda answer, refusal: self._hear(self.whole.take(turn, answer, refusal)),
            )
        if self.chart.is_due(now, after):
            chart_turn, points = self.chart.begin(now), str(min(MOST_POINTS, max(40, 2 * self.size.width)))
            app.ask(
                lambda control: control.history("chart", service=self.service, since=self.span, points=points),
                lambda answer, refusal: self._hear(self.chart.take(chart_turn, answer, refusal)),
            )

    def _suit(self) -> None:
        """Where an engine has only just begun to look, an hour is too long to see anything in it."""
        answer = self.chart.answer
        if self._has_chosen or self.chart.refusal or not answer:
            return
        self._has_chosen = True
        points = answer["points"]
        first = next((number for number, one in enumerate(points) if one["status"] is not None), None)
        if first is not None and first >= len(points) * 5 // 6:
            self._show_span(SPANS[0])

    def _hear(self, is_new: bool) -> None:
        if is_new and self.is_seen():
            self._suit()
            self.draw_anew()

    # -- what is drawn ------------------------------------------------------------------------------------------

    def draw_body(self, touched: Touched) -> None:
        self._ask(self.service in touched.services)
        super().draw_body(touched)

    def concerns(self, touched: Touched) -> bool:
        return bool(touched.incidents or touched.services & {self.service, *self._relatives()})

    def rows(self, width: int) -> Sequence[Row]:
        sight = self.sight(width)
        return service_rows(self.known(), sight, self._chart(sight))

    def known(self) -> Known:
        app = self.board_app
        return Known(
            self.service,
            app.board.services.get(self.service),
            self.whole.answer,
            self.chart.answer,
            app.board.incidents_of(self.service),
            self._relatives(),
            self.span,
            self._keys(),
            self.whole.refusal,
            self.chart.refusal,
        )

    def _relatives(self) -> Mapping[str, View]:
        services = self.board_app.board.services
        row, view = services.get(self.service) or {}, self.whole.answer or {}
        names = {*row.get("depends_on", ()), *view.get("depends_on", ()), *view.get("needed_by", ())}
        names |= {*row.get("upstream", ())}
        names.add(row.get("suppressed_by"))
        return {name: services[name] for name in names if name in services}

    def _keys(self) -> str:
        operations = self.board_app.operations
        keys = [key_name(operations[name].keys[0]) for name in ("shorter", "longer") if operations[name].keys]
        return f"({' '.join(keys)})" if keys else ""

    def _chart(self, sight: Sight) -> list[Line]:
        """Drawn anew only for another answer, size or alphabet."""
        height = min(TALL, max(FLAT, self.size.height // 3))
        drawn = (self.chart.answer, sight.width, height, sight.glyphs, sight.zone)
        if self.chart.answer is not None and drawn != self._chart_drawn:
            self._chart_drawn = drawn
            self._chart_lines = chart_lines(self.chart.answer, sight.width, height, sight)
        return self._chart_lines if self.chart.answer is not None else []

    def describe(self) -> str:
        return self.board_app.board.name_of(self.service)

    # -- what the keys mean -------------------------------------------------------------------------------------

    def do(self, operation: str) -> bool:
        if operation in ("shorter", "longer"):
            self._choose(SPANS.index(self.span) + (1 if operation == "longer" else -1))
            return True
        return super().do(operation)

    def _choose(self, number: int) -> None:
        span = SPANS[min(max(number, 0), len(SPANS) - 1)]
        if span != self.span:
            self._has_chosen = True
            self._show_span(span)

    def _show_span(self, span: str) -> None:
        self.span = span
        self.chart.forget()
        self.draw(Touched(is_all=True))

    def open(self, key: str) -> None:
        what, _, name = key.partition(":")
        if what == "incident":
            self.board_app.open_incident(name)
        elif what == "service":
            self.board_app.open_service(name)

    def aim(self) -> Aim:
        """The incident that is selected, or else all that are open."""
        board = self.board_app.board
        incidents = tuple(str(one["id"]) for one in board.incidents_of(self.service))
        chosen = self.sheet.key.removeprefix("incident:")
        services = (self.service,) if self.service in board.services else ()
        return Aim(services, (chosen,) if chosen in incidents else incidents, text=texts(self.sheet.rows))
