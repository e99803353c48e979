"""A storm over every destination at once: one engine, real sockets, and services that fail together and recover."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from tests.destinations.place import Place as Beheld
from tests.destinations.places import PLACES
from tests.destinations.small import Out
from tui_monitor.core.model import Patience, Reading, Service
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.status import Status
from tui_monitor.destinations import find
from tui_monitor.engine import Engine
from tui_monitor.net import Way
from tui_monitor.store.memory import MemoryStore

COUNT = 60
FLEET = [f"service {n:03}" for n in range(COUNT)]


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


def plan_of(places: dict[str, Beheld], weather: Weather) -> Plan:
    pattern = Service("", "", Exposed(weather), "exposed", every=0.5, patience=Patience(down_after=1, up_after=1))
    shapes = {name: getattr(one.plugin, "published", None) for name, one in places.items()}
    published = {name: shape(1) for name, shape in shapes.items() if shape is not None}
    services = [replace(pattern, id=name.replace(" ", "-"), name=name, publish=published) for name in FLEET]
    told = tuple(Place(name, name, one.plugin) for name, one in places.items())
    return Plan(tuple(services), told, (Route(to=tuple(places), group_wait=1.0),), settle=0.0)


async def told_all(engine: Engine, words: set[str]) -> dict[str, list[str]]:
    """Which services each place has been told of in these words, once nothing is owed any more."""
    cursor = (await engine.snapshot())["cursor"]
    while True:
        picture = await engine.snapshot()
        if not any(one["owed"] for one in picture["places"]) and len(await _rows(engine, words)) == COUNT:
            return await _rows(engine, words)
        cursor = (await engine.changes(cursor, 5.0)).cursor


async def _rows(engine: Engine, words: set[str]) -> dict[str, list[str]]:
    found = await engine.history("incidents", all="1")
    return {
        one["service"]: sorted(row["destination"] for row in one["told"])
        for one in found
        if one["state"] in words and one["told"] and all(row["state"] == "told" for row in one["told"])
    }


async def test_every_place_hears_of_all_of_it_in_as_few_messages_as_it_can(
    outside: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    weather, names = Weather(), [name for name in PLACES if getattr(find(name), "banner", False) is not True]
    async with AsyncExitStack() as stack:
        places = {name: await stack.enter_async_context(PLACES[name](outside)) for name in names}
        for one in places.values():
            if hasattr(one.plugin, "pace"):
                monkeypatch.setattr(type(one.plugin), "pace", 0.0)
        engine = Engine(plan_of(places, weather), MemoryStore(), lambda timeout: Way(outside.net, timeout))
        running = asyncio.create_task(engine.run())
        await engine.looking.wait()
        weather.is_bad = True
        async with asyncio.timeout(60):
            opened = await told_all(engine, {"open"})
        weather.is_bad = False
        async with asyncio.timeout(60):
            over = await told_all(engine, {"resolved"})
        engine.stop()
        await running
        assert opened == over == {name.replace(" ", "-"): sorted(names) for name in FLEET}
        for name, one in places.items():
            many = not one.plugin.grouped or one.apart
            assert len(one.arrived()) <= (6 * COUNT if many else 20), name
            assert one.arrived(), name
