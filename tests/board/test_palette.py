"""Styles by name: each can be read on whatever it is drawn on, by every eye, and in as many colours as there are."""

from __future__ import annotations

from itertools import combinations

import pytest
from rich.color import ColorSystem
from rich.style import Style

from tests.board.sight import CONES, contrast, difference, legibility
from tui_monitor.board.colours import Depth
from tui_monitor.board.palette import NAMES, Palette
from tui_monitor.board.theme import ATTRIBUTES, COLOURS, STATUSES, STYLES, Theme
from tui_monitor.board.themes import ORDER, themes_of

THEMES = themes_of({"TUI_MONITOR_HOME": "/nowhere"})
COLOURED = [name for name in ORDER if not THEMES.load(name).ansi]
SYSTEM = {Depth.FULL: ColorSystem.TRUECOLOR, Depth.MANY: ColorSystem.EIGHT_BIT}

EVERY = pytest.mark.parametrize("name", ORDER)
EVERY_COLOURED = pytest.mark.parametrize("name", COLOURED)
AT_EACH_DEPTH = pytest.mark.parametrize("depth", SYSTEM, ids=lambda depth: f"{depth.name.lower()}")

WORDS = (*STATUSES, "text", "muted", "title", "heading", "accent", "link", "good", "warn", "bad", "chart", "chart-2")
"""What is written with: on every ground, on what is selected or marked, and on the bars."""

DRAWN = ("text", "muted", "chart", "chart-2")
"""What is drawn over the bands of a chart."""

GROUNDS = ("background", "surface", "panel")
BARS = ("bar", "bar-key", "alarm", "test")


def enough(theme: Theme) -> float:
    return 7.0 if theme.name == "high-contrast" else 4.5


@EVERY_COLOURED
@AT_EACH_DEPTH
@pytest.mark.parametrize("is_old", [False, True], ids=["", "old"])
def test_all_text_can_be_read_on_every_ground(name: str, depth: Depth, is_old: bool):
    theme = THEMES.choose(name, depth).theme
    palette = Palette(theme).dimmed() if is_old else Palette(theme)
    on_grounds = [f"{word} {over}" for word in WORDS for over in ("", "selected", "marked")]
    on_bands = [f"{word} {band}" for word in DRAWN for band in ("band-maintenance", "band-incident")]
    found = {
        (style, ground): legibility(
            palette.style(style), theme.colours["foreground"], theme.colours[ground], SYSTEM[depth]
        )
        for style in (*on_grounds, *on_bands, *BARS, *(f"bar {word}" for word in WORDS))
        for ground in GROUNDS
    }
    assert not {where: ratio for where, ratio in found.items() if ratio < enough(theme)}


@EVERY_COLOURED
@AT_EACH_DEPTH
def test_what_is_selected_marked_or_in_focus_can_be_seen(name: str, depth: Depth):
    theme = THEMES.choose(name, depth).theme
    palette, system = Palette(theme), SYSTEM[depth]
    ground = theme.colours["background"]
    assert legibility(palette.style("border-focus"), "", ground, system) >= 3
    assert palette.style("border-focus") != palette.style("border")
    seen = [grounded(palette.style(style), theme) for style in ("text", "text marked", "text selected")]
    assert all(contrast(one, other, system) >= 1.09 for one, other in combinations(seen[::2], 2))
    assert all(difference_of(one, other, system) >= 3 for one, other in combinations(seen, 2))


def grounded(style: Style, theme: Theme) -> str:
    """The colour that lies behind the text in the end."""
    front = style.color.name if style.color else theme.colours["foreground"]
    behind = style.bgcolor.name if style.bgcolor else theme.colours["background"]
    return front if style.reverse else behind


def difference_of(one: str, other: str, system: ColorSystem) -> float:
    shown = [Style(color=colour).color.downgrade(system).get_truecolor().hex for colour in (one, other)]
    return difference(*shown, "full sight")


@EVERY_COLOURED
@AT_EACH_DEPTH
def test_every_status_has_a_colour_of_its_own(name: str, depth: Depth):
    colours = THEMES.choose(name, depth).theme.colours
    found = {(a, b): difference(colours[a], colours[b], "full sight") for a, b in combinations(STATUSES, 2)}
    assert not {pair: apart for pair, apart in found.items() if apart < 10}


@AT_EACH_DEPTH
@pytest.mark.parametrize("cones", CONES)
def test_the_statuses_of_colour_blind_differ_for_every_eye(cones: str, depth: Depth):
    colours = THEMES.choose("colour-blind", depth).theme.colours
    found = {(a, b): difference(colours[a], colours[b], cones) for a, b in combinations(STATUSES, 2)}
    assert not {pair: apart for pair, apart in found.items() if apart < 13}


def test_the_eyes_of_these_tests_cannot_tell_what_such_eyes_cannot():
    """Red and green of the same lightness, or the simulation would prove nothing."""
    assert difference("#d7743b", "#8f9a2f", "full sight") > 40
    assert difference("#d7743b", "#8f9a2f", "deuteranopia") < 15
    assert difference("#3a9a9a", "#3a8fd0", "full sight") > 2 * difference("#3a9a9a", "#3a8fd0", "tritanopia")


@EVERY
def test_every_style_has_a_name_and_every_name_a_style(name: str):
    palette = Palette(THEMES.load(name))
    assert {*NAMES} == {*STYLES, *ATTRIBUTES} >= {*STATUSES}
    for one in NAMES:
        assert isinstance(palette.style(one), Style)
    assert not {*COLOURS} & {*ATTRIBUTES}


@pytest.mark.parametrize("name", ["majr", "", " ", "major selectd", "#ff0000", "on", "red"])
def test_a_name_that_is_none_is_a_mistake_of_whoever_draws(name: str):
    with pytest.raises(KeyError):
        Palette(THEMES.load("dark")).style(name)


def test_names_combine_from_left_to_right():
    palette, colours = Palette(THEMES.load("dark")), THEMES.load("dark").colours
    both = palette.style("bar major selected")
    assert both.color.name == colours["major"]
    assert both.bgcolor.name == colours["selected"]
    assert palette.style("major muted").color.name == colours["muted"]
    assert palette.style("muted bold underline") == palette.style("muted") + Style(bold=True, underline=True)


def test_a_style_is_made_once():
    palette = Palette(THEMES.load("dark"))
    assert palette.style("major  selected") == palette.style("major selected")
    assert palette.style("major selected") is palette.style("major selected")
    assert palette.dimmed() is palette.dimmed()


def test_without_colours_nothing_is_drawn_but_with_bold_dim_underline_and_reverse():
    palette = Palette(THEMES.choose("nord", Depth.NONE).theme)
    for look in (palette, palette.dimmed()):
        for name in NAMES:
            style = look.style(f"{name} italic")
            assert (style.color, style.bgcolor) == (None, None)
            assert not style.italic
    assert palette.style("text selected").reverse
    assert palette.style("major") != palette.style("operational")


def test_what_is_old_has_lost_its_colours_but_not_the_alarm():
    for name in ORDER:
        palette = Palette(THEMES.load(name))
        old = palette.dimmed()
        assert old.style("alarm") == palette.style("alarm")
        assert old.style("major") == old.style("operational") == old.style("text")
        assert old.style("major") != palette.style("major")
        assert old.theme.name == palette.theme.name


def test_ansi_16_never_lays_a_colour_under_text_whose_colour_it_does_not_know():
    """A terminal mixes its colours as it likes: only what names both can be read for sure."""
    palette = Palette(THEMES.load("ansi-16"))
    for name in NAMES:
        style = palette.style(name)
        assert style.bgcolor is None or style.color is not None, name
