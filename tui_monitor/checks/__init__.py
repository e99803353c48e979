"""Which checks there are. Ours register by an entry point each, exactly like a stranger's; none is loaded unasked."""

from __future__ import annotations

import difflib
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "tui_monitor.checks"


@cache
def _registered() -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def kinds() -> tuple[str, ...]:
    """The names under which a config may speak of a check, sorted; none of them is loaded for it."""
    return tuple(_registered())


def find(kind: str) -> type[Any]:
    """The class of a kind of check. ValueError says what is wrong with the name, or with the plugin."""
    point = _registered().get(kind)
    if point is None:
        near = difflib.get_close_matches(kind, kinds(), 1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(kinds())}"
        raise ValueError(f"there is no check of the kind {kind!r}; {hint}")
    try:
        found = point.load()
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the check {kind!r} cannot be loaded: {error}") from error
    if not isinstance(found, type) or not all(hasattr(found, name) for name in ("vendor", "look", "judge")):
        raise ValueError(f"the check {kind!r} is not a check: it lacks vendor, look or judge")
    return found
