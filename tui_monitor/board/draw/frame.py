"""A frame round a part of a page: a title above, a word below, and what stands inside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_monitor.board.ink import BLANK, Line, cut, fill, width_of

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs


def framed(
    title: Line, foot: Line, inner: Sequence[Line], size: tuple[int, int], glyphs: Glyphs, *, has_focus: bool
) -> list[Line]:
    """Exactly so many lines. The heavy lines round what has the keys can be told without colours."""
    width, height = size
    if width < 2 or height < 2:
        return [BLANK] * max(0, height)
    box = glyphs.heavy if has_focus else glyphs.box
    style = "border-focus" if has_focus else "border"
    edge = (box.down, style)
    body = [inner[y] if y < len(inner) else BLANK for y in range(height - 2)]
    return [
        _edge(title, (box.top_left, box.top_right), box.across, width, style),
        *((edge, *fill(one, width - 2), edge) for one in body),
        _edge(foot, (box.bottom_left, box.bottom_right), box.across, width, style, at_end=True),
    ]


def _edge(words: Line, corners: tuple[str, str], across: str, width: int, style: str, at_end: bool = False) -> Line:
    """An upper or lower edge, with words in it where there is room for some."""
    room = width - 6
    if not words or room < 4:
        return ((corners[0] + across * (width - 2) + corners[1], style),)
    shown = ((" ", style), *cut(words, room), (" ", style))
    left = width - 3 - width_of(shown) if at_end else 1
    right = width - 2 - left - width_of(shown)
    return ((corners[0] + across * left, style), *shown, (across * right + corners[1], style))
