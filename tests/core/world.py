"""A desk, a ledger, a store that survives, and outside places that remember all they heard: the told rule from end to
end, without a network, a disk or a clock. Turns, sends and crashes happen in the order in which a test says so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.core.small import NOON, READINGS, page
from tui_monitor.core.banner import BANNER
from tui_monitor.core.codec import decode, encode
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item, Message, News
from tui_monitor.core.model import (
    Belief,
    Event,
    Incident,
    Kind,
    Observation,
    Owing,
    Patience,
    Reading,
    Service,
    Told,
    VendorIncident,
)
from tui_monitor.core.plan import Condition, Place, Plan, Route
from tui_monitor.core.ports import LOUD, Checkpoint, Command, Receipt
from tui_monitor.core.routing import answers
from tui_monitor.core.status import Status
from tui_monitor.core.views import delivery_id
from tui_monitor.engine.billboard import would_say
from tui_monitor.engine.delivery import Delivery
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.draft import Draft, join
from tui_monitor.engine.requests import carry_out
from tui_monitor.engine.signs import SETTLED, Signs
from tui_monitor.store.rows import is_live

AUTOMATIC = ("roof", "panel")
ENDS = (News.RESOLVED, News.OVER)
NOTHING, MISSED = "heard nothing", "missed the last change"


@dataclass(frozen=True)
class Looker:
    """Stands where a check would; only whose page it is matters here."""

    vendor: bool = False


@dataclass(frozen=True)
class Ear:
    """An outside place that remembers. It is a destination, delivered to by hand."""

    grouped: bool = False
    hears: frozenset[Kind] = LOUD  # type: ignore[misc]  # a ClassVar of the port, here of each ear
    said: list[Message] = field(default_factory=list)
    tickets: bool = False
    banner: bool = False
    automatic: bool = False
    renewed_every: float = 0.0

    def receive(self, message: Message) -> Receipt:
        self.said.append(message)
        return Receipt(message.ref or f"thread {len(self.said)}")

    def of(self, incident: str) -> list[Item]:
        return [item for message in self.said for item in message.items if item.incident.id == incident]


@dataclass(frozen=True)
class Asked(Ear):
    """One that can be asked whether a message has arrived."""

    def find(self, message: Message) -> Receipt | None:
        numbers = [number for number, one in enumerate(self.said, 1) if one.key == message.key]
        return Receipt(message.ref or f"thread {numbers[0]}") if numbers else None


ENDINGS = frozenset({Kind.OPENED, Kind.RESOLVED, Kind.FORCE_RESOLVED})
QUICK = Patience(2, 1, flap_after=3, flap_within=3600, flap_calm=300)

ROUTES = (
    Route(("asked", "plain", "held", "brief"), remind_every=1800.0, group_wait=10.0),
    Route(("late",), after=300.0, unless="acknowledged", group_wait=0.0),
    Route(("picky",), unless="acknowledged", group_wait=30.0),
    Route(("picky",), Condition(">=", Status.MAJOR), group_wait=30.0),
)


def plan_of(routes: tuple[Route, ...] = ROUTES, *, automatic: bool = False) -> Plan:
    services = (
        Service("api", "API", Looker(), patience=QUICK, upstream=("hub",)),
        Service("web", "Web", Looker(), patience=QUICK),
        Service("hub", "Hub", Looker(vendor=True), patience=QUICK),
    )
    places = (
        Place("asked", "ear", Asked()),
        Place("plain", "ear", Ear(grouped=True)),
        Place("held", "ear", Ear(), ambiguous="hold"),
        Place("brief", "ear", Ear(hears=ENDINGS)),
        Place("late", "ear", Asked(grouped=True)),
        Place("picky", "ear", Ear()),
        Place("desk", "ear", Asked(tickets=True)),
        Place("jira", "ear", Ear(tickets=True)),
        Place("sign", "ear", Asked(banner=True)),
        Place("wall", "ear", Ear(banner=True, grouped=True)),
        Place("plate", "ear", Ear(banner=True), ambiguous="hold"),
    )
    roof = Place("roof", "ear", Asked(banner=True, automatic=True, renewed_every=600.0))
    panel = Place("panel", "ear", Ear(banner=True, automatic=True), ambiguous="hold")
    return Plan(services, (*places, roof, panel) if automatic else places, routes)


PAGES = {
    "0": page(),
    "1": page(VendorIncident("v1", "slow", Status.DEGRADED)),
    "2": page(VendorIncident("v1", "slow", Status.MAJOR), VendorIncident("v2", "down", Status.PARTIAL)),
    "?": READINGS["?"],
}


def reading_of(service: str, letter: str) -> Reading:
    return PAGES[letter] if service == "hub" else READINGS[letter]


class Disk:
    """What survives a crash: everything as JSON, as a store would keep it."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Any], tuple[type, str]] = {}
        self.settings: dict[str, str] = {}

    def commit(self, draft: Draft) -> None:
        batch = draft.batch()
        for event in batch.events:
            kept = self.rows.get(("event", (event.subject, event.n)))
            assert kept in (None, self._row(event)), f"event {event.n} of {event.subject} is written twice"
            self.rows["event", (event.subject, event.n)] = self._row(event)
        for belief in batch.beliefs:
            self.rows["belief", belief.service] = self._row(belief)
        for incident in batch.incidents:
            self.rows["incident", incident.id] = self._row(incident)
        for told in batch.told:
            self.rows["told", told.key] = self._row(told)
        self.settings.update(batch.settings)

    @staticmethod
    def _row(value: Any) -> tuple[type, str]:
        return type(value), json.dumps(encode(value))

    def all(self, what: str) -> list[Any]:
        return [decode(into, json.loads(text)) for (kind, _), (into, text) in self.rows.items() if kind == what]

    def load(self, services: set[str]) -> tuple[Checkpoint, dict[str, list[Event]]]:
        incidents: dict[str, Incident] = {one.id: one for one in self.all("incident")}
        told: list[Told] = [row for row in self.all("told") if is_live(row, incidents.get(row.subject))]
        subjects = {row.subject for row in told}
        beliefs: list[Belief] = [one for one in self.all("belief") if one.service in services]
        events: list[Event] = sorted(self.all("event"), key=lambda one: one.n)
        board = max((one.n for one in events if one.subject == "board"), default=0)
        live = [one for one in incidents.values() if one.is_open or one.id in subjects]
        timelines = {one.id: [event for event in events if event.subject == one.id] for one in live}
        return Checkpoint(beliefs, live, told, (), {"board": board}, dict(self.settings)), timelines


