"""What the pages of a board ask of services: charts, the newest looks, and all there is to know of one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tui_monitor.core import views
from tui_monitor.core.codec import encode, moment
from tui_monitor.core.errors import Rejected
from tui_monitor.core.message import DEFAULTS
from tui_monitor.core.model import Incident, Look, Observation, Service
from tui_monitor.core.ports import Chart, Day, Quantiles, Slice, Uptime
from tui_monitor.core.secret import redact
from tui_monitor.core.status import Status, worst
from tui_monitor.core.text import clean_lines
from tui_monitor.core.understood import options_of, routes_of
from tui_monitor.core.window import Window
from tui_monitor.engine.asked import Asked, service_of

if TYPE_CHECKING:
    from tui_monitor.engine.board import Board

MOST_SERVICES = 200
MOST_INCIDENTS = 200
MOST_SPANS = 60
"""Of planned work that comes again and again: what is older shows by the looks."""

SHORTEST = 60.0
LOOKS_SHOWN = 20
DAYS_SHOWN = 90


async def lately(board: Board, asked: Asked) -> views.View:
    """Of services that are not known nothing is said: a config may just have been read anew."""
    names = [name for name in asked.text("services").split(",") if name]
    if not 1 <= len(names) <= MOST_SERVICES:
        raise Rejected(f"services are from 1 to {MOST_SERVICES} ids with commas between them")
    count = asked.number("count", 32, 200)
    known = [name for name in dict.fromkeys(names) if name in board.shown.services]
    found = await board.store.lately(known, count)
    return {name: _lately_of(found[name], board.shown.last.get(name), count) for name in known}


def _lately_of(looks: Sequence[Look], last: Observation | None, count: int) -> views.View:
    """The newest look of all may not be written down yet."""
    seen = [(one.latency, one.status.value) for one in looks]
    if last is not None and (not looks or _milliseconds(last.at) > _milliseconds(looks[-1].at)):
        seen.append((last.reading.latency, (last.counts_as or last.reading.status).value))
    newest = seen[-count:]
    return {"latencies": [one[0] for one in newest], "statuses": [one[1] for one in newest]}


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


# -- a span of one service --------------------------------------------------------------------------------------


async def chart(board: Board, asked: Asked) -> views.View:
    service, now, since = service_of(board, asked.text("service")), asked.now, asked.since("24h")
    points = asked.number("points", 120, 500)
    if (now - since).total_seconds() < SHORTEST:
        raise Rejected("a chart is of a minute at least")
    chart = await board.store.chart(service.id, since, now, points)
    ill = {one.id: one for one in await board.store.incidents(open_only=False, since=since, service=service.id)}
    ill.update({one.id: one for one in board.shown.incidents.values() if one.service == service.id})
    windows = [one for one in board.shown.windows if one.scope.covers(service)]
    planned = await asyncio.to_thread(_spans_of, windows, since, now)
    return {
        "service": service.id,
        "since": moment(since),
        "until": moment(now),
        "points": [_point(one) for one in chart.slices],
        "quantiles": {**_quantiles(chart.latency), "p99": chart.latency.p99, "mean": chart.mean},
        "incidents": [_on_chart(one) for one in _touching(ill.values(), since)],
        "maintenance": [*planned, *_worked_on(chart, now, planned)],
    }


def _point(one: Slice) -> views.View:
    status = one.status.value if one.status is not None else None
    return {
        "at": moment(one.at),
        **_quantiles(one.latency),
        "status": status,
        "looks": one.looks,
        "down": one.down,
    }


def _quantiles(latency: Quantiles) -> dict[str, float | None]:
    return {"p50": latency.p50, "p95": latency.p95, "max": latency.most}


def _touching(incidents: Iterable[Incident], since: datetime) -> list[Incident]:
    """Oldest first; rehearsals leave no trace in a chart."""
    found = [one for one in incidents if not one.rehearsal and (one.resolved_at is None or one.resolved_at >= since)]
    return sorted(found, key=lambda one: (one.started_at, one.id))[-MOST_INCIDENTS:]


def _on_chart(incident: Incident) -> views.View:
    return {
        "id": incident.id,
        "title": incident.title,
        "status": incident.status.value,
        "severity": incident.severity.value,
        "started_at": moment(incident.started_at),
        "resolved_at": moment(incident.resolved_at) if incident.resolved_at else None,
    }


def _spans_of(windows: Sequence[Window], since: datetime, until: datetime) -> list[views.View]:
    found = [(span, window.reason) for window in windows for span in window.spans_within(since, until, MOST_SPANS)]
    found.sort(key=lambda one: one[0].since)
    return [
        {"since": moment(span.since), "until": moment(span.until), "reason": why}
        for span, why in found[-2 * MOST_SPANS :]
    ]


def _worked_on(chart: Chart, until: datetime, planned: Sequence[views.View]) -> list[views.View]:
    """What looks tell of planned work that nobody remembers any more, as exactly as the slices are narrow."""
    edges = [*(one.at for one in chart.slices), until]
    known = [(datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"])) for one in planned]
    found: list[tuple[datetime, datetime]] = []
    for one, end in zip(chart.slices, edges[1:], strict=True):
        if one.maintenance and not any(begins < end and one.at < ends for begins, ends in known):
            begin = found.pop()[0] if found and found[-1][1] == one.at else one.at
            found.append((begin, end))
    return [{"since": moment(begin), "until": moment(end), "reason": ""} for begin, end in found]


# -- one service, whole -------------------------------------------------------------------------------------------


async def vendor(board: Board, asked: Asked) -> views.View:
    """All that a vendor's page says."""
    service = service_of(board, asked.text("id"))
    shown = board.shown
    standing = shown.standing_of(service, asked.now)
    return views.vendor_view(service, shown.beliefs[service.id], shown.last.get(service.id), standing)


