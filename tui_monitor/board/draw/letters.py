"""Large letters, to be read from the other end of a room: five dots high, drawn with blocks or half blocks."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs

DOTS = 5
HUGE, BIG, PLAIN = 2, 1, 0
"""Two cells for a dot; one, with two dots above each other in a cell where there are half blocks; ordinary text."""

FONT: Mapping[str, tuple[str, ...]] = {
    letter: tuple(rows.split())
    for letter, rows in (
        ("A", ".#. #.# ### #.# #.#"),
        ("B", "##. #.# ##. #.# ##."),
        ("C", ".## #.. #.. #.. .##"),
        ("D", "##. #.# #.# #.# ##."),
        ("E", "### #.. ##. #.. ###"),
        ("F", "### #.. ##. #.. #.."),
        ("G", ".### #... #.## #..# .###"),
        ("H", "#.# #.# ### #.# #.#"),
        ("I", "### .#. .#. .#. ###"),
        ("J", "..# ..# ..# #.# .#."),
        ("K", "#..# #.#. ##.. #.#. #..#"),
        ("L", "#.. #.. #.. #.. ###"),
        ("M", "#...# ##.## #.#.# #...# #...#"),
        ("N", "#..# ##.# #.## #..# #..#"),
        ("O", ".##. #..# #..# #..# .##."),
        ("P", "##. #.# ##. #.. #.."),
        ("Q", ".##. #..# #..# #.## .###"),
        ("R", "##. #.# ##. #.# #.#"),
        ("S", ".## #.. .#. ..# ##."),
        ("T", "### .#. .#. .#. .#."),
        ("U", "#..# #..# #..# #..# .##."),
        ("V", "#.# #.# #.# #.# .#."),
        ("W", "#...# #...# #.#.# ##.## #...#"),
        ("X", "#.# #.# .#. #.# #.#"),
        ("Y", "#.# #.# .#. .#. .#."),
        ("Z", "### ..# .#. #.. ###"),
        ("0", "### #.# #.# #.# ###"),
        ("1", ".#. ##. .#. .#. ###"),
        ("2", "##. ..# .#. #.. ###"),
        ("3", "##. ..# .#. ..# ##."),
        ("4", "#.# #.# ### ..# ..#"),
        ("5", "### #.. ##. ..# ##."),
        ("6", ".## #.. ### #.# ###"),
        ("7", "### ..# .#. .#. .#."),
        ("8", "### #.# ### #.# ###"),
        ("9", "### #.# ### ..# ##."),
        (" ", ".. .. .. .. .."),
        ("-", "... ... ### ... ..."),
        ("_", "... ... ... ... ###"),
        (".", ". . . . #"),
        (",", ". . . # #"),
        (":", ". # . # ."),
        ("'", "# # . . ."),
        ("!", "# # # . #"),
        ("/", "..# ..# .#. #.. #.."),
        ("+", "... .#. ### .#. ..."),
        ("(", ".# #. #. #. .#"),
        (")", "#. .# .# .# #."),
        ("#", "#.# ### #.# ### #.#"),
        ("&", ".#.. #.#. .#.. #.#. .#.#"),
        ("%", "#.# ..# .#. #.. #.#"),
    )
}


def rows_of(size: int, glyphs: Glyphs) -> int:
    """Lines that letters of a size take."""
    if size == PLAIN:
        return 1
    return DOTS if size == HUGE or glyphs.is_ascii else -(-DOTS // 2)


def large(text: str, size: int, width: int, glyphs: Glyphs) -> list[str] | None:
    """The text in large letters; None where it has others than these, or does not fit."""
    dots = _dots(text)
    if dots is None or len(dots[0]) * size > width:
        return None
    if size == HUGE or glyphs.is_ascii:
        return ["".join((glyphs.full if one == "#" else " ") * size for one in row) for row in dots]
    halves = {"##": glyphs.full, "#.": glyphs.upper, ".#": glyphs.lower, "..": " "}
    padded = [*dots, "." * len(dots[0])]
    return ["".join(map(halves.__getitem__, map("".join, zip(*padded[y : y + 2], strict=True)))) for y in (0, 2, 4)]


def _dots(text: str) -> list[str] | None:
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)).upper()
    if not plain or any(letter not in FONT for letter in plain):
        return None
    return [".".join(FONT[letter][row] for letter in plain) for row in range(DOTS)]
