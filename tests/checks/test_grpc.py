"""`grpc` against a server of grpcio with a health service of its own, and against others that break every rule."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, StreamEnded
from hypothesis import given
from hypothesis import strategies as st

from tests.net.small import Served, answering, flood, response, serving
from tests.net.test_stream import Polite
from tests.net.test_tls import authority, server_side
from tui_monitor.checks.grpc import Grpc
from tui_monitor.core.errors import Unreachable
from tui_monitor.core.model import Phases, Reading
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Way
from tui_monitor.net.protocols.grpc import Incoming, asking_for, build_health_call, serving_in
from tui_monitor.net.stream import converse

Answer = Callable[[bytes, Any], Any]
Act = Callable[[H2Connection], None]


class Health(grpc.GenericRpcHandler):
    """The health service, its messages as bytes: no generated code is needed for two of them."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[bytes] = []
        self.metadata: dict[str, Any] = {}

    def service(self, details: Any) -> Any:
        if details.method != "/grpc.health.v1.Health/Check":
            return None

        async def check(request: bytes, context: Any) -> Any:
            self.asked.append(request)
            self.metadata = dict(context.invocation_metadata())
            return await self.answer(request, context)

        return grpc.unary_unary_rpc_method_handler(check)


@asynccontextmanager
async def grpcio(answer: Answer | None, credentials: Any = None) -> AsyncIterator[tuple[int, Health]]:
    """A server of grpcio; without an answer it has no health service."""
    server = grpc.aio.server()
    health = Health(answer or status_of(1))
    if answer is not None:
        server.add_generic_rpc_handlers((health,))
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield port, health
    finally:
        await server.stop(None)


def status_of(number: int) -> Answer:
    async def answer(request: bytes, context: Any) -> bytes:
        return b"\x08" + bytes([number]) if number else b""

    return answer


def failing(code: Any, details: str) -> Answer:
    async def answer(request: bytes, context: Any) -> None:
        await context.abort(code, details)

    return answer


async def look(way: Way, port: int, **options: Any) -> Reading:
    check = Grpc("127.0.0.1", port, **options)
    return check.judge(await check.look(way))


# -- a server of grpcio ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "status", "cause", "message"),
    [
        (1, Status.OPERATIONAL, "", "serving"),
        (2, Status.MAJOR, "not-serving", "not serving"),
        (3, Status.MAJOR, "service-unknown", "it does not know the service 'shop.Cart'"),
        (0, Status.UNKNOWN, "unknown", "it says that it does not know how it is"),
        (9, Status.UNKNOWN, "unknown", "it says that it does not know how it is"),
    ],
)
async def test_what_it_says_of_itself_is_what_it_is(way: Way, number: int, status: Status, cause: str, message: str):
    async with grpcio(status_of(number)) as (port, health):
        reading = await look(way, port, service="shop.Cart")
    assert (reading.status, reading.cause, reading.message) == (status, cause, message)
    assert health.asked == [b"\x0a\x09shop.Cart"]
    assert reading.phases is not None
    assert 0 < reading.phases.connect <= reading.phases.total == reading.latency


async def test_the_server_as_a_whole_has_no_name(way: Way):
    async with grpcio(status_of(1)) as (port, health):
        assert (await look(way, port)).status is Status.OPERATIONAL
    assert health.asked == [b""]


async def test_metadata_goes_along_and_into_no_log(way: Way, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.WARNING, "hpack"):
        async with grpcio(status_of(1)) as (port, health):
            check = Grpc("127.0.0.1", port, metadata={"X-Key": Secret("k-1234"), "authorization": "Bearer t"})
            assert check.judge(await check.look(way)).status is Status.OPERATIONAL
    assert (health.metadata["x-key"], health.metadata["authorization"]) == ("k-1234", "Bearer t")
    assert health.metadata["user-agent"].startswith("tui-monitor/")
    assert "1234" not in caplog.text + repr(check) + repr(check.call)


