"""The engine as a program of its own: config, store, way out, engine and door put together, from start to signal."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from tui_monitor.config import unheard_of
from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.plan import Plan
from tui_monitor.core.text import spell_number
from tui_monitor.daemon.entrance import Entrance
from tui_monitor.daemon.journal import Journal, logging_to
from tui_monitor.daemon.lock import EngineLock
from tui_monitor.daemon.rereading import Rereading
from tui_monitor.daemon.systemd import Supervisor
from tui_monitor.daemon.ways import way_out
from tui_monitor.engine import Clock, Engine, Renewal
from tui_monitor.places import Places, places_of
from tui_monitor.store import open_store

log = logging.getLogger("tui_monitor.daemon")

T = TypeVar("T")
FAREWELL = 0.5
"""Seconds that the end waits for threads that are about to end by themselves."""

FIRST_LOOKS = 0.1
"""Seconds until the first looks are on their way: the wheel turns every fiftieth of a second."""

Statistics = Mapping[str, Any]
"""In the shape of `stats --json`; empty where the store cannot be read at the end."""


@dataclass(frozen=True, slots=True)
class LastWords:
    """What an engine leaves behind for whoever started it, and the zone in which its times are shown."""

    statistics: Statistics
    timezone: str


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms an engine runs for whoever starts it: when it ends, and by which clock it goes.

    `on_abort` is called at a second signal. SIGHUP has the config read anew, unless it is one of those that end it.
    """

    on_abort: Callable[[], None] = lambda: None
    ends_on: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGINT)
    clock: Clock | None = None
    on_looking: Callable[[Engine], None] = lambda engine: None
    """Called in the engine's loop once it looks, and may be asked."""
    is_on_screen: bool = True
    """Whether the log goes to stderr too."""


def run(config: Path, *, environ: Mapping[str, str] = os.environ, terms: Terms = Terms()) -> LastWords:
    """Run an engine on this config until a signal; returns its last words.

    Raises ConfigError, PlaceUnusable, Taken where an engine already runs, StoreError.
    """
    with ready(config, environ, terms) as daemon:
        statistics = turn(daemon.live())
    return LastWords(statistics, daemon.plan.timezone)


@contextmanager
def ready(config: Path, environ: Mapping[str, str], terms: Terms) -> Iterator[Daemon]:
    """An engine that is about to live: the config is read, the state is ours alone, and there is a log."""
    rereading = Rereading(config)
    plan = rereading.read()
    places = places_of(config, environ)
    places.make()
    with (
        EngineLock(places.lock),
        logging_to(
            places.log, level=plan.log_level, secrets=plan.secrets, is_on_screen=terms.is_on_screen
        ) as journal,
    ):
        yield Daemon(plan, places, config.absolute().parent, rereading, journal, terms)


