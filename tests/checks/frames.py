"""WebSocket by hand, for servers that keep to its rules exactly as far as they are told to."""

from __future__ import annotations

import base64
import hashlib


def accepted(head: bytes, *frames: bytes, key: bytes | None = None, more: bytes = b"") -> bytes:
    """The answer to a handshake, and frames right behind it."""
    asked = next(line[19:] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: "))
    mark = hashlib.sha1((key or asked) + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    fields = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + base64.b64encode(mark)
    return b"HTTP/1.1 101 Go\r\n" + fields + b"\r\n" + more + b"\r\n" + b"".join(frames)


def frame(opcode: int, data: bytes, fin: bool = True) -> bytes:
    """One frame as a server sends it."""
    assert len(data) < 65536
    size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    return bytes([opcode | (0x80 if fin else 0)]) + size + data
