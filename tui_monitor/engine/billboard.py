"""The banner as faces see it: what stands where, and what the board would say of itself now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tui_monitor.core.banner import LONGEST, Banner, Severity, Wrong, summed_up
from tui_monitor.core.codec import moment
from tui_monitor.core.model import Owing, Told
from tui_monitor.core.quiet import Why
from tui_monitor.core.status import Status
from tui_monitor.core.views import View
from tui_monitor.engine.byhand import carriers
from tui_monitor.engine.desk import Desk

_SHOWN = {Owing.TOLD: "shown", Owing.SENDING: "owed"}
_WORST_FIRST = ("given-up", "held", "dropped", "owed", "clearing", "shown")


def would_say(desk: Desk, now: datetime) -> tuple[str, Severity]:
    """Of what is really wrong, without what only stands in another's shadow; and of planned work that runs."""
    planned = desk.services.values() if desk.hush.every_window() else ()
    works = {one.id: work[0] for one in planned if (work := desk.hush.maintenance_of(one, now))}
    wrong = [
        Wrong(Status.MAINTENANCE, desk.services[name].name, work.reason or "in maintenance")
        for name, work in works.items()
    ]
    for incident in desk.open_incidents():
        quiet = desk.quiet_of(incident, now)
        is_shadow = quiet is not None and quiet.why is Why.SUPPRESSED
        if not incident.rehearsal and not is_shadow and incident.service not in works:
            wrong.append(Wrong(incident.status, desk.ledger.service_of(incident).name, incident.title))
    return summed_up(wrong)


def standing(banners: Mapping[str, Banner], rows: Mapping[str, Told]) -> list[View]:
    """What each place shows, or is to show; what was cleared is gone as soon as the place has taken that."""
    return [view for name, one in sorted(banners.items()) if (view := _view(one, rows.get(name))) is not None]


def _view(banner: Banner, row: Told | None) -> View | None:
    state = row.state if row is not None else Owing.OWED
    if banner.cleared and (row is None or state in (Owing.TOLD, Owing.DROPPED)):
        return None
    word = _SHOWN.get(state, state.value)
    return {
        "destination": banner.destination,
        "state": "clearing" if banner.cleared and word == "owed" else word,
        "text": banner.text,
        "severity": banner.severity.value,
        "by": banner.by,
        "at": moment(banner.at),
        "ref": row.ref if row is not None else "",
        "url": row.url if row is not None else "",
        "error": row.error if row is not None else "",
        "attempts": row.attempts if row is not None else 0,
    }


def footer(stands: list[View]) -> View | None:
    """One for all places: the newest word, and of their states the one that somebody should know of."""
    if not stands:
        return None
    newest = max(stands, key=lambda one: str(one["at"]))
    state = min((one["state"] for one in stands), key=_WORST_FIRST.index)
    return {name: newest[name] for name in ("text", "severity", "by", "at")} | {"state": state}


def banner_history(desk: Desk, stands: list[View], now: datetime) -> View:
    text, severity = would_say(desk, now)
    return {
        "stands": stands,
        "would": {"text": text, "severity": severity.value},
        "places": [place.name for place in carriers(desk, "banner")],
        "max_length": LONGEST,
    }
