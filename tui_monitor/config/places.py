"""The entries of `destinations`, and the `routes` that lead to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tui_monitor.config.draft import Draft, Place
from tui_monitor.config.forms import near
from tui_monitor.config.quiet import Known
from tui_monitor.config.services import Registry, choose, texts_under
from tui_monitor.config.shape import Patience, Way, When
from tui_monitor.core import plan
from tui_monitor.core.message import FIELDS
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.text import clean
from tui_monitor.core.window import parse_hours


def read_places(draft: Draft, registry: Registry, known: frozenset[str]) -> list[plan.Place]:
    """Every destination that is right. Their texts may use the fields of any check in use."""
    entries = draft.data.get("destinations")
    if entries is None:
        return []
    if not isinstance(entries, dict):
        draft.tell("must be a mapping of names to destinations", ("destinations",))
        return []
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
    if option := getattr(chosen.made, "chooses", ""):  # a name that stands nowhere would record nothing unseen
        ids = list(Known(draft).ids)
        _check(draft, entry[chosen.kind], ids, "service is called", (*where, chosen.kind, option))
    if own is None or plugin is None:
        return None
    return plan.Place(name, chosen.kind, plugin, own.ambiguous, own.give_up_after, own.timeout)


def read_routes(draft: Draft, timezone: str, places: Sequence[plan.Place] = ()) -> list[Route]:
    """The routes as written; without any, everything from degraded up goes to every destination that hears of it."""
    entries = draft.data.get("destinations")
    names = list(entries) if isinstance(entries, dict) else []
    signs = {place.name for place in places if getattr(place.plugin, "banner", False)}
    mute = {place.name for place in places if not getattr(place.plugin, "hears", True)}
    rows = draft.data.get("routes")
    if rows is None:
        heard = tuple(name for name in names if name not in signs | mute)
        return [Route(to=heard)] if heard else []
    if not isinstance(rows, list):
        draft.tell("must be a list", ("routes",))
        return []
    known = _Known(draft, names, signs, mute)
    routes = [_route(draft, row, ("routes", n), known, timezone) for n, row in enumerate(rows)]
    return [route for route in routes if route is not None]


class _Known(Known):
    """What a route may speak of."""

    def __init__(
        self, draft: Draft, destinations: Sequence[str], signs: Collection[str], mute: Collection[str]
    ) -> None:
        super().__init__(draft)
        self.destinations = destinations
        self.signs = signs
        self.mute = mute


def _route(draft: Draft, row: Any, place: Place, known: _Known, timezone: str) -> Route | None:
    _check_names(draft, row, place, known)
    way = draft.read(Way, row, place)
    if way is None:
        return None
    when = way.when or When()
    services = (*(when.service or ()), *(when.services or ()))
    return Route(
        to=tuple(dict.fromkeys(way.to)),
        severity=Condition.parse(when.severity or ">=degraded"),
        critical=when.critical,
        services=tuple(dict.fromkeys(known.ids.get(one, one) for one in services)),
        groups=tuple(dict.fromkeys((*(when.group or ()), *(when.groups or ())))),
        tags=tuple(dict.fromkeys((*(when.tag or ()), *(when.tags or ())))),
        after=way.after,
        unless=way.unless or "",
        remind_every=way.remind_every,
        group_wait=way.group_wait,
        during=tuple(parse_hours(one, timezone) for one in way.during or ()),
    )


def _check_names(draft: Draft, row: Any, place: Place, known: _Known) -> None:
    """A name that stands nowhere would silence a route unseen."""
    when = row.get("when") if isinstance(row, dict) else None
    spoken = (
        (row, (*place, "to"), known.destinations, "destination is called"),
        (when, (*place, "when", "service"), list(known.ids), "service is called"),
        (when, (*place, "when", "services"), list(known.ids), "service is called"),
        (when, (*place, "when", "group"), known.groups, "service has the group"),
        (when, (*place, "when", "groups"), known.groups, "service has the group"),
        (when, (*place, "when", "tag"), known.tags, "service has the tag"),
        (when, (*place, "when", "tags"), known.tags, "service has the tag"),
    )
    for holder, where, options, words in spoken:
        _check(draft, holder, options, words, where)
    for one in texts_under(row, "to"):
        if one in known.signs:
            text = f"{clean(one, 60)!r} shows the banner and is told of no incident: no route leads there"
            draft.tell(text, (*place, "to"))
        elif one in known.mute:
            draft.tell(f"{clean(one, 60)!r} is told of no incident: no route leads there", (*place, "to"))


def _check(draft: Draft, holder: Any, options: Sequence[str], words: str, place: Place) -> None:
    key = str(place[-1])
    is_list = isinstance(holder, dict) and isinstance(holder.get(key), list)
    for n, one in enumerate(texts_under(holder, key)):
        if one not in options:
            hint = near(one, options) or (
                "" if len(options) > 12 or not options else f"; known are {', '.join(options)}"
            )
            draft.tell(f"no {words} {clean(one, 60)!r}{hint}", (*place, n) if is_list else place)
