"""The vendors and what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tui_monitor.board.draw.vendors import vendor_rows
from tui_monitor.board.ink import Row, texts
from tui_monitor.board.pages.page import Aim
from tui_monitor.board.pages.reading import ReadingPage
from tui_monitor.board.state import Touched


class VendorsPage(ReadingPage):
    """Each of them with its open incidents."""

    name_of_page: ClassVar[str] = "vendors"
    heading: ClassVar[str] = "vendors"
    foot = ("back", "open", "acknowledge", "resolve", "silence", "recheck", "explain", "copy", "help")

    def concerns(self, touched: Touched) -> bool:
        keys = {row.key for row in self.sheet.rows if row.key}
        return bool(touched.incidents) or any(f"service:{name}" in keys for name in touched.services)

    def rows(self, width: int) -> Sequence[Row]:
        board = self.board_app.board
        return vendor_rows(board.services, board.open_incidents(), self.sight(width))

    def open(self, key: str) -> None:
        what, _, name = key.partition(":")
        if what == "incident":
            self.board_app.open_incident(name)
        else:
            self.board_app.open_service(name)

    def aim(self) -> Aim:
        """The selected vendor with all its incidents, or the selected incident."""
        board, (what, _, name) = self.board_app.board, self.sheet.key.partition(":")
        text = texts(self.sheet.rows)
        if what == "service" and name in board.services:
            return Aim((name,), tuple(str(one["id"]) for one in board.incidents_of(name)), text=text)
        incident = board.incidents.get(name) if what == "incident" else None
        if incident is None:
            return Aim(text=text)
        services = (str(incident["service"]),) if incident["service"] in board.services else ()
        return Aim(services, (name,) if incident["state"] != "resolved" else (), text=text)
