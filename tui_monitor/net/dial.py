"""From a place to a line: a free descriptor, the name, the connection, the proxy's tunnel, the TLS handshake.

Generators for `Flow`, like those of `exchange`. Whatever fails here has closed what it opened.
"""

from __future__ import annotations

import os
import socket
import ssl
from datetime import UTC, datetime
from errno import EAGAIN, EALREADY, ECONNREFUSED, EINPROGRESS, EISCONN, ETIMEDOUT
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tui_monitor.core.errors import TuiMonitorError, Unreachable, Unreadable
from tui_monitor.core.text import clean
from tui_monitor.net.answer import MAX_HEAD, read_status
from tui_monitor.net.flow import Expired, Flow, Steps
from tui_monitor.net.line import Line, SecureLine
from tui_monitor.net.names import Address
from tui_monitor.net.proxy import Proxy
from tui_monitor.net.request import Place
from tui_monitor.net.trust import Trust
from tui_monitor.net.words import of_certificate, of_socket, of_tls

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

_LONGEST_TRY = 3.0
"""Seconds that one address of several may take before the next is tried."""
_EPHEMERAL = 32_768
"""Ports from here on are given to clients, so that a connection to one's own machine may meet itself."""
_QUEUE_PAUSE = 0.01
"""Seconds between two tries to get into the queue of a socket of this machine."""
_KIND = socket.SOCK_STREAM | getattr(socket, "SOCK_NONBLOCK", 0)
_HAS_EXPIRED = 10


def open_line(
    net: Net,
    flow: Flow[Any],
    place: Place,
    trust: Trust | None,
    proxy: Proxy | None = None,
    *,
    fresh: bool = False,
    name: str = "",
    tunnel: bool = False,
) -> Steps[Line]:
    """A line to the place; with `trust`, through TLS (`fresh`: never a resumed session) under the name given.

    A proxy leads on to the place for TLS, and for what is plain only with `tunnel`; else it is itself spoken to.
    """
    if proxy is None:
        sock = yield from _connect(net, flow, place)
    else:
        sock = yield from _connect_to_proxy(net, flow, proxy)
    if trust is None and proxy is not None and tunnel:
        return (yield from _dig(net, flow, Line(sock), place, proxy))
    if trust is None:
        return Line(sock)
    return (yield from _open_secure(net, flow, sock, place, trust, proxy, fresh=fresh, name=name or place.host))


# -- names and connections ------------------------------------------------------------------------------------------


def _connect(net: Net, flow: Flow[Any], place: Place) -> Steps[socket.socket]:
    if place.is_local:
        return (yield from _connect_here(net, flow, place.host))
    addresses = yield from find_addresses(net, flow, place)
    begun, waited = perf_counter(), flow.waited
    flow.doing = "connecting"
    left = len(addresses)
    for address in addresses:
        left -= 1
        try:
            sock = yield from _try(net, flow, address, place.port, left)
        except OSError:
            if not left:
                net.names.doubt(place.host)
                raise
        else:
            break
    if address is not addresses[0]:
        net.names.prefer(place.host, address)
    flow.connect += perf_counter() - begun - (flow.waited - waited)
    return sock


def find_addresses(net: Net, flow: Flow[Any], place: Place) -> Steps[tuple[Address, ...]]:
    """Where a place is: what it spells itself, was found a short while ago, or is looked up now."""
    if place.address is not None:
        return (place.address,)
    return net.names.known(place.host) or (yield from _look_up(net, flow, place.host))


def _look_up(net: Net, flow: Flow[Any], host: str) -> Steps[tuple[Address, ...]]:
    """Wait for the resolver. While the lookup has not even begun, it is this machine that is slow."""
    begun = perf_counter()
    flow.doing = "looking up the name"
    lookup = net.names.ask(host, flow.advance)
    try:
        while not lookup.is_done:
            yield
    except Expired:
        if not lookup.begun:
            raise Unreadable("no thread was free to look up the name: too many lookups hang") from None
        raise
    finally:
        lookup.forget(flow.advance)
    flow.dns += perf_counter() - begun
    if lookup.error is not None:
        raise Unreachable(lookup.error.cause, str(lookup.error))
    return lookup.addresses


