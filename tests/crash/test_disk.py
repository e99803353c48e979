"""A disk that takes nothing any more: the engine goes on watching, says so, promises nothing, and then catches up.

Once as a limit on the size of files, which needs no rights, and once as a small file system that is really full.
"""

from __future__ import annotations

import errno
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.crash.life import Life, is_quiet, until
from tests.crash.quick import home_in
from tests.crash.town import ERROR, WELL, Town

SMALL = """mount -t tmpfs -o size=4m,mode=700 tmpfs "$0" && echo mounted && exec cat"""


def may_mount() -> bool:
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(
            ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
        ).returncode
    )


@pytest.fixture
def town() -> Iterator[Town]:
    with Town(4) as made:
        yield made


class Limited:
    """Files of this engine may not grow."""

    words = "cannot be read or written: the disk reports an error"

    def __init__(self, folder: Path, town: Town, every: float = 0.2) -> None:
        self.home = home_in(folder / "small", town, every=every)

    def start(self) -> Life:
        return self.home.start()

    @contextmanager
    def full(self, life: Life) -> Iterator[None]:
        before = resource.prlimit(life.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(life.process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
        yield
        resource.prlimit(life.process.pid, resource.RLIMIT_FSIZE, before)


class Mounted:
    """The state is on a file system of four megabytes that nobody else sees; it outlives each engine."""

    words = "There is no room left for the store"

    def __init__(self, folder: Path, town: Town) -> None:
        self.home = home_in(folder, town)
        self._state = folder / "home"
        self._state.mkdir()
        words = ["unshare", "-m", "sh", "-c", SMALL, str(self._state)]
        self._keeper = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Mounted:
        assert self._keeper.stdout is not None
        assert self._keeper.stdout.readline() == b"mounted\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeper.communicate(timeout=10)

    def start(self) -> Life:
        among = [
            "nsenter",
            "-t",
            str(self._keeper.pid),
            "-m",
            "--",
            "sh",
            "-c",
            'cd "$0" && exec "$@"',
            str(Path.cwd()),
        ]
        return self.home.start(among, inside=True)

    @contextmanager
    def full(self, life: Life) -> Iterator[None]:
        filler = Path(f"/proc/{self._keeper.pid}/root{self._state}/filler")
        with filler.open("wb", buffering=0) as file:
            fill(file.write)
        yield
        filler.unlink()


def fill(write: Callable[[bytes], object]) -> None:
    while True:
        try:
            write(b"\0" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC
            return


@pytest.fixture
def mounted(town: Town) -> Iterator[Mounted]:
    if not may_mount():
        pytest.skip("mounting a file system of our own is not allowed here")
    # a short path, since a socket in it is reached by a longer way
    with tempfile.TemporaryDirectory(prefix="tm-") as folder, Mounted(Path(folder), town) as made:
        yield made


@pytest.fixture(params=["limited", "mounted"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, town: Town) -> Limited | Mounted:
    if request.param == "limited":
        return Limited(tmp_path, town)
    found: Mounted = request.getfixturevalue("mounted")
    return found


def incident_of(board: dict[str, Any], service: str) -> str:
    found: str = next((one["id"] for one in board["incidents"] if one["service"] == service), "")
    return found


def fails(life: Life, town: Town, number: int) -> str:
    """Turns a service; the incident that comes of it."""
    town.turn(number, ERROR)
    name = f"s{number}"
    return incident_of(life.awaits(lambda board: incident_of(board, name), 20, f"an incident of {name}"), name)


def heard_of(town: Town) -> list[tuple[str, str]]:
    return [(one["service"], one["news"]) for message in town.heard for one in message.json["incidents"]]


def has_row(life: Life, incident: str, state: str) -> bool:
    board = life.board() or {"incidents": []}
    return any(row["state"] == state for one in board["incidents"] if one["id"] == incident for row in one["told"])


def test_a_full_disk_stops_no_looking_and_loses_no_promise(disk: Limited | Mounted, town: Town):
    with disk.start() as life:
        first = fails(life, town, 0)
        life.do("ack", first, "I am on it")
        until(lambda: has_row(life, first, "told"), 20, "the telling of the first")
        with disk.full(life):
            trouble = life.awaits(lambda board: board["trouble"], 20, "a word about the disk")["trouble"]
            assert trouble.startswith("nothing can be written down: The")
            assert disk.words in trouble
            second = fails(life, town, 1)
            for name, target in (("ack", second), ("note", first), ("resolve", first)):
                assert life.refusal(name, target, "nobody must see this") == f"not done: {trouble}"
            looks = town.looks
            until(lambda: town.looks > looks + 20, 20, "looking on")
            assert ("s1", "opened") not in heard_of(town)
        life.awaits(lambda board: not board["trouble"], 20, "peace with the disk")
        until(lambda: ("s1", "opened") in heard_of(town), 20, "the telling of what was owed")
        life.do("note", second, "seen")
        town.turn_all(WELL)
        life.awaits(is_quiet, 20, "peace")
        shown = {name: life.shown(name) for name in (first, second)}
        life.stop()
        assert life.process.returncode == 0
    assert words_of(shown[first]) == ["opened", "acknowledged", "resolved"]
    assert words_of(shown[second]) == ["opened", "noted", "resolved"]
    assert sorted(heard_of(town)) == sorted(
        [("s0", "opened"), ("s0", "changed"), ("s1", "opened"), ("s0", "resolved"), ("s1", "resolved")]
    )


def words_of(incident: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in incident["timeline"]]


def test_what_the_board_says_of_a_full_disk_is_in_its_events_later(tmp_path: Path, town: Town):
    disk = Limited(tmp_path, town)
    with disk.start() as life:
        life.awaits(lambda board: not board["trouble"] and board["services"][0]["checked_at"], 20, "a look")
        with disk.full(life):
            life.awaits(lambda board: board["trouble"], 20, "a word about the disk")
            status = disk.home.run("status")
            assert status.returncode == 0
            assert [line for line in status.stderr.splitlines() if line.startswith("Trouble: nothing can be")]
        life.awaits(lambda board: not board["trouble"], 20, "peace with the disk")
        life.stop()
    kinds = [event["kind"] for event in disk.home.corpse().timeline("board")]
    assert kinds == ["started", "trouble", "well", "stopped"]


def test_a_command_that_meets_the_full_disk_first_leaves_no_gap_and_no_double(tmp_path: Path, town: Town):
    """The refused request, not a look, is the first to find the disk full: what it undoes must not be counted on."""
    disk = Limited(tmp_path, town, every=60)
    town.hook.answer(400)
    town.turn(0, ERROR)
    with disk.start() as life:
        first = fails(life, town, 0)
        until(lambda: has_row(life, first, "given-up"), 20, "giving up")
        owed = (life.board() or {})["deliveries"][0]["id"]
        for _ in range(5):
            with disk.full(life):
                assert "nothing can be written down" in life.refusal("drop", owed)
            life.awaits(lambda board: not board["trouble"], 20, "peace with the disk")
        life.do("drop", owed)
        life.stop()
    events = disk.home.corpse().timeline("board")
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    assert [event["kind"] for event in events].count("dropped") == 1


def test_an_engine_killed_on_a_full_disk_starts_on_it_and_knows_what_was_promised(mounted: Mounted, town: Town):
    with mounted.start() as life:
        first = fails(life, town, 0)
        life.do("ack", first, "I am on it")
        until(lambda: has_row(life, first, "told"), 20, "the telling")
        with mounted.full(life):
            life.awaits(lambda board: board["trouble"], 20, "a word about the disk")
            life.kill()
            with mounted.start() as another:
                board = another.awaits(lambda board: board["trouble"], 20, "a word about the disk")
                assert [one["state"] for one in board["incidents"]] == ["acknowledged"]
                assert "Traceback" not in another.said
                another.kill()
    with mounted.start() as life:
        town.turn_all(WELL)
        life.awaits(is_quiet, 20, "peace")
        assert words_of(life.shown(first)) == ["opened", "acknowledged", "resolved"]
