"""Who asks a vendor when: each process at a second of its own, as a page is asked by every board in the world."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from tests.engine.virtual import VirtualLoop, run
from tui_monitor.core.model import Reading, Service
from tui_monitor.core.status import Status
from tui_monitor.engine import Clock
from tui_monitor.engine.runner import Runner

EVERY = 60.0


@dataclass(frozen=True)
class Own:
    vendor: ClassVar[bool] = False

    async def look(self, outside: Any) -> Reading:
        return Reading(Status.OPERATIONAL)

    def judge(self, sight: Reading) -> Reading:
        return sight


@dataclass(frozen=True)
class Vendors(Own):
    vendor: ClassVar[bool] = True


def turns(check: Own, names: list[str], seed: int | None = None) -> dict[str, list[float]]:
    """The seconds in which a process looks at these services in ten minutes."""
    seen: dict[str, list[float]] = {name: [] for name in names}

    async def life() -> None:
        loop = asyncio.get_running_loop()
        runner = Runner(
            [(Service(name, name, check, every=EVERY), None) for name in names],
            Clock(),
            lambda one: seen[one.service].append(loop.time()),
            seed=seed,
        )
        runner.start()
        over = asyncio.Event()
        loop.call_later(600, over.set)
        await over.wait()
        await runner.stop()

    run(life(), VirtualLoop())
    return seen


def beat(times: list[float]) -> float:
    """The second of the minute, once the first look is over."""
    return times[-1] % EVERY


def test_two_processes_ask_a_vendor_at_different_seconds():
    beats = {round(beat(turns(Vendors(), ["github"])["github"]), 1) for _ in range(8)}
    assert len(beats) > 3


def test_many_processes_are_spread_over_the_whole_minute():
    names = [f"v{number}" for number in range(300)]
    beats = [beat(times) for times in turns(Vendors(), names).values()]
    assert all(any(at <= one < at + 10 for one in beats) for at in range(0, 60, 10))


def test_each_keeps_its_own_beat_and_no_turn_is_crowded_or_lost():
    times = turns(Vendors(), ["github"])["github"]
    gaps = [later - earlier for earlier, later in pairwise(times[1:])]
    assert len(times) >= 10
    assert all(abs(gap - EVERY) < 0.1 for gap in gaps)
    assert times[0] < 1001
    assert EVERY / 2 - 0.1 <= times[1] - times[0] <= EVERY * 1.5 + 0.1


def test_what_is_ours_is_looked_at_in_the_same_second_after_every_start():
    assert turns(Own(), ["shop"]) == turns(Own(), ["shop"])
