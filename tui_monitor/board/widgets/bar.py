"""One line across the screen, or a few: header, footer, and what is said of the last operation."""

from __future__ import annotations

from collections.abc import Sequence

from tui_monitor.board.ink import Line
from tui_monitor.board.widgets.sheet import Canvas


class Bar(Canvas):
    """As high as what it is given; nothing where that is nothing."""

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; } Bar.-away { display: none; }"

    def show(self, lines: Sequence[Line]) -> None:
        """Height changes the layout, so it is touched only when it is another."""
        if len(lines) != len(self._drawn) or self.has_class("-away") != (not lines):
            self.set_class(not lines, "-away")
            self.styles.height = max(1, len(lines))
        self.put(lines)