@pytest.mark.parametrize(
    ("code", "status", "cause", "message"),
    [
        (grpc.StatusCode.NOT_FOUND, Status.MAJOR, "service-unknown", "it does not know the service ''"),
        (grpc.StatusCode.UNAVAILABLE, Status.MAJOR, "grpc:14", "the call failed with UNAVAILABLE: né 100% [31m!"),
        (grpc.StatusCode.UNAUTHENTICATED, Status.MAJOR, "grpc:16",
         "the call failed with UNAUTHENTICATED: né 100% [31m!"),
        (grpc.StatusCode.UNIMPLEMENTED, Status.UNKNOWN, "unimplemented",
         "it does not offer the health protocol (UNIMPLEMENTED: né 100% [31m!)"),
    ],
)  # fmt: skip
async def test_a_failed_call_is_told_with_its_words(way: Way, code: Any, status: Status, cause: str, message: str):
    async with grpcio(failing(code, "né 100% \x1b[31m!\n")) as (port, _):
        reading = await look(way, port)
    assert (reading.status, reading.cause, reading.message) == (status, cause, message)


async def test_a_server_without_a_health_service_tells_nothing(way: Way):
    async with grpcio(None) as (port, _):
        reading = await look(way, port)
    assert (reading.status, reading.cause) == (Status.UNKNOWN, "unimplemented")


async def test_a_server_that_fails_itself_is_told(way: Way):
    async def answer(request: bytes, context: Any) -> Any:
        raise RuntimeError("boom")

    logging.getLogger("grpc._cython.cygrpc").setLevel(logging.CRITICAL)
    async with grpcio(answer) as (port, _):
        reading = await look(way, port)
    assert (reading.status, reading.cause) == (Status.MAJOR, "grpc:2")
    assert "boom" in reading.message


async def test_through_tls(way: Way, tmp_path: Path):
    ca = authority(tmp_path)
    mine: trustme.LeafCert = ca.issue_cert("health.example")
    chain = b"".join(blob.bytes() for blob in mine.cert_chain_pems)
    credentials = grpc.ssl_server_credentials([(mine.private_key_pem.bytes(), chain)])
    async with grpcio(status_of(1), credentials) as (port, _):
        reading = await look(way, port, tls=True, ca="ca.pem", server_name="health.example")
        assert reading.status is Status.OPERATIONAL
        assert reading.certificate_until is not None
        assert reading.phases is not None
        assert reading.phases.tls > 0
        assert (await look(way, port, tls=True, verify_tls=False)).status is Status.OPERATIONAL
        with pytest.raises(Unreachable, match="for another address") as caught:
            await look(way, port, tls=True, ca="ca.pem")
        assert caught.value.cause == "certificate"
        with pytest.raises(Unreachable):
            await look(way, port)


async def test_who_speaks_tls_but_not_http2_is_told(way: Way, tmp_path: Path):
    async with answering(response(), tls=server_side(authority(tmp_path))) as served:
        with pytest.raises(Unreachable, match="not HTTP/2 over it") as caught:
            await look(way, served.port, tls=True, ca="ca.pem", server_name="localhost")
    assert caught.value.cause == "protocol"


# -- servers by hand ------------------------------------------------------------------------------------------------

OK = [(":status", "200"), ("content-type", "application/grpc")]
SERVING = b"\0\0\0\0\x02\x08\x01"


