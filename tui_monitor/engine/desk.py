"""What is believed of every service, as one fold over observations and requests. No I/O, no clock of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tui_monitor.core import incident as machine
from tui_monitor.core import orders
from tui_monitor.core.banner import BANNER
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import BOARD, Belief, Event, Incident, Kind, Observation, Patience, Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Beat, Checkpoint, Fed
from tui_monitor.core.quiet import Quiet, Simulation, is_down
from tui_monitor.core.status import Status
from tui_monitor.core.told import Subject
from tui_monitor.core.views import shown_status
from tui_monitor.engine.announced import Announced
from tui_monitor.engine.banners import SETTING, Banners
from tui_monitor.engine.clock import Jump
from tui_monitor.engine.draft import Draft
from tui_monitor.engine.hush import Hush
from tui_monitor.engine.kinship import Kinship
from tui_monitor.engine.ledger import Ledger
from tui_monitor.engine.listening import Listening
from tui_monitor.engine.runner import excuse
from tui_monitor.engine.suspicion import Suspicion

AFTERMATH = 10.0
"""Seconds after a jump of time in which failures are no evidence: a machine that woke up has no network yet."""

CALM_AGAIN = 300.0
"""Seconds after a jump before another one excuses failures again."""

ASTRAY = timedelta(seconds=60)
"""By how much a clock may go back between two lives of an engine before what was planned by it is not believed."""

KEPT_GIVEN_UP = 7 * 86400.0
"""Seconds for which a message that was given up can still be retried after its incident is over."""

LAPSE = 3.0
"""Turns of a service without a look after which what was leaning is forgotten."""


def _patience_of(service: Service) -> Patience:
    return replace(service.patience, lapse=max(60.0, LAPSE * (service.every + service.timeout)))


class Desk:
    """Holds belief in memory; whatever changes it is put into the draft of the turn."""

    def __init__(
        self,
        plan: Plan,
        checkpoint: Checkpoint,
        timelines: Mapping[str, Sequence[Event]],
        now: datetime,
        seed: int | None = None,
    ) -> None:
        self.services: dict[str, Service] = {service.id: service for service in plan.services}
        self._patience = {name: _patience_of(service) for name, service in self.services.items()}
        self._ids = {service.name: service.id for service in plan.services}
        found = {belief.service: belief for belief in checkpoint.beliefs}
        self.beliefs = {name: found.get(name, Belief(name)) for name in self.services}
        self.last: dict[str, Observation] = {}
        self.banners = Banners(checkpoint.settings)
        self.announced = Announced(plan.timezone)
        self.hush = Hush(plan, checkpoint.settings, now)
        self.hush.cover(plan.services)
        self.kinship = Kinship(self.services, self.beliefs, self.last, self.hush.simulations)
        self.suspicion = Suspicion(self.services, self.beliefs, self.last, self.hush.simulations)
        self.wanted: set[str] = set()
        self._fed_at: dict[str, datetime] = {}
        self._hushed: dict[str, Quiet] = {}
        self._relit: set[str] = set()
        self._silenced: dict[str, bool] = {}
        self._rechosen: dict[str, bool] = {}
        self._at = now
        self.incidents: dict[str, Incident] = {one.id: one for one in checkpoint.incidents}
        self._of: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for one in checkpoint.incidents:
            self._of[one.service][one.id] = None
        self.timelines: dict[str, tuple[Event, ...]] = {name: tuple(events) for name, events in timelines.items()}
        shown = {(name, BANNER) for name in self.banners.table}
        told = [row for row in checkpoint.told if row.subject in self.incidents or row.key in shown]
        settled_at = now + timedelta(seconds=plan.settle)
        listening, banners = Listening(self.quiet_of, self._note_quiet, self.is_test), self.banners.table
        self.ledger = Ledger(plan, told, self.incidents, self.timelines, settled_at, seed, listening, banners)
        self.draft = Draft()
        self._board_n = {BOARD: checkpoint.revisions.get(BOARD, 0)}
        self._disturbed_at: datetime | None = None

    def __repr__(self) -> str:
        return f"<Desk {len(self.services)} services, {len(self.open_incidents())} incidents open>"

    def status_of(self, service: str) -> Status:
        """What is believed of a service, by its id or its name, as its tile shows it; what is only played is not."""
        name = self._ids.get(service, service)
        if name not in self.services:
            return Status.UNKNOWN
        if name in self.hush.simulations:
            return self.hush.simulations[name].was
        is_worked_on = self.hush.maintenance_of(self.services[name], self._at) is not None
        return Status.MAINTENANCE if is_worked_on else shown_status(self.beliefs[name], self.last.get(name))

    def open_incidents(self) -> list[Incident]:
        """Newest first."""
        standing = [one for one in self.incidents.values() if one.is_open]
        return sorted(standing, key=lambda one: one.started_at, reverse=True)

    def take(self) -> Draft:
        """What was decided since the last call."""
        draft, self.draft = self.draft, Draft()
        return draft

    def in_another_light(self, draft: Draft) -> set[tuple[str, str]]:
        """What faces must be given anew although nothing was seen of it: what keeps quiet has changed."""
        names, self._relit = self._relit, set()
        below = self.kinship.below
        turned = {one for name in draft.beliefs for one in below.get(name, ())}
        services = set(self.services) if draft.settings.keys() - {SETTING} else turned
        services.update(self.incidents[name].service for name in names if name in self.incidents)
        return {*(("service", name) for name in services), *(("incident", name) for name in names)}

    def take_back(self, draft: Draft) -> None:
        """The last draft was never written: everything as it was, before anything else is decided on top of it."""
        draft.undo()
        self.hush.cover(self.services.values())
        self.ledger.reindex()

    # -- what is seen -------------------------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """The n of the board's last event."""
        return self._board_n[BOARD]

    def resume(self, now: datetime) -> None:
        """What must be put right once, when the engine starts on a checkpoint."""
        self.kinship.begin(now)
        self._date_back_test_mode(now - (self.hush.test_since or now))
        self._end_orphans(now)
        self.excuse_absence(now)
        self._suspect(self.services, now)
        self.listen(now)
        self.ledger.resume(self.draft, now)

    def succeed(self, old: Desk, now: datetime) -> None:
        """Another config is in force: what the old desk knew beside its tables is carried over."""
        self.last.update({name: seen for name, seen in old.last.items() if name in self.services})
        self._choose_anew(old)
        self.announced.succeed(old.announced, self._rechosen)
        self.kinship.succeed(old.kinship)
        self._hushed.update(old._hushed)
        self._silenced.update(old._silenced)
        self._disturbed_at = old._disturbed_at
        self.ledger.succeed(self.draft, old.ledger, now)
        self._end_orphans(now)
        for name in [name for name in self.hush.simulations if name not in self.services]:
            self.hush.remove(self.draft, "simulations", name)
        self._suspect(self.services, now)
        self.replan(now)

    def _choose_anew(self, old: Desk) -> None:
        """Of a page of which other parts are chosen now, neither how new it was nor what it lacks can be compared."""
        for name in self.services.keys() & old.services.keys():
            if name in old._rechosen or self.services[name].check != old.services[name].check:
                self._rechosen[name] = True
                self._put_belief(replace(self.beliefs[name], as_of=None, heard_at=None, comings=()))

    def _end_orphans(self, now: datetime) -> None:
        """Incidents of services that are watched no longer, or not like this, are over; the others go on.

        Of what is over already, a place that is back in the config may have missed the end.
        """
        for incident in [one for one in self.incidents.values() if not one.is_open]:
            self.ledger.consider(self.draft, incident, self.ledger.service_of(incident), now)
        for incident in self.open_incidents():
            service = self.services.get(incident.service)
            if service is None:
                self._end(incident, now, "this service is no longer watched")
            elif incident.vendor_ref is not None and not service.check.vendor:
                self._end(incident, now, "this service is no longer read from a vendor's page")
            else:
                self.ledger.consider(self.draft, incident, service, now)

    def _end(self, incident: Incident, now: datetime, text: str) -> None:
        belief = self.beliefs.get(incident.service)
        verdict = orders.abandon(incident, now, text)
        if belief is None:
            self.draft.beliefs[incident.service] = verdict.belief
        else:
            kept = tuple(one for one in belief.vendor if one.id != incident.id)
            self._put_belief(replace(belief, vendor=kept))
        self._accept(verdict, now)

    def _is_disturbed(self, observation: Observation) -> bool:
        """Whether a look began so soon after a jump of time that the network may not be back yet."""
        if self._disturbed_at is None:
            return False
        return 0 <= (observation.at - self._disturbed_at).total_seconds() < AFTERMATH

    def disturb(self, jump: Jump, now: datetime) -> None:
        """Time did not pass evenly: for a moment, failures are no evidence, and waits are as long as before."""
        before = self._disturbed_at
        if before is None or abs((now - before).total_seconds()) > CALM_AGAIN:
            self._disturbed_at = now  # a clock that jumps all the time must not excuse every failure
        self.ledger.shift(self.draft, jump.seconds)
        self.hush.find_spans(now)
        self.excuse_absence(now)
        if jump.set_by:
            self._shift(timedelta(seconds=jump.set_by))
        self.tell_board(Kind.CLOCK, jump.text, now)

    def _shift(self, by: timedelta) -> None:
        """The clock was set: what is now lasts as long as before, only its moments were written wrongly."""
        self.kinship.shift(by)
        self.last.update({name: replace(one, at=one.at + by) for name, one in self.last.items()})
        for played in list(self.hush.simulations.values()):
            moved = replace(played, since=played.since + by, until=played.until + by)
            self.hush.put(self.draft, "simulations", played.service, moved)
        self._date_back_test_mode(by)
        for belief in list(self.beliefs.values()):
            if not belief.incidents and not belief.flips and not belief.comings:
                continue
            self._put_belief(orders.shifted(belief, by))
            own = self.beliefs[belief.service].incident
            if own is not None:
                self.draft.put(self.incidents, own.id, own)
                self.draft.incidents[own.id] = own

    def _date_back_test_mode(self, by: timedelta) -> None:
        """What is told as a test from now on may be told at moments before that at which test mode began."""
        since = self.hush.test_since
        if since is not None and by < timedelta():
            self.hush.put_flag(self.draft, "test_mode", moment(since + by))

    def observe(self, observation: Observation, now: datetime) -> bool:
        """Weighs one observation; true when another look should make sure of a failure soon."""
        service = self.services.get(observation.service)
        if service is None:
            return False
        if self._is_disturbed(observation):
            observation = replace(observation, reading=excuse(observation.reading))
        observation = self._in_its_light(service, observation)
        self.draft.observations.append(observation)
        if observation.echo:
            return False
        before, is_kin = self.beliefs[service.id], service.id in self.kinship.known
        was = self.status_of(service.id) if is_kin else before.status
        self.last[service.id] = observation
        for kind, text in self.announced.saw(service, before, observation, now):
            self.tell_board(kind, text, now, "vendor")
        if is_kin:
            self.kinship.saw(observation, before)
        verdict = self._weigh(before, observation)
        if verdict.belief is not before:
            self._put_belief(verdict.belief)
            self._accept(verdict, now)
        self._suspect(self.suspicion.around(service.id), now)
        if before.incident is None:
            self.wanted.update(self.suspicion.unsure(service.id))
        if is_kin:
            self._tell_kin(service, before, was, now)
        return verdict.confirm

    def _suspect(self, names: Iterable[str], now: datetime) -> None:
        """What the vendors say of themselves by now is kept with what of ours fails on top of them."""
        for name in names:
            verdict = self.suspicion.weigh(name, now)
            if verdict is not None:
                was = self.beliefs[name].incident
                self._relit.update(one.incident for one in (was.suspects if was else ()) if one.is_named)
                self._put_belief(verdict.belief)
                self._accept(verdict, now)

    def _in_its_light(self, service: Service, observation: Observation) -> Observation:
        """A look in a rehearsal saw what was asked for; one in planned work counts as maintenance."""
        pretended = self.hush.pretended(service.id)
        if pretended is not None:
            return replace(observation, reading=pretended, counts_as=Status.UNKNOWN)
        if observation.reading.status is not Status.UNKNOWN and self.hush.maintenance_of(service, observation.at):
            return replace(observation, counts_as=Status.MAINTENANCE)
        return observation

    def _weigh(self, belief: Belief, observation: Observation) -> machine.Verdict:
        memo, fed_at = observation.reading.memo, self._fed_at.get(belief.service)
        if memo and memo != belief.memo and (fed_at is None or observation.at >= fed_at):
            belief = replace(belief, memo=memo)  # one made before a sign of life came in does not know of it
        verdict = machine.weigh(belief, observation, self._patience[belief.service])
        if belief.service in self._rechosen and observation.reading.incidents is not None:
            self.draft.remove(self._rechosen, belief.service)
            verdict = orders.left_out(belief, verdict, observation.reading, observation.at)
        own = verdict.belief.incident
        if own is None or own.rehearsal or belief.service not in self.hush.simulations:
            return verdict
        marked = [replace(one, rehearsal=True) for one in verdict.incidents]
        believed = replace(verdict.belief, incident=replace(own, rehearsal=True))
        return replace(verdict, belief=believed, incidents=tuple(marked))

    def _tell_kin(self, service: Service, before: Belief, was: Status, now: datetime) -> None:
        """Who stands on this service, or is made of it, is seen in another light now."""
        belief = self.beliefs[service.id]
        self.wanted.update(self.kinship.unsure(service.id))
        if is_down(before) and not is_down(belief):
            below = self.kinship.free(service.id, now)
            self.wanted.update(name for name in below if self.beliefs[name].incidents)
        if self.status_of(service.id) is not was:
            self.wanted.update(self.kinship.groups.get(service.id, ()))
        around = (service.id, *self.kinship.below.get(service.id, ()))
        self.listen(now, [name for one in around for name in self._of.get(one, ())])

    # -- who may hear of it ---------------------------------------------------------------------------------------

    def quiet_of(self, incident: Incident, now: datetime) -> Quiet | None:
        """Why nobody is told of an incident now, if anything keeps it quiet."""
        service = self.services.get(incident.service)
        if service is None:
            return None
        return self.kinship.of(service.id, incident.started_at) or self.hush.of(service, now)

    def is_test(self, subject: Subject) -> bool:
        return self.hush.is_test or (isinstance(subject, Incident) and subject.rehearsal)

    def settings(self) -> dict[str, str]:
        """What the store keeps beside belief."""
        return {**self.hush.settings(), **self.banners.settings()}

    def listen(self, now: datetime, names: Iterable[str] | None = None) -> None:
        """Incidents that have become quiet, or are no longer, are owed accordingly; all of them unless named."""
        for name in list(self.incidents) if names is None else names:
            incident = self.incidents.get(name)
            if incident is None:  # what it was opened by has been taken back
                continue
            if incident.is_open:
                self._listen_to(incident, now)
            elif self.ledger.is_owing(incident.id, given_up=False) and self.quiet_of(incident, now) is not None:
                self.ledger.consider(self.draft, incident, self.ledger.service_of(incident), now)

    def _listen_to(self, incident: Incident, now: datetime) -> None:
        service = self.ledger.service_of(incident)
        was_silenced, is_silenced = incident.id in self._silenced, self.hush.silence_of(service) is not None
        if is_silenced and not was_silenced:
            self.draft.put(self._silenced, incident.id, True)
        if self.quiet_of(incident, now) != self._hushed.get(incident.id):
            self.ledger.consider(self.draft, incident, service, now)
        if was_silenced and not is_silenced:
            self.draft.remove(self._silenced, incident.id)
            self.ledger.say_again(self.draft, incident, now)

    def _note_quiet(self, incident: Incident, now: datetime) -> Quiet | None:
        """Why nobody is told, remembered as what was decided by: when it changes, that is decided anew."""
        quiet = self.quiet_of(incident, now)
        if quiet is None or not incident.is_open:
            if incident.id in self._hushed:
                self.draft.remove(self._hushed, incident.id)
                self._relit.add(incident.id)
        elif quiet != self._hushed.get(incident.id):
            self.draft.put(self._hushed, incident.id, quiet)
            self._relit.add(incident.id)
        return quiet

    def tick(self, now: datetime) -> None:
        """What time alone changes: silences, planned work, rehearsals, reminders, escalations."""
        self._at = now
        for notice in self.hush.tick(self.draft, now):
            self.tell_board(notice.kind, notice.text, now, notice.by)
        self._warn(now)
        for simulation in list(self.hush.simulations.values()):
            if not simulation.since - ASTRAY <= now < simulation.until:  # it may be from a clock that was ahead
                self.end_simulation(simulation, now)
        self.listen(now)
        for name in self.ledger.due_again(now):
            incident = self.incidents.get(name)
            if incident is not None:
                self.ledger.consider(self.draft, incident, self.ledger.service_of(incident), now)

    def _warn(self, now: datetime) -> None:
        """Who trusts in a silence that ends soon is told what will then be heard again."""
        for silence in self.hush.due_warnings(now):
            failing = [one for one in self.open_incidents() if silence.scope.covers(self.ledger.service_of(one))]
            if failing:
                self.hush.mark_warned(self.draft, silence)
                names = ", ".join(dict.fromkeys(self.ledger.service_of(one).name for one in failing[:5]))
                text = f"the silence of {silence.target} by {silence.by} ends soon; still failing: {names}"
                self.tell_board(Kind.SILENCE_ENDS, text, now)

    def end_simulation(self, simulation: Simulation, now: datetime, by: str = "engine") -> None:
        """What was only played is over, and belief is as it was before; the next look says how it is."""
        self.hush.remove(self.draft, "simulations", simulation.service)
        belief = self.beliefs.get(simulation.service)
        if belief is not None:
            verdict = orders.rehearsed(belief, simulation, now)
            self.accept(verdict, now)
            self.wanted.add(simulation.service)
        name = self.services[simulation.service].name if belief is not None else simulation.service
        self.tell_board(Kind.REHEARSED, f"the rehearsal of {name} is over", now, by)

    def excuse_absence(self, now: datetime) -> None:
        """In a time in which nobody was here, no sign of life could be heard."""
        for name, service in self.services.items():
            belief = self.beliefs[name]
            if isinstance(service.check, Fed) and belief.memo:
                memo = service.check.absent(belief.memo, now)
                if memo != belief.memo:
                    self._put_belief(replace(belief, memo=memo))

    def _put_belief(self, belief: Belief) -> None:
        self.draft.put(self.beliefs, belief.service, belief)
        self.draft.beliefs[belief.service] = belief

    def _accept(self, verdict: machine.Verdict, now: datetime) -> None:
        """Everything that follows from a verdict: rows, timeline, and what is owed outside."""
        self.draft.events.extend(verdict.events)
        for incident in verdict.incidents:
            self.draft.put(self.incidents, incident.id, incident)
            self.draft.incidents[incident.id] = incident
            self._relit.update(one.incident for one in incident.suspects if one.is_named)
            self._of[incident.service][incident.id] = None
            news = tuple(event for event in verdict.events if event.subject == incident.id)
            if news:
                self.draft.put(self.timelines, incident.id, (*self.timelines.get(incident.id, ()), *news))
            if not incident.is_open and incident.id in self._silenced:
                self.draft.remove(self._silenced, incident.id)
            self.ledger.consider(self.draft, incident, self.ledger.service_of(incident), now)

    def tell_board(self, kind: Kind, text: str, now: datetime, by: str = "engine") -> None:
        """An event that is about no incident."""
        number = self._board_n[BOARD] + 1
        self.draft.put(self._board_n, BOARD, number)
        self.draft.events.append(Event(BOARD, number, kind, now, by, text))

    def forget(self, now: datetime) -> list[str]:
        """Incidents that are over and of which everybody has heard are left to the store."""
        over = [name for name, one in self.incidents.items() if not one.is_open and not self._is_wanted(one, now)]
        for name in over:
            self._of[self.incidents.pop(name).service].pop(name, None)
            self.timelines.pop(name, None)
            self.ledger.forget(name)
        return over

    def _is_wanted(self, incident: Incident, now: datetime) -> bool:
        """Whether anything of what is over is still on its way; what was given up does not wait for ever."""
        is_old = incident.resolved_at is not None and (now - incident.resolved_at).total_seconds() > KEPT_GIVEN_UP
        return self.ledger.is_owing(incident.id, given_up=not is_old)

    def replan(self, now: datetime, by: str = "engine") -> None:
        """Planned work was added or taken away: what holds now is announced, and owed accordingly."""
        self.hush.cover(self.services.values())
        for notice in self.hush.tick(self.draft, now):
            self.tell_board(notice.kind, notice.text, now, by if notice.by == "engine" else notice.by)
        self.listen(now)

    def change_test_mode(self, since: str, now: datetime) -> None:
        """What real was only told as a test is told in earnest once test mode is over, if it still lasts."""
        before = self.hush.test_since
        self.hush.put_flag(self.draft, "test_mode", since)
        self._relit.update(self.incidents)
        for incident in self.incidents.values():
            self.ledger.consider(self.draft, incident, self.ledger.service_of(incident), now)
            if before is not None and incident.is_open and not incident.rehearsal:
                self.ledger.say_again(self.draft, incident, now, since=before)
        if before is not None:
            self.ledger.show_in_earnest(self.draft, before, now)

    def feed(self, service: Service, beat: Beat, now: datetime) -> None:
        """A sign of life came in. ValueError: not one that the check takes."""
        belief = self.beliefs[service.id]
        check: Fed = service.check
        self._put_belief(replace(belief, memo=check.feed(belief.memo, beat, now)))
        self._fed_at[service.id] = now
        self.wanted.add(service.id)

    # -- what people ask ----------------------------------------------------------------------------------------

    def accept(self, verdict: machine.Verdict, now: datetime) -> None:
        """What somebody's word has made of an incident."""
        self._put_belief(verdict.belief)
        self._accept(verdict, now)
        self._suspect(self.suspicion.around(verdict.belief.service), now)

    def find(self, prefix: str) -> Incident:
        """The open incident whose id begins like this."""
        fits = [one for one in self.open_incidents() if prefix and one.id.startswith(prefix.lower())]
        exact = [one for one in fits if one.id == prefix.lower()]
        if len(exact or fits) == 1:
            return (exact or fits)[0]
        if not fits:
            over = [one for one in self.incidents.values() if one.id == prefix.lower()]
            raise Rejected(
                f"{prefix} is over: it was resolved by {over[0].resolved_by}"
                if over
                else f"no open incident has an id that begins with {prefix!r}"
            )
        raise Rejected(f"{prefix!r} could be any of {', '.join(one.id for one in fits)}")
