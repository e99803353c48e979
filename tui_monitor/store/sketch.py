"""A latency sketch that merges: how many looks fell into each step of a logarithmic scale. Pure.

What is older than the kept looks has one per service and day. A median or a p95 read from it is within `ERROR` of the
true one, and merging sketches gives exactly the sketch of all looks together, in any order.
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from tui_monitor.store.pack import FLOOR

STEP = 1.03
ERROR = math.sqrt(STEP) - 1
"""At most 1.5 % off."""
_LOG_STEP = math.log(STEP)
_CEILING = 1e9


class Sketch:
    """Counts per step; step `i` holds the latencies around FLOOR * STEP ** i."""

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: Counter[int] = Counter(counts or {})

    def __repr__(self) -> str:
        middle = self.quantile(0.5)
        return f"<Sketch of {self.counts.total()}, median {'none' if middle is None else f'{middle:.3g} s'}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sketch) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment]  # it changes

    @classmethod
    def of(cls, latencies: Iterable[float]) -> Sketch:
        return cls(Counter(map(_step_of, latencies)))

    def merge(self, other: Sketch) -> None:
        self.counts.update(other.counts)

    def latencies(self) -> Iterator[tuple[float, int]]:
        """Each with the number of looks that took about so long."""
        return ((FLOOR * STEP**step, count) for step, count in self.counts.items())

    def quantile(self, share: float) -> float | None:
        """The latency that `share` of the looks did not exceed; None without looks."""
        wanted = max(1, math.ceil(share * self.counts.total()))
        for step in sorted(self.counts):
            wanted -= self.counts[step]
            if wanted <= 0:
                return FLOOR * STEP**step
        return None

    def packed(self) -> bytes:
        """The steps, then their counts, compressed: about a hundred bytes for a day."""
        steps = sorted(self.counts)
        numbers = array("H", steps).tobytes() + array("I", [self.counts[step] for step in steps]).tobytes()
        return len(steps).to_bytes(2, "little") + zlib.compress(numbers, 9)

    @classmethod
    def unpacked(cls, data: bytes) -> Sketch:
        size = int.from_bytes(data[:2], "little")
        numbers = zlib.decompress(data[2:])
        steps, counts = array("H", numbers[: 2 * size]), array("I", numbers[2 * size :])
        return cls(dict(zip(steps, counts, strict=True)))


def _step_of(latency: float) -> int:
    if not latency > FLOOR:
        return 0
    return round(math.log(min(latency, _CEILING) / FLOOR) / _LOG_STEP)
