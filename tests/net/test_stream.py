"""Conversations over a stream, plain and through TLS, on each way of waiting; and through proxies."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.net.small import Served, flood, serving
from tests.net.test_proxy import net_through, proxying
from tests.net.test_tls import authority, server_side
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, Trust
from tui_monitor.net.flow import Flow, Steps
from tui_monitor.net.request import Place, place_at
from tui_monitor.net.stream import Stream, converse

Speak = Callable[[Stream], Steps[Any]]


@dataclass(frozen=True)
class Chat:
    """A conversation that goes as it is told to."""

    place: Place
    speak: Speak
    trust: Trust | None = None
    name: str = ""

    def hold(self, stream: Stream) -> Steps[Any]:
        return (yield from self.speak(stream))


def chat(served: Served, speak: Speak, scheme: str = "chat", **more: Any) -> Chat:
    return Chat(place_at(scheme, "127.0.0.1", served.port), speak, **more)


def hearing(size: int):
    """Reads in small bites, and says in the end what it has heard."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found, left = hashlib.sha256(), size
        while left:
            data = await reader.read(min(left, 4096))
            found.update(data)
            left -= len(data)
        for byte in found.digest():
            writer.write(bytes([byte]))
            await writer.drain()

    return handle


PIECES = [b"a" * 12_000_000, b"", b"b", b"c" * 1_000_000, b"d"]
WHOLE = b"".join(PIECES)


def reciting(stream: Stream) -> Steps[bytes]:
    """More than any buffer takes, in pieces that must not overtake each other."""
    for piece in PIECES:
        stream.send(piece)
    heard = b""
    while len(heard) < 32:
        heard += yield from stream.receive("waiting for the sum")
    return heard


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
async def test_all_that_is_sent_arrives_in_its_order(net: Net, tmp_path, secure: bool):
    context = server_side(authority(tmp_path)) if secure else None
    trust = Trust(ca="ca.pem") if secure else None
    async with serving(hearing(len(WHOLE)), context) as served:
        assert await net.converse(chat(served, reciting, trust=trust), 20) == hashlib.sha256(WHOLE).digest()


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
async def test_draining_ends_when_all_is_on_its_way(net: Net, tmp_path, secure: bool):
    def speak(stream: Stream) -> Steps[bool]:
        for piece in PIECES:
            stream.send(piece)
        yield from stream.drain()
        return not stream._pending and not stream._line.unsent

    context = server_side(authority(tmp_path)) if secure else None
    async with serving(hearing(len(WHOLE)), context) as served:
        assert await net.converse(chat(served, speak, trust=Trust(ca="ca.pem") if secure else None), 20)


async def test_what_is_agreed_on_in_the_handshake_is_known(net: Net, tmp_path):
    def speak(stream: Stream) -> Steps[tuple[Any, ...]]:
        return stream.protocol, stream.certificate_until is not None
        yield

    context = server_side(authority(tmp_path))
    context.set_alpn_protocols(["h2", "chat"])
    async with serving(hearing(0), context) as served:
        for wanted, agreed in (("chat", "chat"), ("other", None), ("", None)):
            trust = Trust(ca="ca.pem", speaks=wanted)
            assert await net.converse(chat(served, speak, trust=trust), 5) == (agreed, True)
    async with serving(hearing(0)) as served:
        assert await net.converse(chat(served, speak), 5) == (None, False)


