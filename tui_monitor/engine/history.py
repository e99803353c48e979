"""What faces ask beside the board itself: each question a function of the board and what was asked, in one table.

Nothing here changes anything, and nothing keeps the engine waiting: what is long is read on the store's own threads.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tui_monitor.core import views
from tui_monitor.core.codec import moment
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Incident, Service
from tui_monitor.core.statistics import statistics
from tui_monitor.core.text import clean, duration_of
from tui_monitor.engine.requests import one_service

if TYPE_CHECKING:
    from tui_monitor.engine.board import Board

LONGEST = 100 * 365 * 86400.0
"""Seconds that a question may reach back: beyond, there is no calendar."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its options, as they were written."""

    now: datetime
    options: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.options.get(name, "")

    def seconds(self, name: str, otherwise: str) -> float:
        text = self.options.get(name, otherwise)
        try:
            seconds = duration_of(text)
        except ValueError as error:
            raise Rejected(str(error)) from None
        if seconds > LONGEST:
            raise Rejected(f"{clean(text, 40)!r} is longer than a hundred years")
        return seconds

    def since(self, otherwise: str) -> datetime:
        return self.now - timedelta(seconds=self.seconds("since", otherwise))

    def number(self, name: str, otherwise: int, most: int) -> int:
        text = self.options.get(name, str(otherwise))
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
            raise Rejected(f"{name} is a number from 1 to {most:,}, not {clean(text, 40)!r}")
        return int(text)


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


async def find_incident(board: Board, prefix: str) -> Incident:
    """The incident whose id begins like this, open or over."""
    known = {one.id: one for one in await board.store.incidents(open_only=False)}
    known.update(board.shown.incidents)
    fits = [one for name, one in known.items() if prefix and name.startswith(prefix.lower())]
    exact = [one for one in fits if one.id == prefix.lower()]
    if len(exact or fits) == 1:
        return (exact or fits)[0]
    if not fits:
        raise Rejected(f"no incident has an id that begins with {prefix!r}")
    raise Rejected(f"{prefix!r} could be any of {', '.join(sorted(one.id for one in fits))}")


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
        "uptime": {name: uptimes[name][0].share if name in uptimes else None for name in services},
        "downtime": {
            name: uptimes[name][0].down * service.every if name in uptimes else None
            for name, service in services.items()
        },
        "engine": {
            "looks": runner.looks,
            "lateness": {"p50": runner.lateness_at(0.5), "p99": runner.lateness_at(0.99), "max": runner.latest},
        },
    }


def _service_of(board: Board, target: str) -> Service:
    return one_service(target, board.shown.services)


async def _looks(board: Board, asked: Asked) -> views.View:
    name = _service_of(board, asked.text("service")).id
    start = asked.since("24h")
    points = asked.number("points", 48, 1000)
    looks = await board.store.looks(name, start, asked.now)
    return {
        "service": name,
        "looks": [[moment(one.at), one.status.value, one.latency] for one in looks[-1000:]],
        "sparkline": await board.store.sparkline(name, start, asked.now, points),
    }


QUESTIONS: Mapping[str, Callable[[Board, Asked], Awaitable[Any]]] = {
    "incidents": _incidents,
    "incident": _one_incident,
    "deliveries": _deliveries,
    "config": _config,
    "stats": _stats,
    "looks": _looks,
}
