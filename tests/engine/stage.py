"""A small world for timelines: services whose state a story sets, places that remember what they heard, a store that
can be pulled away, and the engine in the middle, all on virtual time and all through the front door.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from tests.engine.virtual import EPOCH, VirtualLoop, run
from tui_monitor.core.errors import DeliveryError, StoreError, Unreachable
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind, Reading, Service
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.ports import LOUD, Batch, Command, Outcome, Receipt, Store
from tui_monitor.core.status import Status
from tui_monitor.engine import Clock, Engine

UP = Reading(Status.OPERATIONAL, "200")
DOWN = Reading(Status.MAJOR, "503, expected 200-204", "status:503")
SLOW = Reading(Status.DEGRADED, "1.8 s, over 1 s", "latency")
UNKNOWN = Reading(Status.UNKNOWN, "could not tell")


@dataclass
class World:
    """What is out there: a reading per service, an error, or a wait before the answer."""

    readings: dict[str, Reading | Exception] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)
    looked: list[tuple[float, str]] = field(default_factory=list)
    busy: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scripted:
    """A check that sees what the story says."""

    vendor: ClassVar[bool] = False
    name: str
    world: World

    async def look(self, outside: Any) -> Reading:
        world = self.world
        world.looked.append((asyncio.get_running_loop().time() - 1000.0, self.name))
        world.busy[self.name] = world.busy.get(self.name, 0) + 1
        try:
            if world.busy[self.name] > 1:
                raise AssertionError(f"two looks at {self.name} at once")
            if self.name in world.waits:
                await asyncio.sleep(world.waits[self.name])
            found = world.readings.get(self.name, UP)
            if isinstance(found, Exception):
                raise found
            return found
        finally:
            world.busy[self.name] -= 1

    def judge(self, sight: Reading) -> Reading:
        return sight


@dataclass(frozen=True)
class Heard:
    """One message as it arrived."""

    at: float
    message: Message

    def __str__(self) -> str:
        return f"{self.at:.0f} {self.message.news}: {self.message.title}"


@dataclass
class Recorder:
    """A place that remembers what it heard and refuses when the story says so."""

    hears: ClassVar[frozenset[Kind]] = LOUD
    name: str = "ops"
    grouped: bool = True
    refusing: DeliveryError | None = None
    hangs: bool = False
    stalls: bool = False
    heard: list[Heard] = field(default_factory=list)
    tries: int = 0

    async def deliver(self, message: Message, outside: Any) -> Receipt:
        self.tries += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.refusing is not None:
            raise self.refusing
        self.heard.append(Heard(asyncio.get_running_loop().time() - 1000.0, message))
        if self.stalls:
            await asyncio.Event().wait()
        return Receipt(message.ref or f"{self.name}-{len(self.heard)}", "https://ops.example/1")

    async def prove(self, outside: Any) -> str:
        return "here"

    @property
    def lines(self) -> list[str]:
        return [f"{one.message.news}: {one.message.title}" for one in self.heard]


@dataclass
class AskableRecorder(Recorder):
    """One that can be asked what it already has."""

    async def find(self, message: Message, outside: Any) -> Receipt | None:
        has = any(one.message.key == message.key for one in self.heard)
        return Receipt(f"{self.name}-found") if has else None


class FailingStore:
    """A store whose disk a story can fill, or hold up until an event."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.full = False
        self.held: asyncio.Event | None = None
        self.holds_all = False
        self.notice = ""
        self.drops = ""

    async def tidy(self, now: datetime) -> None:
        await self._store.tidy(now)
        self.notice = self.drops or self.notice

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, batch: Batch) -> None:
        if self.held is not None and (batch.incidents or self.holds_all):
            await self.held.wait()
        if self.full:
            raise StoreError("the disk is full")
        await self._store.commit(batch)


@dataclass
class Way:
    """A way out that leads nowhere: scripted checks need none."""

    timeout: float


class Stage:
    """One engine after another on the same store and the same world."""

    make_store: ClassVar[Callable[[], Coroutine[Any, Any, Store]]]
    store: FailingStore

    def __init__(
        self,
        *services: str | Service,
        routes: tuple[Route, ...] = (Route(to=("ops",), group_wait=5.0),),
        places: tuple[Recorder, ...] = (),
        settle: float = 0.0,
        ambiguous: str = "resend",
        give_up_after: float = 86_400.0,
    ) -> None:
        self.world = World()
        self.ops = places[0] if places else Recorder()
        self.places = places or (self.ops,)
        self.loop = VirtualLoop()
        self.plan = Plan(
            services=tuple(self._service(one) for one in services),
            places=tuple(
                Place(one.name, "recorder", one, ambiguous=ambiguous, give_up_after=give_up_after)  # type: ignore[arg-type]  # a recorder's `grouped` is a plain field
                for one in self.places
            ),
            routes=routes,
            settle=settle,
        )
        self.engine: Engine
        self._task: asyncio.Task[None]

    def _service(self, one: str | Service) -> Service:
        service = one if isinstance(one, Service) else Service(one, one.title(), every=10.0, retry_after=1.0)
        return replace(service, check=Scripted(service.id, self.world), kind="scripted")

    def play(self, story: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
        """Starts an engine, plays the story, stops the engine."""

        async def whole() -> None:
            self.store = FailingStore(await self.make_store())
            await self.start()
            try:
                await story(self)
            finally:
                await self.stop()
                await self.store.close()

        run(whole(), self.loop)

    async def start(self) -> None:
        self._bystanders = asyncio.all_tasks()
        clock = Clock(wall=self.loop.wall, monotonic=self.loop.time)
        self.engine = Engine(self.plan, self.store, Way, clock=clock, seed=7)  # type: ignore[arg-type]  # scripted checks never use it
        self._task = self.loop.create_task(self.engine.run())
        await self.engine.looking.wait()

    async def stop(self) -> None:
        self.engine.stop()
        if not self._task.done():
            await self._task

    async def kill(self) -> None:
        """The engine is gone between two instructions: nothing of it is finished or written down."""
        tasks = asyncio.all_tasks() - self._bystanders
        self.store.full = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.store.full = False

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @property
    def now(self) -> float:
        return self.loop.time() - 1000.0

    def at(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(EPOCH.timestamp() + seconds, EPOCH.tzinfo)

    def becomes(self, name: str, reading: Reading | Exception) -> None:
        self.world.readings[name] = reading

    def unreachable(self, name: str) -> None:
        self.world.readings[name] = Unreachable("refused", "connection refused")

    async def do(self, name: str, target: str = "", text: str = "", by: str = "ann") -> Outcome:
        return await self.engine.do(Command(name, target, text, by))

    async def incidents(self, *, everything: bool = True) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.engine.history("incidents", all="1" if everything else "")
        return found

    async def service(self, name: str) -> dict[str, Any]:
        snapshot = await self.engine.snapshot()
        found: dict[str, Any] = next(one for one in snapshot["services"] if one["id"] == name)
        return found
