"""Which vendors a service of ours stands on, and what their pages say while it fails. Keeps nothing of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from tui_monitor.core.incident import Verdict
from tui_monitor.core.model import Belief, Incident, Observation, Service, Suspect
from tui_monitor.core.quiet import Kin
from tui_monitor.core.upstream import reconsider, suspects_of


class Suspicion:
    """Reads what the desk believes; of a vendor whose failure is only played, nothing real is said."""

    def __init__(
        self,
        services: Mapping[str, Service],
        beliefs: Mapping[str, Belief],
        last: Mapping[str, Observation],
        rehearsed: Collection[str] = (),
    ) -> None:
        self._services, self._beliefs, self._last, self._rehearsed = services, beliefs, last, rehearsed
        self.above: dict[str, list[str]] = {}
        self.below: dict[str, list[str]] = {}
        for name, service in services.items():
            for one in dict.fromkeys(service.upstream):
                if one in services:
                    self.above.setdefault(name, []).append(one)
                    self.below.setdefault(one, []).append(name)

    def __repr__(self) -> str:
        return f"<Suspicion of {len(self.above)} services, {len(self.below)} upstream>"

    def of(self, service: str) -> tuple[Suspect, ...]:
        """What the vendors say that a service stands on; of one not looked at yet, what they said before."""
        own = self._beliefs[service].incident
        seen = [self._kin(one) for one in self._standing_above(service)]
        return suspects_of(seen, own.suspects if own is not None else ())

    def _kin(self, service: str) -> Kin:
        return Kin(self._services[service], self._beliefs[service], self._last.get(service))

    def _standing_above(self, service: str) -> Iterable[str]:
        above = self.above.get(service, ())
        return above if service in self._rehearsed else [one for one in above if one not in self._rehearsed]

    def around(self, service: str) -> list[str]:
        """Whose incidents may have other suspects once something has become of this service."""
        return [*([service] if service in self.above else ()), *self.below.get(service, ())]

    def weigh(self, service: str, now: datetime) -> Verdict | None:
        """What becomes of a service's own incident; None where nothing does."""
        belief = self._beliefs[service]
        return reconsider(belief, self.of(service), now) if belief.incident is not None else None

    def unsure(self, service: str) -> list[str]:
        """The vendors that nobody has looked at since a service began to fail."""
        own = self._beliefs[service].incident
        if own is None:
            return []
        seen = {one: self._last.get(one) for one in self._standing_above(service)}
        return [one for one, last in seen.items() if last is None or last.at < own.started_at]

    def concerned(self, incident: Incident, beliefs: Mapping[str, Belief]) -> list[Incident]:
        """The incidents of ours of which this one is a suspect."""
        own = [belief.incident for one in self.below.get(incident.service, ()) if (belief := beliefs.get(one))]
        return [one for one in own if one is not None and _names(one, incident)]


def _names(own: Incident, suspect: Incident) -> bool:
    return any(one.is_named and one.incident == suspect.id for one in own.suspects)
