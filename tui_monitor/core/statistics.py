"""What incidents add up to: how many, how soon somebody took them, how long they lasted."""

from __future__ import annotations

from collections.abc import Sequence
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
    real = [one for one in incidents if not one.rehearsal]
    seen = [one for one in real if one.is_open or (one.resolved_at and one.resolved_at >= since)]
    taken = [
        (one.acknowledged_at - one.started_at).total_seconds() for one in seen if one.acknowledged_at is not None
    ]
    ended = [(one.resolved_at - one.started_at).total_seconds() for one in seen if one.resolved_at is not None]
    active = sum(one.is_open for one in seen)
    return Statistics(len(seen), active, len(seen) - active, _mean(taken), _mean(ended))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
