"""Every sign that the board draws, each exactly one cell, and what stands for it where a terminal has only ASCII."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields

from rich.cells import cell_len

from tui_monitor.core.glyphs import SIGNS


@dataclass(frozen=True, slots=True)
class Box:
    """Lines of a frame: corners, edges, and where edges meet."""

    top_left: str
    top_right: str
    bottom_left: str
    bottom_right: str
    across: str
    down: str
    tee_left: str
    tee_right: str
    tee_top: str
    tee_bottom: str
    cross: str


LIGHT = Box("┌", "┐", "└", "┘", "─", "│", "├", "┤", "┬", "┴", "┼")
HEAVY = Box("┏", "┓", "┗", "┛", "━", "┃", "┣", "┫", "┳", "┻", "╋")
ASCII_LIGHT = Box("+", "+", "+", "+", "-", "|", "+", "+", "+", "+", "+")
ASCII_HEAVY = Box("#", "#", "#", "#", "=", "#", "#", "#", "#", "#", "#")


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One alphabet of signs. `ramp` goes from little to much, for sparklines and charts."""

    status: Mapping[str, str]
    ramp: str
    box: Box
    heavy: Box
    """Round what has the focus, so that it can be told without colours."""
    ellipsis: str
    up: str
    down: str
    left: str
    right: str
    bullet: str
    dot: str
    check: str
    cross: str
    pointer: str
    """At the edge of what is selected."""
    mark: str
    """Before what is marked."""
    silent: str
    full: str
    empty: str
    upper: str
    """Half a cell, for large letters; in ASCII there are none."""
    lower: str
    is_ascii: bool = False

    def spelt(self, text: str) -> str:
        """A text from outside in as many cells, with what this terminal cannot show spelt as near as possible."""
        return _in_ascii(text) if self.is_ascii and not text.isascii() else text


UNICODE = Glyphs(
    status={status: sign for status, (sign, _) in SIGNS.items()},
    ramp="▁▂▃▄▅▆▇█",
    box=LIGHT,
    heavy=HEAVY,
    ellipsis="…",
    up="↑",
    down="↓",
    left="←",
    right="→",
    bullet="•",
    dot="·",
    check="✓",
    cross="✗",
    pointer="▌",
    mark="■",
    silent="⊘",
    full="█",
    empty="░",
    upper="▀",
    lower="▄",
)

ASCII = Glyphs(
    status={status: plain for status, (_, plain) in SIGNS.items()},
    ramp="_.-~=+*#",
    box=ASCII_LIGHT,
    heavy=ASCII_HEAVY,
    ellipsis="~",
    up="^",
    down="v",
    left="<",
    right=">",
    bullet="*",
    dot=".",
    check="+",
    cross="x",
    pointer=">",
    mark="*",
    silent="s",
    full="#",
    empty=".",
    upper="#",
    lower="#",
    is_ascii=True,
)


_PLAINEST = ("C", "POSIX")
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")


def glyphs_for(environ: Mapping[str, str], encoding: str | None, is_ascii: bool = False) -> Glyphs:
    """What this terminal can show. `encoding` is that of stdout.

    Python speaks UTF-8 also in the locale C, where nobody has said that the terminal does; and the font of the bare
    Linux console has room for the letters of one language, not for half circles.
    """
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    if locale in _COERCED and not environ.get("LC_ALL"):
        locale = environ.get("LANG", "")  # Python has put the other one there when it began
    is_plain = is_ascii or locale in _PLAINEST or environ.get("TERM") == "linux"
    speaks = (encoding or "").lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig", "cp65001")
    return UNICODE if speaks and not is_plain else ASCII


def _in_ascii(text: str) -> str:
    return "".join(char if char.isascii() else _near(char) for char in text)


def _signs(glyphs: Glyphs) -> str:
    """All signs of an alphabet in the same order; of a sign that serves twice, the chief use comes last."""
    boxes = (getattr(box, name.name) for box in (glyphs.box, glyphs.heavy) for name in fields(Box))
    single = (getattr(glyphs, name.name) for name in reversed(fields(Glyphs)))
    return "".join((*boxes, *(sign for sign in single if isinstance(sign, str)), *glyphs.status.values()))


_PLAIN = {
    **dict(zip("\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d\u00a0", "-----''\"\" ", strict=True)),
    **dict(zip(_signs(UNICODE), _signs(ASCII), strict=True)),
}
"""Signs of ours as they are in the other alphabet, and the dashes and quotes that people write."""


def _near(char: str) -> str:
    """A sign of ours, the letter below an accent, else a question mark for each cell."""
    if char in _PLAIN:
        return _PLAIN[char]
    cells = cell_len(char)
    plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return plain if len(plain) == cells and plain.isprintable() else "?" * cells