async def holding(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_the_deadline_says_what_was_waited_for(net: Net):
    def speak(stream: Stream) -> Steps[bytes]:
        return (yield from stream.receive("waiting for a joke"))

    async with serving(holding) as served:
        with pytest.raises(Unreachable, match="still waiting for a joke") as caught:
            await net.converse(chat(served, speak), 0.05)
        await served.closed.wait()
    assert caught.value.cause == "timeout"


async def test_a_last_word_is_not_waited_for_beyond_its_time_nor_to_the_deadline(net: Net):
    def speak(stream: Stream) -> Steps[str]:
        for within in (0.01, 3600):
            assert (yield from stream.linger(stream.soon(within))) is None
        return "done"

    async with serving(holding) as served:
        assert await net.converse(chat(served, speak), 0.1) == "done"


async def test_a_last_word_that_comes_is_heard(net: Net):
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(3) == b"bye"
        writer.write(b"bye too")

    def speak(stream: Stream) -> Steps[list[bytes | None]]:
        stream.send(b"bye")
        until = stream.soon(4)
        return [(yield from stream.linger(until)), (yield from stream.linger(until))]

    async with serving(handle) as served:
        assert await net.converse(chat(served, speak), 5) == [b"bye too", b""]


class Polite(Flow[Any]):
    """A flow that counts how often it has let others have their turn."""

    __slots__ = ("turns",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.turns = 0

    def later(self) -> None:
        self.turns += 1
        super().later()


async def test_others_have_their_turn_during_a_flood(net: Net):
    def speak(stream: Stream) -> Steps[int]:
        while stream.received < 5_000_000:
            yield from stream.receive("waiting")
        return stream._reads

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await flood(writer, b"x" * 65536)

    flow = Polite(net.loop)
    async with serving(handle) as served:
        reads = await flow.run(converse(net, flow, chat(served, speak)), 20)
    assert flow.turns == reads // 16 > 0


async def test_the_first_byte_comes_once(net: Net):
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"one")
        await reader.readexactly(1)
        writer.write(b"two")

    def speak(stream: Stream) -> Steps[list[float]]:
        found = [stream.phases().first_byte]
        for _ in range(2):
            yield from stream.receive("waiting")
            found.append(stream.phases().first_byte)
            stream.send(b"?")
        return found

    async with serving(handle) as served:
        none, first, second = await net.converse(chat(served, speak), 5)
    assert none == 0 < first == second


async def test_a_handshake_is_resumed_the_next_time(net: Net, tmp_path):
    def speak(stream: Stream) -> Steps[bool]:
        stream.send(b"hello")
        yield from stream.receive("waiting")
        return stream._line.resumed

    async with serving(answering_back, server_side(authority(tmp_path))) as served:
        talk = chat(served, speak, trust=Trust(ca="ca.pem"))
        assert [await net.converse(talk, 5) for _ in range(2)] == [False, True]


async def test_a_conversation_that_is_cancelled_hangs_up(net: Net):
    def speak(stream: Stream) -> Steps[bytes]:
        return (yield from stream.receive("waiting"))

    async with serving(holding) as served:
        task = asyncio.ensure_future(net.converse(chat(served, speak), 5))
        while not served.open:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await served.closed.wait()


# -- proxies --------------------------------------------------------------------------------------------------------


def asking(stream: Stream) -> Steps[bytes]:
    stream.send(b"hello")
    return (yield from stream.receive("waiting"))


async def answering_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((await reader.readexactly(5)).upper())
    await writer.drain()
    await reader.read()


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
async def test_what_goes_through_a_proxy_goes_through_a_tunnel(tmp_path, monkeypatch, secure: bool):
    context, said = server_side(authority(tmp_path)) if secure else None, list[bytes]()
    async with proxying(said) as proxy, serving(answering_back, context) as served:
        net = await net_through(tmp_path, monkeypatch, proxy)
        trust, scheme = (Trust(ca="ca.pem"), "https") if secure else (None, "http")
        assert await net.converse(chat(served, asking, scheme, trust=trust), 5) == b"HELLO"
        assert net.places == 10
        await net.close()
    assert said[0].startswith(f"CONNECT 127.0.0.1:{served.port} HTTP/1.1\r\n".encode())


async def test_a_proxy_that_refuses_says_nothing_about_the_service(tmp_path, monkeypatch):
    async with proxying([], refusal=b"HTTP/1.1 407 Who are you\r\n\r\n") as proxy, serving(holding) as served:
        net = await net_through(tmp_path, monkeypatch, proxy)
        with pytest.raises(Unreadable, match=r"refused the connection \(407\)"):
            await net.converse(chat(served, asking, "http"), 5)
        assert net.places == 10
        await net.close()


async def test_what_is_not_of_the_web_goes_straight(tmp_path, monkeypatch):
    async with proxying([]) as proxy, serving(answering_back) as served:
        net = await net_through(tmp_path, monkeypatch, proxy, all_proxy=f"http://127.0.0.1:{proxy.port}")
        assert await net.converse(chat(served, asking), 5) == b"HELLO"
        await net.close()
    assert proxy.connections == 0
