"""Patterns of others and ours agree on every text, or the pattern is refused with a reason."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.checks.craft.expect import compile_pattern
from tui_monitor.config.imports.patterns import anchored, globbed, literal
from tui_monitor.config.imports.spans import go_span, spell_span
from tui_monitor.core.text import duration_of

SHARDS = st.sampled_from(
    (
        *(
            "a",
            "b",
            "c",
            "\n",
            ".",
            ".*",
            "b?",
            "a+",
            "(",
            ")",
            "|",
            "[",
            "]",
            "^",
            "$",
            "{",
            "}",
            "{1,2}",
            "{a}",
            " ",
        ),
        *(
            "{e<=1}",
            "[[:alpha:]]",
            "[^a]",
            "[]a]",
            "\\",
            "\\d",
            "\\[",
            "(?i)",
            "(?x)",
            "(?s:",
            "(?:",
            "(?P<n>",
            "(?=b)",
        ),
        *("#", "\\Z", "\\b"),
    )
)
PATTERNS = st.lists(SHARDS, max_size=7).map("".join)
BODIES = st.text("abcABC\n {}e<=1:[]#", max_size=8)


def theirs(pattern: str) -> re.Pattern[str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern, re.UNICODE | re.DOTALL)
    except re.error:
        return None


@given(PATTERNS, st.lists(BODIES, min_size=1, max_size=5))
def test_an_anchored_pattern_finds_what_match_with_dotall_finds(pattern: str, bodies: list[str]):
    compiled = theirs(pattern)
    try:
        ours = anchored(pattern)
    except ValueError:
        assert compiled is None or "\\" in pattern or "(?" in pattern
        return
    assert compiled is not None
    finds = compile_pattern(ours)
    for body in bodies:
        assert finds(body) is (compiled.match(body) is not None), (pattern, ours, body)


@pytest.mark.parametrize(
    ("pattern", "ours"),
    [
        (".*<body>.*", r"(?s)\A.*<body>.*"),
        ("ok|fine", r"(?s)\A(?:ok|fine)"),
        ("(?i)ok", r"(?si)\Aok"),
        ("a{x}", r"(?s)\Aa\{x}"),
    ],
)
def test_a_pattern_stays_readable(pattern: str, ours: str):
    assert anchored(pattern) == ours


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?P<1>a)", r"\p{L}", "a" * 10_001])
def test_what_is_no_pattern_is_refused_in_one_sentence(pattern: str):
    with pytest.raises(ValueError, match=r"^it is "):
        anchored(pattern)


@given(st.text(max_size=20), st.text(max_size=5), st.text(max_size=5))
def test_a_literal_finds_itself_and_nothing_else(text: str, before: str, after: str):
    assert compile_pattern(rf"\A{literal(text)}\Z")(text)
    other = before + text + after
    assert compile_pattern(rf"\A{literal(text)}\Z")(other) is (other == text)


def matches(glob: str, text: str) -> bool:
    """The slow and obvious way: `*` is any run of characters, `?` is any one."""
    if not glob:
        return not text
    if glob[0] == "*":
        return any(matches(glob[1:], text[n:]) for n in range(len(text) + 1))
    return bool(text) and glob[0] in ("?", text[0]) and matches(glob[1:], text[1:])


@given(st.text("ab*?.\n+", max_size=6), st.text("ab.\n+", max_size=6))
def test_a_glob_is_what_it_says(glob: str, text: str):
    assert compile_pattern(rf"(?s)\A{globbed(glob)}\Z")(text) is matches(glob, text)


def test_a_glob_with_classes_and_escapes():
    found = compile_pattern(r"\A" + globbed(r"[a-c]\*[^x]") + r"\Z")
    assert found("b*y")
    assert not found("b*x")
    assert not found("d*y")
    for broken in ("[a", "a\\"):
        with pytest.raises(ValueError, match="never matches"):
            globbed(broken)


@given(st.floats(0.000001, 10**9))
def test_a_length_is_read_back_as_the_very_same(seconds: float):
    assert duration_of(spell_span(seconds)) == pytest.approx(seconds, rel=1e-12)


@given(st.integers(1, 10**8))
def test_a_length_in_whole_milliseconds_is_read_back_exactly(milliseconds: int):
    assert round(duration_of(spell_span(milliseconds / 1000)) * 1000, 6) == milliseconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.01, "10ms"),
        (0.5, "500ms"),
        (1, "1s"),
        (1.5, "1.5s"),
        (90, "90s"),
        (300, "5m"),
        (5400, "90m"),
        (86400, "1d"),
    ],
)
def test_a_length_is_written_as_people_do(seconds: float, text: str):
    assert spell_span(seconds) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("1h30m", 5400), ("500ms", 0.5), ("1.5h", 5400), (".5s", 0.5), ("-5s", -5), ("0", 0), ("250us", 0.00025)),
        *(("10", None), ("1d", None), ("", None), ("1h 30m", None)),
    ],
)
def test_durations_of_go(text: str, seconds: float | None):
    assert go_span(text) == (None if seconds is None else pytest.approx(seconds))
