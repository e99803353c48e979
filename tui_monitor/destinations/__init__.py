"""Which destinations there are. Ours register by an entry point each, exactly like a stranger's.

Nothing is loaded before it is asked for: a config that only writes a log imports neither mail nor HTTP.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "tui_monitor.destinations"


@cache
def _registered() -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def kinds() -> tuple[str, ...]:
    """The names under which a config may speak of a destination, sorted; none of them is loaded for it."""
    return tuple(_registered())


def find(kind: str) -> type[Any]:
    """The class of a kind of destination. ValueError says what is wrong with the name, or with the plugin."""
    point = _registered().get(kind)
    if point is None:
        near = difflib.get_close_matches(kind, kinds(), 1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(kinds())}"
        raise ValueError(f"there is no destination of the kind {kind!r}; {hint}")
    try:
        found = point.load()
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the destination {kind!r} cannot be loaded: {error}") from error
    if not isinstance(found, type) or not all(hasattr(found, name) for name in ("hears", "deliver", "prove")):
        raise ValueError(f"the destination {kind!r} is not a destination: it lacks hears, deliver or prove")
    return found
