"""`tcp` from the outside: connections, talks and TLS."""

from __future__ import annotations

import pytest

from tests.net.small import flood, serving
from tests.net.test_tls import authority, server_side
from tui_monitor.checks.tcp import Tcp
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Way


def greeting(*pieces: bytes, answer: bytes = b""):
    async def handle(reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if answer:
            assert await reader.readline() == b"PING\r\n"
            writer.write(answer)
        await reader.read()

    return serving(handle)


async def look(way: Way, **options: object):
    check = Tcp("127.0.0.1", **options)
    return check.judge(await check.look(way))


async def test_a_port_that_is_open(way: Way):
    async with greeting() as served:
        reading = await look(way, port=served.port)
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "connected")
    assert reading.latency is not None


async def test_a_port_that_is_closed(way: Way):
    async with greeting() as served:
        pass
    with pytest.raises(Unreachable, match="refused"):
        await look(way, port=served.port)


async def test_what_is_expected_may_come_in_pieces(way: Way):
    async with greeting(b"220 mail", b".example ES", b"MTP\r\n") as served:
        assert (await look(way, port=served.port, expect="220 mail.example ESMTP")).status is Status.OPERATIONAL
        assert (await look(way, port=served.port, matches=r"^220 \S+ ESMTP")).status is Status.OPERATIONAL


async def test_something_is_said_first(way: Way):
    async with greeting(answer=b"+PONG\r\n") as served:
        reading = await look(way, port=served.port, send=Secret("PING\r\n"), expect="+PONG")
    assert reading.status is Status.OPERATIONAL


async def test_something_else_than_expected_is_told(way: Way):
    async def handle(reader, writer):
        writer.write(b"554 go away\r\n")

    async with serving(handle) as served:
        reading = await look(way, port=served.port, expect="220 ")
    assert (reading.status, reading.cause) == (Status.MAJOR, "expect")
    assert reading.message == "it said 554 go away, expected 220"


async def test_silence_ends_at_the_deadline(way: Way):
    async with greeting(b"22") as served:
        with pytest.raises(Unreachable, match="still waiting for what is expected"):
            await look(Way(way.net, 0.05), port=served.port, expect="220 ")


async def test_endless_talk_is_cut(way: Way):
    async def handle(reader, writer):
        await flood(writer, b"blah " * 1000)

    async with serving(handle) as served:
        assert (await look(way, port=served.port, expect="220 ")).status is Status.MAJOR


async def test_a_pattern_that_would_take_for_ever_tells_nothing(way: Way):
    async with greeting(b"x" * 5000) as served:
        with pytest.raises(Unreadable, match="took too long"):
            await look(way, port=served.port, matches="(x+x+)+y")


async def test_tls_under_the_name_that_is_given(way: Way, tmp_path):
    context = server_side(authority(tmp_path), "mail.example")

    async def handle(reader, writer):
        writer.write(b"* OK IMAP\r\n")

    async with serving(handle, context) as served:
        options = {"port": served.port, "tls": True, "ca": "ca.pem", "expect": "* OK"}
        reading = await look(way, **options, server_name="mail.example")
        assert reading.status is Status.OPERATIONAL
        assert reading.certificate_until is not None
        with pytest.raises(Unreachable, match="another address"):
            await look(way, **options)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"port": 0}, "a number from 1 to 65535"),
        ({"port": 65536}, "a number from 1 to 65535"),
        ({"port": 1, "host": "a b"}, "no host name has"),
        ({"port": 1, "expect": "a", "matches": "b"}, "not both"),
        ({"port": 1, "matches": "("}, "not a regular expression"),
        ({"port": 1, "ca": "x"}, "tls: true"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict, text: str):
    with pytest.raises(ValueError, match=text):
        Tcp(**{"host": "x", **options})
