"""The one loop: decide, write down, publish, tell. Observations, requests, settled deliveries and ticks all enter one
inbox, and nothing else changes what is believed. Nothing is sent that was not written down before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui_monitor.core.banner import BANNER
from tui_monitor.core.difference import difference
from tui_monitor.core.errors import ConfigError, Rejected, StoreError
from tui_monitor.core.model import Event, Kind, Observation, Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Changes, Command, Outcome, Outside, Store
from tui_monitor.core.secret import redact
from tui_monitor.core.text import clean, spell_number
from tui_monitor.core.views import delivery_id
from tui_monitor.engine.accounts import account, note_line
from tui_monitor.engine.awaited import Awaited
from tui_monitor.engine.board import Board
from tui_monitor.engine.books import STALLED, Books
from tui_monitor.engine.clock import Clock, Jump
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.draft import Draft
from tui_monitor.engine.feed import Feed
from tui_monitor.engine.guard import Line, LineGuard
from tui_monitor.engine.hush import Notice
from tui_monitor.engine.keeping import SETTING as UNRECORDED
from tui_monitor.engine.keeping import Keeping
from tui_monitor.engine.outbox import Outbox, Sent
from tui_monitor.engine.renewal import Renewal, renewed
from tui_monitor.engine.requests import CARRIED_OUT, carry_out
from tui_monitor.engine.runner import Runner, withheld
from tui_monitor.engine.signs import Signs

if TYPE_CHECKING:
    from tui_monitor.engine.delivery import Delivery

log = logging.getLogger(__name__)

TICK = 1.0
GATHER = 0.2
"""Seconds that observations which change nothing wait for company, so that many share one commit."""

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
        renewal: Renewal | None = None,
    ) -> None:
        """`outside` makes a way out on which everything is done within so many seconds in all.

        `renewal` is how another config comes in while it runs.
        """
        self._plan = plan
        self._outside = outside
        self._renewal = renewal or Renewal()
        self._reading = asyncio.Lock()
        self._store = store
        self._clock = clock or Clock()
        self._seed = seed
        self._inbox: list[Observation | Sent | Line | Notice] = []
        self._requests: list[tuple[Command | Plan, asyncio.Future[Outcome]]] = []
        self._wake = asyncio.Event()
        self._gathering: asyncio.TimerHandle | None = None
        self._stopping = False
        self._books = Books(store, self._note_trouble)
        self._tidied_at = self._beaten_at = float("-inf")
        self._turned_at = float("inf")
        self._is_due = True
        self._jumps: list[Jump] = []
        self._tidying: asyncio.Task[None] | None = None
        self._awaited = Awaited()
        self._signs = Signs()
        self.looking = asyncio.Event()
        self._runner = Runner(self._seats(), self._clock, self._observed, self._knowing, self._seed)
        self._outbox = Outbox(self._ways(), self._sent, self._redact)
        self._guard = self._guarding()
        self._keeping = Keeping(plan.places, self._ways(), self._clock.at, self._notice, self._redact)

    def __repr__(self) -> str:
        return f"<Engine {self._runner!r} {self._outbox!r}{' in trouble' if self._books.is_behind else ''}>"

    def _redact(self, text: str) -> str:
        return redact(text, self._plan.secrets)

    def _seats(self) -> list[tuple[Service, Outside]]:
        return [(service, self._outside(service.timeout)) for service in self._plan.services]

    def _ways(self) -> dict[str, Outside]:
        return {place.name: self._outside(place.timeout) for place in self._plan.places}

    def _guarding(self) -> LineGuard | None:
        guard = self._plan.guard
        if guard is None:
            return None
        return LineGuard(guard, self._outside(guard.timeout), self._clock, self._seen, self._line_turned)

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
        self._board = Board(self._plan, self._desk, self._feed, self._store, self._runner, self._keeping.list)
        self._desk.tell_board(Kind.STARTED, f"watching {spell_number(len(self._plan.services), 'service')}", now)
        self._desk.resume(now)
        self._keeping.recall(checkpoint.settings)
        self._desk.draft.settings.update(dict.fromkeys(checkpoint.settings.keys() & {UNRECORDED}, ""))
        await self._close_turn([])

    async def _finish(self) -> None:
        await self._runner.stop()
        if self._guard is not None:
            await self._guard.stop()
        await asyncio.gather(self._outbox.stop(LAST_SENDS), self._keeping.stop(LAST_SENDS))
        if self._tidying is not None:
            self._tidying.cancel()
        self._board.stop()
        self._read_inbox(self._clock.at())
        self._desk.tell_board(Kind.STOPPED, "stopped", self._clock.at())
        self._keeping.saw(self._desk.draft.observations, self._desk.services)
        self._desk.draft.settings.update(self._keeping.settings())
        self._books.patience = LAST_SENDS
        if not await self._books.write(self._desk.take(), at_once=True):
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
        """A look has come back; one that failed waits until it is known that the fault is not ours."""
        observation = withheld(observation, self._plan.secrets)
        guard = self._guard
        if guard is not None and (observation.reading.status.is_bad or guard.is_holding(observation.service)):
            guard.hold(observation)
        else:
            self._seen(observation)

    def _seen(self, observation: Observation) -> None:
        belief = self._desk.beliefs.get(observation.service)
        if belief is None:  # it was on its way when the config changed
            return
        self._inbox.append(observation)
        if observation.reading.status is not belief.status or belief.leaning:
            self._wake.set()
        elif self._gathering is None:
            self._gathering = self._loop.call_later(GATHER, self._gathered)
        self._awaited.saw(observation)

    def _knowing(self, service: Service, outside: Outside) -> Outside:
        belief = self._desk.beliefs.get(service.id)
        return outside.knowing(belief.memo if belief else "", self._desk.status_of)

    def _gathered(self) -> None:
        self._gathering = None
        self._wake.set()

    def _line_turned(self, line: Line) -> None:
        self._inbox.append(line)
        self._wake.set()

    def _note_line(self, line: Line, now: datetime) -> None:
        self._board.cut_off = line.since if line.is_cut else None
        note_line(self._desk, line, now)

    def _notice(self, notice: Notice) -> None:
        self._inbox.append(notice)
        self._wake.set()

    def _sent(self, sent: Sent) -> None:
        if sent.error is not None and self._guard is not None:
            self._guard.suspect()
        self._inbox.append(sent)
        self._wake.set()

    # -- one turn -----------------------------------------------------------------------------------------------

    async def _turn(self) -> None:
        self._turned_at = self._loop.time()
        now = self._clock.at()
        self._note_jump(now)
        doubtful, is_tick = self._read_inbox(now), self._is_due
        if is_tick:
            self._tick(now)
        for service in doubtful:
            self._runner.confirm(service)
        self._look_at_wanted()
        written = await self._close_turn(self._claim(now))
        if is_tick:
            is_well = written and self._board.cut_off is None and not self._stopping
            self._keeping.turn(self._loop.time(), self._desk, is_well=is_well)
        while self._requests:
            self._turned_at = self._loop.time()
            command, future = self._requests.pop(0)
            if isinstance(command, Plan):
                await self._change_to(command, future)
            else:
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
        self._signs.tick(self._desk, now, self._loop.time())
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
                account(self._desk, item, now)
            elif isinstance(item, Line):
                self._note_line(item, now)
            elif isinstance(item, Notice):
                self._desk.tell_board(item.kind, item.text, now, item.by)
            elif self._desk.observe(item, now):
                doubtful.append(item.service)
        return doubtful

    def _claim(self, now: datetime) -> list[Delivery]:
        """What is to be sent once it is written down that it is being sent."""
        ledger = self._desk.ledger
        if self._stopping or self._board.cut_off is not None:
            return []
        idle = [place for place in self._plan.places if not self._outbox.is_busy(place.name)]
        claimed = [ledger.claim(self._desk.draft, place, now) for place in idle]
        return [delivery for delivery in claimed if delivery is not None]

    async def _close_turn(self, deliveries: Sequence[Delivery]) -> bool:
        draft = self._desk.take()
        written = await self._books.write(draft)
        for delivery in deliveries:
            if written:
                self._outbox.send(delivery)
                self._loop.call_later(getattr(delivery.place.plugin, "pace", 0.0), self._wake.set)
            elif not delivery.asks:
                self._desk.ledger.release(self._desk.draft, delivery, self._clock.at())
        self._publish(draft)
        return written

    def _publish(self, draft: Draft, events: Iterable[Event] | None = None) -> None:
        rows = self._desk.in_another_light(draft)
        if draft or rows:
            for event in draft.events:
                self._log(event)
            self._board.shown.publish(draft)
            self._keeping.saw(draft.observations, self._desk.services)
            rows.update(("service", name) for name in draft.beliefs)
            rows.update(("service", one.service) for one in draft.observations)
            rows.update(("incident", name) for name in draft.incidents)
            rows.update(("incident", subject) for _, subject in draft.told if subject != BANNER)
            rows.update(("delivery", delivery_id(*key)) for key in draft.told)
            self._feed.publish(rows, draft.events if events is None else events)

    def _log(self, event: Event) -> None:
        """Every change of an incident is a line of the log, also where no destination is told."""
        service = self._desk.services.get(event.service)
        if service is not None:
            level = logging.WARNING if event.kind in (Kind.OPENED, Kind.WORSENED) else logging.INFO
            log.log(level, "%s: %s (%s, by %s): %s", service.name, event.kind, event.subject, event.by, event.text)

    # -- the store ----------------------------------------------------------------------------------------------

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
        if command.name == "reload":
            return await self._reload(command.by)
        if command.name not in CARRIED_OUT:
            raise Rejected(f"there is no command {command.name!r}")
        return await self._request(command)

    async def _request(self, what: Command | Plan) -> Outcome:
        if self._stopping:
            raise Rejected("the engine is stopping")
        future: asyncio.Future[Outcome] = self._loop.create_future()
        self._requests.append((what, future))
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
        trouble, is_kept = await self._books.write_alone(draft)
        if trouble and not is_kept:
            self._desk.take_back(draft)
        else:
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

    # -- another config -----------------------------------------------------------------------------------------

    async def _reload(self, by: str) -> Outcome:
        """The config as it is written now, if it is right; else the old one goes on, and everybody can see why."""
        try:
            async with self._reading:  # what was read later is also in force later
                plan = await asyncio.to_thread(self._renewal.read)
        except ConfigError as error:
            for problem in error.problems:
                log.error("%s", problem)
            text = f"the config is wrong, so the old one stays: {_first_of(error)}"
            self._inbox.append(Notice(Kind.TROUBLE, text, clean(by) or "engine"))
            self._board.mistake, self._board.problems = text, error.problems
            self._wake.set()
            raise Rejected(text) from None
        return await self._request(plan)

    async def _change_to(self, plan: Plan, future: asyncio.Future[Outcome]) -> None:
        """A turn of its own: desk, seats and ways are swapped between two turns, and nobody sees half of it."""
        await self._close_turn([])
        said = difference(self._plan, plan)
        try:
            async with asyncio.timeout(STALLED):
                fresh = [one.id for one in plan.services if one.id not in self._desk.services]
                known = (await self._store.load(fresh)).beliefs if fresh else ()
        except (StoreError, TimeoutError):
            known = ()  # what was known of services that are back is no reason not to watch them
        now = self._clock.at()
        gone = [("service", one.id) for one in self._plan.services]
        self._desk = renewed(self._desk, plan, known, now)
        self._plan = plan
        self._runner.reseat(self._seats())
        self._outbox.reach(self._ways())
        self._keeping.reach(plan.places, self._ways())
        if self._guard is None or self._guard.guard != plan.guard:
            await self._change_guard()
        self._board.change_to(plan, self._desk)
        text = f"config read anew: {said}"
        self._renewal.adopted(plan)  # also what is a secret from now on, before anything is said
        log.info("%s", text)
        self._desk.tell_board(Kind.WELL if self._board.mistake else Kind.RELOADED, text, now)
        self._board.mistake, self._board.problems = "", ()
        self._feed.publish([*gone, *(("service", one.id) for one in plan.services)])
        await self._close_turn([])
        self._look_at_wanted()
        self._answer(future, Outcome(text, {"difference": said}))

    async def _change_guard(self) -> None:
        if self._guard is not None:
            await self._guard.stop()
        self._inbox = [one for one in self._inbox if not isinstance(one, Line)]
        if self._board.cut_off is not None:
            text = "whether the line is back is asked anew; what is owed goes out now"
            self._note_line(Line(False, self._board.cut_off, text), self._clock.at())
        self._guard = self._guarding()

    async def _recheck(self, name: str) -> Outcome:
        service = next((one for one in self._plan.services if name in (one.id, one.name)), None)
        if service is None:
            raise Rejected(f"there is no service {name!r}")
        seen = self._awaited.expect(service.id, self._clock.at())
        self._runner.look_now(service.id)
        return await self._awaited.answer(service, seen)


def _first_of(error: ConfigError) -> str:
    first, more = error.problems[0], len(error.problems) - 1
    return clean(f"{first}" + (f" (and {more} more)" if more else ""), 500)
