"""What every `Control` promises, tried on one in this process and on the same one through a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.control.small import KEPT, SmallControl
from tui_monitor.control.client import Client
from tui_monitor.control.server import Door
from tui_monitor.core.errors import CursorExpired, Rejected, StoreError
from tui_monitor.core.ports import Changes, Command, Control


@pytest.fixture
def small() -> SmallControl:
    return SmallControl()


@pytest.fixture(params=["here", "through the socket"])
async def control(request: pytest.FixtureRequest, small: SmallControl, tmp_path: Path) -> AsyncIterator[Control]:
    if request.param == "here":
        yield small
        return
    door = Door(small, tmp_path / "engine.sock")
    await door.open()
    yield Client(tmp_path / "engine.sock")
    await door.close()


async def test_a_snapshot_is_plain_json_with_a_cursor(control: Control, small: SmallControl) -> None:
    snapshot = await control.snapshot()
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert snapshot["cursor"] == "0"
    assert snapshot["incidents"] == [small.incident]


async def test_changes_since_the_snapshot_come_at_once_when_there_are_some(
    control: Control, small: SmallControl
) -> None:
    cursor = (await control.snapshot())["cursor"]
    await small.turn()
    await small.turn()
    changes = await control.changes(cursor, 30)
    assert changes == Changes("2", incidents={"7f3a": small.incident, "gone": None}, events=({"n": 1}, {"n": 2}))


async def test_changes_wait_for_something_to_happen(control: Control, small: SmallControl) -> None:
    waiting = asyncio.create_task(control.changes("0", 30))
    await small.waiting.wait()
    await small.turn()
    assert (await waiting).events == ({"n": 1},)


async def test_changes_come_back_empty_with_the_same_cursor_when_nothing_happens(control: Control) -> None:
    assert await control.changes("0", 0.01) == Changes("0")


async def test_a_cursor_that_is_too_old_is_told_apart(control: Control, small: SmallControl) -> None:
    for _ in range(KEPT + 1):
        await small.turn()
    with pytest.raises(CursorExpired, match="take a new snapshot"):
        await control.changes("0", 30)


async def test_history_takes_its_options(control: Control, small: SmallControl) -> None:
    found = await control.history("incidents", service="a&b=c é", since="30d")
    assert found == [{**small.incident, "options": {"service": "a&b=c é", "since": "30d"}}]


async def test_history_of_something_unknown_is_refused_in_a_sentence(control: Control) -> None:
    with pytest.raises(Rejected, match=r"^there is no history of '../x\?'$"):
        await control.history("../x?")


async def test_a_store_that_fails_is_told_apart_from_a_refusal(control: Control) -> None:
    with pytest.raises(StoreError, match="cannot be read now"):
        await control.history("looks")


async def test_a_command_is_carried_out_with_all_it_says(control: Control, small: SmallControl) -> None:
    outcome = await control.do(Command("ack", "7f3a", "é\n[b]x", options={"a": "b"}))
    assert (outcome.text, outcome.data["id"]) == ("done", "7f3a")
    (done,) = small.commands
    assert (done.name, done.target, done.text, done.options) == ("ack", "7f3a", "é\n[b]x", {"a": "b"})


async def test_a_command_that_cannot_be_carried_out_is_refused_in_a_sentence(
    control: Control, small: SmallControl
) -> None:
    with pytest.raises(Rejected, match=r"^no incident begins with 'zz'$"):
        await control.do(Command("ack", "zz"))
    assert small.commands == []


async def test_many_wait_at_once_and_all_hear(control: Control, small: SmallControl) -> None:
    waiting = [asyncio.create_task(control.changes("0", 30)) for _ in range(20)]
    await small.waiting.wait()
    await control.do(Command("turn"))
    assert {(await one).cursor for one in waiting} == {"1"}
