"""The steps of a ping: ICMP echoes, one after the other, each with its share of the time.

Linux and macOS let anybody send echoes on a datagram socket, where the administrator allows it; else a raw socket
does, for whoever may open one. Only a reply that carries this look's own random token is one, whoever sent it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EACCES, EPERM, EPROTONOSUPPORT
from struct import pack, unpack_from
from time import perf_counter
from typing import TYPE_CHECKING

from tui_monitor.core.errors import TuiMonitorError, Unreachable, Unreadable
from tui_monitor.core.model import Phases
from tui_monitor.core.options import naming
from tui_monitor.net.datagram import listen, open_datagram
from tui_monitor.net.dial import find_addresses
from tui_monitor.net.flow import Flow, Steps
from tui_monitor.net.request import Place, place_at
from tui_monitor.net.words import of_os_error

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

MOST_ECHOES = 100
_USED = 0.95
"""The share of the time in which replies are waited for, so that what was lost can still be told."""
_PADDING = bytes(40)  # to the 56 bytes that everybody's ping sends
_PROTOCOL = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
_FORBIDDEN = (
    "echoes may not be sent here: the sysctl net.ipv4.ping_group_range does not let this user's group, "
    "and a raw socket needs CAP_NET_RAW"
)


@dataclass(frozen=True, slots=True)
class Echo:
    """Whom to send how many echoes."""

    place: Place
    count: int


@dataclass(frozen=True, slots=True)
class Echoed:
    """The seconds that each echo took to come back; None for one that was lost. At least one came back."""

    trips: tuple[float | None, ...]
    phases: Phases


def build_echo(host: str, count: int) -> Echo:
    """Echoes from what a person wrote. ValueError says in one sentence what is wrong with it."""
    if not 1 <= count <= MOST_ECHOES:
        raise ValueError(f"count must be a number from 1 to {MOST_ECHOES}, not {count}")
    with naming("host"):
        return Echo(place_at("icmp", host, 0), count)


def echo(net: Net, flow: Flow[Echoed], asked: Echo) -> Steps[Echoed]:
    """All the echoes of one look."""
    started = perf_counter()
    try:
        trips = yield from _send_all(net, flow, asked)
    except (OSError, Unreachable):
        net.names.doubt(asked.place.host)
        raise
    first = next(trip for trip in trips if trip is not None)
    total = perf_counter() - started - flow.waited
    return Echoed(trips, Phases(dns=flow.dns, first_byte=first, total=total))


def _open(net: Net, flow: Flow[Echoed], place: Place) -> Steps[socket.socket]:
    """To the first address to which there is a way."""
    addresses = yield from find_addresses(net, flow, place)
    flow.doing = "sending echoes"
    for address in addresses:
        try:
            return (yield from open_datagram(net, flow, address, 0, _socket_for))
        except OSError:
            if address is addresses[-1]:
                raise
    raise Unreachable("dns", "the name has no address")


def _socket_for(family: int) -> socket.socket:
    protocol = _PROTOCOL[socket.AddressFamily(family)]
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol)
    except OSError as error:
        if error.errno not in (EACCES, EPERM, EPROTONOSUPPORT):
            raise
    try:
        return socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError:
        raise Unreadable(_FORBIDDEN) from None


@dataclass(slots=True)
class _Trips:
    """The echoes of one look: what was sent when, and what came back."""

    family: socket.AddressFamily
    ident: int | None
    data: bytes
    sent: dict[int, float] = field(default_factory=dict)
    took: dict[int, float] = field(default_factory=dict)

    def packet(self, number: int) -> bytes:
        kind, ident = _REQUEST[self.family], self.ident or 0
        check = checksum(pack("!BBHHH", kind, 0, 0, ident, number) + self.data)
        return pack("!BBHHH", kind, 0, check, ident, number) + self.data

    def waiting_for(self, number: int) -> Callable[[bytes], bool | None]:
        """Notes every reply, also a late one, and stops at the one that is waited for."""

        def take(data: bytes) -> bool | None:
            found = read_reply(data, self.family, self.ident, self.data)
            if found in self.sent and found not in self.took:
                self.took[found] = perf_counter() - self.sent[found]
            return True if number in self.took else None

        return take


def _send_all(net: Net, flow: Flow[Echoed], asked: Echo) -> Steps[tuple[float | None, ...]]:
    sock = yield from _open(net, flow, asked.place)
    ident = int.from_bytes(os.urandom(2)) if sock.type is socket.SOCK_RAW else None
    trips = _Trips(socket.AddressFamily(sock.family), ident, os.urandom(16) + _PADDING)
    try:
        failure = yield from _send(net, flow, sock, trips, asked.count)
    finally:
        net.hang_up_socket(sock)
    if not trips.took:
        why = f": {failure}" if failure is not None else ""
        echoes = "the echo" if asked.count == 1 else f"any of {asked.count} echoes"
        raise Unreachable("lost", f"no reply to {echoes}{why}")
    return tuple(trips.took.get(number) for number in trips.sent)


def _send(
    net: Net, flow: Flow[Echoed], sock: socket.socket, trips: _Trips, count: int
) -> Steps[TuiMonitorError | None]:
    """One echo after the other; what kept one of them from going out, or from coming back, where that was said."""
    share = (flow.until - net.loop.time()) * _USED / count
    failure: TuiMonitorError | None = None
    for number in range(1, count + 1):
        trips.sent[number] = perf_counter()
        try:
            sock.send(trips.packet(number))
            yield from listen(net, flow, sock, net.loop.time() + share, trips.waiting_for(number))
        except OSError as error:
            failure = of_os_error(error)
            if isinstance(failure, Unreadable):
                raise failure from error
    return failure


def read_reply(data: bytes, family: int, ident: int | None, expected: bytes) -> int:
    """The number of the echo that this is a reply to, or -1. A raw socket hears everything, with the IPv4 header."""
    if family == socket.AF_INET and data[:1] and data[0] >> 4 == 4:
        data = data[(data[0] & 0x0F) * 4 :]
    if data[8:] != expected:
        return -1
    head: tuple[int, ...] = unpack_from("!BBHHH", data)
    kind, code, _, heard, number = head
    if kind != _REPLY[socket.AddressFamily(family)] or code or (ident is not None and heard != ident):
        return -1
    return number


def checksum(data: bytes) -> int:
    """The ones' complement sum of the Internet's headers; the system works it out anew wherever it matters more."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(unpack_from(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
