"""What stands in the frames of the overview beside the tiles: titles, where one is, and why there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_monitor.board.gaze import SORT_WORDS, Gaze
from tui_monitor.board.ink import BLANK, Line, cut, line, width_of
from tui_monitor.board.layout import Window
from tui_monitor.board.state import Board

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs


def services_title(gaze: Gaze, shown: int, count: int) -> Line:
    number = f"{shown} of {count}" if shown != count else str(count)
    marked = f", {len(gaze.marked)} marked" if gaze.marked else ""
    return line(("Services ", "title"), (f"{number}, {SORT_WORDS[gaze.sort]}", "text"), (marked, "accent"))


def incidents_title(board: Board) -> Line:
    number = len(board.open_incidents())
    return line(("Incidents ", "title"), (f"({number} open)", "bad" if number else "muted"))


def position(window: Window, count: int, selected: int | None, glyphs: Glyphs) -> Line:
    """Which of the services are seen, where that is not all of them, and where the selected one is if it is not."""
    numbers = [number for number, _ in window.places]
    if not numbers or (len(numbers) == count and (selected is None or selected in numbers)):
        return ()
    first, last = numbers[0], numbers[-1]
    more = f"{glyphs.up if first else ' '}{glyphs.down if last + 1 < count else ' '}"
    found = line((f"{first + 1}-{last + 1} of {count} ", "muted"), (more, "accent"))
    if selected is None or selected in numbers:
        return found
    return line((f"selected {glyphs.up if selected < first else glyphs.down}  ", "accent"), *found)


def empty(board: Board, gaze: Gaze, glyphs: Glyphs, config: str) -> list[Line]:
    """Why there is no tile, and what to do."""
    if board.is_empty:
        return [line(("starting the engine " + glyphs.ellipsis, "muted"))]
    if gaze.is_narrowed and board.services:
        what = f"nothing fits {gaze.words.strip()!r}" if gaze.words.strip() else "nothing is wrong"
        return [line((what, "title" if gaze.words.strip() else "good")), line(("esc shows all", "muted"))]
    return [
        line(("no services are watched", "title")),
        line((f"write some into {config}, and read it anew with ctrl+r" if config else "", "muted")),
    ]


def middled(words: Sequence[Line], width: int, height: int) -> list[Line]:
    """In the middle of an empty frame."""
    above = max(0, (height - len(words)) // 2)
    shown = [cut(one, width) for one in words]
    indented = [((" " * ((width - width_of(one)) // 2), "text"), *one) if one else BLANK for one in shown]
    return [*([BLANK] * above), *indented][:height]


def following(is_following: bool, glyphs: Glyphs) -> Line:
    """Whether the log shows what is new."""
    return () if is_following else line((f"{glyphs.down} G follows", "accent"))
