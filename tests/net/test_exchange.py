"""Answers as servers send them, whole and in pieces, and the request as it goes out."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from tests.net.small import answering, flood, head_of, response, serving
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, build_request

GOOD = {
    "a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n", 200, b"ok"),
    "trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nStatus: bad\r\n\r\n",
        200,
        b"ok",
    ),
    "the end of the connection": (b"HTTP/1.1 200 OK\r\n\r\nok", 200, b"ok"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nok", 200, b"ok"),
    "no reason": (b"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", 503, b""),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, b""),
    "100 Continue before": (
        b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"
    ),
    "103 before": (b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 201 Y\r\nContent-Length: 0\r\n\r\n", 201, b""),
    "something after": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n", 200, b"ok"),
    "an upgrade": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 101, b""),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "in pieces"])
async def test_an_answer_is_understood(net: Net, name: str, in_pieces: bool):
    raw, status, body = GOOD[name]
    pieces = [raw[n : n + 1] for n in range(len(raw))] if in_pieces else [raw]
    async with answering(*pieces) as served:
        answer = await net.fetch(build_request("GET", served.url), 5)
    assert (answer.status, answer.body) == (status, body)
    assert not answer.truncated
    assert not answer.corrupt
    assert answer.header("status") is None


async def test_the_answer_to_head_has_no_body_whatever_length_it_names(net: Net):
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", hold=True) as served:
        answer = await net.fetch(build_request("HEAD", served.url), 5)
    assert (answer.status, answer.body) == (200, b"")


async def test_the_request_goes_out_as_it_was_written(net: Net):
    async with answering(response()) as served:
        url = f"http://127.0.0.1:{served.port}/a%20b/ü?q=1&x=[2]#part"
        await net.fetch(build_request("post", url, headers={"X-One": "1", "Accept": "a/b"}, body="hé"), 5)
    head, _, body = served.heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /a%20b/%C3%BC?q=1&x=[2] HTTP/1.1"
    assert f"Host: 127.0.0.1:{served.port}" in lines
    assert {"X-One: 1", "Accept: a/b", "Content-Length: 3", "Connection: close"} <= set(lines)
    assert body == "hé".encode()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\0\1\2\3 garbage\r\n\r\n", "it answers, but not in valid HTTP"),
        (b"SSH-2.0-OpenSSH_9\r\n", "it answers, but not in valid HTTP"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "it answers, but not in valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "it answers, but not in valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "it answers, but not in valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n", "it answers, but not in valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "it answers, but not in valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "it answers, but not in valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "in the middle of the body"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "in the middle of the body"),
        (b"HTTP/1.1 200 OK\r\nContent-", "in the middle of the headers"),
        (b"", "without an answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n", "over 64 KiB"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000 + b"\r\n", "over 64 KiB"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, "over 64 KiB"),
    ],
)
async def test_a_wrong_answer_is_an_outage_with_one_sentence(net: Net, raw: bytes, text: str):
    async with answering(raw) as served:
        with pytest.raises(Unreachable, match=text) as caught:
            await net.fetch(build_request("GET", served.url), 5)
    assert caught.value.cause == "protocol"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n",
    ],
)
async def test_an_endless_body_is_cut_at_its_cap(net: Net, head: bytes):
    async def handle(reader, writer):
        await head_of(reader)
        writer.write(head)
        await flood(writer, b"x" * 65536)

    async with serving(handle) as served:
        answer = await net.fetch(build_request("GET", served.url, max_body=1_000_000), 5)
        await served.closed.wait()
    assert answer.truncated
    assert len(answer.body) == 1_000_000


@pytest.mark.parametrize("piece", [b"1;" + b"x" * 65536, b"0\r\n" + b"T: t\r\n" * 100])
async def test_endless_framing_around_a_small_body_ends(net: Net, piece: bytes):
    async def handle(reader, writer):
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + piece)
        await flood(writer, b"T: t\r\n" * 100 if piece.startswith(b"0") else b"x" * 65536)

    async with serving(handle) as served:
        with pytest.raises(Unreachable) as caught:
            await net.fetch(build_request("GET", served.url, max_body=1000), 5)
    assert caught.value.cause == "protocol"


async def test_a_gzip_bomb_is_unpacked_no_further_than_the_cap(net: Net):
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(60)) + packer.flush()
    async with answering(response(bomb, "200 OK", "Content-Encoding: gzip")) as served:
        answer = await net.fetch(build_request("GET", served.url, max_body=1_000_000), 5)
    assert len(answer.body) == 1_000_000
    assert answer.truncated


async def test_a_bomb_in_a_bomb_is_unpacked_no_further_than_the_cap(net: Net):
    bomb = gzip.compress(gzip.compress(bytes(40 << 20)))
    async with answering(response(bomb, "200 OK", "Content-Encoding: gzip, gzip")) as served:
        answer = await net.fetch(build_request("GET", served.url, max_body=1_000_000), 5)
    assert len(answer.body) <= 1_000_000
    assert answer.truncated or answer.corrupt


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"hello")),
        ("gzip", gzip.compress(b"hel") + gzip.compress(b"lo")),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")[2:-4]),
        ("GZIP, deflate", zlib.compress(gzip.compress(b"hello"))),
        ("identity", b"hello"),
        ("unheard-of", b"hello"),
    ],
)
async def test_a_packed_body_is_unpacked(net: Net, coding: str, packed: bytes):
    async with answering(response(packed, "200 OK", f"Content-Encoding: {coding}")) as served:
        answer = await net.fetch(build_request("GET", served.url), 5)
    assert answer.body == b"hello"
    assert not answer.corrupt


@pytest.mark.parametrize("packed", [b"not packed at all", gzip.compress(b"hello" * 100)[:20]])
async def test_a_body_that_cannot_be_unpacked_says_so(net: Net, packed: bytes):
    async with answering(response(packed, "200 OK", "Content-Encoding: gzip")) as served:
        answer = await net.fetch(build_request("GET", served.url), 5)
    answer.body  # noqa: B018 - looking is what unpacks it
    assert answer.corrupt


@pytest.mark.parametrize(
    "charset", ["utf-8", "nonsense", "zlib", "idna", "punycode", "unicode_escape", "utf-7", "'latin-1'", ""]
)
async def test_any_charset_gives_a_text(net: Net, charset: str):
    header = f"Content-Type: text/html; charset={charset}"
    async with answering(response(b"ok \xff\xfe", "200 OK", header)) as served:
        answer = await net.fetch(build_request("GET", served.url), 5)
    assert answer.text.startswith("ok ")


async def test_an_answer_before_a_reset_counts(net: Net):
    """A server that refuses a body closes with it unread, which resets the connection under the sender's feet."""

    async def handle(reader, writer):
        await reader.read(1000)
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        writer.transport.abort()

    async with serving(handle) as served:
        answer = await net.fetch(build_request("POST", served.url, body=bytes(30 << 20)), 5)
    assert answer.status == 413


