"""An engine in a thread beneath a board: it begins, answers, ends in order and in time, and says of what it died."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.cli.program import PATIENCE, Setting, free_port
from tui_monitor import __version__
from tui_monitor.core.errors import ConfigError, EngineUnreachable, Rejected
from tui_monitor.daemon import hosting
from tui_monitor.daemon.hosting import Attached, Engines, Hosted
from tui_monitor.daemon.lock import EngineLock, running_on
from tui_monitor.places import PlaceUnusable, make_private

CONFIG = """
engine: {{settle: 0s}}
defaults: {{every: 300ms, timeout: 30s}}
services:
  - name: Silent
    http: {{url: "http://127.0.0.1:{silent}/"}}
  - name: Gone
    tcp: {{host: 127.0.0.1, port: {gone}}}
"""


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where everybody is taken in and nobody is answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def setting(tmp_path: Path, silent: int) -> Setting:
    return Setting(tmp_path / "own", CONFIG.format(silent=silent, gone=free_port()))


@pytest.fixture
def engines() -> Iterator[Engines]:
    made = Engines()
    yield made
    made.close()


def environ(setting: Setting) -> dict[str, str]:
    return {"TUI_MONITOR_HOME": str(setting.home)}


def ask(engine: Hosted | Attached, answer: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(answer, engine.loop).result(PATIENCE)


def until(engine: Hosted | Attached, holds: Callable[[dict[str, Any]], Any]) -> None:
    async def watch() -> None:
        while not holds(board := await engine.control.snapshot()):
            await engine.control.changes(board["cursor"], 5)

    ask(engine, asyncio.wait_for(watch(), PATIENCE))


def test_it_answers_as_soon_as_it_is_there(setting: Setting, engines: Engines):
    engine = engines.open(setting.config, environ(setting))
    assert isinstance(engine, Hosted)
    assert engine.place == "this process"
    assert running_on(setting.places.lock) == os.getpid()
    board = ask(engine, engine.control.snapshot())
    assert {one["name"] for one in board["services"]} == {"Silent", "Gone"}
    assert engine.fault() == ""


def test_it_ends_in_time_while_a_look_hangs_and_writes_down_what_was_decided(setting: Setting, engines: Engines):
    engine = engines.open(setting.config, environ(setting))
    until(engine, lambda board: any(one["status"] == "major" for one in board["services"]))
    begun = monotonic()
    engines.close()
    assert monotonic() - begun < 1.5
    assert engine.fault() == ""
    assert running_on(setting.places.lock) is None
    assert any(one["status"] == "major" for one in setting.ask("status")["services"])
    assert "stopped" in setting.places.log.read_text()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("engine")]


def test_the_log_goes_to_the_file_alone(setting: Setting, engines: Engines, capfd: pytest.CaptureFixture[str]):
    engines.open(setting.config, environ(setting))
    engines.close()
    assert "stopped" in setting.places.log.read_text()
    assert capfd.readouterr() == ("", "")


def test_a_wrong_config_is_told_whole(setting: Setting, engines: Engines):
    setting.config.write_text("services: [{name: A, htp: {}}]\nboards: {}\n")
    with pytest.raises(ConfigError) as told:
        engines.open(setting.config, environ(setting))
    assert len(told.value.problems) == 2
    assert engines.fault() == ""


def test_a_place_that_cannot_be_used_is_told(setting: Setting, engines: Engines):
    setting.home.write_text("in the way")
    with pytest.raises(PlaceUnusable, match=r"is not a folder|cannot be used"):
        engines.open(setting.config, environ(setting))


def test_of_two_boards_at_once_one_has_the_engine_and_the_other_goes_to_it(setting: Setting):
    both = [Engines(), Engines()]
    try:
        with ThreadPoolExecutor(2) as pool:
            opened = list(pool.map(lambda one: one.open(setting.config, environ(setting)), both))
        kinds = sorted(type(one).__name__ for one in opened)
        assert kinds == ["Attached", "Hosted"]
        attached = next(one for one in opened if isinstance(one, Attached))
        assert attached.place == f"process {os.getpid()}"
        assert len(ask(attached, attached.control.snapshot())["services"]) == 2
        owner, guest = sorted(both, key=lambda one: isinstance(one._opened[-1], Attached))
        guest.close()
        assert guest.fault() == ""  # although it may have begun one of its own, too late
        assert owner._opened[-1].fault() == ""
        assert len(setting.ask("status")["services"]) == 2
    finally:
        for one in both:
            one.close()


def test_an_engine_elsewhere_goes_on_when_the_board_has_gone(setting: Setting, engines: Engines):
    with setting.start() as engine:
        engine.until_open()
        attached = engines.open(setting.config, environ(setting))
        assert attached.place == f"process {engine.process.pid}"
        engines.close()
        assert not [thread for thread in threading.enumerate() if thread.name == "client"]
        assert setting.ask("status")["source"] == "engine"
        assert engine.end()[0] == 0


def test_an_engine_whose_config_is_broken_by_now_can_be_attached_to(setting: Setting, engines: Engines):
    with setting.start() as engine:
        engine.until_open()
        setting.config.write_text("nonsense")
        attached = engines.open(setting.config, environ(setting))
        assert isinstance(attached, Attached)


def test_an_engine_of_another_release_is_named_and_left_alone(
    setting: Setting, engines: Engines, monkeypatch: pytest.MonkeyPatch
):
    with setting.start() as engine:
        engine.until_open()
        monkeypatch.setattr(hosting, "__version__", "99.0")
        with pytest.raises(Rejected, match=rf"tui-monitor {__version__}, and this board is 99.0"):
            engines.open(setting.config, environ(setting))
        assert setting.ask("status")["source"] == "engine"


def test_the_engine_of_a_killed_board_is_taken_over(setting: Setting, engines: Engines):
    with setting.start() as engine:
        engine.until_open()
        engine.process.kill()
        engine.process.wait()
        assert isinstance(engines.open(setting.config, environ(setting)), Hosted)


def test_an_engine_that_opens_no_door_is_named(setting: Setting, engines: Engines, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hosting, "STARTING", 0.3)
    make_private(setting.places.home)
    shut = pytest.raises(EngineUnreachable, match=rf"process {os.getpid()}\), but its door is shut")
    with EngineLock(setting.places.lock), shut:
        engines.open(setting.config, environ(setting))


def test_an_end_in_the_middle_of_opening_leaves_nothing_behind(setting: Setting):
    engines = Engines()
    make_private(setting.places.home)
    with EngineLock(setting.places.lock), ThreadPoolExecutor(1) as pool:
        opening = pool.submit(engines.open, setting.config, environ(setting))
        while not engines._opened:
            threading.Event().wait(0.001)
        begun = monotonic()
        engines.close()
        assert monotonic() - begun < 1.0
        assert "about to close" in str(opening.exception(5))


def test_an_engine_that_breaks_says_of_what_and_its_log_says_where(setting: Setting, engines: Engines):
    engine = engines.open(setting.config, environ(setting))
    assert isinstance(engine, Hosted)

    def break_it() -> None:
        engine.control._desk = None  # type: ignore[attr-defined]  # the fault of ours that nobody foresees

    engine.loop.call_soon_threadsafe(break_it)
    with pytest.raises(AttributeError):
        engine._life.result(10)
    assert engine.fault() == (f"the engine of this process broke (AttributeError); {setting.places.log} says where")
    assert engines.fault() == engine.fault()
    said = setting.places.log.read_text()
    assert "the engine broke" in said
    assert "Traceback" in said
    assert running_on(setting.places.lock) is None


def test_a_command_is_run_from_an_engine_that_is_not_in_the_first_thread(setting: Setting, engines: Engines):
    setting.config.write_text('services: [{name: Own, command: {run: ["true"]}, every: 1s}]\n')
    engine = engines.open(setting.config, environ(setting))
    until(engine, lambda board: board["services"][0]["status"] == "operational")


def test_a_changed_config_is_taken_in_without_a_signal(setting: Setting, engines: Engines):
    engine = engines.open(setting.config, environ(setting))
    setting.config.write_text(setting.text.replace("Gone", "Renamed"))
    until(engine, lambda board: any(one["name"] == "Renamed" for one in board["services"]))
