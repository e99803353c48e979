"""When nobody is told although something is wrong, each time with the reason: suppressed by another service, planned
work, a silence. What is true is decided without any of this; only who is told, and when, depends on it.

One thing is never kept quiet: the end of what somebody was told the beginning of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from tui_monitor.core.incident import Leaning
from tui_monitor.core.model import Belief, Observation, Service
from tui_monitor.core.status import Status
from tui_monitor.core.window import Scope


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody wants to hear nothing of some services for a while, and says why."""

    id: str
    target: str
    scope: Scope
    since: datetime
    until: datetime
    by: str
    reason: str = ""
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Simulation:
    """A rehearsal: what looks at a service are taken to have seen, for a while; and how it was before."""

    service: str
    status: Status
    since: datetime
    until: datetime
    by: str
    was: Status = Status.UNKNOWN
    forgiven: tuple[str, ...] = ()


class Why(StrEnum):
    """What it is that keeps quiet."""

    SUPPRESSED = "suppressed"
    WAITING = "waiting"
    MAINTENANCE = "maintenance"
    SILENCED = "silenced"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Why nobody is told of a service now. `by` is the service that suppresses it."""

    why: Why
    reason: str
    until: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Kin:
    """Another service on which one depends, as it stands: what is believed, and the newest look."""

    service: Service
    belief: Belief
    last: Observation | None

    @property
    def is_down(self) -> bool:
        return is_down(self.belief)

    @property
    def is_doubted(self) -> bool:
        """Whether it has begun to fail and it is not yet sure; nobody waits for one that can no longer be told."""
        if self.last is None or self.last.reading.status is Status.UNKNOWN:
            return False
        return bool(self.belief.streak) and self.belief.leaning in (Leaning.BAD, Leaning.WORSE)


def is_down(belief: Belief) -> bool:
    """Down as uptime counts it: what is only slow stands in nobody's light."""
    return belief.status in (Status.PARTIAL, Status.MAJOR)


def suppression(kin: Iterable[Kin], since: datetime) -> Quiet | None:
    """Whether what a service depends on explains that it has failed since a moment, or may yet turn out to.

    What has not been looked at since then may be down without anybody knowing, so that look is waited for.
    """
    doubtful: Quiet | None = None
    for one in kin:
        name = one.service.name
        if one.is_down:
            return Quiet(Why.SUPPRESSED, f"suppressed by {name}, which is {one.belief.status}", by=one.service.id)
        if doubtful is None and one.is_doubted:
            doubtful = Quiet(Why.WAITING, f"waits until it is sure whether {name} is down", by=one.service.id)
        elif doubtful is None and (one.last is None or one.last.at < since):
            doubtful = Quiet(Why.WAITING, f"waits for a look at {name}, on which it depends", by=one.service.id)
    return doubtful


def ancestors(service: str, services: Mapping[str, Service]) -> tuple[str, ...]:
    """Everything that a service depends on, nearest first, each once."""
    found: dict[str, None] = {}
    ring: Sequence[str] = services[service].depends_on if service in services else ()
    while ring:
        fresh = [one for one in dict.fromkeys(ring) if one not in found and one in services and one != service]
        found.update(dict.fromkeys(fresh))
        ring = [above for one in fresh for above in services[one].depends_on]
    return tuple(found)


def cycle_in(depends: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Services that depend on themselves by way of each other, in a row; empty where none do."""
    try:
        TopologicalSorter(depends).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1]
        return tuple(reversed(ring[1:]))
    return ()
