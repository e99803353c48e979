"""Signs: one cell each, never an emoji, all of them ASCII where the terminal has no more, and no two alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_monitor.board.glyphs import ASCII, UNICODE, Box, Glyphs, glyphs_for
from tui_monitor.core.status import Status

BOTH = pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])

EMOJI_CODES = (
    "a9 ae 203c 2049 2122 2139 2194 2195 2196 2197 2198 2199 21a9 21aa 231a 231b 23cf 25aa 25ab 25b6 "
    "25c0 25fb 25fc 25fd 25fe 2600 2601 260e 2611 2614 2615 263a 2640 2642 2660 2663 2665 2666 26a0 "
    "26a1 26aa 26ab 2702 2705 2708 2709 270a 270b 270f 2712 2714 2728 2733 2734 2744 2747 274c 274e "
    "2753 2754 2755 2757 2764 2795 2796 2797 27a1 2934 2935 2b05 2b06 2b07 2b1b 2b1c 2b50 2b55"
)
EMOJI = frozenset(chr(int(code, 16)) for code in EMOJI_CODES.split())
"""Of the basic plane, those that terminals like to draw in colour and two cells wide. ✖ is one of them by name only:
it is drawn as text wherever no variation selector follows, and the design asks for it."""


def signs(glyphs: Glyphs) -> Iterator[str]:
    for field in fields(glyphs):
        value = getattr(glyphs, field.name)
        if isinstance(value, Box):
            yield from (getattr(value, one.name) for one in fields(value))
        elif isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, str):
            yield from value


@BOTH
def test_every_sign_takes_exactly_one_cell(glyphs: Glyphs):
    assert not [sign for sign in signs(glyphs) if len(sign) != 1 or cell_len(sign) != 1]


@BOTH
def test_no_sign_is_an_emoji_or_begs_to_become_one(glyphs: Glyphs):
    assert not [sign for sign in signs(glyphs) if sign in EMOJI or "\ufe00" <= sign <= "\ufe0f" or sign > "\uffff"]


@BOTH
def test_no_two_statuses_have_the_same_sign(glyphs: Glyphs):
    assert set(glyphs.status) == set(Status)
    assert len(set(glyphs.status.values())) == len(Status)


@BOTH
def test_the_ramp_has_eight_steps_that_all_differ(glyphs: Glyphs):
    assert len(glyphs.ramp) == len(set(glyphs.ramp)) == 8


@BOTH
def test_what_has_the_focus_can_be_told_by_its_frame_alone(glyphs: Glyphs):
    assert {glyphs.box.across, glyphs.box.down}.isdisjoint({glyphs.heavy.across, glyphs.heavy.down})


def test_a_terminal_of_ascii_gets_nothing_but_ascii():
    assert all(sign.isascii() for sign in signs(ASCII))
    assert ASCII.is_ascii


@pytest.mark.parametrize(
    ("environ", "encoding", "is_ascii", "expected"),
    [
        ({"LANG": "en_US.UTF-8", "TERM": "xterm"}, "utf-8", False, UNICODE),
        ({}, "UTF-8", False, UNICODE),
        ({"LC_ALL": "", "LC_CTYPE": "C.UTF-8"}, "utf8", False, UNICODE),
        ({"LANG": "en_US.UTF-8"}, "utf-8", True, ASCII),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "utf-8", False, ASCII),
        ({"LANG": "POSIX"}, "utf-8", False, ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", False, ASCII),
        ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, "utf-8", False, UNICODE),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, "utf-8", False, UNICODE),
        ({"LANG": "de_DE.ISO-8859-1"}, "iso8859-1", False, ASCII),
        ({}, "ascii", False, ASCII),
        ({}, None, False, ASCII),
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, "utf-8", False, ASCII),
    ],
)
def test_the_terminal_is_taken_at_its_word(environ: dict[str, str], encoding: str, is_ascii: bool, expected: Glyphs):
    assert glyphs_for(environ, encoding, is_ascii) is expected


def test_text_from_outside_keeps_its_letters_where_it_can():
    assert ASCII.spelt("Münchner Café: 東京") == "Munchner Cafe: ????"
    assert ASCII.spelt("\u201cwell\u201d \u2013 it\u2019s") == '"well" - it\'s'
    assert UNICODE.spelt("Münchner Café: 東京 ✖") == "Münchner Café: 東京 ✖"


@pytest.mark.parametrize("kind", [field.name for field in fields(Glyphs) if field.name != "is_ascii"])
def test_a_sign_of_one_alphabet_is_spelt_as_that_of_the_other(kind: str):
    ours, plain = getattr(UNICODE, kind), getattr(ASCII, kind)
    if isinstance(ours, Box):
        ours, plain = ("".join(getattr(box, one.name) for one in fields(Box)) for box in (ours, plain))
    elif isinstance(ours, dict):
        ours, plain = "".join(ours.values()), "".join(plain.values())
    if kind in ("upper", "lower", "full"):
        assert ours in UNICODE.ramp or plain == ASCII.spelt(ours)  # as a bar of a chart it is spelt as such
    else:
        assert ASCII.spelt(ours) == plain
    assert UNICODE.spelt(ours) == ours


@given(st.text())
def test_text_from_outside_keeps_its_width_and_becomes_ascii(text: str):
    spelt = ASCII.spelt(text)
    assert spelt.isascii()
    assert len(spelt) == sum(1 if char.isascii() else cell_len(char) for char in text)
