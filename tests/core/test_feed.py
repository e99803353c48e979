"""What faces follow: nothing is missed between two cursors, and who is too far behind is told so."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.small import NOON
from tui_monitor.core.errors import CursorExpired
from tui_monitor.core.model import Event, Kind
from tui_monitor.engine import feed as module
from tui_monitor.engine.feed import Feed

ROWS = st.sets(st.tuples(st.sampled_from(["service", "incident"]), st.sampled_from("abc")), max_size=4)


def event(n: int) -> Event:
    return Event("board", n, Kind.CLOCK, NOON)


@given(st.lists(st.tuples(ROWS, st.integers(0, 3)), max_size=12), st.data())
def test_a_face_sees_every_row_and_event_since_its_cursor(
    turns: list[tuple[set[tuple[str, str]], int]], data: st.DataObject
):
    feed, cursors, events = Feed("x"), ["x-0"], list[list[Event]]()
    for rows, count in turns:
        made = [event(len(cursors) * 10 + number) for number in range(count)]
        feed.publish(rows, made)
        events.append(made)
        cursors.append(feed.cursor)
    start = data.draw(st.integers(0, len(turns)))
    rows, seen = feed.since(cursors[start])
    assert set(rows) == set().union(*[rows for rows, _ in turns[start:]])
    assert seen == [one for made in events[start:] for one in made]


@pytest.mark.parametrize(
    "cursor", ["", "x", "y-0", "x-", "x--1", "x-1", "x-one", "x-1e3", "-0", "x-" + "9" * 5000, "x-²"]
)
def test_a_cursor_that_this_engine_never_gave_has_expired(cursor: str):
    with pytest.raises(CursorExpired):
        Feed("x").since(cursor)


def test_who_missed_an_event_that_is_no_longer_kept_is_told_so():
    feed = Feed("x")
    feed.publish((), [event(1)])
    kept = feed.cursor
    feed.publish((), [event(number) for number in range(2, module.KEPT_EVENTS + 2)])
    assert len(feed.since(kept)[1]) == module.KEPT_EVENTS
    with pytest.raises(CursorExpired):
        feed.since("x-0")


def test_who_missed_rows_that_are_no_longer_kept_is_told_so():
    feed = Feed("x")
    for number in range(3):
        feed.publish({("service", f"{number}-{one}") for one in range(module.KEPT_ROWS // 2)})
    with pytest.raises(CursorExpired):
        feed.since("x-0")
    rows, _ = feed.since("x-2")
    assert len(rows) == module.KEPT_ROWS // 2
    assert {name.partition("-")[0] for _, name in rows} == {"2"}


def test_the_newest_events_come_oldest_first():
    feed = Feed("x")
    feed.publish((), [event(1), event(2), event(3)])
    assert [one.n for one in feed.recent(2)] == [2, 3]


async def test_who_waits_is_woken_by_the_next_change():
    feed = Feed("x")
    waiting = asyncio.ensure_future(feed.moved(feed.cursor, 60.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    feed.publish({("service", "a")})
    await waiting


async def test_who_is_behind_does_not_wait_and_who_waits_in_vain_returns():
    feed = Feed("x")
    feed.publish({("service", "a")})
    await feed.moved("x-0", 60.0)
    await feed.moved("x-1", 0.0)
    with pytest.raises(CursorExpired):
        await feed.moved("x-7", 60.0)
