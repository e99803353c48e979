"""Why it is red, why nobody hears of it, and what would change that; over the page, for one service or incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from tui_monitor.board.dialogs.dialog import Scrolled
from tui_monitor.board.draw.explain import composed, explain_rows
from tui_monitor.board.ink import texts
from tui_monitor.board.pages.incident import sight_of
from tui_monitor.board.widgets.sheet import Sheet

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

View = Mapping[str, Any]


class Explain(Scrolled):
    """Shows at once what the board knows by itself, and the engine's own answer as soon as it is there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "leave", show=False),
        Binding("r", "ask", show=False),
        Binding("y", "copy", show=False),
    ]
    DEFAULT_CSS = "Explain > #box { width: 120; } Explain #sheet { height: auto; min-height: 1; }"

    def __init__(self, target: str) -> None:
        """`target` is the id of a service or of an incident."""
        super().__init__()
        self._target = target
        self._answer: View | None = None
        self._note = ""

    def on_mount(self) -> None:
        self.action_ask()
        super().on_mount()

    def action_ask(self) -> None:
        """Once more: what is true changes while one reads."""
        self._note = "asking the engine"
        target = self._target
        self.board_app.ask(lambda control: control.history("explain", id=target), self._hear)
        self.draw()

    def _hear(self, answer: View | None, refusal: str) -> None:
        if answer is not None:
            self._answer, self._note = answer, ""
        else:
            self._note = f"this is what the board knows by itself; the engine says: {refusal}"
        if self in self.app.screen_stack:
            self.draw()

    # -- what is drawn ------------------------------------------------------------------------------------------

    def draw(self) -> None:
        if not self.is_mounted:
            return
        app, board = self.board_app, self.board_app.board
        incident = board.incidents.get(self._target)
        service = incident["service"] if incident else self._target
        row = board.services.get((self._answer or {}).get("service", service))
        self.title_of_box = f"{(self._answer or row or incident or {}).get('name', self._target)}: why it is so"
        super().draw()
        sheet = self.query_one("#sheet", Sheet)
        width = sheet.size.width or min(app.size.width - 6, 116)
        status = str((row or incident or {}).get("status", ""))
        rows = explain_rows(self._answer or composed(board, self._target), status, sight_of(app, width), self._note)
        sheet.styles.height = max(1, min(len(rows), app.size.height * 94 // 100 - 4))
        sheet.show(rows)

    def hint(self) -> str:
        return "arrows scroll, r asks anew, y copies, esc closes"

    def action_copy(self) -> None:
        self.board_app.copy(f"{self.title_of_box}\n{texts(self.query_one('#sheet', Sheet).rows)}")


def explain(app: BoardApp) -> None:
    """What the page aims at: the incident where it is one, else the service."""
    aim = app.page.aim()
    target = aim.incidents[0] if len(aim.incidents) == 1 else next(iter((*aim.services, *aim.incidents)), "")
    if target:
        app.push_screen(Explain(target))
    else:
        app.say("there is nothing to explain here: select a service or an incident", "bad")
