"""Incidents as a list, open and past: as many columns as there is room for, the least important given up first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_monitor.board.draw import words
from tui_monitor.board.draw.incident import Sight, called, heading, lasts, marks
from tui_monitor.board.ink import BLANK, Line, Row, Span, fill, line
from tui_monitor.core.text import spell_number

View = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One thing to say of each incident; `needs` is the width below which it is left out."""

    name: str
    cells: int
    shown: Callable[[View, Sight], Span]
    needs: int = 0


def _state(view: View, sight: Sight) -> Span:
    style = {"open": "bad", "acknowledged": "accent"}.get(view["state"], "muted")
    return str(view["state"]), style


def _service(view: View, sight: Sight) -> Span:
    return called(view), "bold" if view["state"] != "resolved" else "text"


def _started(view: View, sight: Sight) -> Span:
    return words.clock(view["started_at"], sight.zone, sight.now), "muted"


def _lasts(view: View, sight: Sight) -> Span:
    return lasts(view, sight.now), "text"


def _by(view: View, sight: Sight) -> Span:
    return str((view["by"] or view["resolved_by"]) or ""), "muted"


def _title(view: View, sight: Sight) -> Span:
    """What is wrong stands before why nobody is told, of which the sign alone is seen where there is little room."""
    why = str(view.get("quiet") or "")
    sign = f"{sight.glyphs.silent} " if why else ""
    said = sign + ", ".join([*marks(view), str(view["title"]), *([why] if why else [])])
    return " ".join(said.split()), "text" if view["state"] != "resolved" else "muted"


COLUMNS = (
    Column("STATE", 13, _state, 40),
    Column("SERVICE", 20, _service),
    Column("STARTED", 12, _started, 60),
    Column("LASTED", 9, _lasts),
    Column("BY", 11, _by, 100),
    Column("WHAT", 0, _title, 60),
)
WIDER = 120
"""Cells from which names have more room."""


def open_list(standing: Sequence[View], sight: Sight) -> list[Row]:
    """Those that are open, below the names of the columns."""
    columns = _fitting(sight.width)
    named = Row(_names(columns, sight.width))
    return [named, *_section(f"Open ({len(standing)})", standing, columns, sight, "nothing is open")]


def past_list(past: Sequence[View], sight: Sight, note: str = "", days: int = 30) -> list[Row]:
    """Those that are over: what they say changes only with the day.

    `note` is what there is to say of them as a whole, such as that they are still asked for.
    """
    over = f"Over, in the last {spell_number(days, 'day')} ({len(past)})"
    return [Row(BLANK), *_section(over, past, _fitting(sight.width), sight, note or "nothing has ended in this time")]


def _section(
    name: str, views: Sequence[View], columns: Sequence[tuple[Column, int]], sight: Sight, otherwise: str
) -> Iterable[Row]:
    yield Row(heading(name, sight))
    for view in views:
        yield Row(_row(view, columns, sight), str(view["id"]))
    if not views:
        yield Row(fill(line((f"   {otherwise}", "muted")), sight.width))


def _fitting(width: int) -> list[tuple[Column, int]]:
    """The columns that a width has room for, each with its cells; what is left goes to the last, or to the names."""
    shown = [one for one in COLUMNS if width >= one.needs]
    cells = {one.name: one.cells + (12 if one.name == "SERVICE" and width >= WIDER else 0) for one in shown}
    left = width - 4 - sum(cells.values())
    last = "WHAT" if "WHAT" in cells else "SERVICE"
    cells[last] = max(4, cells[last] + left)
    return [(one, cells[one.name]) for one in shown]


def _names(columns: Sequence[tuple[Column, int]], width: int) -> Line:
    return fill(
        (("   ", "text"), *(part for one, cells in columns for part in _cell((one.name, "muted"), cells))), width
    )


def _row(view: View, columns: Sequence[tuple[Column, int]], sight: Sight) -> Line:
    """The sign is that of how it is, or, when it is over, of how bad it was."""
    is_over = view["state"] == "resolved"
    status = str(view["severity"] if is_over else view["status"])
    sign = (f" {sight.glyphs.status.get(status, sight.glyphs.dot)} ", "muted" if is_over else status)
    parts = (part for one, cells in columns for part in _cell(one.shown(view, sight), cells))
    return fill((sign, *parts), sight.width)


def _cell(span: Span, cells: int) -> Line:
    return (*fill((span,), cells - 1), (" ", "text"))


def fits(view: View, asked: str) -> bool:
    """Whether an incident has all of these words somewhere, and none of those with `!` in front."""
    if not asked:
        return True
    parts = (
        view["id"],
        view["service"],
        called(view),
        view["title"],
        view["state"],
        view["status"],
        view["severity"],
    )
    text = "\n".join(map(str, (*parts, view["by"], view["resolved_by"]))).casefold()
    return all(
        (word[1:] not in text if len(word) > 1 else True) if word.startswith("!") else word in text
        for word in asked.casefold().split()
    )
