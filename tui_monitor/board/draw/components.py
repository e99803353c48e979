"""What a vendor is made of, as a tree by group: a group that is all well is one line until somebody opens it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui_monitor.board.draw.incident import Sight, flat
from tui_monitor.board.draw.service import lines_of
from tui_monitor.board.gaze import RANKS
from tui_monitor.board.ink import Line, Row, cut, line, width_of

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs

View = Mapping[str, Any]

GROUP = "group"
"""What the key of a group begins with; the id of the vendor and its name follow."""
MOST_ILL = 20
"""Components that are not well, as far as they are named in a group that nobody has opened."""
BELOW, INSIDE = 3, 7
"""Cells before the line of a group, and before those of its components."""


def group_key(vendor: str, group: str) -> str:
    return f"{GROUP}:{vendor}\n{group}"


def component_rows(vendor: str, components: Sequence[View], opened: Collection[str], sight: Sight) -> list[Row]:
    """Groups in which something is wrong come first, the worst of them at the top; the others as the vendor has them.

    `opened` are the keys of the groups of which every component is wanted.
    """
    groups: dict[str, list[View]] = {}
    for one in components:
        groups.setdefault(flat(one["group"]), []).append(one)
    usual = "others" if len(groups) > 1 else "components"
    found: list[Row] = []
    for name in sorted(groups, key=lambda one: min(map(_rank, groups[one]))):
        key = group_key(vendor, name)
        found += _group(name or usual, groups[name], key, key in opened, sight)
    return found


def _group(name: str, components: Sequence[View], key: str, is_open: bool, sight: Sight) -> Iterator[Row]:
    ranked = sorted(components, key=_rank)
    worst = str(ranked[0]["status"])
    fold = "-" if is_open else "+"
    head = line(
        (" " * BELOW, "text"),
        (f"{fold} ", "accent"),
        (f"{_sign(worst, sight.glyphs)} ", worst),
        (f"{name}: ", "text"),
        (_counted(ranked), worst if worst != "operational" else "muted"),
    )
    for number, one in enumerate(_within(head, sight.width, BELOW + 4)):
        yield Row(one, "" if number else key)
    ill = [one for one in ranked if one["status"] != "operational"]
    shown = ranked if is_open else ill[:MOST_ILL]
    for component in shown:
        yield from map(Row, _component(component, sight))
    if not is_open and len(ill) > MOST_ILL:
        more = f"and {len(ill) - MOST_ILL:,} more that are not well"
        yield Row(cut(((" " * INSIDE, "text"), (more, "muted")), sight.width))


def _component(one: View, sight: Sight) -> Sequence[Line]:
    status = str(one["status"])
    is_well = status == "operational"
    spans = line(
        (" " * INSIDE, "text"),
        (f"{_sign(status, sight.glyphs)} ", status),
        (flat(one["name"]), "text"),
        ("" if is_well else f"  {status}", status),
    )
    return _within(spans, sight.width, INSIDE + 2)


def _within(spans: Line, width: int, indent: int) -> Sequence[Line]:
    """Most fit as they are: there may be thousands."""
    return [spans] if width_of(spans) <= width else lines_of(spans, width, min(indent, width // 3))


def _sign(status: str, glyphs: Glyphs) -> str:
    return glyphs.status.get(status, glyphs.dot)


def _rank(one: View) -> int:
    return RANKS.get(str(one["status"]), 3)


def _counted(ranked: Sequence[View]) -> str:
    """`2 partial, 12 operational`, the worst first."""
    return ", ".join(f"{count:,} {status}" for status, count in Counter(str(one["status"]) for one in ranked).items())
