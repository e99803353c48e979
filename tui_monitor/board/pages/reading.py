"""What pages that are read from the top down have in common: a sheet of text, drawn anew only when it may differ."""

from __future__ import annotations

from textual.app import ComposeResult

from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.service import said
from tui_monitor.board.draw.words import key_name, zone_of
from tui_monitor.board.ink import Row
from tui_monitor.board.pages.incident import kept_top
from tui_monitor.board.pages.page import Page
from tui_monitor.board.state import Touched
from tui_monitor.board.widgets.reader import Reader

AGEING = 1.0
"""Seconds after which it is drawn although nothing is new, for what is older by then."""


SILENT = "no engine has answered yet, so there is nothing to say"


class ReadingPage(Page):
    """Where thousands of services change, most of what comes in is about something else."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn_at = 0.0

    def compose_body(self) -> ComposeResult:
        yield Reader(id="sheet")

    def concerns(self, touched: Touched) -> bool:
        """Whether something that stands on this page is new."""
        return False

    def draw_body(self, touched: Touched) -> None:
        is_aged = self.board_app.clock() - self._drawn_at >= AGEING
        if touched.is_all or is_aged or self.concerns(touched):
            self.draw_anew()

    def draw_anew(self) -> None:
        """What is read stays where it is, whatever comes or goes above it."""
        self._drawn_at = self.board_app.clock()
        sheet = self.sheet
        width = max(1, sheet.size.width or self.size.width)
        rows = (
            [Row(one) for one in said(SILENT, "muted", width)] if self.board_app.board.is_empty else self.rows(width)
        )
        sheet.top = kept_top(sheet.rows, rows, sheet.top)
        sheet.show(rows)

    def is_seen(self) -> bool:
        """An answer may come when the page is gone, or lies below another one."""
        return self.is_attached and self.board_app.page is self

    def sight(self, width: int) -> Sight:
        app = self.board_app
        return Sight(width, zone_of(app.timezone), app.now(), app.glyphs)

    def key_of(self, operation: str) -> str:
        """The key of an operation as people read it, or how to come to it without one."""
        keys = self.board_app.operations[operation].keys
        return key_name(keys[0]) if keys else f"the command {operation}"
