"""From the name of a style to what the terminal toolkit draws with. Drawing code knows names and never a colour."""

from __future__ import annotations

from typing import Any

from rich.style import Style

from tui_monitor.board.theme import ATTRIBUTES, STYLES, Look, Theme

NAMES = frozenset((*STYLES, *ATTRIBUTES))
"""Every word that may stand in the name of a style."""


class Palette:
    """The styles of one theme. Names combine from left to right: `major selected`, `muted bold`."""

    __slots__ = ("_dimmed", "_styles", "theme")

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._dimmed: Palette | None = None
        self._styles = {name: _style(look) for name, look in theme.looks.items()}
        for word in ATTRIBUTES:
            # A terminal without colours knows no italics either, or shows them as something else.
            is_shown = word != "italic" or not theme.is_colourless
            self._styles[word] = _style(Look(attributes=frozenset((word,)))) if is_shown else Style.null()

    def style(self, name: str) -> Style:
        """Raises KeyError for a name that is none."""
        found = self._styles.get(name)
        return found if found is not None else self._combine(name)

    def _combine(self, name: str) -> Style:
        words = name.split()
        if not words:
            raise KeyError(name)
        combined = Style.combine(self._styles[word] for word in words)
        self._styles[name] = combined
        return combined

    def dimmed(self) -> Palette:
        """The same for a picture that is old: everything muted but the bars that say so."""
        if self._dimmed is None:
            self._dimmed = Palette(self.theme.faded())
        return self._dimmed


def _style(look: Look) -> Style:
    marks: dict[str, Any] = dict.fromkeys(look.attributes, True)
    return Style(color=look.colour or None, bgcolor=look.on or None, **marks)
