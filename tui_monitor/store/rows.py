"""Our values as rows and back. What a column holds is decided here, once, for the writer and for every reader."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from tui_monitor.core.codec import decode, encode
from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Event, Incident, Look, Observation, Owing, Told
from tui_monitor.core.ports import Batch
from tui_monitor.core.status import Status

T = TypeVar("T")

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SLOT = 1 << 24
"""An hour's slot is `hour * SLOT + service`, a day's `service * SLOT + day`."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

STATUSES = (
    Status.OPERATIONAL,
    Status.MAINTENANCE,
    Status.DEGRADED,
    Status.PARTIAL,
    Status.MAJOR,
    Status.UNKNOWN,
)
"""A status on disk is its place in this tuple; never reordered."""
CODES = {status: code for code, status in enumerate(STATUSES)}


def milliseconds(at: datetime) -> int:
    """A moment as columns hold it."""
    return round(at.timestamp() * 1000)


def moment_of(at: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at)


def text_of(value: Any) -> str:
    """The whole value as JSON in ASCII: also half a surrogate pair, which a vendor's page may hold, must be kept."""
    return json.dumps(encode(value), separators=(",", ":"))


def value_of(into: type[T], text: str) -> T:
    """A value from its JSON column; what cannot be read is said, never guessed."""
    try:
        return decode(into, json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        name = into.__name__.lower()
        raise StoreError(f"The store holds a {name} that this program cannot read: {error}.") from error


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch ready to be written: made by whoever commits, so that the writer only writes."""

    looks: Sequence[tuple[str, int, int, int, float | None]]
    beliefs: Sequence[tuple[str, str]]
    incidents: Sequence[tuple[str, str, str, int, int | None, int, str]]
    events: Sequence[tuple[str, int, int, str]]
    told: Sequence[tuple[str, str, str, int, int, str]]
    settings: Sequence[tuple[str, str]]

    @property
    def is_promised(self) -> bool:
        """Whether somebody acts on this once it is acknowledged: then it must also outlive a power loss.

        A lost look is a gap of a second; a lost event, claim or acknowledgement is a lie or a double post.
        """
        return bool(self.events or self.told or self.incidents or self.settings)


def rows_of(batch: Batch) -> Rows:
    return Rows(
        _looks(batch.observations),
        [(belief.service, text_of(belief)) for belief in batch.beliefs],
        [_incident(incident) for incident in batch.incidents],
        [_event(event) for event in batch.events],
        [_told(told) for told in batch.told],
        list(batch.settings.items()),
    )


def _looks(observations: Sequence[Observation]) -> list[tuple[str, int, int, int, float | None]]:
    """The one conversion that happens for every look, so without a call for each."""
    return [
        (
            seen.service,
            round(seen.at.timestamp() * 1000),
            CODES[seen.counts_as or seen.reading.status],
            seen.confirming,
            seen.reading.latency,
        )
        for seen in observations
    ]


def _incident(incident: Incident) -> tuple[str, str, str, int, int | None, int, str]:
    ended = None if incident.resolved_at is None else milliseconds(incident.resolved_at)
    started = milliseconds(incident.started_at)
    return (
        incident.id,
        incident.service,
        incident.state.value,
        started,
        ended,
        incident.revision,
        text_of(incident),
    )


def _event(event: Event) -> tuple[str, int, int, str]:
    return (event.subject, event.n, milliseconds(event.at), text_of(event))


def _told(told: Told) -> tuple[str, str, str, int, int, str]:
    return (told.destination, told.subject, told.state.value, told.owed, told.told, text_of(told))


def look_of(at: int, status: int, confirming: int, latency: float | None) -> Look:
    return Look(moment_of(at), STATUSES[status], latency, bool(confirming))


def is_live(told: Told, incident: Incident | None) -> bool:
    """Whether an engine that starts must know this row; the words of the `live_told` query."""
    if incident is None or incident.is_open or told.state in (Owing.OWED, Owing.SENDING, Owing.HELD):
        return True
    return told.told < told.owed or told.told < incident.revision
