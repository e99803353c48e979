"""SIGKILL at random points: what was acknowledged is there whole, what was not is there whole or not at all."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.hammer import SERVICES
from tests.store.making import NOON, opened
from tui_monitor.core.ports import Uptime

KILLS = int(os.environ.get("STORE_KILLS", "10"))


def killed(python: list[str], path: Path, first: int, chance: random.Random) -> int:
    """Run the hammer until it has acknowledged some batches, kill it, and say which was the last."""
    command = [*python, "-m", "tests.store.hammer", str(path), str(first), str(chance.randrange(10**6))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        enough = first + chance.randrange(60)
        last = first - 1
        for line in program.stdout:
            assert line.strip().isdigit(), line
            last = max(last, int(line))
            if last >= enough:
                program.send_signal(signal.SIGKILL)
        program.wait()
    assert program.returncode == -signal.SIGKILL
    return last


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_kill_loses_nothing_that_was_acknowledged_and_leaves_no_half(seed, tmp_path, python):
    chance = random.Random(seed)
    path = tmp_path / "store.db"
    written = 0
    for _ in range(KILLS // 2):
        acknowledged = killed(python, path, written + 1, chance)
        written = await examined(path)
        assert written >= acknowledged
    check = sqlite3.connect(path)
    assert check.execute("pragma integrity_check").fetchone() == ("ok",)
    check.close()


async def examined(path: Path) -> int:
    """How many batches are there; each must be whole, and none missing in between."""
    async with opened("inline", path, keep_looks=7 * 86_400) as store:
        assert store.notice == ""
        found = await store.load(["api"])
        n = found.revisions["board"]
        assert found.settings == {"n": str(n)}
        assert [belief.streak for belief in found.beliefs] == [n]
        assert [event.n for event in await store.timeline("board")] == list(range(1, n + 1))
        now = NOON + timedelta(minutes=7 * n)
        uptimes = await store.uptimes(SERVICES, now, [400 * 86_400])
        down = sum(1 for i in range(1, n + 1) if i % 3)
        assert uptimes == {service: [Uptime(up=n - down, down=down)] for service in SERVICES}
        for service in SERVICES:
            looks = await store.looks(service, now - timedelta(days=3), now)
            times = [NOON + timedelta(minutes=7 * i) for i in range(1, n + 1)]
            assert [look.at for look in looks] == [at for at in times if at >= now - timedelta(days=3)]
        return n
