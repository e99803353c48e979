"""What a terminal can do, and that it is never sent more: seen in the bytes on a real pty."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Input, OptionList

from tests.board.sight import difference
from tests.house.sources import TREE
from tui_monitor.board.colours import SHEET, Depth, depth_of, is_light, near, prepare, textual_theme
from tui_monitor.board.theme import COLOURS, STATUSES, Theme
from tui_monitor.board.themes import ORDER, themes_of

THEMES = themes_of({"TUI_MONITOR_HOME": "/nowhere"})


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.FULL),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, Depth.FULL),
        ({"TERM": "xterm-kitty"}, Depth.FULL),
        ({"TERM": "xterm-ghostty"}, Depth.FULL),
        ({"TERM": "alacritty"}, Depth.FULL),
        ({"TERM": "foot"}, Depth.FULL),
        ({"TERM": "xterm-direct"}, Depth.FULL),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, Depth.FULL),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, Depth.MANY),
        ({"TERM": "xterm-256color"}, Depth.MANY),
        ({"TERM": "tmux-256color", "COLORTERM": ""}, Depth.MANY),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "STY": "1.pts"}, Depth.MANY),
        ({"TERM": "screen", "COLORTERM": "truecolor", "STY": "1.pts"}, Depth.SIXTEEN),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "TMUX": "/x"}, Depth.FULL),
        ({"TERM": "xterm"}, Depth.SIXTEEN),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "vt100"}, Depth.NONE),
        ({"TERM": "vt220", "COLORTERM": "truecolor"}, Depth.NONE),
        ({"TERM": "xterm-mono"}, Depth.NONE),
        ({"TERM": "dumb"}, Depth.NONE),
        ({}, Depth.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""}, Depth.FULL),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, Depth.SIXTEEN),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "auto"}, Depth.MANY),
    ],
)
def test_the_environment_says_how_many_colours_there_are(environ: dict[str, str], depth: Depth):
    assert depth_of(environ) is depth


@pytest.mark.parametrize(
    ("said", "light"),
    [("0;15", True), ("0;default;7", True), ("15;0", False), ("15;default;8", False), ("", False), ("x", False)],
)
def test_a_light_background_is_believed_where_the_terminal_says_so(said: str, light: bool):
    assert is_light({"COLORFGBG": said}) is light


@pytest.mark.parametrize(
    ("environ", "after"),
    [
        ({"TERM": "xterm-kitty", "NO_COLOR": ""}, {"TERM": "xterm-kitty", "TEXTUAL_COLOR_SYSTEM": "truecolor"}),
        ({"TERM": "vt100"}, {"TERM": "vt100", "TEXTUAL_COLOR_SYSTEM": "standard", "NO_COLOR": "1"}),
        (
            {"TERM": "xterm", "NO_COLOR": "yes"},
            {"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "standard", "NO_COLOR": "1"},
        ),
    ],
)
def test_the_toolkit_is_told_before_it_looks_itself(environ: dict[str, str], after: dict[str, str]):
    depth = prepare(environ)
    assert environ == after
    assert prepare(environ) is depth


# -- 256 colours ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ORDER)
def test_in_256_colours_a_theme_looks_much_as_it_should(name: str):
    theme, fitted = THEMES.load(name), THEMES.choose(name, Depth.MANY).theme
    shown = {key: in_256(colour) for key, colour in fitted.colours.items()}
    off = {key: difference(theme.colours[key], shown[key], "full sight") for key in shown if not theme.ansi}
    assert not {key: apart for key, apart in off.items() if apart > 35}
    assert sum(off.values()) <= 12 * len(off)
    if theme.ansi:
        assert fitted == theme


def in_256(colour: str) -> str:
    return RichColor.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex


@pytest.mark.parametrize("index", range(16, 256))
def test_every_one_of_the_240_colours_that_all_terminals_share_is_found_as_itself(index: int):
    """But for four greys that stand among them twice, nearly alike."""
    colour = RichColor.from_ansi(index).get_truecolor().hex
    assert difference(in_256(near(colour)), colour, "full sight") < (1.5 if index in (59, 102, 145, 188) else 0.01)


# -- the toolkit ----------------------------------------------------------------------------------------------------

AT_EVERY_DEPTH = pytest.mark.parametrize("depth", Depth, ids=lambda depth: depth.name.lower())


@AT_EVERY_DEPTH
@pytest.mark.parametrize("name", ORDER)
def test_every_colour_can_be_parsed_by_the_toolkit(name: str, depth: Depth):
    made = textual_theme(THEMES.choose(name, depth).theme)
    variables = {**made.to_color_system().generate(), **made.variables}
    ours = {*COLOURS, *STATUSES, "border-blurred"} - {"border-focus"}
    assert ours <= {*variables}
    for colour in ours:
        Color.parse(variables[colour])


class Wearing(App[None]):
    """Wears one theme after another, with the widgets that a board has."""

    CSS = SHEET + "".join(f"#one {{ color: ${name}; }}" for name in STATUSES)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        self.register_theme(textual_theme(theme))
        self.theme = theme.name

    def compose(self) -> ComposeResult:
        yield Input("words", id="one")
        yield OptionList("one", "two")


@AT_EVERY_DEPTH
async def test_every_theme_can_be_put_on_while_the_board_runs(depth: Depth):
    themes = [THEMES.fit(theme, depth) for theme in THEMES.all()[0]]
    app = Wearing(themes[0])
    async with app.run_test() as pilot:
        for theme in (*themes, *reversed(themes)):
            app.wear(theme)
            await pilot.pause()
            assert app.current_theme.name == theme.name
            assert app.native_ansi_color == theme.ansi
        if depth is Depth.FULL:
            app.wear(THEMES.load("light"))
            await pilot.pause()
            assert app.screen.styles.background.hex6.lower() == THEMES.load("light").colours["background"]


# -- on the wire ----------------------------------------------------------------------------------------------------

ABOUT_COLOURS = (
    "NO_COLOR",
    "TERM",
    "COLORTERM",
    "COLORFGBG",
    "TERM_PROGRAM",
    "STY",
    "WT_SESSION",
    "TEXTUAL_COLOR_SYSTEM",
)
FULL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
PLAIN = {"0", "1", "2", "4", "7", "39", "49"}
"""End of a style, bold, dim, underline, reverse, and back to the terminal's own colours."""


