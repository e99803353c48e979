"""What text looks like on a terminal: made harmless once, where it comes in from an engine, and laid out in cells.

Terminals differ in how wide they draw what is new, joined or made up. What not every one of them draws in the same
number of cells has a stand-in of one cell here, so that nothing to the right of it ever moves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from operator import is_
from typing import Any

from rich.cells import cell_len, get_character_cell_size

STAND_IN = "□"
MARKS = 2
"""Accents that one letter may bear; more of them run into the lines above."""

LINES = frozenset(("text", "update"))
"""The keys of what may have line breaks: notes and what vendors write. Everything else is one line."""

_OLD = "9.0.0"
"""The first version of Unicode that says which pictures are wide, as every terminal of today knows."""
_BLANK = frozenset(("Cc", "Zs", "Zl", "Zp"))
_DOUBTFUL = frozenset(("Co", "Cn", "Cs", "Mc"))
_UNSEEN = frozenset("\u034f\u115f\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_BARE = frozenset((bool, float, int, type(None)))
_DISPUTED = range(0x3248, 0x3250)
"""Numbers in squares, which some systems take for wide although no table does."""
_KNOWN = 20_000


def harmless(value: Any) -> Any:
    """The same data with every text in it fit to be drawn: no control, no escape, nothing of doubtful width.

    What is harmless already, and so nearly everything, is not copied: of thousands of services that is megabytes.
    """
    kind = type(value)  # rather than isinstance: thousands of services have a hundred thousand values
    if kind is str:
        return value if value.isascii() and value.isprintable() else one_line(value)
    if kind in _BARE:
        return value
    if kind is dict:
        rows = {harmless(key): _member(key, one) if key in LINES else harmless(one) for key, one in value.items()}
        is_same = all(map(is_, rows, value)) and all(map(is_, rows.values(), value.values()))
        return value if is_same else rows
    if kind is list or kind is tuple:
        found = [harmless(one) for one in value]
        return value if all(map(is_, found, value)) else kind(found)
    return _harmless_too(value)


def _harmless_too(value: Any) -> Any:
    """What comes less often."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return harmless(dict(value))
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [harmless(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _member(one.name, getattr(value, one.name)) for one in fields(value)})
    return value


def _member(key: Any, value: Any) -> Any:
    return some_lines(value) if isinstance(value, str) and key in LINES else harmless(value)


def one_line(text: str) -> str:
    """The text without what a terminal would obey, hide or draw in doubtful width. Line breaks become blanks."""
    if text.isascii() and text.isprintable():
        return text
    shown = unicodedata.normalize("NFC", text).translate(_SHOWN)
    return shown if shown.isascii() else unicodedata.normalize("NFC", _with_few_marks(shown))


def some_lines(text: str) -> str:
    """The same, with its line breaks."""
    if text.isascii() and text.isprintable():
        return text
    return "\n".join(map(one_line, text.splitlines())).strip("\n")


def width(text: str) -> int:
    """In cells."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, cells: int, ellipsis: str = "…", *, pad: bool = True) -> str:
    """One line of exactly so many cells, or of at most so many; the ellipsis stands for what is cut off."""
    if not text.isascii():
        return _fit_wide(one_line(text), cells, ellipsis, pad)
    start = one_line(text[: max(cells, 0) + 1])
    if len(start) > cells:
        room = cells - width(ellipsis)
        start = start[:room].rstrip() + ellipsis if room >= 0 else _start_of(ellipsis, cells)
    return start + " " * (cells - width(start)) if pad else start


def wrap(text: str, cells: int) -> list[str]:
    """Lines of at most so many cells (of two, where there is room for one). Breaks between words, else anywhere."""
    cells = max(cells, 2)
    return [line for part in some_lines(text).splitlines() for line in _wrapped(part, cells)]


# -- one character --------------------------------------------------------------------------------------------------


class _Shown(dict[int, str]):
    """For each code point what is drawn for it; those that occurred are remembered."""

    def __missing__(self, code: int) -> str:
        if len(self) > _KNOWN:
            self.clear()
        self[code] = shown = _shown(code)
        return shown


_SHOWN = _Shown()


def _shown(code: int) -> str:
    char = chr(code)
    category = unicodedata.category(char)
    if category in _BLANK:
        return " "
    if 0x1F1E6 <= code <= 0x1F1FF:  # flags are two letters
        return chr(code - 0x1F1E6 + ord("A"))
    if category in ("Cf", "Me") or char in _UNSEEN or _is_modifier(code):
        return ""
    return STAND_IN if category in _DOUBTFUL or code in _DISPUTED or _is_doubtful(char, category) else char


def _is_modifier(code: int) -> bool:
    """Which of two pictures of the same thing is meant, and of which skin."""
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x1F3FB <= code <= 0x1F3FF


def _is_doubtful(char: str, category: str) -> bool:
    """Whether terminals that go by an old table, by a new one, or by the standard itself disagree on its width."""
    expected = 0 if category == "Mn" else 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return {get_character_cell_size(char, _OLD), get_character_cell_size(char), expected} != {expected}


def _with_few_marks(text: str) -> str:
    """Without accents that stand on nothing, or on too many others."""
    kept, marks = [], MARKS
    for char in text:
        marks = MARKS if char == " " else 0 if get_character_cell_size(char) else marks + 1
        if marks <= MARKS:
            kept.append(char)
    return "".join(kept)


# -- a line -----------------------------------------------------------------------------------------------------


def _fit_wide(text: str, cells: int, ellipsis: str, pad: bool) -> str:
    start = _start_of(text, cells)
    if len(start) < len(text):
        room = cells - width(ellipsis)
        start = _start_of(text, room).rstrip() + ellipsis if room >= 0 else _start_of(ellipsis, cells)
    return start + " " * (cells - width(start)) if pad else start


def _start_of(text: str, cells: int) -> str:
    """As much as there is room for; a wide character is never cut in two."""
    left = cells
    for at, char in enumerate(text):
        left -= get_character_cell_size(char)
        if left < 0:
            return text[:at]
    return text


def _wrapped(text: str, cells: int) -> Iterator[str]:
    """The lines of one paragraph; at least one."""
    line, left = "", cells
    for word in text.split():
        taken = width(word) + bool(line)
        if taken > left and line and width(word) == len(word) <= cells:
            yield line
            line, left, taken = "", cells, taken - 1
        if taken <= left:
            line, left = f"{line} {word}" if line else word, left - taken
            continue
        *full, line = _pieces(f"{line} {word}" if line else word, cells)
        yield from full
        left = cells - width(line)
    yield line


def _pieces(text: str, cells: int) -> list[str]:
    """What does not fit into one line, cut anywhere."""
    found = []
    while text:
        start = _start_of(text, cells)
        found.append(start.rstrip())
        text = text[len(start) :].lstrip()
    return found
