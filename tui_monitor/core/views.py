"""The read model as plain data: the JSON shapes that faces and scripts rely on, made from values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from tui_monitor.core.codec import encode, moment
from tui_monitor.core.errors import Problem
from tui_monitor.core.incident import Leaning
from tui_monitor.core.model import (
    Belief,
    Event,
    Incident,
    Observation,
    Reading,
    Service,
    Suspect,
    Told,
    VendorIncident,
    VendorUpdate,
)
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Uptime
from tui_monitor.core.quiet import Quiet, Silence, Simulation, Why
from tui_monitor.core.status import Status, worst
from tui_monitor.core.window import Span, Window

View = dict[str, Any]

SPANS: Mapping[str, float] = {"24h": 86400.0, "7d": 7 * 86400.0, "30d": 30 * 86400.0, "90d": 90 * 86400.0}
"""The spans over which uptime is shown."""

MOST_PLANS = 5
"""Of a vendor's maintenances that a row carries; its page has them all."""

MOST_OVER = 50
"""Incidents that are over of which a vendor's page still shows something."""


def shown_status(belief: Belief, last: Observation | None) -> Status:
    """What a tile shows: an open incident stands through looks that could not tell; else such a look shows itself."""
    if last is None or any(not one.status.is_good for one in belief.incidents):
        return belief.status
    return Status.UNKNOWN if last.reading.status is Status.UNKNOWN else belief.status


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to know of a service beside how it is: planned work, silence, suppression, rehearsal.

    `read_at` is when a look could last tell anything, and `said` what a vendor's page said then.
    """

    quiet: Quiet | None = None
    work: Span | None = None
    is_silenced: bool = False
    is_simulated: bool = False
    read_at: datetime | None = None
    said: Reading | None = None


def service_view(
    service: Service,
    belief: Belief,
    last: Observation | None,
    uptimes: Sequence[Uptime] = (),
    standing: Standing = Standing(),
) -> View:
    incident = worst_of(belief.incidents)
    reading = last.reading if last else None
    status = shown_status(belief, last)
    since = belief.since if status is belief.status or last is None else last.at
    if standing.work is not None:
        status, since = Status.MAINTENANCE, standing.work.since
    quiet = standing.quiet
    return {
        "id": service.id,
        "name": service.name,
        "group": service.group,
        "tags": list(service.tags),
        "critical": service.critical,
        "kind": service.kind,
        "vendor": bool(getattr(service.check, "vendor", False)),
        "status": status.value,
        "since": _moment(since),
        "checked_at": _moment(last.at) if last else None,
        "every": service.every,
        "latency": reading.latency if reading else None,
        "phases": encode(reading.phases) if reading else None,
        "message": reading.message if reading else (incident.title if incident else ""),
        "failing": failing(belief, service),
        "flapping": bool(belief.incident and belief.incident.flapping),
        "forgiven": is_forgiven(belief),
        "silenced": standing.is_silenced,
        "quiet": quiet.reason if quiet else "",
        "suppressed_by": quiet.by if quiet and quiet.why is Why.SUPPRESSED else None,
        "maintenance": _moment(standing.work.until) if standing.work else None,
        "simulated": standing.is_simulated,
        "depends_on": list(service.depends_on),
        "upstream": list(service.upstream),
        "read_at": _moment(standing.read_at),
        "announced": _plans(standing.said.maintenances if standing.said else ()),
        "under_way": _plans(
            one for one in (standing.said.incidents or () if standing.said else ()) if one.maintenance
        ),
        "measures": [encode(one) for one in reading.measures] if reading else [],
        "certificate_until": _moment(reading.certificate_until) if reading else None,
        "incident": incident.id if incident else None,
        "uptime": {name: uptime.share for name, uptime in zip(SPANS, uptimes, strict=False)} or dict.fromkeys(SPANS),
    }


def worst_of(incidents: Sequence[Incident]) -> Incident | None:
    """The one that makes a service what it is, where a vendor lists notices and small troubles beside it."""
    status = worst(one.status for one in incidents)
    return next((one for one in incidents if one.status is status), next(iter(incidents), None))


def _plans(listed: Iterable[VendorIncident]) -> list[View]:
    """A vendor's maintenance as a row shows it; `vendor_view` has all of it."""
    kept = ("ref", "title", "url", "state", "started_at", "until", "components")
    views = map(listed_view, islice(listed, MOST_PLANS))
    return [{key: view[key] for key in kept} for view in views]


def vendor_view(service: Service, belief: Belief, last: Observation | None, standing: Standing) -> View:
    """All that a vendor's page says, as it was read last."""
    said, now = standing.said, last.reading if last else None
    return {
        "id": service.id,
        "name": service.name,
        "kind": service.kind,
        "status": shown_status(belief, last).value,
        "message": now.message if now else "",
        "read_at": _moment(standing.read_at),
        "as_of": _moment(said.as_of) if said else None,
        "components": [encode(one) for one in said.components] if said else [],
        "incidents": [listed_view(one) for one in said.incidents or ()] if said else [],
        "announced": [listed_view(one) for one in said.maintenances] if said else [],
        "over": [listed_view(one) for one in said.over[:MOST_OVER]] if said else [],
    }


