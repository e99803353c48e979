"""The vendors that are known by name: which check reads the page of each, and where that is.

The list is a file of its own beside this module. It is read by who names a vendor or asks for the list, and by nobody
else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

ADDRESSES = frozenset({"url", "page_id"})
"""The options that say where a page is: whoever gives one of them means another page."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """One entry of the list. `page` is where people read what the check reads elsewhere."""

    key: str
    title: str
    category: str
    kind: str
    options: Mapping[str, Any]
    aliases: tuple[str, ...] = ()
    page: str = ""
    about: str = ""

    @property
    def address(self) -> str:
        return self.page or str(self.options.get("url", ""))

    def with_options(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """The options of its check: those of a row go before those of the list."""
        elsewhere = ADDRESSES if own.keys() & ADDRESSES else frozenset[str]()
        return {**{key: one for key, one in self.options.items() if key not in elsewhere}, **own}


OWN = frozenset(one.name for one in fields(Vendor)) - {"options"}
"""The keys of an entry that are no options of its check."""


@cache
def catalogue() -> Mapping[str, Vendor]:
    """Every vendor by its key, in the order of the keys."""
    import tomllib

    written = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text("utf-8"))
    return {key: _vendor(key, row) for key, row in written.items()}


def _vendor(key: str, row: Mapping[str, Any]) -> Vendor:
    own = {name: one for name, one in row.items() if name in OWN}
    options = {name: one for name, one in row.items() if name not in OWN}
    return Vendor(key, options=options, **{**own, "aliases": tuple(own.get("aliases", ()))})


@cache
def by_name() -> Mapping[str, Vendor]:
    """Every vendor by each name that a config may call it by: its key, and what else it is known as."""
    vendors = catalogue().values()
    return {name: one for one in vendors for name in (one.key, *one.aliases)}


def search(text: str) -> list[Vendor]:
    """The vendors of which a name, the title or the category holds every word of the text; all for no word."""
    wanted = text.lower().split()
    return [one for one in catalogue().values() if all(word in _said_of(one) for word in wanted)]


def _said_of(vendor: Vendor) -> str:
    return "\n".join((vendor.key, vendor.title, vendor.category, *vendor.aliases)).lower()
