"""The looks of one service and hour as one short blob, and back. Pure.

Times are exact to the millisecond, statuses exact, latencies on a logarithmic scale within 0.05 %. A look costs about
two bytes, because each column is laid out for deflate: a time is a place on the grid of a fixed rate (nearly always
the next one) and a few milliseconds of lateness; a latency is counted from the lowest; the low bytes of a column lie
apart from its high bytes, which hardly vary, and low bytes that look like noise are kept as they are.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import itemgetter
from statistics import median_low
from typing import NamedTuple

PackedLook = tuple[int, int, int, float | None]
"""(at in ms, status code, confirming, latency)."""

ERROR = 0.0005
"""How far a latency may be off, as a share of itself."""
STEP = 1 + 2 * ERROR
"""From one code to the next."""
FLOOR = 1e-6
"""What is faster than a microsecond counts as one."""
_LOG_STEP = math.log(STEP)
_CEILING = 1e9
_LOG = math.log
_SLOWEST = 1 + round(math.log(_CEILING / FLOOR) / _LOG_STEP)
_HEAD = struct.Struct("<BIIqIHH")
"""Form, number of looks, grid in us, its first point, least lateness, least latency code, length of the low bytes."""
_LATE = 50
"""A last look that is so many ms off was late; more is a rate that is no whole number of milliseconds."""
_FORM = 1
_STATUS = 0x07
CONFIRMING = 0x08


def pack(looks: Sequence[PackedLook]) -> bytes:
    """Looks in order of time, at least one of them."""
    ats = [look[0] for look in looks]
    grid, places = _grid_of(ats)
    lateness = [at - ats[0] - place * grid // 1000 for at, place in zip(ats, places, strict=True)]
    earliest = min(lateness)
    codes = [code_of(look[3]) for look in looks]
    least = min(filter(None, codes), default=1)
    latencies = _planes([code and code - least + 1 for code in codes], 2)
    size = len(looks)
    low = _deflated(latencies[:size])
    data = (
        _planes([(later - earlier) ^ 1 for earlier, later in pairwise(places)], 4)
        + _planes([late - earliest for late in lateness], 4)
        + bytes([look[1] | CONFIRMING if look[2] else look[1] for look in looks])
        + latencies[size:]
    )
    is_noise = len(low) >= size
    head = _HEAD.pack(_FORM, size, grid, ats[0], -earliest, least, 0 if is_noise else len(low))
    return head + (latencies[:size] if is_noise else low) + _deflated(data)


def _grid_of(ats: Sequence[int]) -> tuple[int, list[int]]:
    """The mean distance of a fixed rate in us, and where each look lies on a grid of it, so that no rest adds up."""
    usual = max(1, median_low([later - earlier for earlier, later in pairwise(ats)])) if len(ats) > 1 else 1
    origin = ats[0] - usual // 2
    places = [(at - origin) // usual for at in ats]
    drift = ats[-1] - ats[0] - usual * places[-1]
    grid = usual * 1000 + (round(drift * 1000 / places[-1]) if abs(drift) > _LATE else 0)
    return grid, places


class Columns(NamedTuple):
    """The looks of a blob as they lie in it: enough for a sparkline, which needs no look as a value."""

    ats: list[int]
    states: bytes
    codes: list[int]


class _Parts(NamedTuple):
    size: int
    grid: int
    origin: int
    least: int
    low: bytes
    data: bytes

    @property
    def states(self) -> bytes:
        return self.data[8 * self.size - 4 : 9 * self.size - 4]

    @property
    def codes(self) -> list[int]:
        shift = self.least - 1
        return [code and code + shift for code in _numbers(self.low + self.data[9 * self.size - 4 :], 2)]


def _parts(blob: bytes) -> _Parts:
    """ValueError for what this program never wrote."""
    try:
        form, size, grid, first, earliest, least, length = _HEAD.unpack_from(blob)
        rest = blob[_HEAD.size :]
        low = zlib.decompress(rest[:length]) if length else rest[:size]
        data = zlib.decompress(rest[length or size :])
    except (struct.error, zlib.error) as error:
        raise ValueError(f"a packed hour cannot be read: {error}") from error
    if form != _FORM or len(low) != size or len(data) != 10 * size - 4:
        raise ValueError(f"a packed hour is of form {form} and {len(data)} bytes, which nothing here writes")
    return _Parts(size, grid, first - earliest, least, low, data)


def columns(blob: bytes) -> Columns:
    """ValueError for what this program never wrote."""
    parts = _parts(blob)
    late, states = 4 * (parts.size - 1), 8 * parts.size - 4
    places = accumulate((step ^ 1 for step in _numbers(parts.data[:late], 4)), initial=0)
    ats = [
        parts.origin + place * parts.grid // 1000 + after
        for place, after in zip(places, _numbers(parts.data[late:states], 4), strict=True)
    ]
    return Columns(ats, parts.states, parts.codes)


COARSE = 8
"""Codes that a coarse code stands for: a chart needs no more than 0.4 %."""
_COARSE_BITS = COARSE.bit_length() - 1


def coarse(codes: Sequence[int]) -> bytes:
    """Two bytes for each code; where there is no latency, zero as before."""
    return struct.pack(f"<{len(codes)}H", *((code + COARSE - 1) >> _COARSE_BITS for code in codes))


def latency_of_coarse(code: int) -> float | None:
    """The middle of what the code stands for."""
    return FLOOR * STEP ** (COARSE * code - (COARSE + 1) / 2) if code else None


def timeless(blob: bytes) -> tuple[bytes, bytes]:
    """States and coarse latency codes of a whole hour, without its times, which are most of the work.

    All codes are shifted at once, as one large number with two bytes for each; where a look has none, one by one.
    """
    parts = _parts(blob)
    raw = bytearray(2 * parts.size)
    raw[::2], raw[1::2] = parts.low, parts.data[9 * parts.size - 4 :]
    number, ones = int.from_bytes(raw, "little"), _ones(parts.size)
    measured = ((number & ones * 0x7FFF) + ones * 0x7FFF | number) & ones << 15
    if measured.bit_count() < parts.size:
        return parts.states, coarse(parts.codes)
    number = number + ones * (parts.least - 1 + COARSE - 1) >> _COARSE_BITS
    return parts.states, (number & ones * (0xFFFF >> _COARSE_BITS)).to_bytes(2 * parts.size, "little")


@lru_cache(64)
def _ones(size: int) -> int:
    return int.from_bytes(b"\1\0" * size, "little")


def unpack(blob: bytes) -> list[PackedLook]:
    """The looks again."""
    return [
        (at, state & _STATUS, state >> 3, latency_of(code)) for at, state, code in zip(*columns(blob), strict=True)
    ]


def merge(packed: Sequence[PackedLook], late: Sequence[PackedLook]) -> list[PackedLook]:
    """Both in order of time; where two fall on one millisecond, one takes the next that is free."""
    merged: list[PackedLook] = []
    newest = -1
    for at, status, confirming, latency in sorted([*packed, *late], key=itemgetter(0)):
        newest = max(at, newest + 1)
        merged.append((newest, status, confirming, latency))
    return merged


def code_of(latency: float | None) -> int:
    """0: none was measured. From a microsecond up, one more for each 0.1 %."""
    if latency is None or math.isnan(latency):
        return 0
    if FLOOR < latency < _CEILING:
        return 1 + round(_LOG(latency / FLOOR) / _LOG_STEP)
    return 1 if latency <= FLOOR else _SLOWEST


def latency_of(code: int) -> float | None:
    return FLOOR * STEP ** (code - 1) if code else None


def _deflated(data: bytes) -> bytes:
    """Huffman codes first: short matches in what is mostly noise cost more than they save."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
    return deflate.compress(data) + deflate.flush()


def _planes(numbers: Sequence[int], width: int) -> bytes:
    """All lowest bytes, then all second bytes, and so on."""
    flat = struct.pack(f"<{len(numbers)}{'I' if width == 4 else 'H'}", *numbers)
    return b"".join(flat[place::width] for place in range(width))


def _numbers(planes: bytes, width: int) -> tuple[int, ...]:
    size = len(planes) // width
    flat = bytearray(len(planes))
    for place in range(width):
        flat[place::width] = planes[place * size : (place + 1) * size]
    return struct.unpack(f"<{size}{'I' if width == 4 else 'H'}", flat)
