"""The looks of one service and hour as one short blob, and back. Pure.

Times are exact to the millisecond, statuses exact, latencies on a logarithmic scale within 0.05 %. A look then costs
about two bytes, because the columns are laid out for zlib: times as differences from the usual distance, the lowest
latency subtracted, each column's low bytes apart from its high bytes, which are nearly always the same.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
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
_HEAD = struct.Struct("<BIiqH")
_FORM = 1
_STATUS = 0x07
_CONFIRMING = 0x08


def pack(looks: Sequence[PackedLook]) -> bytes:
    """Looks in order of time, at least one of them."""
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(looks)]
    usual = median_low(gaps) if gaps else 0
    codes = [code_of(look[3]) for look in looks]
    least = min(filter(None, codes), default=1)
    states = bytes([look[1] | _CONFIRMING if look[2] else look[1] for look in looks])
    data = (
        _planes([_zigzag(gap - usual) for gap in gaps], 4)
        + states
        + _planes([code and code - least + 1 for code in codes], 2)
    )
    head = _HEAD.pack(_FORM, len(looks), usual, looks[0][0], least)
    return head + zlib.compress(data, 9)


class Columns(NamedTuple):
    """The looks of a blob as they lie in it: enough for a sparkline, which needs no look as a value."""

    ats: list[int]
    states: bytes
    codes: list[int]


def columns(blob: bytes) -> Columns:
    """ValueError for what this program never wrote."""
    try:
        form, size, usual, first, least = _HEAD.unpack_from(blob)
        data = zlib.decompress(blob[_HEAD.size :])
    except (struct.error, zlib.error) as error:
        raise ValueError(f"a packed hour cannot be read: {error}") from error
    times, states = 4 * (size - 1), 4 * (size - 1) + size
    if form != _FORM or len(data) != states + 2 * size:
        raise ValueError(f"a packed hour is of form {form} and {len(data)} bytes, which nothing here writes")
    gaps = [usual + ((off >> 1) ^ -(off & 1)) for off in _numbers(data[:times], 4)]
    codes = [code and code + least - 1 for code in _numbers(data[states:], 2)]
    return Columns(list(accumulate(gaps, initial=first)), data[times:states], codes)


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
    return 1 + round(math.log(min(max(latency, FLOOR), _CEILING) / FLOOR) / _LOG_STEP)


def latency_of(code: int) -> float | None:
    return FLOOR * STEP ** (code - 1) if code else None


def _zigzag(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


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
