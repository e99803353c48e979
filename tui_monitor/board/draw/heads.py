"""The first and the last lines of every page: what the board is about, what is wrong with it, and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING

from tui_monitor.board.draw.words import key_name, lasting
from tui_monitor.board.gaze import RANKS, SORT_WORDS, Gaze
from tui_monitor.board.ink import Line, Span, cut, fill, plain, spread, width_of, wrapped
from tui_monitor.board.state import Board
from tui_monitor.core.keys import Operation
from tui_monitor.core.text import spell_number

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs

ALWAYS = ("back", "help", "quit")
LEAST_OF_TITLE = 4
"""Cells of the title that stay where there is no room for more."""
SHORT = {"operational": "up", "major": "down", "partial": "partial", "degraded": "degraded"}


@dataclass(frozen=True, slots=True)
class About:
    """What the head of a page says beside the picture itself."""

    page: str = ""
    title: str = "Ops"
    place: str = ""
    zone: tzinfo | None = None
    is_paused: bool = False
    is_read_only: bool = False
    is_old: bool = False
    age: float = 0.0
    gaze: Gaze = field(default_factory=Gaze)
    hidden: int = 0
    lost: str = ""
    begun: int = 0
    """Incidents that have begun since the picture stands still."""


def header(board: Board, about: About, width: int, glyphs: Glyphs) -> Line:
    """The title, how many are how, and where the engine is; the least important gives way first."""
    name = (f" {about.title}", "bar bold")
    page: tuple[Span, ...] = ((f" {glyphs.right} {about.page}", "bar"),) if about.page else ()
    at = board.moved_at.astimezone(about.zone).strftime("%H:%M:%S") if board.moved_at and about.zone else ""
    rights: tuple[Span, ...] = ((" read-only", "bar accent"),) if about.is_read_only else ()
    failing = unheeded(board, glyphs)
    left = (name, *page, *rights, ("  ", "bar"), *counted(board, glyphs), *failing)
    for right in (f"{at}  engine: {about.place} ", f"{at} ", ""):
        if width_of(left) + len(right) + 1 <= width:
            return spread(left, ((right, "bar"),), width, "bar")
    short = (*rights, ("  ", "bar"), *counted(board, glyphs, short=True))
    left = (name, *page, *short, *failing)
    if failing and width_of(left) >= width:  # then without the page, and with as much of the title as there is room
        is_wide = width_of((*short, *failing)) + LEAST_OF_TITLE < width
        rest = (*short, *(failing if is_wide else unheeded(board, glyphs, short=True)))
        left = (*cut((name,), max(LEAST_OF_TITLE, width - width_of(rest) - 1)), *rest)
    return spread(left, (), width, "bar")


def unheeded(board: Board, glyphs: Glyphs, *, short: bool = False) -> Line:
    """How many places do not take what they are given; nothing where all of them do."""
    count = len(board.failing())
    word = "" if short else " failing"
    return ((f"{glyphs.cross} {spell_number(count, 'place')}{word}", "bar bad"),) if count else ()


def counted(board: Board, glyphs: Glyphs, *, short: bool = False) -> Iterable[Span]:
    """How many services are in each state, the well ones first; with signs alone where there is no room."""
    counts = board.counts()
    for status in sorted(counts, key=lambda one: (one != "operational", RANKS.get(one, 3))):
        word = "" if short else f" {SHORT.get(status, status)}"
        yield (f"{glyphs.status[status]} {counts[status]}{word}", f"bar {status}")
        yield (" " if short else "  ", "bar")


def alarms(board: Board, about: About, width: int) -> list[Line]:
    """Lines that nobody may overlook, and that are not there when there is nothing to say."""
    found: list[Line] = []
    if about.is_old:
        reason = f": {why}" if (why := about.lost or board.lost) else ""
        age = f", the picture is {lasting(about.age)} old" if not board.is_empty else ""
        found.append(_wide(f" NO SIGNAL{age}{reason}", "alarm", width))
    if board.around.get("trouble"):
        found += _two(f" TROUBLE: {board.around['trouble']}", "alarm", width)
    if board.around.get("cut_off"):
        found.append(
            _wide(" CUT OFF from the network: nothing outside can be judged, and nobody is told", "alarm", width)
        )
    if board.around.get("test_mode"):
        found.append(_wide(" TEST MODE: whatever is told outside is marked as a test", "test", width))
    if about.is_paused:
        text = " PAUSED: the picture stands still, the checks go on"
        begun = f" PAUSED: {spell_number(about.begun, 'incident')} since then, not in the picture; the checks go on"
        found.append(_wide(begun, "alarm", width) if about.begun else _wide(text, "test", width))
    if about.gaze.is_narrowed:
        found.append(_wide(f" {narrowing(about)}", "accent reverse", width))
    return found


def narrowing(about: About) -> str:
    """What is hidden, and by what: a filter that somebody forgot must not look like peace."""
    parts = ["faults only"] if about.gaze.faults else []
    if about.gaze.words.strip():
        parts.append(f"filter: {about.gaze.words}")
    return f"{', '.join(parts)} ({spell_number(about.hidden, 'service')} hidden, esc shows all)"


def _wide(text: str, style: str, width: int) -> Line:
    shown = cut(((text, style),), width)
    return (*shown, (" " * (width - width_of(shown)), style))


def _two(text: str, style: str, width: int) -> list[Line]:
    """On a second line where the first is too short: what is wrong often stands at the end."""
    first, *rest = wrapped(cut(((text, style),), 3 * width), width)
    more = " ".join(plain(one).strip() for one in rest)
    return [_wide(one, style, width) for one in (plain(first), f"   {more}") if one.strip()]


def footer(operations: Sequence[Operation], right: Line, width: int) -> Line:
    """As many keys as fit, the most important first; those that lead on and out are there on every terminal."""
    room = width - (width_of(right) + 1 if right else 0)
    shown = [one for one in operations if one.keys and one.label]
    chosen: set[str] = set()
    for one in sorted(shown, key=lambda one: one.id not in ALWAYS):
        if room >= _cells(one):
            room -= _cells(one)
            chosen.add(one.id)
    left: list[Span] = []
    for one in shown:
        if one.id in chosen:
            left += [(f" {key_name(one.keys[0])}", "bar-key"), (f" {one.label} ", "bar")]
    return spread(tuple(left), right, width, "bar") if right else fill(tuple(left), width, "bar")


def _cells(operation: Operation) -> int:
    return len(key_name(operation.keys[0])) + len(operation.label) + 3


def sorting(gaze: Gaze) -> str:
    return SORT_WORDS[gaze.sort]


def at_least(width: int, height: int, needs: tuple[int, int]) -> list[Line]:
    """The sentence where a terminal is too small for anything else."""
    text = f"too small: {width}x{height}, needs {needs[0]}x{needs[1]}; q quits"
    return [((text[start : start + max(1, width)], "text"),) for start in range(0, len(text), max(1, width))]