@asynccontextmanager
async def by_hand(act: Act, asked: list[Any] | None = None) -> AsyncIterator[Served]:
    """Speaks HTTP/2, and once the request is whole does what it is told to."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = H2Connection(H2Configuration(client_side=False, validate_outbound_headers=False))
        connection.initiate_connection()
        acted = False
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived) and asked is not None:
                    asked.extend(event.headers)
                if isinstance(event, StreamEnded) and not acted:
                    acted = True
                    act(connection)
            writer.write(connection.data_to_send())
            await writer.drain()

    async with serving(handle) as served:
        yield served


def telling(headers: list[Any], body: bytes = b"", trailers: list[Any] | None = None) -> Act:
    def act(connection: H2Connection) -> None:
        connection.send_headers(1, headers, end_stream=not body and trailers is None)
        if body:
            connection.send_data(1, body, end_stream=trailers is None)
        if trailers is not None:
            connection.send_headers(1, trailers, end_stream=True)

    return act


async def test_an_answer_by_hand_is_one(way: Way):
    asked: list[Any] = []
    async with by_hand(telling(OK, SERVING, [("grpc-status", "0")]), asked) as served:
        reading = await look(way, served.port, metadata={"x-key": "k"}, server_name="cart.example")
    assert reading.status is Status.OPERATIONAL
    headers = {name.decode(): value.decode() for name, value in asked}
    assert headers[":path"] == "/grpc.health.v1.Health/Check"
    assert headers[":authority"] == f"cart.example:{served.port}"
    assert headers["te"] == "trailers"
    assert [name for name, _ in (one for one in asked if not one.indexable)] == [b"x-key"], "proxies must not keep it"


@pytest.mark.parametrize(
    ("act", "message", "cause"),
    [
        (telling([(":status", "503")]), "it answered 503, and not in gRPC", "status:503"),
        (telling([(":status", "200"), ("content-type", "text/html")], b"<html>"), "not in gRPC", "protocol"),
        (telling(OK, SERVING), "its answer has no grpc-status", "protocol"),
        (telling(OK, SERVING, [("grpc-status", "x")]), "its answer has no grpc-status", "protocol"),
        (telling(OK, b"", [("grpc-status", "0")]), "not one of the health protocol", "protocol"),
        (telling(OK, b"\x01" + SERVING[1:], [("grpc-status", "0")]), "not one of the health protocol", "protocol"),
        (telling(OK, SERVING + b"\x08\x01", [("grpc-status", "0")]), "not one of the health protocol", "protocol"),
        (telling(OK, SERVING, [("grpc-status", "0" * 5000)]), "its answer has no grpc-status", "protocol"),
        (telling([*OK, ("grpc-status", "14")]), "the call failed with UNAVAILABLE", "grpc:14"),
        (telling([*OK, ("grpc-status", "99"), ("grpc-message", "%zz%0a%1b[1m%ff")]),
         "the call failed with code 99: %zz [1m\ufffd", "grpc:99"),
        (telling([*OK, ("grpc-status", "14")], b"", [("grpc-message", "x" * 60_000)]), "UNAVAILABLE: x", "grpc:14"),
        (telling(OK, SERVING, [("x", "y" * 70_000), ("grpc-status", "0")]), "rules of HTTP/2", "protocol"),
        (telling(OK, b"\0" * 10_000), "its answer has no grpc-status", "protocol"),
        (lambda server: server.reset_stream(1, 7), "it broke off the call (REFUSED_STREAM)", "reset"),
        (lambda server: server.reset_stream(1, 777), "it broke off the call (error 777)", "reset"),
        (lambda server: server.close_connection(11), "it broke off the connection (ENHANCE_YOUR_CALM)", "reset"),
    ],
)  # fmt: skip
async def test_an_answer_that_is_none_is_told(way: Way, act: Any, message: str, cause: str):
    async with by_hand(act) as served:
        try:
            reading = await look(way, served.port)
        except Unreachable as error:
            text, why = str(error), error.cause
        else:
            assert reading.status is Status.MAJOR
            text, why = reading.message, reading.cause
    assert message in text
    assert why == cause
    assert text.isprintable()
    assert len(text) < 300


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it speaks HTTP/1, and not HTTP/2"),
        (b"SSH-2.0-x\r\n", "it does not speak HTTP/2"),
        (b"\0" * 9000, "it does not speak HTTP/2"),
        (b"x" * 200_000, "it does not speak HTTP/2"),
        (b"\0\0\0\4\0\0\0\0\0" + b"\0\0\4\1\4\0\0\0\1\xff\xff\xff\xff", "does not keep to the rules of HTTP/2"),
    ],
)
async def test_who_does_not_speak_http2_is_told(way: Way, said: bytes, text: str):
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(said)
        await reader.read()

    async with serving(handle) as served:
        with pytest.raises(Unreachable, match=text) as caught:
            await look(way, served.port)
    assert caught.value.cause == "protocol"


async def test_a_connection_that_ends_too_soon_is_told(way: Way):
    for said in (b"", b"\0\0", b"\0\0\0\4\0\0\0\0\0", b"\0\0\x09\4\0"):
        async with answering(said) as served:
            with pytest.raises(Unreachable, match=r"closed without an answer|reset"):
                await look(way, served.port)


@pytest.mark.parametrize("act", [lambda server: server.send_headers(1, OK), lambda server: None])
async def test_silence_ends_at_the_deadline(way: Way, act: Act):
    async with by_hand(act) as served:
        with pytest.raises(Unreachable, match="still waiting for the answer") as caught:
            await look(Way(way.net, 0.1), served.port)
    assert caught.value.cause == "timeout"


async def test_a_flood_is_cut(way: Way):
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = H2Connection(H2Configuration(client_side=False))
        server.initiate_connection()
        writer.write(server.data_to_send())
        await flood(writer, b"\0\0\x08\x06\0\0\0\0\0pingping")

    flow = Polite(way.net.loop)
    async with serving(handle) as served:
        with pytest.raises(Unreachable, match="far more than a health check may"):
            await flow.run(converse(way.net, flow, Grpc("127.0.0.1", served.port).call), 5)
    assert flow.turns > 10


# -- messages -------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_name_of_any_length_is_one_field(name: str):
    asked = asking_for(name)
    encoded = name.encode()
    assert asked[0] == 0
    assert int.from_bytes(asked[1:5], "big") == len(asked) - 5
    assert asked.endswith(encoded)
    assert len(asked) == 5 + (len(encoded) + (2 if len(encoded) < 128 else 3) if name else 0)


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"", 0),
        (b"\x08\x01", 1),
        (b"\x08\x01\x08\x02", 2),
        (b"\x12\x03abc\x08\x01\x1d1234\x21" + b"12345678", 1),
        (b"\x08\x81\x00", 1),
    ],
)
def test_fields_that_are_not_known_are_passed_over(message: bytes, status: int):
    assert serving_in(b"\0" + len(message).to_bytes(4, "big") + message) == status


@pytest.mark.parametrize(
    "message", [b"\x08", b"\x08\x80", b"\x08" + b"\x80" * 10 + b"\x01", b"\x08\x01\x12\x05ab", b"\x0b", b"\x0d123"]
)
def test_a_message_that_is_cut_off_or_none_is_refused(message: bytes):
    with pytest.raises(ValueError, match=r"cut off|no known kind"):
        serving_in(b"\0" + len(message).to_bytes(4, "big") + message)


@given(st.binary(max_size=40))
def test_any_message_is_read_or_refused(message: bytes):
    with suppress(ValueError):
        assert serving_in(b"\0" + len(message).to_bytes(4, "big") + message) >= 0


frames = st.builds(
    lambda kind, flags, number, data: len(data).to_bytes(3, "big") + bytes([kind, flags]) + number + data,
    st.integers(0, 10), st.integers(0, 255), st.sampled_from([b"\0\0\0\0", b"\0\0\0\1", b"\0\0\0\2"]),
    st.binary(max_size=30),
)  # fmt: skip


@given(st.lists(st.one_of(frames, st.binary(max_size=20)), max_size=8))
def test_any_bytes_are_borne(pieces: list[bytes]):
    connection = build_health_call("x", 1, "")._begin()
    incoming = Incoming()
    try:
        incoming.take(connection, b"\0\0\0\4\0\0\0\0\0")  # the settings that begin every connection
        for piece in pieces:
            incoming.take(connection, piece)
        if incoming.is_whole:
            incoming.health(Phases(), None)
    except Unreachable as error:
        assert str(error).isprintable()


# -- options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"port": 0}, "port must be a number from 1 to 65535"),
        ({"host": "a b"}, "no host name has"),
        ({"ca": "x"}, "ca and client_certificate are for tls: true"),
        ({"service": "a\nb"}, "service: the name of a service"),
        ({"service": "a" * 2000}, "service: the name of a service"),
        ({"server_name": "a b"}, "server_name: "),
        ({"metadata": {"grpc-timeout": "1"}}, "metadata: the header grpc-timeout is set by the call"),
        ({"metadata": {"te": "1"}}, "metadata: the header te is set by the call"),
        ({"metadata": {"a b": "1"}}, "metadata: 'a b' is not the name of a header"),
        ({"metadata": {"a": "é"}}, "metadata: the header a has a character"),
        ({"metadata": {"a": "x\r\ny"}}, "metadata: the header a has a character"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], text: str):
    with pytest.raises(ValueError, match=text):
        Grpc(**{"host": "x", "port": 1, **options})