def _try(net: Net, flow: Flow[Any], address: Address, port: int, left: int) -> Steps[socket.socket]:
    """One connection to one address; OSError where it fails."""
    family, host, scope = address
    target = (host, port) if family is socket.AF_INET else (host, port, 0, scope)
    yield from take_place(net, flow)
    try:
        sock = socket.socket(family, _KIND, 0)
    except BaseException:
        net.give_place()
        raise
    try:
        if _KIND == socket.SOCK_STREAM:
            sock.setblocking(False)
        code = sock.connect_ex(target)
        if code == EINPROGRESS:
            code = sock.connect_ex(target)  # on the same machine it is there by now
        net.watch.add(sock.fileno(), flow.advance, writing=code == EALREADY)
        if code == EALREADY:
            code = yield from _await_connection(net, flow, sock, target, left)
        if code not in (0, EISCONN):
            raise OSError(code, os.strerror(code))
        if port >= _EPHEMERAL and met_itself(sock, target):
            raise ConnectionRefusedError(ECONNREFUSED, "it met itself: nothing listens there")
    except BaseException:
        net.hang_up_socket(sock)
        raise
    return sock


def met_itself(sock: socket.socket, target: tuple[Any, ...]) -> bool:
    """Whether both ends are this socket: nothing listens there, and TCP has been polite to itself."""
    return bool(sock.getsockname()[:2] == target[:2])


def _await_connection(net: Net, flow: Flow[Any], sock: socket.socket, target: Any, left: int) -> Steps[int]:
    fd = sock.fileno()
    over = False

    def stop() -> None:
        nonlocal over
        over = True
        flow.advance()

    share = min(_LONGEST_TRY, (flow.until - net.loop.time()) / (left + 1))
    timer = net.loop.call_later(share, stop) if left else None
    try:
        while True:
            yield
            code = sock.connect_ex(target)
            if code != EALREADY:
                return code
            if over:
                return ETIMEDOUT
            net.watch.rearm(fd, writing=True)
    finally:
        if timer is not None:
            timer.cancel()


def _connect_here(net: Net, flow: Flow[Any], path: str) -> Steps[socket.socket]:
    """A connection to a socket of this machine. Whether the way there is open is for this machine to see to."""
    flow.doing = "connecting"
    yield from take_place(net, flow)
    begun = perf_counter()
    try:
        sock = socket.socket(socket.AF_UNIX, _KIND, 0)
    except BaseException:
        net.give_place()
        raise
    try:
        sock.setblocking(False)
        yield from _enter(net, flow, sock, path)
        net.watch.add(sock.fileno(), flow.advance, writing=False)
    except BaseException:
        net.hang_up_socket(sock)
        raise
    flow.connect += perf_counter() - begun
    return sock


def _enter(net: Net, flow: Flow[Any], sock: socket.socket, path: str) -> Steps[None]:
    try:
        while (code := sock.connect_ex(str(net.home / Path(path).expanduser()))) == EAGAIN:
            timer = net.loop.call_later(_QUEUE_PAUSE, flow.advance)  # its queue is full, and nothing tells when not
            try:
                yield
            finally:
                timer.cancel()
    except (OSError, RuntimeError) as error:
        raise Unreadable(
            f"the socket {clean(path, 200)} has a path that cannot be used: {clean(str(error))}"
        ) from error
    if code:
        raise of_socket(code, clean(path, 200))


def take_place(net: Net, flow: Flow[Any]) -> Steps[None]:
    """One of the places for sockets, which are as many as the system grants; given back as the socket is hung up."""
    if net.places:
        net.places -= 1
    else:
        yield from _wait_for_place(net, flow)


def _wait_for_place(net: Net, flow: Flow[Any]) -> Steps[None]:
    """Wait until a connection ends. It counts against this look, but says nothing about the service."""
    begun, doing, blameless = perf_counter(), flow.doing, flow.blameless
    flow.doing, flow.blameless = "waiting for a free connection", True
    flow.placed = False
    net.queue_for_place(flow)
    try:
        while not flow.placed:
            yield
    except BaseException:
        net.leave_queue(flow)
        raise
    flow.doing, flow.blameless = doing, blameless
    flow.waited += perf_counter() - begun


# -- proxies --------------------------------------------------------------------------------------------------------