# -- no answer ------------------------------------------------------------------------------------------------------


async def test_a_closed_port_is_refused(net: Net):
    async with answering() as served:
        pass
    with pytest.raises(Unreachable, match="refused") as caught:
        await net.fetch(build_request("GET", served.url), 5)
    assert caught.value.cause == "refused"


async def test_a_connection_that_is_reset_says_so(net: Net):
    async def handle(reader, writer):
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        await writer.drain()
        writer.transport.abort()

    async with serving(handle) as served:
        with pytest.raises(Unreachable) as caught:
            await net.fetch(build_request("GET", served.url), 5)
    assert caught.value.cause in ("reset", "protocol")


async def test_a_silent_server_is_given_up_at_the_deadline(net: Net):
    async with answering(hold=True) as served:
        with pytest.raises(Unreachable, match=r"no answer within 50 ms, still waiting for the first byte") as caught:
            await net.fetch(build_request("GET", served.url), 0.05)
        await served.closed.wait()
    assert caught.value.cause == "timeout"


async def test_a_trickle_is_given_up_at_the_deadline_of_the_whole(net: Net):
    async def handle(reader, writer):
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        loop = asyncio.get_running_loop()

        def tick() -> None:
            if not writer.is_closing():
                writer.write(b"x")
                loop.call_later(0.02, tick)

        tick()
        await reader.read()

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match="still reading the answer"):
            await net.fetch(build_request("GET", served.url), 0.2)


async def test_a_server_that_never_reads_is_given_up(net: Net):
    async def handle(reader, writer):
        reader._transport.pause_reading()
        await asyncio.Event().wait()

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match="still sending the request"):
            await net.fetch(build_request("POST", served.url, body=bytes(20 << 20)), 0.2)


async def test_a_large_body_arrives_whole(net: Net):
    async with answering(response()) as served:
        await net.fetch(build_request("POST", served.url, body=b"x" * (3 << 20)), 5)
    assert served.heard[0].count(b"x") == 3 << 20


async def test_an_answer_before_the_whole_request_was_sent_counts(net: Net):
    async def handle(reader, writer):
        await reader.read(1000)
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with serving(handle) as served:
        answer = await net.fetch(build_request("POST", served.url, body=bytes(8 << 20)), 5)
    assert answer.status == 413


async def test_an_exchange_that_is_cancelled_hangs_up(net: Net):
    async with answering(hold=True) as served:
        task = asyncio.ensure_future(net.fetch(build_request("GET", served.url), 5))
        while not served.heard:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await served.closed.wait()


