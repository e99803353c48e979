"""What is written is read back as the very same: no text, whatever is in it, becomes another value on the way."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.config.imports.small import plain
from tui_monitor.config.imports.sheet import Entry, Sheet, Writer, flow, spell, write
from tui_monitor.config.imports.source import Left
from tui_monitor.config.variables import replace

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30),
    st.sampled_from(
        (
            *(
                "",
                " ",
                "yes",
                "No",
                "null",
                "~",
                "12",
                "1.5",
                "007",
                "1e3",
                "0x1F",
                "12:30",
                "2024-01-02",
                "- a",
                "a: b",
            ),
            *(
                "a #b",
                "#a",
                "!x",
                "&a",
                "*a",
                "{a}",
                "[a]",
                "%a",
                "@a",
                "`a`",
                "a:",
                "'",
                '"',
                "\\",
                "\\A'\"",
                "on",
                "y",
            ),
            *("a\nb", "a\n", "\n", " a\nb", "a \nb", "a\n\nb\n", "a\n\n", "\ta", "\u2028", "\x85", "\x07", "\ufeff"),
            *(
                "---",
                "...",
                "<<",
                "=",
                ">=partial",
                "|",
                "?",
                "? a",
                ": a",
                "-",
                "${A}",
                "$${A}",
                "$",
                "a$",
                "${",
                "true",
            ),
            *("é", "☃", "\U0001f600"),
        )
    ),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(-(10**15), 10**15), st.booleans()),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS.filter(lambda key: key != "<<"), inner, max_size=4)
    ),
    max_leaves=12,
)


def unfilled(value: Any) -> Any:
    """With `$${` as what it means."""
    if isinstance(value, dict):
        return {key: unfilled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [unfilled(one) for one in value]
    if not isinstance(value, str):
        return value
    text, faults = replace(value, {})
    assert not faults
    return text


def keyed(value: Any) -> Any:
    """Our reader fills no variables into keys, so a key with one is read as written."""
    if isinstance(value, dict):
        return {key.replace("${", "$${"): keyed(one) for key, one in value.items()}
    return [keyed(one) for one in value] if isinstance(value, list) else value


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, min_size=1))
def test_any_value_is_read_back_as_it_was_over_lines_and_in_one(value: dict[str, Any]):
    writer = Writer()
    writer.body(value, 0, ())
    assert unfilled(plain(writer.text)) == keyed(value)
    assert unfilled(plain(f"x: {flow(value)}\n")) == {"x": keyed(value)}


@given(TEXTS)
def test_a_text_is_a_text_for_other_readers_of_yaml_too(text: str):
    read = yaml.safe_load(f"x: {spell(text)}\n")["x"]
    assert isinstance(read, str)
    assert replace(read, {}) == (text, [])


@given(st.lists(VALUES, max_size=4))
def test_rows_of_a_list_are_read_back_as_they_were(rows: list[Any]):
    writer = Writer()
    writer.put("rows:" if rows else "rows: []")
    for row in rows:
        writer.item(row, 2, (), apart=True)
    assert unfilled(plain(writer.text)) == {"rows": keyed(rows)}


@given(TEXTS, TEXTS, TEXTS)
def test_no_comment_becomes_part_of_the_config(said: str, reason: str, remark: str):
    sheet = Sheet("X", "x.yaml", [Entry({"name": "A"}, left=[Left(1, "a.b", said, reason)], remarks=[remark])])
    sheet.differences.append(reason)
    sheet.left.append(Left(2, "", said, reason))
    assert plain(write(sheet).text) == {"services": [{"name": "A"}]}


def test_each_line_knows_what_it_says_something_of():
    sheet = Sheet("X", "x.yaml", [Entry({"name": "A", "http": {"url": "u", "expect": [{"status": 200}]}})])
    sheet.destinations["chat"] = Entry({"webhook": {"url": "u", "body": "one\ntwo\nthree"}})
    writer = write(sheet)
    places = dict(zip((line.strip() for line in writer.lines), writer.places, strict=True))
    assert places["- {status: 200}"] == ("services", 0, "http", "expect", 0)
    assert places["two"] == ("destinations", "chat", "webhook", "body")
    assert places["routes: []"] == ("routes",)


def test_variables_are_written_for_marks_and_doubled_where_a_text_has_them():
    assert spell("a\ue000NAME\ue001b") == '"a${NAME}b"'
    assert spell("a${NAME}b") == '"a$${NAME}b"'
    assert spell("plain text") == "plain text"


@pytest.mark.parametrize("text", ["https://example.com/a?b=c", "30s", "200-299", "to_string(a.b)", "(?:a)", "a (b)"])
def test_what_nobody_can_mistake_is_written_bare(text: str):
    assert spell(text) == text


def test_what_is_missing_is_told_by_its_reason_and_in_the_order_of_the_source():
    left = [Left(9, "s[0].b", "2", "why"), Left(4, "s[0].a", "1", "why"), Left(6, "s[0].c", "", "other")]
    text = write(Sheet("X", "x.yaml", [Entry({"name": "A"}, "s[0]", left=left)])).text
    assert "    # Not carried over:\n    # - a: 1 (line 4), b: 2 (line 9): why\n    # - c (line 6): other\n" in text
