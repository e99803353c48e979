"""The steps of one exchange over HTTP: the request, the answer, and the redirects that it allows.

Generators for `Flow`: each `yield` waits. Times are taken where things happen, so that phases cost next to nothing.
"""

from __future__ import annotations

import ssl
from time import perf_counter
from typing import TYPE_CHECKING

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Phases
from tui_monitor.net.answer import MAX_HEAD, Answer, Incoming
from tui_monitor.net.dial import open_line
from tui_monitor.net.flow import Flow, Steps
from tui_monitor.net.line import Line
from tui_monitor.net.proxy import Proxy
from tui_monitor.net.request import Request
from tui_monitor.net.words import of_tls

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

_AT_ONCE = 16
"""Reads before others have their turn."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


def exchange(net: Net, flow: Flow[Answer], request: Request) -> Steps[Answer]:
    """One request and its answer, redirects followed as far as the request allows."""
    started = perf_counter()
    answer = yield from _ask(net, flow, request)
    if answer.status in _REDIRECTS and (request.redirects or request.strict_redirects):
        answer = yield from _go_on(net, flow, request, answer)
    total = perf_counter() - started - flow.waited
    answer.phases = Phases(flow.dns, flow.connect, flow.tls, flow.first_byte, total)
    return answer


def _go_on(net: Net, flow: Flow[Answer], request: Request, answer: Answer) -> Steps[Answer]:
    seen = {(request.method, request.place)}
    left = request.redirects
    while answer.status in _REDIRECTS and (location := answer.header("location")) is not None:
        request = _follow(request, answer.status, location, left)
        if (request.method, request.place) in seen:
            raise Unreachable("redirect", "its redirects go round in a circle")
        seen.add((request.method, request.place))
        left -= 1
        answer = yield from _ask(net, flow, request)
    return answer


def _follow(request: Request, status: int, location: str, left: int) -> Request:
    if request.strict_redirects:
        raise Unreachable("redirect", f"it redirects ({status}), which is not allowed here")
    if not left:
        raise Unreachable("redirect", "it redirects more often than is allowed here")
    try:
        return request.redirected(status, location)
    except ValueError as error:
        raise Unreachable("redirect", f"its redirect cannot be followed: {error}") from error


def _ask(net: Net, flow: Flow[Answer], request: Request) -> Steps[Answer]:
    place = request.place
    proxy = net.proxies.of(place)
    if request.reuse:
        line = net.take_idle(_key(request, proxy), flow)
        if line is not None:
            try:
                return (yield from _converse(net, flow, request, proxy, line))
            except (Unreachable, OSError):  # it had been closed meanwhile: a new line tells the truth
                if request.method not in _REPEATABLE:
                    raise
    trust = request.trust if place.scheme == "https" else None
    line = yield from open_line(net, flow, place, trust, proxy, fresh=request.certificate)
    return (yield from _converse(net, flow, request, proxy, line))


def _key(request: Request, proxy: Proxy | None) -> tuple[object, ...]:
    return (request.place.origin, request.trust, proxy)


def _converse(net: Net, flow: Flow[Answer], request: Request, proxy: Proxy | None, line: Line) -> Steps[Answer]:
    """Send the request, read the answer, and put the line away."""
    place = request.place
    incoming = Incoming(bodyless=request.method == "HEAD", max_body=request.max_body)
    parser = incoming.parser = HttpResponseParser(incoming)
    keep = False
    try:
        flow.doing = "sending the request"
        if proxy is not None and place.scheme == "http":
            line.write(request.through_proxy(proxy.credentials))
        else:
            line.write(request.wire)
        yield from _receive(net, flow, line, incoming, parser)
        keep = request.reuse and not incoming.truncated and incoming.may_go_on(parser.get_http_version())
        net.learn(line)
        if incoming.status == 407 and proxy is not None and place.scheme == "http":
            raise Unreadable(f"the proxy {proxy.place.authority} refused the request (407)")
        return Answer(incoming, place, request.max_body, line.certificate_until, line.resumed)
    except ssl.SSLError as error:
        raise of_tls(error) from error
    finally:
        incoming.parser = None
        if keep:
            net.put_idle(_key(request, proxy), line)
        else:
            net.hang_up(line)


def _receive(net: Net, flow: Flow[Answer], line: Line, incoming: Incoming, parser: HttpResponseParser) -> Steps[None]:
    begun = perf_counter()
    total = reads = 0
    most = MAX_HEAD + 8 * incoming.room  # the framing around each byte of a chunked body, at its worst
    rearm, fd = net.watch.rearm, line.fd
    while True:
        if not total:
            flow.doing = "sending the request" if line.unsent else "waiting for the first byte"
        rearm(fd, writing=bool(line.unsent))
        yield
        if line.unsent:
            line.flush()
        while (data := line.read()) is not None:
            if not total:
                flow.first_byte += perf_counter() - begun
                flow.doing = "reading the answer"
            total += len(data)
            if _feed(parser, incoming, data):
                return
            if total > (most if incoming.headed else MAX_HEAD):
                raise _oversized(incoming)
            reads += 1
            if reads % _AT_ONCE == 0:
                flow.later()
                yield


def _feed(parser: HttpResponseParser, incoming: Incoming, data: bytes) -> bool:
    """Parse what has come; whether the answer is whole. Empty data is the end of the connection."""
    if not data:
        if incoming.ends_by_closing:
            return True
        raise _cut_off(incoming)
    try:
        parser.feed_data(data)
    except HttpParserUpgrade:
        incoming.done = True
    except HttpParserError as error:
        if not incoming.done:  # what comes after the answer is not looked at
            raise Unreachable("protocol", "it answers, but not in valid HTTP") from error
    return incoming.done


def _cut_off(incoming: Incoming) -> Unreachable:
    if incoming.headed:
        return Unreachable("protocol", "the connection was closed in the middle of the body")
    if incoming.headers or incoming.reason:
        return Unreachable("protocol", "the connection was closed in the middle of the headers")
    return Unreachable("protocol", "the connection was closed without an answer")


def _oversized(incoming: Incoming) -> Unreachable:
    if incoming.headed:
        return Unreachable("protocol", "the answer has far more framing than body")
    return Unreachable("protocol", f"the headers of the answer are over {MAX_HEAD // 1024} KiB")
