"""Silences, planned work and rehearsals: what there is, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tui_monitor.board.draw.quiet import REHEARSAL, SILENCE, THEIRS, WORK, Hush, quiet_rows
from tui_monitor.board.ink import Row, plain
from tui_monitor.board.pages.page import Aim
from tui_monitor.board.pages.reading import ReadingPage
from tui_monitor.board.state import Touched
from tui_monitor.core.ports import Command


class QuietPage(ReadingPage):
    """It follows the board: what is over goes away by itself."""

    name_of_page: ClassVar[str] = "quiet"
    heading: ClassVar[str] = "quiet"
    foot = ("back", "end", "open", "silence", "maintenance", "simulate", "test-mode", "copy", "help")

    def __init__(self) -> None:
        super().__init__()
        self._opened = ""

    def concerns(self, touched: Touched) -> bool:
        rows = self.board_app.board.services
        return touched.around or any((rows.get(one) or {}).get("announced") for one in touched.services)

    @property
    def hush(self) -> Hush:
        board = self.board_app.board
        return Hush.of(board.around, board.services.values())

    def rows(self, width: int) -> Sequence[Row]:
        keys = {name: self.key_of(name) for name in ("silence", "maintenance", "simulate")}
        return quiet_rows(self.hush, self.board_app.board.name_of, self._opened, self.sight(width), keys)

    def do(self, operation: str) -> bool:
        if operation != "end":
            return super().do(operation)
        app, (what, _, name) = self.board_app, self.sheet.key.partition(":")
        if self.hush.find(self.sheet.key) is None:
            app.say("there is nothing to end")
        elif what == THEIRS:
            app.say("only the vendor can end its own maintenance")
        elif what == SILENCE:
            app.carry_out(Command("unsilence", name))
        elif what == WORK:
            app.carry_out(Command("end-maintenance", name))
        elif what == REHEARSAL:
            app.carry_out(Command("simulate", name, options={"status": "off"}))
        return True

    def open(self, key: str) -> None:
        """What it is about listed, or no longer; a rehearsal is of one service, whose page is opened."""
        what, _, name = key.partition(":")
        if what == REHEARSAL:
            self.board_app.open_service(name)
            return
        self._opened = "" if self._opened == key else key
        self.draw(Touched(is_all=True))

    def aim(self) -> Aim:
        """The services of the selected one, such as for silencing them anew; else that of the overview."""
        app, known = self.board_app, self.board_app.board.services
        found = self.hush.find(self.sheet.key)
        if found is None:
            return Aim((app.gaze.selected,) if app.gaze.selected in known else ())
        names = found["services"] if "services" in found else [found["service"]]
        text = " ".join(plain(row.line).strip() for row in self.sheet.rows if row.key == self.sheet.key)
        return Aim(tuple(name for name in names if name in known), text=text)
