"""The vendors that a service of ours stands on: each must be there, and read a page on which it says how it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui_monitor.config.draft import Draft
from tui_monitor.config.forms import near
from tui_monitor.config.services import called, texts_under
from tui_monitor.core.model import Service
from tui_monitor.core.text import clean


def read_upstream(draft: Draft, services: Sequence[Service]) -> list[Service]:
    """The services with the ids of the vendors upstream of them; whatever is none is told."""
    named = list(called(draft))
    ids = {name: ident for _, name, ident in named} | {ident: ident for _, _, ident in named}
    known = {one.id: one for one in services}
    found: dict[str, list[str]] = {}
    for number, _, ident in named:
        row = draft.data["services"][number]
        is_list = isinstance(row.get("upstream"), list)
        for n, one in enumerate(texts_under(row, "upstream")):
            place = ("services", number, "upstream", *((n,) if is_list else ()))
            wrong = _wrong(one, ident, ids, known)
            if wrong:
                draft.tell(wrong, place)
            else:
                found.setdefault(ident, []).append(ids[one])
    return [
        replace(one, upstream=tuple(dict.fromkeys(found[one.id]))) if one.id in found else one for one in services
    ]


def _wrong(written: str, ident: str, ids: dict[str, str], known: dict[str, Service]) -> str:
    """Why this is no vendor upstream of a service; of one whose own row has a problem, that is told there."""
    shown, above, own = repr(clean(written, 60)), known.get(ids.get(written, "")), known.get(ident)
    if written not in ids:
        return f"no service is called {shown}{near(written, list(ids))}"
    if ids[written] == ident:
        return "a service cannot be upstream of itself"
    if own is not None and own.check.vendor:
        return "upstream is for services of your own, and this one reads a vendor's page itself"
    if above is not None and not above.check.vendor:
        return f"{shown} reads no vendor's page: upstream names vendors, depends_on what is your own"
    return ""
