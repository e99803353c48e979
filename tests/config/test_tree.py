"""What YAML may do to a reader, and what it may not."""

from __future__ import annotations

import pytest

from tests.config.small import ONE, check_of, plan_of, problems_of
from tui_monitor.config.tree import MAX_BYTES, MAX_DEPTH, grow

MANY = "more than 1,000,000 values, with aliases written out"
BROKEN = {
    "": "1: the config is empty: a config lists at least one service",
    "# nothing\n---\n": "1: the config is empty: a config lists at least one service",
    "- a\n": "1: the config must be a mapping with sections such as services",
    "hello": "1: the config must be a mapping with sections such as services",
    "a:\n\tb: 1": "2: not YAML: a tab is used to indent; YAML wants blanks",
    "a: 1\nb: [1, 2\nc: 3\n": "2: not YAML: a bracket or brace is not closed",
    "a: 'x\nb: 1\n": "1: not YAML: a quote is not closed",
    "x: >=partial": "1: not YAML: a text that begins with > or | must be quoted",
    "a: b: c": "1: not YAML: a colon where no key can be; check the indentation, or quote the text",
    "a: @x": "1: not YAML: a text that begins with @ must be quoted",
    "a: `x`": "1: not YAML: a text that begins with ` must be quoted",
    "a:\n  - b\n c: 1": "3: not YAML: the indentation does not fit the lines above",
    'a: "\\q"': "1: not YAML: an unknown escape after a backslash; use single quotes to keep backslashes",
    "a: {b: 1}}": "1: not YAML: the indentation does not fit the lines above",
    "a: {b: ${C}}": "1: not YAML: inside brackets or braces a ${NAME} must be quoted, or one of them is not closed",
    "a: *x": "1: the alias *x names an anchor that is not above it",
    "a: &a [*a]": "1: the alias *a stands inside the very value that it names",
    "a: \x01": "1: not YAML: a control character is not allowed in a config",
    "a: \ud800": "1: the config is not UTF-8 text",
    "a: 1\n---\nb: 1": "2: a second document begins here: a config is one document",
    "a: -\n": "1: not YAML: a dash where no list can begin; check the indentation, or quote the text",
    "a: &": "1: not YAML: a text that begins with * or & must be quoted",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_text_that_is_no_config_is_told_in_one_sentence_with_its_line(text: str) -> None:
    assert problems_of(text) == [BROKEN[text]]


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    text = ONE + "board:\n  title: a\n  title: b\nboard: {}\n"
    assert problems_of(text) == [
        "5: the key 'title' stands twice: first on line 4",
        "6: the key 'board' stands twice: first on line 3",
    ]


def test_tags_and_keys_that_are_no_texts_are_told() -> None:
    told = problems_of(ONE + "board:\n  title: !!python/object:os.system x\n  ? [a]\n  : b\n")
    assert told == [
        "4: the tag python/object:os.system means nothing here: write the value without it",
        "5: a key must be a text, not a list or a mapping",
    ]
    assert plan_of(ONE + "board: {title: !!str 12}").title == "12"


def bomb(levels: int, width: int = 10) -> str:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_aliases_that_would_mean_a_billion_values_are_refused_before_they_are_written_out() -> None:
    assert problems_of(bomb(12))[0].endswith(MANY)
    merged = "a0: &a0 {x: 1}\n" + "\n".join(
        f"a{n}: &a{n} {{{', '.join(f'k{i}: *a{n - 1}' for i in range(10))}}}" for n in range(1, 9)
    )
    assert problems_of(merged)[0].endswith(MANY)


def test_merging_one_large_mapping_into_thousands_is_refused_too() -> None:
    large = "x-a: &a\n" + "".join(f"  k{n}: 1\n" for n in range(2000))
    assert problems_of(large + "x-b:\n" + "  - {<<: *a}\n" * 300) == [f"{large.count(chr(10)) + 1 + 249}: {MANY}"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_nesting_without_end_is_refused_and_crashes_nothing(opening: str) -> None:
    assert problems_of(opening * 100_000) == ["1: nested deeper than 50 levels"]
    deep = "x-a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "\n"
    assert problems_of(deep + ONE) == []


def test_a_text_that_is_too_large_is_not_even_parsed() -> None:
    assert problems_of("#" * (MAX_BYTES + 1)) == ["1: the config is larger than 8 MB"]


def test_anchors_and_merge_keys_work_as_people_use_them() -> None:
    plan = plan_of("""
x-own: &own {group: Own, tags: [prod], every: 20s}
x-fast: &fast {every: 5s, critical: true}
services:
  - {<<: *own, name: A, web: {url: http://a}}
  - <<: [*fast, *own]
    name: B
    group: Other
    web: {url: http://b}
""")
    first, second = plan.services
    assert (first.group, first.tags, first.every, first.critical) == ("Own", ("prod",), 20.0, False)
    assert (second.group, second.tags, second.every, second.critical) == ("Other", ("prod",), 5.0, True)
    assert problems_of("x-a: {<<: 3}\n" + ONE)[0] == "1: << takes a mapping or a list of mappings"


def test_a_problem_in_merged_values_stands_where_they_are_written() -> None:
    assert problems_of("x-a: &a\n  every: never\nservices:\n  - {<<: *a, name: A, web: {url: http://a}}") == [
        "2: services[0].every: 'never' is not a duration: write it like 200ms, 90s, 5m or 1h30m"
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("Off", "Off"),
        ("12:30", "12:30"),
        ("2024-01-02", "2024-01-02"),
        ("007", "007"),
        ("1.10", "1.10"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("true", "true"),
        ("True", "True"),
        ("=", "="),
        (".5", ".5"),
        ("'~'", "~"),
        ("+33123456789", "+33123456789"),
    ],
)
def test_a_text_is_what_was_written_whatever_yaml_makes_of_it(written: str, read: str) -> None:
    text = f"services:\n  - name: A\n    web:\n      url: http://a\n      method: {written}\n"
    assert plan_of(text).services[0].check.method == read


@pytest.mark.parametrize("word", ["true", "yes", "on", "TRUE", "Yes", "'true'", "1"])
def test_a_choice_of_true_or_false_takes_the_words_of_people(word: str) -> None:
    assert check_of(f"{{url: http://a, reuse: {word}}}").reuse is True


@pytest.mark.parametrize("word", ["false", "no", "off", "0"])
def test_and_those_for_no(word: str) -> None:
    assert check_of(f"{{url: http://a, reuse: {word}}}").reuse is False


@pytest.mark.parametrize(
    ("written", "value"),
    [("ok", "ok"), ("3", 3), ("3.5", 3.5), ("true", True), ("'3'", "3"), ("~", None), ("12:30", "12:30")],
)
def test_where_anything_may_stand_a_value_has_its_own_type(written: str, value: object) -> None:
    for key in ("scalar", "whatever") if value is not None else ("whatever",):
        found = getattr(check_of(f"{{from: a, {key}: {written}}}", "odd"), key)
        assert found == value
        assert type(found) is type(value)
    nested = check_of(f"{{from: a, whatever: {{a: [{written}]}}}}", "odd").whatever
    assert type(nested["a"][0]) is type(value)


def test_a_byte_order_mark_and_windows_line_ends_are_harmless() -> None:
    assert plan_of("\ufeff" + ONE.replace("\n", "\r\n")).services[0].name == "A"


def test_nothing_at_all_is_no_tree() -> None:
    assert grow("") == (None, [])