async def service(board: Board, asked: Asked) -> views.View:
    service = service_of(board, asked.text("id"))
    looks = (await board.store.lately([service.id], LOOKS_SHOWN))[service.id]
    days = await board.store.days(service.id, asked.now, DAYS_SHOWN)
    covering = [one for one in board.shown.windows if one.scope.covers(service)]
    spans, covered = board.desk.hush.span_of, board.shown.covered_by
    row = board.service(service.id, asked.now)
    return {
        **_understood(board, service),
        "looks": _looks_shown(board, service, looks),
        "windows": [views.window_view(one, spans(one), covered(one.scope), asked.now) for one in covering],
        "uptime": row["uptime"],
        "days": [_day(one, service) for one in days],
    }


def _understood(board: Board, service: Service) -> views.View:
    plan, patience = board.plan, service.patience
    texts = {news: service.messages.get(news) or plan.messages.get(news) or text for news, text in DEFAULTS.items()}
    kin = board.desk.kinship
    below = [one.id for one in board.shown.services.values() if service.id in one.depends_on]
    return {
        "id": service.id,
        "name": service.name,
        "kind": service.kind,
        "options": [[name, redact(text, plan.secrets)] for name, text in options_of(service)],
        "every": service.every,
        "timeout": service.timeout,
        "down_after": patience.down_after,
        "up_after": patience.up_after,
        "retry_after": service.retry_after,
        "unreachable": service.unreachable.value,
        "flapping": {"after": patience.flap_after, "within": patience.flap_within, "calm": patience.flap_calm},
        "tags": list(service.tags),
        "critical": service.critical,
        "group": service.group,
        "depends_on": list(service.depends_on),
        "needed_by": list(dict.fromkeys([*below, *kin.groups.get(service.id, ())])),
        "routes": routes_of(service, plan.routes),
        "messages": {str(news): clean_lines(redact(text, plan.secrets)) for news, text in texts.items()},
    }


def _looks_shown(board: Board, service: Service, looks: Sequence[Look]) -> list[views.View]:
    """What history keeps of them, and of the newest where their time went."""
    found = {_milliseconds(one.at): _look(one.at, one.status, one.latency, one.confirming) for one in looks}
    for seen in board.shown.recent.of(service.id):
        known = {"took": seen.took, "message": seen.message, "phases": encode(seen.phases)}
        look = _look(seen.at, seen.status, seen.latency, seen.confirming)
        found[_milliseconds(seen.at)] = {**look, **known}
    last = board.shown.last.get(service.id)
    if last is not None and _milliseconds(last.at) in found:
        found[_milliseconds(last.at)]["message"] = last.reading.message
    return [found[at] for at in sorted(found)][-LOOKS_SHOWN:]


def _look(at: datetime, status: Status, latency: float | None, confirming: bool) -> views.View:
    return {
        "at": moment(at),
        "status": status.value,
        "latency": latency,
        "took": None,
        "message": None,
        "phases": None,
        "confirming": confirming,
    }


def _day(day: Day, service: Service) -> views.View:
    """Downtime counts each look that found it down for the time until the next one, as uptime does."""
    up = sum(day.counts.get(status, 0) for status in (Status.OPERATIONAL, Status.DEGRADED))
    down = sum(day.counts.get(status, 0) for status in (Status.PARTIAL, Status.MAJOR))
    return {
        "day": day.at.date().isoformat(),
        "share": Uptime(up, down).share,
        "worst": worst(day.counts).value if day.counts else None,
        "downtime": down * service.every,
    }
