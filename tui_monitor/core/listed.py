"""What a vendor's own list makes of what is believed: listed is open, and gone is over.

No patience is needed, but with what has come and gone several times lately.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tui_monitor.core.model import Belief, Event, Incident, Kind, Patience, Reading, VendorIncident
from tui_monitor.core.status import Status, worst
from tui_monitor.core.steady import steadiness
from tui_monitor.core.timeline import append, end, event_of, incident_id

CAUSE = "vendor:"
"""How the cause of a vendor's incident begins; its id there follows."""

AHEAD = 900.0
"""Seconds by which a vendor's clock may be ahead of ours; what is dated later than that is dated wrongly."""

COPIES_LAST = 900.0
"""Seconds for which a page that is older than the one before is taken for a copy that somebody kept on its way."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What has changed by one list."""

    belief: Belief
    incidents: tuple[Incident, ...] = ()
    events: tuple[Event, ...] = ()


def is_old_copy(belief: Belief, reading: Reading, at: datetime) -> bool:
    """Whether this is the page as it was before what has been read of it already.

    Only for a while: a vendor whose clock was set back is believed again.
    """
    if reading.as_of is None or belief.as_of is None or belief.heard_at is None or reading.as_of >= belief.as_of:
        return False
    return 0 <= (at - belief.heard_at).total_seconds() < COPIES_LAST


def weigh_list(belief: Belief, reading: Reading, at: datetime, patience: Patience) -> Listing:
    """Every incident of a vendor's list, and those of ours that it names no longer, or names as over."""
    outages = {one.ref: one for one in reading.incidents or () if not one.maintenance}
    works = {one.ref for one in reading.incidents or () if one.maintenance}
    known = {one.vendor_ref or one.id: one for one in belief.vendor}
    over = {one.ref: one for one in reading.over}
    closed = {cause.removeprefix(CAUSE) for cause in belief.forgiven if cause.startswith(CAUSE)}
    believed = known.keys() | closed
    gone = {
        ref for ref in believed - outages.keys() - over.keys() if not _may_be_out_of_sight(known.get(ref), reading)
    }
    steady = steadiness(belief.comings, believed, outages, gone, at, patience)
    standing: list[Incident] = []
    changed: list[Incident] = []
    events: list[Event] = []
    for ref, said in outages.items():
        before = known.get(ref)
        if before is None and (ref in closed or ref in steady.held):
            continue
        after, news = _meet(belief.service, said, at) if before is None else _follow(before, said, at)
        standing.append(after)
        events.extend(news)
        if news or (before is not None and after is not before):
            changed.append(after)
    for ref, before in known.items():
        if ref in outages:
            continue
        if ref not in over and (ref not in gone or ref in steady.held):
            standing.append(before)
            continue
        why = "the vendor calls it maintenance now" if ref in works else "the vendor lists it no longer"
        ended, event = _end(before, over.get(ref), steady.gone_since.get(ref, at), at, why)
        changed.append(ended)
        events.append(event)
    past = {CAUSE + ref for ref in (gone - steady.held) | (over.keys() - outages.keys())}
    forgiven = tuple(one for one in belief.forgiven if one not in past)
    belief = replace(belief, vendor=tuple(standing), forgiven=forgiven, comings=steady.comings)
    return Listing(_dated(belief, reading, at), tuple(changed), tuple(events))


def _dated(belief: Belief, reading: Reading, at: datetime) -> Belief:
    if reading.as_of is None or reading.as_of == belief.as_of:
        return belief
    return replace(belief, as_of=reading.as_of, heard_at=at)


def _may_be_out_of_sight(incident: Incident | None, reading: Reading) -> bool:
    """Whether the list does not go back as far as one of which it says nothing; None is one that a person closed."""
    return reading.reach is not None and (incident is None or incident.started_at < reading.reach)


def _meet(service: str, said: VendorIncident, at: datetime) -> tuple[Incident, list[Event]]:
    """Named by when it was first seen here: what is listed again after it was gone is another incident."""
    incident = Incident(
        id=incident_id(service, CAUSE + said.ref, at),
        service=service,
        cause=CAUSE + said.ref,
        title=said.title,
        status=said.status,
        severity=said.status,
        started_at=min(said.started_at or at, at),
        vendor_ref=said.ref,
        url=said.url,
        revision=1,
        updated_at=_written_at(said, at),
        components=said.components,
        updates=said.updates,
        words=words_of(said),
    )
    return incident, [event_of(incident, Kind.OPENED, at, by="vendor", text=said.title)]


def _follow(before: Incident, said: VendorIncident, at: datetime) -> tuple[Incident, list[Event]]:
    """What is new since the last list; nothing where the vendor's own clock says that this was written before."""
    written_at = _written_at(said, at)
    if written_at is not None and before.updated_at is not None and written_at < before.updated_at:
        return before, []
    known = replace(
        before,
        title=said.title,
        status=said.status,
        severity=worst([before.severity, said.status]),
        url=said.url or before.url,
        components=said.components or before.components,
        updates=said.updates or before.updates,
        words=words_of(said) or before.words,
    )
    if known == before and written_at in (None, before.updated_at):
        return before, []
    if not _is_news(known, before):
        return replace(known, updated_at=written_at or before.updated_at), []
    after, event = append(known, _kind_of(before, said), at, by="vendor", text=said.update or said.title)
    return replace(after, updated_at=written_at or before.updated_at), [event]


def _written_at(said: VendorIncident, at: datetime) -> datetime | None:
    """By the vendor's clock, since ours says nothing of which word came first; None where it gives no such time."""
    if said.updated_at is None or (said.updated_at - at).total_seconds() > AHEAD:
        return None
    return said.updated_at


def _is_news(after: Incident, before: Incident) -> bool:
    """Whether there is anything that people would read: a vendor may touch its page and change no word."""
    read = ("title", "status", "words", "components")
    return any(getattr(after, name) != getattr(before, name) for name in read) or _said(after) != _said(before)


def _said(incident: Incident) -> list[tuple[str, str]]:
    """What the vendor has written, whenever it dates that."""
    return [(one.state, one.text) for one in incident.updates]


def _kind_of(before: Incident, said: VendorIncident) -> Kind:
    if said.status is before.status or Status.UNKNOWN in (said.status, before.status):
        return Kind.UPDATED
    return Kind.WORSENED if said.status.rank > before.status.rank else Kind.EASED


def _end(
    before: Incident, said: VendorIncident | None, gone_at: datetime, at: datetime, why: str
) -> tuple[Incident, Event]:
    """Over because the vendor says so, which knows since when; or because it is not listed as an outage any more."""
    if said is None:
        return end(before, gone_at, "vendor", at, why)
    told = replace(before, updates=said.updates or before.updates, words=words_of(said) or before.words)
    ended_at = min(said.until or said.updated_at or at, at)
    return end(told, ended_at, "vendor", at, said.update or f"the vendor says {said.state or 'that it is over'}")


def words_of(said: VendorIncident) -> str:
    """The vendor's own words for how far it is and how bad: `identified, critical`."""
    return ", ".join(filter(None, (said.state, said.impact)))
