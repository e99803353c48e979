"""Text from outside is harmless once it is cleaned, and durations mean what people write."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.core.text import clean, clean_lines, duration_of, slug, spell_duration, spell_number

HOSTILE = st.text(
    st.characters() | st.sampled_from("\x1b\x07\x9b\r\n\t\x00\u202e\u2066\u200f\u061c\u2028\u2029\ud800 ab"),
    max_size=60,
)
TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What turns the direction of writing, so that a text reads as something else."""


def is_harmless(text: str) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in TURNS for char in text)


@given(HOSTILE, st.integers(1, 40))
def test_a_cleaned_text_is_one_harmless_line_of_bounded_length(text: str, limit: int):
    cleaned = clean(text, limit)
    assert is_harmless(cleaned)
    assert len(cleaned) <= limit
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned


@given(HOSTILE, st.integers(1, 40))
def test_cleaning_twice_changes_nothing_more(text: str, limit: int):
    once = clean(text, limit)
    assert clean(once, limit) == once
    lines = clean_lines(text, limit)
    assert clean_lines(lines, limit) == lines


@given(HOSTILE, st.integers(1, 40))
def test_lines_stay_lines_and_are_harmless_each(text: str, limit: int):
    cleaned = clean_lines(text, limit)
    assert len(cleaned) <= limit
    assert all(is_harmless(line) for line in cleaned.split("\n"))


@pytest.mark.parametrize(
    ("dirty", "harmless"),
    [
        ("plain", "plain"),
        ("  two   blanks\t\n", "two blanks"),
        ("red \x1b[31malert\x1b[0m", "red [31malert [0m"),
        ("gpj.\u202eexe", "gpj. exe"),
        ("naïve 日本語 🙂", "naïve 日本語 🙂"),
        ("a\u2028b", "a b"),
        ("half \ud83d of a pair", "half of a pair"),
        ("", ""),
    ],
)
def test_cleaning_keeps_words_and_takes_the_harm(dirty: str, harmless: str):
    assert clean(dirty) == harmless


def test_a_long_text_is_cut():
    assert clean("x" * 1000) == "x" * 500
    assert clean("word " * 1000, 7) == "word wo"


# -- durations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("200ms", 0.2),
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("2d", 172800),
        ("1w", 604800),
        ("1.5h", 5400),
        (" 60 ", 60),
        ("0.5", 0.5),
        ("0", 0),
        ("10 S", 10),
        ("1e3", 1000),
    ],
)
def test_a_duration_reads_as_people_write_it(text: str, seconds: float):
    assert duration_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "-1", "-5m", "5 minutes", "1h30", "nan", "inf", "1y", "m", "1 0s", "1..5s", "9" * 400 + "h"]
)
def test_what_is_no_duration_is_refused_in_one_sentence(text: str):
    with pytest.raises(ValueError, match="is not a duration"):
        duration_of(text)


@given(st.text(max_size=12) | st.text("0123456789.hmsdw e-+_", max_size=12))
def test_any_text_is_a_finite_duration_or_refused(text: str):
    try:
        seconds = duration_of(text)
    except ValueError as error:
        assert "is not a duration" in str(error)
    else:
        assert 0 <= seconds < float("inf")


@pytest.mark.parametrize(
    ("seconds", "spelt"),
    [
        (0, "0 ms"),
        (0.042, "42 ms"),
        (0.9996, "1 s"),
        (1, "1 s"),
        (1.5, "1.5 s"),
        (9.97, "10 s"),
        (8, "8 s"),
        (59.9, "59 s"),
        (59.99, "1 m"),
        (60, "1 m"),
        (90, "1 m 30 s"),
        (720, "12 m"),
        (3599, "59 m"),
        (11100, "3 h 05 m"),
        (187200, "2 d 4 h"),
    ],
)
def test_a_duration_is_spelt_for_people(seconds: float, spelt: str):
    assert spell_duration(seconds) == spelt


@given(st.floats(0, 1e9))
def test_a_spelt_duration_reads_as_nearly_what_it_was(seconds: float):
    """What is left out is smaller than the smallest unit that is shown."""
    read = duration_of(spell_duration(seconds))
    lost = 0.0005 if seconds < 1 else 1 if seconds < 600 else 60 if seconds < 48 * 3600 else 3600
    assert abs(read - seconds) <= lost + 1e-9


@given(st.floats(0, 1e9))
def test_spelling_what_was_read_from_a_spelling_changes_nothing(seconds: float):
    spelt = spell_duration(seconds)
    assert spell_duration(duration_of(spelt)) == spelt


# -- ids ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("API production", "api-production"),
        ("  Café -- Zürich! ", "cafe-zurich"),
        ("日本", "service"),
        ("A/B_c.d", "a-b-c-d"),
        ("", "service"),
    ],
)
def test_an_id_is_made_of_plain_words(name: str, id_: str):
    assert slug(name) == id_


@given(st.text(max_size=30))
def test_the_id_of_an_id_is_itself(name: str):
    made = slug(name)
    assert slug(made) == made
    assert made.strip("-") == made and made.isascii() and made


@pytest.mark.parametrize(
    ("number", "noun", "spelt"),
    [
        (0, "service", "0 services"),
        (1, "service", "1 service"),
        (1234, "service", "1,234 services"),
        (1, "address", "1 address"),
        (2, "address", "2 addresses"),
    ],
)
def test_one_of_a_thing_is_no_plural(number: int, noun: str, spelt: str) -> None:
    assert spell_number(number, noun) == spelt


def test_every_character_that_is_harmful_by_its_category_is_taken_out_and_no_other():
    harmful = {"Cc", "Cs", "Zl", "Zp"}
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in harmful or char in TURNS or char.isspace():
            assert clean(f"a{char}b") == "a b", hex(code)
        else:
            assert clean(f"a{char}b") == f"a{char}b", hex(code)
