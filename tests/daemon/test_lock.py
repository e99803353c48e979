"""One engine per state: whoever comes second is refused, and nobody who died stands in the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tui_monitor.core.errors import Rejected
from tui_monitor.daemon.lock import EngineLock, holder_of, running_on
from tui_monitor.places import PlaceUnusable

HOLD = """
import sys
from pathlib import Path
from tui_monitor.daemon.lock import EngineLock, holder_of, running_on
with EngineLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    found = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert found.stdout is not None
    assert found.stdout.readline() == "held\n"
    return found


def test_a_second_engine_is_refused_and_told_who_holds_the_first(tmp_path: Path) -> None:
    with hold(tmp_path / "lock") as first:
        with (
            pytest.raises(Rejected, match=rf"already runs on this state \(process {first.pid}\)"),
            EngineLock(tmp_path / "lock"),
        ):
            pytest.fail("two engines on one state")
        assert holder_of(tmp_path / "lock") == first.pid, "whoever is refused leaves the holder's mark alone"
        first.communicate()


def test_the_lock_of_an_engine_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    with hold(tmp_path / "lock") as first:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    with EngineLock(tmp_path / "lock"):
        assert holder_of(tmp_path / "lock") == os.getpid()


def test_nothing_of_an_older_mark_is_left(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("99999999999 and more")
    with EngineLock(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_lock_is_free_after_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with EngineLock(tmp_path / "lock"):
            assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600
    assert holder_of(tmp_path / "lock") is None


def test_a_lock_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(PlaceUnusable, match="cannot be opened: Is a directory"), EngineLock(tmp_path / "lock"):
        pytest.fail("a folder is no lock")


@pytest.mark.parametrize("left", ["", "\n", "garbage", "12x\n", "\x00\x00"])
def test_rubbish_in_the_lock_names_nobody(tmp_path: Path, left: str) -> None:
    (tmp_path / "lock").write_text(left)
    assert holder_of(tmp_path / "lock") is None


def race(path: Path, start, results) -> None:
    start.wait()
    try:
        with EngineLock(path):
            results.put("in")
            start.wait()
    except Rejected:
        results.put("out")
        start.wait()


def test_of_those_that_start_at_the_same_moment_exactly_one_comes_in(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(4), context.Queue()
    runners = [context.Process(target=race, args=(tmp_path / "lock", start, results)) for _ in range(4)]
    for one in runners:
        one.start()
    assert sorted(results.get(timeout=60) for _ in runners) == ["in", "out", "out", "out"]
    for one in runners:
        one.join()


def test_who_holds_it_can_be_asked_without_taking_it(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    assert running_on(path) is None
    assert not path.exists()
    with EngineLock(path):
        assert running_on(path) == os.getpid()
    assert running_on(path) is None


@pytest.mark.parametrize("left", ["", "what?", "999999999999", "-1", "0", str(os.getpid())])
def test_what_a_dead_engine_left_in_it_is_no_engine(left: str, tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    path.write_text(left)
    assert running_on(path) is None
    with EngineLock(path):
        assert running_on(path) == os.getpid()
