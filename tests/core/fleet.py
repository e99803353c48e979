"""Services that stand on each other, in a world of which a test knows the truth: looks take time, overlap, and see
what was true at some moment while they lasted. A desk decides, a disk survives crashes, an ear hears what is told.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from tests.core.small import NOON, READINGS
from tests.core.world import ENDS, Disk, Ear, Looker
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item, News
from tui_monitor.core.model import Incident, Observation, Patience, Service, Told
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.status import Status
from tui_monitor.engine.delivery import Delivery
from tui_monitor.engine.desk import Desk

Truth = Callable[[str, float], str]
"""The letter of what a service is like, at a second since the beginning."""

DOWN = (Status.PARTIAL, Status.MAJOR)


@dataclass(frozen=True)
class Member:
    """One service of a fleet: what it stands on, and how it is looked at."""

    name: str
    above: tuple[str, ...] = ()
    every: float = 10.0
    took: float = 0.1
    down_after: int = 1
    up_after: int = 1

    def service(self) -> Service:
        patience = Patience(self.down_after, self.up_after, flap_after=0)
        return Service(
            self.name,
            self.name.upper(),
            Looker(),
            every=self.every,
            timeout=30.0,
            retry_after=2.0,
            patience=patience,
            depends_on=self.above,
        )


@dataclass
class Fleet:
    members: Sequence[Member]
    truth: Truth
    random: Random
    group_wait: float = 0.0
    is_reliable: bool = True
    now: float = 0.0
    told: list[tuple[float, Item]] = field(default_factory=list)
    free: set[str] = field(default_factory=set)
    incidents: dict[str, Incident] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.of = {one.name: one for one in self.members}
        self.above = {name: set(kin_of(name, self.of)) for name in self.of}
        self.ear = Ear()
        route = Route(("ear",), group_wait=self.group_wait, remind_every=120.0)
        self.plan = Plan(tuple(one.service() for one in self.members), (Place("ear", "ear", self.ear),), (route,))
        self.disk = Disk()
        self._due: list[tuple[float, int, str, str]] = []
        self._n = count()
        self.begin()

    # -- the life of an engine --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """An engine starts: nothing is under way, and only what was written is known."""
        checkpoint, timelines = self.disk.load(set(self.of))
        self.desk = Desk(self.plan, checkpoint, timelines, self.at(self.now), seed=1)
        self.desk.resume(self.at(self.now))
        self.under_way: dict[str, tuple[float, float]] = {}
        self.asked: set[str] = set()
        self.sending: Delivery | None = None
        self._due.clear()
        for one in self.members:
            self.plan_for("turn", one.name, self.random.uniform(0.0, one.every))
        self.plan_for("tick", "", 1.0)
        self.write()

    def at(self, seconds: float) -> datetime:
        return NOON + timedelta(seconds=seconds)

    def plan_for(self, what: str, name: str, wait: float) -> None:
        heapq.heappush(self._due, (self.now + wait, next(self._n), what, name))

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            self.now, _, what, name = heapq.heappop(self._due)
            getattr(self, f"_{what}")(name)
            self._note()
            self.claim()
        self.now = until

    def write(self) -> None:
        self.disk.commit(self.desk.take())

    # -- looking ----------------------------------------------------------------------------------------------------

    def _turn(self, name: str) -> None:
        self.plan_for("turn", name, self.of[name].every)
        self.look(name)

    def look(self, name: str) -> None:
        if name in self.under_way:
            self.asked.add(name)
            return
        took = self.of[name].took * self.random.uniform(0.2, 1.0)
        self.under_way[name] = (self.now, self.now + self.random.uniform(0.0, took))
        self.plan_for("end", name, took)

    def _end(self, name: str) -> None:
        begun, moment = self.under_way.pop(name)
        reading = READINGS[self.truth(name, moment)]
        seen = Observation(name, self.at(begun), self.now - begun, reading)
        if self.desk.observe(seen, self.at(self.now)):
            self.plan_for("confirm", name, self.of[name].service().retry_after)
        if name in self.asked:
            self.asked.discard(name)
            self.look(name)
        self._look_at_wanted()
        self.write()

    def _confirm(self, name: str) -> None:
        self.look(name)

    def _look_at_wanted(self) -> None:
        wanted, self.desk.wanted = self.desk.wanted, set()
        for name in sorted(wanted):
            self.look(name)

    def _tick(self, name: str) -> None:
        self.plan_for("tick", "", 1.0)
        self.desk.tick(self.at(self.now))
        self.desk.forget(self.at(self.now))
        self._look_at_wanted()
        self.write()

    # -- telling ----------------------------------------------------------------------------------------------------

    def claim(self) -> None:
        """What is due is claimed, written down, and on its way."""
        if self.sending is not None:
            return
        delivery = self.desk.ledger.claim(self.desk.draft, self.plan.places[0], self.at(self.now))
        self.write()
        if delivery is None:
            return
        for item in delivery.message.items:
            self._check(item)
        self.sending = delivery
        if self.is_reliable:
            self._arrive("")
        else:
            self.plan_for(self.random.choice(("arrive", "arrive", "refuse")), "", self.random.uniform(0.0, 8.0))

    def _arrive(self, name: str) -> None:
        delivery, self.sending = self.sending, None
        if delivery is not None:
            self.told += [(self.now, item) for item in delivery.message.items]
            self.desk.ledger.settle(self.desk.draft, delivery, self.ear.receive(delivery.message), self.at(self.now))
            self.write()

    def _refuse(self, name: str) -> None:
        delivery, self.sending = self.sending, None
        if delivery is not None:
            error = DeliveryError("no", retry=True, after=5.0)
            self.desk.ledger.fail(self.desk.draft, delivery, error, self.at(self.now))
            self.write()

    # -- the reference ----------------------------------------------------------------------------------------------

    def is_shadowed(self, name: str) -> bool:
        """Whether anything above is believed to be down."""
        return any(self.desk.beliefs[one].status in DOWN for one in self.above[name])

    def _check(self, item: Item) -> None:
        """What is sent now of a service in somebody's shadow can only be the end of what was told."""
        if item.news not in ENDS:
            assert not self.is_shadowed(item.service.id), f"{item.news} of {item.service.id} in the shadow"

    def _note(self) -> None:
        """Which incidents have ever stood in the light."""
        for one in self.desk.incidents.values():
            self.incidents[one.id] = one
            if one.is_open and not self.is_shadowed(one.service):
                self.free.add(one.id)

    def heard(self, incident: str) -> list[News]:
        return [item.news for _, item in self.told if item.incident.id == incident]

    def outstanding(self) -> list[Told]:
        """What is still on its way, but for what stands in the shadow."""
        waiting = [row for row in self.desk.ledger.rows.values() if row.is_owed]
        return [row for row in waiting if not self._is_kept_back(self.desk.incidents[row.subject])]

    def _is_kept_back(self, incident: Incident) -> bool:
        return incident.is_open and self.is_shadowed(incident.service)

    def lies(self) -> Iterator[str]:
        """Where the ear has not heard what it ought to have, now that everything has come to rest."""
        for one in self.incidents.values():
            news = self.heard(one.id)
            times = Counter(news)
            if one.is_open and not self.is_shadowed(one.service) and times[News.OPENED] != 1:
                yield f"{one.service} still fails and was told {times[News.OPENED]} times"
            if one.id not in self.free and news:
                yield f"{one.service} came and went in the shadow, and {news} was told"
            if times[News.OPENED] > 1 or times[News.RESOLVED] + times[News.OVER] > 1:
                yield f"{one.service} was told twice: {news}"
            if not one.is_open and news and news[-1] not in ENDS:
                yield f"{one.service} ended, and {news} was told"
            if any(earlier in ENDS for earlier in news[:-1]):
                yield f"{one.service} went on after its end: {news}"


def kin_of(name: str, of: Mapping[str, Member]) -> set[str]:
    found = set(of[name].above)
    while more := {above for one in found for above in of[one].above} - found:
        found |= more
    return found
