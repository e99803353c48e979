"""The incident machine: what one observation, or one person, does to what is believed of a service.

The rules are a table: where a service stands and which way the evidence leans give how many observations in a row
it takes and what then happens. The functions below only carry the table out; they return what has changed and
change nothing themselves. `unknown` has no row: it is no evidence, so it does nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tui_monitor.core.listed import Listing, is_old_copy, weigh_list
from tui_monitor.core.model import Belief, Event, Incident, Kind, Observation, Patience, Reading
from tui_monitor.core.status import Status, worst
from tui_monitor.core.timeline import append, end, event_of, incident_id


class Phase(StrEnum):
    """Where a service stands with its own incident."""

    WELL = "well"
    ILL = "ill"
    FLAPPING = "flapping"
    PARDONED = "pardoned"


class Leaning(StrEnum):
    """Which way an observation points, seen from what is believed."""

    GOOD = "good"
    BAD = "bad"
    SAME = "same"
    WORSE = "worse"
    EASIER = "easier"


class Patient(StrEnum):
    """How many observations in a row it takes."""

    NONE = "at once"
    DOWN = "down_after"
    UP = "up_after"


class Act(StrEnum):
    """What then happens."""

    KEEP = "keep"
    SETTLE = "settle"
    OPEN = "open"
    RESOLVE = "resolve"
    SHIFT = "shift"
    TURN = "turn"
    FORGET = "forget"


RULES: dict[tuple[Phase, Leaning], tuple[Patient, Act]] = {
    (Phase.WELL, Leaning.GOOD): (Patient.NONE, Act.SETTLE),
    (Phase.WELL, Leaning.BAD): (Patient.DOWN, Act.OPEN),
    (Phase.ILL, Leaning.SAME): (Patient.NONE, Act.KEEP),
    (Phase.ILL, Leaning.GOOD): (Patient.UP, Act.RESOLVE),
    (Phase.ILL, Leaning.WORSE): (Patient.DOWN, Act.SHIFT),
    (Phase.ILL, Leaning.EASIER): (Patient.UP, Act.SHIFT),
    (Phase.FLAPPING, Leaning.SAME): (Patient.NONE, Act.KEEP),
    (Phase.FLAPPING, Leaning.GOOD): (Patient.UP, Act.TURN),
    (Phase.FLAPPING, Leaning.BAD): (Patient.DOWN, Act.TURN),
    (Phase.FLAPPING, Leaning.WORSE): (Patient.DOWN, Act.TURN),
    (Phase.FLAPPING, Leaning.EASIER): (Patient.UP, Act.TURN),
    (Phase.PARDONED, Leaning.SAME): (Patient.NONE, Act.KEEP),
    (Phase.PARDONED, Leaning.GOOD): (Patient.UP, Act.FORGET),
    (Phase.PARDONED, Leaning.BAD): (Patient.DOWN, Act.OPEN),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has changed. `confirm` asks for another look soon, to make sure of a failure."""

    belief: Belief
    incidents: tuple[Incident, ...] = ()
    events: tuple[Event, ...] = ()
    confirm: bool = False


def weigh(belief: Belief, observation: Observation, patience: Patience) -> Verdict:
    """What an observation makes of what is believed."""
    reading = observation.reading
    if reading.status is Status.UNKNOWN and reading.incidents is None:
        return Verdict(belief)
    if reading.incidents is None and not belief.vendor:
        return _weigh_own(belief, reading, observation.at, patience)
    if is_old_copy(belief, reading, observation.at):
        return Verdict(belief)
    listed = Listing(belief) if reading.incidents is None else weigh_list(belief, reading, observation.at, patience)
    left, own = _unexplained(reading), Verdict(listed.belief)
    if left.status is not Status.UNKNOWN:
        own = _weigh_own(listed.belief, left, observation.at, patience)
        if _is_explained(reading):
            own = _handed_over(listed.belief.incident, own, observation.at)
    return Verdict(
        _explained(belief, own.belief, reading, observation.at),
        listed.incidents + own.incidents,
        listed.events + own.events,
        own.confirm,
    )


