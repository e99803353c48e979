"""Lines that begin plain: how each protocol is asked for TLS, by those who grant it and those who do not."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.destinations.post_office import opened_office
from tests.net.small import Served, flood, serving
from tests.net.test_tls import authority, server_side
from tui_monitor.core.errors import Unreachable
from tui_monitor.net import Net, Trust
from tui_monitor.net.peer import Met, build_meeting

TRUST = Trust(ca="ca.pem")
MYSQL = b"\x0a8.0.30\0" + b"\1\0\0\0" + b"a" * 8 + b"\0" + b"\xff\xff" + b"\x21" + b"\2\0" + b"\xff\xc1" + bytes(20)
XMPP = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'><stream:features>"
OFFER = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"

GO_ON = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

Script = list[tuple[bytes, bytes]]
"""What must be heard before what is said."""


def packet(body: bytes, number: int = 0) -> bytes:
    return len(body).to_bytes(3, "little") + bytes([number]) + body


GRANTS: dict[str, Script] = {
    "smtp": [
        (b"", b"220-mail.example\r\n220 ESMTP\r\n"),
        (b"EHLO localhost\r\n", b"250-mail.example\r\n250-SIZE 1\r\n250-starttls\r\n250 HELP\r\n"),
        (b"STARTTLS\r\n", b"220 2.0.0 go\r\n"),
    ],
    "imap": [(b"", b"* OK [CAPABILITY IMAP4rev1] ready\r\n"), (b"a STARTTLS\r\n", b"* NO news\r\na OK begin\r\n")],
    "pop3": [(b"", b"+OK ready\r\n"), (b"STLS\r\n", b"+OK begin\r\n")],
    "ftp": [(b"", b"220-hello\r\n 220 not yet\r\n331 not either\r\n220 there\r\n"), (b"AUTH TLS\r\n", b"234 go\r\n")],
    "ldap": [(b"1.3.6.1.4.1.1466.20037", b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")],
    "postgres": [(b"\0\0\0\x08\x04\xd2\x16\x2f", b"S")],
    "mysql": [(b"", packet(MYSQL))],
    "xmpp": [
        (b"to='localhost'>", XMPP + OFFER),
        (
            b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        ),
    ],
}


SAID = [said for script in GRANTS.values() for _, said in script]


@asynccontextmanager
async def scripted(script: Script, tls: ssl.SSLContext | None = None, piece: int = 1000) -> AsyncIterator[Served]:
    """Says its lines, in pieces of so many bytes; then it goes on in TLS, or waits.

    A client of MySQL waits for no go-ahead, so that its first words in TLS may be read with the last plain ones: such
    a server reads for itself.
    """

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for wanted, said in script:
            heard = b""
            while wanted not in heard:
                heard += await reader.readexactly(1)
            for at in range(0, len(said), piece):
                writer.write(said[at : at + piece])
                await writer.drain()
                await asyncio.sleep(0)
        if tls is not None:
            await writer.start_tls(tls)
        await reader.read()

    async with serving(handle) as served:
        yield served


@asynccontextmanager
async def granting(kind: str, tls: ssl.SSLContext, piece: int = 1000) -> AsyncIterator[Served]:
    if kind != "mysql":
        async with scripted(GRANTS[kind], tls, piece) as served:
            yield served
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Served(listener.getsockname()[1])
        thread = threading.Thread(target=greet, args=(listener, served, tls))
        thread.start()
        yield served
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def greet(listener: socket.socket, served: Served, tls: ssl.SSLContext) -> None:
    """A MySQL server that reads no more than it should."""
    with contextlib.suppress(OSError):
        while True:
            sock, _ = listener.accept()
            served.connections += 1
            sock.sendall(packet(MYSQL))
            assert len(sock.recv(36, socket.MSG_WAITALL)) == 36
            with contextlib.suppress(ssl.SSLError), tls.wrap_socket(sock, server_side=True) as secure:
                secure.recv(1)


async def meet(net: Net, kind: str, port: int, within: float = 5.0) -> Met:
    return await net.meet(build_meeting("localhost", port, TRUST, starttls=kind), within)


async def refusal(net: Net, kind: str, script: Script, within: float = 5.0) -> str:
    async with scripted(script) as served:
        with pytest.raises(Unreachable) as caught:
            await meet(net, kind, served.port, within)
    assert caught.value.cause == "starttls"
    assert str(caught.value).isprintable()
    return str(caught.value)


# -- those who grant it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", [1000, 1])
@pytest.mark.parametrize("kind", GRANTS)
async def test_each_protocol_is_asked_in_its_own_language(net: Net, tmp_path, kind: str, piece: int):
    async with granting(kind, server_side(authority(tmp_path)), piece) as served:
        met = await meet(net, kind, served.port)
    assert met.fault == 0
    assert met.leaf.names == ("localhost",)
    assert met.phases.tls > 0


@pytest.mark.parametrize("kind", GRANTS)
async def test_who_is_not_trusted_is_asked_a_second_time_in_the_same_language(net: Net, tmp_path, kind: str):
    context = server_side(authority(tmp_path))
    async with granting(kind, context) as served:
        meeting = build_meeting("localhost", served.port, Trust(), starttls=kind)
        met = await net.meet(meeting, 5.0)
        assert served.connections == 2
    assert met.fault
    assert met.leaf.names == ("localhost",)


async def test_a_long_answer_of_a_directory_has_a_long_length(net: Net, tmp_path):
    body = b"\x02\x01\x01\x78\x81\x85\x0a\x01\x00\x04\x00\x04\x7e" + b"x" * 126
    script = [(GRANTS["ldap"][0][0], b"\x30\x81" + bytes([len(body)]) + body)]
    async with scripted(script, server_side(authority(tmp_path))) as served:
        assert (await meet(net, "ldap", served.port)).fault == 0


@pytest.mark.service("aiosmtpd")
async def test_a_real_mail_server_goes_on_in_tls(net: Net, tmp_path):
    async with opened_office(starttls=server_side(authority(tmp_path))) as office:
        met = await net.meet(build_meeting("127.0.0.1", office.port, TRUST, starttls="smtp"), 5.0)
    assert met.fault == 0
    assert met.leaf.addresses == ("127.0.0.1",)


# -- those who do not -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "port"),
    [
        pytest.param("postgres", 5432, marks=pytest.mark.service("postgres")),
        pytest.param("mysql", 3306, marks=pytest.mark.service("mariadb")),
    ],
)
async def test_a_real_database_without_tls_says_so(net: Net, kind: str, port: int):
    """Where somebody has given it a certificate, it is shown."""
    try:
        met = await net.meet(build_meeting("127.0.0.1", port, Trust(), starttls=kind), 5.0)
    except Unreachable as error:
        assert (error.cause, str(error)) == ("starttls", "it does not offer TLS")
    else:
        assert met.leaf.fingerprint


@pytest.mark.parametrize(
    ("kind", "script", "text"),
    [
        ("smtp", [(b"", b"554 go\x1b[31m away\r\n")], r"it said 554 go \[31m away"),
        ("smtp", [(b"", b"220 a\r\n"), (b"EHLO", b"250-a\r\n250 STARTTLSX\r\n")], "does not offer TLS"),
        ("smtp", [(b"", b"220 a\r\n"), (b"EHLO", b"502 what\r\n")], "it said 502 what"),
        ("smtp", [*GRANTS["smtp"][:2], (b"STARTTLS", b"454 not now\r\n")], "it said 454 not now"),
        ("smtp", [(b"", b"HTTP/1.1 400 Bad Request\r\n")], "it said HTTP/1.1 400 Bad Request"),
        ("imap", [(b"", b"* BYE\r\n")], r"it said \* BYE"),
        ("imap", [(b"", b"* OK\r\n"), (b"STARTTLS", b"a BAD what\r\n")], "it said a BAD what"),
        ("pop3", [(b"", b"+OK\r\n"), (b"STLS", b"-ERR what\r\n")], "it said -ERR what"),
        ("ftp", [(b"", b"220 a\r\n"), (b"AUTH", b"500 what\r\n")], "it said 500 what"),
        ("ldap", [(b"20037", b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00")], "the code is 52"),
        ("ldap", [(b"20037", b"SSH-2.0-x\r\n")], "does not speak LDAP"),
        ("ldap", [(b"20037", b"\x30\x05\x02\x01\x01\x78\x00")], "does not speak LDAP"),
        ("ldap", [(b"20037", b"\x30\x89\xff\xff\xff\xff\xff\xff\xff\xff\xff")], "does not speak LDAP"),
        ("postgres", [(b"\x2f", b"N")], "does not offer TLS"),
        ("postgres", [(b"\x2f", b"E")], "does not speak the protocol of PostgreSQL"),
        ("mysql", [(b"", packet(MYSQL.replace(b"\xff\xff\x21", b"\xff\xf7\x21")))], "does not offer TLS"),
        ("mysql", [(b"", packet(b"\xff\x10\x04Host is blocked"))], "it said Host is blocked"),
        ("mysql", [(b"", packet(b"\x09old"))], "does not speak the protocol of MySQL"),
        ("mysql", [(b"", b"SSH-2.0-x\r\n")], "does not speak the protocol of MySQL"),
        ("xmpp", [(b"'>", XMPP + b"</stream:features>")], "does not offer TLS"),
        ("xmpp", [(b"'>", XMPP + OFFER), (b"/>", b"<failure xmlns='x'/></stream:stream>")], "it said <failure"),
        ("xmpp", [(b"'>", b"<stream:error/></stream:stream>")], "does not offer TLS"),
    ],
)
async def test_who_does_not_go_on_in_tls_says_why(net: Net, kind: str, script: Script, text: str):
    with pytest.raises(AssertionError, match=text):
        raise AssertionError(await refusal(net, kind, script))


@pytest.mark.parametrize("kind", GRANTS)
async def test_what_is_said_after_the_go_ahead_is_not_taken_for_it(net: Net, kind: str):
    """Somebody in between could have put it there, to be read as if it had come through TLS."""
    *before, (wanted, said) = GRANTS[kind]
    assert (
        await refusal(net, kind, [*before, (wanted, said + b"a OK and more\r\n")])
        == "it says more before TLS than it may"
    )


@pytest.mark.parametrize("kind", GRANTS)
async def test_who_talks_on_and_on_is_left(net: Net, kind: str):
    async def handle(reader, writer):
        await flood(writer, b"x" * 1000)

    async with serving(handle) as served:
        with pytest.raises(Unreachable) as caught:
            await meet(net, kind, served.port)
    assert caught.value.cause == "starttls"


@pytest.mark.parametrize("kind", GRANTS)
async def test_who_hangs_up_before_tls_is_told_apart(net: Net, kind: str):
    async def handle(reader, writer):
        writer.write(b"\x30")

    async with serving(handle) as served:
        with pytest.raises(Unreachable) as caught:
            await meet(net, kind, served.port)
    assert caught.value.cause in ("starttls", "reset")


@pytest.mark.parametrize("kind", GRANTS)
async def test_silence_ends_at_the_deadline(net: Net, kind: str):
    async with scripted([(b"never", b"")]) as served:
        with pytest.raises(Unreachable, match="still waiting for the go-ahead for TLS") as caught:
            await meet(net, kind, served.port, 0.03)
    assert caught.value.cause == "timeout"


@pytest.mark.parametrize("kind", GRANTS)
@given(said=st.lists(st.binary(max_size=40) | st.sampled_from(SAID)))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_borne(kind: str, said: list[bytes]):
    async def tried() -> None:
        async def handle(reader, writer):
            for piece in said:
                writer.write(piece)
                await writer.drain()

        net = Net(places=20)
        async with serving(handle) as served:
            with pytest.raises(Unreachable):
                await net.meet(build_meeting("localhost", served.port, Trust(), starttls=kind), 5.0)
        assert net.places == 20
        await net.close()

    asyncio.run(tried())
