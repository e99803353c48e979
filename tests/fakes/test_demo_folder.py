"""The folder of the demo: gone when it ends, or with the next one if it was killed; nobody else's is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tui_monitor.fakes.demo.folder import LOCK, PREFIX, sweep, temporary_folder

HOLDER = """
import sys
from tui_monitor.fakes.demo.folder import temporary_folder
with temporary_folder() as folder:
    (folder / "deep").mkdir()
    (folder / "deep" / "store.db").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "tmp"
    found.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(found))
    monkeypatch.setenv("TMPDIR", str(found))
    return found


def another() -> tuple[subprocess.Popen[str], Path]:
    """A demo in another process, which holds its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_it_is_its_owners_alone_and_goes_with_the_block(place: Path):
    with temporary_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "deep").mkdir()
        (folder / "deep" / "file").touch()
    assert list(place.iterdir()) == []


def test_it_goes_whatever_ends_the_block(place: Path):
    with pytest.raises(KeyboardInterrupt), temporary_folder():
        raise KeyboardInterrupt
    assert list(place.iterdir()) == []


def test_what_a_killed_demo_left_is_swept_away(place: Path):
    process, folder = another()
    kill(process)
    assert folder.is_dir()
    assert sweep() == [folder]
    assert list(place.iterdir()) == []


def test_the_folder_of_a_demo_that_runs_is_left_alone():
    process, folder = another()
    try:
        with temporary_folder() as ours:
            assert sweep() == []
            assert folder.is_dir()
            assert ours.is_dir()
    finally:
        kill(process)


def test_what_only_looks_like_a_demos_is_left_alone(place: Path, tmp_path: Path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / LOCK).touch()
    (place / f"{PREFIX}link").symlink_to(precious)
    (place / f"{PREFIX}unlocked").mkdir()
    (place / f"{PREFIX}file").touch()
    (place / "other").mkdir()
    (place / "other" / LOCK).touch()
    trap = place / f"{PREFIX}trap"
    trap.mkdir()
    (trap / LOCK).symlink_to(precious / LOCK)
    assert sweep() == []
    assert len(list(place.iterdir())) == 5
    assert (precious / LOCK).exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a folder that belongs to somebody else")
def test_the_folder_of_somebody_else_is_left_alone(place: Path):
    theirs = place / f"{PREFIX}theirs"
    theirs.mkdir()
    (theirs / LOCK).touch()
    os.chown(theirs, 12345, 12345)
    assert sweep() == []
