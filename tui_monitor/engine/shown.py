"""What faces may see: belief as it was last published.

The desk decides before that is written down, and a kill in between takes the decision back: whoever had been shown
it would have seen what never was. Faces do not wait for the disk either, so they are given the turn before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from tui_monitor.core.banner import BANNER
from tui_monitor.core.model import Incident, Observation, Owing, Reading, Service, Told
from tui_monitor.core.status import Status
from tui_monitor.core.views import Standing, delivery_id
from tui_monitor.core.window import Scope
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.draft import Draft
from tui_monitor.engine.recent import Recent

_OUTSTANDING = frozenset({Owing.OWED, Owing.SENDING, Owing.HELD, Owing.GIVEN_UP})


class Shown:
    """The tables of a desk, one turn behind while that turn is being written."""

    def __init__(self, desk: Desk, recent: Recent) -> None:
        self._desk = desk
        self.services = desk.services
        self.recent = recent
        self.beliefs = dict(desk.beliefs)
        self.last = dict(desk.last)
        self.read_at: dict[str, datetime] = {}
        self.said: dict[str, Reading] = {}
        for observation in desk.last.values():
            self._hear(observation)
        self.incidents = dict(desk.incidents)
        self.timelines = dict(desk.timelines)
        self._covered: dict[Scope, list[str]] = {}
        self._see_hush()
        self._told: defaultdict[str, dict[str, Told]] = defaultdict(dict)
        self._names: dict[str, Told] = {}
        self._left: dict[str, Told] = {}
        for row in desk.ledger.rows.values():
            self._put(row)

    def __repr__(self) -> str:
        return f"<Shown {len(self.services)} services, {len(self.open_incidents())} incidents open>"

    def publish(self, draft: Draft) -> None:
        """From now on, what this turn has decided is seen."""
        if draft.settings:
            self._see_hush()
        for observation in draft.observations:
            self.last[observation.service] = observation
            self._hear(observation)
            if not observation.echo:
                self.recent.saw(observation)
        for name, belief in draft.beliefs.items():
            if name in self.services:
                self.beliefs[name] = belief
        standing = self._desk.incidents
        for name, incident in draft.incidents.items():
            if name in standing:
                self.incidents[name] = incident
                self.timelines[name] = self._desk.timelines.get(name, ())
        for row in draft.told.values():
            if row.subject in standing or row.subject == BANNER:
                self._put(row)

    def _hear(self, observation: Observation) -> None:
        """What a look could tell stays known through those that cannot."""
        reading = observation.reading
        if reading.status is Status.UNKNOWN and reading.incidents is None:
            return
        self.read_at[observation.service] = observation.at
        if not observation.echo and (reading.incidents is not None or reading.components):
            self.said[observation.service] = reading

    def succeed(self, old: Shown) -> None:
        """Another config is in force: what was read last is still what was read last."""
        kept = [name for name in old.read_at if name in self.services and name not in self.read_at]
        self.read_at.update({name: old.read_at[name] for name in kept})
        self.said.update({name: old.said[name] for name in kept if name in old.said})

    def _see_hush(self) -> None:
        hush = self._desk.hush
        self.silences = list(hush.silences.values())
        self.windows = hush.every_window()
        self.simulations = dict(hush.simulations)
        scopes = {*(one.scope for one in self.silences), *(one.scope for one in self.windows)}
        self._covered = {scope: found for scope, found in self._covered.items() if scope in scopes}
        self.is_test = hush.is_test
        self.banners = dict(self._desk.banners.table)

    def covered_by(self, scope: Scope) -> list[str]:
        """The services that are meant; faces ask again and again, and it stays the same for as long as the config."""
        found = self._covered.get(scope)
        if found is None:
            found = self._covered[scope] = [one.id for one in self.services.values() if scope.covers(one)]
        return found

    def standing_of(self, service: Service, now: datetime) -> Standing:
        """What keeps a service quiet, whether or not anything is wrong with it."""
        work = self._desk.hush.maintenance_of(service, now)
        is_silenced = any(one.scope.covers(service) for one in self.silences)
        belief = self.beliefs[service.id]
        since = belief.incidents[0].started_at if belief.incidents else belief.since
        kin = self._desk.kinship.of(service.id, since or now) if belief.status.is_bad else None
        quiet = kin or self._desk.hush.of(service, now)
        read_at, said = self.read_at.get(service.id), self.said.get(service.id)
        return Standing(quiet, work[1] if work else None, is_silenced, service.id in self.simulations, read_at, said)

    def _put(self, row: Told) -> None:
        name = delivery_id(*row.key)
        self._told[row.subject][row.destination] = self._names[name] = row
        if row.state in _OUTSTANDING:
            self._left[name] = row
        else:
            self._left.pop(name, None)

    def forget(self, incidents: Iterable[str]) -> None:
        """What is over and told is left to the store."""
        for name in incidents:
            self.incidents.pop(name, None)
            self.timelines.pop(name, None)
            for row in self._told.pop(name, {}).values():
                self._names.pop(delivery_id(*row.key), None)
                self._left.pop(delivery_id(*row.key), None)

    def open_incidents(self) -> list[Incident]:
        """Newest first."""
        standing = [one for one in self.incidents.values() if one.is_open]
        return sorted(standing, key=lambda one: one.started_at, reverse=True)

    def told_of(self, incident: str) -> list[Told]:
        rows = self._told.get(incident, {})
        return [rows[destination] for destination in sorted(rows)]

    def told_of_banner(self) -> dict[str, Told]:
        """By destination."""
        return dict(self._told.get(BANNER, {}))

    def row_of(self, name: str) -> Told | None:
        """The row with this delivery id."""
        return self._names.get(name)

    def outstanding(self) -> list[Told]:
        """Every row that is not done with."""
        return list(self._left.values())
