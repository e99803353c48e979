"""The vendors that a service of ours stands on: each must be there, and read a page on which it says how it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui_monitor.config.draft import Draft
from tui_monitor.config.forms import near
from tui_monitor.config.services import called, texts_under
from tui_monitor.config.vendors import VENDOR, known_as
from tui_monitor.core.model import Service
from tui_monitor.core.text import clean


def read_upstream(draft: Draft, services: Sequence[Service]) -> list[Service]:
    """The services with the ids of the vendors upstream of them; whatever is none is told."""
    named, known = _named(draft), {one.id: one for one in services}
    found: dict[str, list[str]] = {}
    for number, _, ident in called(draft):
        row = draft.data["services"][number]
        is_list = isinstance(row.get("upstream"), list)
        for n, one in enumerate(texts_under(row, "upstream")):
            meant = _meant(one, named)
            wrong = _wrong(one, ident, meant, named, known)
            if wrong:
                draft.tell(wrong, ("services", number, "upstream", *((n,) if is_list else ())))
            else:
                found.setdefault(ident, []).extend(meant)
    upstream = {ident: tuple(dict.fromkeys(ids)) for ident, ids in found.items()}
    return [replace(one, upstream=upstream[one.id]) if one.id in upstream else one for one in services]


def _named(draft: Draft) -> Mapping[str, list[str]]:
    """Ids of services by what may be written for them: their id, else their name, else the vendor that they read."""
    found: dict[str, list[str]] = {}
    rows = list(called(draft))
    for number, _, ident in rows:
        vendor = known_as(draft.data["services"][number].get(VENDOR))
        if vendor is not None:
            found.setdefault(vendor.key, []).append(ident)
    return found | {name: [ident] for _, name, ident in rows} | {ident: [ident] for _, _, ident in rows}


def _meant(written: str, named: Mapping[str, list[str]]) -> list[str]:
    """A vendor may be known by several names, and be read by several services, each for some of it."""
    vendor = known_as(written)
    return named.get(written) or (named.get(vendor.key, []) if vendor is not None else [])


def _wrong(
    written: str, ident: str, meant: Sequence[str], named: Mapping[str, list[str]], known: Mapping[str, Service]
) -> str:
    """Why this is no vendor upstream of a service; of one whose own row has a problem, that is told there."""
    shown, own, vendor = repr(clean(written, 60)), known.get(ident), known_as(written)
    if not meant and vendor is not None:
        return f"no service reads the page of {vendor.title}: list one with `vendor: {vendor.key}`"
    if not meant:
        return f"no service is called {shown}{near(written, list(named))}"
    if ident in meant:
        return "a service cannot be upstream of itself"
    if own is not None and own.check.vendor:
        return "upstream is for services of your own, and this one reads a vendor's page itself"
    if any(one in known and not known[one].check.vendor for one in meant):
        return f"{shown} reads no vendor's page: upstream names vendors, depends_on what is your own"
    return ""
