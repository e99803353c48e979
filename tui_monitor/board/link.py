"""The way to an engine: it follows the changes on the engine's own loop, and lays them down for the screen to take.

Neither side ever waits for the other. This is where text comes in, so this is where it is made harmless.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tui_monitor.board.cells import harmless, one_line
from tui_monitor.board.face import Connection
from tui_monitor.core.errors import CursorExpired, TuiMonitorError
from tui_monitor.core.ports import Changes, Control

log = logging.getLogger(__name__)

WAIT = 2.0
"""Seconds without a change after which the engine says at least that it is alive."""
GATHER = 0.1
"""Seconds in which changes come together, so that many of one service are one."""
PAUSE = 1.0
"""Seconds between two tries to reach an engine that is gone."""

PATIENCE = 300.0
"""Seconds after which a question is given up; the way to an engine elsewhere gives up sooner by itself."""

ENDED = "the engine has ended"
SILENT = "the engine does not answer in time"


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole board anew."""

    snapshot: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lost:
    """The engine does not answer."""

    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question, for whoever asked it: a result, or one sentence of why not."""

    then: Callable[[Any, str], None]
    result: Any = None
    refusal: str = ""

    def give(self) -> None:
        self.then(self.result, self.refusal)


News = Picture | Changes | Lost | Answer
Question = Callable[[Control], Awaitable[Any]]


class Link:
    """One connection, followed from `start` to `stop`. `take` is for the thread of the screen, the rest is not."""

    def __init__(self, connection: Connection, gather: float = GATHER) -> None:
        self.connection = connection
        self._gather = gather
        self._news: deque[News] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unmet: dict[int, Callable[[str], None]] = {}
        """What is to be said of work that ends without having said anything itself."""
        self._numbers = itertools.count()
        self._is_stopped = False

    def start(self) -> None:
        self._begin(self._follow(), self._lose)

    def ask(self, question: Question, then: Callable[[Any, str], None]) -> None:
        """Returns at once; `then(result, refusal)` is called by the screen when the answer is there."""
        if self._is_stopped:
            self._news.append(Answer(then, None, "the board is about to close"))
        else:
            self._begin(self._answer(question, then), lambda why: self._news.append(Answer(then, None, why)))

    def take(self) -> list[News]:
        """What has come since the last time, in its order. Whoever waits for an engine that is gone hears of it."""
        if self.connection.loop.is_closed():
            for number in list(self._unmet):
                self._give_up(number, self._why(ENDED))
        taken = []
        with suppress(IndexError):
            while True:
                taken.append(self._news.popleft())
        return taken

    def stop(self) -> None:
        """Follows no longer; what was asked is answered no more."""
        self._is_stopped = True
        with suppress(RuntimeError):  # its loop may be gone before it
            self.connection.loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _begin(self, work: Coroutine[Any, Any, None], unmet: Callable[[str], None]) -> None:
        """On the other loop. Where that is closed already, or is before its turn comes, `take` says so."""
        number = next(self._numbers)
        self._unmet[number] = unmet
        try:
            self.connection.loop.call_soon_threadsafe(self._run, work, number)
        except RuntimeError:
            work.close()

    def _run(self, work: Coroutine[Any, Any, None], number: int) -> None:
        task = self.connection.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(task, number))

    def _ended(self, task: asyncio.Task[None], number: int) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            self._give_up(number, self._why(ENDED))
        elif error := task.exception():
            log.error("what the board asked could not be answered", exc_info=error)
            self._give_up(number, f"the engine failed at this ({type(error).__name__}); its log says where")
        else:
            self._unmet.pop(number, None)

    def _lose(self, why: str) -> None:
        """An engine that failed at the picture may not fail at the next one."""
        self._news.append(Lost(why))
        loop = self.connection.loop
        if not loop.is_closed():
            loop.call_later(PAUSE, self._start_again)

    def _start_again(self) -> None:
        if not self._is_stopped:
            self.start()

    def _give_up(self, number: int, why: str) -> None:
        unmet = self._unmet.pop(number, None)
        if unmet is not None:
            unmet(why)

    async def _follow(self) -> None:
        while True:
            try:
                await self._follow_on()
            except CursorExpired:
                await asyncio.sleep(GATHER)  # an engine that is flooded is not asked for one picture after the other
            except TuiMonitorError as error:
                self._news.append(Lost(self._why(str(error))))
                await asyncio.sleep(PAUSE)

    async def _follow_on(self) -> None:
        control = self.connection.control
        snapshot = await control.snapshot()
        self._news.append(Picture(harmless(snapshot)))
        cursor = str(snapshot["cursor"])
        while True:
            changes = await control.changes(cursor, WAIT)
            self._news.append(harmless(changes))
            cursor = changes.cursor
            await asyncio.sleep(self._gather)

    async def _answer(self, question: Question, then: Callable[[Any, str], None]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                answer = Answer(then, harmless(await question(self.connection.control)))
        except TuiMonitorError as error:
            answer = Answer(then, None, one_line(str(error)) or "refused")
        except TimeoutError:
            answer = Answer(then, None, SILENT)
        self._news.append(answer)

    def _why(self, reason: str) -> str:
        return one_line(self.connection.fault() or reason)
