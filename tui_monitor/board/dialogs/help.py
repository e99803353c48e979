"""The keys of the page in sight, read from its own bindings: what is shown works, and what works is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui_monitor.board.dialogs.choosing import live
from tui_monitor.board.dialogs.dialog import Scrolled
from tui_monitor.board.draw.words import key_name
from tui_monitor.board.glyphs import Glyphs
from tui_monitor.board.ink import Line, Row, cut, fill, line, wrapped
from tui_monitor.board.widgets.sheet import Sheet
from tui_monitor.core.keys import SECTIONS, Operation

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

STATUSES = {
    "operational": "well",
    "maintenance": "planned work: watched, and nobody is told",
    "degraded": "slow, or something small is wrong",
    "partial": "part of it is down",
    "major": "down",
    "unknown": "could not be told: neither well nor ill",
}
MARKS = (
    ("failing 2/3", "the second bad look of three that it takes to open an incident"),
    ("2 told", "so many places have been told of its incident"),
    ("suppressed", "what it depends on is down, so nobody is told of this one"),
    ("suspect X", "the vendor X, on which it stands, has an incident of its own"),
    ("last read 5m", "a vendor's page cannot be read now: what stands there is so old"),
    ("work in 3h", "a vendor has announced maintenance"),
)
WIDE = 96
BESIDE = 14
"""Cells of what stands before each explanation."""


def help_rows(operations: Sequence[Operation], glyphs: Glyphs, width: int) -> list[Row]:
    """By section; in two columns where there is room."""
    blocks = [_section(name, [one for one in operations if one.section == name]) for name in SECTIONS]
    blocks += [
        _signs(glyphs),
        _section_of("What stands in a tile", [line((f"{a:<13} ", "accent"), b) for a, b in MARKS]),
    ]
    half = (width - 3) // 2 if width >= WIDE else width
    blocks = [
        [part for one in block for part in wrapped(one, half, min(BESIDE, half // 3))] for block in blocks if block
    ]
    if width < WIDE:
        return [Row(one) for block in blocks for one in (*block, ())]
    left: list[Line] = []
    right: list[Line] = []
    for block in blocks:
        (left if len(left) <= len(right) else right).extend((*block, ()))
    height = max(len(left), len(right))
    left += [()] * (height - len(left))
    right += [()] * (height - len(right))
    return [Row((*fill(a, half), ("   ", "text"), *cut(b, half))) for a, b in zip(left, right, strict=True)]


def _section(name: str, operations: Sequence[Operation]) -> list[Line]:
    rows = [(", ".join(key_name(key) for key in one.keys) or "(no key)", one.does) for one in operations]
    return _section_of(name, [line((f"{keys:<13} ", "accent"), does) for keys, does in rows])


def _section_of(name: str, lines: Sequence[Line]) -> list[Line]:
    return [line((name, "heading")), *lines] if lines else []


def _signs(glyphs: Glyphs) -> list[Line]:
    lines = [line((f"{glyphs.status[one]} {one:<12}", one), text) for one, text in STATUSES.items()]
    return _section_of("The signs", lines)


class Help(Scrolled):
    """As high as the screen allows; scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "leave", show=False),
    ]
    DEFAULT_CSS = "Help > #box { width: 120; height: 94%; }"
    title_of_box = "Keys"

    def __init__(self, operations: Sequence[Operation]) -> None:
        super().__init__()
        self._operations = operations

    def draw(self) -> None:
        super().draw()
        if self.is_mounted:
            sheet = self.query_one("#sheet", Sheet)
            sheet.show(help_rows(self._operations, self.board_app.glyphs, max(1, sheet.size.width)))

    def hint(self) -> str:
        return "arrows scroll, esc or q closes; : finds any of this by its name"


def show_help(app: BoardApp) -> None:
    app.push_screen(Help(live(app, app.page)))
