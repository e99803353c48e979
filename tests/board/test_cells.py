"""Text on a terminal: nothing that it would obey, and every column where it was reckoned to be."""

from __future__ import annotations

import ctypes
import locale
import re
import timeit
import unicodedata
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_monitor.board.cells import MARKS, STAND_IN, fit, harmless, one_line, some_lines, width, wrap
from tui_monitor.core.ports import Changes, Outcome

HOSTILE = (
    *(
        "\x1b[31m",
        "\x1b]52;c;x\x07",
        "\x9b",
        "\x00",
        "\x7f",
        "\r",
        "\t",
        "\u2028",
        "\x85",
        "\u202e",
        "\u2066",
        "\ud800",
    ),
    *(
        "\u200d",
        "\ufe0f",
        "\u0301",
        "\u0489",
        "\u20e3",
        "\U000e0041",
        "\U000e0100",
        "\U0001f3fb",
        "\U0001f1eb",
        "\ue000",
    ),
    *("\U0010ffff", "\u0378", "\u1160", "\u3164", "\u093f", "\u00ad", "\u2630", "\U0001fae0", "\u3099", "\U0001d166"),
    *("日", "語", "한", "ｱ", "\uff37", "é", "ﬁ", "…", "●", "👍", "❤", " ", "  ", "\u00a0", "\u3000", "[/x]", "word"),
)
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(HOSTILE), max_size=20).map("".join))
WIDTHS = st.integers(0, 40)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufe00-\ufe0f\ud800-\udfff]")


def without_blanks(text: str) -> str:
    return "".join(text.split())


# -- harmless -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red]text[/red]", "plain [red]text[/red]"),
        ("a\x1b[2Jb", "a [2Jb"),
        ("tab\tand\nline\r\u2028end", "tab and line  end"),
        ("evil \u202etxt\u2066.exe", "evil txt.exe"),
        ("e\u0301 is é", "é is é"),
        ("x\u0335\u0336\u0337\u0338\u0301\u0302y", "x\u0335\u0336y"),
        ("\u0301a \u0302b", "a b"),
        ("👍🏽 👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3", "👍 👨👩👧 ❤ 1"),
        ("🇫🇷 🇩🇪", "FR DE"),
        ("x\U000e0067\U000e007fy", "xy"),
        ("icon \ue0b0, \U0010fffd, \u0378, \ud83d", f"icon {STAND_IN}, {STAND_IN}, {STAND_IN}, {STAND_IN}"),
        ("日本 한국 \uff37 ｱ", "日本 한국 \uff37 ｱ"),
        ("\u1112\u1161\u11ab", "한"),
        ("a\u00a0b\u3000c", "a b c"),
    ],
)
def test_what_a_terminal_would_obey_hide_or_draw_in_doubtful_width_is_gone(text: str, shown: str):
    assert one_line(text) == shown


@given(TEXTS)
def test_no_control_character_survives(text: str):
    for found in (one_line(text), *some_lines(text).split("\n"), fit(text, 20), *wrap(text, 7)):
        assert not CONTROL.search(found)
        assert found.isprintable()