def _explained(before: Belief, after: Belief, reading: Reading, at: datetime) -> Belief:
    """The belief whose status also counts the vendor's incidents, and whose `since` only moves when that does."""
    status = worst([after.status, *(one.status for one in after.vendor)])
    if _is_explained(reading):
        status = worst([status, reading.status])
    since = before.since if status is before.status else at
    explained = replace(after, status=status, since=since)
    return before if explained == before else explained


def _unexplained(reading: Reading) -> Reading:
    """What is left to explain when the vendor's own incidents say why."""
    return replace(reading, status=Status.OPERATIONAL, message="", cause="") if _is_explained(reading) else reading


def _is_explained(reading: Reading) -> bool:
    """Whether the vendor lists what is wrong; that a person has closed it here makes the page no better.

    A mere notice explains nothing.
    """
    return any(not one.maintenance and not one.status.is_good for one in reading.incidents or ())


def _handed_over(before: Incident | None, own: Verdict, at: datetime) -> Verdict:
    """Its own incident ends with one that the vendor names for it, and not because anything is well again."""
    if before is None or own.belief.incident is not None:
        return own
    ended, event = end(before, at, "vendor", at, "the vendor names an incident for it")
    return replace(
        own, incidents=(replace(ended, status=before.status),), events=(replace(event, status=before.status),)
    )


# -- the service's own incident ---------------------------------------------------------------------------------


def phase_of(belief: Belief) -> Phase:
    if belief.incident is not None:
        return Phase.FLAPPING if belief.incident.flapping else Phase.ILL
    return Phase.PARDONED if _own(belief.forgiven) else Phase.WELL


def _standing(belief: Belief) -> Incident:
    if belief.incident is None:
        raise ValueError(f"{belief.service} has no incident of its own")
    return belief.incident


def leaning_of(belief: Belief, phase: Phase, reading: Reading) -> Leaning:
    """Which way a reading points; only called with readings that are evidence."""
    if phase is Phase.WELL:
        return Leaning.BAD if reading.status.is_bad else Leaning.GOOD
    if phase is Phase.PARDONED:
        if reading.status.is_good:
            return Leaning.GOOD
        return Leaning.SAME if own_cause(reading) in belief.forgiven else Leaning.BAD
    return _leaning_of_incident(_standing(belief), reading.status)


def _leaning_of_incident(incident: Incident, status: Status) -> Leaning:
    """Only an incident that flaps may itself be well for the moment."""
    if status is incident.status:
        return Leaning.SAME
    if status.is_good:
        return Leaning.GOOD
    if incident.status.is_good:
        return Leaning.BAD
    return Leaning.WORSE if status.rank > incident.status.rank else Leaning.EASIER


def _weigh_own(belief: Belief, reading: Reading, at: datetime, patience: Patience) -> Verdict:
    belief = forget_streak(belief) if _is_lapsed(belief, at, patience) else belief
    phase = phase_of(belief)
    leaning = leaning_of(belief, phase, reading)
    patient, act = RULES[phase, leaning]
    streak = belief.streak + 1 if belief.leaning == leaning else 1
    since = belief.streak_since if streak > 1 and belief.streak_since else at
    needed = {Patient.NONE: 1, Patient.DOWN: patience.down_after, Patient.UP: patience.up_after}[patient]
    better = _better(belief, leaning, reading)
    is_well = leaning is Leaning.GOOD and streak >= needed
    if len(better) >= patience.up_after and not is_well:
        heaviest = max(better[-patience.up_after :], key=lambda one: one.status.rank)
        verdict = _ACTS[RULES[phase, Leaning.EASIER][1]](belief, heaviest, since, at, patience)
        if leaning is Leaning.GOOD:  # easier it is in any case, and on its way to well
            verdict = replace(verdict, belief=_lean(verdict.belief, leaning, streak, since, at, better[-streak:]))
    elif streak >= needed:
        verdict = _ACTS[act](belief, reading, since, at, patience)
    else:
        verdict = Verdict(_lean(belief, leaning, streak, since, at, better), confirm=patient is Patient.DOWN)
    return _calm(verdict, at, patience) if phase is Phase.FLAPPING else verdict


