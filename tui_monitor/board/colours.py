"""What a terminal can do with colours, and how a theme is made to fit it.

How the App must be made, so that no terminal gets what it cannot show:

1. Call `prepare(os.environ)` before anything of `textual` is imported: that toolkit reads the environment once, at
   import, and knows few terminals. It gives the depth.
2. `themes_of().choose(asked, depth, is_light(os.environ))` gives the theme to begin with; in the picker hand every
   theme through `Themes.fit(theme, depth)`.
3. `super().__init__(ansi_color=native(depth))`: only then does the toolkit drop colours where there are to be none;
   left alone it draws 24-bit greys. Afterwards `register_theme(textual_theme(theme))`, then `theme = its name`, all
   in the App's `__init__`, so that no stylesheet is ever read with a theme that lacks our variables.
4. `SHEET` goes into the App's `CSS`; it takes back what the toolkit colours without asking the theme.
5. Style sheets name colours only as variables: those of `textual_theme`, which are the toolkit's own and each name
   of `theme.COLOURS` and of the statuses (`$selected`, `$bar-text`, `$major`). Two are called as the toolkit calls
   them: `$border` is the frame with the focus, `$border-blurred` any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

from tui_monitor.board.theme import Look, Theme

if TYPE_CHECKING:
    from textual.theme import Theme as TextualTheme


class Depth(IntEnum):
    """How many colours a terminal can show at once."""

    NONE = 0
    SIXTEEN = 16
    MANY = 256
    FULL = 1 << 24


SYSTEMS = {Depth.FULL: "truecolor", Depth.MANY: "256", Depth.SIXTEEN: "standard", Depth.NONE: "standard"}
"""What the toolkit calls them. It knows no terminal without colours; those get a theme without any."""

_MONOCHROME = re.compile(r"dumb|unknown|vt(52|100|102|220|320)(-.*)?|.*-(m|mono)")
_FULL = re.compile(r".*-direct\d*|.*(kitty|ghostty|alacritty|wezterm|contour)|foot(-.*)?|rio(-.*)?|iterm.*")
_PROGRAMS = frozenset(("iTerm.app", "WezTerm", "vscode", "ghostty", "rio", "WarpTerminal", "Hyper"))


def depth_of(environ: Mapping[str, str]) -> Depth:
    """How many colours this terminal shows. Over SSH only $TERM comes along, so its name has to say much."""
    term = environ.get("TERM", "").strip().lower()
    if environ.get("NO_COLOR") or not term or _MONOCHROME.fullmatch(term):
        return Depth.NONE
    forced = environ.get("TEXTUAL_COLOR_SYSTEM", "")
    if forced in SYSTEMS.values():
        return next(depth for depth, system in SYSTEMS.items() if system == forced)
    many = Depth.MANY if "256color" in term else Depth.SIXTEEN
    if environ.get("STY") and term.startswith("screen"):
        return many  # GNU screen lets $COLORTERM of the terminal outside through, and cannot do what it says
    is_full = environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") or "WT_SESSION" in environ
    return Depth.FULL if is_full or _FULL.fullmatch(term) or environ.get("TERM_PROGRAM") in _PROGRAMS else many


def is_light(environ: Mapping[str, str]) -> bool:
    """Whether the terminal says that its background is light; few say anything, and then it is taken for dark."""
    return environ.get("COLORFGBG", "").rpartition(";")[2].strip() in ("7", "15")


def usual_theme(depth: Depth, is_light: bool = False) -> str:
    """The theme for this terminal where nobody names one."""
    if depth in (Depth.NONE, Depth.SIXTEEN):
        return "mono" if depth is Depth.NONE else "ansi-16"
    return "light" if is_light else "dark"


def native(depth: Depth) -> bool | None:
    """What the App is to be given as `ansi_color`; None leaves it to each theme."""
    return True if depth is Depth.NONE else None


def prepare(environ: MutableMapping[str, str]) -> Depth:
    """Tell the toolkit what the terminal can do, and how many colours that is. Before it is imported."""
    depth = depth_of(environ)
    environ["TEXTUAL_COLOR_SYSTEM"] = SYSTEMS[depth]
    environ.pop("NO_COLOR", None)  # empty means unset, which the toolkit does not know
    if depth is Depth.NONE:
        environ["NO_COLOR"] = "1"
    return depth


# -- 256 colours ----------------------------------------------------------------------------------------------------

_STEPS = (0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF)


Seen = tuple[float, float, float]


@cache
def _fixed() -> tuple[tuple[Seen, str], ...]:
    """The 240 colours that every such terminal has alike, and what to write so that the drawing library picks each.

    It takes a grey by its lightness, which is not quite that of the grey that it picks.
    """
    cube = {(red, green, blue): (red, green, blue) for red in _STEPS for green in _STEPS for blue in _STEPS}
    lively = {one: written for one, written in cube.items() if len({*one}) > 1 or one[0] in (0x00, 0xFF)}
    greys = {(8 + 10 * step,) * 3: (round(255 * (step + 1) / 25),) * 3 for step in range(24)}
    return tuple((_seen(one), "#{:02x}{:02x}{:02x}".format(*written)) for one, written in (lively | greys).items())


@cache
def near(colour: str) -> str:
    """The colour among 256 that looks most like this one: lightness counts most, since what is read hangs on it."""
    if not colour.startswith("#"):
        return colour
    wanted = _seen((int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)))
    return min(_fixed(), key=lambda one: _apart(wanted, one[0]))[1]


def fewer(theme: Theme) -> Theme:
    """The theme in 256 colours. Left to the drawing library, dark blues and greys would turn teal and black."""
    colours = {name: near(colour) for name, colour in theme.colours.items()}
    looks = {name: Look(near(look.colour), near(look.on), look.attributes) for name, look in theme.looks.items()}
    return replace(theme, colours=colours, looks=looks)


def _seen(channels: tuple[int, ...]) -> Seen:
    """Lightness and two opponent hues, by the formulas of Oklab."""
    parts = (one / 255 for one in channels)
    red, green, blue = (((one + 0.055) / 1.055) ** 2.4 if one > 0.04045 else one / 12.92 for one in parts)
    long = (0.4122 * red + 0.5363 * green + 0.0514 * blue) ** (1 / 3)
    middle = (0.2119 * red + 0.6807 * green + 0.1074 * blue) ** (1 / 3)
    short = (0.0883 * red + 0.2817 * green + 0.6300 * blue) ** (1 / 3)
    return (
        0.2105 * long + 0.7936 * middle - 0.0041 * short,
        1.9780 * long - 2.4286 * middle + 0.4506 * short,
        0.0259 * long + 0.7828 * middle - 0.8087 * short,
    )


def _apart(one: Seen, other: Seen) -> float:
    return 2 * (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2


# -- the toolkit's own widgets --------------------------------------------------------------------------------------

SHEET = """
Input:ansi > .input--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
Input.-invalid:ansi, Input.-invalid:ansi:focus { border: tall $major; }
"""
"""Where the toolkit's own style sheets name a colour of the terminal."""

