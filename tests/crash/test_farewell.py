"""Asked to end while everything hangs: it ends in time, and what it could not finish is known to the next."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.crash.life import PROMISED, Home, until
from tests.crash.quick import REST
from tests.crash.town import ERROR, Town
from tui_monitor.control.client import Client
from tui_monitor.core.errors import TuiMonitorError

HANGING = "  - {{name: mute{number}, every: 5s, timeout: 5s, http: {{url: 'http://127.0.0.1:{port}/'}}}}\n"


@pytest.fixture
def mute() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        made.listen(128)
        yield made.getsockname()[1]


def test_a_hanging_place_hanging_looks_and_waiting_faces_hold_no_end(tmp_path: Path, mute: int):
    with Town(1) as town:
        town.hook.hold()
        mutes = "".join(HANGING.format(number=number, port=mute) for number in range(20))
        rest = REST.format(port=town.hook.port, down_after=1, group_wait="50ms")
        home = Home(tmp_path / "world", town.rows(lambda _: 0.2) + mutes + rest)
        town.turn(0, ERROR)
        with home.start() as life:
            until(lambda: town.heard, 20, "a telling")
            board = life.awaits(lambda board: board["incidents"], 20, "the incident")
            follower = town.run(follow(life.door, board["cursor"]))
            assert life.stop() < PROMISED
            assert life.process.returncode == 0
            assert "Statistics" in life.printed
            follower.result(10)
        (row,) = home.corpse().sending("hook")
        assert row["claim"].endswith(town.heard[0].headers["idempotency-key"])
        town.hook.release()
        with home.start() as life:
            town.hears_more(1, 20)
            life.stop()
        assert len({one.headers["idempotency-key"] for one in town.heard}) == 1


async def follow(door: Client, cursor: str) -> None:
    """A face that waits for changes until there is no engine any more."""
    with suppress(TuiMonitorError):
        while True:
            cursor = (await door.changes(cursor, 60)).cursor
