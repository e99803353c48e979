"""What single destinations need to know of a service: read by what each of them publishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tui_monitor.config.draft import Draft
from tui_monitor.config.forms import near
from tui_monitor.config.services import called
from tui_monitor.core.model import Service
from tui_monitor.core.plan import Place
from tui_monitor.core.text import clean


def read_publish(draft: Draft, services: Sequence[Service], places: Sequence[Place]) -> list[Service]:
    """The services with what is said of them for each place; whatever leads nowhere is told."""
    plugins = {place.name: place.plugin for place in places}
    found: dict[str, dict[str, Any]] = {}
    for number, _, ident in called(draft):
        written = draft.data["services"][number].get("publish")
        for name, options in (written if isinstance(written, Mapping) else {}).items():
            where = ("services", number, "publish", name)
            shape = getattr(plugins.get(name), "published", None)
            if shape is not None:
                value = draft.read(shape, options or {}, where)
                found.setdefault(ident, {}).update({} if value is None else {name: value})
            elif wrong := _wrong(draft, name, plugins):
                draft.tell(wrong, where, key=True)
    return [replace(one, publish=found[one.id]) if found.get(one.id) else one for one in services]


def _wrong(draft: Draft, name: str, plugins: Mapping[str, Any]) -> str:
    """Why nothing can be published there; of a destination with a problem of its own, that is told there."""
    entries = draft.data.get("destinations")
    names = list(entries) if isinstance(entries, dict) else []
    if name in plugins:
        return f"{clean(name, 60)} needs to know nothing of single services"
    return "" if name in names else f"no destination is called {clean(name, 60)!r}{near(name, names)}"