@given(TEXTS)
def test_what_is_harmless_stays_as_it_is(text: str):
    found = one_line(text)
    assert one_line(found) == found
    assert some_lines(some_lines(text)) == some_lines(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_what_was_harmless_is_not_touched(text: str):
    assert one_line(text) is text
    assert harmless(text) is text


@given(TEXTS)
def test_no_letter_bears_more_marks_than_its_line_has_room_for(text: str):
    marks = MARKS
    for char in one_line(text):
        marks = marks + 1 if unicodedata.combining(char) or width(char) == 0 else 0
        assert marks <= MARKS


def test_everything_that_an_engine_says_is_made_harmless_with_its_keys():
    said = {
        "na\x1bme": ["a\x07b", {"text": "one\ntwo\x1b", "message": "one\ntwo"}],
        "latency": 0.5,
        "failing": None,
        "critical": True,
    }
    assert harmless(said) == {
        "na me": ["a b", {"text": "one\ntwo ", "message": "one two"}],
        "latency": 0.5,
        "failing": None,
        "critical": True,
    }
    changes = Changes("7", {"web": {"name": "a\x1b"}, "gone": None}, events=({"text": "b\x1b\nc"},))
    assert harmless(changes) == Changes("7", {"web": {"name": "a "}, "gone": None}, events=({"text": "b \nc"},))
    assert harmless(MappingProxyType({"a\x1b": deque(["\x07"])})) == {"a ": [" "]}
    assert harmless(Outcome("done\x1b\nand", {"a": "\x07"})) == Outcome("done \nand", {"a": " "})


# -- widths ---------------------------------------------------------------------------------------------------------


@given(TEXTS)
def test_a_width_is_the_sum_of_its_parts_and_what_the_toolkit_reckons(text: str):
    shown = one_line(text)
    assert width(shown) == sum(map(width, shown)) == cell_len(shown)


@contextmanager
def utf_8() -> Iterator[None]:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        pytest.skip("this system has no locale C.UTF-8")
    try:
        yield
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def test_the_system_reckons_every_character_that_is_left_to_be_as_wide():
    """By its own table, which programs such as tmux and xterm go by."""
    system = ctypes.CDLL(None)
    if not hasattr(system, "gnu_get_libc_version"):
        pytest.skip("the table of this system is of another age")
    system.wcwidth.argtypes = [ctypes.c_wchar]
    shown = [char for char in map(chr, range(0x20, 0x110000)) if one_line(f"a{char}") == f"a{char}"]
    assert len(shown) > 100_000
    with utf_8():
        assert [hex(ord(char)) for char in shown if system.wcwidth(char) not in (width(char), -1)] == []


# -- fit ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("hello", 5, "hello"),
        ("hello", 7, "hello  "),
        ("hello world", 8, "hello w…"),
        ("hello world", 7, "hello… "),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日… "),
        ("日本語", 2, "… "),
        ("é\u0301é", 1, "…"),
        ("é\u0302", 1, "é\u0302"),
        ("hello", 1, "…"),
        ("hello", 0, ""),
        ("hello", -3, ""),
        ("", 2, "  "),
        ("a\nb", 3, "a b"),
    ],
)
def test_a_text_fits_the_cells_there_are(text: str, cells: int, shown: str):
    assert fit(text, cells) == shown


@given(TEXTS, st.integers(-2, 40), st.sampled_from(["…", "~", "...", ""]))
def test_what_is_fitted_has_exactly_its_cells(text: str, cells: int, ellipsis: str):
    assert cell_len(fit(text, cells, ellipsis)) == max(cells, 0)
    assert cell_len(fit(text, cells, ellipsis, pad=False)) <= max(cells, 0)


@given(TEXTS, WIDTHS)
def test_nothing_is_cut_without_a_sign_and_what_is_left_is_how_it_began(text: str, cells: int):
    shown, whole = fit(text, cells, pad=False), one_line(text)
    if cell_len(whole) <= cells:
        assert shown == whole
    elif cells:
        assert shown.endswith("…")
        assert whole.startswith(shown[:-1])
        missing = whole[len(shown) - 1 :]
        assert missing


def test_to_fit_a_text_costs_next_to_nothing():
    for text, cells, most in (
        ("Checkout API", 30, 1e-5),
        ("Checkout API" * 800, 30, 2e-5),
        ("日本 " * 3000, 30, 2e-2),
    ):
        once = min(timeit.repeat(lambda text=text, cells=cells: fit(text, cells), number=100, repeat=5)) / 100
        assert once < most


# -- wrap -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 10, []),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 100, ["one two three"]),
        ("  many   blanks  ", 20, ["many blanks"]),
        ("first\n\nsecond", 10, ["first", "", "second"]),
        ("see https://example.com/long now", 10, ["see https:", "//example.", "com/long", "now"]),
        ("障害が発生しました", 8, ["障害が発", "生しまし", "た"]),
        ("API 障害が発生", 8, ["API 障害", "が発生"]),
        ("日本", 1, ["日", "本"]),
    ],
)
def test_lines_break_between_words_or_anywhere(text: str, cells: int, lines: list[str]):
    assert wrap(text, cells) == lines


@given(TEXTS, st.integers(2, 40))
def test_nothing_is_lost_by_wrapping(text: str, cells: int):
    lines = wrap(text, cells)
    assert without_blanks("".join(lines)) == without_blanks(some_lines(text))
    assert all(cell_len(line) <= cells for line in lines)
    assert all(line == line.strip() for line in lines)


@given(st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=10)))
def test_words_that_fit_are_never_broken(words: list[str]):
    assert " ".join(wrap(" ".join(words), 10)).split() == words


@given(TEXTS, st.integers(-5, 1))
def test_where_there_is_no_room_it_still_ends(text: str, cells: int):
    assert all(cell_len(line) <= 2 for line in wrap(text, cells))
