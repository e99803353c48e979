"""Which services stand on which others, and which of them wait until it is known whether that explains their failure.

Nothing here outlives the process: after a start every service is looked at anew before anybody is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tui_monitor.core.model import Belief, Observation, Service
from tui_monitor.core.quiet import Kin, Quiet, Why, ancestors, suppression


class Kinship:
    """Reads what the desk believes; `freed` holds who waits for a look after what it stands on came back."""

    def __init__(
        self, services: Mapping[str, Service], beliefs: Mapping[str, Belief], last: Mapping[str, Observation]
    ) -> None:
        self._services, self._beliefs, self._last = services, beliefs, last
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
        self.freed: dict[str, tuple[datetime, str]] = {}

    def __repr__(self) -> str:
        return f"<Kinship of {len(self.above)} services, {len(self.freed)} waiting>"

    def of(self, service: str, since: datetime) -> Quiet | None:
        """Whether what a service stands on keeps quiet that it has failed since a moment."""
        above = self.above.get(service)
        if above is None:
            return None
        kin = (Kin(self._services[one], self._beliefs[one], self._last.get(one)) for one in above)
        found = suppression(kin, since)
        if found is None and service in self.freed:
            parent = self.freed[service][1]
            text = f"waits for a look since {self._services[parent].name} came back"
            return Quiet(Why.WAITING, text, by=parent)
        return found

    def unsure(self, service: str, since: datetime) -> list[str]:
        """What a service stands on and nobody has looked at since it began to fail."""
        above = self.above.get(service, ())
        return [one for one in above if (last := self._last.get(one)) is None or last.at < since]

    def free(self, parent: str, failing: Iterable[str], now: datetime) -> list[str]:
        """What stood on a service that has come back and still fails: each waits for a look of its own."""
        below = set(self.below.get(parent, ()))
        found = [name for name in failing if name in below]
        for name in found:
            self.freed[name] = (now, parent)
        return found

    def saw(self, observation: Observation) -> None:
        """A look that began since its parent came back, and was not well, is what it waited for."""
        waiting = self.freed.get(observation.service)
        if waiting and observation.at >= waiting[0] and not observation.reading.status.is_good:
            del self.freed[observation.service]
