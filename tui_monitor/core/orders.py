"""What a person, the config or the end of a rehearsal does to an incident, whatever looks may say.

Like the machine these return what has changed and change nothing themselves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tui_monitor.core.errors import Rejected
from tui_monitor.core.incident import Verdict, at_peace, believe, forget_streak
from tui_monitor.core.model import Belief, Incident, Kind, Reading, State
from tui_monitor.core.quiet import Simulation
from tui_monitor.core.timeline import append, end


def acknowledge(belief: Belief, incident: Incident, by: str, text: str, at: datetime) -> Verdict:
    if incident.state is State.ACKNOWLEDGED:
        raise Rejected(f"{incident.id} is already acknowledged by {incident.by or 'somebody'}")
    known, event = append(
        replace(incident, state=State.ACKNOWLEDGED, by=by, acknowledged_at=at),
        Kind.ACKNOWLEDGED,
        at,
        by=by,
        text=text,
    )
    return Verdict(swap(belief, incident, known), (known,), (event,))


def note(belief: Belief, incident: Incident, by: str, text: str, at: datetime) -> Verdict:
    noted, event = append(incident, Kind.NOTED, at, by=by, text=text)
    return Verdict(swap(belief, incident, noted), (noted,), (event,))


def update(belief: Belief, incident: Incident, by: str, text: str, to: tuple[str, ...], at: datetime) -> Verdict:
    """Words for the destinations that a person has chosen."""
    updated, event = append(incident, Kind.UPDATED, at, by=by, text=text, to=to)
    return Verdict(swap(belief, incident, updated), (updated,), (event,))


def force_resolve(belief: Belief, incident: Incident, by: str, text: str, at: datetime) -> Verdict:
    """Closed by a person; it stays closed while the same cause lasts, and a new cause opens another."""
    ended, event = end(incident, at, by, at, text, Kind.FORCE_RESOLVED)
    lasting = (incident.cause,) if incident.vendor_ref is not None else (incident.cause, *belief.causes)
    forgiven = tuple(dict.fromkeys((*belief.forgiven, *lasting)))
    pardoned = replace(swap(forget_streak(belief), incident, None), forgiven=forgiven)
    return Verdict(pardoned, (ended,), (event,))


def rehearsed(belief: Belief, played: Simulation, at: datetime) -> Verdict:
    """The end of a rehearsal: what it opened is over, and all that it had made believe is taken back."""
    flips = tuple(one for one in belief.flips if one < played.since)
    after = replace(believe(forget_streak(belief), played.was, at), flips=flips, forgiven=played.forgiven)
    if belief.incident is None or not belief.incident.rehearsal:
        return Verdict(after)
    ended, event = end(belief.incident, at, "rehearsal", at, "the rehearsal is over")
    return Verdict(replace(at_peace(after), forgiven=played.forgiven), (ended,), (event,))


def abandon(incident: Incident, at: datetime, text: str) -> Verdict:
    """The end of an incident whose service is no longer watched."""
    ended, event = end(incident, at, "config", at, text)
    return Verdict(Belief(incident.service), (ended,), (event,))


def left_out(belief: Belief, verdict: Verdict, reading: Reading, at: datetime) -> Verdict:
    """The first list after the config chose other parts of a page: what it lacks, the vendor need not have ended."""
    over = {one.ref for one in reading.over}
    ended = {one.id for one in verdict.incidents if not one.is_open}
    gone = [one for one in belief.vendor if one.id in ended and one.vendor_ref not in over]
    text = "the config does not choose it any more, or it is over"
    by_id = {one.id: end(one, at, "config", at, text) for one in gone}
    return replace(
        verdict,
        incidents=tuple(by_id[one.id][0] if one.id in by_id else one for one in verdict.incidents),
        events=tuple(by_id[one.subject][1] if one.subject in by_id else one for one in verdict.events),
    )


def shifted(belief: Belief, by: timedelta) -> Belief:
    """The clock was set: what is of now began as long ago as before, only its moments were written wrongly."""
    own = belief.incident and replace(belief.incident, started_at=belief.incident.started_at + by)
    comings = tuple(
        replace(one, at=tuple(at + by for at in one.at), doubted=one.doubted and one.doubted + by)
        for one in belief.comings
    )
    flips = tuple(at + by for at in belief.flips)
    return replace(forget_streak(belief), incident=own, flips=flips, comings=comings)


def swap(belief: Belief, old: Incident, new: Incident | None) -> Belief:
    if belief.incident is not None and belief.incident.id == old.id:
        return replace(belief, incident=new, causes=belief.causes if new else ())
    kept = (new if one.id == old.id else one for one in belief.vendor)
    return replace(belief, vendor=tuple(one for one in kept if one is not None))
