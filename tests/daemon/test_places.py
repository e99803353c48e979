"""Where the state of a config is, and that nobody else can enter it."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from tui_monitor.places import SOCKET_PATH_LIMIT, PlaceUnusable, make_private, places_of


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_each_config_file_has_a_state_of_its_own(tmp_path: Path) -> None:
    one, two = places_of(tmp_path / "a" / "config.yaml"), places_of(tmp_path / "b" / "config.yaml")
    assert one.home != two.home
    assert one.socket != two.socket


def test_a_config_has_one_state_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path / "real")
    names = ["config.yaml", "./config.yaml", "../link/config.yaml", tmp_path / "real" / "config.yaml"]
    assert len({places_of(Path(name)) for name in names}) == 1


def test_a_config_that_is_a_link_keeps_its_state_when_it_points_elsewhere(tmp_path: Path) -> None:
    link, found = tmp_path / "config.yaml", set()
    for release in ("one.yaml", "two.yaml"):
        link.unlink(missing_ok=True)
        link.symlink_to(tmp_path / release)
        found.add(places_of(link))
    assert len(found) == 1


def test_everything_is_under_the_home_that_is_given(tmp_path: Path) -> None:
    found = places_of(tmp_path / "config.yaml", {"TUI_MONITOR_HOME": "/h"})
    assert all(path.is_relative_to("/h") for path in (found.store, found.lock, found.log, found.socket))


def test_without_a_home_the_folders_of_the_platform_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    found = places_of(tmp_path / "config.yaml", {})
    assert found.store.is_relative_to(tmp_path / "state" / "tui-monitor")
    assert found.log.is_relative_to(tmp_path / "state" / "tui-monitor")


def test_folders_are_made_for_their_owner_alone_also_those_on_the_way(tmp_path: Path) -> None:
    found = places_of(tmp_path / "config.yaml", {"TUI_MONITOR_HOME": str(tmp_path / "new" / "home")})
    found.make()
    assert [mode(path) for path in (tmp_path / "new", tmp_path / "new" / "home", found.home)] == [0o700] * 3


def test_a_folder_that_others_may_enter_is_closed_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "lax"
    folder.mkdir(mode=0o755)
    make_private(folder)
    assert mode(folder) == 0o700


def test_a_folder_on_the_way_that_exists_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine").chmod(0o755)
    make_private(tmp_path / "mine" / "state")
    assert mode(tmp_path / "mine") == 0o755


def test_a_file_in_the_way_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(PlaceUnusable, match="cannot be used: Not a directory"):
        make_private(tmp_path / "home" / "state")
    with pytest.raises(PlaceUnusable, match="is not a folder"):
        make_private(tmp_path / "home")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a folder of somebody else")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(PlaceUnusable, match="belongs to somebody else"):
        make_private(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a link of somebody else")
def test_a_link_that_somebody_else_laid_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "mine")
    os.lchown(link, 12345, 12345)
    with pytest.raises(PlaceUnusable, match="belongs to somebody else"):
        make_private(link)


@pytest.mark.parametrize("environ", [{}, {"XDG_RUNTIME_DIR": "/run/user/7"}, {"XDG_RUNTIME_DIR": "/" + "r" * 200}])
def test_a_home_too_long_for_a_socket_gets_a_short_one_elsewhere(tmp_path: Path, environ: dict[str, str]) -> None:
    long = {"TUI_MONITOR_HOME": "/" + "é" * 100, **environ}
    one, two = places_of(tmp_path / "a.yaml", long), places_of(tmp_path / "b.yaml", long)
    assert len(os.fsencode(one.socket)) <= SOCKET_PATH_LIMIT
    assert one.socket != two.socket
    assert one.socket.is_relative_to("/run/user/7/tui-monitor") == (environ.get("XDG_RUNTIME_DIR") == "/run/user/7")


def test_the_longest_socket_that_stays_in_its_home_can_be_bound(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    room = SOCKET_PATH_LIMIT - len(os.fsencode(places_of(config, {"TUI_MONITOR_HOME": str(tmp_path / "x")}).socket))
    assert room > 0, "the temporary folder of this machine is too deep for this test"
    found = places_of(config, {"TUI_MONITOR_HOME": str(tmp_path / ("x" * (room + 1)))})
    assert found.socket.parent == found.home
    found.make()
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(found.socket))
