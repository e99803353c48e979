"""How the places do, and the outbox: what is owed to whom, to be sent now or given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tui_monitor.board.dialogs.acting import send_all
from tui_monitor.board.dialogs.form import confirm
from tui_monitor.board.draw.deliveries import STATES, about, delivery_rows
from tui_monitor.board.draw.places import place_rows
from tui_monitor.board.ink import Row, plain
from tui_monitor.board.pages.page import Aim
from tui_monitor.board.pages.reading import ReadingPage
from tui_monitor.board.state import Touched
from tui_monitor.core.ports import Command

View = Mapping[str, Any]


class DeliveriesPage(ReadingPage):
    """It follows the board: what arrives goes away by itself."""

    name_of_page: ClassVar[str] = "deliveries"
    heading: ClassVar[str] = "deliveries"
    foot = ("back", "send", "drop", "open", "acknowledge", "resolve", "explain", "copy", "help")

    def concerns(self, touched: Touched) -> bool:
        return bool(touched.deliveries or touched.incidents or touched.places)

    def rows(self, width: int) -> Sequence[Row]:
        board, sight = self.board_app.board, self.sight(width)
        keys = {"send": f"{self.key_of('send')} sends it now", "drop": f"{self.key_of('drop')} drops it"}
        owed = delivery_rows(list(board.deliveries.values()), board.incidents, sight, keys)
        return [*place_rows(board.places, sight), *owed]

    # -- what the keys mean -------------------------------------------------------------------------------------

    def chosen(self) -> View | None:
        return self.board_app.board.deliveries.get(self.sheet.key)

    def do(self, operation: str) -> bool:
        if operation == "send":
            self._send()
        elif operation == "drop":
            self._drop()
        else:
            return super().do(operation)
        return True

    def _send(self) -> None:
        row = self.chosen()
        if row is None:
            self.board_app.say("nothing is owed, so there is nothing to send")
        else:
            self.board_app.carry_out(Command("retry", str(row["id"])))

    def _drop(self) -> None:
        app, row = self.board_app, self.chosen()
        if row is None:
            app.say("nothing is owed, so there is nothing to drop")
            return
        command = Command("drop", str(row["id"]), by=app.by)
        subject = plain(about(row, app.board.incidents.get(str(row["subject"]))))
        confirm(
            app,
            f"{row['destination']} is not to be told?",
            "drops it",
            lambda answer: send_all(app, [command], answer),
            f"{subject} ({STATES.get(row['state'], (row['state'],))[0]})",
            "It is not tried again. What comes later of the same incident is told all the same.",
        )

    def open(self, key: str) -> None:
        row = self.board_app.board.deliveries.get(key)
        if row is None:
            return
        if row["subject"] in self.board_app.board.incidents:
            self.board_app.open_incident(str(row["subject"]))
        else:
            self.board_app.say("this is about no one incident")

    def aim(self) -> Aim:
        row, board = self.chosen(), self.board_app.board
        if row is None:
            return Aim()
        incident = board.incidents.get(str(row["subject"]))
        text = f"{row['destination']}: {row['state']}, {plain(about(row, incident))}. {row['error']}".strip()
        if incident is None:
            return Aim(delivery=str(row["id"]), text=text)
        services = (str(incident["service"]),) if incident["service"] in board.services else ()
        incidents = (str(incident["id"]),) if incident["state"] != "resolved" else ()
        return Aim(services, incidents, str(row["id"]), text)
