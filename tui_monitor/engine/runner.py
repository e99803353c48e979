"""Takes the looks: each on time, one at a time per service, and always with an observation in the end."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.harmless import harmless
from tui_monitor.core.model import Observation, Reading, Service
from tui_monitor.core.schedule import Wheel, first_at, following, next_at
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_duration

if TYPE_CHECKING:
    from tui_monitor.core.ports import Outside
    from tui_monitor.engine.clock import Clock

log = logging.getLogger(__name__)

TICK = 0.02
GRACE = 1.0
"""Seconds past its own deadline after which a look that does not come back is ended."""

STRAINED = 0.1
"""Seconds by which a turn may be late before the machine is taken to be at its limit."""

AT_ONCE = 25
"""Looks begun in such a turn: more would finish no sooner, and each holds memory until it does."""

MOST_ECHOES = 1000

LATENESS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


async def read(service: Service, outside: Outside) -> Reading:
    """One look at a service, whatever happens; only cancelling it gets through."""
    try:
        sight = await service.check.look(outside)
        if getattr(sight, "is_large", False):
            return cast(Reading, await outside.run(_judged, service.check, sight))
        return _judged(service.check, sight)
    except Unreachable as error:
        status = Status.UNKNOWN if service.check.vendor else service.unreachable
        return Reading(status, clean(str(error)), error.cause)
    except Unreadable as error:
        return Reading(Status.UNKNOWN, clean(str(error)), "unreadable")
    except Exception as error:
        log.error("the %s check of %s itself failed: %s", service.kind, service.id, type(error).__name__)
        log.debug("the %s check of %s", service.kind, service.id, exc_info=error)
        return Reading(Status.UNKNOWN, clean(f"the check itself failed: {type(error).__name__}"), "check")


def _judged(check: Any, sight: Any) -> Reading:
    """What a look comes to; of a page as long as a stranger likes in a thread, so that nobody waits for it."""
    return harmless(check.judge(sight))


def withheld(seen: Observation, secrets: Sequence[Secret]) -> Observation:
    """What was seen, without what is nobody's business: the other side may repeat what it was told."""
    message = redact(seen.reading.message, secrets)
    if message == seen.reading.message:
        return seen
    return replace(seen, reading=replace(seen.reading, message=message))


async def look_once(service: Service, outside: Outside, clock: Clock) -> Observation:
    """A look outside of any schedule, for the command line."""
    at, begun = clock.at(), clock.monotonic()
    try:
        async with asyncio.timeout(service.timeout + GRACE):
            reading = await read(service, outside)
    except TimeoutError:
        reading = _late(service)
    return Observation(service.id, at, clock.monotonic() - begun, reading)


def _late(service: Service) -> Reading:
    status = Status.UNKNOWN if service.check.vendor else service.unreachable
    return Reading(status, f"no answer within {spell_duration(service.timeout)}", "timeout")


def _echo(seen: Observation, later: float) -> Observation:
    reading = Reading(seen.reading.status, seen.reading.message, seen.reading.cause)
    return replace(
        seen, at=seen.at + timedelta(seconds=later), took=0.0, reading=reading, confirming=False, echo=True
    )


def excuse(reading: Reading) -> Reading:
    """A look during which time jumped: its failure proves nothing, its success still does."""
    if not reading.status.is_bad:
        return reading
    text = f"not counted, for time has just jumped: {reading.message}"
    return replace(reading, status=Status.UNKNOWN, message=text)


def _is_looked_at_alike(one: Service, other: Service) -> bool:
    return (one.check, one.every, one.timeout) == (other.check, other.every, other.timeout)


def _knowing_nothing(service: Service, outside: Outside) -> Outside:
    return outside


@dataclass(slots=True, eq=False)
class Seat:
    """One service's place in the schedule."""

    service: Service
    outside: Outside
    task: asyncio.Task[None] | None = None
    ends: float = 0.0
    regular_at: float = 0.0
    confirm_at: float = 0.0
    missed: list[float] = field(default_factory=list)
    is_asked: bool = False
    is_vacant: bool = False

    @property
    def is_knowing(self) -> bool:
        """Whether a look needs to know what the last one left, or what is believed of other services."""
        check = self.service.check
        return getattr(check, "remembers", False) or hasattr(check, "members")


