"""One connection as a stream that goes both ways, for protocols whose rules are kept by somebody else.

A conversation knows whom it is with and holds itself over a stream: it sends what its protocol says and takes what
has come to it. Waiting, deadlines, names, trust and hanging up are the same for all.
"""

from __future__ import annotations

import ssl
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tui_monitor.core.model import Phases
from tui_monitor.net.dial import open_line
from tui_monitor.net.flow import Flow, Steps
from tui_monitor.net.line import Line, SecureLine
from tui_monitor.net.request import PORTS, Place
from tui_monitor.net.trust import Trust
from tui_monitor.net.words import of_tls

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

_AT_ONCE = 16
"""Reads before others have their turn."""


class Conversation(Protocol[T_co]):
    """Whom it is with, and how it goes; `trust` for TLS, under another name than the host's where there is one."""

    @property
    def place(self) -> Place: ...
    @property
    def trust(self) -> Trust | None: ...
    @property
    def name(self) -> str: ...
    def hold(self, stream: Stream) -> Steps[T_co]: ...


def converse(net: Net, flow: Flow[Any], talk: Conversation[T]) -> Steps[T]:
    """One conversation, over a connection of its own."""
    started = perf_counter()
    proxy = net.proxies.of(talk.place) if talk.place.scheme in PORTS else None
    line = yield from open_line(net, flow, talk.place, talk.trust, proxy, name=talk.name, tunnel=True)
    try:
        result = yield from talk.hold(Stream(net, flow, line, started))
        net.learn(line)
        return result
    except ssl.SSLError as error:
        raise of_tls(error) from error
    finally:
        net.hang_up(line)


class Stream:
    """What a conversation is held over: a line, and the steps of waiting for it."""

    __slots__ = ("_begun", "_flow", "_line", "_net", "_pending", "_reads", "_started", "received")

    def __init__(self, net: Net, flow: Flow[Any], line: Line, started: float) -> None:
        self._net, self._flow, self._line, self._started = net, flow, line, started
        self._begun = perf_counter()
        self._pending = b""
        self._reads = 0
        self.received = 0

    @property
    def certificate_until(self) -> datetime | None:
        return self._line.certificate_until

    @property
    def protocol(self) -> str | None:
        """What was agreed on in the TLS handshake to be spoken next, if anything was."""
        return self._line.tls.selected_alpn_protocol() if isinstance(self._line, SecureLine) else None

    def phases(self) -> Phases:
        """Where the time went so far."""
        flow = self._flow
        total = perf_counter() - self._started - flow.waited
        return Phases(flow.dns, flow.connect, flow.tls, flow.first_byte, total)

    def send(self, data: bytes) -> None:
        """Send what goes at once; the rest goes while something is waited for."""
        if self._line.unsent:
            self._pending += data
        elif data:
            self._line.write(data)

    def receive(self, doing: str) -> Steps[bytes]:
        """What has come, once something has; empty at the end. `doing` says what it is that is waited for."""
        data: bytes | None = None
        while data is None:
            data = self._receive()
            if data is None:
                yield from self._wait(doing)
        if not self.received:
            self._flow.first_byte += perf_counter() - self._begun
        self.received += len(data)
        self._reads += 1
        if self._reads % _AT_ONCE == 0:
            yield from self.pause()
        return data

    def pause(self) -> Steps[None]:
        """Let others have their turn."""
        self._flow.later()
        yield

    def drain(self) -> Steps[None]:
        """Until all that was to be sent is on its way."""
        while self._line.unsent:
            self._flush()
            if self._line.unsent:
                yield from self._wait("sending")

    def soon(self, within: float) -> float:
        """A moment of the loop's clock so many seconds from now, or half way to the deadline of everything."""
        now = self._net.loop.time()
        return now + max(0.0, min(within, (self._flow.until - now) / 2))

    def linger(self, until: float) -> Steps[bytes | None]:
        """What has come of a last word that need not come; None where nothing has until then."""
        timer = self._net.loop.call_at(until, self._flow.advance)
        try:
            while self._net.loop.time() < until:
                data = self._receive()
                if data is not None:
                    return data
                yield from self._wait("waiting for a last word")
            return None
        finally:
            timer.cancel()

    def _flush(self) -> None:
        if self._line.unsent:
            self._line.flush()
        if self._pending and not self._line.unsent:
            data, self._pending = self._pending, b""
            self._line.write(data)

    def _receive(self) -> bytes | None:
        self._flush()
        return self._line.read()

    def _wait(self, doing: str) -> Steps[None]:
        self._flow.doing = "sending" if self._line.unsent else doing
        self._net.watch.rearm(self._line.fd, writing=bool(self._line.unsent))
        yield
