"""`websocket` against the servers of the package itself, and against others that break every rule."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.checks.frames import accepted, frame
from tests.net.small import answering, flood, head_of, response, serving
from tests.net.test_tls import authority, server_side
from tui_monitor.checks.websocket import Websocket
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.options import Auth
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Way

Talk = Callable[[ServerConnection], Awaitable[None]]


class Room:
    """A WebSocket server of the package, with what it has seen."""

    def __init__(self) -> None:
        self.port = 0
        self.codes: asyncio.Queue[int | None] = asyncio.Queue()
        self.headers: Any = None
        self.path = ""

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/feed;a?b=c"


@asynccontextmanager
async def room(talk: Talk, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Room]:
    made = Room()

    async def handle(connection: ServerConnection) -> None:
        made.headers, made.path = connection.request.headers, connection.request.path
        try:
            await talk(connection)
        finally:
            await connection.wait_closed()
            made.codes.put_nowait(connection.close_code)

    async with serve(handle, "127.0.0.1", 0, ssl=tls, logger=logging.getLogger("tests.quiet"), **options) as server:
        made.port = server.sockets[0].getsockname()[1]
        yield made


async def silence(connection: ServerConnection) -> None:
    pass


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


def saying(*messages: str | bytes | list[str]) -> Talk:
    async def talk(connection: ServerConnection) -> None:
        for message in messages:
            await connection.send(message)

    return talk


async def look(way: Way, url: str, **options: Any) -> Reading:
    check = Websocket(url, **options)
    return check.judge(await check.look(way))


# -- those who keep to the rules ------------------------------------------------------------------------------------


async def test_a_handshake_and_a_proper_goodbye(way: Way):
    async with room(silence) as served:
        reading = await look(way, served.url)
        assert await served.codes.get() == 1000
    assert (reading.status, reading.message, reading.cause) == (Status.OPERATIONAL, "connected", "")
    assert reading.phases is not None
    assert 0 < reading.phases.connect <= reading.phases.total == reading.latency
    assert served.path == "/feed;a?b=c"
    assert served.headers["Host"] == f"127.0.0.1:{served.port}"
    assert served.headers["User-Agent"].startswith("tui-monitor/")


async def test_what_is_said_comes_back(way: Way):
    async with room(echo) as served:
        reading = await look(way, served.url, send=Secret('{"op":"é"}'), expect='"é"')
        assert await served.codes.get() == 1000
    assert reading.status is Status.OPERATIONAL


async def test_what_is_said_is_said_also_where_nothing_is_expected(way: Way):
    heard: list[Any] = []

    async def listen(connection: ServerConnection) -> None:
        heard.append(await connection.recv())

    async with room(listen) as served:
        assert (await look(way, served.url, send="x" * 900_000)).status is Status.OPERATIONAL
        await served.codes.get()
    assert heard == ["x" * 900_000]


@pytest.mark.parametrize("messages", [("no", "tick 7"), (b"tick 8",), (["ti", "ck", " 9"],)], ids=str)
async def test_what_is_expected_may_be_any_message_in_any_pieces(way: Way, messages: tuple[Any, ...]):
    async with room(saying(*messages)) as served:
        assert (await look(way, served.url, matches=r"^tick \d$")).status is Status.OPERATIONAL


async def test_pings_are_answered_while_we_wait(way: Way):
    async def talk(connection: ServerConnection) -> None:
        await (await connection.ping())
        await connection.send("alive")

    async with room(talk) as served:
        assert (await look(way, served.url, expect="alive")).status is Status.OPERATIONAL


async def test_who_we_are_is_said_and_never_logged(way: Way, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        async with room(echo) as served:
            options = {"headers": {"X-Key": Secret("k-1234"), "Host": "shop.example"}, "send": Secret("s-1234")}
            check = Websocket(served.url, auth=Auth(bearer=Secret("t-1234")), expect="s-", **options)
            assert check.judge(await check.look(way)).status is Status.OPERATIONAL
    assert (served.headers["X-Key"], served.headers["Host"]) == ("k-1234", "shop.example")
    assert served.headers["Authorization"] == "Bearer t-1234"
    ours = [record for record in caplog.records if record.name != "tests.quiet"]
    assert not [record for record in ours if "1234" in record.getMessage()]
    assert "1234" not in repr(check) + repr(check.hail)


async def test_one_of_the_subprotocols_must_be_spoken(way: Way):
    async with room(silence, subprotocols=["graphql-ws"]) as served:
        assert (await look(way, served.url, subprotocols=("mqtt", "graphql-ws"))).status is Status.OPERATIONAL
    async with room(silence) as served:
        reading = await look(way, served.url, subprotocols=("mqtt",))
    assert (reading.status, reading.cause) == (Status.MAJOR, "subprotocol")


async def test_something_else_than_expected_is_told_with_how_it_ended(way: Way):
    async def talk(connection: ServerConnection) -> None:
        await connection.close(1011, "no database\n")

    async with room(talk) as served:
        reading = await look(way, served.url, expect="hello")
    assert (reading.status, reading.cause) == (Status.MAJOR, "expect")
    assert reading.message == "it said goodbye (1011 no database), expected hello"


async def test_a_refused_handshake_is_told_with_its_status(way: Way):
    def refuse(connection: ServerConnection, request: Any) -> Any:
        return connection.respond(403, "go away")

    async with room(silence, process_request=refuse) as served:
        reading = await look(way, served.url)
    assert (reading.status, reading.cause) == (Status.MAJOR, "status:403")
    assert reading.message == "the handshake was refused (403 Forbidden)"


async def test_a_web_server_without_websocket_refuses_too(way: Way):
    for status in ("200 OK", "404 Not Found", "302 Found", "503 No"):
        async with answering(response(b"x" * 9, status)) as served:
            reading = await look(way, f"ws://127.0.0.1:{served.port}")
        assert (reading.status, reading.cause) == (Status.MAJOR, f"status:{status[:3]}")


async def test_through_tls(way: Way, tmp_path):
    context = server_side(authority(tmp_path))
    async with room(echo, context) as served:
        url = f"wss://localhost:{served.port}/"
        reading = await look(way, url, ca="ca.pem", send="a", expect="a")
        assert reading.status is Status.OPERATIONAL
        assert reading.certificate_until is not None
        assert reading.phases is not None
        assert reading.phases.tls > 0
        assert (await look(way, url, verify_tls=False)).status is Status.OPERATIONAL
        with pytest.raises(Unreachable, match="issuer is not trusted") as caught:
            await look(way, url)
    assert caught.value.cause == "certificate"


# -- those who do not -----------------------------------------------------------------------------------------------


def breaking(say: Callable[[bytes], bytes], hold: bool = False, deaf: bool = False):
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(say(await head_of(reader)))
        await writer.drain()
        if hold:
            await reader.read()
        if deaf:
            await asyncio.Event().wait()

    return serving(handle)


@pytest.mark.parametrize(
    ("say", "text"),
    [
        (lambda head: accepted(head, key=b"another"), "answered wrongly: invalid Sec-WebSocket-Accept header"),
        (lambda head: accepted(head).replace(b"Accept", b"Except"), "answered wrongly: missing Sec-WebSocket-Accept"),
        (lambda head: accepted(head).replace(b"websocket", b"h2c", 1), "answered wrongly: invalid Upgrade"),
        (lambda head: accepted(head, more=b"Sec-WebSocket-Extensions: x\r\n"), "answered wrongly: no extensions"),
        (lambda head: accepted(head, more=b"Sec-WebSocket-Protocol: x\r\n"), "answered wrongly: no subprotocols"),
        (lambda head: b"SSH-2.0-OpenSSH_9\r\n", "answered wrongly: did not receive a valid HTTP response"),
        (lambda head: b"HTTP/1.1 101 Go\r\nUpgrade: web", "closed in the middle of the handshake"),
        (lambda head: b"", "closed in the middle of the handshake"),
        (lambda head: accepted(head, frame(3, b"x")), "does not keep to the rules"),
        (lambda head: accepted(head, b"\xf1\x01x"), "does not keep to the rules"),
        (lambda head: accepted(head, frame(0, b"x")), "does not keep to the rules"),
        (lambda head: accepted(head, b"\x81\x81abcdx"), "does not keep to the rules"),
        (lambda head: accepted(head, frame(8, b"\x03")), "does not keep to the rules"),
    ],
)
async def test_a_server_that_breaks_the_rules_is_told(way: Way, say: Callable[[bytes], bytes], text: str):
    async with breaking(say) as served:
        with pytest.raises(Unreachable, match=text) as caught:
            await look(way, f"ws://127.0.0.1:{served.port}", expect="hello")
    assert caught.value.cause == "protocol"
    assert str(caught.value).isprintable()


async def test_frames_right_behind_the_handshake_are_heard(way: Way):
    def say(head: bytes) -> bytes:
        return accepted(head, frame(1, b"hel", fin=False), frame(9, b"?"), frame(0, b"lo"), frame(8, b"\x03\xe8"))

    async with breaking(say) as served:
        assert (
            await look(way, f"ws://127.0.0.1:{served.port}", expect="hello", send="x")
        ).status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ((), "it said nothing, expected hello"),
        ((frame(1, b"\x1b[31mbye\xff"),), "it said [31mbye\ufffd, expected hello"),
        ((frame(8, b""),), "it said goodbye (1005), expected hello"),
        ((b"\x82\x7f" + (1 << 40).to_bytes(8, "big"),), "it said a message that is too long, expected hello"),
    ],
)
async def test_a_server_that_ends_without_what_is_expected_is_told(way: Way, frames: tuple[bytes, ...], message: str):
    async with breaking(lambda head: accepted(head, *frames)) as served:
        reading = await look(way, f"ws://127.0.0.1:{served.port}", expect="hello")
    assert (reading.status, reading.message) == (Status.MAJOR, message)


async def test_endless_talk_is_cut(way: Way):
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(accepted(await head_of(reader)))
        await flood(writer, frame(1, b"blah" * 9000) + frame(9, b"?"))

    async with serving(handle) as served:
        check = Websocket(f"ws://127.0.0.1:{served.port}", expect="hello")
        greeted = await check.look(way)
    assert check.judge(greeted).status is Status.MAJOR
    assert len(greeted.heard.said) <= 4096


async def test_what_is_not_taken_was_not_said(way: Way):
    async with breaking(accepted, hold=False, deaf=True) as served:
        with pytest.raises(Unreachable, match="still sending"):
            await look(Way(way.net, 0.3), f"ws://127.0.0.1:{served.port}", send="x" * 20_000_000)


@pytest.mark.parametrize("doing", ["the handshake", "what is expected"])
async def test_silence_ends_at_the_deadline(way: Way, doing: str):
    async with breaking(lambda head: accepted(head) if "expected" in doing else b"", hold=True) as served:
        with pytest.raises(Unreachable, match=f"still waiting for {doing}"):
            await look(Way(way.net, 0.05), f"ws://127.0.0.1:{served.port}", expect="hello")


async def test_a_server_that_says_no_goodbye_is_left_without(way: Way):
    async with breaking(lambda head: accepted(head, frame(1, b"hello")), hold=True) as served:
        reading = await look(Way(way.net, 0.2), f"ws://127.0.0.1:{served.port}", expect="hello")
        await served.closed.wait()
    assert reading.status is Status.OPERATIONAL
    assert reading.latency is not None
    assert reading.latency < 0.1, "the wait for a goodbye is none of its latency"


async def test_a_server_that_talks_over_the_goodbye_is_left_too(way: Way):
    sent = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(accepted(await head_of(reader)))
        while True:
            writer.write(frame(1, b"hello" * 5000))
            await writer.drain()
            sent += 25_000

    async with serving(handle) as served:
        assert (await look(way, f"ws://127.0.0.1:{served.port}", expect="hello")).status is Status.OPERATIONAL
    assert sent < 30_000_000


async def test_a_pattern_that_would_take_for_ever_tells_nothing(way: Way):
    async with room(saying("x" * 5000)) as served:
        with pytest.raises(Unreadable, match="took too long"):
            await look(way, served.url, matches="(x+x+)+y")


# -- options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url": "http://x/"}, "url: the URL must begin with ws:// or wss://"),
        ({"url": "ws"}, "url: the URL must begin with ws:// or wss://"),
        ({"url": "ws://"}, "url: the URL names no host"),
        ({"url": "ws://a:b@x/"}, "url: the URL must not hold a user or password"),
        ({"headers": {"Sec-WebSocket-Key": "x"}}, "headers: the header Sec-WebSocket-Key is set by the handshake"),
        ({"headers": {"A": "x\r\ny"}}, "headers: the header A has a line break"),
        ({"subprotocols": ("a b",)}, "subprotocols: 'a b' is not the name of one"),
        ({"subprotocols": ("",)}, "subprotocols: '' is not the name of one"),
        ({"send": "\ud800"}, "send: a message must be text"),
        ({"expect": "a", "matches": "b"}, "not both"),
        ({"matches": "("}, "matches: .*not a regular expression"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], text: str):
    with pytest.raises(ValueError, match=text):
        Websocket(**{"url": "ws://x/", **options})
