"""The fleet at work: opens the servers and the fake destinations, and carries the script out, lap after lap."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tui_monitor.fakes.demo import audience
from tui_monitor.fakes.demo.certificate import Authority, Key, write_pair
from tui_monitor.fakes.demo.colleague import ACTS as HERS
from tui_monitor.fakes.demo.colleague import Colleague
from tui_monitor.fakes.demo.config import ABSENT, config_of
from tui_monitor.fakes.demo.folder import sweep
from tui_monitor.fakes.demo.script import LAP, Cue, programme
from tui_monitor.fakes.demo.servers import HOST, Line, Program, Server
from tui_monitor.fakes.demo.town import DISK, HOUSES, PROGRAM
from tui_monitor.places import Places, places_of

if TYPE_CHECKING:
    from tui_monitor.core.ports import Control

log = logging.getLogger("tui_monitor.demo")

LINES = ("here", "there")
DAYS = 90.0
"""How long the certificate of the fleet is good for while all is well."""
PING_EVERY = 6.0
"""Seconds between two signs of life of the job."""


class Fleet:
    """Everything that the demo watches and tells, and what moves it. Lives in one loop."""

    def __init__(self, folder: Path, seed: str, speed: float) -> None:
        self._folder = folder
        self._seed = seed
        self._speed = speed
        self._dice = random.Random(seed)  # noqa: S311 - how long an answer takes, which guards nothing
        self._servers = {name: Server(house.talk, house.moods, speed, self._dice) for name, house in HOUSES.items()}
        self._moving: dict[str, Server | Program] = {**self._servers, "disk": Program(folder / "disk.txt", DISK)}
        self._tokens = audience.tokens()
        self._audience = audience.audience(self._tokens)
        self._lines = {name: Line() for name in LINES}
        self._life = AsyncExitStack()
        self._is_at_work = asyncio.Event()
        self._is_at_work.set()
        self._acts: set[asyncio.Task[None]] = set()
        self._shift = 0.0

    @property
    def config(self) -> Path:
        return self._folder / "demo.yaml"

    @property
    def _places(self) -> Places:
        return places_of(self.config, {"TUI_MONITOR_HOME": str(self._folder)})

    @property
    def size(self) -> int:
        """How many services are watched."""
        return self._text("plain").count("\n  - name: ")

    def wall(self) -> float:
        """The time of day, as far as anybody in the demo can tell."""
        return time.time() + self._shift

    # -- life -------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Every port listens, and the config is written, when it returns."""
        self._issue()
        for server in self._servers.values():
            await server.open()
            self._life.push_async_callback(server.close)
        for place in self._audience.values():
            await self._life.enter_async_context(place)
        for line in self._lines.values():
            await line.open()
            self._life.push_async_callback(line.close)
        (self._folder / "disk.sh").write_text(PROGRAM, encoding="ascii")
        await self._moving["disk"].turn("well")
        self._planned = self._plan_work()
        self._write("plain")

    def _plan_work(self) -> dict[str, str]:
        """The work of the first lap is planned in the config; that of the others by the colleague."""
        cue = next(cue for cue in programme(self._seed) if cue.act == "plan")
        since = datetime.now(UTC) + timedelta(seconds=cue.at / self._speed)
        until = since + timedelta(seconds=float(cue.what.removesuffix("s")) / self._speed)
        return {"worked-on": cue.whom, "from": since.isoformat(), "until": until.isoformat(), "work": cue.said[0]}

    def start(self) -> None:
        """From now on the script goes on."""
        self._keep(asyncio.create_task(self._play(), name="play"))

    async def close(self) -> None:
        tasks = list(self._acts)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._life.aclose()

    def _issue(self) -> None:
        self._authority, self._key = Authority.make(datetime.now(UTC)), Key.make()
        (self._folder / "ca.pem").write_text(self._authority.pem(), encoding="ascii")
        for name, house in HOUSES.items():
            if house.is_secret:
                self._servers[name].tls = self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._renew(DAYS)

    def _renew(self, days: float) -> None:
        pair = self._folder / "shop.pem"
        write_pair(pair, self._authority, self._key, days)
        self._tls.load_cert_chain(pair)

    def _text(self, edit: str) -> str:
        listening: dict[str, Server | Line] = {**self._servers, **self._lines}
        ports = {name: str(one.port) for name, one in listening.items()}
        told = audience.fields(self._audience, self._tokens)
        fields = {"host": HOST, "folder": json.dumps(str(self._folder)), **ports, **told, **self._planned}
        return config_of(edit, fields, self._speed)

    def _write(self, edit: str) -> None:
        fresh = self.config.with_suffix(".new")
        fresh.write_text(self._text(edit), encoding="utf-8")
        fresh.replace(self.config)

    # -- the script -------------------------------------------------------------------------------------------------

    async def _play(self) -> None:
        begun = asyncio.get_running_loop().time()
        await asyncio.to_thread(sweep)
        self._colleague = Colleague(self._door(), self._speed)
        self._keep(asyncio.create_task(self._back_up(), name="back up"))
        lap = 0
        while True:
            for cue in programme(self._seed, lap):
                due = begun + (lap * LAP + cue.at) / self._speed
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
                if cue.whom not in ABSENT and (lap or cue.act != "plan"):
                    self._keep(asyncio.create_task(self.perform(cue), name=f"{cue.act} {cue.whom}"))
            lap += 1

    def _keep(self, task: asyncio.Task[None]) -> None:
        """Acts overlap: the colleague waits for an incident while the next server fails already."""
        self._acts.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._acts.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the demo could not %s", task.get_name(), exc_info=error)

    def _door(self) -> Control:
        from tui_monitor.control.client import Client

        return Client(self._places.socket)

    async def perform(self, cue: Cue) -> None:
        if cue.act in HERS:
            await self._colleague.act(cue)
        else:
            await ACTS[cue.act](self, cue)

    async def _turn(self, cue: Cue) -> None:
        await self._moving[cue.whom].turn(cue.what)

    async def _refuse(self, cue: Cue) -> None:
        """A destination answers the next few with a status, and says how long to wait."""
        status, times, after = cue.what.split()
        self._audience[cue.whom].answer(int(status), times=int(times), Retry_After=after)

    async def _new_certificate(self, cue: Cue) -> None:
        self._renew(float(cue.what))

    async def _edit(self, cue: Cue) -> None:
        self._write(cue.what)

    async def _set_clock(self, cue: Cue) -> None:
        self._shift += float(cue.what)

    async def _cut(self, cue: Cue) -> None:
        for server in self._servers.values():
            server.is_cut = True
        for line in self._lines.values():
            await line.cut()

    async def _mend(self, cue: Cue) -> None:
        for server in self._servers.values():
            server.is_cut = False
        for line in self._lines.values():
            await line.open()

    async def _hold(self, cue: Cue) -> None:
        """Another program has the store for a while, so that nothing can be written down."""
        from tui_monitor.store.holding import hold

        with hold(self._places.store):
            await asyncio.sleep(float(cue.what) / self._speed)

    async def _back_up(self) -> None:
        """The job that gives a sign of life whenever it has run, as its crontab would let it."""
        job = Colleague(self._door(), self._speed, name="backup (demo)")
        while True:
            await self._is_at_work.wait()
            await job.act(Cue(0, "ping", "backup", said=("done",)))
            await asyncio.sleep(PING_EVERY / self._speed)

    async def _rest(self, cue: Cue) -> None:
        self._is_at_work.clear()

    async def _work(self, cue: Cue) -> None:
        self._is_at_work.set()

    async def _wait(self, cue: Cue) -> None:
        """What the cue shows comes by itself."""


ACTS: dict[str, Callable[[Fleet, Cue], Awaitable[None]]] = {
    "turn": Fleet._turn,
    "refuse": Fleet._refuse,
    "renew": Fleet._new_certificate,
    "edit": Fleet._edit,
    "set": Fleet._set_clock,
    "cut": Fleet._cut,
    "mend": Fleet._mend,
    "hold": Fleet._hold,
    "rest": Fleet._rest,
    "work": Fleet._work,
    "wait": Fleet._wait,
}
