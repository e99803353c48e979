"""Calling for attention: for what may wake people, once, and in no words that a terminal would obey."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import incident, row, snapshot
from tui_monitor.board.link import Picture
from tui_monitor.board.notice import calls, is_remote, said, sequence
from tui_monitor.board.state import Board, fold


def board_of(critical: bool = True, **other: object) -> Board:
    ill = row("Checkout", "major", critical=critical)
    return fold(Board(), [Picture(snapshot([ill], [incident("ab", "checkout", "503") | other]))], 0.0)[0]


def event(kind: str = "opened", subject: str = "ab") -> dict[str, str]:
    return {"kind": kind, "subject": subject, "service": "checkout", "text": "503"}


def test_a_critical_service_that_fails_calls():
    assert calls([event()], board_of()) == ["Checkout is major: 503"]


def test_nobody_is_called_for_what_may_not_wake_people():
    assert not calls([event()], board_of(critical=False))
    assert not calls([event("resolved")], board_of())
    assert not calls([event()], board_of(rehearsal=True))
    assert not calls([event()], board_of(quiet="silenced by mia"))
    assert not calls([event()], board_of(state="acknowledged"))


def test_many_at_once_are_one_notice():
    assert said(["A is down", "B is down"]) == "2 critical incidents: A is down; B is down"


@given(st.text(), st.text(), st.sampled_from(["xterm-256color", "foot", "rxvt-unicode"]))
def test_no_text_ends_the_sequence_or_begins_another(title: str, text: str, term: str):
    made = sequence(title, text, term)
    assert made.startswith("\x1b]")
    assert made.endswith("\x07")
    assert made[2:-1].isprintable() or not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in made[2:-1])
    assert made.count(";") == (3 if term != "xterm-256color" else 1)


def test_the_other_end_of_ssh_is_told_by_what_ssh_sets():
    assert is_remote({"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"})
    assert not is_remote({"TERM": "xterm"})