async def test_the_phases_add_up(net: Net):
    async with answering(response()) as served:
        phases = (await net.fetch(build_request("GET", served.url), 5)).phases
    assert phases.connect > 0
    assert phases.first_byte > 0
    assert phases.tls == phases.dns == 0
    assert phases.connect + phases.first_byte <= phases.total


# -- places and lines -----------------------------------------------------------------------------------------------


async def test_no_more_connections_are_open_than_there_are_places(tmp_path):
    gate = asyncio.Event()
    most = 0

    async def handle(reader, writer):
        nonlocal most
        most = max(most, served.open)
        await head_of(reader)
        if served.open == 3:
            gate.set()
        await gate.wait()
        writer.write(response())

    net = Net(tmp_path, places=3)
    async with serving(handle) as served:
        request = build_request("GET", served.url)
        answers = await asyncio.gather(*(net.fetch(request, 5) for _ in range(12)))
    assert [answer.status for answer in answers] == [200] * 12
    assert most == 3
    assert net.places == 3
    await net.close()


async def test_waiting_for_a_place_is_no_part_of_how_long_the_service_took(tmp_path):
    gate = asyncio.Event()

    async def handle(reader, writer):
        await head_of(reader)
        if served.connections == 1:
            await gate.wait()
        writer.write(response())

    net = Net(tmp_path, places=1)
    async with serving(handle) as served:
        request = build_request("GET", served.url)
        first = asyncio.ensure_future(net.fetch(request, 5))
        while not served.connections:
            await asyncio.sleep(0)
        second = asyncio.ensure_future(net.fetch(request, 5))
        asyncio.get_running_loop().call_later(0.1, gate.set)
        phases = (await first).phases, (await second).phases
    assert phases[1].total < phases[0].total, "the second began no later and ended later"
    await net.close()


async def test_a_look_that_finds_no_place_says_nothing_of_the_service(tmp_path):
    net = Net(tmp_path, places=1)
    async with answering(hold=True) as served:
        request = build_request("GET", served.url)
        first = asyncio.ensure_future(net.fetch(request, 0.3))
        while not served.heard:
            await asyncio.sleep(0)
        with pytest.raises(Unreadable, match="still waiting for a free connection"):
            await net.fetch(request, 0.05)
        with pytest.raises(Unreachable):
            await first
    assert net.places == 1
    await net.close()


async def test_a_fresh_connection_for_each_look_unless_told_otherwise(net: Net):
    async def handle(reader, writer):
        while True:
            await head_of(reader)
            writer.write(response())

    async with serving(handle) as served:
        for _ in range(3):
            await net.fetch(build_request("GET", served.url), 5)
        assert served.connections == 3
        for _ in range(3):
            await net.fetch(build_request("GET", served.url, reuse=True), 5)
        assert served.connections == 4


async def test_a_kept_line_that_was_closed_is_opened_anew(net: Net):
    async with answering(response()) as served:
        for _ in range(3):
            answer = await net.fetch(build_request("GET", served.url, reuse=True), 5)
            served.closed.clear()
        assert answer.status == 200
        assert served.connections == 3


async def test_what_may_not_be_sent_twice_is_never_sent_on_a_line_that_was_closed(net: Net):
    async with answering(response()) as served:
        for _ in range(3):
            assert (await net.fetch(build_request("POST", served.url, body="x", reuse=True), 5)).status == 200
            [[(_, line)]] = net._idle.values()
            while not line.has_more():
                await asyncio.sleep(0)
    assert len(served.heard) == 3


async def test_kept_lines_make_room_for_who_waits(tmp_path):
    async def handle(reader, writer):
        while True:
            await head_of(reader)
            writer.write(response())

    net = Net(tmp_path, places=1)
    async with serving(handle) as one, serving(handle) as other:
        for served in (one, other, one, other):
            await net.fetch(build_request("GET", served.url, reuse=True), 5)
        assert (one.connections, other.connections) == (2, 2)
    await net.close()
    assert net.places == 1


@pytest.mark.service("uvloop")
def test_it_runs_on_another_loop_all_the_same(tmp_path):
    import uvloop

    async def main() -> None:
        net = Net(tmp_path, places=10)
        async with answering(response()) as served, answering(hold=True) as silent:
            answers = await asyncio.gather(*(net.fetch(build_request("GET", served.url), 5) for _ in range(30)))
            assert [answer.status for answer in answers] == [200] * 30
            with pytest.raises(Unreachable, match="still waiting for the first byte"):
                await net.fetch(build_request("GET", silent.url), 0.05)
        assert net.places == 10
        await net.close()

    uvloop.run(main())
