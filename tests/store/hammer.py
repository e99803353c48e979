"""A program to be killed: commits numbered batches and tidies, and says on stdout which batches were acknowledged.

`python -m tests.store.hammer PATH FROM SEED`. Batch n holds ten looks, event n of the board, a belief whose streak
is n, and a setting; what a kill leaves must hold all of a batch or nothing of it.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from datetime import timedelta
from pathlib import Path

from tests.store.making import NOON, event
from tui_monitor.core.model import Belief, Observation, Reading
from tui_monitor.core.ports import Batch
from tui_monitor.core.status import Status
from tui_monitor.store import SqliteStore, open_store

SERVICES = [f"s{i}" for i in range(10)]


def batch(n: int) -> Batch:
    """Each batch is seven minutes after the last, so that hours fill and are packed under way."""
    at = NOON + timedelta(minutes=7 * n)
    reading = Reading(Status.MAJOR if n % 3 else Status.OPERATIONAL, latency=n / 1000)
    return Batch(
        [Observation(service, at, 0.0, reading) for service in SERVICES],
        [Belief("api", streak=n)],
        (),
        [event("board", n, at=at)],
        (),
        {"n": str(n)},
    )


async def commit(store: SqliteStore, n: int) -> None:
    await store.commit(batch(n))
    os.write(1, f"{n}\n".encode())


async def hammer(path: Path, first: int, seed: int) -> None:
    chance = random.Random(seed)
    store = await open_store(path, now=NOON, keep_looks=7 * 86_400)
    if store.notice:
        os.write(1, f"notice: {store.notice}\n".encode())
    n = first
    while True:
        several = chance.randint(1, 8)
        works = [commit(store, n + i) for i in range(several)]
        n += several
        if chance.random() < 0.5:
            works.append(store.tidy(NOON + timedelta(minutes=7 * n)))
        await asyncio.gather(*works)


if __name__ == "__main__":
    asyncio.run(hammer(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
