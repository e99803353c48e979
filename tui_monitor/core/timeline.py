"""How an incident changes: each change is one event more, numbered without a gap, and a new value of the incident."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from tui_monitor.core.model import Event, Incident, Kind, State
from tui_monitor.core.status import Status

SEEN_BY = ("engine", "vendor")
"""Who says that it is well because it was seen to be; a person or the config only says that it is over."""


def incident_id(service: str, cause: str, started_at: datetime) -> str:
    """Short, and the same whenever the same observations are weighed again."""
    text = f"{service}\n{cause}\n{started_at.timestamp():.6f}"
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=5).digest())
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(digits[number >> shift & 31] for shift in range(35, -1, -5))


def event_of(
    incident: Incident,
    kind: Kind,
    at: datetime,
    *,
    by: str = "engine",
    text: str = "",
    to: tuple[str, ...] = (),
) -> Event:
    return Event(incident.id, incident.revision, kind, at, by, text, incident.service, incident.status, to)


def append(
    incident: Incident,
    kind: Kind,
    at: datetime,
    *,
    by: str = "engine",
    text: str = "",
    to: tuple[str, ...] = (),
) -> tuple[Incident, Event]:
    """`updated_at` of a vendor's incident is the vendor's own word, so that what we add is not taken for news."""
    updated_at = at if incident.vendor_ref is None else incident.updated_at
    after = replace(incident, revision=incident.revision + 1, updated_at=updated_at)
    return after, event_of(after, kind, at, by=by, text=text, to=to)


def end(
    incident: Incident, resolved_at: datetime, by: str, at: datetime, text: str, kind: Kind = Kind.RESOLVED
) -> tuple[Incident, Event]:
    ended = replace(
        incident,
        status=incident.status if by not in SEEN_BY else Status.OPERATIONAL,
        state=State.RESOLVED,
        resolved_at=max(resolved_at, incident.started_at),
        resolved_by=by,
        flapping=False,
    )
    return append(ended, kind, at, by=by, text=text)
