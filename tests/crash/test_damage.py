"""State that is not as an engine left it: one clear sentence, and then either it runs, or it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.life import Home, until
from tests.crash.quick import home_in
from tests.crash.town import ERROR, Town


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with Town(2) as made:
        made.turn(0, ERROR)
        yield made


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, town: Town) -> Home:
    """A state with an incident that was acknowledged, as a killed engine leaves it; a copy lies beside it."""
    made = home_in(tmp_path_factory.mktemp("killed") / "world", town)
    with made.start() as life:
        board = life.awaits(lambda board: board["incidents"], 20, "an incident")
        life.do("ack", board["incidents"][0]["id"], "I am on it")
    made.places.socket.unlink()
    shutil.copytree(made.state, made.folder / "copy")
    return made


@pytest.fixture
def left(killed: Home) -> Home:
    """The same state for each test."""
    shutil.rmtree(killed.state)
    shutil.copytree(killed.folder / "copy", killed.state)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(killed.places.socket))
    return killed


def store_of(home: Home, end: str = "") -> Path:
    return Path(f"{home.places.store}{end}")


def fold(home: Home) -> None:
    """An orderly end, which leaves one file."""
    with home.start() as life:
        life.awaits(lambda board: board["incidents"], 20, "the incident")
        life.stop()
    assert not store_of(home, "-wal").exists()


# -- harms ----------------------------------------------------------------------------------------------------------


def garbage(home: Home) -> None:
    fold(home)
    store_of(home).write_bytes(os.urandom(100_000))


def torn_pages(home: Home) -> None:
    fold(home)
    with store_of(home).open("r+b") as file:
        for page in range(1, 12):
            file.seek(page * 8192)
            file.write(os.urandom(4096))


def cut_in_half(home: Home) -> None:
    fold(home)
    os.truncate(store_of(home), store_of(home).stat().st_size // 2)


def empty_beside_changes(home: Home) -> None:
    os.truncate(store_of(home), 0)


def another_file(home: Home) -> None:
    fold(home)
    store_of(home).write_text("these are my notes, and no database\n" * 1000)


@pytest.mark.parametrize("harm", [garbage, torn_pages, cut_in_half, empty_beside_changes, another_file])
def test_a_damaged_store_is_set_aside_in_one_sentence_and_watching_goes_on(harm: Callable[[Home], None], left: Home):
    harm(left)
    with left.start() as life:
        life.awaits(lambda board: board["incidents"], 20, "the incident, found anew")
        told = [line for line in life.complaints if "damaged" in line]
        assert len(told) == 1
        assert "is kept as store.db.damaged-" in told[0]
        life.stop()
        assert life.process.returncode == 0
        assert "Traceback" not in life.said
    assert len(list(store_of(left).parent.glob("store.db.damaged-*Z"))) == 1
    assert left.corpse().integrity == "ok"


def no_log_of_changes(home: Home) -> None:
    store_of(home, "-wal").unlink()


def nothing_at_all(home: Home) -> None:
    fold(home)
    os.truncate(store_of(home), 0)


@pytest.mark.parametrize("harm", [no_log_of_changes, nothing_at_all])
def test_a_store_that_lost_all_it_held_is_told_of_in_one_sentence(harm: Callable[[Home], None], left: Home):
    harm(left)
    with left.start() as life:
        life.awaits(lambda board: board["incidents"], 20, "the incident, found anew")
        (told,) = [line for line in life.complaints if "store" in line]
        assert "was there, but empty: a fresh one is begun" in told
        life.stop()
        assert life.process.returncode == 0
        assert "Traceback" not in life.said
    assert left.corpse().integrity == "ok"


def test_an_index_of_the_log_that_is_garbage_costs_nothing(left: Home):
    store_of(left, "-shm").write_bytes(os.urandom(32768))
    with left.start() as life:
        (incident,) = life.awaits(lambda board: board["incidents"], 20, "the incident")["incidents"]
        assert incident["state"] == "acknowledged"


# -- refusals -------------------------------------------------------------------------------------------------------


def a_folder_in_its_place(left: Home) -> None:
    for end in ("", "-wal", "-shm"):
        store_of(left, end).unlink()
    store_of(left).mkdir()


def no_home_of_ours(left: Home) -> None:
    folder = left.places.home
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    else:
        folder.chmod(0o500)


def a_file_for_a_home(left: Home) -> None:
    folder = left.places.home
    folder.rename(folder.with_name("away"))
    folder.write_text("")


def a_lock_that_is_a_folder(left: Home) -> None:
    left.places.lock.unlink()
    left.places.lock.mkdir()


REFUSALS = [a_folder_in_its_place, no_home_of_ours, a_file_for_a_home, a_lock_that_is_a_folder]


@pytest.mark.parametrize("harm", REFUSALS)
def test_a_state_that_cannot_be_used_is_refused_in_one_sentence(harm: Callable[[Home], None], left: Home):
    harm(left)
    with left.start() as life:
        assert life.ends() in (1, 2)
        (sentence,) = life.said.splitlines()
        assert sentence.startswith("tui-monitor: ")
        assert str(left.places.home) in sentence
        assert life.printed == ""


def test_a_start_without_any_room_is_refused_in_one_sentence(tmp_path: Path, town: Town):
    home = home_in(tmp_path / "world", town)
    with home.start(["sh", "-c", 'ulimit -f 0 && exec "$@"', "sh"]) as life:
        assert life.ends() == 1
        (sentence,) = life.said.splitlines()
        assert sentence.startswith("tui-monitor: The store ")


# -- what a dead engine leaves --------------------------------------------------------------------------------------


def test_what_a_dead_engine_left_is_in_nobodys_way(left: Home):
    assert left.places.socket.exists()
    assert left.places.lock.read_text().strip().isdigit()
    with left.start() as life:
        life.awaits(lambda board: board["incidents"], 20, "the incident")
        assert life.complaints == []
        life.stop()
    assert not left.places.socket.exists()
    assert left.places.lock.read_text() == ""


def test_the_store_answers_after_a_kill_and_is_left_as_it_was(left: Home):
    before = left.corpse()
    shown = left.run("incidents", "--all", "--json")
    assert shown.returncode == 0
    assert [one["id"] for one in json.loads(shown.stdout)] == list(before.incidents)
    assert left.corpse() == before


def test_asking_about_a_damaged_store_sets_nothing_aside(left: Home):
    garbage(left)
    asked = left.run("incidents", "--all")
    assert asked.returncode == 1
    assert len(asked.stderr.splitlines()) == 1
    assert not list(store_of(left).parent.glob("*.damaged-*"))


def test_an_engine_that_hangs_is_not_taken_for_a_dead_one(left: Home):
    """A stopped process holds its lock: another must not start beside it, and asking it ends."""
    with left.start() as life:
        life.awaits(lambda board: board["incidents"], 20, "the incident")
        life.process.send_signal(signal.SIGSTOP)
        with left.start() as second:
            assert second.ends() == 1
            assert f"process {life.process.pid}" in second.said
        life.process.send_signal(signal.SIGCONT)
        assert life.board()


def test_kills_in_the_first_moments_of_a_new_state_leave_it_usable(tmp_path: Path, town: Town):
    """The folder is there, the lock is there, the store is an empty file or half made: whatever a kill can leave."""
    home = home_in(tmp_path / "young", town)
    for file in ("engine.lock", "store.db", "store.db-wal", "tui-monitor.log"):
        with home.start() as life:
            found = home.places.home / file
            until(lambda found=found: found.exists(), 20, file)
            life.kill()
    with home.start() as life:
        life.awaits(lambda board: board["services"][1]["status"] == "operational", 20, "a look")
        life.stop()
        known = ("was there, but empty", ": opened (")
        assert [line for line in life.complaints if not any(word in line for word in known)] == []
