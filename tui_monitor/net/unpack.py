"""What a body was packed with, undone: never into more than there is room for, however little was sent."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_AS_IT_IS = frozenset({"", "identity"})


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came of it. `is_cut` where there is more than was made room for, `is_broken` where it ends too early."""

    data: bytes
    is_cut: bool = False
    is_broken: bool = False


@cache
def brotli() -> Any:
    """The library for `br`, where one is installed that unpacks within bounds; else None."""
    try:
        import brotli as found
    except ImportError:
        return None
    return found if hasattr(found.Decompressor, "can_accept_more_data") else None


def codings() -> str:
    """What may be packed with, as an Accept-Encoding."""
    return "gzip, deflate, br" if brotli() is not None else "gzip, deflate"


def unpack(coding: str, data: bytes, room: int) -> Unpacked | None:
    """The body without this coding; None where nobody here knows it."""
    if coding in _AS_IT_IS or not data:
        return Unpacked(data)
    if coding in _WINDOWS:
        return _inflated(_WINDOWS[coding], data, room)
    return _from_brotli(data, room) if coding == "br" and brotli() is not None else None


def _inflated(window: int, data: bytes, room: int) -> Unpacked:
    if window == 15 and data[0] & 0x0F != 8:  # some send deflate without its wrapping
        window = -15
    found: list[bytes] = []
    while data and room > 0:
        unpacker = zlib.decompressobj(window)
        try:
            part = unpacker.decompress(data, room)
        except zlib.error:
            return Unpacked(b"".join(found), is_broken=not found)
        found.append(part)
        room -= len(part)
        if not unpacker.eof:
            is_cut = bool(unpacker.unconsumed_tail)
            return Unpacked(b"".join(found), is_cut, not is_cut)
        data = unpacker.unused_data if window == 31 else b""
    return Unpacked(b"".join(found), is_cut=bool(data))


def _from_brotli(data: bytes, room: int) -> Unpacked:
    unpacker = brotli().Decompressor()
    found = b""
    try:
        while len(found) <= room and not unpacker.is_finished():
            part = unpacker.process(data, output_buffer_limit=room + 1)
            if not part and not unpacker.is_finished():
                return Unpacked(found, is_broken=True)
            found, data = found + part, b""
    except brotli().error:
        return Unpacked(found, is_broken=True)
    return Unpacked(found[:room], is_cut=len(found) > room)