def turn(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end on the fastest loop there is, and wait for no thread that hangs in a name server."""
    loop = _new_loop()
    try:
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=1))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    with suppress(ImportError):
        made: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
        return made
    return asyncio.new_event_loop()


class Daemon:
    """One life of an engine."""

    def __init__(
        self,
        plan: Plan,
        places: Places,
        home: Path,
        rereading: Rereading,
        journal: Journal,
        terms: Terms,
    ) -> None:
        self.plan = plan
        self._places = places
        self._home = home
        self._rereading = rereading
        self._journal = journal
        self._terms = terms
        self._supervisor = Supervisor()
        self._is_stopping = False

    async def live(self) -> Statistics:
        async with AsyncExitStack() as last:
            store = await open_store(
                self._places.store,
                keep_looks=self.plan.keep_looks,
                keep_history=self.plan.keep_history,
                size_limit=self.plan.size_limit,
                now=datetime.now(UTC),
            )
            last.push_async_callback(store.close)
            if store.notice:
                log.error("%s", store.notice)
            self._rereading.adopted.append(self._adopt)
            renewal = Renewal(self._rereading.read, self._rereading.adopt)
            way = await last.enter_async_context(way_out(self.plan, self._home))
            engine = Engine(self.plan, store, way, renewal=renewal, clock=self._terms.clock)
            self._listen_for_signals(engine)
            begun = asyncio.get_running_loop().time()
            await self._watch(engine)
            return await _statistics(engine, asyncio.get_running_loop().time() - begun)

    async def _watch(self, engine: Engine) -> None:
        """From the first looks to the orderly end; the door is open while the engine lives."""
        living = asyncio.create_task(engine.run(), name="engine")
        looking = asyncio.create_task(engine.looking.wait(), name="looking")
        await asyncio.wait({living, looking}, return_when=asyncio.FIRST_COMPLETED)
        if engine.looking.is_set():
            self._terms.on_looking(engine)
        looking.cancel()
        await asyncio.wait({living}, timeout=FIRST_LOOKS)  # importing the door must not stand in their way
        async with AsyncExitStack() as last:
            if not living.done():
                await self._settle_in(engine, last)
            await _outlive(living)
        log.info("stopped")

    async def _settle_in(self, engine: Engine, last: AsyncExitStack) -> None:
        watching = f"watching {spell_number(len(self.plan.services), 'service')}"
        log.info("%s of %s", watching, self.plan.source)
        if quiet := unheard_of(self.plan):
            log.warning("%s", "; ".join(quiet))
        entrance = Entrance(engine, self._places.socket, self.plan.timezone)
        self._rereading.adopted.append(lambda plan: entrance.show_times_in(plan.timezone))
        last.push_async_callback(entrance.close)
        await entrance.open()
        if self.plan.places:  # before the first message needs it: importing it would hold up the loop
            await asyncio.to_thread(importlib.import_module, "tui_monitor.net.client")
        last.push_async_callback(_end, asyncio.create_task(entrance.keep_open(), name="entrance"))
        last.push_async_callback(_end, asyncio.create_task(self._rereading.go_on(engine), name="rereading"))
        beating = asyncio.create_task(self._beat(engine), name="watchdog")
        last.callback(beating.cancel)
        gc.freeze()  # what is here now stays: no collection need look at it again
        self._supervisor.ready(watching)

    async def _beat(self, engine: Engine) -> None:
        """Signs of life to systemd, for as long as there is life in the engine itself."""
        every = self._supervisor.watch_every
        while every is not None:
            if engine.is_alive():
                self._supervisor.alive()
            await asyncio.sleep(every)

    def _adopt(self, plan: Plan) -> None:
        """Another config is in force: what of it is ours."""
        self.plan = plan
        self._journal.renew(plan.log_level, plan.secrets)

    # -- signals ------------------------------------------------------------------------------------------------

    def _listen_for_signals(self, engine: Engine) -> None:
        """Beside a board in the same process, signals are the board's, and reach no thread but the first."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._rereading.ask)
        for number in self._terms.ends_on:
            loop.add_signal_handler(number, self._stop, engine, number)

    def _stop(self, engine: Engine, number: signal.Signals) -> None:
        if self._is_stopping:
            self._terms.on_abort()
            os._exit(130)
        self._is_stopping = True
        log.info("stopping on %s; once more ends it at once", number.name)
        self._supervisor.stopping()
        engine.stop()


async def _statistics(engine: Engine, lived: float) -> Statistics:
    """Of this life. An orderly end stays one where they cannot be read."""
    try:
        found: Statistics = await engine.history("stats", since=f"{max(lived, 1.0):.0f}s")
    except TuiMonitorError as error:
        log.error("the statistics cannot be read: %s", error)
        return {}
    return found


async def _end(task: asyncio.Task[None]) -> None:
    """Cancelled and over: what it was about to open is not left behind it. A fault of it is in the log."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled() and task.exception() is not None:
        log.error("%s could not go on", task.get_name(), exc_info=task.exception())


async def _outlive(living: asyncio.Task[None]) -> None:
    """To its orderly end; a fault of ours goes into the log with its trace, where the person sees one sentence."""
    try:
        await living
    except TuiMonitorError:
        raise
    except BaseException:
        log.critical("the engine broke", exc_info=True)
        raise


def leave(code: int) -> None:
    """End the process although a thread may hang in a blocking call that nothing can end."""
    sys.stdout.flush()
    sys.stderr.flush()
    here = threading.main_thread()
    others = [thread for thread in threading.enumerate() if thread is not here and not thread.daemon]
    for thread in others:
        thread.join(FAREWELL / len(others))
    if any(thread.is_alive() for thread in others):
        os._exit(code)