class World:
    """One engine after another on the same disk, and the places outside that outlive them all."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or plan_of()
        self.now: datetime = NOON
        self.disk = Disk()
        self.sending: dict[str, Delivery] = {}
        self.arrived: set[str] = set()
        self.answered: list[Delivery] = []
        self.unsure: set[tuple[str, str]] = set()
        self.unwritten: Draft | None = None
        self.asked_for: set[tuple[str, str]] = set()
        self.shown: dict[str, str] = {}
        self.shunned: dict[str, str] = {}
        self.begin()

    def begin(self) -> None:
        """An engine starts on what the disk holds."""
        checkpoint, timelines = self.disk.load({one.id for one in self.plan.services})
        self.desk = Desk(self.plan, checkpoint, timelines, self.now, seed=1)
        self.signs, self.word = Signs(), ""
        self.desk.resume(self.now)
        self.write()

    def ear(self, name: str) -> Ear:
        ear = next(place.plugin for place in self.plan.places if place.name == name)
        assert isinstance(ear, Ear)
        return ear

    # -- what happens inside ----------------------------------------------------------------------------------------

    def see(self, service: str, letters: str) -> None:
        for letter in letters:
            self.now += timedelta(seconds=1)
            self.desk.observe(Observation(service, self.now, 0.1, reading_of(service, letter)), self.now)

    def ask(self, name: str, target: str) -> None:
        self.write()
        if name == "retry":
            self.retry(self.desk.ledger.find(target))
            return
        carry_out(self.desk, Command(name, target, "words", "ada"), self.now, "UTC")
        self.write()

    def do(self, name: str, target: str, text: str = "", **options: str) -> Mapping[str, Any]:
        """A command that may be refused, and then nothing has changed."""
        self.write()
        outcome = carry_out(self.desk, Command(name, target, text, "ada", options), self.now, "UTC")
        self.write()
        return outcome.data

    def notify(self, incident: str, text: str, to: str) -> None:
        data = self.do("notify", incident, text, to=to)
        self.asked_for.update((name, incident) for name in data["destinations"])

    def ask_for_ticket(self, incident: str, to: str) -> None:
        self.do("ticket", incident, to=to)
        self.asked_for.add((to, incident))

    def push_banner(self, text: str, to: str) -> None:
        """Of places that show just this already, nothing is known that was not before."""
        self.word = ""
        data = self.do("banner", "push", text, severity="info", to=to)
        self.shown.update(dict.fromkeys(data["destinations"], text))

    def clear_banner(self, to: str) -> None:
        self.word = ""
        data = self.do("banner", "clear", to=to)
        for name in data["destinations"]:
            self.shunned[name] = self.desk.banners.table[name].text
        self.shown.update(dict.fromkeys(data["destinations"], ""))

    def retry(self, row: Told) -> None:
        """A person may well have something sent twice, but at a place that can be asked."""
        if row.claim and not isinstance(self.ear(row.destination), Asked):
            self.unsure.add(row.key)
        carry_out(self.desk, Command("retry", delivery_of(row), by="ada"), self.now, "UTC")
        self.write()

    def ask_in_vain(self, name: str, target: str) -> None:
        """The disk was full just then: it must be as if nobody had asked."""
        self.write()
        carry_out(self.desk, Command(name, target, "words", "ada"), self.now, "UTC")
        self.desk.take_back(self.desk.take())

    def write(self) -> None:
        draft = self.desk.take()
        whole = draft if self.unwritten is None else join([self.unwritten, draft])
        self.unwritten = None
        self.answered = []
        self.disk.commit(whole)

    def turn(self, seconds: float = 1.0, *, disk_full: bool = False) -> None:
        """Time passes, and what is due is claimed; it is under way only once that is written down."""
        self.now += timedelta(seconds=seconds)
        self.desk.tick(self.now)
        self.signs.tick(self.desk, self.now, (self.now - NOON).total_seconds())
        self.note_word(0.0 if disk_full else seconds)
        self.desk.forget(self.now)
        idle = [place for place in self.plan.places if place.name not in self.sending]
        found = [self.desk.ledger.claim(self.desk.draft, place, self.now) for place in idle]
        claimed = [delivery for delivery in found if delivery is not None]
        if not disk_full:
            self.write()
            self.sending.update({delivery.place.name: delivery for delivery in claimed})
            return
        draft = self.desk.take()
        self.unwritten = draft if self.unwritten is None else join([self.unwritten, draft])
        for delivery in claimed:
            if not delivery.asks:
                self.desk.ledger.release(self.desk.draft, delivery, self.now)

    def note_word(self, seconds: float) -> None:
        """What somebody has cleared may be shown again once the board had something else to say for long enough."""
        before, self.word = self.word, would_say(self.desk, self.now)[0] or "all is well"
        if before == self.word and seconds > SETTLED:
            self.shunned = {name: text for name, text in self.shunned.items() if text == self.word}

    # -- what happens outside ---------------------------------------------------------------------------------------

    def arrive(self, name: str) -> None:
        """The message reaches its place; whether the engine ever hears of that is another matter."""
        delivery = self.sending[name]
        if not delivery.asks and name not in self.arrived:
            self.arrived.add(name)
            self.ear(name).receive(delivery.message)

    def settle(self, name: str) -> None:
        """The place has answered."""
        self.arrive(name)
        self.arrived.discard(name)
        delivery, ear, ledger = self.sending.pop(name), self.ear(name), self.desk.ledger
        self.answered.append(delivery)
        if delivery.asks:
            assert isinstance(ear, Asked)
            receipt = ear.find(delivery.message)
        else:
            receipt = Receipt(delivery.message.ref or f"thread {len(ear.said)}")
        if receipt is None:
            ledger.release(self.desk.draft, delivery, self.now)
        else:
            ledger.settle(self.desk.draft, delivery, receipt, self.now)

    def refuse(self, name: str, *, retry: bool, after: float | None = None) -> None:
        """The place has said no, and has kept nothing."""
        if name not in self.arrived:
            error = DeliveryError("no", retry=retry, after=after)
            self.desk.ledger.fail(self.desk.draft, self.sending.pop(name), error, self.now)

    def lose_the_answer(self, name: str) -> None:
        """The place may have kept the message, but nobody hears of it."""
        self.doubt(self.sending[name])
        error = DeliveryError("no answer", retry=True, unsure=True)
        self.arrived.discard(name)
        self.desk.ledger.fail(self.desk.draft, self.sending.pop(name), error, self.now)

    def doubt(self, delivery: Delivery) -> None:
        """A place that cannot be asked may from now on hear of these twice."""
        if not isinstance(delivery.place.plugin, Asked):
            self.unsure.update(delivery.keys)

    def crash(self) -> None:
        """Whatever was not written down is gone; what was being sent may have arrived or not."""
        for delivery in (*self.sending.values(), *self.answered):
            if delivery.place.ambiguous != "hold":
                self.doubt(delivery)
        self.sending.clear()
        self.arrived.clear()
        self.unwritten = None
        self.begin()

    def outstanding(self) -> list[Told]:
        """What waits for a place or for a person."""
        waiting = (Owing.OWED, Owing.SENDING, Owing.HELD, Owing.GIVEN_UP)
        return [row for row in self.desk.ledger.rows.values() if row.state in waiting]

    # -- the end of a story -----------------------------------------------------------------------------------------

    def quiet(self) -> None:
        """Everything is reachable, people have decided what waited for them, and enough time passes."""
        for row in self.outstanding():
            if row.state in (Owing.HELD, Owing.GIVEN_UP):
                self.retry(row)
        for _ in range(200):
            for name in list(self.sending):
                self.settle(name)
            self.turn(60.0)
            if not self.sending and not self.outstanding():
                return
        raise AssertionError(f"still owed after hours: {self.outstanding()}")

    def calm(self) -> None:
        """Quiet, and for so long that the board has shown what it has to say by itself."""
        for _ in range(3):
            self.quiet()
            self.turn(60.0)
        self.quiet()

    def lies(self) -> list[tuple[tuple[str, str], str]]:
        """Where what a place last heard is not the truth."""
        incidents: dict[str, Incident] = {one.id: one for one in self.disk.all("incident")}
        events: defaultdict[str, list[Event]] = defaultdict(list)
        for event in self.disk.all("event"):
            events[event.subject].append(event)
        return [
            ((place.name, incident.id), lie)
            for incident in incidents.values()
            for place in self.plan.places
            if not place.plugin.banner and (lie := self._lie(place, incident, events[incident.id]))  # type: ignore[attr-defined]  # each is an ear
        ]

    def _lie(self, place: Place, incident: Incident, events: list[Event]) -> str:
        heard = self.ear(place.name).of(incident.id)
        if not heard:
            return NOTHING if self._must_hear(place, incident) else ""
        last = heard[-1]
        if incident.is_open:
            if last.news in ENDS:
                return "heard of an end that is none"
            wanted = max(event.n for event in events if event.is_for(place.name, place.plugin.hears))
            return "" if last.incident.revision >= wanted else MISSED
        return "" if last.news in ENDS else "never heard of the end"

    def _must_hear(self, place: Place, incident: Incident) -> bool:
        """Whether a route wanted it told from the first moment on, so that no end came too early, or a person did."""
        if (place.name, incident.id) in self.asked_for:
            return True
        service = self.desk.services[incident.service]
        routes = [route for route in self.plan.routes if route.after == 0 or incident.is_open]
        given = answers(incident, service, routes, self.now)
        return any(one.is_told for one in given if one.destination == place.name)

    def repeats(self) -> list[str]:
        """Openings and ends that a place heard twice although nobody could have been unsure."""
        found = []
        for place in self.plan.places:
            for subject in {item.incident.id for message in self.ear(place.name).said for item in message.items}:
                news = [item.news for item in self.ear(place.name).of(subject)]
                if (place.name, subject) in self.unsure:
                    continue
                if news.count(News.OPENED) > 1 or sum(one in ENDS for one in news) > 1:
                    found.append(f"{place.name} heard of {subject}: {', '.join(news)}")
                if News.OVER in news[1:] or News.OPENED in news[1:]:
                    found.append(f"{place.name} heard of {subject}, out of order: {', '.join(news)}")
        return found

    def wrong_signs(self) -> list[str]:
        """Where a place does not show the banner that it should, as far as somebody has asked for one."""
        found = []
        for name in {*self.shown, *AUTOMATIC} & {place.name for place in self.plan.places}:
            word = self.shown.get(name) or (would_say(self.desk, self.now)[0] if name in AUTOMATIC else "")
            fits = {word, ""} if self.shunned.get(name) == word else {word}
            if self.stands_at(name) not in fits and (name not in AUTOMATIC or (name, BANNER) not in self.unsure):
                found.append(f"{name} shows {self.stands_at(name)!r}, not {word!r}")
        return found

    def stands_at(self, name: str) -> str:
        last = next(reversed(self.ear(name).said), None)
        return last.banner.text if last and last.banner and last.banner.is_open else ""

    def repeated_signs(self) -> list[str]:
        """What a place was given to show a second time, or as if nothing stood there, or to take away for nothing."""
        found = []
        for name in [place.name for place in self.plan.places if getattr(place.plugin, "banner", False)]:
            stands, told = "", set()
            for message in self.ear(name).said if (name, BANNER) not in self.unsure else ():
                assert message.banner is not None
                text = "" if message.news is News.RESOLVED else message.banner.text
                is_for_nothing = (
                    not text and not stands and name not in ("plate", "panel")
                )  # where it may stand, it is cleared too
                begins = bool(text) and not stands
                is_odd = message.news is News.REMINDER and (text != stands or name != "roof")
                if is_odd or is_for_nothing or begins is not (message.news is News.OPENED) or message.key in told:
                    found.append(f"{name} heard {message.news} {text!r} while it showed {stands!r}")
                stands = text
                told.add(message.key)
        return found

    def repeated_updates(self) -> list[str]:
        """Words of a person that a place heard twice, or that were for others."""
        found = []
        for place in self.plan.places:
            seen: set[tuple[str, int]] = set()
            for event in [event for m in self.ear(place.name).said for item in m.items for event in item.events]:
                is_twice = (event.subject, event.n) in seen and (place.name, event.subject) not in self.unsure
                if event.to and (is_twice or place.name not in event.to):
                    found.append(f"{place.name} heard {event.text!r} for {event.to}")
                seen.add((event.subject, event.n))
        return found


def delivery_of(row: Told) -> str:
    return delivery_id(row.destination, row.subject)


# -- short words for stories ----------------------------------------------------------------------------------------

ASK_FIRST = Route(("asked",), group_wait=0.0)
PLAIN = Route(("plain",), group_wait=10.0)


def world(*routes: Route) -> World:
    """An engine that has been running for a while."""
    made = World(plan_of(routes or (ASK_FIRST,)))
    made.turn(60)
    return made


def heard(made: World, name: str) -> list[str]:
    return [f"{message.news}:{len(message.items)}" for message in made.ear(name).said]


def row(made: World, name: str) -> Told:
    (found,) = [one for one in made.desk.ledger.rows.values() if one.destination == name]
    return found


def deliver(made: World, name: str, seconds: float = 1.0) -> None:
    made.turn(seconds)
    made.settle(name)
    made.turn(0)


def incident(made: World) -> str:
    return made.desk.open_incidents()[0].id
