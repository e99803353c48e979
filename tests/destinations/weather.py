"""Services that share one weather, and an engine that tells every kind of place of it over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from tests.destinations.place import Place as Beheld
from tests.destinations.places import PLACES
from tests.destinations.small import Out
from tui_monitor.core.model import Patience, Reading, Service
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.ports import Command
from tui_monitor.core.status import Status
from tui_monitor.destinations import find
from tui_monitor.engine import Engine
from tui_monitor.net import Way
from tui_monitor.store.memory import MemoryStore

TOLD = [name for name in PLACES if getattr(find(name), "banner", False) is not True]
"""The kinds that are told of incidents."""

OURS = "/tui_monitor/engine/"


@dataclass
class Weather:
    is_bad: bool = False


@dataclass(frozen=True)
class Exposed:
    """A check that sees the weather."""

    vendor: ClassVar[bool] = False
    weather: Weather

    async def look(self, outside: Any) -> Reading:
        if self.weather.is_bad:
            return Reading(Status.MAJOR, "it answered 500", "status:500")
        return Reading(Status.OPERATIONAL, "200")

    def judge(self, sight: Reading) -> Reading:
        return sight


class Town:
    """Every kind of place, and one engine after another on the same store."""

    def __init__(self, outside: Out, places: Mapping[str, Beheld], names: list[str], group_wait: float) -> None:
        self.places, self.weather = places, Weather()
        self._outside, self._store = outside, MemoryStore()
        self._plan = plan_of(places, self.weather, names, group_wait)
        self.engine: Engine
        self._running: asyncio.Task[None]

    async def start(self) -> None:
        self.engine = Engine(self._plan, self._store, lambda timeout: Way(self._outside.net, timeout))
        self._running = asyncio.create_task(self.engine.run())
        await self.engine.looking.wait()

    async def stop(self) -> None:
        self.engine.stop()
        await self._running

    async def kill(self) -> None:
        """Nothing of the engine is finished or written down; the places go on."""
        ours = {self._running, *(one for one in asyncio.all_tasks() if OURS in _file_of(one))}
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)

    async def do(self, name: str, target: str = "") -> None:
        await self.engine.do(Command(name, target, "", "ann"))

    async def until(self, is_so: Any) -> None:
        """Until something is so, looked at with each news of the engine."""
        async with asyncio.timeout(60):
            while not await is_so():
                picture = await self.engine.snapshot()
                await self.engine.changes(picture["cursor"], 0.5)

    async def told(self, *words: str) -> dict[str, list[str]]:
        """By service, which places have been told all there is of incidents in these states."""
        found = await self.engine.history("incidents", all="1")
        return {
            one["service"]: sorted(row["destination"] for row in one["told"])
            for one in found
            if one["state"] in words and one["told"] and all(row["state"] == "told" for row in one["told"])
        }

    async def all_told(self, *words: str) -> bool:
        everywhere = {one.id: sorted(self.places) for one in self._plan.services}
        picture = await self.engine.snapshot()
        return not any(one["owed"] for one in picture["places"]) and await self.told(*words) == everywhere


def _file_of(task: asyncio.Task[Any]) -> str:
    code = getattr(task.get_coro(), "cr_code", None)
    return code.co_filename if code is not None else ""


def plan_of(places: Mapping[str, Beheld], weather: Weather, names: list[str], group_wait: float) -> Plan:
    pattern = Service("", "", Exposed(weather), "exposed", every=0.5, patience=Patience(down_after=1, up_after=1))
    shapes = {name: getattr(one.plugin, "published", None) for name, one in places.items()}
    published = {name: shape(1) for name, shape in shapes.items() if shape is not None}
    services = [replace(pattern, id=name.replace(" ", "-"), name=name, publish=published) for name in names]
    told = tuple(Place(name, name, one.plugin) for name, one in places.items())
    return Plan(tuple(services), told, (Route(to=tuple(places), group_wait=group_wait),), settle=0.0)


@asynccontextmanager
async def town(
    outside: Out, monkeypatch: pytest.MonkeyPatch, names: list[str], group_wait: float = 1.0
) -> AsyncIterator[Town]:
    """All places open, none of them at a pace, and an engine that runs."""
    async with AsyncExitStack() as stack:
        places = {name: await stack.enter_async_context(PLACES[name](outside)) for name in TOLD}
        for one in places.values():
            if hasattr(one.plugin, "pace"):
                monkeypatch.setattr(type(one.plugin), "pace", 0.0)
        there = Town(outside, places, names, group_wait)
        await there.start()
        yield there
        await there.stop()