def _connect_to_proxy(net: Net, flow: Flow[Any], proxy: Proxy) -> Steps[socket.socket]:
    """A proxy that does not answer is between us and the service, and says nothing about it."""
    flow.blameless = True
    try:
        sock = yield from _connect(net, flow, proxy.place)
    except Unreachable as error:
        raise Unreadable(f"the proxy {proxy.place.authority} cannot be reached: {error}") from error
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise Unreadable(f"the proxy {proxy.place.authority} cannot be reached: {reason}") from error
    flow.blameless = False
    return sock


def _dig(net: Net, flow: Flow[Any], line: Line, place: Place, proxy: Proxy) -> Steps[Line]:
    """The line, once it leads to the place."""
    try:
        yield from _tunnel(net, flow, line, place, proxy)
    except BaseException:
        net.hang_up(line)
        raise
    return line


def _tunnel(net: Net, flow: Flow[Any], line: Line, place: Place, proxy: Proxy) -> Steps[None]:
    host = f"[{place.host}]" if ":" in place.host else place.host
    there = f"{host}:{place.port}"
    extra = f"Proxy-Authorization: {proxy.credentials}\r\n" if proxy.credentials else ""
    flow.doing = "waiting for the proxy to connect"
    line.write(f"CONNECT {there} HTTP/1.1\r\nHost: {there}\r\n{extra}\r\n".encode("latin-1"))
    head = b""
    while b"\r\n\r\n" not in head:
        if line.unsent:
            line.flush()
        data = line.read()
        if data is None:
            net.watch.rearm(line.fd, writing=bool(line.unsent))
            yield
        elif not data:
            raise Unreadable(f"the proxy {proxy.place.authority} closed the connection")
        elif len(head := head + data) > MAX_HEAD:
            break
    status = read_status(head)
    if status is None or status in (403, 407):
        why = "does not answer in valid HTTP" if status is None else f"refused the connection ({status})"
        raise Unreadable(f"the proxy {proxy.place.authority} {why}")
    if not 200 <= status < 300:
        raise Unreachable("proxy", f"the proxy could not connect to it ({status})")


# -- TLS ------------------------------------------------------------------------------------------------------------


def _open_secure(
    net: Net,
    flow: Flow[Any],
    sock: socket.socket,
    place: Place,
    trust: Trust,
    proxy: Proxy | None,
    *,
    fresh: bool,
    name: str,
) -> Steps[Line]:
    line = Line(sock)
    try:
        if proxy is not None:
            yield from _tunnel(net, flow, line, place, proxy)
        return (yield from _shake_hands(net, flow, sock, place, trust, fresh=fresh, name=name))
    except ssl.SSLError as error:
        net.hang_up(line)
        net.trusts.forget((place.host, place.port, name, trust))
        if not isinstance(error, ssl.SSLCertVerificationError):
            raise of_tls(error) from error
        failure = error
    except BaseException:
        net.hang_up(line)
        raise
    why = of_certificate(failure)
    until = yield from _ask_validity(net, flow, place, trust, proxy, name)
    if until is not None:
        day = f"{until:%Y-%m-%d %H:%M} UTC"
        if failure.verify_code == _HAS_EXPIRED:
            why = f"the certificate expired on {day}"
        else:  # expiry is looked at last: whoever is not trusted may have expired too
            why += f", and it expired on {day}" if until < datetime.now(UTC) else f" (it is valid until {day})"
    raise Unreachable("certificate", why)


def _shake_hands(
    net: Net, flow: Flow[Any], sock: socket.socket, place: Place, trust: Trust, *, fresh: bool, name: str
) -> Steps[SecureLine]:
    begun = perf_counter()
    flow.doing = "in the TLS handshake"
    line = net.secure(sock, place, trust, name, fresh=fresh)
    while not line.shake_hands():
        net.watch.rearm(line.fd, writing=bool(line.unsent))
        yield
    flow.tls += perf_counter() - begun
    return line


def _ask_validity(
    net: Net, flow: Flow[Any], place: Place, trust: Trust, proxy: Proxy | None, name: str
) -> Steps[datetime | None]:
    """Until when a refused certificate is valid: seen only in a second handshake, which trusts it blindly."""
    blind = Trust(verify=False, cert=trust.cert, key=trust.key)
    try:
        line = yield from open_line(net, flow, place, blind, proxy, fresh=True, name=name)
    except (TuiMonitorError, OSError, Expired):
        return None
    try:
        return line.certificate_until
    finally:
        net.hang_up(line)
