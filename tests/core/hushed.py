"""The world of the told rule with everything in it that keeps quiet, and somebody who writes down by hand what that
ought to be: silences and planned work as spans of time, shadows as beliefs, test mode as a flag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tests.core.world import ENDS, NOTHING, Asked, Ear, Looker, World
from tui_monitor.core.errors import Rejected
from tui_monitor.core.message import Item
from tui_monitor.core.model import Event, Incident, Owing, Patience, Service, State
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.ports import Command
from tui_monitor.core.status import Status
from tui_monitor.core.window import Hours, Scope, Window, parse_hours
from tui_monitor.engine.delivery import Delivery
from tui_monitor.engine.requests import carry_out

DOWN = (Status.PARTIAL, Status.MAJOR)
QUICK = Patience(2, 1, flap_after=0)
OFFICE: Hours = parse_hours("11:00-13:00", "UTC")
LETTERS: Mapping[Status, str] = {
    Status.OPERATIONAL: "u",
    Status.MAINTENANCE: "m",
    Status.DEGRADED: "g",
    Status.PARTIAL: "p",
    Status.MAJOR: "d",
    Status.UNKNOWN: "?",
}


@dataclass(frozen=True)
class PublicEar(Ear):
    """A place in public: a rehearsal must never reach it."""

    public: bool = True


SERVICES = (
    Service("router", "Router", Looker(), patience=QUICK, group="net"),
    Service("api", "API", Looker(), patience=QUICK, group="own", tags=("prod",), depends_on=("router",)),
    Service("web", "Web", Looker(), patience=QUICK, group="own", depends_on=("api",)),
    Service("mail", "Mail", Looker(), patience=QUICK, tags=("prod",)),
)
ABOVE: Mapping[str, tuple[str, ...]] = {"router": (), "api": ("router",), "web": ("api", "router"), "mail": ()}
COVERED: Mapping[str, frozenset[str]] = {
    **{one.id: frozenset({one.id}) for one in SERVICES},
    "own": frozenset({"api", "web"}),
    "prod": frozenset({"api", "mail"}),
    "all": frozenset(one.id for one in SERVICES),
}
HOURLY = Window("hourly", "Web", Scope(services=("web",)), cron="0 * * * *", lasts=600.0)
PLAN = Plan(
    SERVICES,
    (
        Place("asked", "ear", Asked()),
        Place("plain", "ear", Ear(grouped=True)),
        Place("public", "ear", PublicEar()),
        Place("office", "ear", Ear()),
    ),
    (
        Route(("asked", "plain"), remind_every=1800.0),
        Route(("public",), group_wait=0.0),
        Route(("office",), group_wait=0.0, during=(OFFICE,)),
    ),
    maintenance=(HOURLY,),
)


@dataclass(frozen=True)
class Asking:
    """A silence or planned work as it was asked for."""

    services: frozenset[str]
    since: datetime
    until: datetime


class HushedWorld(World):
    def __init__(self) -> None:
        self.silences: dict[str, Asking] = {}
        self.works: dict[str, Asking] = {}
        self.is_test = False
        self.burning: list[tuple[tuple[str, str], int]] = []
        self.sent: set[tuple[str, str]] = set()
        fresh = tuple(replace(one, plugin=type(one.plugin)(one.plugin.grouped)) for one in PLAN.places)
        super().__init__(replace(PLAN, places=fresh))

    # -- what people ask --------------------------------------------------------------------------------------------

    def do(self, name: str, target: str, text: str = "words", **options: str) -> Mapping[str, Any]:
        data = super().do(name, target, text, **options)
        self._notice()
        return data

    def silence(self, target: str, seconds: float) -> None:
        data = self.do("silence", target, **{"for": f"{seconds}s"})
        made = Asking(COVERED[target], self.now, self.now + timedelta(seconds=seconds))
        self.silences[str(data["id"])] = made

    def unsilence(self, name: str) -> None:
        self.do("unsilence", name)

    def work(self, target: str, wait: float, seconds: float) -> None:
        since = self.now + timedelta(seconds=wait)
        data = self.do("maintenance", target, **{"for": f"{seconds}s", "at": since.isoformat()})
        self.works[str(data["id"])] = Asking(COVERED[target], since, since + timedelta(seconds=seconds))

    def end_work(self, name: str) -> None:
        self.do("end-maintenance", name)

    def send(self, incident: str, to: str) -> None:
        """What a person sends on purpose may be heard in any quiet from now on, but in no public place in a test."""
        self.notify(incident, "words", to)
        self.sent.update((name, incident) for name in to.split(","))

    def turn_test_mode(self, wanted: str) -> None:
        self.do("test-mode", wanted)
        self.is_test = wanted == "on"

    def in_vain(self, name: str, target: str, **options: str) -> None:
        """The disk was full just then: it must be as if nobody had asked."""
        self.write()
        before = self._remembered()
        carry_out(self.desk, Command(name, target, "words", "ada", options), self.now, "UTC")
        self.desk.take_back(self.desk.take())
        assert before == self._remembered()

    def _remembered(self) -> Sequence[object]:
        desk = self.desk
        hushed = (desk.hush.silences, desk.hush.windows, desk.hush.simulations, desk.hush.flags)
        tables = (*hushed, desk._hushed, desk._silenced, desk.beliefs, desk.incidents, desk.ledger.rows)
        return [dict(table) for table in tables]

    # -- what ought to be so ----------------------------------------------------------------------------------------

    def turn(self, seconds: float = 1.0, *, disk_full: bool = False) -> None:
        before = dict(self.sending)
        super().turn(seconds, disk_full=disk_full)
        self._notice()
        assert all(one.until > self.now for one in self.silences.values()), "a silence outlives its end"
        for name, delivery in self.sending.items():
            if delivery is not before.get(name) and not delivery.asks:
                self._check(delivery)

    def _notice(self) -> None:
        """Which silences the desk has ended: what still burns of them, and was told, is to be told again."""
        ended = [self.silences.pop(name) for name in list(self.silences) if name not in self.desk.hush.silences]
        self.works = {name: one for name, one in self.works.items() if name in self.desk.hush.windows}
        for one in self.desk.open_incidents():
            was_silenced = any(one.service in each.services for each in ended)
            if was_silenced and one.state is State.OPEN and not self._is_silenced(one.service):
                times = {place.name: len(self.ear(place.name).of(one.id)) for place in self.plan.places}
                self.burning += [((name, one.id), heard) for name, heard in times.items() if heard]

    def _is_silenced(self, service: str) -> bool:
        return any(service in one.services for one in self.silences.values())

    def is_quiet(self, service: str) -> bool:
        """Whether nobody may hear of this service now that has not heard of it before."""
        works = [one for one in self.works.values() if one.since <= self.now < one.until]
        worked_on = any(service in one.services for one in works) or (service == "web" and self.now.minute < 10)
        played = self.desk.hush.simulations
        shadows = [one for one in ABOVE[service] if service in played or one not in played]
        is_shadowed = any(self.desk.beliefs[one].status in DOWN for one in shadows)
        return worked_on or is_shadowed or self._is_silenced(service)

    def _check(self, delivery: Delivery) -> None:
        place = delivery.place
        for item in delivery.message.items:
            heard = self.ear(place.name).of(item.incident.id)
            is_doubted = (place.name, item.incident.id) in self.unsure or item.incident.id in self._doubted(
                place.name
            )
            is_played = item.incident.rehearsal
            assert item.is_test is (self.is_test or is_played)
            assert not (place.name == "public" and item.is_test)
            if (place.name, item.incident.id) in self.sent:
                continue
            assert place.name != "office" or OFFICE.is_open(self.now), "the office is closed"
            if item.news in ENDS:
                assert heard or is_doubted or not self.is_quiet(item.service.id), self._words(place, item)
            else:
                assert not self.is_quiet(item.service.id), self._words(place, item)

    def _doubted(self, name: str) -> set[str]:
        """Of what a place that can be asked may have been sent before."""
        rows = self.desk.ledger.rows.values()
        return {row.subject for row in rows if row.destination == name and row.attempts > 1}

    def _words(self, place: Place, item: Item) -> str:
        return f"{place.name} is told {item.news} of {item.service.id} while it is quiet"

    # -- the end of a story -----------------------------------------------------------------------------------------

    def lift(self) -> None:
        """Nothing keeps quiet any more, and everything is looked at once more as it is."""
        self.write()
        for name in list(self.desk.hush.simulations):
            self.do("simulate", name, status="off")
        for name in list(self.silences):
            if name in self.silences:
                self.unsilence(name)
        for name in list(self.works):
            if name in self.works:
                self.end_work(name)
        if self.is_test:
            self.turn_test_mode("off")
        while self.now.minute < 10:
            self.turn(60.0)
        for _ in range(3):
            for service in SERVICES:
                self.see(service.id, LETTERS[self.desk.beliefs[service.id].status])
        self.write()

    def rest(self) -> None:
        """Everything is reachable, and enough time passes, also for an office that opens tomorrow."""
        for _ in range(400):
            self._decide()
            for name in list(self.sending):
                self.settle(name)
            self.turn(300.0)
            if not self.sending and not self._on_the_way():
                return
        raise AssertionError(f"still owed after a day: {self._on_the_way()}")

    def _decide(self) -> None:
        """Somebody has what waits for a person sent again, as soon as that is not refused."""
        for row in self.outstanding():
            if row.state in (Owing.HELD, Owing.GIVEN_UP):
                with suppress(Rejected):
                    self.retry(row)

    def _on_the_way(self) -> list[str]:
        """What waits, but for reminders of what is kept quiet in somebody's shadow or by planned work."""
        rows = self.outstanding()
        return [str(row) for row in rows if not self._is_kept_back(self.desk.incidents[row.subject])]

    def _is_kept_back(self, incident: Incident) -> bool:
        return incident.is_open and self.is_quiet(incident.service)

    def _lie(self, place: Place, incident: Incident, events: list[Event]) -> str:
        heard = self.ear(place.name).of(incident.id)
        if incident.is_open and self.is_quiet(incident.service):
            return ""
        if not heard:
            must = incident.is_open and self._must_hear(place, incident)
            return NOTHING if must and not incident.rehearsal else ""
        if incident.state is State.OPEN and not incident.rehearsal and heard[-1].is_test:
            return "heard of it only as a test"
        return super()._lie(place, incident, events)

    def unkept(self) -> list[tuple[str, str]]:
        """What burnt on after a silence and was not told again, though nobody was on it."""
        return [
            key
            for key, before in self.burning
            if (one := self.desk.incidents.get(key[1])) is not None
            and one.state is State.OPEN
            and not self.is_quiet(one.service)
            and len(self.ear(key[0]).of(one.id)) <= before
        ]
