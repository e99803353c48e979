"""httpx, the only module that imports it: its client and models over our transport, for vendors and destinations.

An URL may be a secret (a webhook's is). httpx logs them and puts them into its errors, so both are shut here.
"""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from tui_monitor import __version__
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net.answer import Answer
from tui_monitor.net.quiet import quieten
from tui_monitor.net.request import MAX_BODY, Request, build_request
from tui_monitor.net.transport import Net
from tui_monitor.net.trust import Trust

TOLD_BODY = 65_536
"""Bytes of an answer to something told: enough for a reference or a reason."""
_FOLLOWED = frozenset({"GET", "HEAD"})
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Transport(httpx.AsyncBaseTransport):
    """One httpx exchange as one of ours. It raises Unreachable and Unreadable, which show no URL.

    With the extension `telling`, nothing is read but told: the status says whether it arrived, so a beginning of the
    answer is enough, and nothing is followed to where nobody was told to go.
    """

    def __init__(self, net: Net, timeout: float, trust: Trust) -> None:
        self._net = net
        self._timeout = timeout
        self._trust = trust

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._net.fetch(_ours(request, await request.aread(), self._trust), self._timeout)
        body = answer.body
        if request.extensions.get("telling"):
            return _theirs(answer, body)
        if answer.truncated:
            raise Unreadable("its answer is larger than is read here")
        if answer.corrupt:
            raise Unreadable("its answer is packed in a way that cannot be unpacked")
        return _theirs(answer, body)


class _Response(httpx.Response):
    """A response whose error names the host and nothing more of the URL."""

    def raise_for_status(self) -> httpx.Response:
        if self.is_success:
            return self
        raise Unreachable(f"status:{self.status_code}", f"{self.request.url.host} answered {self.status_code}")


class _Request(httpx.Request):
    """A request whose `repr` shows no more than the host."""

    def __repr__(self) -> str:
        return f"<Request({self.method!r}, {self.url.host!r})>"


class _Client(httpx.AsyncClient):
    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        request = super().build_request(*args, **kwargs)
        request.__class__ = _Request
        return request

    async def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        """httpx reads some headers of its own accord, such as the Location of a redirect that it does not follow."""
        try:
            return await super().send(request, **kwargs)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            text = f"its answer is not HTTP as it should be ({type(error).__name__})"
            raise Unreachable("answer", text) from None


def make_client(net: Net, timeout: float, trust: Trust) -> httpx.AsyncClient:
    """A client each of whose exchanges ends within `timeout`, that keeps no cookie and logs no URL."""
    quieten("httpx", "httpcore")
    return _Client(
        transport=Transport(net, timeout, trust),
        timeout=timeout,
        headers={"User-Agent": f"tui-monitor/{__version__}"},
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


def _ours(request: httpx.Request, body: bytes, trust: Trust) -> Request:
    """Reading follows redirects, to other hosts without its secrets; writing goes where it was sent, or fails."""
    url = request.url.copy_with(username=None, password=None, fragment=None)
    headers = {
        name: value
        for name, value in request.headers.items()
        if name not in ("host", "content-length", "transfer-encoding", "connection", "accept-encoding")
    }
    is_telling = bool(request.extensions.get("telling"))
    try:
        return build_request(
            request.method,
            str(url),
            headers=headers,
            body=body,
            trust=trust,
            redirects=5 if request.method in _FOLLOWED and not is_telling else 0,
            max_body=TOLD_BODY if is_telling else MAX_BODY,
        )
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _theirs(answer: Answer, body: bytes) -> httpx.Response:
    headers = [(name, value) for name, value in answer.headers if name.decode("latin-1").lower() not in _DECODED]
    return _Response(
        answer.status,
        headers=headers,
        content=body,
        extensions={"reason_phrase": answer.reason, "phases": answer.phases},
    )
