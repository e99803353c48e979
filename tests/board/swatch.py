"""A small program on the terminal that wears a theme as the board does, started by a test on a real pty.

It draws every style by itself, and beside it those widgets of the toolkit that the board uses, one over the other; as
soon as all is on the screen it ends.
"""

from __future__ import annotations

import os
import sys

from tui_monitor.board.colours import SHEET, is_light, native, prepare, textual_theme
from tui_monitor.board.palette import NAMES, Palette
from tui_monitor.board.themes import themes_of

DEPTH = prepare(os.environ)

from rich.segment import Segment  # noqa: E402  # what is above must come before the toolkit
from textual.app import App, ComposeResult  # noqa: E402  # the same
from textual.screen import ModalScreen  # noqa: E402  # the same
from textual.strip import Strip  # noqa: E402  # the same
from textual.widget import Widget  # noqa: E402  # the same
from textual.widgets import Button, Input, OptionList, Static, TextArea  # noqa: E402  # the same


class Styles(Widget):
    """Every style by name, plain and on what is selected."""

    DEFAULT_CSS = "Styles { height: 30; background: $background; color: $foreground; }"

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._rows = [
            [Segment("x ", look.style(f"{name}{over}")) for name in sorted(NAMES)]
            for look in (palette, palette.dimmed())
            for over in ("", " selected", " italic bold", " marked", " dim")
        ]

    def render_line(self, y: int) -> Strip:
        if y >= len(self._rows):
            return Strip.blank(self.size.width)
        return Strip(self._rows[y]).adjust_cell_length(self.size.width)


class Over(ModalScreen[None]):
    """What lies over the rest."""

    DEFAULT_CSS = "Over { align: center middle; } OptionList { height: 4; width: 30; border: tall $border; }"

    def compose(self) -> ComposeResult:
        yield Input("what was typed", placeholder="nothing")
        yield Input(placeholder="nothing typed")
        yield OptionList(*(f"option {number}" for number in range(20)))
        yield TextArea("some words\nand more")
        yield Button("Do it", variant="primary")
        yield Button("Leave it", variant="error")

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 1
        self.query_one(OptionList).focus()
        self.call_after_refresh(self.go_on)

    def go_on(self) -> None:
        self.query_one(Input).focus()
        self.call_after_refresh(self.call_after_refresh, self.app.exit)


class Swatch(App[None]):
    """Ends by itself."""

    CSS = f"{SHEET} Screen {{ background: $background; overflow-y: scroll; }} #one {{ color: $major; }}"

    def __init__(self, asked: str) -> None:
        super().__init__(ansi_color=native(DEPTH))
        theme, _ = themes_of(os.environ).choose(asked, DEPTH, is_light(os.environ))
        self._palette = Palette(theme)
        self.register_theme(textual_theme(theme))
        self.theme = theme.name

    def compose(self) -> ComposeResult:
        yield Styles(self._palette)
        yield Static("in the colour of a status", id="one")
        yield Static("and long\n" * 80)

    def on_mount(self) -> None:
        self.call_after_refresh(self.push_screen, Over())


if __name__ == "__main__":
    Swatch(sys.argv[1]).run()
