"""Who is due: looks are spread by a hash of the service, come at a fixed rate, and wait in a wheel of time slots.

All times here are seconds of a monotonic clock.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from typing import Generic, TypeVar

T = TypeVar("T")

FIRST_LOOKS_PER_SECOND = 500


def phase(service: str, every: float) -> float:
    """Where in its interval a service is looked at: the same after every start, even over all services."""
    number = int.from_bytes(hashlib.blake2b(service.encode(), digest_size=6).digest())
    return every * (number / 2**48)


def first_at(service: str, every: float, services: int, start: float) -> float:
    """The first look: soon, but many services are not all looked at in the same moment."""
    return start + phase(service, min(every, services / FIRST_LOOKS_PER_SECOND))


def next_at(service: str, every: float, after: float) -> float:
    """The first moment of the service's own rhythm that is at least half an interval later than `after`."""
    offset = phase(service, every)
    turns = math.ceil((after + every / 2 - offset) / every)
    return offset + turns * every


def following(planned: float, every: float, now: float) -> float:
    """The look after the one planned; what was missed while nobody could look is skipped, not made up."""
    following_at = planned + every
    if following_at > now:
        return following_at
    return planned + every * (math.floor((now - planned) / every) + 1)


class Wheel(Generic[T]):
    """Things due at a time, in slots of `tick` seconds: it costs no more when many wait."""

    def __init__(self, tick: float, now: float) -> None:
        self.tick = tick
        self._slots: defaultdict[int, list[tuple[float, T]]] = defaultdict(list)
        self._hand = math.floor(now / tick)

    def __repr__(self) -> str:
        return f"<Wheel {sum(map(len, self._slots.values()))} waiting, at {self._hand * self.tick:.3f}>"

    def add(self, when: float, item: T) -> None:
        self._slots[max(self._hand, math.floor(when / self.tick))].append((when, item))

    def take(self, now: float) -> list[tuple[float, T]]:
        """Everything due by `now`, earliest first. What is due later in the current slot stays."""
        last = math.floor(now / self.tick)
        if last - self._hand > len(self._slots):
            passed = [slot for slot in self._slots if slot <= last]
        else:
            passed = [slot for slot in range(self._hand, last + 1) if slot in self._slots]
        due = [entry for slot in passed for entry in self._slots.pop(slot)]
        self._hand = max(self._hand, last)
        for entry in [entry for entry in due if entry[0] > now]:
            self._slots[last].append(entry)
        return sorted((entry for entry in due if entry[0] <= now), key=_when)


def _when(entry: tuple[float, object]) -> float:
    return entry[0]
