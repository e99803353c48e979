"""How well a service is: five ranks, and `unknown`, which is not a rank but "could not tell"."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """`operational < maintenance < degraded < partial < major`; `unknown` is evidence of nothing."""

    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    PARTIAL = "partial"
    MAJOR = "major"
    UNKNOWN = "unknown"

    rank: int

    @property
    def is_bad(self) -> bool:
        """Whether this is evidence that something is wrong."""
        return self.rank >= 2

    @property
    def is_good(self) -> bool:
        """Whether this is evidence that nothing is wrong."""
        return 0 <= self.rank < 2


for _rank, _status in enumerate(
    (Status.OPERATIONAL, Status.MAINTENANCE, Status.DEGRADED, Status.PARTIAL, Status.MAJOR)
):
    _status.rank = _rank
Status.UNKNOWN.rank = -1


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of several: anything bad beats `unknown`, `unknown` beats anything good."""
    found = Status.OPERATIONAL
    unknown = False
    for status in statuses:
        if status is Status.UNKNOWN:
            unknown = True
        elif status.rank > found.rank:
            found = status
    return Status.UNKNOWN if unknown and not found.is_bad else found
