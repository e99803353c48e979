"""The entries of `destinations`, and the `routes` that lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tui_monitor.config.draft import Draft, Place
from tui_monitor.config.forms import near
from tui_monitor.config.services import Registry, choose
from tui_monitor.config.shape import Patience, Way, When
from tui_monitor.core import plan
from tui_monitor.core.message import FIELDS
from tui_monitor.core.model import Service
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.text import clean


def read_places(draft: Draft, registry: Registry, fields: Iterable[str]) -> list[plan.Place]:
    """Every destination that is right. Their texts may use the fields of any check in use."""
    entries = draft.data.get("destinations")
    if entries is None:
        return []
    if not isinstance(entries, dict):
        draft.tell("must be a mapping of names to destinations", ("destinations",))
        return []
    known = FIELDS | frozenset(fields)
    found = []
    for name, entry in entries.items():
        draft.known = known
        place = _place(draft, name, entry, registry)
        if place is not None:
            found.append(place)
    draft.known = FIELDS
    return found


def _place(draft: Draft, name: str, entry: Any, registry: Registry) -> plan.Place | None:
    where = ("destinations", name)
    if not name or clean(name, 100) != name:
        draft.tell("the name of a destination must be a short line of plain text", where, key=True)
    chosen = choose(draft, entry, where, Patience, registry, "destination")
    if chosen is None:
        return None
    own = draft.read(Patience, chosen.own, where)
    if chosen.made is None:
        return None
    draft.known |= frozenset(getattr(chosen.made, "fields", ()))
    plugin = draft.read(chosen.made, entry[chosen.kind] or {}, (*where, chosen.kind))
    if own is None or plugin is None:
        return None
    return plan.Place(name, chosen.kind, plugin, own.ambiguous, own.give_up_after, own.timeout)


def read_routes(draft: Draft, services: Sequence[Service]) -> list[Route]:
    """The routes as written; without any, everything from degraded up goes to every destination."""
    entries = draft.data.get("destinations")
    names = list(entries) if isinstance(entries, dict) else []
    rows = draft.data.get("routes")
    if rows is None:
        return [Route(to=tuple(names))] if names else []
    if not isinstance(rows, list):
        draft.tell("must be a list", ("routes",))
        return []
    known = _Known(draft, services, names)
    routes = [_route(draft, row, ("routes", n), known) for n, row in enumerate(rows)]
    return [route for route in routes if route is not None]


class _Known:
    """What a route may speak of, also of services that are not right yet, so that one slip is told once."""

    def __init__(self, draft: Draft, services: Sequence[Service], destinations: Sequence[str]) -> None:
        rows = draft.data.get("services")
        self.whole = isinstance(rows, list) and len(rows) == len(services)
        self.ids = {service.name: service.id for service in services} | {one.id: one.id for one in services}
        self.groups = sorted({service.group for service in services if service.group})
        self.tags = sorted({tag for service in services for tag in service.tags})
        self.destinations = destinations


def _route(draft: Draft, row: Any, place: Place, known: _Known) -> Route | None:
    way = draft.read(Way, row, place)
    if way is None:
        return None
    when = way.when or When()
    where = (*place, "when")
    _check(draft, way.to, known.destinations, "destination is called", (*place, "to"))
    services = [*_named(draft, when, ("service", "services"), known, list(known.ids), "service is called", where)]
    return Route(
        to=tuple(dict.fromkeys(way.to)),
        severity=_severity(draft, when, where),
        critical=when.critical,
        services=tuple(dict.fromkeys(known.ids.get(one, one) for one in services)),
        groups=_named(draft, when, ("group", "groups"), known, known.groups, "service has the group", where),
        tags=_named(draft, when, ("tag", "tags"), known, known.tags, "service has the tag", where),
        after=way.after,
        unless=way.unless or "",
        remind_every=way.remind_every,
        group_wait=way.group_wait,
    )


def _severity(draft: Draft, when: When, place: Place) -> Condition:
    try:
        return Condition.parse(when.severity if when.severity is not None else ">=degraded")
    except ValueError as error:
        draft.tell(str(error), (*place, "severity"))
        return Condition.parse(">=degraded")


def _named(
    draft: Draft, when: When, keys: tuple[str, str], known: _Known, options: Sequence[str], words: str, place: Place
) -> tuple[str, ...]:
    """The names under both spellings of a key. A name that stands nowhere would silence a route unseen."""
    names: list[str] = []
    for key in keys:
        given = getattr(when, key)
        if given == ():
            draft.tell("must name at least one", (*place, key))
        if given and known.whole:
            _check(draft, given, options, words, (*place, key))
        names += given or ()
    return tuple(dict.fromkeys(names))


def _check(draft: Draft, given: Sequence[str], options: Sequence[str], words: str, place: Place) -> None:
    for n, one in enumerate(given):
        if one not in options:
            hint = near(one, options) or (
                "" if len(options) > 12 or not options else f"; known are {', '.join(options)}"
            )
            draft.tell(f"no {words} {clean(one, 60)!r}{hint}", (*place, n))
