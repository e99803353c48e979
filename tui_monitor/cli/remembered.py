"""What the store remembers while no engine runs: the same questions, answered from the last commit."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tui_monitor import config
from tui_monitor.cli.paper import tell
from tui_monitor.cli.reach import absence, config_of
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import EngineUnreachable, StoreError
from tui_monitor.core.model import Belief, Observation, Reading
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Store
from tui_monitor.engine import Clock
from tui_monitor.engine.board import Board
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.feed import Feed
from tui_monitor.engine.runner import Runner
from tui_monitor.places import places_of
from tui_monitor.store import open_store

BACK = (3600.0, 86400.0, 30 * 86400.0)
"""How far back the last look is sought, in seconds: mostly it is near."""


class Remembered:
    """A board over a desk at which nobody works."""

    def __init__(self, board: Board, now: datetime, seen_at: datetime, timezone: str) -> None:
        self._board = board
        self._now = now
        self._seen_at = seen_at
        self.timezone = timezone

    async def snapshot(self) -> dict[str, Any]:
        return {**await self._board.snapshot(self._now), "source": "store", "at": moment(self._seen_at)}

    async def history(self, what: str, **options: str) -> Any:
        answer = await self._board.history(what, self._now, options)
        if what == "stats":
            del answer["engine"]
        return answer


@asynccontextmanager
async def remembered(asked: Namespace) -> AsyncIterator[Remembered]:
    """Open the store of this config. EngineUnreachable where no engine has ever run on it."""
    path = config_of(asked)
    plan = config.load(path)
    places = places_of(path)
    if not places.store.is_file():
        raise EngineUnreachable(absence(places, ", and none has run before"))
    now = datetime.now(UTC)
    store = await open_store(places.store, now=now, readonly=True)
    try:
        yield await _read(plan, store, now)
    finally:
        await store.close()


async def beliefs_of(plan: Plan, path: Path) -> Sequence[Belief]:
    """What was last believed, if any engine has run; a store that cannot be read is told, and nothing is known."""
    places = places_of(path)
    if not places.store.is_file():
        return ()
    try:
        store = await open_store(places.store, now=datetime.now(UTC), readonly=True)
    except StoreError as error:
        tell(f"what earlier looks left is not known: {error}")
        return ()
    try:
        return (await store.load([service.id for service in plan.services])).beliefs
    finally:
        await store.close()


async def _read(plan: Plan, store: Store, now: datetime) -> Remembered:
    checkpoint = await store.load([service.id for service in plan.services])
    timelines = {one.id: await store.timeline(one.id) for one in checkpoint.incidents}
    desk = Desk(plan, checkpoint, timelines, now)
    desk.last.update(await _last_looks(plan, desk, store, now))
    events = [event.at for event in checkpoint.events]
    seen_at = max([one.at for one in desk.last.values()] + events, default=now)
    feed = Feed("store")
    feed.publish((), checkpoint.events)
    board = Board(plan, desk, feed, store, Runner((), Clock(), lambda _: None))
    return Remembered(board, now, seen_at, plan.timezone)


async def _last_looks(plan: Plan, desk: Desk, store: Store, now: datetime) -> dict[str, Observation]:
    found: dict[str, Observation] = {}
    back = 0
    for service in plan.services:
        looks = await store.looks(service.id, now - timedelta(seconds=BACK[back]), now)
        while not looks and not found and back < len(BACK) - 1:
            back += 1
            looks = await store.looks(service.id, now - timedelta(seconds=BACK[back]), now)
        if looks:
            last, standing = looks[-1], desk.beliefs[service.id].incidents
            reading = Reading(last.status, standing[0].title if standing else "", latency=last.latency)
            found[service.id] = Observation(service.id, last.at, 0.0, reading)
    return found