def sent(asked: str, environ: dict[str, str], home: Path) -> set[str]:
    """The codes of styles in all that a program wearing this theme sends to its terminal."""
    around = {name: value for name, value in os.environ.items() if name not in ABOUT_COLOURS}
    near_end, far_end = pty.openpty()
    fcntl.ioctl(far_end, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.board.swatch", asked],
        stdin=far_end,
        stdout=far_end,
        stderr=far_end,
        env={**around, **environ, "TUI_MONITOR_HOME": str(home)},
        cwd=TREE,
        start_new_session=True,
    )
    os.close(far_end)
    try:
        said = b"".join(chunks(near_end))
    finally:
        program.kill()
        program.wait()
        os.close(near_end)
    assert program.returncode == 0, said[-2000:]
    assert b"in the colour of a status" in said
    assert b"option" in said
    return {code for style in re.findall(rb"\x1b\[([\d;:]*)m", said) for code in codes(style.decode())}


def chunks(end: int) -> Iterator[bytes]:
    """Until the other side is gone, which a pty tells as an error."""
    while True:
        try:
            got = os.read(end, 65536)
        except OSError:
            return
        if not got:
            return
        yield got


def codes(style: str) -> Iterator[str]:
    """`38;2` and `38;5` without the colour itself."""
    parts = iter(style.split(";"))
    for part in parts:
        if part not in ("38", "48"):
            yield part
            continue
        kind = next(parts)
        yield f"{part};{kind}"
        for _ in range(3 if kind == "2" else 1):
            next(parts)


@pytest.mark.parametrize(
    ("asked", "environ"),
    [
        ("", {**FULL, "NO_COLOR": "1"}),
        ("nord", {**FULL, "NO_COLOR": "1"}),
        ("ansi-16", {"TERM": "xterm", "NO_COLOR": "1"}),
        ("dark", {"TERM": "vt100"}),
        ("mono", FULL),
    ],
    ids=["no-color", "no-color-nord", "no-color-ansi", "vt100", "mono"],
)
def test_where_there_are_to_be_no_colours_none_is_sent(asked: str, environ: dict[str, str], tmp_path: Path):
    found = sent(asked, environ, tmp_path)
    assert found <= PLAIN
    assert {"1", "2", "4", "7"} <= found


@pytest.mark.parametrize("asked", ["", "light", "ansi-16"])
def test_a_terminal_of_sixteen_colours_gets_only_those(asked: str, tmp_path: Path):
    named = {str(code) for first in (30, 40, 90, 100) for code in range(first, first + 8)}
    found = sent(asked, {"TERM": "xterm"}, tmp_path)
    assert found <= PLAIN | named | {"3"}
    assert {"31", "32", "33"} <= found


@pytest.mark.parametrize(
    ("environ", "kind"),
    [({"TERM": "xterm-256color"}, "5"), (FULL, "2"), ({**FULL, "NO_COLOR": ""}, "2")],
    ids=["256", "truecolor", "empty-no-color"],
)
def test_other_terminals_get_the_colours_that_they_can_show(environ: dict[str, str], kind: str, tmp_path: Path):
    found = sent("dark", environ, tmp_path)
    assert found <= PLAIN | {"3", f"38;{kind}", f"48;{kind}"}
    assert {f"38;{kind}", f"48;{kind}"} <= found