class Runner:
    """Owns the wheel and the looks under way; reports each observation and decides nothing."""

    def __init__(
        self,
        seats: Iterable[tuple[Service, Outside]],
        clock: Clock,
        report: Callable[[Observation], None],
        knowing: Callable[[Service, Outside], Outside] = _knowing_nothing,
        seed: int | None = None,
    ) -> None:
        """`knowing` gives the way out of a look that must know what is remembered or believed.

        Our own services keep their beat after every start. A vendor's page has one of this process alone, so that
        not every board in the world asks it in the same second.
        """
        self._own = random.Random(seed).random()  # noqa: S311 - spreads looks, guards nothing
        self._knowing = knowing
        self._seats = {service.id: Seat(service, outside) for service, outside in seats}
        self._clock = clock
        self._report = report
        self._under_way: set[Seat] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._sweep_at = 0.0
        self.looks = 0
        self.lateness = [0] * (len(LATENESS) + 1)
        self.latest = 0.0

    def __repr__(self) -> str:
        return f"<Runner {len(self._seats)} services, {len(self._under_way)} looks under way, {self.looks} done>"

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        now = self._turn_at = self._loop.time()
        self._wheel: Wheel[tuple[Seat, bool]] = Wheel(TICK, now)
        for seat in self._seats.values():
            seat.regular_at = first_at(self._beat(seat.service), seat.service.every, len(self._seats), now)
            self._wheel.add(seat.regular_at, (seat, False))
        self._turn()

    def reseat(self, seats: Iterable[tuple[Service, Outside]]) -> None:
        """Other services from now on. Those looked at as before keep their turn; the others are looked at soon."""
        before, now = self._seats, self._loop.time()
        self._seats = {}
        fresh = []
        for service, outside in seats:
            seat = before.pop(service.id, None)
            if seat is None or not _is_looked_at_alike(seat.service, service):
                if seat is not None:
                    self._vacate(seat)
                seat = Seat(service, outside)
                fresh.append(seat)
            seat.service, seat.outside = service, outside
            self._seats[service.id] = seat
        for seat in before.values():
            self._vacate(seat)
        for seat in fresh:
            seat.regular_at = first_at(self._beat(seat.service), seat.service.every, len(fresh), now)
            self._wheel.add(seat.regular_at, (seat, False))

    def _vacate(self, seat: Seat) -> None:
        """What it would have seen is not reported, and its turns pass."""
        seat.is_vacant = True
        if seat.task is not None:
            seat.ends = float("inf")
            seat.task.cancel()

    async def stop(self) -> None:
        """Ends the looks under way; what they would have seen is not reported."""
        if self._timer is not None:
            self._timer.cancel()
        tasks = [seat.task for seat in self._under_way if seat.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)

    def confirm(self, service: str) -> None:
        """Look again soon, to make sure of a failure, unless the regular look is sooner."""
        seat = self._seats.get(service)
        if seat is not None:
            self._add_extra(seat, self._loop.time() + seat.service.retry_after)

    def look_now(self, service: str) -> None:
        """A look that begins from now on; one that is under way may have seen what is no longer true."""
        seat = self._seats.get(service)
        if seat is None:
            return
        if seat.task is None:
            self._add_extra(seat, self._loop.time())
        else:
            seat.is_asked = True

    def next_in(self, service: str) -> float | None:
        """Seconds until the next look at a service; nothing while one is under way, or nobody looks."""
        seat = self._seats.get(service)
        if seat is None or seat.task is not None or not seat.regular_at:
            return None
        due = min(seat.regular_at, seat.confirm_at or seat.regular_at)
        return max(0.0, due - self._loop.time())

    def _add_extra(self, seat: Seat, when: float) -> None:
        if seat.task is None and seat.regular_at <= when:
            return
        if not seat.confirm_at or when < seat.confirm_at:
            seat.confirm_at = when
            self._wheel.add(when, (seat, True))

    def _turn(self) -> None:
        now = self._loop.time()
        is_strained = now - self._turn_at > STRAINED
        self._turn_at = now + TICK
        self._timer = self._loop.call_at(self._turn_at, self._turn)
        due = self._wheel.take(now)
        if is_strained:
            for when, entry in due[AT_ONCE:]:
                self._wheel.add(when, entry)
            del due[AT_ONCE:]
        for when, (seat, confirming) in due:
            if seat.is_vacant:
                continue
            if confirming:
                self._begin_extra(seat, when, now)
            elif seat.task is None:
                self._begin(seat, False, now)
                self._count(now - when)
            else:
                seat.missed.append(when)
                self._add_regular(seat, now)
        if now >= self._sweep_at:
            self._sweep_at = now + 0.5
            self._sweep(now)

    def _begin_extra(self, seat: Seat, when: float, now: float) -> None:
        if when != seat.confirm_at:
            return
        seat.confirm_at = 0.0
        if seat.task is None:
            self._begin(seat, True, now)

    def _begin(self, seat: Seat, confirming: bool, now: float) -> None:
        seat.ends = now + seat.service.timeout + GRACE
        self._under_way.add(seat)
        seat.task = self._loop.create_task(self._look(seat, confirming))

    def _add_regular(self, seat: Seat, now: float) -> list[float]:
        """The next turn of a service; the turns that have passed by meanwhile."""
        every = seat.service.every
        first = next_at(self._beat(seat.service), every, seat.regular_at)
        seat.regular_at = first if first > now else following(first, every, now)
        self._wheel.add(seat.regular_at, (seat, False))
        passed = min(MOST_ECHOES, round((seat.regular_at - first) / every))
        return [first + number * every for number in range(passed)]

    def _beat(self, service: Service) -> str:
        """The name by which its turns are spread."""
        return f"{service.id} {self._own}" if getattr(service.check, "vendor", False) else service.id

    async def _look(self, seat: Seat, confirming: bool) -> None:
        at, begun, stamp = self._clock.at(), self._loop.time(), self._clock.stamp()
        try:
            reading = await read(seat.service, self._way_of(seat))
        except asyncio.CancelledError:
            if self._loop.time() < seat.ends:
                raise
            reading = _late(seat.service)
        finally:
            seat.task = None
            self._under_way.discard(seat)
            now = self._loop.time()
            missed, seat.missed = seat.missed, []
            if not confirming and not seat.is_vacant:
                missed += self._add_regular(seat, now)
        if seat.is_vacant:
            return
        if seat.is_asked:
            seat.is_asked = False
            self._add_extra(seat, now)
        is_even = self._clock.is_even(stamp, seat.service.timeout + GRACE)
        reading = reading if is_even else excuse(reading)
        self.looks += 1
        seen = Observation(seat.service.id, at, now - begun, reading, confirming=confirming)
        self._report(seen)
        for turn in missed if is_even else ():
            self._report(_echo(seen, turn - begun))

    def _way_of(self, seat: Seat) -> Outside:
        return self._knowing(seat.service, seat.outside) if seat.is_knowing else seat.outside

    def _sweep(self, now: float) -> None:
        """Ends looks that have outlived their deadline: a check that hangs must not hold its service for ever."""
        for seat in self._under_way:
            if now >= seat.ends and seat.task is not None:
                seat.task.cancel()

    def _count(self, late: float) -> None:
        self.latest = max(self.latest, late)
        for place, bound in enumerate(LATENESS):
            if late <= bound:
                self.lateness[place] += 1
                return
        self.lateness[-1] += 1

    def lateness_at(self, share: float) -> float:
        """The lateness that `share` of the looks stayed under, to the bound of its bucket."""
        wanted, seen = share * sum(self.lateness), 0
        for count, bound in zip(self.lateness, (*LATENESS, self.latest), strict=True):
            seen += count
            if seen >= wanted and seen:
                return min(bound, self.latest)
        return 0.0
