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
from tui_monitor.core.errors import ConfigError, DeliveryError, StoreError, Unreachable
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind, Reading, Service
from tui_monitor.core.plan import Guard, Place, Plan, Route
from tui_monitor.core.ports import LOUD, Batch, Command, Outcome, Receipt, Store
from tui_monitor.core.status import Status
from tui_monitor.core.window import Window
from tui_monitor.engine import Clock, Engine, Renewal

UP = Reading(Status.OPERATIONAL, "200")
DOWN = Reading(Status.MAJOR, "503, expected 200-204", "status:503")
SLOW = Reading(Status.DEGRADED, "1.8 s, over 1 s", "latency")
UNKNOWN = Reading(Status.UNKNOWN, "could not tell")


async def linger(seconds: float) -> None:
    """Take so long, of virtual time."""
    await asyncio.sleep(seconds)


@dataclass
class World:
    """What is out there: a reading per service, an error, or a wait before the answer."""

    readings: dict[str, Reading | Exception] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    is_cut: bool = False
    silent: set[str] = field(default_factory=set)
    answers_after: float = 0.0
    asked: int = 0
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
            if world.is_cut and self.name not in world.local:
                raise Unreachable("unreachable", "no route to host")
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
    public: bool = False
    tickets: bool = False
    banner: bool = False
    slow: float = 0.0
    refusing_late: DeliveryError | None = None

    async def deliver(self, message: Message, outside: Any) -> Receipt:
        self.tries += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.refusing is not None:
            raise self.refusing
        await asyncio.sleep(self.slow)
        if self.refusing_late is not None:
            raise self.refusing_late
        self.heard.append(Heard(asyncio.get_running_loop().time() - 1000.0, message))
        if self.stalls:
            await asyncio.Event().wait()
        return Receipt(message.ref or f"{self.name}-{len(self.heard)}", "https://ops.example/1")

    async def prove(self, outside: Any) -> str:
        return "here"

    @property
    def news(self) -> list[str]:
        return [f"{one.message.news} {item.service.id}" for one in self.heard for item in one.message.items]

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


@dataclass(frozen=True)
class Line:
    """The way to reference targets, which a story cuts."""

    world: World

    async def talk(self, call: Any, timeout: float) -> None:
        self.world.asked += 1
        await asyncio.sleep(self.world.answers_after)
        if self.world.is_cut or call.place.host in self.world.silent:
            await asyncio.sleep(timeout)
            raise Unreachable("timeout", "no answer")


@dataclass(frozen=True)
class Way:
    """A way out that leads nowhere: scripted checks need none. Others are told what time it is and what is known."""

    timeout: float
    stage: Stage
    memo: str = ""
    status_of: Callable[[str], Status] = field(default=lambda service: Status.UNKNOWN)

    @property
    def net(self) -> Line:
        return Line(self.stage.world)

    @property
    def now(self) -> datetime:
        return self.stage.at(self.stage.now)

    def knowing(self, memo: str, status_of: Callable[[str], Status]) -> Way:
        return replace(self, memo=memo, status_of=status_of)


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
        maintenance: tuple[Window, ...] = (),
        guard: Guard | None = None,
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
            maintenance=maintenance,
            guard=guard,
        )
        self.next: Plan | ConfigError = self.plan
        self.engine: Engine
        self._task: asyncio.Task[None]

    def _service(self, one: str | Service) -> Service:
        service = one if isinstance(one, Service) else Service(one, one.title(), every=10.0, retry_after=1.0)
        if service.check is not None:
            return service
        return replace(service, check=Scripted(service.id, self.world), kind="scripted")

    def of(self, *services: str | Service) -> tuple[Service, ...]:
        """Services for another plan, looked at in the same world."""
        return tuple(self._service(one) for one in services)

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
        renewal = Renewal(self._read_config, self._adopt)
        self.engine = Engine(self.plan, self.store, self._way, clock=clock, seed=7, renewal=renewal)  # type: ignore[arg-type]  # no more than these checks use
        self._task = self.loop.create_task(self.engine.run())
        await self.engine.looking.wait()

    def _way(self, timeout: float) -> Way:
        return Way(timeout, self)

    def _read_config(self) -> Plan:
        if isinstance(self.next, ConfigError):
            raise self.next
        return self.next

    def _adopt(self, plan: Plan) -> None:
        self.plan = plan

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

    def cut(self, *, line: bool = True) -> None:
        """The line is cut, or whole again: for looks, for reference targets and for every place outside."""
        self.world.is_cut = line
        for place in self.places:
            place.refusing = DeliveryError("no route to host", retry=True) if line else None

    async def do(self, name: str, target: str = "", text: str = "", by: str = "ann", **options: str) -> Outcome:
        return await self.engine.do(
            Command(name, target, text, by, {key.rstrip("_"): one for key, one in options.items()})
        )

    async def reload(self, plan: Plan | ConfigError | None = None, **changes: Any) -> Outcome:
        """The config as it is now, or as it stands with some changes, is read anew."""
        self.next = plan or replace(self.plan, **changes)
        return await self.do("reload")

    async def events(self, *kinds: str) -> list[str]:
        """What the board said, by the kinds of its events."""
        found = (await self.engine.snapshot())["events"]
        return [one["text"] for one in found if one["subject"] == "board" and one["kind"] in kinds]

    async def incidents(self, *, everything: bool = True) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.engine.history("incidents", all="1" if everything else "")
        return found

    async def service(self, name: str) -> dict[str, Any]:
        snapshot = await self.engine.snapshot()
        found: dict[str, Any] = next(one for one in snapshot["services"] if one["id"] == name)
        return found
