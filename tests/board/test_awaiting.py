"""What places answer to what was pushed by hand: said once, and never for what they were told before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.board.stage import T0, incident, row, snapshot
from tui_monitor.board.awaiting import LASTS, Awaiting
from tui_monitor.board.link import Picture
from tui_monitor.board.state import Board, fold


def told(state: str, **other: Any) -> dict[str, Any]:
    row = {"destination": "ops", "subject": "ab", "state": state, "error": "", "url": "", "ref": "", "told_at": None}
    return row | other


def board(*rows: dict[str, Any], **other: Any) -> Board:
    ill = incident("ab", "web") | {"told": list(rows)}
    return fold(Board(), [Picture(snapshot([row("Web", "major")], [ill], **other))], 0.0)[0]


def expecting(**data: Any) -> Awaiting:
    awaiting = Awaiting()
    awaiting.expect({"incident": "ab", "destinations": ["ops"]} | data, T0, 0.0)
    return awaiting


def later(seconds: float) -> str:
    return (T0 + timedelta(seconds=seconds)).isoformat()


def test_what_was_told_before_the_push_is_no_answer_to_it():
    awaiting = expecting()
    assert awaiting.hear(board(told("told", told_at=later(-60), url="https://old")), 1.0) == []
    assert awaiting


def test_a_link_is_said_once():
    awaiting = expecting()
    there = board(told("told", told_at=later(1), url="https://tickets/812"))
    assert awaiting.hear(there, 1.0) == [("ops has it: https://tickets/812", "good")]
    assert awaiting.hear(there, 1.0) == []


def test_each_reason_for_not_having_it_is_said_once():
    awaiting = expecting()
    assert awaiting.hear(board(told("owed", error="503")), 1.0) == [("ops does not have it yet: 503", "bad")]
    assert awaiting.hear(board(told("owed", error="503")), 2.0) == []
    assert awaiting.hear(board(told("owed", error="refused")), 3.0) == [("ops does not have it yet: refused", "bad")]


def test_after_a_while_an_answer_is_for_the_log_alone():
    awaiting = expecting()
    assert awaiting.hear(board(told("told", told_at=later(90))), LASTS + 1) == []
    assert not awaiting


def test_the_banner_is_known_by_the_event_that_it_was_told():
    awaiting = expecting(incident="", destinations=["site"])
    event = {"kind": "told", "by": "site", "at": later(2), "subject": "board", "service": "", "text": "site told"}
    assert awaiting.hear(board(events=[event | {"at": later(-30)}]), 1.0) == []
    assert awaiting.hear(board(events=[event]), 1.0) == [("site has it", "good")]


def test_a_banner_that_does_not_arrive_says_why():
    awaiting = expecting(incident="", destinations=["site"])
    owed = told("owed", destination="site", subject="banner", error="the token is wrong", id="d1")
    assert awaiting.hear(board(deliveries=[owed]), 1.0) == [("site does not have it yet: the token is wrong", "bad")]
