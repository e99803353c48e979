"""The picture is a fold: however the news are cut up, the same comes of them, and nothing else is drawn anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.board.scenes import place
from tests.board.stage import T0, incident, row, snapshot
from tui_monitor.board.link import Lost, Picture
from tui_monitor.board.state import LATE, LATELY, MOST_EVENTS, Board, fold
from tui_monitor.core.ports import Changes

NAMES = ("web", "api", "db", "mail")
STATUSES = ("operational", "degraded", "partial", "major", "unknown", "maintenance")


def service(name: str, status: str, looks: int) -> dict[str, Any]:
    seen = (T0 + timedelta(seconds=looks)).isoformat()
    return {**row(name, status), "checked_at": seen, "latency": looks / 1000}


changes = st.builds(
    lambda services, events, at, places: Changes(
        "1-1",
        {name: None if made is None else service(name, *made) for name, made in services.items()},
        events=[{"subject": "board", "n": n, "kind": "noted", "service": "", "text": str(n)} for n in events],
        board={"at": (T0 + timedelta(seconds=at)).isoformat(), "test_mode": bool(at % 2), **places},
    ),
    st.dictionaries(
        st.sampled_from(NAMES), st.none() | st.tuples(st.sampled_from(STATUSES), st.integers(0, 9)), max_size=4
    ),
    st.lists(st.integers(0, 99), max_size=3),
    st.integers(0, 99),
    st.sampled_from(
        [{}, {"places": []}, {"places": [place("ops", "slack")]}, {"places": [place("ops", "slack", "failing")]}]
    ),
)


def begun() -> Board:
    return fold(Board(), [Picture(snapshot([service("web", "operational", 0)]))], 0.0)[0]


@given(st.lists(changes, max_size=8), st.integers(0, 8))
def test_news_folded_in_two_goes_give_the_same_picture_as_in_one(news: list[Changes], cut: int):
    whole, _ = fold(begun(), news, 5.0)
    first, _ = fold(begun(), news[:cut], 5.0)
    second, _ = fold(first, news[cut:], 5.0)
    assert second == (whole if news else second)


@given(st.lists(changes, max_size=8))
def test_the_picture_is_what_a_table_would_hold_to_which_each_row_is_written(news: list[Changes]):
    board, touched = fold(begun(), news, 5.0)
    table: dict[str, Any] = dict(begun().services)
    events: list[Any] = []
    names: set[str] = set()
    for one in news:
        table.update(one.services)
        events += one.events
        names |= set(one.services)
    assert board.services == {name: made for name, made in table.items() if made is not None}
    assert list(board.events) == events
    assert touched.services == names
    assert touched.events == events
    assert board.counts() == Board(board.services).counts(), "carried on, as if counted anew"


@given(st.lists(changes, min_size=1, max_size=8))
def test_a_fold_leaves_the_picture_before_as_it_was(news: list[Changes]):
    before = begun()
    kept = (dict(before.services), before.events, dict(before.around))
    fold(before, news, 5.0)
    assert (dict(before.services), before.events, dict(before.around)) == kept


@given(st.lists(st.integers(0, 5), max_size=60))
def test_each_look_is_one_point_of_the_line_and_no_look_is_two(looks: list[int]):
    board = begun()
    expected = [0]
    for number in looks:
        board, _ = fold(board, [Changes("1-1", {"web": service("web", "operational", number)})], 1.0)
        if number != expected[-1]:
            expected.append(number)
    assert list(board.latencies["web"]) == [number / 1000 for number in expected][-LATELY:]


def test_the_log_is_bounded():
    news = [Changes("1-1", events=[{"n": n, "service": ""} for n in range(500)]) for _ in range(10)]
    board, _ = fold(begun(), news, 1.0)
    assert len(board.events) == MOST_EVENTS


def test_a_new_picture_after_a_loss_is_well_again_and_keeps_the_lines():
    board, _ = fold(begun(), [Lost("the engine has ended")], 9.0)
    assert board.is_old(9.0)
    assert board.lost == "the engine has ended"
    board, touched = fold(board, [Picture(snapshot([service("web", "major", 1)]))], 9.0)
    assert not board.is_old(9.0)
    assert touched.is_all
    assert board.latencies["web"] == (0.0, 0.001)


def test_what_is_not_heard_of_for_long_looks_old_without_anybody_saying_so():
    board = begun()
    assert not board.is_old(LATE)
    assert board.is_old(LATE + 1)


def test_time_goes_on_by_the_clock_of_the_engine():
    board = begun()
    assert board.now(30.0) == T0 + timedelta(seconds=30)


def test_what_is_told_no_longer_stands_among_what_is_owed():
    owed = {"id": "d1", "destination": "ops", "subject": "ab", "state": "owed", "error": ""}
    board, _ = fold(begun(), [Changes("1-1", deliveries={"d1": owed})], 1.0)
    assert set(board.deliveries) == {"d1"}
    board, _ = fold(board, [Changes("1-2", deliveries={"d1": {**owed, "state": "told"}})], 1.0)
    assert not board.deliveries


def test_only_open_incidents_are_those_of_a_service():
    open_one, over = incident("ab", "web"), incident("cd", "web", state="resolved")
    board, _ = fold(begun(), [Changes("1-1", incidents={"ab": open_one, "cd": over})], 1.0)
    assert [one["id"] for one in board.incidents_of("web")] == ["ab"]
