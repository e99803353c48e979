"""Maintenance on vendors' pages, which is no incident: announced, begun, over or called off, each said once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tui_monitor.core.listed import is_old_copy
from tui_monitor.core.model import Belief, Kind, Observation, Reading, Service, VendorIncident
from tui_monitor.core.window import spell_moment

SAID_EVERY, SOON, SAID_EVERY_SOON = 3600.0, 3600.0, 300.0
"""Seconds between two words on when the same maintenance begins, since a page may move it at each look: fewer of them
where it begins soon."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One maintenance, the start that was said of it last, and when that was said to be another than before."""

    has_begun: bool
    one: VendorIncident
    start: datetime | None
    moved_at: datetime | None = None

    def is_moved(self, now: datetime) -> bool:
        """Whether it is time to say that it begins at another time."""
        starts = self.one.started_at
        if self.has_begun or starts == self.start:
            return False
        is_soon = any(at is not None and (at - now).total_seconds() < SOON for at in (starts, self.start))
        pause = SAID_EVERY_SOON if is_soon else SAID_EVERY
        return self.moved_at is None or not 0 <= (now - self.moved_at).total_seconds() < pause


Plans = Mapping[str, Planned]
"""By the vendor's id."""


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
        before = self._known.get(service.id)
        plans = _plans_of(reading, before or {})
        moved = {ref for ref, plan in plans.items() if plan.is_moved(now)}
        said = {ref: replace(plans[ref], start=plans[ref].one.started_at, moved_at=now) for ref in moved}
        self._known[service.id] = {**plans, **said}
        return [] if before is None else list(self._turns(service.name, before, plans, moved, now))

    def _turns(
        self, name: str, before: Plans, plans: Plans, moved: Collection[str], now: datetime
    ) -> Iterator[tuple[Kind, str]]:
        for ref, plan in plans.items():
            was, one = before.get(ref), plan.one
            if plan.has_begun and (was is None or not was.has_begun):
                yield Kind.MAINTENANCE, f"{name} is in maintenance{self._until(one, now)}: {one.title}"
            elif not plan.has_begun and was is None:
                yield Kind.ANNOUNCED, f"{name} announces maintenance{self._span(one, now)}: {one.title}"
            elif ref in moved:
                yield Kind.ANNOUNCED, f"{name} has moved its maintenance{self._span(one, now)}: {one.title}"
        for ref, plan in before.items():
            if ref not in plans:
                what = "maintenance is over" if plan.has_begun else "maintenance is no longer announced"
                yield Kind.MAINTAINED, f"{name}: {what}: {plan.one.title}"

    def _span(self, one: VendorIncident, now: datetime) -> str:
        begins = f" for {spell_moment(one.started_at, now, self._timezone)}" if one.started_at else ""
        return begins + self._until(one, now)

    def _until(self, one: VendorIncident, now: datetime) -> str:
        return f" until {spell_moment(one.until, now, self._timezone)}" if one.until else ""


def _plans_of(reading: Reading, before: Plans) -> Plans:
    def planned(one: VendorIncident, *, has_begun: bool) -> Planned:
        was = before.get(one.ref)
        return Planned(has_begun, one, one.started_at) if was is None else replace(was, has_begun=has_begun, one=one)

    begun = {one.ref: planned(one, has_begun=True) for one in reading.incidents or () if one.maintenance}
    return {one.ref: planned(one, has_begun=False) for one in reading.maintenances} | begun
