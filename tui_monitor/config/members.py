"""Services that are made of others: each member must be there, once, and nobody can be made of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_monitor.config.draft import Draft, Place
from tui_monitor.config.forms import near
from tui_monitor.config.services import called, texts_under
from tui_monitor.core.model import Service
from tui_monitor.core.quiet import cycle_in
from tui_monitor.core.text import clean


def members_of(service: Service) -> tuple[str, ...]:
    """The names or ids of those that a service is made of, as they were written; empty for most."""
    return tuple(getattr(service.check, "members", ()))


def check_members(draft: Draft, services: Sequence[Service]) -> None:
    """Tells members that are no services, stand twice or could be two, and rings, each where it is written."""
    named = list(called(draft))
    numbers = {ident: number for number, _, ident in named}
    names, ids = {name: ident for _, name, ident in named}, {ident for _, _, ident in named}
    made: dict[str, tuple[str, ...]] = {}
    for service in services:
        members = members_of(service)
        if members:
            place = ("services", numbers[service.id], service.kind)
            made[service.id] = tuple(_checked(draft, service, members, names, ids, place))
    if ring := cycle_in(made):
        shown = " -> ".join((*ring, ring[0]))
        text = f"services are made of each other in a ring: {shown}"
        draft.tell(text, ("services", numbers[ring[0]], _kind_of(services, ring[0])))


def _checked(
    draft: Draft, service: Service, members: Sequence[str], names: Mapping[str, str], ids: set[str], place: Place
) -> list[str]:
    """The ids of the members that are right."""
    found: list[str] = []
    for one in members:
        ident = names.get(one, one)
        text = ""
        if ident not in ids:
            text = f"no service is called {clean(one, 60)!r}{near(one, sorted({*names, *ids}))}"
        elif one in ids and ident != one:
            text = f"{clean(one, 60)!r} is the name of one service and the id of another: use the id {ident!r}"
        elif ident == service.id:
            text = "a service cannot be made of itself"
        elif ident in found:
            text = f"{clean(one, 60)!r} stands twice"
        else:
            found.append(ident)
        if text:
            draft.tell(text, _place_of(draft, one, place))
    return found


def _place_of(draft: Draft, member: str, place: Place) -> Place:
    """Where a member is written last, under whichever option of the check; the check itself where it is not found."""
    written: Any = draft.data
    for step in place:
        written = written[step]
    found = place
    for key in written if isinstance(written, dict) else ():
        is_list = isinstance(written[key], list)
        for n, text in enumerate(texts_under(written, key)):
            if text == member:
                found = (*place, key, n) if is_list else (*place, key)
    return found


def _kind_of(services: Sequence[Service], ident: str) -> str:
    return next(service.kind for service in services if service.id == ident)
