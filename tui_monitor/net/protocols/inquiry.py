"""The steps of asking a name server: by UDP, more than once if need be, and by TCP where the answer is too long.

Anybody can send datagrams that look like answers, so whatever does not fit the question is passed over, and an answer
that came is only blamed when nothing better has come by the deadline.
"""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from tui_monitor.core.errors import TuiMonitorError, Unreachable
from tui_monitor.core.model import Phases
from tui_monitor.core.options import naming
from tui_monitor.net.datagram import listen, open_datagram
from tui_monitor.net.dial import find_addresses
from tui_monitor.net.flow import Expired, Flow, Steps
from tui_monitor.net.names import Address, literal
from tui_monitor.net.protocols.records import Question, Records, read_records
from tui_monitor.net.request import Place, place_at
from tui_monitor.net.talk import Call, talk
from tui_monitor.net.words import of_os_error

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

_TRIES = 3
"""Datagrams get lost; as often as everybody's resolver asks. With several servers, each has its turn."""
_RESOLVERS = Path("/etc/resolv.conf")
_MOST_RESOLVERS = 3
_PORT = 53
_NO_DNS = "it answers, but not in valid DNS"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked, of whom (of the system's own name servers where nobody is named), and how."""

    question: Question
    server: Place | None = None
    tcp: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What was answered, by whom, and where the time went."""

    records: Records
    server: str
    phases: Phases


def build_inquiry(question: Question, server: str = "", *, tcp: bool = False) -> Inquiry:
    """An inquiry from what a person wrote. ValueError says in one sentence what is wrong with it."""
    with naming("server"):
        return Inquiry(question, _server(server) if server else None, tcp)


def _server(text: str) -> Place:
    """`host`, `host:port`, `[address]:port` or a bare address."""
    host, colon, port = text.rpartition(":")
    if not colon or literal(text) or text.endswith("]"):
        host, port = text, str(_PORT)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ValueError(f"the port must be a number from 1 to 65535, as in {host or '192.0.2.1'}:53")
    return place_at("dns", host, int(port))


def resolvers() -> list[Place]:
    """The name servers that this machine itself asks, read anew each time, for they change with the network.

    Where none is named, or nothing can be read, it is the one on this machine, as it is for the C library.
    """
    lines: list[str] = []
    with contextlib.suppress(OSError):
        lines = _RESOLVERS.read_text("utf-8", "replace").splitlines()
    words = [line.split() for line in lines if line.startswith("nameserver")]
    named = [one[1] for one in words if len(one) > 1 and literal(one[1])]
    return [place_at("dns", one, _PORT) for one in named[:_MOST_RESOLVERS] or ["127.0.0.1"]]


class _Ear:
    """Hears one question's answer out of whatever comes."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.asked = question.wire()
        self.misheard = False

    def take(self, data: bytes) -> Records | None:
        records = read_records(self.question, self.asked, data)
        self.misheard = self.misheard or records is None
        return records


def inquire(net: Net, flow: Flow[Found], inquiry: Inquiry) -> Steps[Found]:
    """One question and its answer."""
    started = perf_counter()
    ask = _ask_by_tcp if inquiry.tcp else _ask_by_udp
    servers = [inquiry.server] if inquiry.server is not None else resolvers()
    try:
        records, server = yield from ask(net, flow, servers, _Ear(inquiry.question))
    except OSError as error:
        why = of_os_error(error)
        if not isinstance(why, Unreachable):
            raise why from error
        asked = servers[-1].authority
        raise Unreachable(why.cause, f"the name server {asked} cannot be asked: {why}") from error
    total = perf_counter() - started - flow.waited
    phases = Phases(flow.dns, flow.connect, 0.0, flow.first_byte, total)
    return Found(records, server.authority, phases)


def _ask_by_udp(net: Net, flow: Flow[Found], servers: list[Place], ear: _Ear) -> Steps[tuple[Records, Place]]:
    share = (flow.until - net.loop.time()) / _TRIES
    for left in reversed(range(_TRIES)):
        others, turn = divmod(_TRIES - 1 - left, len(servers))
        server = servers[turn]
        until = flow.until - share * left if left else flow.until + share  # the last try ends with the flow itself
        try:
            records = yield from _ask_once(net, flow, server, others, ear, until)
        except OSError:
            if not left:
                raise
        except Expired:
            if not ear.misheard:
                raise
            raise Unreachable("protocol", _NO_DNS) from None
        else:
            if records is not None and not records.cut:
                return records, server
            if records is not None:
                return (yield from _ask_for_more(net, flow, server, ear))
    raise Unreachable("timeout", f"no answer, still {flow.doing}")


def _ask_once(
    net: Net, flow: Flow[Found], server: Place, turn: int, ear: _Ear, until: float
) -> Steps[Records | None]:
    """The answer of a server to one datagram, or nothing in time; in each turn at another of its addresses."""
    addresses = yield from _find(net, flow, server)
    address = addresses[turn % len(addresses)]
    flow.doing = f"waiting for the name server {server.authority}"
    begun = perf_counter()
    sock = yield from open_datagram(net, flow, address, server.port, _udp)
    try:
        sock.send(ear.asked)
        return (yield from listen(net, flow, sock, until, ear.take))
    finally:
        flow.first_byte += perf_counter() - begun
        net.hang_up_socket(sock)


def _udp(family: int) -> socket.socket:
    return socket.socket(family, socket.SOCK_DGRAM)


def _find(net: Net, flow: Flow[Found], server: Place) -> Steps[tuple[Address, ...]]:
    """Of two names in play, this is not the one that is asked about."""
    try:
        return (yield from find_addresses(net, flow, server))
    except Unreachable as error:
        raise Unreachable("server", f"the name server {server.authority} cannot be found: {error}") from error


# -- TCP ------------------------------------------------------------------------------------------------------------


def _ask_by_tcp(net: Net, flow: Flow[Found], servers: list[Place], ear: _Ear) -> Steps[tuple[Records, Place]]:
    for server in servers[:-1]:
        with contextlib.suppress(OSError, Unreachable):  # as a resolver does, the next one is asked
            return (yield from _talk(net, flow, server, ear))
    return (yield from _talk(net, flow, servers[-1], ear))


def _ask_for_more(net: Net, flow: Flow[Found], server: Place, ear: _Ear) -> Steps[tuple[Records, Place]]:
    try:
        return (yield from _talk(net, flow, server, ear))
    except OSError as error:
        why: TuiMonitorError = of_os_error(error)
    except Unreachable as error:
        why = error
    if isinstance(why, Unreachable):
        raise Unreachable(why.cause, f"its answer is too long for UDP, and by TCP: {why}")
    raise why


def _talk(net: Net, flow: Flow[Found], server: Place, ear: _Ear) -> Steps[tuple[Records, Place]]:
    yield from _find(net, flow, server)
    call = Call(server, say=len(ear.asked).to_bytes(2) + ear.asked, enough=_is_whole)
    heard = yield from talk(net, flow, call)
    data = heard.said[2 : 2 + int.from_bytes(heard.said[:2])]
    if not heard.is_enough:
        where = "in the middle of the answer" if heard.said else "without an answer"
        raise Unreachable("protocol", f"the connection was closed {where}")
    records = read_records(ear.question, ear.asked, data, whole=True)
    if records is None:
        raise Unreachable("protocol", _NO_DNS)
    return records, server


def _is_whole(said: bytes) -> bool:
    return len(said) >= 2 and len(said) >= 2 + int.from_bytes(said[:2])
