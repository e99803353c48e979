"""A message bus of this machine (D-Bus) as part of a conversation: who we are, a call, and its reply.

The wire format is kept by the `jeepney` package, which trusts whoever it listens to; what it must not be given stays
here.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.text import clean
from tui_monitor.net.flow import Steps
from tui_monitor.net.stream import Stream

MAX_HEARD = 1 << 19
"""Bytes that a bus may say in one conversation."""

MAX_MESSAGE = 256 * 1024
"""Bytes that one message may have: the properties of a unit take about ten thousand."""

_NO_BUS = "it answers, but not as a message bus does"
_MISREAD = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    OverflowError,
    struct.error,
)
"""What the package raises at what is not as it should be."""

_SIGNATURE = 256
_MOST_EMPTY = 500


class Refused(Exception):
    """A call was answered with an error; `name` is what the bus calls it."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class Bus:
    """Our end of the line to a bus."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._heard = b""
        self._serial = 0

    def enter(self) -> Steps[None]:
        """Show who we are, as the kernel vouches for it, and be given a name."""
        from jeepney.auth import BEGIN, AuthenticationError, Authenticator

        entering = Authenticator()
        self._stream.send(entering.data_to_send())
        while not entering.authenticated:
            said = yield from self._receive()
            try:
                entering.feed(said)
            except AuthenticationError as error:
                if bytes(error.data).startswith((b"REJECTED", b"ERROR")):
                    raise Unreadable("the bus does not take in the user that this runs as") from error
                raise Unreachable("protocol", _NO_BUS) from error
        self._stream.send(BEGIN)
        yield from self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello")

    def call(self, name: str, path: str, interface: str, member: str, *words: str) -> Steps[tuple[Any, ...]]:
        """What a method that takes texts returns. Refused: an error came back."""
        from jeepney import DBusAddress, HeaderFields, MessageFlag, MessageType, new_method_call

        self._serial += 1
        try:
            call = new_method_call(DBusAddress(path, name, interface), member, "s" * len(words) or None, words)
            call.header.flags = MessageFlag.no_auto_start
            self._stream.send(call.serialise(self._serial))
        except _MISREAD as error:  # a path or a name that it gave us itself
            raise Unreachable("protocol", _NO_BUS) from error
        while True:
            message = yield from self._message()
            fields: Mapping[Any, Any] = message.header.fields
            kind = message.header.message_type
            if fields.get(HeaderFields.reply_serial) != self._serial:
                continue  # signals, and what was meant for others
            body = message.body if isinstance(message.body, tuple) else ()
            if kind is MessageType.error:
                raise Refused(str(fields.get(HeaderFields.error_name, "")), clean(str(body[0] if body else ""), 200))
            if kind is MessageType.method_return:
                return body

    def _message(self) -> Steps[Any]:
        """The next message, whole."""
        from jeepney.low_level import Message, calc_msg_size

        size = 0
        while True:
            try:
                if not size and len(self._heard) >= 16:
                    size = calc_msg_size(self._heard[:16])
                    if not 16 <= size <= MAX_MESSAGE:
                        raise ValueError("too large")
                if size and len(self._heard) >= size:
                    raw, self._heard = self._heard[:size], self._heard[size:]
                    return Message.from_buffer(_harmless(raw))
            except _MISREAD as error:
                raise Unreachable("protocol", _NO_BUS) from error
            self._heard += yield from self._receive()

    def _receive(self) -> Steps[bytes]:
        said = yield from self._stream.receive("waiting for the message bus")
        if not said:
            raise Unreachable("protocol", "the message bus closed the connection")
        if self._stream.received > MAX_HEARD:
            raise Unreachable("protocol", "the message bus says far more than it was asked for")
        return said


def _harmless(raw: bytes) -> bytes:
    """The message, unless a signature in it has a structure without fields: an array of those would be read for ever.

    A signature stands in a message after its length, and before a zero.
    """
    at, empty = raw.find(b"()"), 0
    while at >= 0:
        empty += 1
        end = raw.find(b"\0", at, at + _SIGNATURE)
        begun = range(max(0, end - _SIGNATURE), at)
        if empty > _MOST_EMPTY or any(raw[place] == end - place - 1 for place in begun if end >= 0):
            raise ValueError("a structure without fields")
        at = raw.find(b"()", at + 1)
    return raw
