"""Where words go: data to stdout, narration to stderr, tables drawn so that pipes and narrow terminals read well."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from tui_monitor.core.text import clean

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

WIDE = 1000
"""Columns where nobody's terminal cuts: one thing, one line."""


def tell(sentence: str) -> None:
    """To the person, never to the script."""
    print(clean(sentence, 2000), file=sys.stderr)


def print_json(data: Any) -> None:
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    print(json.dumps(data, indent=2, ensure_ascii=plain))


def draw(*things: RenderableType) -> None:
    console = paper()
    with console.capture() as drawn:
        for thing in things:
            console.print(thing)
    for line in drawn.get().splitlines():
        print(line.rstrip())


def paper() -> Console:
    """Colours only for a terminal, and only where nobody said that they want none."""
    from rich.console import Console

    is_terminal = sys.stdout.isatty()
    return Console(
        force_terminal=is_terminal,
        no_color=not is_terminal or bool(os.environ.get("NO_COLOR")),
        width=None if is_terminal or "COLUMNS" in os.environ else WIDE,
        markup=False,
        highlight=False,
        emoji=False,
    )


def words(text: object, style: str = "") -> Text:
    """Text from anywhere, drawn as it is and never as markup."""
    from rich.text import Text

    return Text(clean(str(text)), style)
