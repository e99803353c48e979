"""DER, the encoding of certificates: where the content of an element starts and ends, and the few types we read.

What is broken raises IndexError or ValueError.
"""

from __future__ import annotations

from datetime import UTC, datetime


def enter(der: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where the content of the element at `at` starts and ends."""
    if der[at] != tag:
        raise ValueError("another element was expected")
    size, start = der[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(der[start : start + count], "big"), start + count
    if start + size > len(der):
        raise ValueError("the element is cut off")
    return start, start + size


def skip(der: bytes, at: int) -> int:
    return enter(der, at, der[at])[1]


def moment(tag: int, text: bytes) -> datetime:
    """UTCTime has two digits for the year, of which 50 and above are of the last century (RFC 5280)."""
    digits = text.decode("ascii")
    if tag == 0x17:
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    return datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
