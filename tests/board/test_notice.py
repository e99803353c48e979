"""Calling for attention: for what may wake people, once, and in no words that a terminal would obey."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import T0, Script, incident, row, snapshot, stage
from tui_monitor.board.link import Picture
from tui_monitor.board.notice import calls, is_remote, said, sequence, signal
from tui_monitor.board.state import Board, fold
from tui_monitor.core.plan import Appearance


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


FULL = {"at": T0.isoformat(), "n": 1, "by": "engine", "status": "major"}
SSH = {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}


def test_bell_and_notice_are_each_a_choice_and_neither_goes_over_ssh_unasked():
    def bytes_of(environ: dict[str, str], **look: bool) -> str:
        return signal(["A is down"], "Ops", Appearance(**look), environ)

    assert bytes_of({}) == "\x07\x1b]9;Ops: A is down\x07"
    assert bytes_of({}, notice=False) == "\x07"
    assert bytes_of({}, bell=False) == "\x1b]9;Ops: A is down\x07"
    assert bytes_of(SSH) == ""
    assert bytes_of(SSH, notify_over_ssh=True).startswith("\x07")
    assert signal([], "Ops", Appearance(), {}) == ""


async def test_a_board_calls_when_something_critical_opens_and_only_then():
    script = Script(snapshot([row("Checkout", critical=True), row("Blog")]))
    async with stage(script, environ={"TERM": "xterm"}) as here:
        written: list[str] = []
        driver = here.app._driver
        assert driver is not None
        driver.write = written.append  # type: ignore[method-assign]  # a terminal that keeps what it is sent
        script.change(services={"blog": row("Blog", "major")}, incidents={"b": incident("b", "blog")})
        script.change(events=(event(subject="b") | {"service": "blog"} | FULL,))
        await here.until(lambda: "b" in here.app.board.incidents)
        assert not any("]9;" in one for one in written)
        opened = event() | FULL
        ill = row("Checkout", "major", critical=True)
        script.change(services={"checkout": ill}, incidents={"ab": incident("ab", "checkout")}, events=(opened,))
        await here.until(lambda: any("]9;" in one for one in written))


def test_the_other_end_of_ssh_is_told_by_what_ssh_sets():
    assert is_remote({"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"})
    assert not is_remote({"TERM": "xterm"})
