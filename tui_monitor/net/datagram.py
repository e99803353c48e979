"""Datagrams in a flow: a socket to one address, and listening to it until a moment.

Whoever knows the address can send there, so each datagram is shown to whoever waits, and is passed over unless taken.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from tui_monitor.net.dial import take_place
from tui_monitor.net.flow import Flow, Steps
from tui_monitor.net.names import Address

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

T = TypeVar("T")

_LARGEST = 65_535
_AT_ONCE = 16
"""Datagrams that are passed over before others have their turn."""


class Bell:
    """Rings once, at a moment of the loop's clock, and wakes the flow."""

    __slots__ = ("_flow", "_timer", "has_rung")

    def __init__(self, net: Net, flow: Flow[Any], moment: float) -> None:
        self._flow = flow
        self.has_rung = False
        self._timer = net.loop.call_at(moment, self._ring)

    def _ring(self) -> None:
        self.has_rung = True
        self._flow.advance()

    def silence(self) -> None:
        self._timer.cancel()


def open_datagram(
    net: Net, flow: Flow[Any], address: Address, port: int, make: Callable[[int], socket.socket]
) -> Steps[socket.socket]:
    """A socket of the family that `make` is given, connected, so that the system drops what others send to it."""
    family, host, scope = address
    yield from take_place(net, flow)
    try:
        sock = make(family)
    except BaseException:
        net.give_place()
        raise
    try:
        sock.setblocking(False)
        sock.connect((host, port) if family is socket.AF_INET else (host, port, 0, scope))
        net.watch.add(sock.fileno(), flow.advance, writing=False)
    except BaseException:
        net.hang_up_socket(sock)
        raise
    return sock


def listen(
    net: Net, flow: Flow[Any], sock: socket.socket, until: float, take: Callable[[bytes], T | None]
) -> Steps[T | None]:
    """What `take` makes of the first datagram that is not nothing to it; None when it is `until`."""
    bell = Bell(net, flow, until)
    passed = 0
    try:
        while not bell.has_rung:
            try:
                data = sock.recv(_LARGEST)
            except BlockingIOError:
                net.watch.rearm(sock.fileno(), writing=False)
                yield
                continue
            if (found := take(data)) is not None:
                return found
            passed += 1
            if passed % _AT_ONCE == 0:
                flow.later()
                yield
        return None
    finally:
        bell.silence()
