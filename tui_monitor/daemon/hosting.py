"""Engines for a board: one of this process, in a thread and a loop of its own, or the way to one that runs already.

A board that is stalled by its terminal holds up no look, and an engine that breaks leaves the board to say so.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from tui_monitor import __version__
from tui_monitor.control.client import Client
from tui_monitor.core.errors import EngineUnreachable, Rejected, TuiMonitorError
from tui_monitor.core.ports import Control
from tui_monitor.daemon import Daemon, Terms, ready, turn
from tui_monitor.daemon.journal import logging_to
from tui_monitor.daemon.lock import Taken, running_on
from tui_monitor.engine import Clock, Engine
from tui_monitor.places import Places, PlaceUnusable, places_of

T = TypeVar("T")

STARTING = 10.0
"""Seconds that an engine elsewhere has to open its door: it may have begun just now."""

ANSWERING = 12.0
"""Seconds that it has to answer a question; the way to one elsewhere gives up sooner by itself."""

BETWEEN = 0.1
"""Seconds between two knocks at it."""

OTHER = "the engine that runs here is tui-monitor {}, and this board is {}: start that engine anew with this release"
CLOSING = 5.0
"""Seconds that the end waits for an engine; a healthy one takes less than two."""


class Hosted:
    """An engine of this process, from `start` to `close`."""

    place = "this process"
    place_now = None

    def __init__(self, config: Path, environ: Mapping[str, str], clock: Clock | None = None) -> None:
        self._config = config
        self._environ = environ
        self._clock = clock
        self._looking: Future[Engine] = Future()
        self._life: Future[None] = Future()
        self._begun: Future[asyncio.AbstractEventLoop] = Future()
        self._main: asyncio.Task[Any] | None = None
        self._broken: BaseException | None = None
        self._is_closing = False
        self.log = places_of(config, environ).log

    @property
    def control(self) -> Control:
        return self._looking.result(0)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._begun.result(0)

    def start(self) -> None:
        """Returns when it looks. Raises what kept it from that, as `daemon.run` does."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._life = pool.submit(self._live)
        pool.shutdown(wait=False)
        either: tuple[Future[Any], ...] = (self._looking, self._life)
        wait(either, return_when=FIRST_COMPLETED)
        if self._looking.done():
            return
        error = self._life.exception()
        if isinstance(error, TuiMonitorError):
            raise error
        raise Rejected("the engine was stopped before it began" if error is None else self._told(error))

    def close(self) -> None:
        """In good order: looks are called off, and what was decided is written down."""
        self._is_closing = True
        if self._begun.done():
            with suppress(RuntimeError):  # it has ended by itself
                self._begun.result().call_soon_threadsafe(self._stop)
            wait((self._life,), CLOSING)

    def fault(self) -> str:
        """Why it is dead; empty while it lives, where it was meant to end, and where it never began."""
        if not self._looking.done():
            return ""
        if self._broken is not None:
            return self._told(self._broken)
        if not self._life.done() or self._is_closing:
            return ""
        error = self._life.exception()
        return "the engine of this process has ended" if error is None else self._told(error)

    def _told(self, error: BaseException) -> str:
        said = str(error) if isinstance(error, TuiMonitorError) else type(error).__name__
        return f"the engine of this process broke ({said}); {self.log} says where"

    def _live(self) -> None:
        terms = Terms(ends_on=(), clock=self._clock, on_looking=self._looking.set_result, is_on_screen=False)
        with ready(self._config, self._environ, terms) as daemon:
            turn(self._be(daemon))

    async def _be(self, daemon: Daemon) -> None:
        self._main = asyncio.current_task()
        self._begun.set_result(asyncio.get_running_loop())
        if self._is_closing:
            return
        try:
            await daemon.live()
        except Exception as error:
            self._broken = error  # known before whoever waits for an answer is sent away
            raise

    def _stop(self) -> None:
        """An engine that has not begun has nothing to put in order."""
        if self._looking.done():
            self._looking.result().stop()
        elif self._main is not None:
            self._main.cancel()


