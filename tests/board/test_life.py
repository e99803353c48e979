"""However the board ends, the terminal is as it was, the exit code says how, and nothing that was on it leaks."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.board.lively import SECRET
from tests.board.terminal import PATIENCE, Program

MODES = {1049, 1000, 1002, 1006, 1004, 2004}
LIVELY = str(Path(__file__).with_name("lively.py"))


class Notes:
    """What the program says past its terminal."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self.said = ""
        self._handle = os.open(path, os.O_RDWR)

    def until(self, words: str) -> None:
        end = monotonic() + PATIENCE
        while words not in self.said:
            assert select.select([self._handle], [], [], max(0.0, end - monotonic()))[0], f"only {self.said!r}"
            self.said += os.read(self._handle, 65536).decode()

    def close(self) -> None:
        os.close(self._handle)


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    made = Notes(tmp_path / "notes")
    yield made
    made.close()


@pytest.fixture
def board(notes: Notes) -> Iterator[Program]:
    with Program([sys.executable, LIVELY, str(notes.path)]) as program:
        program.until_shows("a small board of 80 by 24")
        yield program


def test_the_terminal_is_taken_whole(board: Program):
    assert board.screen.modes >= MODES
    assert not board.screen.modes & {25, 7}
    assert board.screen.keyboards == 1
    raw = board.attributes()
    assert not raw[3] & (termios.ICANON | termios.ECHO | termios.ISIG)


WAYS = [
    ("q", 0, "NoneType"),
    ("\x03", 0, "NoneType"),
    ("k", 1, "KeyError"),
    ("w", 1, "ValueError"),
    ("t", 1, "KeyError"),
    ("p", 1, "LookupError"),
    ("l", 1, "KeyError"),
    ("d", 1, "KeyError"),
    ("g", 1, "Rejected"),
    ("m", 0, "NoneType"),
    (signal.SIGTERM, 143, "NoneType"),
    (signal.SIGHUP, 129, "NoneType"),
    (signal.SIGINT, 130, "NoneType"),
    (signal.SIGQUIT, 131, "NoneType"),
]


@pytest.mark.parametrize(("way", "code", "fault"), WAYS, ids=[repr(way) for way, _, _ in WAYS])
def test_every_way_out_gives_the_terminal_back(
    way: str | signal.Signals, code: int, fault: str, board: Program, notes: Notes
):
    if isinstance(way, str):
        board.press(way)
    else:
        board.process.send_signal(way)
    assert board.wait() == code
    assert board.is_given_back, board.screen.sent[-300:]
    assert board.screen.outside.split() == ["ended", str(code), fault]
    notes.until("farewell\nended")


@pytest.mark.parametrize("way", ["k", "w", "t", "p", "l", "d"])
def test_a_crash_shows_no_value_that_stood_on_the_stack(way: str, board: Program):
    board.press(way)
    board.wait()
    assert SECRET.encode() not in board.screen.sent
    assert b"Traceback" not in board.screen.sent


@pytest.mark.parametrize(("key", "said"), [("h", "hanging"), ("b", "blocking")])
def test_a_board_that_hangs_is_ended_all_the_same(key: str, said: str, board: Program, notes: Notes):
    board.press(key)
    notes.until(said)
    assert board.stop_with(signal.SIGTERM) == 143
    assert board.is_given_back
    notes.until("farewell")


@pytest.mark.parametrize(("key", "said"), [("h", "hanging"), ("b", "blocking")])
def test_a_person_can_leave_a_board_that_hears_nothing(key: str, said: str, board: Program, notes: Notes):
    board.press(key)
    notes.until(said)
    board.press("\x03")
    assert board.wait() == 1
    assert board.is_given_back
    notes.until("farewell")


# -- the terminal goes away, or stands still ------------------------------------------------------------------------


@pytest.mark.parametrize("is_in_charge", [True, False], ids=["with a signal", "without one"])
def test_a_terminal_that_is_closed_ends_the_board(is_in_charge: bool, notes: Notes):
    with Program([sys.executable, LIVELY, str(notes.path)], is_in_charge=is_in_charge) as program:
        program.until_shows("a small board")
        program.until_quiet()
        program.hang_up()
        assert program.wait() == 129
    notes.until("farewell\nended 129")