_OWN_NAMES = {"border": "border-blurred", "border-focus": "border"}
"""Names of ours that the toolkit has for something a little different."""


def textual_theme(theme: Theme) -> TextualTheme:
    """The theme as the toolkit wants it, for its own widgets and for style sheets. Fit it to the terminal first."""
    from textual.theme import Theme as Made

    colours = {name: _css(colour, theme.ansi) for name, colour in theme.colours.items()}
    made = Made(
        name=theme.name,
        dark=theme.dark,
        ansi=theme.ansi,
        primary=colours["primary"],
        secondary=colours["secondary"],
        accent=colours["accent"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        success=colours["operational"],
        warning=colours["degraded"],
        error=colours["major"],
    )
    ours = {_OWN_NAMES.get(name, name): colour for name, colour in colours.items()}
    made.variables = {**_of_widgets(theme, colours), **ours}
    if theme.ansi:
        made.variables = {**_of_terminal(made, theme.is_colourless), **made.variables}
    return made


def _css(colour: str, ansi: bool) -> str:
    return f"ansi_{colour}" if ansi else colour


def _of_terminal(made: TextualTheme, is_colourless: bool) -> dict[str, str]:
    """What themes of the terminal's own colours need besides.

    For them the toolkit leaves out variables that its style sheets want, and a style sheet that wants what is not
    there ends the program; and it has colours of its own taste in places, also where there are to be none.
    """
    known = made.to_color_system().generate()
    wanted = type(made)("any", "#808080").to_color_system().generate()
    lacking = {name: "none" if "style" in name else "ansi_default" for name in wanted if name not in known}
    coloured = [name for name, value in known.items() if value.startswith("ansi_") and is_colourless]
    return {**lacking, **dict.fromkeys(coloured, "ansi_default")}


def _of_widgets(theme: Theme, colours: Mapping[str, str]) -> dict[str, str]:
    """Lists, inputs and scrollbars look as what we draw ourselves does; without colours the attributes say it."""
    cursor = " ".join(sorted(theme.looks["selected"].attributes)) or "bold"
    return {
        "block-cursor-background": colours["selected"],
        "block-cursor-foreground": colours["foreground"],
        "block-cursor-text-style": cursor,
        "block-cursor-blurred-background": colours["marked"],
        "block-cursor-blurred-foreground": colours["foreground"],
        "block-hover-background": colours["marked"],
        "input-cursor-background": colours["background"],
        "input-cursor-foreground": colours["foreground"],
        "input-cursor-text-style": "reverse",
        "input-selection-background": colours["selected"],
        "input-selection-foreground": colours["foreground"],
        "screen-selection-background": colours["selected"],
        "screen-selection-foreground": colours["foreground"],
        "scrollbar": colours["border"],
        "scrollbar-hover": colours["border-focus"],
        "scrollbar-active": colours["border-focus"],
        "scrollbar-background": colours["surface"],
        "scrollbar-background-hover": colours["surface"],
        "scrollbar-background-active": colours["surface"],
        "scrollbar-corner-color": colours["surface"],
        "footer-background": colours["bar"],
        "footer-foreground": colours["bar-text"],
        "footer-key-foreground": colours["bar-key"],
        "footer-description-foreground": colours["bar-text"],
        "link-color": colours["link"],
        "text": colours["foreground"],
        "text-muted": colours["muted"],
        "text-disabled": colours["muted"],
        "foreground-muted": colours["muted"],
        "foreground-disabled": colours["muted"],
    }
