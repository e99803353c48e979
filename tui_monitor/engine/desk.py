"""What is believed of every service, as one fold over observations and requests. No I/O, no clock of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tui_monitor.core import incident as machine
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import BOARD, Belief, Event, Incident, Kind, Observation, Patience, Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Checkpoint, Command, Outcome
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean_lines
from tui_monitor.core.views import shown_status
from tui_monitor.engine.clock import Jump
from tui_monitor.engine.draft import Draft
from tui_monitor.engine.ledger import Ledger
from tui_monitor.engine.runner import excuse

AFTERMATH = 10.0
"""Seconds after a jump of time in which failures are no evidence: a machine that woke up has no network yet."""


CALM_AGAIN = 300.0
"""Seconds after a jump before another one excuses failures again."""

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
        self.incidents: dict[str, Incident] = {one.id: one for one in checkpoint.incidents}
        self.timelines: dict[str, tuple[Event, ...]] = {name: tuple(events) for name, events in timelines.items()}
        told = [row for row in checkpoint.told if row.subject in self.incidents]
        settled_at = now + timedelta(seconds=plan.settle)
        self.ledger = Ledger(plan, told, self.incidents, self.timelines, settled_at, seed)
        self.draft = Draft()
        self._board_n = {BOARD: checkpoint.revisions.get(BOARD, 0)}
        self._disturbed_at: datetime | None = None

    def __repr__(self) -> str:
        return f"<Desk {len(self.services)} services, {len(self.open_incidents())} incidents open>"

    def status_of(self, service: str) -> Status:
        """What is believed of a service, by its id or its name, as its tile shows it."""
        name = self._ids.get(service, service)
        belief = self.beliefs.get(name)
        return shown_status(belief, self.last.get(name)) if belief is not None else Status.UNKNOWN

    def open_incidents(self) -> list[Incident]:
        """Newest first."""
        standing = [one for one in self.incidents.values() if one.is_open]
        return sorted(standing, key=lambda one: one.started_at, reverse=True)

    def take(self) -> Draft:
        """What was decided since the last call."""
        draft, self.draft = self.draft, Draft()
        return draft

    def take_back(self, draft: Draft) -> None:
        """The last draft was never written: everything as it was, before anything else is decided on top of it."""
        draft.undo()
        self.ledger.reindex()

    # -- what is seen -------------------------------------------------------------------------------------------

    def resume(self, now: datetime) -> None:
        """What must be put right once, when the engine starts on a checkpoint."""
        for incident in self.open_incidents():
            service = self.services.get(incident.service)
            if service is None:
                self._end(incident, now, "this service is no longer watched")
            elif incident.vendor_ref is not None and not service.check.vendor:
                self._end(incident, now, "this service is no longer read from a vendor's page")
            else:
                self.ledger.consider(self.draft, incident, service, (), now)
        self.ledger.resume(self.draft, now)

    def _end(self, incident: Incident, now: datetime, text: str) -> None:
        belief = self.beliefs.get(incident.service)
        verdict = machine.abandon(incident, now, text)
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
        if jump.set_by:
            self._shift(timedelta(seconds=jump.set_by))
        self.tell_board(Kind.CLOCK, jump.text, now)

    def _shift(self, by: timedelta) -> None:
        """The clock was set: what is open began as long ago as before, only its moments were written wrongly."""
        for belief in list(self.beliefs.values()):
            if not belief.incidents and not belief.flips:
                continue
            own = belief.incident and replace(belief.incident, started_at=belief.incident.started_at + by)
            flips = tuple(at + by for at in belief.flips)
            self._put_belief(replace(machine.forget_streak(belief), incident=own, flips=flips))
            if own is not None:
                self.draft.put(self.incidents, own.id, own)
                self.draft.incidents[own.id] = own

    def observe(self, observation: Observation, now: datetime) -> bool:
        """Weighs one observation; true when another look should make sure of a failure soon."""
        service = self.services.get(observation.service)
        if service is None:
            return False
        if self._is_disturbed(observation):
            observation = replace(observation, reading=excuse(observation.reading))
        self.draft.observations.append(observation)
        if observation.echo:
            return False
        self.last[service.id] = observation
        before = belief = self.beliefs[service.id]
        memo = observation.reading.memo
        if memo and memo != belief.memo:
            belief = replace(belief, memo=memo)
        verdict = machine.weigh(belief, observation, self._patience[service.id])
        if verdict.belief is not before:
            self._put_belief(verdict.belief)
            self._accept(verdict, now)
        return verdict.confirm

    def tick(self, now: datetime) -> None:
        """What time alone changes: reminders, escalations."""
        for name in self.ledger.due_again(now):
            incident = self.incidents.get(name)
            if incident is not None:
                self.ledger.consider(self.draft, incident, self._service(incident), (), now)

    def _service(self, incident: Incident) -> Service:
        return self.services.get(incident.service) or Service(incident.service, incident.service)

    def _put_belief(self, belief: Belief) -> None:
        self.draft.put(self.beliefs, belief.service, belief)
        self.draft.beliefs[belief.service] = belief

    def _accept(self, verdict: machine.Verdict, now: datetime) -> None:
        """Everything that follows from a verdict: rows, timeline, and what is owed outside."""
        self.draft.events.extend(verdict.events)
        for incident in verdict.incidents:
            self.draft.put(self.incidents, incident.id, incident)
            self.draft.incidents[incident.id] = incident
            news = tuple(event for event in verdict.events if event.subject == incident.id)
            if news:
                self.draft.put(self.timelines, incident.id, (*self.timelines.get(incident.id, ()), *news))
            self.ledger.consider(self.draft, incident, self._service(incident), news, now)

    def tell_board(self, kind: Kind, text: str, now: datetime, by: str = "engine") -> None:
        """An event that is about no incident."""
        number = self._board_n[BOARD] + 1
        self.draft.put(self._board_n, BOARD, number)
        self.draft.events.append(Event(BOARD, number, kind, now, by, text))

    def forget(self, now: datetime) -> list[str]:
        """Incidents that are over and of which everybody has heard are left to the store."""
        over = [name for name, one in self.incidents.items() if not one.is_open and not self._is_wanted(one, now)]
        for name in over:
            del self.incidents[name]
            self.timelines.pop(name, None)
            self.ledger.forget(name)
        return over

    def _is_wanted(self, incident: Incident, now: datetime) -> bool:
        """Whether anything of what is over is still on its way; what was given up does not wait for ever."""
        is_old = incident.resolved_at is not None and (now - incident.resolved_at).total_seconds() > KEPT_GIVEN_UP
        return self.ledger.is_owing(incident.id, given_up=not is_old)

    # -- what people ask ----------------------------------------------------------------------------------------

    def carry_out(self, command: Command, now: datetime) -> Outcome:
        """A request that changes belief. Raises Rejected, and then nothing has changed."""
        by = clean_lines(command.by, 100) or "somebody"
        text = clean_lines(command.text, 5000)
        if command.name == "retry":
            row = self.ledger.retry(self.draft, command.target, now)
            return Outcome(f"{row.destination} is told now", {"destination": row.destination})
        if command.name == "drop":
            row = self.ledger.drop(self.draft, command.target)
            self.tell_board(Kind.DROPPED, f"not told to {row.destination}: {row.subject}", now, by)
            return Outcome(f"{row.destination} is not told of {row.subject}", {"destination": row.destination})
        incident = self.find(command.target)
        belief = self.beliefs[incident.service]
        if command.name == "note" and not text:
            raise Rejected("a note needs a text")
        act = {"ack": machine.acknowledge, "note": machine.note, "resolve": machine.force_resolve}[command.name]
        verdict = act(belief, incident, by, text, now)
        self._put_belief(verdict.belief)
        self._accept(verdict, now)
        done = {"ack": "acknowledged", "note": "noted", "resolve": "resolved"}[command.name]
        return Outcome(f"{incident.id} {done}", {"incident": incident.id, "by": by})

    def find(self, prefix: str) -> Incident:
        """The open incident whose id begins like this."""
        fits = [one for one in self.open_incidents() if prefix and one.id.startswith(prefix.lower())]
        exact = [one for one in fits if one.id == prefix.lower()]
        if len(exact or fits) == 1:
            return (exact or fits)[0]
        if not fits:
            raise Rejected(f"no open incident has an id that begins with {prefix!r}")
        raise Rejected(f"{prefix!r} could be any of {', '.join(one.id for one in fits)}")