def _lean(
    belief: Belief, leaning: Leaning, streak: int, since: datetime, at: datetime, lately: tuple[Reading, ...]
) -> Belief:
    return replace(belief, leaning=leaning, streak=streak, streak_since=since, leant_at=at, lately=lately)


def _is_lapsed(belief: Belief, at: datetime, patience: Patience) -> bool:
    """Whether so long has passed since the streak's last look that it is no streak any more."""
    if not belief.leaning or belief.leant_at is None:
        return False
    return abs((at - belief.leant_at).total_seconds()) > patience.lapse


def _better(belief: Belief, leaning: Leaning, reading: Reading) -> tuple[Reading, ...]:
    """The looks in a row that were better than what stands, well or only easier: a mix of both is easier at least."""
    if leaning not in (Leaning.GOOD, Leaning.EASIER) or belief.incident is None or belief.incident.status.is_good:
        return ()
    before = belief.lately if belief.leaning in (Leaning.GOOD, Leaning.EASIER) else ()
    return (*before, _slim(reading))


def _slim(reading: Reading) -> Reading:
    return Reading(reading.status, reading.message, reading.cause)


def _settle(belief: Belief, reading: Reading, since: datetime, at: datetime, patience: Patience) -> Verdict:
    if belief.status is reading.status and not belief.streak and not belief.leaning:
        return Verdict(belief)
    return Verdict(believe(forget_streak(belief), reading.status, at))


def _keep(belief: Belief, reading: Reading, since: datetime, at: datetime, patience: Patience) -> Verdict:
    kept = belief
    if belief.leaning == Leaning.WORSE and len(belief.lately) + 1 < patience.up_after:
        kept = replace(
            belief, lately=(*belief.lately, _slim(reading)), leant_at=at
        )  # worse now and then, not forgotten
    elif belief.streak:
        kept = forget_streak(belief)
    if belief.incident is None:
        return Verdict(believe(kept, reading.status, at))
    cause = own_cause(reading)
    if not reading.status.is_bad or cause in belief.causes:
        return Verdict(kept)
    kept = replace(kept, causes=(*belief.causes[-15:], cause))
    return _update(kept, reading, at) if reading.milestone else Verdict(kept)


def _update(belief: Belief, reading: Reading, at: datetime) -> Verdict:
    """News although the status is the same: the next threshold of something that runs out."""
    before = _standing(belief)
    incident, event = append(
        replace(before, title=reading.message or before.title), Kind.UPDATED, at, text=reading.message
    )
    return Verdict(replace(belief, incident=incident), (incident,), (event,))


def _open(belief: Belief, reading: Reading, since: datetime, at: datetime, patience: Patience) -> Verdict:
    cause = own_cause(reading)
    incident = Incident(
        id=incident_id(belief.service, cause, since),
        service=belief.service,
        cause=cause,
        title=reading.message or f"{reading.status}",
        status=reading.status,
        severity=reading.status,
        started_at=since,
        revision=1,
        updated_at=at,
    )
    opened = event_of(incident, Kind.OPENED, at, text=incident.title)
    believed = replace(believe(forget_streak(belief), reading.status, at), causes=(cause,))
    flapping = _flip(believed, incident, at, patience)
    return replace(flapping, events=(opened, *flapping.events))


def _resolve(belief: Belief, reading: Reading, since: datetime, at: datetime, patience: Patience) -> Verdict:
    incident, event = end(_standing(belief), since, "engine", at, "well again")
    believed = believe(forget_streak(belief), reading.status, since)
    return Verdict(at_peace(believed), (incident,), (event,))


def _shift(belief: Belief, reading: Reading, since: datetime, at: datetime, patience: Patience) -> Verdict:
    before = _standing(belief)
    is_worse = reading.status.rank > before.status.rank
    incident, event = append(
        replace(
            before,
            status=reading.status,
            severity=worst([before.severity, reading.status]),
            title=reading.message or before.title,
        ),
        Kind.WORSENED if is_worse else Kind.EASED,
        at,
        text=reading.message or f"{reading.status}",
    )
    cause = own_cause(reading)
    causes = belief.causes if cause in belief.causes else (*belief.causes[-15:], cause)
    believed = replace(believe(forget_streak(belief), reading.status, at), incident=incident, causes=causes)
    if not is_worse:
        return Verdict(believed, (incident,), (event,))
    flapping = _flip(believed, incident, at, patience)
    return replace(flapping, events=(event, *flapping.events))