def test_a_terminal_that_takes_nothing_holds_up_neither_the_board_nor_its_end(board: Program, notes: Notes):
    board.press("f")
    notes.until("frames 40")
    board.press("xx")
    notes.until("keys")
    begun = monotonic()
    board.process.send_signal(signal.SIGTERM)
    notes.until("ended 143")
    assert monotonic() - begun < 1.5
    assert board.attributes() == board.before
    assert board.wait() == 143
    assert board.is_given_back


def test_a_terminal_that_takes_nothing_for_a_while_is_painted_anew(board: Program, notes: Notes):
    board.press("f")
    notes.until("frames 40")
    board.press("e")
    notes.until("ebb")
    board.until(lambda screen: screen.row(1) == "the last word" and "00000" in screen.row(20))
    board.press("q")
    assert board.wait() == 0


def test_a_picture_larger_than_what_may_wait_comes_whole(notes: Notes):
    with Program([sys.executable, LIVELY, str(notes.path)], size=(300, 100)) as program:
        program.until_shows("a small board of 300 by 100")
        program.press("\x1b[?2026;1$y")  # it can take pictures as one, so each is three writes
        program.press("f")
        program.until(lambda screen: screen.row(90).strip().isdigit())  # of the ten pictures, any
        program.press("e")
        program.until(lambda screen: screen.row(1) == "the last word" and "00000" in screen.row(90))
        assert b"\x1b[?2026h" in program.screen.sent
        program.press("q")
        assert program.wait() == 0
        assert program.is_given_back


def test_what_others_write_never_reaches_the_screen(board: Program):
    board.press("n")
    board.until_shows("it was loud")
    board.press("q")
    assert board.wait() == 0
    assert b"NOISE" not in board.screen.sent


# -- stopped, and going on ------------------------------------------------------------------------------------------


def test_a_change_of_size_is_followed(board: Program):
    board.resize(100, 30)
    board.until_shows("a small board of 100 by 30")
    board.press("q")
    assert board.wait() == 0


def test_going_on_after_a_stop_that_nobody_announced_paints_anew_and_keeps_what_to_give_back(board: Program):
    os.kill(board.process.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, board.process.pid, os.WSTOPPED)
    termios.tcsetattr(board._slave, termios.TCSANOW, board.before)
    board.resize(90, 20)
    board.process.send_signal(signal.SIGCONT)
    board.until_shows("a small board of 90 by 20")
    board.until(lambda _: not board.attributes()[3] & termios.ICANON)
    board.press("q")
    assert board.wait() == 0
    assert board.is_given_back


def test_another_program_can_have_the_terminal_for_a_while(board: Program):
    board.press("o")
    board.until(lambda screen: "icanon" in screen.outside)
    assert board.is_given_back
    assert " icanon" in board.screen.outside and " echo " in board.screen.outside
    board.press("words\r")
    board.until(lambda screen: "it read words" in screen.outside)
    board.until_shows("a small board of 80 by 24")
    assert board.screen.modes >= MODES
    board.press("q")
    assert board.wait() == 0
    assert board.is_given_back


def test_clicks_are_heard_without_every_move_of_the_mouse(board: Program, notes: Notes):
    assert 1003 not in board.screen.modes
    board.press("\x1b[<0;10;1M\x1b[<0;10;1m")
    notes.until("clicked")


def test_what_is_no_text_does_no_harm(board: Program, notes: Notes):
    os.write(board.master, b"\xff\xfe\x1b[999999999;\x1b]0;\x1b\x1b[<u\x00x")
    notes.until("keys 1")
    board.until_quiet()
    board.press("q")
    assert board.wait() == 0
    assert board.is_given_back


def test_where_no_shell_waits_it_does_not_stop(board: Program, notes: Notes):
    board.press("\x1a")
    board.press("x")
    notes.until("keys 1")
    assert 1049 in board.screen.modes
    board.press("q")
    assert board.wait() == 0
