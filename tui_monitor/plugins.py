"""Plugins by name: ours register by an entry point each, exactly like a stranger's, and none is loaded unasked."""

from __future__ import annotations

import difflib
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any


class Registry:
    """The plugins of one group. `parts` are what a class must have to be one of them."""

    def __init__(self, noun: str, group: str, parts: tuple[str, ...]) -> None:
        self._noun, self._group, self._parts = noun, group, parts

    def __repr__(self) -> str:
        return f"<Registry of each {self._noun}: {', '.join(self.kinds())}>"

    @cached_property
    def _points(self) -> dict[str, EntryPoint]:
        points = entry_points(group=self._group)
        return {point.name: point for point in sorted(points, key=lambda point: point.name)}

    def kinds(self) -> tuple[str, ...]:
        """The names under which a config may speak of them, sorted; none of them is loaded for it."""
        return tuple(self._points)

    def find(self, kind: str) -> type[Any]:
        """The class of a kind. ValueError says what is wrong with the name, or with the plugin."""
        point = self._points.get(kind)
        if point is None:
            near = difflib.get_close_matches(kind, self.kinds(), 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(self.kinds())}"
            raise ValueError(f"there is no {self._noun} of the kind {kind!r}; {hint}")
        try:
            found = point.load()
        except (ImportError, AttributeError) as error:
            raise ValueError(f"the {self._noun} {kind!r} cannot be loaded: {error}") from error
        if not isinstance(found, type) or not all(hasattr(found, part) for part in self._parts):
            *most, last = self._parts
            raise ValueError(f"the {self._noun} {kind!r} is not a {self._noun}: it lacks {', '.join(most)} or {last}")
        return found
