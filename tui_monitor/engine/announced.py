"""Maintenance on vendors' pages, which is no incident: announced, begun, over or called off, each said once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from tui_monitor.core.listed import is_old_copy
from tui_monitor.core.model import Belief, Kind, Observation, Reading, Service, VendorIncident
from tui_monitor.core.window import spell_moment

Plans = Mapping[str, tuple[bool, VendorIncident]]
"""By the vendor's id: whether it has begun, and what it is."""


class Announced:
    """Remembers what each vendor's page said of its maintenance; what it said before the start is no news."""

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self._known: dict[str, Plans] = {}

    def __repr__(self) -> str:
        return f"<Announced by {len(self._known)} vendors>"

    def succeed(self, old: Announced, rechosen: Collection[str]) -> None:
        """Another config is in force: what was said is known, but of pages of which it chooses other parts."""
        self._known.update({name: plans for name, plans in old._known.items() if name not in rechosen})

    def saw(self, service: Service, belief: Belief, seen: Observation, now: datetime) -> list[tuple[Kind, str]]:
        """What is new in a look, in words. A page without such a list says nothing, and neither does an old copy."""
        reading = seen.reading
        if reading.incidents is None or is_old_copy(belief, reading, seen.at):
            return []
        before, plans = self._known.get(service.id), _plans_of(reading)
        self._known[service.id] = plans
        return [] if before is None else list(self._turns(service.name, before, plans, now))

    def _turns(self, name: str, before: Plans, plans: Plans, now: datetime) -> Iterator[tuple[Kind, str]]:
        for ref, (has_begun, one) in plans.items():
            was = before.get(ref)
            if has_begun and (was is None or not was[0]):
                yield Kind.MAINTENANCE, f"{name} is in maintenance{self._until(one, now)}: {one.title}"
            elif not has_begun and was is None:
                yield Kind.ANNOUNCED, f"{name} announces maintenance{self._span(one, now)}: {one.title}"
            elif not has_begun and was is not None and was[1].started_at != one.started_at:
                yield Kind.ANNOUNCED, f"{name} has moved its maintenance{self._span(one, now)}: {one.title}"
        for ref, (had_begun, one) in before.items():
            if ref not in plans:
                what = "maintenance is over" if had_begun else "maintenance is no longer announced"
                yield Kind.MAINTAINED, f"{name}: {what}: {one.title}"

    def _span(self, one: VendorIncident, now: datetime) -> str:
        begins = f" for {spell_moment(one.started_at, now, self._timezone)}" if one.started_at else ""
        return begins + self._until(one, now)

    def _until(self, one: VendorIncident, now: datetime) -> str:
        return f" until {spell_moment(one.until, now, self._timezone)}" if one.until else ""


def _plans_of(reading: Reading) -> Plans:
    begun = {one.ref: (True, one) for one in reading.incidents or () if one.maintenance}
    return {one.ref: (False, one) for one in reading.maintenances} | begun
