"""The first and the last lines of a page: what must never be missing there, however narrow it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import incident, row, snapshot
from tui_monitor.board.draw.heads import About, alarms, footer, header
from tui_monitor.board.gaze import Gaze
from tui_monitor.board.glyphs import UNICODE
from tui_monitor.board.ink import plain, width_of
from tui_monitor.board.link import Lost, Picture
from tui_monitor.board.state import Board, fold
from tui_monitor.core.keys import OPERATIONS, bound

FOOT = [
    bound({})[name] for name in ("acknowledge", "resolve", "ticket", "banner", "notify", "recheck", "help", "quit")
]


def board(**around: object) -> Board:
    services = [row("Web"), row("API", "major"), row("DB", "unknown")]
    return fold(Board(), [Picture(snapshot(services, [incident("ab", "api")], **around))], 0.0)[0]


@given(st.integers(20, 200), st.sampled_from(["", "banner: ERROR shown "]))
def test_the_footer_is_as_wide_as_the_screen_and_always_says_how_to_leave(width: int, right: str):
    shown = footer(FOOT, ((right, "bar"),) if right else (), width)
    assert width_of(shown) == width
    if width >= 20 + len(right):
        assert " q quit " in plain(shown)
        assert " ? help " in plain(shown)


def test_keys_stand_in_the_footer_in_their_order_and_whole():
    text = plain(footer(FOOT, (), 60))
    assert text.split() == ["a", "ack", "R", "resolve", "t", "ticket", "b", "banner", "?", "help", "q", "quit"]


def test_an_operation_without_a_key_is_not_in_the_footer():
    free = [one for one in bound({"ticket": ()}).values() if one.id in ("ticket", "quit")]
    assert "ticket" not in plain(footer(free, (), 80))


@given(st.integers(40, 200))
def test_the_header_counts_what_is_wrong_on_every_terminal(width: int):
    shown = header(board(), About(title="Ops", place="this process"), width, UNICODE)
    assert width_of(shown) == width
    for sign in ("✖ 1", "● 1", "? 1"):
        assert sign in plain(shown)


@pytest.mark.parametrize(
    ("about", "around", "words"),
    [
        (About(is_old=True, age=75.0), {}, ["NO SIGNAL", "1m old"]),
        (About(), {"trouble": "nothing can be written down: disk full"}, ["TROUBLE", "disk full"]),
        (About(), {"cut_off": "2026-11-20T12:00:00Z"}, ["CUT OFF"]),
        (About(), {"test_mode": True}, ["TEST MODE"]),
        (About(is_paused=True), {}, ["PAUSED"]),
        (
            About(gaze=Gaze(faults=True, words="web"), hidden=2),
            {},
            ["faults only", "filter: web", "2 services hidden"],
        ),
    ],
)
def test_nobody_overlooks_what_changes_the_meaning_of_the_picture(
    about: About, around: dict[str, object], words: list[str]
):
    (shown,) = alarms(board(**around), about, 100)
    assert all(word in plain(shown) for word in words)
    assert width_of(shown) == 100


def test_a_quiet_board_has_no_alarm():
    assert alarms(board(), About(), 100) == []


def test_why_there_is_no_signal_stands_beside_it():
    lost, _ = fold(board(), [Lost("the engine has ended")], 9.0)
    (shown,) = alarms(lost, About(is_old=True, age=9.0), 100)
    assert "the engine has ended" in plain(shown)


def test_every_operation_that_the_footer_may_show_has_a_short_word():
    assert all(len(one.label) <= 9 for one in OPERATIONS)
