"""What is wrong with the config as it is written now, line by line; the one in force goes on meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from tui_monitor.board.dialogs.dialog import Scrolled
from tui_monitor.board.ink import Row, line, wrapped
from tui_monitor.board.widgets.sheet import Sheet
from tui_monitor.core.text import spell_number

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp


def problem_rows(config: Mapping[str, Any], width: int) -> list[Row]:
    """Where, and then what."""
    found: list[Row] = []
    for one in config["problems"]:
        where = ":".join(str(part) for part in (one["file"], one["line"]) if part)
        head = line((where, "accent"), (f"  {one['path']}" if one.get("path") else "", "muted"))
        found += [Row(part) for part in wrapped(head, width, 2)]
        found += [Row(part) for part in wrapped(line(("  " + str(one["text"]), "text")), width, 2)]
    return found or [Row(line(("nothing is wrong with the config", "good")))]


class Problems(Scrolled):
    """Scrolls; drawn from what the engine said when it was asked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", show=False),
    ]
    DEFAULT_CSS = "Problems > #box { width: 120; height: 80%; }"

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        self._config = config
        number = len(config["problems"])
        self.title_of_box = f"{spell_number(number, 'problem')} in {config['file']}" if number else "The config"

    def draw(self) -> None:
        super().draw()
        if self.is_mounted:
            sheet = self.query_one("#sheet", Sheet)
            sheet.show(problem_rows(self._config, max(1, sheet.size.width)))

    def hint(self) -> str:
        return "the config in force goes on; mend the file, and it is read anew by itself; esc closes"


def show_problems(app: BoardApp) -> None:
    def found(config: Any, refusal: str) -> None:
        if refusal:
            app.say(refusal, "bad")
        else:
            app.push_screen(Problems(config))

    app.ask(lambda control: control.history("config"), found)
