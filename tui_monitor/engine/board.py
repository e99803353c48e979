"""The board: the read model that every face is given, made from what was published when it is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tui_monitor.core import views
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import Problem, StoreError
from tui_monitor.core.model import Incident
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Changes, Store, Uptime
from tui_monitor.core.status import Status
from tui_monitor.engine import history
from tui_monitor.engine.asked import Asked
from tui_monitor.engine.billboard import footer, standing
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.feed import Feed
from tui_monitor.engine.keeping import Duty
from tui_monitor.engine.recent import Recent
from tui_monitor.engine.runner import Runner
from tui_monitor.engine.shown import Shown
from tui_monitor.engine.whereabouts import places_view

log = logging.getLogger(__name__)

UPTIME_AGE = 30.0
FIRST_UPTIMES = 1.0
"""Seconds that the first face waits for uptimes; the board never hangs on its store."""

EVENTS_SHOWN = 200

LOOKED_BACK = 1000
"""Looks among which the last that could tell is sought."""


class Board:
    """Answers questions; it changes nothing."""

    def __init__(
        self,
        plan: Plan,
        desk: Desk,
        feed: Feed,
        store: Store,
        runner: Runner,
        duties: Callable[[], Sequence[Duty]] = tuple,
    ) -> None:
        self.plan, self.desk, self.feed, self.store, self.runner = plan, desk, feed, store, runner
        self._duties = duties
        self.shown = Shown(desk, Recent())
        self.uptimes: Mapping[str, Sequence[Uptime]] = {}
        self._uptimes_at: datetime | None = None
        self._reading: asyncio.Task[None] | None = None
        self._recalled: set[str] = set()
        self.trouble = ""
        self.mistake = ""
        """Why the config as it is written now is not the one in force."""
        self.problems: Sequence[Problem] = ()
        """All that is wrong with it."""
        self.cut_off: datetime | None = None

    def change_to(self, plan: Plan, desk: Desk) -> None:
        """Another config is in force."""
        self.plan, self.desk = plan, desk
        before, self.shown = self.shown, Shown(desk, self.shown.recent)
        self.shown.succeed(before)
        self.shown.recent.keep_only(desk.services)
        self._uptimes_at = None

    async def snapshot(self, now: datetime) -> views.View:
        await self._refresh(now)
        cursor = self.feed.cursor
        services = [self.service(name, now) for name in self.shown.services]
        return {
            **views.board_view(self.plan, services, now, "engine"),
            **self._around(now),
            "cursor": cursor,
            "incidents": [self.incident(one, now) for one in self.shown.open_incidents()],
            "deliveries": self.deliveries(),
            "events": [views.event_view(event) for event in self.feed.recent(EVENTS_SHOWN)],
        }

    async def changes(self, cursor: str, wait: float, at: Callable[[], datetime]) -> Changes:
        await self.feed.moved(cursor, wait)
        now = at()
        rows, events = self.feed.since(cursor)
        changed: dict[str, dict[str, Any]] = {"service": {}, "incident": {}, "delivery": {}}
        for what, name in rows:
            changed[what][name] = self._row(what, name, now)
        return Changes(
            self.feed.cursor,
            changed["service"],
            changed["incident"],
            changed["delivery"],
            [views.event_view(event) for event in events],
            {"at": moment(now), **self._around(now)},
        )

    def _around(self, now: datetime) -> views.View:
        """What is about no one service: trouble, rehearsals, and what keeps quiet."""
        shown, spans, covered = self.shown, self.desk.hush.span_of, self.shown.covered_by
        return {
            "title": self.plan.title,
            "timezone": self.plan.timezone,
            "trouble": "; ".join(one for one in (self.trouble, self.mistake) if one),
            "cut_off": moment(self.cut_off) if self.cut_off else None,
            "test_mode": shown.is_test,
            "banner": footer(self.stands()),
            "places": places_view(self.plan.places, shown.outstanding(), self._duties()),
            "silences": [views.silence_view(one, covered(one.scope)) for one in shown.silences],
            "maintenance": [views.window_view(one, spans(one), covered(one.scope), now) for one in shown.windows],
            "simulations": [views.simulation_view(one) for one in shown.simulations.values()],
        }

    def _row(self, what: str, name: str, now: datetime) -> views.View | None:
        if what == "service":
            return self.service(name, now) if name in self.shown.services else None
        if what == "incident":
            incident = self.shown.incidents.get(name)
            return self.incident(incident, now) if incident is not None else None
        row = self.shown.row_of(name)
        return views.told_view(row) if row is not None else None

    async def _refresh(self, now: datetime) -> None:
        """Uptimes come from history: read now and then, beside the board, which waits for them only once."""
        is_old = self._uptimes_at is None or abs((now - self._uptimes_at).total_seconds()) > UPTIME_AGE
        if is_old and (self._reading is None or self._reading.done()):
            self._reading = asyncio.get_running_loop().create_task(self._read_uptimes(now))
        if self._uptimes_at is None and self._reading is not None:
            await asyncio.wait({self._reading}, timeout=FIRST_UPTIMES)

    async def _read_uptimes(self, now: datetime) -> None:
        try:
            names = list(self.shown.services)
            self.uptimes = await self.store.uptimes(names, now, list(views.SPANS.values()))
            await self._recall()
        except StoreError as error:
            log.warning("uptimes cannot be read: %s", error)
        self._uptimes_at = now

    async def _recall(self) -> None:
        """When vendors whose pages could not be read since the start were last read."""
        services = self.shown.services.items()
        names = [name for name, one in services if getattr(one.check, "vendor", False) and name not in self._recalled]
        self._recalled.update(names)
        for name, looks in (await self.store.lately(names, LOOKED_BACK) if names else {}).items():
            told = [one.at for one in looks if one.status is not Status.UNKNOWN]
            if told:
                self.shown.read_at.setdefault(name, told[-1])

    def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def service(self, name: str, now: datetime) -> views.View:
        shown = self.shown
        service, uptimes = shown.services[name], self.uptimes.get(name, ())
        standing = shown.standing_of(service, now)
        return views.service_view(service, shown.beliefs[name], shown.last.get(name), uptimes, standing)

    def incident(self, incident: Incident, now: datetime) -> views.View:
        shown = self.shown
        timeline = shown.timelines.get(incident.id, ())
        service = shown.services.get(incident.service)
        view = views.incident_view(incident, timeline, shown.told_of(incident.id), now, self.name_of(incident))
        quiet = self.desk.quiet_of(incident, now) if incident.is_open else None
        given = self.desk.ledger.answers(incident, service, quiet, now) if service else []
        view["quiet"] = quiet.reason if quiet else ""
        around = self.concerned_by(incident)
        view["concerns"] = [{"service": one.service, "name": self.name_of(one), "incident": one.id} for one in around]
        view["why"] = [{"destination": one.destination, "told": one.is_told, "reason": one.reason} for one in given]
        return view

    def concerned_by(self, incident: Incident) -> list[Incident]:
        """What of ours fails while this is open upstream of it."""
        return self.desk.suspicion.concerned(incident, self.shown.beliefs) if incident.is_open else []

    def name_of(self, incident: Incident) -> str:
        """What people call its service, also where that is no longer watched."""
        return self.desk.ledger.service_of(incident).name

    def stands(self) -> list[views.View]:
        """What each place shows of the banner, or is to show."""
        return standing(self.shown.banners, self.shown.told_of_banner())

    def deliveries(self) -> list[views.View]:
        """What is owed, held or given up, the longest waiting first; what was told is with its incident."""
        rows = sorted(self.shown.outstanding(), key=lambda row: (row.since is None, row.since, row.key))
        return [views.told_view(row) for row in rows]

    async def history(self, what: str, now: datetime, options: Mapping[str, str]) -> Any:
        """What is asked beside the board itself. Raises Rejected for a question that nobody knows."""
        return await history.answer(self, what, Asked(now, options))
