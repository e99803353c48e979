"""The demo as a user has it: a short real run on a fast script, ended in every way there is."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import PATIENCE, Running
from tui_monitor.control.client import Client
from tui_monitor.fakes.azure_devops import GUID
from tui_monitor.fakes.demo.folder import PREFIX
from tui_monitor.fakes.demo.servers import HOST
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


async def until(door: Client, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The first board for which it holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds(board := await door.snapshot()):
            await door.changes(board["cursor"], 5)
        return board


def is_well(board: dict[str, Any]) -> bool:
    return {"operational"} == {one["status"] for one in board["services"] if one["id"] == "website"}


def failing(board: dict[str, Any]) -> list[str]:
    return [one["name"] for one in board["places"] if one["state"] == "failing"]


def test_a_proxy_of_the_environment_is_not_asked_for_what_is_on_this_machine(fleet: Running, place: Path):
    asyncio.run(until(door_of(place), is_well))


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


async def links_of(door: Client, board: dict[str, Any]) -> list[str]:
    """To the tickets that were opened for what is open."""
    seen = [await door.history("incident", id=one["id"]) for one in board["incidents"]]
    return [row["url"] for one in seen for row in one["told"] if row["destination"] == "tickets" and row["url"]]


async def sights(door: Client) -> dict[str, Any]:
    """What is to be seen of those who are told, each as it was first seen."""
    found: dict[str, Any] = {}
    async with asyncio.timeout(PATIENCE):
        while len(found) < 3:
            board = await door.snapshot()
            now = {"failing": failing(board), "links": await links_of(door, board), "banner": board["banner"]}
            found = {**{name: sight for name, sight in now.items() if sight}, **found}
            await door.changes(board["cursor"], 5)
    return found


def test_a_place_fails_for_a_while_a_ticket_has_a_link_and_a_banner_stands_for_a_while(fleet: Running, place: Path):
    door = door_of(place)
    seen = asyncio.run(sights(door))
    assert seen["failing"] == ["chat"]
    assert re.fullmatch(rf"http://{HOST}:\d+/shop/{GUID}/_workitems/edit/1", seen["links"][0])
    assert seen["banner"]["text"] == "Payment is down, carts are kept"
    asyncio.run(until(door, lambda board: "chat" not in failing(board)))
    asyncio.run(until(door, lambda board: not board["banner"]))


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
