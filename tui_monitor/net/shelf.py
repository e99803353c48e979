"""A shelf for what is worth keeping from one exchange to the next: bounded, and the least used goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

ROOM = 1000
"""Things that are kept: many times what one config reads."""


class Shelf:
    """Nothing on it outlives the process, and nobody may count on finding what they put there."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._things: OrderedDict[Hashable, Any] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Shelf {len(self._things)} of {self._room}>"

    def take(self, key: Hashable) -> Any:
        """What was put there under this key, or None."""
        if key in self._things:
            self._things.move_to_end(key)
        return self._things.get(key)

    def put(self, key: Hashable, thing: Any) -> None:
        self._things[key] = thing
        self._things.move_to_end(key)
        while len(self._things) > self._room:
            self._things.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        self._things.pop(key, None)
