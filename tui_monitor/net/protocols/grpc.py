"""One call of the gRPC health protocol as a conversation: HTTP/2 by the `h2` package, the two tiny messages by hand.

What comes from the other side is folded into an `Incoming` piece by piece, so that it can be tried on any bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tui_monitor.core.errors import Unreachable
from tui_monitor.core.model import Phases
from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean
from tui_monitor.net.flow import Steps
from tui_monitor.net.request import AGENT, Place, host_name, place_at
from tui_monitor.net.stream import Stream
from tui_monitor.net.trust import Trust

if TYPE_CHECKING:
    from h2.connection import H2Connection

PATH = "/grpc.health.v1.Health/Check"

MAX_HEARD = 96 * 1024
"""Bytes that may come in all; an answer has less than a hundredth of it."""

_PIECE = 4096
"""Bytes that are taken apart before others have their turn: ten thousand frames take a while."""

_HEAD = 9
"""Bytes before each frame: three of its length, its type, its flags, and four of the stream it belongs to."""
_SETTINGS = 4

_MAX_SERVICE = 1000
CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip
_NAME = re.compile(r"[0-9a-z_.-]+")
_OURS = ("grpc-", "te", "content-type", "content-length", "user-agent", "host", "connection", "transfer-encoding")
_GARBLED = "its answer is not one of the health protocol"


@dataclass(frozen=True, slots=True)
class Health:
    """What was answered: the status of the call and its words, and the status of the service where it was told.

    `http` is the status where it is not 200, so that it was not gRPC that answered.
    """

    http: int
    code: int
    message: str
    serving: int
    phases: Phases
    certificate_until: datetime | None = None

    @property
    def words(self) -> str:
        """The status of the call by its name, and what was said of it."""
        name = CODES[self.code] if self.code < len(CODES) else f"code {self.code}"
        return f"{name}: {self.message}" if self.message else name


@dataclass(frozen=True, slots=True, repr=False)
class HealthCall:
    """Whom to ask, and after which service."""

    place: Place
    trust: Trust | None
    name: str
    service: str
    metadata: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"HealthCall({self.place.host}:{self.place.port})"

    @property
    def authority(self) -> str:
        host = self.name or self.place.host
        return f"[{host}]:{self.place.port}" if ":" in host else f"{host}:{self.place.port}"

    def hold(self, stream: Stream) -> Steps[Health]:
        if self.trust is not None and stream.protocol != "h2":
            raise Unreachable("protocol", "it speaks TLS, but not HTTP/2 over it")
        connection, incoming = self._begin(), Incoming()
        while not incoming.is_whole:
            stream.send(connection.data_to_send())
            data = yield from stream.receive("waiting for the answer")
            if not data:
                raise Unreachable("protocol", "the connection was closed without an answer")
            if stream.received > MAX_HEARD:
                raise Unreachable("protocol", "it says far more than a health check may")
            for start in range(0, len(data), _PIECE):
                incoming.take(connection, data[start : start + _PIECE])
                if start:
                    yield from stream.pause()
        health = incoming.health(stream.phases(), stream.certificate_until)
        with suppress(OSError):  # all is known by now
            connection.close_connection()
            stream.send(connection.data_to_send())
        return health

    def _begin(self) -> H2Connection:
        """A connection with the call in what it has to send."""
        from h2.config import H2Configuration
        from h2.connection import H2Connection
        from hpack import NeverIndexedHeaderTuple

        connection = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        connection.initiate_connection()
        headers: list[Any] = [
            (":method", "POST"),
            (":scheme", "https" if self.trust is not None else "http"),
            (":path", PATH),
            (":authority", self.authority),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            ("user-agent", AGENT),
        ]
        headers += [NeverIndexedHeaderTuple(name, value) for name, value in self.metadata]
        connection.send_headers(1, headers)
        connection.send_data(1, asking_for(self.service), end_stream=True)
        return connection


def build_health_call(
    host: str,
    port: int,
    service: str,
    *,
    trust: Trust | None = None,
    name: str = "",
    metadata: Mapping[str, str | Secret] | None = None,
) -> HealthCall:
    """A call from what a person wrote. ValueError says in one sentence what is wrong with it."""
    if not 0 < port < 65_536:
        raise ValueError(f"port must be a number from 1 to 65535, not {port}")
    with naming("server_name"):
        asked = host_name(name) if name else ""
    with naming("service"):
        if len(service) > _MAX_SERVICE or not service.isprintable():
            raise ValueError("the name of a service is a short line of plain text")
    with naming("metadata"):
        pairs = [(key.lower(), _revealed(value)) for key, value in (metadata or {}).items()]
        for key, value in pairs:
            _check_metadata(key, value)
    return HealthCall(place_at("grpc", host, port), trust, asked, service, tuple(pairs))


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _check_metadata(key: str, value: str) -> None:
    if not _NAME.fullmatch(key):
        raise ValueError(f"{clean(key, 40)!r} is not the name of a header")
    if key in _OURS or key.startswith("grpc-"):
        raise ValueError(f"the header {key} is set by the call")
    if not (value.isascii() and value.isprintable()) or value != value.strip():
        raise ValueError(f"the header {key} has a character in it that cannot be sent")


# -- what comes in --------------------------------------------------------------------------------------------------


class Incoming:
    """An answer on its way in. Whatever breaks the rules is Unreachable."""

    __slots__ = ("_first", "body", "headers", "is_whole")

    def __init__(self) -> None:
        self._first = b""
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.is_whole = False

    def take(self, connection: H2Connection, data: bytes) -> None:
        """Fold in what has come; what must be said in return is left in the connection."""
        from h2 import events
        from h2.exceptions import H2Error

        if len(self._first) < _HEAD:
            self._first += data[: _HEAD - len(self._first)]
            _check_first(self._first)
        try:
            for event in connection.receive_data(data):
                if isinstance(event, events.ResponseReceived | events.TrailersReceived):
                    self.headers.update(event.headers)
                elif isinstance(event, events.DataReceived):
                    self.body += event.data
                elif isinstance(event, events.StreamEnded):
                    self.is_whole = True
                elif isinstance(event, events.StreamReset) and not self.is_whole:
                    raise Unreachable("reset", f"it broke off the call ({_spell_error(event.error_code)})")
                elif isinstance(event, events.ConnectionTerminated) and not self.is_whole:
                    raise Unreachable("reset", f"it broke off the connection ({_spell_error(event.error_code)})")
        except H2Error as error:
            if not self.is_whole:
                raise Unreachable("protocol", "it does not keep to the rules of HTTP/2") from error

    def health(self, phases: Phases, until: datetime | None) -> Health:
        """What the whole answer says."""
        http = _number(self.headers.get(b":status", b""))
        if http != 200:
            return Health(http, -1, "", -1, phases, until)
        if not self.headers.get(b"content-type", b"").startswith(b"application/grpc"):
            raise Unreachable("protocol", "it answers, but not in gRPC")
        code = _number(self.headers.get(b"grpc-status", b""))
        if code < 0:
            raise Unreachable("protocol", "its answer has no grpc-status")
        message = clean(unquote(self.headers.get(b"grpc-message", b"")[:2000].decode("latin-1")), 200)
        try:
            return Health(http, code, message, -1 if code else serving_in(self.body), phases, until)
        except ValueError as error:
            raise Unreachable("protocol", _GARBLED) from error


def _check_first(head: bytes) -> None:
    """Unreachable where what comes first is not the settings that begin every connection.

    Otherwise the first letters of another protocol would be taken for the length of a frame, and waited for.
    """
    if head.startswith(b"HTTP/1."):
        raise Unreachable("protocol", "it speaks HTTP/1, and not HTTP/2")
    if len(head) == _HEAD and (head[3] != _SETTINGS or head[0] or head[5:] != b"\0\0\0\0"):
        raise Unreachable("protocol", "it does not speak HTTP/2")


def _number(text: bytes) -> int:
    """-1 where it is none."""
    return int(text) if text.isdigit() and len(text) < 4 else -1


def _spell_error(code: Any) -> str:
    name = getattr(code, "name", None)
    return name if isinstance(name, str) else f"error {code}"


# -- the messages ---------------------------------------------------------------------------------------------------


def asking_for(service: str) -> bytes:
    """HealthCheckRequest, with the five bytes that every message of gRPC has before it."""
    name = service.encode()
    message = b"\x0a" + _varint(len(name)) + name if name else b""
    return b"\0" + len(message).to_bytes(4, "big") + message


def _varint(number: int) -> bytes:
    """Seven bits at a time, the lowest first."""
    return bytes([number & 0x7F | 0x80]) + _varint(number >> 7) if number > 0x7F else bytes([number])


def serving_in(body: bytes) -> int:
    """The status in a HealthCheckResponse, 0 where it has none. ValueError: it is no such message."""
    size = int.from_bytes(body[1:5], "big")
    if len(body) < 5 or body[0] or len(body) != 5 + size:
        raise ValueError("not one plain message")
    at, status = 5, 0
    while at < len(body):
        key, at = _read_varint(body, at)
        kind = key & 7
        if kind == 0:
            value, at = _read_varint(body, at)
            status = value if key >> 3 == 1 else status
        elif kind == 2:
            length, at = _read_varint(body, at)
            at += length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError("a field of no known kind")
    if at != len(body):
        raise ValueError("the last field is cut off")
    return status


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    number = shift = 0
    while at < len(data) and shift < 70:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number, at
    raise ValueError("a number is cut off")
