"""Which services stand on which others, and which of them wait until it is known whether that explains their failure.

Nothing here outlives the process: after a start every service is looked at anew before anybody is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from tui_monitor.core.model import Belief, Observation, Service
from tui_monitor.core.quiet import Kin, Quiet, Why, ancestors, suppression


class Kinship:
    """Reads what the desk believes; `rehearsed` holds what is only played, which stands in no real thing's light.

    A failing look may have begun, and may have seen something, long before it came back. So `_failed` holds when the
    first of those in a row did, and `_freed` who must be looked at since a moment, because of whom, and why.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        beliefs: Mapping[str, Belief],
        last: Mapping[str, Observation],
        rehearsed: Collection[str] = (),
    ) -> None:
        self._services, self._beliefs, self._last, self._rehearsed = services, beliefs, last, rehearsed
        self.above = {name: kin for name in services if (kin := ancestors(name, services))}
        self.below: dict[str, list[str]] = {}
        for name, kin in self.above.items():
            for one in kin:
                self.below.setdefault(one, []).append(name)
        self.groups: dict[str, list[str]] = {}
        ids = {service.name: service.id for service in services.values()}
        for name, service in services.items():
            for member in getattr(service.check, "members", ()):
                self.groups.setdefault(ids.get(member, member), []).append(name)
        self.known = frozenset([*self.above, *self.below, *self.groups])
        self._freed: dict[str, tuple[datetime, str, str]] = {}
        self._failed: dict[str, datetime] = {}

    def __repr__(self) -> str:
        return f"<Kinship of {len(self.above)} services, {len(self._freed)} waiting>"

    def of(self, service: str, since: datetime) -> Quiet | None:
        """Whether what a service stands on keeps quiet that it has failed since a moment."""
        if service not in self.above:
            return None
        since = max(since, self._failed.get(service, since))
        found = suppression([self._kin(one) for one in self._standing_above(service)], since)
        if found is None and service in self._freed:
            _, parent, why = self._freed[service]
            return Quiet(Why.WAITING, f"waits for a look since {why}", by=parent)
        return found

    def _kin(self, service: str) -> Kin:
        return Kin(self._services[service], self._beliefs[service], self._last.get(service))

    def _standing_above(self, service: str) -> Iterable[str]:
        above = self.above.get(service, ())
        return above if service in self._rehearsed else [one for one in above if one not in self._rehearsed]

    def unsure(self, service: str) -> list[str]:
        """What a service stands on and nobody has looked at since it began to fail."""
        since = self._failed.get(service)
        if since is None:
            return []
        seen = {one: self._last.get(one) for one in self._standing_above(service)}
        return [one for one, last in seen.items() if last is None or last.at < since]

    def begin(self, now: datetime) -> None:
        """After a start nobody knows what became of anything meanwhile."""
        for name in self.above:
            self._freed[name] = (now, "", "the engine started")

    def free(self, parent: str, now: datetime) -> list[str]:
        """What stands on a service that has come back: no look that began before then proves anything of it."""
        below = self.below.get(parent, [])
        for name in below:
            self._freed[name] = (now, parent, f"{self._services[parent].name} came back")
        return below

    def saw(self, observation: Observation, before: Belief) -> None:
        """What a look proves of the service itself: that it fails by itself, or that nothing is the matter."""
        name, status = observation.service, observation.reading.status
        if status.is_bad:
            self._failed.setdefault(name, observation.at + timedelta(seconds=observation.took))
        elif status.is_good:
            self._failed.pop(name, None)
        waiting = self._freed.get(name)
        if waiting and observation.at >= waiting[0] and not (status.is_good and before.incidents):
            del self._freed[name]

    def succeed(self, old: Kinship) -> None:
        """Another config is in force: who waited still waits."""
        self._failed.update({name: at for name, at in old._failed.items() if name in self._services})
        waiting = {name: one for name, one in old._freed.items() if name in self.above}
        self._freed.update({name: one for name, one in waiting.items() if not one[1] or one[1] in self.above[name]})

    def shift(self, by: timedelta) -> None:
        """The clock was set: what is waited for is no further away."""
        self._failed = {name: at + by for name, at in self._failed.items()}
        self._freed = {name: (at + by, parent, why) for name, (at, parent, why) in self._freed.items()}
