"""The first page: every service as a tile, and what happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tui_monitor.board.draw import words
from tui_monitor.board.gaze import Arrangement
from tui_monitor.board.ink import Row, line
from tui_monitor.board.pages.page import Aim, Page
from tui_monitor.board.state import Touched


class Overview(Page):
    """Tiles and incidents beside each other."""

    name_of_page: ClassVar[str] = "overview"
    foot = ("acknowledge", "resolve", "silence", "recheck", "filter", "faults", "sort", "help", "quit")

    def __init__(self) -> None:
        super().__init__()
        self._arrangement = Arrangement()

    def draw_body(self, touched: Touched) -> None:
        app = self.board_app
        names = None if touched.is_all else sorted(touched.services)
        self._arrangement.follow(app.board.services, app.gaze, names)
        super().draw_body(touched)

    def shown(self) -> Sequence[str]:
        return self._arrangement.order

    def rows(self, width: int) -> Sequence[Row]:
        app = self.board_app
        rows = []
        for name in self._arrangement.order:
            row = app.board.services[name]
            sign = app.glyphs.status[row["status"]]
            text = f"{sign} {row['status']:<12}"
            rows.append(Row(line((text, row["status"]), f"{row['name']:<24}", words.latency(row["latency"])), name))
        return rows

    def aim(self) -> Aim:
        board, name = self.board_app.board, self.sheet.key
        return Aim((name,) if name else (), tuple(one["id"] for one in board.incidents_of(name)))