class Attached:
    """The way to an engine of another process, from `start` to `close`. The engine goes on after it."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._last = ExitStack()
        self._begun: Future[asyncio.AbstractEventLoop] = Future()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._live, name="client", daemon=True)
        self.control = Client(places.socket)
        self.place = "elsewhere"
        self.log = places.logs / "board.log"

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._begun.result()

    def start(self) -> None:
        """Raises EngineUnreachable where nobody answers."""
        self._thread.start()
        try:
            said = answer_of(self, self.control.health())
        except EngineUnreachable:
            self.close()
            raise
        if not said:
            raise EngineUnreachable("what answers is no engine")
        if said.get("version") != __version__:  # its pictures may be others than ours
            self.close()
            raise Rejected(OTHER.format(said.get("version"), __version__))
        self.place = self.place_now()
        with suppress(PlaceUnusable):  # a board that cannot say where it broke shows the services all the same
            self._last.enter_context(logging_to(self.log, level="warning", is_on_screen=False))

    def place_now(self) -> str:
        """Another engine may have taken the place of the one that ended."""
        process = running_on(self._places.lock)
        return f"process {process}" if process else "elsewhere"

    def close(self) -> None:
        if self._thread.is_alive():
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._end.set)
            self._thread.join(CLOSING)
        self._last.close()

    def fault(self) -> str:
        return ""

    def _live(self) -> None:
        turn(self._be())

    async def _be(self) -> None:
        self._begun.set_result(asyncio.get_running_loop())
        await self._end.wait()


def answer_of(engine: Hosted | Attached, question: Coroutine[Any, Any, T]) -> T:
    """What it answers, asked from another thread. Raises what the question does, and EngineUnreachable."""
    try:
        return asyncio.run_coroutine_threadsafe(question, engine.loop).result(ANSWERING)
    except TimeoutError:
        raise EngineUnreachable("the engine does not answer in time") from None
    except (CancelledError, RuntimeError):  # its loop has ended in the meantime
        question.close()
        raise EngineUnreachable(engine.fault() or "the engine has ended") from None


class Engines:
    """All that a board has opened; it is closed with the board, whatever becomes of that."""

    def __init__(self) -> None:
        self._opened: list[Hosted | Attached] = []
        self._beneath = ExitStack()
        self._is_closing = threading.Event()
        self._openings = 0
        self._change = threading.Condition()

    @contextmanager
    def opening(self) -> Iterator[None]:
        """What is opened in here is not forgotten by an end that comes in the middle of it."""
        with self._change:
            if self._is_closing.is_set():
                raise Rejected(_TOO_LATE)
            self._openings += 1
        try:
            yield
        finally:
            with self._change:
                self._openings -= 1
                self._change.notify_all()

    def stand_on(self, ground: AbstractContextManager[T]) -> T:
        """What an engine needs beneath it: it ends after all of them."""
        return self._beneath.enter_context(ground)

    def open(self, config: Path, environ: Mapping[str, str], clock: Clock | None = None) -> Hosted | Attached:
        """The engine that runs on this state, else one of our own. Raises what `daemon.run` does, and
        EngineUnreachable where one holds the state and does not answer.
        """
        places = places_of(config, environ)
        until = monotonic() + STARTING
        with self.opening():
            while not self._is_closing.is_set():
                if running_on(places.lock) is None:
                    with suppress(Taken):  # another was quicker
                        return self._begin(Hosted(config, environ, clock))
                try:
                    return self._begin(Attached(places))
                except EngineUnreachable:
                    if monotonic() > until:
                        raise EngineUnreachable(_shut(places)) from None
                self._is_closing.wait(BETWEEN)
            raise Rejected(_TOO_LATE)

    def _begin(self, engine: Hosted | Attached) -> Hosted | Attached:
        self._opened.append(engine)
        engine.start()
        return engine

    def close(self) -> None:
        """From any thread, and as often as one likes."""
        self._is_closing.set()
        self._close_all()
        with self._change:
            self._change.wait_for(lambda: self._openings == 0, CLOSING)
        self._close_all()  # what was about to begin has begun meanwhile
        self._beneath.close()

    def _close_all(self) -> None:
        for engine in list(self._opened):
            engine.close()

    def fault(self) -> str:
        """Why an engine of this process died that should not have."""
        return next((said for engine in self._opened if (said := engine.fault())), "")

    @property
    def log(self) -> Path | None:
        """Where the last of them writes."""
        return self._opened[-1].log if self._opened else None


_TOO_LATE = "the board is about to close"


def _shut(places: Places) -> str:
    process = running_on(places.lock)
    who = f" (process {process})" if process else ""
    return f"an engine runs on this state{who}, but its door is shut"
