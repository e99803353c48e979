"""The store as plain lists: the slow, obvious model that the other one is held against, and the demo's, which leaves
no trace. It keeps everything for ever and packs nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from statistics import mean, median

from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Belief, Event, Incident, Kind, Look, Observation, Told
from tui_monitor.core.ports import Account, Batch, Chart, Checkpoint, Day, Quantiles, Slice, Uptime
from tui_monitor.core.status import Status, worst
from tui_monitor.store.rows import HOUR, is_live, milliseconds, moment_of

NEWEST_EVENTS = 500


class MemoryStore:
    """Keeps what it is given, as it was given."""

    notice = ""

    def __init__(self) -> None:
        self._looks: dict[str, list[Look]] = {}
        self._beliefs: dict[str, Belief] = {}
        self._incidents: dict[str, Incident] = {}
        self._events: dict[tuple[str, int], Event] = {}
        self._told: dict[tuple[str, str], Told] = {}
        self._settings: dict[str, str] = {}

    async def load(self, services: Sequence[str]) -> Checkpoint:
        live = [told for told in self._told.values() if is_live(told, self._incidents.get(told.subject))]
        subjects = {told.subject for told in live}
        revisions: dict[str, int] = {}
        for subject, n in self._events:
            if subject not in self._incidents:
                revisions[subject] = max(n, revisions.get(subject, 0))
        return Checkpoint(
            beliefs=[self._beliefs[service] for service in services if service in self._beliefs],
            incidents=sorted(
                (i for i in self._incidents.values() if i.is_open or i.id in subjects),
                key=lambda i: (i.started_at, i.id),
            ),
            told=sorted(live, key=lambda told: told.key),
            events=list(self._events.values())[-NEWEST_EVENTS:],
            revisions=revisions,
            settings=dict(self._settings),
        )

    async def commit(self, batch: Batch) -> None:
        for event in batch.events:
            kept = self._events.get((event.subject, event.n), event)
            if kept != event:
                raise StoreError(f"Event {event.n} of {event.subject} is already written, with other content.")
        for seen in batch.observations:
            self._looks.setdefault(seen.service, []).append(_look(seen))
        for event in batch.events:
            self._events.setdefault((event.subject, event.n), event)
        self._beliefs.update({belief.service: belief for belief in batch.beliefs})
        self._incidents.update({incident.id: incident for incident in batch.incidents})
        self._told.update({told.key: told for told in batch.told})
        self._settings.update(batch.settings)

    async def looks(self, service: str, since: datetime, until: datetime) -> list[Look]:
        within = (look for look in self._looks.get(service, ()) if since <= look.at <= until)
        return sorted(within, key=lambda look: look.at)

    async def uptimes(
        self, services: Sequence[str], now: datetime, spans: Sequence[float]
    ) -> dict[str, list[Uptime]]:
        return {service: [self._uptime(service, now, span) for span in spans] for service in services}

    def _uptime(self, service: str, now: datetime, span: float) -> Uptime:
        first = (milliseconds(now) - round(span * 1000)) // HOUR * HOUR
        seen = [
            look.status
            for look in self._looks.get(service, ())
            if not look.confirming and milliseconds(look.at) >= first
        ]
        return Uptime(
            up=sum(status in (Status.OPERATIONAL, Status.DEGRADED) for status in seen),
            down=sum(status in (Status.PARTIAL, Status.MAJOR) for status in seen),
            maintenance=seen.count(Status.MAINTENANCE),
            unknown=seen.count(Status.UNKNOWN),
        )

    async def sparkline(self, service: str, since: datetime, until: datetime, points: int) -> list[float | None]:
        width = (until - since) / points
        slices: list[list[float]] = [[] for _ in range(points)]
        for look in await self.looks(service, since, until):
            if look.latency is not None:
                slices[min(points - 1, int((look.at - since) / width))].append(look.latency)
        return [median(latencies) if latencies else None for latencies in slices]

    async def chart(self, service: str, since: datetime, until: datetime, points: int) -> Chart:
        first, last = milliseconds(since), milliseconds(until)
        edges = [first + (last - first) * i // points for i in range(points)]
        looks = await self.looks(service, since, until)
        slices: list[list[Look]] = [[] for _ in range(points)]
        for look in looks:
            slices[bisect_right(edges, milliseconds(look.at)) - 1].append(look)
        measured = sorted(look.latency for look in looks if look.latency is not None)
        return Chart(
            [_slice(moment_of(edge), seen) for edge, seen in zip(edges, slices, strict=True)],
            _quantiles(measured),
            mean(measured) if measured else None,
        )

    async def days(self, service: str, until: datetime, count: int) -> list[Day]:
        last = until.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        counts: dict[datetime, Counter[Status]] = {
            last - timedelta(days=back): Counter() for back in reversed(range(count))
        }
        for look in self._looks.get(service, ()):
            day = look.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            if day in counts and not look.confirming:
                counts[day][look.status] += 1
        return [Day(day, counted) for day, counted in counts.items()]

    async def lately(self, services: Sequence[str], count: int) -> dict[str, list[Look]]:
        return {one: sorted(self._looks.get(one, ()), key=lambda look: look.at)[-count:] for one in services}

    async def incidents(self, *, open_only: bool, since: datetime | None = None, service: str = "") -> list[Incident]:
        wanted = [
            incident
            for incident in self._incidents.values()
            if (incident.is_open or not open_only)
            and (since is None or incident.resolved_at is None or incident.resolved_at >= since)
            and service in ("", incident.service)
        ]
        return sorted(wanted, key=lambda incident: (incident.started_at, incident.id), reverse=True)

    async def timeline(self, incident: str) -> list[Event]:
        return [event for (subject, _), event in sorted(self._events.items()) if subject == incident]

    async def told_of(self, subject: str) -> list[Told]:
        return sorted((told for told in self._told.values() if told.subject == subject), key=lambda told: told.key)

    async def events(self, since: datetime, limit: int) -> list[Event]:
        return [event for event in list(self._events.values())[-limit:] if event.at >= since]

    async def account(self, since: datetime) -> Account:
        told: dict[str, dict[str, int]] = {}
        found = await self.incidents(open_only=False, since=since)
        real = {one.id: one.service for one in found if not one.rehearsal}
        for row in self._told.values():
            if row.subject in real:
                states = told.setdefault(row.destination, {})
                states[row.state.value] = states.get(row.state.value, 0) + 1
        flapped = [one.subject for one in self._events.values() if one.kind is Kind.FLAPPING and one.subject in real]
        return Account(told, Counter(real[name] for name in flapped))

    async def tidy(self, now: datetime) -> None:
        """Nothing to pack and nothing to forget."""

    async def close(self) -> None:
        """Nothing to let go of."""


def _look(seen: Observation) -> Look:
    return Look(seen.at, seen.counts_as or seen.reading.status, seen.reading.latency, seen.confirming)


def _slice(at: datetime, looks: Sequence[Look]) -> Slice:
    measured = sorted(look.latency for look in looks if look.latency is not None)
    counted = [look.status for look in looks if not look.confirming]
    return Slice(
        at,
        _quantiles(measured),
        worst(look.status for look in looks) if looks else None,
        len(counted),
        counted.count(Status.PARTIAL) + counted.count(Status.MAJOR),
        counted.count(Status.MAINTENANCE),
    )


def _quantiles(measured: Sequence[float]) -> Quantiles:
    if not measured:
        return Quantiles()
    return Quantiles(*(measured[max(1, ceil(share * len(measured))) - 1] for share in (0.5, 0.95, 0.99, 1.0)))
