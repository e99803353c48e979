"""The demo as a user has it: a short real run on a fast script, ended in every way there is."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import PATIENCE, Running
from tui_monitor.control.client import Client
from tui_monitor.fakes.demo.folder import PREFIX
from tui_monitor.places import places_of

FAST = "4"
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: whatever is sent to it is lost."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where it may leave something: the folder for what is temporary, a home, and where it is started."""
    found = tmp_path / "tmp"
    found.mkdir()
    return found


def start(place: Path, **environ: str) -> Running:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUI_MONITOR", "XDG_"))}
    ours = {"TMPDIR": str(place), "HOME": str(place.parent), "TUI_MONITOR_DEMO_SPEED": FAST, "ALL_PROXY": NOWHERE}
    return Running(["--demo", "--no-tui"], {**kept, **ours, **environ}, place)


@pytest.fixture
def fleet(place: Path) -> Iterator[Running]:
    with start(place) as running:
        yield running.until_open()


def door_of(place: Path) -> Client:
    (folder,) = place.glob(f"{PREFIX}*")
    return Client(places_of(folder / "demo.yaml", {"TUI_MONITOR_HOME": str(folder)}).socket)


async def watch(door: Client, kinds: set[str]) -> list[dict[str, Any]]:
    """The events up to the one with which every one of these kinds has been seen."""
    board = await door.snapshot()
    seen, cursor = list(board["events"]), board["cursor"]
    async with asyncio.timeout(PATIENCE):
        while not kinds <= {one["kind"] for one in seen}:
            changes = await door.changes(cursor, 5)
            seen += changes.events
            cursor = changes.cursor
    return seen


async def until_well(door: Client, service: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            board = await door.snapshot()
            if {"operational"} == {one["status"] for one in board["services"] if one["id"] == service}:
                return
            await door.changes(board["cursor"], 5)


def test_a_proxy_of_the_environment_is_not_asked_for_what_is_on_this_machine(fleet: Running, place: Path):
    asyncio.run(until_well(door_of(place), "website"))


def test_its_first_acts_are_seen_within_seconds(fleet: Running, place: Path):
    events = asyncio.run(watch(door_of(place), {"started", "opened", "told", "worsened", "acknowledged"}))
    said = [one["text"] for one in events if one["kind"] == "acknowledged"]
    assert said
    assert all(text.startswith("mia (demo): ") for text in said)
    board = asyncio.run(door_of(place).snapshot())
    assert len(board["services"]) >= 12
    assert len({one["group"] for one in board["services"]}) >= 4
    assert any(one["critical"] for one in board["services"])
    assert any(one["depends_on"] for one in board["services"])
    assert fleet.end()[0] == 0
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_no_signal_leaves_a_trace(fleet: Running, place: Path, number: signal.Signals):
    before = sorted(place.parent.iterdir())
    assert fleet.end(number)[0] == 0
    assert list(place.iterdir()) == []
    assert sorted(place.parent.iterdir()) == before


def test_a_signal_before_the_engine_runs_leaves_no_trace(place: Path):
    with start(place) as running:
        running.until_it_says("The demo watches")
        code, _, _ = running.end()
    assert code in (0, 130)
    assert list(place.iterdir()) == []


def test_what_a_killed_demo_left_goes_with_the_next(fleet: Running, place: Path):
    fleet.process.kill()
    fleet.process.wait()
    (left,) = place.iterdir()
    with start(place) as running:
        running.until_it_says("mia (demo)")  # who acts after it was swept
        assert not left.exists()
        running.end()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("speed", ["fast", "0", "nan", "1000"])
def test_a_speed_that_makes_no_sense_is_refused_in_a_sentence(place: Path, speed: str):
    with start(place, TUI_MONITOR_DEMO_SPEED=speed) as running:
        running.until_it_says("it must be a number from 0.1 to 20")
        assert running.process.wait(PATIENCE) == 1
    assert list(place.iterdir()) == []
