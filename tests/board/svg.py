"""A picture of a terminal as SVG: small, the same every time, and with nothing that is fetched from elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from string import ascii_letters

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from textual._compositor import LayoutUpdate
from textual.app import App

WIDE, HIGH, BASE = 8.4, 17, 13
"""Pixels of a cell, and from its top to the line that letters stand on."""
MARGIN = 12
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

WORDS = re.compile(r"\S+(?: \S+)*")
"""What is drawn in one piece: several blanks in a row would be one."""

Run = tuple[int, str, Style]
"""Text of one style, from a column on."""


def picture(app: App[object]) -> str:
    """What the app shows now, with the page that lies below a dialog."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, LayoutUpdate)
    return svg([_runs(segment for strip in strips for segment in strip) for strips in update.strips], *app.size)


def svg(lines: Sequence[Sequence[Run]], width: int, height: int) -> str:
    grounds = Counter({"#000000": 0})
    for runs in lines:
        for _, text, style in runs:
            grounds[colours(style)[1]] += len(text)
    ground = grounds.most_common(1)[0][0]
    names: dict[str, str] = {}
    drawn = [part for y, runs in enumerate(lines) for part in _line(runs, y, ground, names)]
    rules = "".join(f".{name}{{{rule}}}" for rule, name in names.items())
    right, low = width * WIDE + 2 * MARGIN, height * HIGH + 2 * MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right:g} {low:g}">',
        f"<style>text{{font:14px {FONTS}}}{rules}</style>",
        f'<rect width="100%" height="100%" rx="8" fill="{ground}"/>',
        f'<g transform="translate({MARGIN} {MARGIN})">',
    )
    return "\n".join((*head, *drawn, "</g>", "</svg>", ""))


def _runs(segments: Iterable[Segment]) -> list[Run]:
    """Neighbours that look the same, together."""
    found: list[Run] = []
    column = 0
    for segment in segments:
        style = segment.style or Style.null()
        if found and look_of(found[-1][2]) == look_of(style):
            at, text, its = found[-1]
            found[-1] = (at, text + segment.text, its)
        else:
            found.append((column, segment.text, style))
        column += cell_len(segment.text)
    return found


def _line(runs: Sequence[Run], y: int, ground: str, names: dict[str, str]) -> list[str]:
    """Its grounds where they are not that of the whole, and then its words."""
    rects, spans = [], []
    for column, text, style in runs:
        cells = cell_len(text)
        behind = colours(style)[1]
        if behind != ground:
            place = f'x="{column * WIDE:g}" y="{y * HIGH}" width="{cells * WIDE:g}" height="{HIGH}"'
            rects.append(f'<rect {place} fill="{behind}"/>')
        for words in WORDS.finditer(text):
            name = names.setdefault(look_of(style)[0], _name(len(names)))
            at, length = column + cell_len(text[: words.start()]), cell_len(words[0]) * WIDE
            place = f'class="{name}" x="{at * WIDE:g}" textLength="{length:g}"'
            spans.append(f"<tspan {place}>{escape(words[0], quote=False)}</tspan>")
    return [*rects, *([f'<text y="{y * HIGH + BASE:g}">{"".join(spans)}</text>'] if spans else [])]


def look_of(style: Style) -> tuple[str, str]:
    """As rules of CSS, and what is behind."""
    front, behind = colours(style)
    rules = f"fill:{front}"
    rules += ";font-weight:bold" if style.bold else ""
    rules += ";opacity:.6" if style.dim else ""
    rules += ";font-style:italic" if style.italic else ""
    rules += ";text-decoration:underline" if style.underline else ""
    return rules, behind


def colours(style: Style) -> tuple[str, str]:
    theme = DIMMED_MONOKAI
    front = style.color.get_truecolor(theme).hex if style.color else theme.foreground_color.hex
    is_plain = style.bgcolor is None
    behind = theme.background_color.hex if is_plain else style.bgcolor.get_truecolor(theme, foreground=False).hex
    return (behind, front) if style.reverse else (front, behind)


def _name(number: int) -> str:
    return ascii_letters[number] if number < len(ascii_letters) else f"x{number}"
