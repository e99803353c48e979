"""What faces ask beside the board itself: each question a function of the board and what was asked, in one table.

Nothing here changes anything, and nothing keeps the engine waiting: what is long is read on the store's own threads.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tui_monitor.core import views
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import Rejected, StoreError
from tui_monitor.core.model import Incident, Owing
from tui_monitor.core.ports import Account
from tui_monitor.core.statistics import longest, most_often, real, statistics
from tui_monitor.engine import pages
from tui_monitor.engine.asked import Asked, find_incident, service_of
from tui_monitor.engine.billboard import banner_history
from tui_monitor.engine.byhand import foretold
from tui_monitor.engine.explain import explain

if TYPE_CHECKING:
    from tui_monitor.engine.board import Board

LONGEST = 5
"""Incidents that are named because they lasted longest."""

RANKED = 50
"""Services that are named because something was the matter with them most often."""


async def answer(board: Board, what: str, asked: Asked) -> Any:
    """Raises Rejected for a question that nobody knows."""
    if what not in QUESTIONS:
        raise Rejected(f"there is no history of {what!r}")
    return await QUESTIONS[what](board, asked)


# -- incidents and what is told of them -----------------------------------------------------------------------------


async def _incidents(board: Board, asked: Asked) -> list[views.View]:
    if asked.text("all") not in ("1", "true", "yes"):
        return [board.incident(one, asked.now) for one in board.shown.open_incidents()]
    since = asked.since("") if "since" in asked.options else None
    found = await board.store.incidents(open_only=False, since=since)
    return [await _stored(board, one, asked.now) for one in found]


async def _stored(board: Board, incident: Incident, now: datetime) -> views.View:
    standing = board.shown.incidents.get(incident.id)
    if standing is not None:
        return board.incident(standing, now)
    timeline = await board.store.timeline(incident.id)
    told = await board.store.told_of(incident.id)
    return views.incident_view(incident, timeline, told, now, board.name_of(incident))


async def _one_incident(board: Board, asked: Asked) -> views.View:
    return await _stored(board, await find_incident(board, asked.text("id")), asked.now)


async def _deliveries(board: Board, asked: Asked) -> list[views.View]:
    return board.deliveries()


async def _config(board: Board, asked: Asked) -> views.View:
    return views.config_view(board.plan, board.problems)


# -- what was seen --------------------------------------------------------------------------------------------------


async def _stats(board: Board, asked: Asked) -> views.View:
    seconds = asked.seconds("since", "30d")
    start = asked.now - timedelta(seconds=seconds)
    found = await board.store.incidents(open_only=False, since=start)
    total = statistics(found, start)
    services, runner = board.shown.services, board.runner
    uptimes = await board.store.uptimes(list(services), asked.now, [seconds])
    return {
        "at": moment(asked.now),
        "since": moment(start),
        "incidents": {
            "total": total.total,
            "active": total.active,
            "resolved": total.resolved,
            "mean_time_to_acknowledge": total.mean_time_to_acknowledge,
            "mean_time_to_resolve": total.mean_time_to_resolve,
        },
        "names": {name: service.name for name, service in services.items()},
        "uptime": {name: uptimes[name][0].share if name in uptimes else None for name in services},
        "downtime": {
            name: uptimes[name][0].down * service.every if name in uptimes else None
            for name, service in services.items()
        },
        **_ranked(board, real(found, start), asked),
        **_accounted(board, await board.store.account(start)),
        "engine": {
            "looks": runner.looks,
            "lateness": {"p50": runner.lateness_at(0.5), "p99": runner.lateness_at(0.99), "max": runner.latest},
        },
    }


def _ranked(board: Board, incidents: Sequence[Incident], asked: Asked) -> views.View:
    names = {one.service: board.name_of(one) for one in incidents}
    lasted = [
        {
            "id": one.id,
            "service": one.service,
            "name": names[one.service],
            "title": one.title,
            "severity": one.severity.value,
            "started_at": moment(one.started_at),
            "resolved_at": moment(one.resolved_at) if one.resolved_at else None,
            "duration": one.duration(asked.now),
        }
        for one in longest(incidents, asked.now, LONGEST)
    ]
    often = most_often(incidents, RANKED)
    return {
        "most": [{"service": name, "name": names[name], "incidents": count} for name, count in often],
        "longest": lasted,
    }


def _accounted(board: Board, account: Account) -> views.View:
    """What the store has added up: what flapped, what was told, and the room that it takes."""
    services = board.shown.services
    restless = sorted(account.flapping.items(), key=lambda one: (-one[1], one[0]))[:RANKED]
    names = sorted({*account.told, *(place.name for place in board.plan.places)})
    return {
        "flapping": [
            {"service": one, "name": services[one].name if one in services else one, "times": times}
            for one, times in restless
        ],
        "destinations": [
            {"destination": name, **{state.value: account.told.get(name, {}).get(state, 0) for state in Owing}}
            for name in names
        ],
        "store": {"size": account.size, "notice": board.store.notice},
    }


async def _looks(board: Board, asked: Asked) -> views.View:
    name = service_of(board, asked.text("service")).id
    start = asked.since("24h")
    points = asked.number("points", 48, 1000)
    looks = await board.store.looks(name, start, asked.now)
    return {
        "service": name,
        "looks": [[moment(one.at), one.status.value, one.latency] for one in looks[-1000:]],
        "sparkline": await board.store.sparkline(name, start, asked.now, points),
    }


async def _log(board: Board, asked: Asked) -> list[views.View]:
    """From the store, and what of the newest is not written down; without a store, what is in memory."""
    since, limit = asked.since("24h"), asked.number("limit", 1000, 5000)
    recent = [event for event in board.feed.recent(limit) if event.at >= since]
    try:
        found = await board.store.events(since, limit)
    except StoreError:
        found = []
    written = {(event.subject, event.n) for event in found}
    whole = [*found, *(event for event in recent if (event.subject, event.n) not in written)]
    whole = whole if found else recent
    return [views.event_view(event) for event in whole[-limit:]]


# -- what is pushed by hand -----------------------------------------------------------------------------------------


async def _preview(board: Board, asked: Asked) -> list[views.View]:
    return foretold(board.desk, asked.text("id"), asked.text("text"), asked.text("to"), asked.now)


async def _banner(board: Board, asked: Asked) -> views.View:
    return banner_history(board.desk, board.stands(), asked.now)


QUESTIONS: Mapping[str, Callable[[Board, Asked], Awaitable[Any]]] = {
    "incidents": _incidents,
    "incident": _one_incident,
    "deliveries": _deliveries,
    "config": _config,
    "stats": _stats,
    "looks": _looks,
    "log": _log,
    "preview": _preview,
    "banner": _banner,
    "lately": pages.lately,
    "chart": pages.chart,
    "service": pages.service,
    "vendor": pages.vendor,
    "explain": explain,
}
