"""A WebSocket as a conversation: the handshake, a message, what comes in return, and a proper goodbye.

The rules are those of the `websockets` package, without its own way of talking to the network.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_monitor.core.errors import Unreachable
from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean
from tui_monitor.net.flow import Steps
from tui_monitor.net.request import AGENT, Place, build_request
from tui_monitor.net.stream import Stream
from tui_monitor.net.talk import Heard
from tui_monitor.net.trust import Trust

if TYPE_CHECKING:
    from websockets.client import ClientProtocol

MAX_MESSAGE = 1 << 20
"""Bytes that one message may have."""

MAX_HEARD = 4 << 20
"""Bytes that may come in all until what is expected is among them."""

_KEPT = 4096
"""Bytes of what was said that are shown to people, or looked at by them."""

_PARTING = 1.0
"""Seconds for which the other side may take its time to say goodbye."""

_PIECES = 16
"""Reads until a side that goes on talking is left without a goodbye."""

_OURS = ("connection", "upgrade", "sec-websocket-")

_QUIET = logging.Logger("quiet", logging.CRITICAL + 1)
"""The package logs whole requests, and with them what is secret in a header."""


@dataclass(frozen=True, slots=True)
class Greeted:
    """How the handshake was answered, and what was said after it."""

    status: int
    title: str
    subprotocol: str
    heard: Heard


@dataclass(frozen=True, slots=True, repr=False)
class Hail:
    """Whom to greet, as whom, and what to say."""

    place: Place
    trust: Trust | None
    headers: tuple[tuple[str, str], ...]
    subprotocols: tuple[str, ...]
    say: str
    enough: Callable[[bytes], bool] | None = field(compare=False)
    name: str = ""

    def __repr__(self) -> str:
        return f"Hail({self.place.authority})"

    def hold(self, stream: Stream) -> Steps[Greeted]:
        protocol = _protocol_for(self)
        refused = yield from _greet(stream, protocol, self)
        if refused is not None:
            return Greeted(*refused, "", Heard(b"", stream.phases(), stream.certificate_until))
        said, is_enough = yield from _speak(stream, protocol, self)
        heard = Heard(said, stream.phases(), stream.certificate_until, is_enough)
        yield from _part(stream, protocol)
        return Greeted(101, "", protocol.subprotocol or "", heard)


def build_hail(
    url: str,
    *,
    headers: Mapping[str, str | Secret],
    authorization: str = "",
    subprotocols: Sequence[str] = (),
    trust: Trust,
    say: str | Secret = "",
    enough: Callable[[bytes], bool] | None = None,
) -> Hail:
    """A hail from what a person wrote. ValueError says in one sentence what is wrong with it."""
    scheme, colon, rest = url.partition(":")
    if scheme.lower() not in ("ws", "wss") or not colon:
        raise ValueError("url: the URL must begin with ws:// or wss://")
    for name in headers:
        if name.lower().startswith(_OURS):
            raise ValueError(f"headers: the header {clean(name, 40)} is set by the handshake")
    for one in subprotocols:
        if not one or not one.isascii() or not one.isprintable() or any(char in ' ",;' for char in one):
            raise ValueError(f"subprotocols: {clean(one, 40)!r} is not the name of one")
    secure = scheme.lower() == "wss"
    request = build_request(
        "GET", f"{'https' if secure else 'http'}:{rest}", headers=headers, authorization=authorization
    )
    text = say.reveal() if isinstance(say, Secret) else say
    with naming("send"):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("a message must be text that can be sent") from None
    return Hail(
        request.place, trust if secure else None, request.headers, tuple(dict.fromkeys(subprotocols)), text, enough
    )


def _protocol_for(hail: Hail) -> ClientProtocol:
    from websockets.client import ClientProtocol
    from websockets.typing import Subprotocol
    from websockets.uri import WebSocketURI

    path, _, query = hail.place.target.partition("?")
    uri = WebSocketURI(hail.trust is not None, hail.place.host, hail.place.port, path, query)
    offered = [Subprotocol(one) for one in hail.subprotocols] or None
    return ClientProtocol(uri, subprotocols=offered, max_size=MAX_MESSAGE, logger=_QUIET)


def _greet(stream: Stream, protocol: ClientProtocol, hail: Hail) -> Steps[tuple[int, str] | None]:
    """The handshake: None once it is done, else the status and the words of whoever refused it."""
    from websockets.http11 import Response
    from websockets.protocol import State

    request = protocol.connect()
    request.headers["User-Agent"] = AGENT
    for name in {name.lower() for name, _ in hail.headers} & {"host", "user-agent"}:
        del request.headers[name]
    for name, value in hail.headers:
        request.headers[name] = value
    protocol.send_request(request)
    while protocol.state is State.CONNECTING and protocol.handshake_exc is None:
        yield from _exchange(stream, protocol, "waiting for the handshake")
    fault = protocol.handshake_exc
    if fault is None:
        return None
    for event in protocol.events_received():
        if isinstance(event, Response) and event.status_code != 101:
            return event.status_code, f"{event.status_code} {clean(event.reason_phrase, 60)}".rstrip()
    if isinstance(fault.__cause__, EOFError):
        raise Unreachable("protocol", "the connection was closed in the middle of the handshake")
    raise Unreachable("protocol", f"the handshake was answered wrongly: {clean(str(fault), 200)}")


def _exchange(stream: Stream, protocol: ClientProtocol, doing: str) -> Steps[None]:
    """Send what the protocol has to say, and let it hear what comes next."""
    _send(stream, protocol)
    data = yield from stream.receive(doing)
    if data:
        protocol.receive_data(data)
    else:
        protocol.receive_eof()


def _send(stream: Stream, protocol: ClientProtocol) -> None:
    for data in protocol.data_to_send():
        stream.send(data)


def _speak(stream: Stream, protocol: ClientProtocol, hail: Hail) -> Steps[tuple[bytes, bool]]:
    """Say what is to be said; what is said in return until it is enough, and whether it was."""
    from websockets.protocol import State

    if hail.say and protocol.state is State.OPEN:
        protocol.send_text(hail.say.encode())
    if hail.enough is None:
        _send(stream, protocol)
        yield from stream.drain()
        return b"", True
    said, parts = b"", list[bytes]()
    while True:
        for message in _messages(protocol, parts):
            said = (said + b"\n" + message if said else message)[:_KEPT]
            if hail.enough(message):
                return said, True
        if protocol.state is not State.OPEN or stream.received > MAX_HEARD:
            return said or _last_words(protocol), False
        yield from _exchange(stream, protocol, "waiting for what is expected")


def _messages(protocol: ClientProtocol, parts: list[bytes]) -> Iterator[bytes]:
    """The messages that are whole by now; `parts` keeps those of one that is not."""
    from websockets.frames import Frame, Opcode

    for frame in protocol.events_received():
        if isinstance(frame, Frame) and frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            parts.append(bytes(frame.data))
            if frame.fin:
                yield b"".join(parts)
                parts.clear()


def _last_words(protocol: ClientProtocol) -> bytes:
    """How it ended where nothing else was said. Raises Unreachable where the rules were broken."""
    from websockets.exceptions import PayloadTooBig

    fault, goodbye = protocol.parser_exc, protocol.close_rcvd
    if isinstance(fault, PayloadTooBig):
        return b"a message that is too long"
    if fault is not None and not isinstance(fault, EOFError):
        raise Unreachable("protocol", f"it does not keep to the rules of WebSocket: {clean(str(fault), 200)}")
    return f"goodbye ({clean(f'{goodbye.code} {goodbye.reason}', 200)})".encode() if goodbye else b""


def _part(stream: Stream, protocol: ClientProtocol) -> Steps[None]:
    """Say goodbye and wait a little for the same: everything is known by now, and no fault matters any more."""
    from websockets.protocol import State

    until = stream.soon(_PARTING)
    with suppress(OSError):
        if protocol.state is State.OPEN:
            protocol.send_close(1000)
        _send(stream, protocol)
        for _ in range(_PIECES):
            data = (yield from stream.linger(until)) if protocol.close_rcvd is None else None
            if not data:
                return
            protocol.receive_data(data)
