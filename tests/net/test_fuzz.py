"""Whatever bytes come, an exchange ends by its deadline with an answer or one sentence, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.net.small import answering, serving
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, build_call, build_request
from tui_monitor.net.answer import Answer
from tui_monitor.net.flow import Flow

WORDS = [
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 404 No\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 101 Up\r\n",
    b"HTTP/1.1 302 Moved\r\n", b"Location: /\r\n", b"Location: http://[\r\n", b"Content-Length: 5\r\n",
    b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n",
    b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate, gzip\r\n", b"Content-Type: text/x; charset=hex\n",
    b"Connection: keep-alive\r\n", b"Connection: upgrade\r\nUpgrade: x\r\n", b"\r\n", b"\n", b"\r", b": ", b"\0",
    b"5\r\nhello\r\n", b"0\r\n\r\n", b"ffffffffffffffffff\r\n", b"hello", b"\x1f\x8b\x08\0\0\0\0\0\0", b"\x78\x9c",
    b"\x16\x03\x01\x00\x05", b"HTTP/2.0 200\r\n", b"{\"a\": 1}",
]  # fmt: skip

noise = st.lists(st.one_of(st.sampled_from(WORDS), st.binary(max_size=30)), max_size=12)


def muttering(pieces: list[bytes]):
    """Says its pieces at the first byte of anything, be it a request or a TLS handshake."""

    async def handle(reader, writer):
        await reader.read(1)
        for piece in pieces:
            writer.write(piece)

    return serving(handle)


async def ask(pieces: list[bytes], options: dict) -> Answer | None:
    net = Net(Path(), places=4)
    try:
        async with muttering(pieces) as served:
            base = served.secure if options.pop("tls", False) else served.url
            try:
                answer = await net.fetch(build_request(url=base, **options), 2)
                assert answer.text is not None
                assert len(answer.body) <= 1000
            except (Unreachable, Unreadable) as error:
                assert str(error).isprintable()
                assert "no answer within" not in str(error), "the server closes, so nothing is left to wait for"
                answer = None
        kept = sum(map(len, net._idle.values()))
        assert net.places == 4 - kept
    finally:
        await net.close()
    return answer


@given(
    pieces=noise,
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    redirects=st.sampled_from([0, 2, "error"]),
    reuse=st.booleans(),
    tls=st.sampled_from([False, False, True]),
)
def test_any_bytes_are_an_answer_or_one_sentence(pieces, method, redirects, reuse, tls):
    options = {"method": method, "redirects": redirects, "reuse": reuse, "tls": tls, "max_body": 1000}
    asyncio.run(ask(pieces, options))


@given(pieces=noise)
@settings(max_examples=20)
def test_a_talk_over_tcp_ends_whatever_is_said(pieces):
    async def talk() -> None:
        net = Net(Path(), places=4)
        async with answering(*pieces) as served:
            call = build_call("127.0.0.1", served.port, say="\r\n\r\n", enough=lambda said: b"\0\0" in said)
            heard = await net.talk(call, 2)
            assert heard.is_enough == (b"\0\0" in heard.said)
        assert net.places == 4
        await net.close()

    asyncio.run(talk())


async def test_nothing_grows_from_look_to_look(tmp_path):
    """No flow, answer or socket outlives its exchange, not even until the garbage collector comes."""
    net = Net(tmp_path, places=20)
    gc.collect()
    gc.disable()
    try:
        async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as good, answering(b"bad") as bad:
            for _ in range(30):
                await net.fetch(build_request("GET", good.url), 5)
                with pytest.raises(Unreachable):
                    await net.fetch(build_request("GET", bad.url), 5)
        left = [one for one in gc.get_objects() if isinstance(one, Flow | Answer)]
        assert len(left) <= 2
    finally:
        gc.enable()
    await net.close()
