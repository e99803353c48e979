"""One incident, from its beginning to its end and for as long as somebody wants to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult

from tui_monitor.board.draw.incident import Sight, called, incident_rows, incident_text
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.ink import Row, line
from tui_monitor.board.pages.page import Aim, Page
from tui_monitor.board.state import Touched
from tui_monitor.board.widgets.reader import Reader
from tui_monitor.core.keys import Operation

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

View = Mapping[str, Any]


class IncidentPage(Page):
    """It follows the board while the incident stands there, and asks for it once it does not."""

    name_of_page: ClassVar[str] = "incident"
    foot = (
        "back",
        "open",
        "acknowledge",
        "resolve",
        "comment",
        "notify",
        "ticket",
        "banner",
        "explain",
        "copy",
        "help",
    )

    def __init__(self, incident: str) -> None:
        super().__init__()
        self.incident = incident
        self._view: View | None = None
        self._trouble = ""
        """Why there is nothing to see of it."""
        self._is_asked = False
        self._second = -1

    # -- what it is ---------------------------------------------------------------------------------------------

    def _follow(self, touched: Touched) -> None:
        row = self.board_app.board.incidents.get(self.incident)
        if row is not None:
            self._view, self._is_asked = row, False
            return
        if touched.is_all and self._trouble:
            self._is_asked = False
        if not self._is_asked:
            self._is_asked = True
            name = self.incident
            self.board_app.ask(lambda control: control.history("incident", id=name), self._hear)

    def _hear(self, view: View | None, refusal: str) -> None:
        if view is not None and str(view.get("id", "")).startswith(self.incident):
            self._view, self._trouble, self.incident = view, "", str(view["id"])
        else:
            self._trouble = refusal or "the engine says nothing of it"
        if self in self.app.screen_stack:
            self.draw(Touched(incidents={self.incident}))

    # -- what is drawn ------------------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        yield Reader(id="sheet")

    def operations(self) -> list[Operation]:
        """To open there is something only where others have to do with it."""
        shown = super().operations()
        return shown if self.sheet.is_selective else [one for one in shown if one.id != "open"]

    def draw_body(self, touched: Touched) -> None:
        """Anew when it has changed, and once a second for what ages."""
        self._follow(touched)
        second = int(self.board_app.clock())
        if touched.is_all or self.incident in touched.incidents or second != self._second:
            self._second = second
            sheet = self.sheet
            rows = self.rows(max(1, sheet.size.width or self.size.width))
            sheet.top = kept_top(sheet.rows, rows, sheet.top)
            sheet.show(rows)

    def rows(self, width: int) -> Sequence[Row]:
        if self._view is None:
            text = self._trouble or "asking for it"
            return [Row(line((f" {self.incident}: {text}", "bad" if self._trouble else "muted")))]
        return incident_rows(self._view, sight_of(self.board_app, width))

    def describe(self) -> str:
        return (
            f"incident {self.incident}" if self._view is None else f"{called(self._view)}, incident {self.incident}"
        )

    def open(self, key: str) -> None:
        """What may be behind it, or what it may be behind."""
        what, _, name = key.partition(":")
        if what == "incident":
            self.board_app.open_incident(name)
        else:
            self.board_app.open_service(name)

    # -- what its keys are about --------------------------------------------------------------------------------

    def aim(self) -> Aim:
        view = self._view
        if view is None:
            return Aim(text=self.incident)
        service, sight = str(view["service"]), sight_of(self.board_app)
        return Aim(
            (service,) if service in self.board_app.board.services else (),
            (self.incident,) if view["state"] != "resolved" else (),
            text=incident_text(view, sight.zone, sight.now),
        )


def sight_of(app: BoardApp, width: int = 80) -> Sight:
    """What is drawn now for this board is drawn in this light."""
    return Sight(width, zone_of(app.timezone), app.now(), app.glyphs)


def kept_top(before: Sequence[Row], after: Sequence[Row], top: int) -> int:
    """Where the line that was at the top stands now, so that what is read does not move away."""
    if not 0 < top < len(before):
        return top
    known = [row.line for row in before[top : top + 3]]
    if [row.line for row in after[top : top + len(known)]] == known:
        return top
    places = [at for at in range(len(after)) if [row.line for row in after[at : at + len(known)]] == known]
    return min(places, key=lambda at: abs(at - top), default=top)