def _flip(belief: Belief, incident: Incident, at: datetime, patience: Patience) -> Verdict:
    """Once more for the worse: from so many within a time on, that is called flapping."""
    recent = tuple(one for one in belief.flips if (at - one).total_seconds() < patience.flap_within)
    flips = _newest((*recent, at), patience)
    events: tuple[Event, ...] = ()
    if 1 < patience.flap_after <= len(flips):
        text = f"flapping: {len(flips)} times for the worse lately; told again when it is calm"
        incident, event = append(replace(incident, flapping=True), Kind.FLAPPING, at, text=text)
        events = (event,)
    return Verdict(replace(belief, incident=incident, flips=flips), (incident,), events)


def _turn(belief: Belief, reading: Reading, since: datetime, at: datetime, patience: Patience) -> Verdict:
    """A flapping service turns: the truth is kept, nobody is told until it is calm."""
    before = _standing(belief)
    incident = replace(
        before,
        status=reading.status,
        severity=worst([before.severity, reading.status]),
        updated_at=at,
    )
    believed = believe(forget_streak(belief), reading.status, at)
    return Verdict(replace(believed, incident=incident, flips=_newest((*belief.flips, at), patience)), (incident,))


def _newest(flips: tuple[datetime, ...], patience: Patience) -> tuple[datetime, ...]:
    return flips[-max(1, patience.flap_after) :]


def _forget(belief: Belief, reading: Reading, since: datetime, at: datetime, patience: Patience) -> Verdict:
    return Verdict(at_peace(believe(forget_streak(belief), reading.status, since)))


def at_peace(belief: Belief) -> Belief:
    """With no incident of its own and nothing pardoned: no cause has lasted, so whatever fails next is new."""
    forgiven = tuple(cause for cause in belief.forgiven if not cause.startswith(_OWN))
    return replace(belief, incident=None, causes=(), forgiven=forgiven)


_ACTS = {
    Act.KEEP: _keep,
    Act.SETTLE: _settle,
    Act.OPEN: _open,
    Act.RESOLVE: _resolve,
    Act.SHIFT: _shift,
    Act.TURN: _turn,
    Act.FORGET: _forget,
}


def _calm(verdict: Verdict, at: datetime, patience: Patience) -> Verdict:
    """Flapping ends when nothing has turned for a while nor is about to, and ends with the truth as it is then."""
    belief = verdict.belief
    incident = belief.incident
    if incident is None or belief.leaning or not belief.flips:
        return verdict
    if (at - belief.flips[-1]).total_seconds() < patience.flap_calm:
        return verdict
    if incident.status.is_good:
        ended, event = end(replace(incident, flapping=False), belief.flips[-1], "engine", at, "well and calm again")
        return Verdict(replace(at_peace(belief), flips=()), (ended,), (*verdict.events, event))
    calmed, event = append(
        replace(incident, flapping=False), Kind.CALMED, at, text=f"no longer flapping: {incident.status}"
    )
    return Verdict(replace(belief, incident=calmed, flips=()), (calmed,), (*verdict.events, event))


# -- words shared by all of them --------------------------------------------------------------------------------

_OWN = "own:"


def own_cause(reading: Reading) -> str:
    return _OWN + (reading.cause or reading.status.value)


def _own(causes: Iterable[str]) -> bool:
    return any(cause.startswith(_OWN) for cause in causes)


def forget_streak(belief: Belief) -> Belief:
    """What was leaning is forgotten; what is believed stays."""
    return replace(belief, leaning="", streak=0, streak_since=None, leant_at=None, lately=())


def believe(belief: Belief, status: Status, at: datetime) -> Belief:
    return belief if belief.status is status else replace(belief, status=status, since=at)
