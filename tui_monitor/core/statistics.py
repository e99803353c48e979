"""What incidents add up to: how many, of what, how soon somebody took them, how long they lasted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_monitor.core.model import Incident


@dataclass(frozen=True, slots=True)
class Statistics:
    """Means are in seconds, and None where nothing was acknowledged or resolved."""

    total: int
    active: int
    resolved: int
    mean_time_to_acknowledge: float | None
    mean_time_to_resolve: float | None


def statistics(incidents: Sequence[Incident], since: datetime) -> Statistics:
    """Over the incidents that were open at some time after `since`; rehearsals are none."""
    seen = real(incidents, since)
    taken = [
        (one.acknowledged_at - one.started_at).total_seconds() for one in seen if one.acknowledged_at is not None
    ]
    ended = [(one.resolved_at - one.started_at).total_seconds() for one in seen if one.resolved_at is not None]
    active = sum(one.is_open for one in seen)
    return Statistics(len(seen), active, len(seen) - active, _mean(taken), _mean(ended))


def real(incidents: Iterable[Incident], since: datetime) -> list[Incident]:
    """Those that were open at some time after a moment, without rehearsals."""
    meant = [one for one in incidents if not one.rehearsal]
    return [one for one in meant if one.is_open or (one.resolved_at and one.resolved_at >= since)]


def most_often(incidents: Iterable[Incident], most: int) -> list[tuple[str, int]]:
    """Services with how many of the incidents were theirs, the most first."""
    counted = Counter(one.service for one in incidents)
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:most]


def longest(incidents: Iterable[Incident], now: datetime, most: int) -> list[Incident]:
    return sorted(incidents, key=lambda one: (-one.duration(now), one.id))[:most]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
