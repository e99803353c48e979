"""Lines as values: what is drawn is spans of text, each with the name of a style, so that drawing is pure and a test
needs no terminal. Only here do they become what the terminal toolkit takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_monitor.board.cells import fit, one_line

Span = tuple[str, str]
"""A text and the name of its style, as the palette knows it."""
Line = tuple[Span, ...]

BLANK: Line = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a page. Those with a `key` can be selected; a `rest` belongs to the row above it."""

    line: Line
    key: str = ""


def line(*parts: Span | str) -> Line:
    """Plain strings are ordinary text; what is empty is left out."""
    spans = (part if isinstance(part, tuple) else (part, "text") for part in parts)
    return tuple(span for span in spans if span[0])


def width_of(spans: Line) -> int:
    return sum(cell_len(text) for text, _ in spans)


def cut(spans: Line, width: int) -> Line:
    """At most `width` cells of a line; an ellipsis stands for what is gone."""
    left, kept = width, []
    for text, style in spans:
        if not text:
            continue
        cells = cell_len(text)
        if cells <= left:
            kept.append((text, style))
            left -= cells
            continue
        if left > 0:
            kept.append((shorten(text, left), style))
        elif kept:
            last, its = kept.pop()
            kept.append((shorten(last + "…", cell_len(last)), its))
        break
    return tuple(kept)


def shorten(text: str, cells: int) -> str:
    """Cut to at most so many cells, with an ellipsis where something is gone."""
    return fit(text, cells, pad=False)


def fill(spans: Line, width: int, style: str = "text") -> Line:
    """Exactly `width` cells."""
    shown = cut(spans, width)
    missing = width - width_of(shown)
    return (*shown, (" " * missing, style)) if missing else shown


def spread(left: Line, right: Line, width: int, style: str = "text") -> Line:
    """The one at the left edge and the other at the right one; where both do not fit, the left one is cut."""
    room = max(0, width - width_of(right) - 1)
    shown = cut(left, room)
    gap = max(0, width - width_of(shown) - width_of(right))
    return cut((*shown, (" " * gap, style), *right), width)


def wrapped(spans: Line, width: int, indent: int = 0) -> list[Line]:
    """As many lines as it takes, broken between words where that can be; later ones begin `indent` cells in."""
    found: list[Line] = []
    current: list[Span] = []
    used = 0
    for text, style in spans:
        for piece in _pieces(text, max(1, width - indent)):
            if used + cell_len(piece.rstrip(" ")) > width:
                if current:
                    found.append(_joined(current))
                    current, used = ([(" " * indent, "text")] if indent else []), indent
                piece = piece.lstrip(" ")  # noqa: PLW2901 - the blank at which the line is broken is gone
            cells = cell_len(piece)
            if piece and (piece.strip(" ") or used + cells <= width):
                current.append((piece, style))
                used += cells
    return [*found, _joined(current)] if current or not found else found


def _joined(spans: Iterable[Span]) -> Line:
    """Neighbours of one style as one span: each span is sent to the terminal with its colours."""
    return tuple(("".join(text for text, _ in same), style) for style, same in groupby(spans, key=lambda one: one[1]))


def _pieces(text: str, width: int) -> list[str]:
    """Words with the blanks before them; those that no line can hold are cut to its width."""
    found: list[str] = []
    for word in re.findall(r" *[^ ]+| +$", text):
        if cell_len(word.strip()) <= width:
            found.append(word)
        else:
            found += _cut_anywhere(word, width)
    return found


def _cut_anywhere(word: str, width: int) -> Iterator[str]:
    start = used = 0
    for at, char in enumerate(word):
        cells = get_character_cell_size(char)
        if used + cells > width and at > start:
            yield word[start:at]
            start, used = at, 0
        used += cells
    yield word[start:]


def under(spans: Line, style: str) -> Line:
    """The same line with another style laid over each of its spans, such as that of what is selected."""
    return tuple((text, f"{own} {style}") for text, own in spans)


def plain(spans: Line) -> str:
    return "".join(text for text, _ in spans)


def texts(rows: Iterable[Row]) -> str:
    """What a page says, for tests and for the clipboard."""
    return "\n".join(plain(row.line).rstrip() for row in rows)


@lru_cache(maxsize=256)
def strip_of(spans: Line, width: int, style_of: Callable[[str], Style], spelt: Callable[[str], str] = str) -> Strip:
    """Exactly `width` cells for the terminal; `spelt` replaces what it cannot show, in as many cells.

    Nothing else leads to the terminal, so what text of ours, of a path or of a variable might bring ends here. Each
    change of style costs some twenty bytes on the wire, so blanks go with what stands beside them.
    """
    safe = tuple((text if text.isprintable() else one_line(text), name) for text, name in spans)
    found: list[tuple[str, Style]] = []
    for text, name in fill(safe, width):
        style = style_of(name)
        if found:
            before, last = found[-1]
            if last is style or (text.isspace() and _same_ground(last, style)):
                found[-1] = (before + text, last)
                continue
            if before.isspace() and _same_ground(last, style):
                found[-1] = (before + text, style)
                continue
        found.append((text, style))
    return Strip([Segment(spelt(text), style) for text, style in found], width)


def _same_ground(one: Style, other: Style) -> bool:
    """Whether a blank looks the same in both."""
    return one.bgcolor == other.bgcolor and one.reverse == other.reverse and not one.underline and not other.underline


def difference(before: Line, after: Line, width: int) -> tuple[int, int]:
    """Where two lines of so many cells differ: the first cell, and how many. No cells where they do not."""
    if before == after:
        return 0, 0
    start, most = 0, min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    first = width_of(after[:start])
    cells = width_of(after)
    if width_of(before) != cells:
        return first, width - first
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return first, cells - first - width_of(after[len(after) - end :])


def keys_of(rows: Sequence[Row]) -> list[str]:
    return [row.key for row in rows if row.key]
