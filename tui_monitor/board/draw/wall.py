"""A board for a screen on the wall: what is wrong in letters for the whole room, the well as dots, and the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from tui_monitor.board.draw import words
from tui_monitor.board.draw.heads import SHORT
from tui_monitor.board.draw.letters import BIG, HUGE, PLAIN, large, rows_of
from tui_monitor.board.draw.tile import word_of
from tui_monitor.board.gaze import RANKS, WELL, place_of
from tui_monitor.board.ink import BLANK, Line, cut, line, spread
from tui_monitor.core.text import spell_number

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs
    from tui_monitor.board.state import Board

View = Mapping[str, Any]

EVERY = 10.0
"""Seconds for which each part of what does not fit is shown."""
MOST_DOTS = 3
"""Lines of dots."""
TALL = 18
"""Lines from which the time is in large letters."""
TWO = 150
"""Columns from which what is wrong stands in two columns."""


@dataclass(frozen=True, slots=True)
class Wall:
    """The size of the screen, the time there, and how long it has hung, for what scrolls by itself."""

    width: int
    height: int
    now: datetime
    zone: tzinfo
    seconds: float
    glyphs: Glyphs = field(repr=False)


def wall(board: Board, on: Wall) -> list[Line]:
    """The whole of it, exactly as high as the screen."""
    wrong = sorted(
        (row for row in board.services.values() if row["status"] not in WELL), key=lambda row: place_of(row, "worst")
    )
    head, dots = _head(board, on), _dots(board, on)
    room = on.height - len(head) - len(dots)
    size, columns = _size(len(wrong), room, on)
    pitch = rows_of(size, on.glyphs) + 2
    fit = max(1, room // pitch) * columns
    parts = max(1, -(-len(wrong) // fit))
    part = int(on.seconds / EVERY) % parts
    shown = wrong[part * fit : (part + 1) * fit]
    body = _columns(shown, size, columns, on) if shown else _peace(board, on)
    if parts > 1 and head:
        head = [
            *head[:-1],
            line((f" {part + 1} of {parts}, {spell_number(len(wrong), 'service')} not well", "muted")),
        ]
    body = [*body, *([BLANK] * room)][: max(0, room)]
    return [cut(one, on.width) for one in (*head, *body, *dots)[: on.height]]


def _size(count: int, room: int, on: Wall) -> tuple[int, int]:
    """The largest letters in which all that is wrong is seen at once, and in how many columns; else in turns."""
    columns = 2 if on.width >= TWO else 1
    for size, beside in ((HUGE, 1), (BIG, 1), (BIG, columns)):
        if count * (rows_of(size, on.glyphs) + 2) <= room * beside:
            return size, beside
    return (BIG if room >= rows_of(BIG, on.glyphs) + 2 else PLAIN), columns


def _head(board: Board, on: Wall) -> list[Line]:
    """The time, and beside it how many are how; one blank line at the end."""
    counts = board.counts()
    known = sorted(counts, key=lambda one: (one != "operational", RANKS.get(one, 3)))
    said = [line((f" {on.glyphs.status[one]} {counts[one]} {SHORT.get(one, one)}", f"{one} bold")) for one in known]
    if failing := len(board.failing()):
        said.append(line((f" {on.glyphs.cross} {spell_number(failing, 'place')} failing", "bad")))
    time = on.now.astimezone(on.zone).strftime("%H:%M")
    clock = large(time, HUGE, on.width // 2, on.glyphs) if on.height >= TALL else None
    if clock is None:
        together = tuple(span for one in said for span in (*one, (" ", "text")))
        return [spread(together, line((f"{time} ", "title")), on.width), BLANK]
    column = _stacked(said, len(clock))
    return [
        *(spread(left, ((f"{right} ", "title"),), on.width) for left, right in zip(column, clock, strict=True)),
        BLANK,
    ]


def _stacked(said: Sequence[Line], height: int) -> list[Line]:
    """In so many lines, beside each other where there are more."""
    rows = [tuple(span for one in said[y::height] for span in (*one, ("   ", "text"))) for y in range(height)]
    return [row or BLANK for row in rows]


def _columns(rows: Sequence[View], size: int, columns: int, on: Wall) -> list[Line]:
    width = on.width // columns
    drawn = [_large_tile(row, size, width, on) for row in rows]
    per = -(-len(drawn) // columns)
    found: list[Line] = []
    for at in range(per):
        beside = drawn[at::per]
        found += [tuple(span for one in beside for span in spread(one[y], (), width)) for y in range(len(beside[0]))]
    return found


def _large_tile(row: View, size: int, width: int, on: Wall) -> list[Line]:
    """The name as large as it can be, then what is wrong and for how long."""
    status, height = row["status"], rows_of(size, on.glyphs)
    room = width - 3
    sizes = [one for one in (HUGE, BIG) if one <= size]
    letters = next((found for one in sizes if (found := large(str(row["name"]), one, room, on.glyphs))), None)
    name = letters or [str(row["name"])]
    edge = (f" {on.glyphs.pointer}", status)
    drawn: list[Line] = [cut((edge, (f" {text}", f"{status} bold")), width) for text in name]
    age = words.since(row["since"], on.now)
    critical = ", critical" if row["critical"] else ""
    said = f" {on.glyphs.status[status]} {word_of(status)}{f' for {age}' if age else ''}{critical}"
    why = f", {row['message']}" if row["message"] and row["message"] != status else ""
    drawn.append(cut((edge, (said, status), (why, "text")), width))
    return [*drawn, *([BLANK] * (height + 2 - len(drawn)))]


def _peace(board: Board, on: Wall) -> list[Line]:
    """Nothing is wrong; said in large letters too, so that it cannot be taken for a board that is broken."""
    if board.is_empty:
        return [line((f" starting the engine {on.glyphs.ellipsis}", "muted"))]
    said = "ALL IS WELL" if board.services else "NO SERVICES"
    letters = large(said, HUGE, on.width - 2, on.glyphs) or large(said, BIG, on.width - 2, on.glyphs) or [said]
    return [line((f" {text}", "good bold" if board.services else "muted")) for text in letters]


def _dots(board: Board, on: Wall) -> list[Line]:
    """One sign for each service that is well."""
    well = sorted(row["status"] != "operational" for row in board.services.values() if row["status"] in WELL)
    if not well or on.width < 4:
        return []
    across = (on.width - 2) // 2
    most = across * MOST_DOTS
    shown = well if len(well) <= most else well[: max(1, most - 8)]
    signs = [("operational", on.glyphs.status["operational"]), ("maintenance", on.glyphs.status["maintenance"])]
    lines: list[Line] = []
    for start in range(0, len(shown), across):
        part = shown[start : start + across]
        spans = ((f"{sign} " * part.count(kind == "maintenance"), kind) for kind, sign in signs)
        lines.append(line((" ", "text"), *spans))
    if len(shown) < len(well):
        lines[-1] = (*lines[-1], (f"+{len(well) - len(shown):,}", "muted"))
    return lines
