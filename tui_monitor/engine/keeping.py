"""The places that take part in what goes on, beside the news: shown how services are, given each look, told that all
is well.

None of it is a message that is owed. What is true now replaces what was, so a place that was away is given the
newest; looks wait in a row that has an end. How it goes is a duty's own state, which every face can see.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui_monitor.core.codec import decode, encode
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import Kind, Observation, Reading, Service
from tui_monitor.core.plan import Place
from tui_monitor.core.ports import Sample, Standing
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_number
from tui_monitor.core.told import backoff
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.hush import Notice
from tui_monitor.engine.ledger import LONGEST_ASKED
from tui_monitor.engine.outbox import asked, attempt

if TYPE_CHECKING:
    from tui_monitor.core.ports import Outside

log = logging.getLogger(__name__)

REPAIRED_EVERY = 300.0
"""Seconds after which a place that shows how services are is compared although nothing has changed."""

GATHERED = 2.0
"""Seconds that looks wait for company on their way to a place that records them."""

MOST_AT_ONCE = 500
MOST_WAITING = 10_000
"""Looks that wait for a place that is away; of more, the oldest are given up, and it is said."""

MOST_KEPT = 2_000
"""Of those, the newest that outlive the engine."""

SETTING = "unrecorded"
UNREADABLE = "looks that waited for places to record them cannot be read, and are lost"
KEEP, RECORD, BEAT = "keep", "record", "beat"


@dataclass(slots=True, eq=False)
class Duty:
    """One thing that is done at one place, again and again, and how it goes."""

    place: Place
    what: str
    outside: Outside
    due_at: float = 0.0
    failures: int = 0
    failing_since: datetime | None = None
    error: str = ""
    done_at: datetime | None = None
    chosen: Mapping[str, None] | None = None
    """The services that it is about; None where the plugin cannot say."""
    chosen_of: Mapping[str, Service] | None = None
    shown: Any = None
    is_repair: bool = False
    """Whether nothing has changed here since: what a place has to put right then was altered there."""
    waiting: deque[Observation] = field(default_factory=deque)
    lost: int = 0
    task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.place.name

    def is_of(self, place: Place) -> bool:
        return (self.place.name, self.place.kind) == (place.name, place.kind)


class Keeping:
    """Owns the duties under way. `notify` puts what people should know into the engine's inbox."""

    def __init__(
        self,
        places: Iterable[Place],
        ways: Mapping[str, Outside],
        now: Callable[[], datetime],
        notify: Callable[[Notice], None],
        redact: Callable[[str], str],
    ) -> None:
        self._now, self._notify, self._redact = now, notify, redact
        self._duties: list[Duty] = []
        self._services: Mapping[str, Service] | None = None
        self.reach(places, ways)

    def __repr__(self) -> str:
        return f"<Keeping {', '.join(f'{one.what} at {one.name}' for one in self._duties) or 'nothing'}>"

    def reach(self, places: Iterable[Place], ways: Mapping[str, Outside]) -> None:
        """These places from now on. A changed place is begun anew, but for the looks that wait for it."""
        before, self._duties = self._duties, []
        for place in places:
            for what in _duties_of(place):
                known = next((one for one in before if one.is_of(place) and one.what == what), None)
                duty = known if known is not None and known.place == place else _begun(place, what, ways, known)
                duty.outside, duty.shown = ways[place.name], None
                self._duties.append(duty)
        for duty in before:
            if duty not in self._duties and duty.task is not None:
                duty.task.cancel()

    def saw(self, observations: Sequence[Observation], services: Mapping[str, Service]) -> None:
        """Looks that are written down now, for those who record them. What is only played nobody records."""
        duties = [one for one in self._duties if one.what == RECORD]
        for seen in observations if duties else ():
            if seen.echo or seen.service not in services or seen.counts_as is Status.UNKNOWN:
                continue
            for duty in duties:
                if duty.chosen is None or seen.service in duty.chosen:
                    _add(duty, _recorded_of(seen))

    def turn(self, monotonic: float, desk: Desk, *, is_well: bool) -> None:
        """Begins what is due. While the engine is not well nobody is shown anything, and nobody hears that it is."""
        self._services = desk.services
        for duty in self._duties:
            is_due = duty.task is None and monotonic >= duty.due_at
            try:
                self._choose(duty, desk.services, is_due=is_due)
                is_on = is_well and is_due and not _is_shut(duty, desk)
                work = self._work_of(duty, monotonic, desk) if is_on else None
            except DeliveryError as error:
                self._failed(duty, str(error), error.after, monotonic)
            else:
                self._begin(duty, work)

    def _begin(self, duty: Duty, work: Awaitable[str | None] | None) -> None:
        if work is not None:
            duty.task = asyncio.get_running_loop().create_task(self._do(duty, work), name=f"tell {duty.name}")

    def _choose(self, duty: Duty, services: Mapping[str, Service], *, is_due: bool) -> None:
        """Asked once of each config: what a plugin chooses follows from that alone."""
        if duty.what == BEAT or (duty.chosen_of is services and (duty.chosen is not None or not is_due)):
            return
        duty.chosen, duty.chosen_of, plugin = None, services, duty.place.plugin
        takes: Any = getattr(plugin, "keeps" if duty.what == KEEP else "records")
        about = [(one, one.publish.get(duty.name)) for one in services.values()]
        chosen = [one.id for one, publish in about if asked(duty.place, self._redact, takes, one, publish)]
        duty.chosen = dict.fromkeys(chosen)

    async def stop(self, patience: float) -> None:
        """Looks that wait are handed over if that is quickly done; what is under way may finish."""
        for duty in self._duties:
            if duty.waiting and duty.task is None and duty.chosen is not None and self._services is not None:
                self._begin(duty, self._recording(duty, self._services))
        tasks = [one.task for one in self._duties if one.task is not None]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=0.2)

    def settings(self) -> dict[str, str]:
        """The newest looks that still wait, as the store keeps them while no engine runs."""
        for duty in self._duties:
            if len(duty.waiting) > MOST_KEPT:
                text = "%s: of %d looks that wait for it, only the newest %d outlive the engine"
                log.warning(text, duty.name, len(duty.waiting), MOST_KEPT)
        waiting = {one.name: [encode(seen) for seen in list(one.waiting)[-MOST_KEPT:]] for one in self._duties}
        return {SETTING: json.dumps({name: some for name, some in waiting.items() if some}, separators=(",", ":"))}

    def recall(self, settings: Mapping[str, str]) -> None:
        """What waited when the last engine stopped."""
        try:
            kept = {name: _decoded(some) for name, some in json.loads(settings.get(SETTING) or "{}").items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            log.error("%s", UNREADABLE)
            self._notify(Notice(Kind.TROUBLE, UNREADABLE))
            return
        for duty in self._duties:
            if duty.what == RECORD:
                duty.waiting.extendleft(reversed(kept.get(duty.name, [])))

    def list(self) -> Sequence[Duty]:
        """What is done where, and how it goes."""
        return self._duties

    # -- one duty -----------------------------------------------------------------------------------------------

    def _work_of(self, duty: Duty, monotonic: float, desk: Desk) -> Awaitable[str | None] | None:
        """What is to be done now, if anything is."""
        plugin: Any = duty.place.plugin
        if duty.what == KEEP:
            names = duty.chosen or ()
            shown = [desk.status_of(name) for name in names]
            before, last = duty.shown or (None, monotonic)
            if before == shown and monotonic < last + REPAIRED_EVERY:
                return None
            duty.shown, duty.is_repair = (shown, monotonic), before == shown
            stands = [_standing_of(desk, desk.services[name], duty.name) for name in names]
            return asked(duty.place, self._redact, plugin.keep, stands, duty.outside) if stands else None
        if duty.what == RECORD:
            return self._recording(duty, desk.services) if duty.waiting else None
        on_time = duty.due_at + plugin.beats_every
        duty.due_at = on_time if on_time > monotonic else monotonic + plugin.beats_every
        beat: Awaitable[None] = asked(duty.place, self._redact, plugin.beat, duty.outside)
        return beat

    async def _recording(self, duty: Duty, services: Mapping[str, Service]) -> None:
        """The oldest that wait; they are only let go when the place has them, or is not to have them any more."""
        batch = [duty.waiting[n] for n in range(min(MOST_AT_ONCE, len(duty.waiting)))]
        meant = [seen for seen in batch if seen.service in services and seen.service in (duty.chosen or ())]
        samples = [_sample_of(seen, services[seen.service], duty.name) for seen in meant]
        lost = duty.lost
        try:
            if samples:
                await duty.place.plugin.record(samples, duty.outside)  # type: ignore[attr-defined]  # a duty only where there is one
        except DeliveryError as error:
            if not error.retry:  # the place will never take them, and those behind them shall not wait for that
                self._let_go(duty, len(batch) - (duty.lost - lost))
                duty.lost += len(batch)
            raise
        self._let_go(duty, len(batch) - (duty.lost - lost))

    def _let_go(self, duty: Duty, count: int) -> None:
        for _ in range(count):
            duty.waiting.popleft()

    async def _do(self, duty: Duty, work: Awaitable[str | None]) -> None:
        loop = asyncio.get_running_loop()
        try:
            said = await attempt(duty.place, work, self._redact)
        except DeliveryError as error:
            self._failed(duty, str(error), error.after, loop.time())
        else:
            self._went_well(duty, clean(self._redact(said or "")), loop.time())
        finally:
            duty.task = None

    def _went_well(self, duty: Duty, said: str, monotonic: float) -> None:
        if duty.what == RECORD:
            duty.due_at = monotonic + (GATHERED if len(duty.waiting) < MOST_AT_ONCE else 0.0)
        if said and duty.is_repair:
            self._notify(Notice(Kind.TOLD, f"{duty.name} put right: {said}", duty.name))
        if duty.failing_since is not None:
            lost = f"; {spell_number(duty.lost, 'look')} could not wait and are lost there" if duty.lost else ""
            self._notify(Notice(Kind.WELL, f"{duty.name} takes part again{lost}", duty.name))
        duty.failures, duty.failing_since, duty.error, duty.lost = 0, None, "", 0
        duty.done_at = self._now()

    def _failed(self, duty: Duty, text: str, after: float | None, monotonic: float) -> None:
        duty.error = text
        log.warning("%s: %s", _TRYING[duty.what].format(duty.name), duty.error)
        if duty.failing_since is None:
            duty.failing_since = self._now()
            self._notify(Notice(Kind.TROUBLE, f"{_TRYING[duty.what].format(duty.name)}: {duty.error}", duty.name))
        wait = min(after, LONGEST_ASKED) if after else min(backoff(min(duty.failures, 6), 1.0), REPAIRED_EVERY)
        duty.failures += 1
        duty.due_at = monotonic + wait
        duty.shown = None


_TRYING = {
    KEEP: "{} could not be shown how services are",
    RECORD: "{} did not take what was seen",
    BEAT: "{} did not hear that all is well",
}


def _duties_of(place: Place) -> list[str]:
    plugin = place.plugin
    beats = [BEAT] if getattr(plugin, "beats_every", 0.0) else []
    return [what for what in (KEEP, RECORD) if hasattr(plugin, what)] + beats


def _is_shut(duty: Duty, desk: Desk) -> bool:
    """A rehearsal changes nothing that is public."""
    return duty.what != BEAT and desk.hush.is_test and bool(getattr(duty.place.plugin, "public", False))


def _begun(place: Place, what: str, ways: Mapping[str, Outside], before: Duty | None) -> Duty:
    """A duty at a place that has changed: what waits there waits on, and what failed has yet to go well."""
    duty = Duty(place, what, ways[place.name])
    if before is not None:
        duty.waiting, duty.lost = before.waiting.copy(), before.lost
        duty.failing_since, duty.error = before.failing_since, before.error
    return duty


def _recorded_of(seen: Observation) -> Observation:
    """Without what nobody records: of a vendor's page that may be most of it, and many wait."""
    said = seen.reading
    return replace(seen, reading=Reading(said.status, said.message, latency=said.latency, measures=said.measures))


def _decoded(some: Sequence[Any]) -> list[Observation]:
    return [decode(Observation, one) for one in some]


def _add(duty: Duty, seen: Observation) -> None:
    if len(duty.waiting) >= MOST_WAITING:
        duty.waiting.popleft()
        duty.lost += 1
    duty.waiting.append(seen)


def _standing_of(desk: Desk, service: Service, place: str) -> Standing:
    belief, status, publish = desk.beliefs[service.id], desk.status_of(service.id), service.publish.get(place)
    if service.id in desk.hush.simulations:
        return Standing(service, status, publish=publish)  # of what is only played nothing is said
    words = belief.incident.title if belief.incident is not None else ""
    return Standing(service, status, belief.since, words, publish)


def _sample_of(seen: Observation, service: Service, place: str) -> Sample:
    reading, publish = seen.reading, service.publish.get(place)
    status = seen.counts_as or reading.status
    return Sample(service, seen.at, status, reading.message, reading.latency, reading.measures, publish)
