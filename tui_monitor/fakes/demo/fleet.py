"""The fleet at work: opens the servers and the fake destinations, and carries the script out, lap after lap."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui_monitor.fakes.demo.certificate import Authority, Key, write_pair
from tui_monitor.fakes.demo.colleague import ACTS as HERS
from tui_monitor.fakes.demo.colleague import Colleague
from tui_monitor.fakes.demo.config import config_of
from tui_monitor.fakes.demo.folder import sweep
from tui_monitor.fakes.demo.script import LAP, Cue, programme
from tui_monitor.fakes.demo.servers import HOST, Server
from tui_monitor.fakes.demo.town import HOUSES
from tui_monitor.fakes.webhook import Answer, Webhook
from tui_monitor.places import places_of

if TYPE_CHECKING:
    from tui_monitor.core.ports import Control

log = logging.getLogger("tui_monitor.demo")

HOOKS = ("chat", "oncall", "tickets")
DAYS = 90.0
"""How long the certificate of the fleet is good for while all is well."""


class Fleet:
    """Everything that the demo watches and tells, and what moves it. Lives in one loop."""

    def __init__(self, folder: Path, seed: str, speed: float) -> None:
        self._folder = folder
        self._seed = seed
        self._speed = speed
        self._dice = random.Random(seed)  # noqa: S311 - how long an answer takes, which guards nothing
        self._servers = {name: Server(house.talk, house.moods, speed, self._dice) for name, house in HOUSES.items()}
        self._hooks = {name: Webhook() for name in HOOKS}
        self._life = AsyncExitStack()
        self._acts: set[asyncio.Task[None]] = set()
        self.shift = 0.0
        """Seconds by which the clock of this machine is set wrongly, for all that the engine can tell."""

    @property
    def config(self) -> Path:
        return self._folder / "demo.yaml"

    @property
    def size(self) -> int:
        """How many services are watched."""
        return self._text("plain").count("\n  - name: ")

    # -- life -------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Every port listens, and the config is written, when it returns."""
        self._issue()
        for server in self._servers.values():
            await server.open()
            self._life.push_async_callback(server.close)
        for hook in self._hooks.values():
            await self._life.enter_async_context(hook)
        self._hooks["tickets"].usual = Answer(403, body=b'{"error": "this project takes no more tickets"}')
        self._write("plain")

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
        ports = {name: str(server.port) for name, server in self._servers.items()}
        hooks = {name: str(hook.port) for name, hook in self._hooks.items()}
        return config_of(edit, {"host": HOST, **ports, **hooks}, self._speed)

    def _write(self, edit: str) -> None:
        fresh = self.config.with_suffix(".new")
        fresh.write_text(self._text(edit), encoding="utf-8")
        fresh.replace(self.config)

    # -- the script -------------------------------------------------------------------------------------------------

    async def _play(self) -> None:
        begun = asyncio.get_running_loop().time()
        for folder in await asyncio.to_thread(sweep):
            log.info("removed %s, which a demo left that was killed", folder)
        self._colleague = Colleague(self._door(), self._speed)
        lap = 0
        while True:
            for cue in programme(self._seed, lap):
                due = begun + (lap * LAP + cue.at) / self._speed
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
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

        return Client(places_of(self.config, {"TUI_MONITOR_HOME": str(self._folder)}).socket)

    async def perform(self, cue: Cue) -> None:
        if cue.act in HERS:
            await self._colleague.act(cue)
        else:
            await ACTS[cue.act](self, cue)

    async def _turn(self, cue: Cue) -> None:
        await self._servers[cue.whom].turn(cue.what)

    async def _refuse(self, cue: Cue) -> None:
        """A destination answers the next few with a status, and says how long to wait."""
        status, times, after = cue.what.split()
        self._hooks[cue.whom].answer(int(status), times=int(times), Retry_After=after)

    async def _new_certificate(self, cue: Cue) -> None:
        self._renew(float(cue.what))

    async def _edit(self, cue: Cue) -> None:
        self._write(cue.what)

    async def _set_clock(self, cue: Cue) -> None:
        self.shift += float(cue.what)

    async def _cut(self, cue: Cue) -> None:
        for name in ("line-a", "line-b"):
            await self._servers[name].turn("gone")

    async def _mend(self, cue: Cue) -> None:
        for name in ("line-a", "line-b"):
            await self._servers[name].turn("well")

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
    "wait": Fleet._wait,
}
