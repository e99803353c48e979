"""What a theme is: colours by name, and for each style that the board draws with a look made of them.

Plain values without a drawing library. Files are read in `themes`, terminals are judged in `colours`, and `palette`
turns looks into what the terminal toolkit takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

STATUSES = tuple(str(status) for status in Status)

NAMED = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI = ("default", *NAMED, *(f"bright_{name}" for name in NAMED))
"""The colours that each terminal mixes itself, and its own for text and background."""

ATTRIBUTES = ("bold", "dim", "reverse", "underline", "italic")
LOUD = ("alarm", "test")
"""What stays as it is when everything else fades."""

LAID = ("selected", "marked", "bar", "bar-key", "band-maintenance", "band-incident")
"""What is laid under text, and has to be seen in the picture that fades as well."""

COLOURS: Mapping[str, str] = {
    "background": "behind everything",
    "surface": "behind tiles and lists",
    "panel": "behind what lies over the rest, such as a dialog",
    "foreground": "ordinary text",
    "muted": "what is less important, or old",
    "primary": "headings, and what can be pressed",
    "secondary": "a second tone beside it",
    "accent": "what should catch the eye",
    "link": "addresses",
    "border": "frames",
    "border-focus": "the frame that has the keys",
    "selected": "behind the line that is selected",
    "marked": "behind lines that are marked",
    "bar": "behind header and footer",
    "bar-text": "text of header and footer",
    "bar-key": "keys in the footer",
    "alarm": "behind NO SIGNAL",
    "alarm-text": "the words NO SIGNAL",
    "test": "behind TEST MODE",
    "test-text": "the words TEST MODE",
    "chart": "the line of a chart",
    "chart-2": "a second line",
    "band-maintenance": "behind a chart while there was work",
    "band-incident": "behind a chart while there was an incident",
}
"""The colours of a theme besides those of the statuses, and where they go."""

STYLES: Mapping[str, str] = {
    **{status: status for status in STATUSES},
    "major": "bold major",
    "text": "foreground",
    "muted": "muted",
    "title": "bold foreground",
    "heading": "bold primary",
    "accent": "accent",
    "link": "underline link",
    "border": "border",
    "border-focus": "border-focus",
    "selected": "on selected",
    "marked": "on marked",
    "bar": "bar-text on bar",
    "bar-key": "bold bar-key on bar",
    "alarm": "bold alarm-text on alarm",
    "test": "bold test-text on test",
    "good": "operational",
    "warn": "degraded",
    "bad": "bold major",
    "chart": "chart",
    "chart-2": "chart-2",
    "band-maintenance": "on band-maintenance",
    "band-incident": "on band-incident",
}
"""Every style that the board draws with, and its look where a theme says nothing else."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")


@dataclass(frozen=True, slots=True)
class Look:
    """How one style is drawn. An empty colour leaves what lies below it."""

    colour: str = ""
    on: str = ""
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Theme:
    """A whole theme: each of its colours and looks is there and can be drawn.

    `ansi` themes use the colours of the terminal. Colours are `#rrggbb`, or in those themes one of ANSI.
    """

    name: str
    about: str = ""
    dark: bool = True
    ansi: bool = False
    colours: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, Look] = field(default_factory=dict)

    @property
    def is_colourless(self) -> bool:
        return self.ansi and all(colour == "default" for colour in self.colours.values())

    def faded(self) -> Theme:
        """The same, as what is no longer true is drawn: everything muted but the bars that say so."""
        quiet = self.looks["muted"]
        return replace(self, looks={name: _faded(name, look, quiet) for name, look in self.looks.items()})


def _faded(name: str, look: Look, quiet: Look) -> Look:
    if name in LOUD:
        return look
    kept = look.attributes - {"bold"} if name in LAID else frozenset[str]()
    return Look(quiet.colour, look.on, kept | quiet.attributes)


def bare(name: str = "mono", about: str = "", dark: bool = True) -> Theme:
    """No colour at all; needs no file, so that there is always something to draw with."""
    colours = dict.fromkeys((*COLOURS, *STATUSES), "default")
    return Theme(name, about, dark, True, colours, looks_of(colours, True, BARE))


BARE: Mapping[str, str] = {
    **dict.fromkeys(STYLES, ""),
    **dict.fromkeys(("title", "heading", "accent", "border-focus", "degraded", "partial", "warn"), "bold"),
    **dict.fromkeys(("major", "bad"), "bold underline"),
    **dict.fromkeys(("unknown", "link", "marked"), "underline"),
    **dict.fromkeys(("muted", "border", "band-maintenance"), "dim"),
    **dict.fromkeys(("selected", "bar", "test", "band-incident"), "reverse"),
    **dict.fromkeys(("bar-key", "alarm"), "bold reverse"),
}
"""The looks of a theme without colours. Reversed is only what is selected or a bar; the word says the status."""


def looks_of(colours: Mapping[str, str], ansi: bool, recipes: Mapping[str, str]) -> dict[str, Look]:
    """Each style's look. Raises ValueError for a recipe that cannot be drawn."""
    return {name: look_of(recipes.get(name, usual), colours, ansi) for name, usual in STYLES.items()}


def look_of(recipe: str, colours: Mapping[str, str], ansi: bool) -> Look:
    """`bold major on panel`: attributes, a colour, and one behind it. ValueError says what is wrong."""
    attributes, found, is_behind = set(), {False: "", True: ""}, False
    for word in recipe.split():
        if word in ATTRIBUTES:
            attributes.add(word)
        elif word == "on":
            is_behind = True
        elif found[is_behind]:
            raise ValueError(f"names two colours {'behind' if is_behind else 'for'} the text; write one")
        else:
            found[is_behind] = colours.get(word) or _literal(word, ansi)
    if is_behind and not found[True]:
        raise ValueError("says 'on' without a colour after it")
    return Look(_unless_default(found[False]), _unless_default(found[True]), frozenset(attributes))


def _literal(word: str, ansi: bool) -> str:
    try:
        return colour_of(word, ansi)
    except ValueError:
        raise ValueError(
            f"{clean(word, 40)!r} is neither a colour of this theme nor one of {', '.join(ATTRIBUTES)}"
        ) from None


def _unless_default(colour: str) -> str:
    return "" if colour == "default" else colour


def colour_of(text: str, ansi: bool) -> str:
    """One colour as this program writes it. ValueError says what is wrong with the text."""
    if ansi:
        if text in ANSI:
            return text
        raise ValueError(f"{clean(text, 40)!r} is not a colour of a theme with ansi: true; it has {', '.join(ANSI)}")
    if _HEX.fullmatch(text):
        digits = text[1:].lower()
        return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))
    raise ValueError(f"{clean(text, 40)!r} is not a colour: write it in quotes and with six digits, like '#1e90ff'")
