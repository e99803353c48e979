"""Proxies that the environment names, real ones of a few lines."""

from __future__ import annotations

import asyncio

import pytest

from tests.net.small import Served, answering, response, serving
from tests.net.test_tls import authority, server_side
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, Trust, build_request


def proxying(said: list[bytes], refusal: bytes = b""):
    """A proxy: passes plain requests on as they are, and tunnels for CONNECT."""

    async def handle(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        said.append(head)
        if refusal:
            writer.write(refusal)
            return
        method, target, _ = head.split(b" ", 2)
        where = target if method == b"CONNECT" else target.split(b"/")[2]
        host, _, port = where.decode().rpartition(":")
        there, onward = await asyncio.open_connection("127.0.0.1" if host == "localhost" else host, int(port))
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\nVia: us\r\n\r\n")
        else:
            onward.write(head)
        try:
            await asyncio.gather(pour(reader, onward), pour(there, writer))
        finally:
            onward.transport.abort()

    return serving(handle)


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def net_through(tmp_path, monkeypatch, proxy: Served, **more: str) -> Net:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://us:p%40ss@127.0.0.1:{proxy.port}")
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    return Net(tmp_path, places=10)


async def test_plain_http_is_asked_of_the_proxy_by_its_whole_url(tmp_path, monkeypatch):
    said: list[bytes] = []
    async with proxying(said) as proxy, answering(response(b"through")) as served:
        net = await net_through(tmp_path, monkeypatch, proxy)
        answer = await net.fetch(build_request("GET", served.url + "x?y"), 5)
        await net.close()
    assert answer.body == b"through"
    assert said[0].startswith(f"GET {served.url}x?y HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic dXM6cEBzcw==\r\n" in said[0]


async def test_tls_goes_through_a_tunnel(tmp_path, monkeypatch):
    ca = authority(tmp_path)
    said: list[bytes] = []
    async with proxying(said) as proxy, answering(response(b"through"), tls=server_side(ca)) as served:
        net = await net_through(tmp_path, monkeypatch, proxy)
        for _ in range(2):
            answer = await net.fetch(build_request("GET", served.secure, trust=Trust(ca="ca.pem")), 5)
        await net.close()
    assert answer.body == b"through"
    assert answer.resumed
    assert said[0].startswith(f"CONNECT localhost:{served.port} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic dXM6cEBzcw==\r\n" in said[0]
    assert b"Proxy-Authorization" not in served.heard[0]


@pytest.mark.parametrize("spared", ["127.0.0.1", "*", "example.com, 127.0.0.1"])
async def test_no_proxy_is_heeded(tmp_path, monkeypatch, spared: str):
    async with answering() as proxy, answering(response(b"straight")) as served:
        net = await net_through(tmp_path, monkeypatch, proxy, no_proxy=spared)
        answer = await net.fetch(build_request("GET", served.url), 5)
        await net.close()
    assert answer.body == b"straight"


@pytest.mark.parametrize(
    ("refusal", "error", "text"),
    [
        (b"HTTP/1.1 407 Who are you\r\n\r\n", Unreadable, "refused the connection"),
        (b"HTTP/1.1 502 No\r\n\r\n", Unreachable, "could not connect to it"),
        (b"what?\r\n\r\n", Unreadable, "valid HTTP"),
        (b"x" * 100_000, Unreadable, "valid HTTP"),
        (b"", Unreadable, "closed the connection"),
    ],
)
async def test_a_proxy_that_refuses_a_tunnel(tmp_path, monkeypatch, refusal: bytes, error: type, text: str):
    async with proxying([], refusal or b" ") as proxy:
        net = await net_through(tmp_path, monkeypatch, proxy)
        with pytest.raises(error, match=text):
            await net.fetch(build_request("GET", "https://localhost:1/"), 5)
        assert net.places == 10
        await net.close()


async def test_a_proxy_that_asks_who_we_are_says_nothing_of_the_service(tmp_path, monkeypatch):
    async with proxying([], b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n") as proxy:
        net = await net_through(tmp_path, monkeypatch, proxy)
        with pytest.raises(Unreadable, match=r"refused the request \(407\)"):
            await net.fetch(build_request("GET", "http://localhost:1/"), 5)
        await net.close()


async def test_a_proxy_that_is_away_says_nothing_of_the_service(tmp_path, monkeypatch):
    async with answering() as proxy:
        pass
    net = await net_through(tmp_path, monkeypatch, proxy)
    with pytest.raises(Unreadable, match=r"the proxy 127\.0\.0\.1:\d+ cannot be reached: .*refused") as caught:
        await net.fetch(build_request("GET", "http://localhost:1/"), 5)
    assert "p@ss" not in str(caught.value)
    await net.close()


async def test_a_proxy_that_cannot_be_used_is_told_without_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", "socks5://us:sesame@x:1080")
    net = Net(tmp_path, places=10)
    with pytest.raises(Unreadable, match="http_proxy cannot be used") as caught:
        await net.fetch(build_request("GET", "http://localhost:1/"), 5)
    assert "sesame" not in str(caught.value)
    await net.close()