def listed_view(said: VendorIncident) -> View:
    """One incident or maintenance as the vendor lists it."""
    return {
        "ref": said.ref,
        "title": said.title,
        "status": said.status.value,
        "severity": said.status.value,
        "url": said.url,
        "state": said.state,
        "impact": said.impact,
        "started_at": _moment(said.started_at),
        "updated_at": _moment(said.updated_at),
        "until": _moment(said.until),
        "maintenance": said.maintenance,
        "components": list(said.components),
        "updates": [update_view(one) for one in said.updates],
    }


def update_view(update: VendorUpdate) -> View:
    return {"at": _moment(update.at), "state": update.state, "text": update.text}


def is_forgiven(belief: Belief) -> bool:
    """Whether something is wrong of which a person has closed the incident: it stays closed while that lasts."""
    return belief.status.is_bad and bool(belief.forgiven) and not belief.incidents


def failing(belief: Belief, service: Service) -> str | None:
    """`2/3` while a failure is being made sure of, else nothing."""
    if belief.leaning not in (Leaning.BAD, Leaning.WORSE) or not belief.streak:
        return None
    return f"{belief.streak}/{service.patience.down_after}"


def incident_view(
    incident: Incident, timeline: Sequence[Event], told: Sequence[Told], now: datetime, name: str = ""
) -> View:
    """`name` is what people call the service; its id stands for one that nobody watches any more.

    `concerns` is filled in by whoever knows the other incidents: those of ours of which this one is a suspect.
    """
    return {
        "id": incident.id,
        "service": incident.service,
        "name": name or incident.service,
        "title": incident.title,
        "status": incident.status.value,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "by": incident.by,
        "flapping": incident.flapping,
        "rehearsal": incident.rehearsal,
        "vendor_ref": incident.vendor_ref,
        "url": incident.url,
        "words": incident.words,
        "components": list(incident.components),
        "updates": [update_view(one) for one in incident.updates],
        "suspects": [suspect_view(one) for one in incident.suspects],
        "concerns": [],
        "started_at": moment(incident.started_at),
        "acknowledged_at": _moment(incident.acknowledged_at),
        "resolved_at": _moment(incident.resolved_at),
        "resolved_by": incident.resolved_by,
        "duration": incident.duration(now),
        "timeline": [event_view(event) for event in timeline],
        "told": [told_view(row) for row in told],
    }


def suspect_view(suspect: Suspect) -> View:
    """What a vendor says of itself; without an incident it is well, in maintenance, or cannot be read."""
    return {
        "service": suspect.service,
        "name": suspect.name,
        "status": suspect.status.value,
        "incident": suspect.incident,
        "title": suspect.title,
        "url": suspect.url,
    }


def event_view(event: Event) -> View:
    return {
        "subject": event.subject,
        "n": event.n,
        "kind": event.kind.value,
        "at": moment(event.at),
        "by": event.by,
        "text": event.text,
        "service": event.service,
        "status": event.status.value if event.status else None,
        "to": list(event.to),
    }


def told_view(row: Told) -> View:
    """One row of an incident's told list, which is also one row of the outbox."""
    return {
        "id": delivery_id(row.destination, row.subject),
        "destination": row.destination,
        "subject": row.subject,
        "state": row.state.value,
        "reason": row.reason,
        "said": row.said,
        "owed": row.owed,
        "told": row.told,
        "since": _moment(row.since),
        "due_at": _moment(row.due_at),
        "told_at": _moment(row.told_at),
        "remind_at": _moment(row.remind_at),
        "ref": row.ref,
        "url": row.url,
        "attempts": row.attempts,
        "error": row.error,
    }


def delivery_id(destination: str, subject: str) -> str:
    """Short and stable for one destination and one subject."""
    return hashlib.blake2b(f"{destination}\n{subject}".encode(), digest_size=4).hexdigest()


def counts(services: Sequence[View]) -> dict[str, int]:
    found = dict.fromkeys((status.value for status in Status), 0)
    for service in services:
        found[service["status"]] += 1
    return found


def silence_view(silence: Silence, services: Sequence[str]) -> View:
    return {
        "id": silence.id,
        "target": silence.target,
        "services": list(services),
        "by": silence.by,
        "reason": silence.reason,
        "since": moment(silence.since),
        "until": moment(silence.until),
    }


def window_view(window: Window, span: Span | None, services: Sequence[str], now: datetime) -> View:
    """Planned work with the time for which it holds, or will next."""
    return {
        "id": window.id,
        "target": window.target,
        "services": list(services),
        "by": window.by,
        "reason": window.reason,
        "since": _moment(span.since) if span else None,
        "until": _moment(span.until) if span else None,
        "active": span is not None and span.holds(now),
        "source": "command" if window.since else "config",
        "cron": window.cron,
    }


def simulation_view(simulation: Simulation) -> View:
    return {
        "service": simulation.service,
        "status": simulation.status.value,
        "by": simulation.by,
        "until": moment(simulation.until),
    }


def board_view(plan: Plan, services: Sequence[View], now: datetime, source: str) -> View:
    return {
        "at": moment(now),
        "source": source,
        "title": plan.title,
        "counts": counts(services),
        "services": list(services),
    }


def config_view(plan: Plan, problems: Sequence[Problem]) -> View:
    """The config in force, as far as a face needs it, and all that is wrong with the one that is written now."""
    return {
        "file": plan.source,
        "title": plan.title,
        "timezone": plan.timezone,
        "appearance": encode(plan.appearance),
        "problems": [
            {"file": one.file, "line": one.line, "column": one.column, "path": one.path, "text": one.text}
            for one in problems
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at is not None else None
