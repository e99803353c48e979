"""The one loop: decide, write down, publish, tell. Observations, requests, settled deliveries and ticks all enter one
inbox, and nothing else changes what is believed. Nothing is sent that was not written down before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui_monitor.core.errors import Rejected, StoreError
from tui_monitor.core.model import Event, Kind, Observation, Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Changes, Command, Outcome, Outside, Store
from tui_monitor.core.secret import redact
from tui_monitor.core.text import clean
from tui_monitor.core.views import delivery_id
from tui_monitor.engine.board import Board
from tui_monitor.engine.clock import Clock, Jump
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.draft import Draft, join
from tui_monitor.engine.feed import Feed
from tui_monitor.engine.outbox import Outbox, Sent
from tui_monitor.engine.requests import CARRIED_OUT, carry_out
from tui_monitor.engine.runner import Runner

if TYPE_CHECKING:
    from tui_monitor.engine.ledger import Delivery

log = logging.getLogger(__name__)

TICK = 1.0
GATHER = 0.2
"""Seconds that observations which change nothing wait for company, so that many share one commit."""

STALLED = 5.0
"""Seconds after which a store that has not answered counts as in trouble; the loop does not wait for it longer."""

NO_ANSWER = "the store does not answer"

TIDY = 300.0
LAST_SENDS = 1.0


class Engine:
    """Looks, decides, remembers and tells; the door `Control` of this process."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        outside: Callable[[float], Outside],
        *,
        clock: Clock | None = None,
        seed: int | None = None,
    ) -> None:
        """`outside` makes a way out on which everything is done within so many seconds in all."""
        self._plan = plan
        self._store = store
        self._clock = clock or Clock()
        self._seed = seed
        self._inbox: list[Observation | Sent] = []
        self._requests: list[tuple[Command, asyncio.Future[Outcome]]] = []
        self._wake = asyncio.Event()
        self._gathering: asyncio.TimerHandle | None = None
        self._stopping = False
        self._unwritten: Draft | None = None
        self._stalled: tuple[asyncio.Task[None], Draft] | None = None
        self._tried_at = self._tidied_at = self._beaten_at = float("-inf")
        self._turned_at = float("inf")
        self._is_due = True
        self._jumps: list[Jump] = []
        self._tidying: asyncio.Task[None] | None = None
        self._waiting: dict[str, list[tuple[datetime, asyncio.Future[Observation]]]] = {}
        self.looking = asyncio.Event()
        seats = [(service, outside(service.timeout)) for service in plan.services]
        self._runner = Runner(seats, self._clock, self._observed, self._knowing)
        ways = {place.name: outside(place.timeout) for place in plan.places}
        self._outbox = Outbox(ways, self._sent, lambda text: redact(text, plan.secrets))

    def __repr__(self) -> str:
        return f"<Engine {self._runner!r} {self._outbox!r}{' in trouble' if self._unwritten else ''}>"

    # -- life ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Looks, decides and tells until `stop`; everything decided is written down when it returns."""
        self._loop = asyncio.get_running_loop()
        await self._resume()
        self._runner.start()
        self.looking.set()
        ticker = self._loop.create_task(self._ticks())
        try:
            while not self._stopping:
                await self._wake.wait()
                self._wake.clear()
                await self._turn()
        finally:
            ticker.cancel()
            await self._finish()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def _resume(self) -> None:
        checkpoint = await self._store.load([service.id for service in self._plan.services])
        timelines = {one.id: await self._store.timeline(one.id) for one in checkpoint.incidents}
        now = self._clock.at()
        self._desk = Desk(self._plan, checkpoint, timelines, now, self._seed)
        self._feed = Feed(f"{now.timestamp():.3f}".replace(".", ""))
        self._feed.publish((), checkpoint.events)
        self._board = Board(self._plan, self._desk, self._feed, self._store, self._runner)
        self._desk.tell_board(Kind.STARTED, f"watching {len(self._plan.services)} services", now)
        self._desk.resume(now)
        await self._close_turn([])

    async def _finish(self) -> None:
        await self._runner.stop()
        await self._outbox.stop(LAST_SENDS)
        if self._tidying is not None:
            self._tidying.cancel()
        self._board.stop()
        self._read_inbox(self._clock.at())
        self._desk.tell_board(Kind.STOPPED, "stopped", self._clock.at())
        self._tried_at = float("-inf")
        if not await self._write(self._desk.take()):
            log.error("what was decided last could not be written down: %s", self._board.trouble)
        for _, future in self._requests:
            if not future.done():
                future.set_exception(Rejected("the engine is stopping"))

    async def _ticks(self) -> None:
        """The beat: notices at once when time did not pass evenly, even while a turn waits for the store."""
        expected = float("inf")
        while True:
            self._beaten_at = self._loop.time()
            jump = self._clock.notice(expected)
            if jump is not None:
                self._jumps.append(jump)
            self._is_due = True
            self._wake.set()
            expected = TICK
            await asyncio.sleep(TICK)

    def is_alive(self, within: float = 5.0) -> bool:
        """Whether the engine beat lately, and has not been in one turn for far too long."""
        now = self._loop.time()
        return now - self._beaten_at <= within and now - self._turned_at <= within + 2 * STALLED

    # -- the inbox ----------------------------------------------------------------------------------------------

    def _observed(self, observation: Observation) -> None:
        self._inbox.append(observation)
        belief = self._desk.beliefs[observation.service]
        if observation.reading.status is not belief.status or belief.leaning:
            self._wake.set()
        elif self._gathering is None:
            self._gathering = self._loop.call_later(GATHER, self._gathered)
        waiting = self._waiting.get(observation.service, ())
        for asked_at, future in waiting if not observation.echo else ():
            if observation.at >= asked_at and not future.done():
                future.set_result(observation)

    def _knowing(self, service: Service, outside: Outside) -> Outside:
        return outside.knowing(self._desk.beliefs[service.id].memo, self._desk.status_of)

    def _gathered(self) -> None:
        self._gathering = None
        self._wake.set()

    def _sent(self, sent: Sent) -> None:
        self._inbox.append(sent)
        self._wake.set()

    # -- one turn -----------------------------------------------------------------------------------------------

    async def _turn(self) -> None:
        self._turned_at = self._loop.time()
        now = self._clock.at()
        self._note_jump(now)
        doubtful = self._read_inbox(now)
        if self._is_due:
            self._tick(now)
        for service in doubtful:
            self._runner.confirm(service)
        self._look_at_wanted()
        await self._close_turn(self._claim(now))
        while self._requests:
            self._turned_at = self._loop.time()
            command, future = self._requests.pop(0)
            await self._carry_out(command, future)

    def _look_at_wanted(self) -> None:
        """What the desk would like to know now."""
        wanted, self._desk.wanted = self._desk.wanted, set()
        for service in wanted:
            self._runner.look_now(service)

    def _note_jump(self, now: datetime) -> None:
        while self._jumps:
            jump = self._jumps.pop(0)
            log.warning("%s", jump.text)
            self._desk.disturb(jump, now)

    def _tick(self, now: datetime) -> None:
        self._is_due = False
        self._desk.tick(now)
        self._board.shown.forget(self._desk.forget(now))
        if self._loop.time() - self._tidied_at >= TIDY and self._tidying is None:
            self._tidied_at = self._loop.time()
            self._tidying = self._loop.create_task(self._tidy(now))

    async def _tidy(self, now: datetime) -> None:
        before = self._store.notice
        try:
            await self._store.tidy(now)
        except StoreError as error:
            log.warning("history could not be tidied: %s", error)
        finally:
            self._tidying = None
        if self._store.notice not in ("", before):
            log.warning("%s", self._store.notice)
            self._desk.tell_board(Kind.TROUBLE, self._store.notice, self._clock.at())

    def _read_inbox(self, now: datetime) -> list[str]:
        """Weighs everything that has come in; the services of which another look should make sure."""
        inbox, self._inbox = self._inbox, []
        doubtful = []
        for item in inbox:
            if isinstance(item, Sent):
                self._account(item, now)
            elif self._desk.observe(item, now):
                doubtful.append(item.service)
        return doubtful

    def _account(self, sent: Sent, now: datetime) -> None:
        """What came of a delivery, entered into the ledger and said to people."""
        desk, delivery, name = self._desk, sent.delivery, sent.delivery.place.name
        title = clean(delivery.message.title, 200)
        if sent.receipt is not None:
            desk.ledger.settle(desk.draft, delivery, sent.receipt, now)
            note = clean(sent.receipt.note)
            if note:
                log.warning("%s was told, but: %s", name, note)
            desk.tell_board(Kind.TOLD, f"{name} told: {title}" + (f" ({note})" if note else ""), now, by=name)
        elif sent.error is None:
            desk.ledger.release(desk.draft, delivery, now)
        else:
            given_up = desk.ledger.fail(desk.draft, delivery, sent.error, now)
            log.warning("%s was not told: %s", name, sent.error)
            if given_up:
                log.error("gave up telling %s: %s", name, title)
                desk.tell_board(Kind.GAVE_UP, f"gave up telling {name}: {title}: {sent.error}", now, by=name)

    def _claim(self, now: datetime) -> list[Delivery]:
        """What is to be sent once it is written down that it is being sent."""
        ledger = self._desk.ledger
        if self._stopping:
            return []
        idle = [place for place in self._plan.places if not self._outbox.is_busy(place.name)]
        claimed = [ledger.claim(self._desk.draft, place, now) for place in idle]
        return [delivery for delivery in claimed if delivery is not None]

    async def _close_turn(self, deliveries: Sequence[Delivery]) -> bool:
        draft = self._desk.take()
        written = await self._write(draft)
        for delivery in deliveries:
            if written:
                self._outbox.send(delivery)
            elif not delivery.asks:
                self._desk.ledger.release(self._desk.draft, delivery, self._clock.at())
        self._publish(draft)
        return written

    def _publish(self, draft: Draft, events: Iterable[Event] | None = None) -> None:
        if draft:
            for event in draft.events:
                self._log(event)
            self._board.shown.publish(draft)
            services = {("service", name) for name in draft.beliefs}
            services.update(("service", one.service) for one in draft.observations)
            services.update(("service", name) for name in self._desk.in_another_light(draft))
            incidents = {("incident", name) for name in draft.incidents}
            incidents.update(("incident", subject) for _, subject in draft.told)
            deliveries = {("delivery", delivery_id(*key)) for key in draft.told}
            self._feed.publish(services | incidents | deliveries, draft.events if events is None else events)

    def _log(self, event: Event) -> None:
        """Every change of an incident is a line of the log, also where no destination is told."""
        service = self._desk.services.get(event.service)
        if service is not None:
            level = logging.WARNING if event.kind in (Kind.OPENED, Kind.WORSENED) else logging.INFO
            log.log(level, "%s: %s (%s, by %s): %s", service.name, event.kind, event.subject, event.by, event.text)

    # -- the store ----------------------------------------------------------------------------------------------

    async def _write(self, draft: Draft) -> bool:
        """Whether this draft, and all that could not be written before it, is safe now."""
        self._collect_stalled()
        whole = draft if self._unwritten is None else join([self._unwritten, draft])
        if self._stalled is not None:
            self._unwritten = whole if whole else None
            return False
        if not whole:
            return True
        if self._unwritten is not None and self._loop.time() - self._tried_at < TICK * 0.9:
            self._unwritten = whole
            return False
        trouble = await self._commit(whole)
        self._unwritten = whole if trouble and self._stalled is None else None
        self._note_trouble(trouble)
        return not trouble

    async def _commit(self, draft: Draft) -> str:
        """Why this could not be written down; empty when it is."""
        if self._stalled is not None:
            return NO_ANSWER
        self._tried_at = self._loop.time()
        writing = self._loop.create_task(self._store.commit(draft.batch()))
        await asyncio.wait({writing}, timeout=LAST_SENDS if self._stopping else STALLED)
        if not writing.done():
            self._stalled = (writing, draft)
            return NO_ANSWER
        return _trouble_of(writing)

    def _collect_stalled(self) -> None:
        """What became of the commit that took too long: written after all, or to be written again."""
        if self._stalled is None or not self._stalled[0].done():
            return
        (writing, draft), self._stalled = self._stalled, None
        if _trouble_of(writing):
            self._unwritten = draft if self._unwritten is None else join([draft, self._unwritten])
        else:
            self._note_trouble("")

    def _note_trouble(self, text: str) -> None:
        """Says once that the store is in trouble, and once that it is well again."""
        was_in_trouble = bool(self._board.trouble)
        self._board.trouble = text and f"nothing can be written down: {text}"
        if bool(text) == was_in_trouble:
            return
        now = self._clock.at()
        if text:
            log.error("nothing can be written down, so nobody is told; looking goes on: %s", text)
            self._desk.tell_board(Kind.TROUBLE, self._board.trouble, now)
        else:
            log.warning("the store is well again")
            self._desk.tell_board(Kind.WELL, "the store is well again; what was seen meanwhile is kept", now)

    # -- the door -----------------------------------------------------------------------------------------------

    async def snapshot(self) -> dict[str, Any]:
        return await self._board.snapshot(self._clock.at())

    async def changes(self, cursor: str, wait: float) -> Changes:
        return await self._board.changes(cursor, min(max(wait, 0.0), 60.0), self._clock.at)

    async def history(self, what: str, **options: str) -> Any:
        try:
            return await self._board.history(what, self._clock.at(), options)
        except StoreError as error:
            raise Rejected(str(error)) from None

    async def do(self, command: Command) -> Outcome:
        """Carries a command out; it is durable when this returns."""
        if command.name == "recheck":
            return await self._recheck(command.target)
        if command.name not in CARRIED_OUT:
            raise Rejected(f"there is no command {command.name!r}")
        if self._stopping:
            raise Rejected("the engine is stopping")
        future: asyncio.Future[Outcome] = self._loop.create_future()
        self._requests.append((command, future))
        self._wake.set()
        return await future

    async def _carry_out(self, command: Command, future: asyncio.Future[Outcome]) -> None:
        """One request is one turn of its own: taken back whole when it cannot be written down."""
        await self._close_turn([])
        try:
            outcome = carry_out(self._desk, command, self._clock.at(), self._plan.timezone)
        except Rejected as error:
            self._answer(future, error)
            return
        draft = self._desk.take()
        was_stalled = self._stalled is not None
        trouble = await self._commit(draft if self._unwritten is None else join([self._unwritten, draft]))
        is_kept = trouble and self._stalled is not None and not was_stalled
        if trouble and not is_kept:
            self._desk.take_back(draft)
        else:
            self._unwritten = None
            self._publish(draft)
        self._look_at_wanted()
        self._note_trouble(trouble)
        if is_kept:
            self._answer(future, Rejected(f"not done yet: {self._board.trouble}; it is done when the store answers"))
        else:
            self._answer(future, Rejected(f"not done: {self._board.trouble}") if trouble else outcome)

    def _answer(self, future: asyncio.Future[Outcome], answer: Outcome | Rejected) -> None:
        if future.done():
            return
        if isinstance(answer, Rejected):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    async def _recheck(self, name: str) -> Outcome:
        service = next((one for one in self._plan.services if name in (one.id, one.name)), None)
        if service is None:
            raise Rejected(f"there is no service {name!r}")
        seen: asyncio.Future[Observation] = self._loop.create_future()
        waiting = (self._clock.at(), seen)
        self._waiting.setdefault(service.id, []).append(waiting)
        self._runner.look_now(service.id)
        try:
            async with asyncio.timeout(2 * service.timeout + 3.0):  # one look may be under way
                reading = (await seen).reading
        except TimeoutError:
            raise Rejected(f"{service.name} was not looked at in time") from None
        finally:
            self._waiting[service.id].remove(waiting)
        text = f"{service.name} is {reading.status}: {reading.message}".rstrip(": ")
        return Outcome(text, {"service": service.id, "status": reading.status.value, "message": reading.message})


def _trouble_of(writing: asyncio.Task[None]) -> str:
    """Why a commit that has ended did not write; empty when it did."""
    error = writing.exception()
    if error is None:
        return ""
    if not isinstance(error, StoreError):
        raise error
    return str(error)
