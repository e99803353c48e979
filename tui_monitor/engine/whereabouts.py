"""How each destination does, as faces see it: well, or failing since when and why, and how much it is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tui_monitor.core.codec import moment
from tui_monitor.core.model import Owing, Told
from tui_monitor.core.plan import Place
from tui_monitor.core.views import View
from tui_monitor.engine.keeping import Duty

_FAILED = frozenset({Owing.GIVEN_UP, Owing.HELD})


def places_view(places: Iterable[Place], outstanding: Iterable[Told], duties: Sequence[Duty]) -> list[View]:
    """In the order of the config."""
    owed: defaultdict[str, list[Told]] = defaultdict(list)
    for row in outstanding:
        owed[row.destination].append(row)
    return [_view(place, owed[place.name], [one for one in duties if one.name == place.name]) for place in places]


def _view(place: Place, rows: Sequence[Told], duties: Sequence[Duty]) -> View:
    failed = [row for row in rows if row.error and (row.attempts or row.state in _FAILED)]
    troubles = [(row.since, row.error) for row in failed]
    troubles += [(one.failing_since, one.error) for one in duties if one.failing_since is not None]
    known = sorted((since, error) for since, error in troubles if since is not None)
    since, error = known[0] if known else (None, troubles[0][1] if troubles else "")
    return {
        "name": place.name,
        "kind": place.kind,
        "state": "failing" if troubles else "well",
        "since": moment(since) if since is not None else None,
        "error": error,
        "owed": len(rows),
        "waiting": sum(len(one.waiting) for one in duties),
    }
