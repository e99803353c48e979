"""What a turn decided can be taken back whole, and several turns are written as one."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.core.small import NOON, READINGS
from tui_monitor.core.model import Belief, Event, Kind, Observation, Told
from tui_monitor.engine import draft as module
from tui_monitor.engine.draft import Draft, join

TABLES = st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=3)


@given(TABLES, TABLES, st.lists(st.tuples(st.booleans(), st.sampled_from("abcd"), st.integers()), max_size=9))
def test_taking_back_leaves_everything_as_it_was(first: Any, second: Any, changes: list[tuple[bool, str, int]]):
    before = (dict(first), dict(second))
    draft = Draft()
    for which, key, value in changes:
        draft.put(first if which else second, key, value)
    draft.undo()
    assert (first, second) == before


def test_an_empty_draft_is_nothing_to_write():
    assert not Draft()
    assert Draft(events=[Event("board", 1, Kind.STARTED, NOON)])


def test_turns_that_could_not_be_written_become_one():
    rows = [Told("ops", "i1", owed=number) for number in (1, 2)]
    beliefs = [Belief("api", flips=(NOON,) * number) for number in (1, 2)]
    events = [Event("i1", number, Kind.NOTED, NOON) for number in (1, 2)]
    turns = [
        Draft(beliefs={"api": belief}, told={row.key: row}, events=[event])
        for belief, row, event in zip(beliefs, rows, events, strict=True)
    ]
    batch = join(turns).batch()
    assert (batch.told, batch.beliefs, batch.events) == ([rows[1]], [beliefs[1]], events)


def test_while_nothing_can_be_written_the_oldest_looks_go_and_no_change_does():
    look = Observation("api", NOON, 0.1, READINGS["u"])
    event = Event("i1", 1, Kind.OPENED, NOON)
    newest = Observation("web", NOON, 0.1, READINGS["d"])
    full = Draft(observations=[look] * module.KEPT_LOOKS, events=[event])
    joined = join([full, Draft(observations=[newest])])
    assert len(joined.observations) == module.KEPT_LOOKS
    assert joined.observations[-1] == newest
    assert joined.events == [event]
