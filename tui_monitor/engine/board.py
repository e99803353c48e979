"""The board: the read model that every face is given, made from what was published when it is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tui_monitor.core import views
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import Problem, Rejected, StoreError
from tui_monitor.core.model import Incident
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Changes, Store, Uptime
from tui_monitor.core.statistics import statistics
from tui_monitor.core.text import duration_of
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.feed import Feed
from tui_monitor.engine.runner import Runner
from tui_monitor.engine.shown import Shown

log = logging.getLogger(__name__)

UPTIME_AGE = 30.0
FIRST_UPTIMES = 1.0
"""Seconds that the first face waits for uptimes; the board never hangs on its store."""

EVENTS_SHOWN = 200
LONGEST = 100 * 365 * 86400.0
"""Seconds that a question may reach back: beyond, there is no calendar."""


class Board:
    """Answers questions; it changes nothing."""

    def __init__(self, plan: Plan, desk: Desk, feed: Feed, store: Store, runner: Runner) -> None:
        self._plan, self._desk, self._feed, self._store, self._runner = plan, desk, feed, store, runner
        self.shown = Shown(desk)
        self._uptimes: Mapping[str, Sequence[Uptime]] = {}
        self._uptimes_at: datetime | None = None
        self._reading: asyncio.Task[None] | None = None
        self.trouble = ""
        self.mistake = ""
        """Why the config as it is written now is not the one in force."""
        self.problems: Sequence[Problem] = ()
        """All that is wrong with it."""
        self.cut_off: datetime | None = None

    def change_to(self, plan: Plan, desk: Desk) -> None:
        """Another config is in force."""
        self._plan, self._desk = plan, desk
        self.shown = Shown(desk)
        self._uptimes_at = None

    async def snapshot(self, now: datetime) -> views.View:
        await self._refresh(now)
        cursor = self._feed.cursor
        services = [self._service(name, now) for name in self.shown.services]
        return {
            **views.board_view(self._plan, services, now, "engine"),
            **self._around(now),
            "cursor": cursor,
            "incidents": [self._incident(one, now) for one in self.shown.open_incidents()],
            "deliveries": self.deliveries(),
            "events": [views.event_view(event) for event in self._feed.recent(EVENTS_SHOWN)],
        }

    async def changes(self, cursor: str, wait: float, at: Callable[[], datetime]) -> Changes:
        await self._feed.moved(cursor, wait)
        now = at()
        rows, events = self._feed.since(cursor)
        changed: dict[str, dict[str, Any]] = {"service": {}, "incident": {}, "delivery": {}}
        for what, name in rows:
            changed[what][name] = self._row(what, name, now)
        return Changes(
            self._feed.cursor,
            changed["service"],
            changed["incident"],
            changed["delivery"],
            [views.event_view(event) for event in events],
            {"at": moment(now), **self._around(now)},
        )

    def _around(self, now: datetime) -> views.View:
        """What is about no one service: trouble, rehearsals, and what keeps quiet."""
        shown, spans, covered = self.shown, self._desk.hush.span_of, self.shown.covered_by
        return {
            "title": self._plan.title,
            "timezone": self._plan.timezone,
            "trouble": "; ".join(one for one in (self.trouble, self.mistake) if one),
            "cut_off": moment(self.cut_off) if self.cut_off else None,
            "test_mode": shown.is_test,
            "silences": [views.silence_view(one, covered(one.scope)) for one in shown.silences],
            "maintenance": [views.window_view(one, spans(one), covered(one.scope), now) for one in shown.windows],
            "simulations": [views.simulation_view(one) for one in shown.simulations.values()],
        }

    def _row(self, what: str, name: str, now: datetime) -> views.View | None:
        if what == "service":
            return self._service(name, now) if name in self.shown.services else None
        if what == "incident":
            incident = self.shown.incidents.get(name)
            return self._incident(incident, now) if incident is not None else None
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
            self._uptimes = await self._store.uptimes(names, now, list(views.SPANS.values()))
        except StoreError as error:
            log.warning("uptimes cannot be read: %s", error)
        self._uptimes_at = now

    def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def _service(self, name: str, now: datetime) -> views.View:
        shown = self.shown
        service, uptimes = shown.services[name], self._uptimes.get(name, ())
        standing = shown.standing_of(service, now)
        return views.service_view(service, shown.beliefs[name], shown.last.get(name), uptimes, standing)

    def _incident(self, incident: Incident, now: datetime) -> views.View:
        shown = self.shown
        timeline = shown.timelines.get(incident.id, ())
        service = shown.services.get(incident.service)
        view = views.incident_view(incident, timeline, shown.told_of(incident.id), now, self._name_of(incident))
        quiet = self._desk.quiet_of(incident, now) if incident.is_open else None
        given = self._desk.ledger.answers(incident, service, quiet, now) if service else []
        view["quiet"] = quiet.reason if quiet else ""
        view["why"] = [{"destination": one.destination, "told": one.is_told, "reason": one.reason} for one in given]
        return view

    def deliveries(self) -> list[views.View]:
        """What is owed, held or given up, the longest waiting first; what was told is with its incident."""
        rows = sorted(self.shown.outstanding(), key=lambda row: (row.since is None, row.since, row.key))
        return [views.told_view(row) for row in rows]

    # -- history ------------------------------------------------------------------------------------------------

    async def history(self, what: str, now: datetime, options: Mapping[str, str]) -> Any:
        """What the store remembers. Raises Rejected for a question it does not know."""
        if what == "incidents":
            return await self._incidents(now, options)
        if what == "incident":
            return await self._one_incident(options.get("id", ""), now)
        if what == "deliveries":
            return self.deliveries()
        if what == "stats":
            return await self._stats(now, _seconds(options.get("since", "30d")))
        if what == "looks":
            return await self._looks(now, options)
        if what == "config":
            return views.config_view(self._plan, self.problems)
        raise Rejected(f"there is no history of {what!r}")

    async def _incidents(self, now: datetime, options: Mapping[str, str]) -> list[views.View]:
        if options.get("all", "") not in ("1", "true", "yes"):
            return [self._incident(one, now) for one in self.shown.open_incidents()]
        since = now - timedelta(seconds=_seconds(options["since"])) if "since" in options else None
        return [await self._stored(one, now) for one in await self._store.incidents(open_only=False, since=since)]

    async def _stored(self, incident: Incident, now: datetime) -> views.View:
        standing = self.shown.incidents.get(incident.id)
        if standing is not None:
            return self._incident(standing, now)
        timeline = await self._store.timeline(incident.id)
        told = await self._store.told_of(incident.id)
        return views.incident_view(incident, timeline, told, now, self._name_of(incident))

    def _name_of(self, incident: Incident) -> str:
        return self._desk.ledger.service_of(incident).name

    async def _one_incident(self, prefix: str, now: datetime) -> views.View:
        known = {one.id: one for one in await self._store.incidents(open_only=False)}
        known.update(self.shown.incidents)
        fits = [one for name, one in known.items() if prefix and name.startswith(prefix.lower())]
        exact = [one for one in fits if one.id == prefix.lower()]
        if len(exact or fits) != 1:
            names = ", ".join(sorted(one.id for one in fits))
            raise Rejected(
                f"{prefix!r} could be any of {names}"
                if fits
                else f"no incident has an id that begins with {prefix!r}"
            )
        return await self._stored((exact or fits)[0], now)

    async def _stats(self, now: datetime, since: float) -> views.View:
        start = now - timedelta(seconds=since)
        found = await self._store.incidents(open_only=False, since=start)
        total = statistics(found, start)
        names = list(self.shown.services)
        uptimes = await self._store.uptimes(names, now, [since])
        return {
            "at": moment(now),
            "since": moment(start),
            "incidents": {
                "total": total.total,
                "active": total.active,
                "resolved": total.resolved,
                "mean_time_to_acknowledge": total.mean_time_to_acknowledge,
                "mean_time_to_resolve": total.mean_time_to_resolve,
            },
            "uptime": {name: uptimes[name][0].share if name in uptimes else None for name in names},
            "downtime": {
                name: uptimes[name][0].down * service.every if name in uptimes else None
                for name, service in self.shown.services.items()
            },
            "engine": {
                "looks": self._runner.looks,
                "lateness": {
                    "p50": self._runner.lateness_at(0.5),
                    "p99": self._runner.lateness_at(0.99),
                    "max": self._runner.latest,
                },
            },
        }

    async def _looks(self, now: datetime, options: Mapping[str, str]) -> views.View:
        name = options.get("service", "")
        if name not in self.shown.services:
            raise Rejected(f"there is no service {name!r}")
        start = now - timedelta(seconds=_seconds(options.get("since", "24h")))
        points = min(1000, max(1, int(_seconds(options.get("points", "48")))))
        looks = await self._store.looks(name, start, now)
        return {
            "service": name,
            "looks": [[moment(one.at), one.status.value, one.latency] for one in looks[-1000:]],
            "sparkline": await self._store.sparkline(name, start, now, points),
        }


def _seconds(text: str) -> float:
    try:
        seconds = duration_of(text)
    except ValueError as error:
        raise Rejected(str(error)) from None
    if seconds > LONGEST:
        raise Rejected(f"{text!r} is longer than a hundred years")
    return seconds
