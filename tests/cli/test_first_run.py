"""The first run of the board: a config to begin with, written where the person says, and never over anything."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui_monitor.cli import main
from tui_monitor.cli.beginning import begin
from tui_monitor.config.starter import starter
from tui_monitor.core.errors import Rejected


def test_who_begins_at_the_board_gets_the_same_starter_in_a_folder_made_for_it(tmp_path: Path):
    path = tmp_path / "fresh" / "folder" / "config.yaml"
    said = begin(path)
    assert said.startswith(f"{path} is written")
    assert path.read_text("utf-8") == starter()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


IMPOSSIBLE = ["", "there.yaml", "there.yaml/config.yaml", "/proc/x/config.yaml", "a\0b", "x" * 999, "a/" * 3000]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_where_the_board_cannot_begin_is_told_in_one_sentence(tmp_path: Path, name: str):
    (tmp_path / "there.yaml").write_text("mine", "utf-8")
    with pytest.raises(Rejected, match=r"\w \w") as caught:
        begin(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert "--" not in str(caught.value), "nobody at the board can give an option"
    assert (tmp_path / "there.yaml").read_text("utf-8") == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["there.yaml"]


def test_a_name_that_is_too_long_is_no_crash_for_init_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["init", str(tmp_path / ("x" * 999))]) == 1
    assert "cannot be written: file name too long" in capsys.readouterr().err


def test_a_home_that_is_named_by_a_tilde_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    begin(Path("~/.config/board.yaml"))
    assert (tmp_path / ".config" / "board.yaml").is_file()
    with pytest.raises(Rejected, match="name another"):
        begin(Path("~nobody-of-this-name/board.yaml"))
