"""What faces may see: belief as it was last published.

The desk decides before that is written down, and a kill in between takes the decision back: whoever had been shown
it would have seen what never was. Faces do not wait for the disk either, so they are given the turn before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from tui_monitor.core.banner import BANNER
from tui_monitor.core.model import Incident, Owing, Service, Told
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
        self.incidents = dict(desk.incidents)
        self.timelines = dict(desk.timelines)
        self._covered: dict[Scope, list[str]] = {}
        self._see_hush()
        self._told: defaultdict[str, dict[str, Told]] = defaultdict(dict)
        self._names: dict[str, Told] = {}
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
        return Standing(quiet, work[1] if work else None, is_silenced, service.id in self.simulations)

    def _put(self, row: Told) -> None:
        self._told[row.subject][row.destination] = row
        self._names[delivery_id(*row.key)] = row

    def forget(self, incidents: Iterable[str]) -> None:
        """What is over and told is left to the store."""
        for name in incidents:
            self.incidents.pop(name, None)
            self.timelines.pop(name, None)
            for row in self._told.pop(name, {}).values():
                self._names.pop(delivery_id(*row.key), None)

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
        return [row for row in self._names.values() if row.state in _OUTSTANDING]
