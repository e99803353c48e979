"""Names of services: each is what people and commands call one by, so no two may be the same here."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count

from tui_monitor.config.imports.sheet import Entry
from tui_monitor.config.imports.source import MARK
from tui_monitor.config.services import name_to_id
from tui_monitor.core.text import clean


class Names:
    """Gives out names that are free, with an id beside them where two names would make the same one."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._ids: set[str] = set()

    def give(self, wanted: str, entry: Entry, group: str = "") -> dict[str, str]:
        """`name`, and `id` where it is needed; a remark where the name is another than was wanted."""
        plain = clean(wanted, 180) or "Service"
        name = self._free(plain, group)
        if name != wanted:
            entry.remarks.append(f"called {clean(wanted, 60) or 'nothing'} there")
        ident = name_to_id(MARK.sub("", name))
        free = next(one for one in _numbered(ident, "-") if one not in self._ids)
        self._names.add(name)
        self._ids.add(free)
        return {"name": name} if free == ident and not MARK.search(name) else {"name": name, "id": free}

    def _free(self, name: str, group: str) -> str:
        if name in self._names and group:
            name = f"{name} ({clean(group, 60)})"
        return next(one for one in _numbered(name, " ") if one not in self._names)


def _numbered(name: str, joint: str) -> Iterator[str]:
    """The name, then the same with 2, 3 and so on behind it, for as long as somebody asks."""
    return chain([name], (f"{name}{joint}{n}" for n in count(2)))
