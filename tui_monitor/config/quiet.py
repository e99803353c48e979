"""What keeps quiet, as a config writes it: what services depend on, planned work, active hours, reference targets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_monitor.config.draft import Draft
from tui_monitor.config.forms import near
from tui_monitor.config.services import called, headings_of, texts_under
from tui_monitor.config.shape import Reference, Work
from tui_monitor.core.model import Service
from tui_monitor.core.plan import Guard
from tui_monitor.core.quiet import cycle_in
from tui_monitor.core.text import clean
from tui_monitor.core.window import Scope, Span, Window, zone_of
from tui_monitor.net import build_call


def read_dependencies(draft: Draft, services: Sequence[Service]) -> list[Service]:
    """The services with the ids of what they depend on; a name that is none, and a ring, are told."""
    rows = draft.data.get("services")
    if not isinstance(rows, list):
        return list(services)
    named = list(called(draft))
    ids = {name: ident for _, name, ident in named} | {ident: ident for _, _, ident in named}
    depends: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    for number, _, ident in named:
        written = texts_under(rows[number], "depends_on")
        lines[ident] = number
        for n, one in enumerate(written):
            is_list = isinstance(rows[number]["depends_on"], list)
            place = ("services", number, "depends_on", *((n,) if is_list else ()))
            if one not in ids:
                hint = near(one, list(ids))
                draft.tell(f"no service is called {clean(one, 60)!r}{hint}", place)
            elif ids[one] == ident:
                draft.tell("a service cannot depend on itself", place)
        depends[ident] = tuple(dict.fromkeys(ids[one] for one in written if one in ids and ids[one] != ident))
    ring = cycle_in(depends)
    if ring:
        shown = " -> ".join((*ring, ring[0]))
        draft.tell(f"services depend on each other in a ring: {shown}", ("services", lines[ring[0]], "depends_on"))
    return [replace(one, depends_on=depends[one.id]) if depends.get(one.id) else one for one in services]


def read_maintenance(draft: Draft, timezone: str) -> list[Window]:
    """The planned work as written; without a time zone of its own, in that of the board."""
    rows = draft.data.get("maintenance")
    if rows is None:
        return []
    if not isinstance(rows, list):
        draft.tell("must be a list", ("maintenance",))
        return []
    known = Known(draft)
    found = [_window(draft, row, n, known, timezone) for n, row in enumerate(rows)]
    windows = [one for one in found if one is not None]
    names = [one.id for one in windows]
    return [replace(one, id=f"{one.id}-{n}") if one.id in names[:n] else one for n, one in enumerate(windows)]


class Known:
    """The names, groups and tags of services, also of those that have a problem, so that one slip is told once."""

    def __init__(self, draft: Draft) -> None:
        rows = draft.data.get("services")
        written = rows if isinstance(rows, list) else []
        named = list(called(draft))
        self.ids = {name: ident for _, name, ident in named} | {ident: ident for _, _, ident in named}
        self.groups = sorted({group for row in written for group in headings_of(row)})
        self.tags = sorted({tag for row in written for tag in texts_under(row, "tags")})


def _window(draft: Draft, row: Any, number: int, known: Known, timezone: str) -> Window | None:
    place = ("maintenance", number)
    work = draft.read(Work, row, place)
    if work is None:
        return None
    for key, options, words in (
        ("services", list(known.ids), "service is called"),
        ("groups", known.groups, "service has the group"),
        ("tags", known.tags, "service has the tag"),
    ):
        for one in getattr(work, key) or ():
            if one not in options:
                draft.tell(f"no {words} {clean(one, 60)!r}{near(one, options)}", (*place, key))
    ids = tuple(dict.fromkeys(known.ids.get(one, one) for one in work.services or ()))
    scope = Scope(ids, work.groups or (), work.tags or ())
    zone = work.timezone or timezone
    span = _span(work, zone)
    if span is not None and span.until <= span.since:
        draft.tell("is not after from", (*place, "until"))
    made = Window("", _target(work), scope, span, work.cron or "", work.lasts or 0.0, zone, work.reason)
    mark = hashlib.blake2b(repr(made).encode(), digest_size=4).hexdigest()
    return replace(made, id=f"plan-{mark}")


def _target(work: Work) -> str:
    parts = [
        *(work.services or ()),
        *(f"group {one}" for one in work.groups or ()),
        *(f"tag {one}" for one in work.tags or ()),
    ]
    return ", ".join(parts) or "all services"


def _span(work: Work, timezone: str) -> Span | None:
    if work.from_ is None:
        return None
    since = moment_of(work.from_, timezone)
    until = moment_of(work.until, timezone) if work.until else since + timedelta(seconds=work.lasts or 0.0)
    return Span(since, until)


def moment_of(text: str, timezone: str) -> datetime:
    """A moment as written; without an offset, on the clocks of a time zone."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=zone_of(timezone))).astimezone(UTC)


def read_guard(draft: Draft) -> Guard | None:
    written: Mapping[str, Any] | None = draft.data.get("network_guard")
    guard = draft.read(Reference, written, ("network_guard",)) if written is not None else None
    if guard is None:
        return None
    if guard.quorum > len(guard.targets):
        draft.tell(f"is more than the {len(guard.targets)} targets there are", ("network_guard", "quorum"))
        return None
    addresses = tuple(map(_address, guard.targets))
    for number, address in enumerate(addresses):
        try:
            build_call(*address)
        except ValueError as error:
            draft.tell(str(error), ("network_guard", "targets", number))
            return None
    return Guard(addresses, guard.quorum, guard.timeout)


def _address(target: str) -> tuple[str, int]:
    host, _, port = target.removeprefix("tcp://").rpartition(":")
    return host.strip("[]"), int(port)
