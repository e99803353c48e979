"""What the config says of the board: how it looks, and by which keys; what would not work is told at its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.config.small import CHECKS, DESTINATIONS, ONE, plan_of, problems_of
from tui_monitor.config import describe
from tui_monitor.core.keys import BY_ID, NAMED, NEEDED, OPERATIONS, bound, clashes, spelt
from tui_monitor.core.plan import Appearance

HEAD = "board:\n  title: Ops\n  keys:\n"


def board(section: str) -> str:
    return f"board: {section}\n{ONE}"


def keys(*lines: str) -> str:
    """A config with these rows under `keys`; the first of them is line 4."""
    return HEAD + "".join(f"    {line}\n" for line in lines) + ONE


# -- what it looks like ---------------------------------------------------------------------------------------------


def test_without_a_word_the_board_looks_as_it_does_by_itself():
    assert plan_of(ONE).appearance == Appearance()
    assert plan_of(board("{title: X}")).appearance == Appearance()


def test_every_wish_is_understood():
    text = board(
        "{theme: Solarized-2, mouse: false, bell: no, notice: off, over_ssh: yes, "
        "sort: group, layout: list, ascii: true, keys: {recheck: f5}}"
    )
    assert plan_of(text).appearance == Appearance(
        theme="Solarized-2",
        keys={"recheck": ("f5",)},
        mouse=False,
        bell=False,
        notice=False,
        notify_over_ssh=True,
        sort="group",
        layout="list",
        ascii=True,
    )


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (
            "{sort: wort}",
            "1: board.sort: must be one of worst, group, name, not 'wort'; did you mean 'worst'?",
        ),
        ("{layout: rows}", "1: board.layout: must be one of auto, tiles, list, not 'rows'"),
        ("{mouse: maybe}", "1: board.mouse: must be true or false, not 'maybe'"),
        ("{theme: '../x'}", "1: board.theme: '../x' is not the name of a theme: use letters, digits and dashes"),
        ("{theme: ''}", "1: board.theme: '' is not the name of a theme: use letters, digits and dashes"),
        ("{keys: [a]}", "1: board.keys: must be a mapping of keys to values"),
        ("{ovr_ssh: true}", "1: board.ovr_ssh: unknown key 'ovr_ssh'; did you mean 'over_ssh'?"),
    ],
)
def test_a_wish_that_cannot_be_is_told_with_what_could_be(section: str, told: str):
    assert problems_of(board(section)) == [told]


# -- by which keys --------------------------------------------------------------------------------------------------


def test_an_operation_takes_one_key_or_several_and_keeps_none_of_its_own():
    plan = plan_of(keys("acknowledge: A", "recheck: [Ctrl+X, F5, f5]", "filter: 8", "pause: []"))
    assert plan.appearance.keys == {
        "acknowledge": ("A",),
        "recheck": ("ctrl+x", "f5"),
        "filter": ("8",),
        "pause": (),
    }
    assert bound(plan.appearance.keys)["recheck"].keys == ("ctrl+x", "f5")
    assert bound(plan.appearance.keys)["comment"].keys == BY_ID["comment"].keys


def test_what_is_no_operation_is_told_with_the_one_that_is_meant():
    assert problems_of(keys("quit: Q", "acknowlege: A")) == [
        "5: board.keys.acknowlege: nothing at the board is called 'acknowlege'; did you mean 'acknowledge'?"
    ]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (
            "pgup",
            "'pgup' is not a key: write one character, or a name like enter, f5 or ctrl+x; did you mean 'pageup'?",
        ),
        ("shift+a", "'shift+a': write the character itself, such as A"),
        ("ctrl+i", "'ctrl+i': terminals send the same for it as for tab"),
        ("ctrl+enter", "'ctrl+enter' is not a key: write one character, or a name like enter, f5 or ctrl+x"),
        ("hello", "'hello' is not a key: write one character, or a name like enter, f5 or ctrl+x"),
        ("'\\e'", "'\\\\e' is not a key: write one character, or a name like enter, f5 or ctrl+x"),
    ],
)
def test_what_is_no_key_is_told_where_it_stands(key: str, told: str):
    assert problems_of(keys("mark: v", "layout:", "  - V", f"  - {key}")) == [f"7: board.keys.layout[1]: {told}"]


def test_a_key_that_would_do_two_things_is_told_with_both():
    assert problems_of(keys("comment: C", "acknowledge: [A, s]")) == [
        "5: board.keys.acknowledge[1]: 's' would do two things, sort and acknowledge: "
        "give one of them another key, or [] for none"
    ]


def test_two_that_are_given_the_same_key_are_told_at_the_second():
    assert problems_of(keys("comment: z", "acknowledge: z")) == [
        "5: board.keys.acknowledge: 'z' would do two things, comment and acknowledge: "
        "give one of them another key, or [] for none"
    ]


def test_keys_may_change_hands_and_be_shared_by_what_never_meets():
    assert problems_of(keys("acknowledge: s", "sort: a")) == []
    assert problems_of(keys("acknowledge: s", "sort: []")) == []
    assert problems_of(keys("end: D")) == []
    assert problems_of(keys("shorter: S")) == []


@pytest.mark.parametrize("name", NEEDED)
def test_nobody_can_shut_himself_in(name: str):
    assert problems_of(keys(f"{name}: f12")) == []
    assert problems_of(keys("comment: C", f"{name}: []")) == [
        f"5: board.keys.{name}: without a key for this, nobody could get about"
    ]


def test_everything_wrong_with_the_keys_is_told_at_once_beside_the_rest():
    text = keys("comment: s", "quit: []", "fitler: x", "mark: pgdn") + "engine: {settle: soon}\n"
    assert [one.partition(":")[0] for one in problems_of(text)] == ["4", "5", "6", "7", "10"]


def test_a_key_may_come_from_the_environment():
    assert plan_of(keys('mark: "${KEY}"'), KEY="V").appearance.keys == {"mark": ("V",)}


def test_keys_without_a_value_are_told():
    assert problems_of(keys("mark:", "comment: ~"))[0].startswith("4: board.keys.mark: ")
    assert problems_of("board: {keys: }\n" + ONE)[0].startswith("1: board.keys: ")


def test_the_example_names_everything_that_can_have_another_key():
    text = (Path(__file__).parents[2] / "config.example.yaml").read_text("utf-8")
    section = text[text.index("\nboard:") : text.index("\ndefaults:")]
    assert [one.id for one in OPERATIONS if not re.search(rf"[ #]{one.id}\b", section)] == []


# -- laws -----------------------------------------------------------------------------------------------------------

IDS = st.sampled_from([one.id for one in OPERATIONS])
KEYS = st.one_of(st.sampled_from([key for one in OPERATIONS for key in one.keys]), st.sampled_from(NAMED), st.text())


@given(st.dictionaries(IDS, st.lists(KEYS, max_size=3), max_size=8))
def test_any_keys_are_problems_or_have_no_clash(chosen: dict[str, list[str]]):
    section = yaml.safe_dump({"board": {"keys": chosen}})
    told = problems_of(section + ONE)
    if told:
        assert all(one.startswith(tuple("123456789")) and "board.keys" in one for one in told)
        return
    found = bound(plan_of(section + ONE).appearance.keys)
    assert clashes(found.values()) == []
    assert all(found[name].keys for name in NEEDED)
    assert all(spelt(key) == key for one in found.values() for key in one.keys)


def test_the_keys_that_the_board_has_by_itself_are_right():
    assert clashes(OPERATIONS) == []
    assert len(BY_ID) == len(OPERATIONS)
    for one in OPERATIONS:
        assert [spelt(key) for key in one.keys] == list(one.keys)


@given(st.text(max_size=20))
def test_a_spelling_is_found_once_or_refused_in_a_sentence(text: str):
    try:
        found = spelt(text)
    except ValueError as error:
        assert str(error).isprintable()
        return
    assert spelt(found) == found
    assert len(found) == 1 or found in NAMED


# -- editors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "is_right"),
    [
        ({"keys": {"acknowledge": "A", "recheck": ["f5"], "pause": []}}, True),
        ({"keys": {"acknowlege": "A"}}, False),
        ({"keys": ["A"]}, False),
        ({"sort": "worst", "layout": "list", "mouse": False}, True),
        ({"sort": "best"}, False),
        ({"thme": "dark"}, False),
    ],
)
def test_editors_are_told_the_same(section: Any, is_right: bool):
    schema = describe.schema(checks=CHECKS, destinations=DESTINATIONS)
    jsonschema.Draft202012Validator.check_schema(schema)
    document = {"services": [{"name": "A", "web": {"url": "http://a.example"}}], "board": section}
    assert jsonschema.Draft202012Validator(schema).is_valid(document) is is_right
