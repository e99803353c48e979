"""What only the door itself promises: who may come in, what it refuses, and how it goes."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.control.small import SmallControl
from tui_monitor.control.client import Client
from tui_monitor.control.server import Door
from tui_monitor.control.wire import BODY_LIMIT
from tui_monitor.core.errors import EngineUnreachable, Rejected
from tui_monitor.core.ports import Command
from tui_monitor.places import PlaceUnusable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "engine.sock"


@pytest.fixture
def small() -> SmallControl:
    return SmallControl()


@pytest.fixture
async def door(small: SmallControl, path: Path) -> AsyncIterator[Door]:
    door = Door(small, path)
    await door.open()
    yield door
    await door.close()


async def ask(path: Path, request: bytes) -> tuple[int, str, dict]:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(request)
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    media = [line for line in head.decode().splitlines() if line.lower().startswith("content-type")]
    return int(head.split()[1]), media[0].split(":")[1].strip() if media else "", json.loads(body)


def get(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


async def test_every_answer_names_the_zone_of_the_board(small: SmallControl, path: Path) -> None:
    door, client = Door(small, path, timezone="Asia/Kolkata"), Client(path)
    assert client.timezone == "UTC"
    await door.open()
    await client.history("incidents")
    assert client.timezone == "Asia/Kolkata"
    fresh = Client(path)
    with pytest.raises(Rejected):
        await fresh.history("nothing")
    assert fresh.timezone == "Asia/Kolkata"
    await door.close()


def post(body: bytes, extra: str = "") -> bytes:
    head = f"POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{extra}\r\n".encode() + body


async def test_only_the_owner_may_come_in(door: Door, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_who_acts_is_taken_from_the_kernel_and_not_from_the_request(
    door: Door, path: Path, small: SmallControl
) -> None:
    await Client(path).do(Command("ack", "7f3a", by="somebody else"))
    assert small.commands[0].by == pwd.getpwuid(os.getuid()).pw_name


async def test_a_forwarding_header_does_not_change_who_acts(door: Door, path: Path, small: SmallControl) -> None:
    body = json.dumps({"name": "ack", "target": "7f3a"}).encode()
    await ask(path, post(body, "X-Forwarded-For: mallory\r\n"))
    assert small.commands[0].by == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 50_000, 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"name": 1}', 422),
        (b'{"name": "ack", "target": ["7f3a"]}', 422),
        (b'{"name": "ack", "options": []}', 422),
        (b'{"name": "ack", "options": {"a": 1}}', 422),
        (b'"' + b"x" * BODY_LIMIT + b'"', 413),
    ],
)
async def test_a_bad_command_gets_a_problem_and_does_nothing(
    door: Door, path: Path, small: SmallControl, body: bytes, status: int
) -> None:
    found, media, problem = await ask(path, post(body))
    assert (found, media) == (status, "application/problem+json")
    assert problem["status"] == status
    assert problem["detail"]
    assert small.commands == []


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/commands", 405),
        ("/api/v1/changes", 400),
        ("/api/v1/changes?cursor=0&wait=soon", 400),
        ("/api/v1/changes?cursor=0&wait=-1", 400),
        ("/api/v1/changes?cursor=0&wait=nan", 400),
        ("/api/v1/changes?cursor=0&wait=1e9", 400),
        ("/api/v1/history/incidents?what=x", 400),
        ("/api/v1/history/incidents?self=x", 400),
        ("/api/v1/history/nothing", 409),
        ("/api/v1/history/looks", 503),
    ],
)
async def test_each_bad_request_gets_a_problem(door: Door, path: Path, target: str, status: int) -> None:
    found, media, problem = await ask(path, get(target))
    assert (found, media, problem["status"]) == (status, "application/problem+json", status)


async def test_a_fault_of_ours_is_a_problem_without_its_traceback(door: Door, path: Path) -> None:
    found, media, problem = await ask(path, get("/api/v1/history/stats"))
    assert (found, media) == (500, "application/problem+json")
    assert "ZeroDivision" not in json.dumps(problem)
    with pytest.raises(Rejected, match="its log says why"):
        await Client(path).history("stats")


async def test_the_door_tells_whether_the_engine_is_alive(small: SmallControl, path: Path) -> None:
    alive = True
    door = Door(small, path, is_alive=lambda: alive)
    await door.open()
    assert (await ask(path, get("/healthz")))[0] == 200
    alive = False
    assert (await ask(path, get("/healthz")))[0] == 503
    await door.close()


@pytest.mark.parametrize("what", ["changes", "a look now"])
async def test_nothing_waits_for_the_world_when_the_door_closes(what: str, small: SmallControl, path: Path) -> None:
    door = Door(small, path)
    await door.open()
    client = Client(path)
    asked = client.changes("0", 60) if what == "changes" else client.do(Command("wait"))
    waiting = asyncio.create_task(asked)
    await small.waiting.wait()
    async with asyncio.timeout(10):
        await door.close()
    with pytest.raises(EngineUnreachable, match="stopping"):
        await waiting
    assert not path.exists()


async def test_a_socket_that_a_dead_engine_left_is_replaced(small: SmallControl, path: Path) -> None:
    path.parent.mkdir()
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(path))
    dead.close()
    door = Door(small, path)
    await door.open()
    assert (await Client(path).snapshot())["source"] == "engine"
    await door.close()


async def test_a_socket_that_somebody_answers_on_is_left_alone(door: Door, small: SmallControl, path: Path) -> None:
    with pytest.raises(PlaceUnusable, match="already answers"):
        await Door(small, path).open()
    assert (await Client(path).snapshot())["source"] == "engine"


async def test_a_file_in_the_way_is_left_alone(small: SmallControl, path: Path) -> None:
    path.parent.mkdir()
    path.write_text("mine")
    with pytest.raises(PlaceUnusable, match="in the way"):
        await Door(small, path).open()
    assert path.read_text() == "mine"


async def test_a_door_that_closes_late_does_not_take_its_successors_socket(small: SmallControl, path: Path) -> None:
    first = Door(small, path)
    await first.open()
    path.unlink()
    second = Door(small, path)
    await second.open()
    await first.close()
    assert (await Client(path).snapshot())["source"] == "engine"
    await second.close()
