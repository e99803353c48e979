"""`redis` from the outside: a real Redis in every state that it can be brought into, and servers that only say so."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.net.small import flood, serving
from tests.net.test_tls import authority
from tui_monitor.checks.redis import Redis
from tui_monitor.core.errors import Unreachable
from tui_monitor.core.model import Reading
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Way
from tui_monitor.net.protocols.redis import is_answered, read_replies

PASSWORD = "pa ss\r\nwörd%"


async def look(way: Way, **options: object) -> Reading:
    check = Redis(**({} if {"url", "socket"} & set(options) else {"host": "127.0.0.1"}), **options)
    return check.judge(await check.look(way))


def saying(said: bytes):
    """A server that reads a first command and says this."""

    async def handle(reader, writer):
        await reader.read(1)
        writer.write(said)
        await writer.drain()
        await reader.read()

    return serving(handle)


async def verdict(way: Way, said: bytes, **options: object) -> Reading:
    async with saying(said) as served:
        return await look(way, port=served.port, **options)


# -- a real one -----------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def redis_server(folder: Path, *options: str) -> AsyncIterator[int]:
    """A Redis of this test's own; the port that it listens on."""
    port = free_port()
    usual = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder), "--enable-debug-command"]
    process = await asyncio.create_subprocess_exec(
        "redis-server", *usual, "yes", *options, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        said = b""
        while b"Ready to accept connections" not in said:
            line = await process.stdout.readline()
            assert line, said.decode()
            said += line
        yield port
    finally:
        process.kill()
        await process.communicate()


async def tell(port: int, *command: str) -> tuple[asyncio.StreamWriter, bytes]:
    """Say something to a Redis; the open line, and the first line of its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    words = "".join(f"${len(word)}\r\n{word}\r\n" for word in command)
    writer.write(f"*{len(command)}\r\n{words}".encode())
    return writer, await reader.readline()


@pytest.mark.service("redis")
async def test_a_redis_that_is_well_answers_pong(way: Way):
    reading = await look(way, port=6379, role="master", database=1)
    assert (reading.status, reading.message, reading.cause) == (Status.OPERATIONAL, "PONG from a master", "")
    assert [(one.name, one.value) for one in reading.measures] == [("replicas", 0)]
    assert 0 < reading.phases.connect <= reading.phases.total == reading.latency


@pytest.mark.service("redis")
async def test_a_database_that_is_not_there_is_told(way: Way):
    reading = await look(way, port=6379, database=99)
    assert (reading.status, reading.cause) == (Status.MAJOR, "database")
    assert reading.message == "it has no database of this number"


@pytest.mark.service("redis")
async def test_a_password_where_there_is_none_set_is_told(way: Way):
    reading = await look(way, port=6379, password=Secret("secret-1"))
    assert (reading.status, reading.cause) == (Status.MAJOR, "login")
    assert reading.message == "a password was given, and it has none set"


@pytest.mark.service("redis-server")
async def test_a_password_is_asked_for_and_tried(way: Way, tmp_path):
    quoted = '"' + PASSWORD.replace("\r\n", r"\r\n") + '"'
    (tmp_path / "redis.conf").write_text(
        f"requirepass {quoted}\nuser guest on >guest-1 ~* +ping\nuser mute on >mute-1\n"
    )
    async with redis_server(tmp_path, "--include", str(tmp_path / "redis.conf")) as port:
        right = await look(way, port=port, password=Secret(PASSWORD))
        none = await look(way, port=port)
        wrong = await look(way, port=port, password=Secret("secret-1"))
        guest = await look(way, port=port, user="guest", password=Secret("guest-1"))
        nosy = await look(way, port=port, user="guest", password=Secret("guest-1"), role="master")
        mute = await look(way, port=port, user="mute", password=Secret("mute-1"))
        url = await look(way, url=Secret(f"redis://guest:guest%2D1@127.0.0.1:{port}"))
    assert (right.message, guest.message, url.message) == ("PONG", "PONG", "PONG")
    assert none.message == "it wants a password, and none was given"
    assert wrong.message == "it refuses the user or the password"
    assert mute.message == "the user is not allowed to say PING"
    assert nosy.message == "the user is not allowed to say ROLE"
    assert {one.cause for one in (none, wrong, mute, nosy)} == {"login"}
    assert {one.status for one in (none, wrong, mute, nosy)} == {Status.MAJOR}


@pytest.mark.service("redis-server")
async def test_a_replica_and_its_master_know_who_they_are(way: Way, tmp_path):
    async with (
        redis_server(tmp_path, "--repl-diskless-sync-delay", "0") as master,
        redis_server(tmp_path, "--replicaof", f"127.0.0.1 {master}") as replica,
    ):
        while (reading := await look(way, port=replica, role="replica")).status is not Status.OPERATIONAL:
            assert reading.cause == "link"
        assert reading.message == "PONG from a replica"
        mistaken = await look(way, port=replica, role="master")
        assert (mistaken.status, mistaken.message) == (Status.MAJOR, "it is a replica, expected a master")
        while (reading := await look(way, port=master, role="master")).measures[0].value != 1:
            assert reading.status is Status.OPERATIONAL


@pytest.mark.service("redis-server")
async def test_a_replica_that_has_lost_its_master_is_told(way: Way, tmp_path):
    away = f"127.0.0.1 {free_port()}"
    async with redis_server(tmp_path, "--replicaof", away, "--replica-serve-stale-data", "no") as port:
        reading = await look(way, port=port)
    assert (reading.status, reading.cause) == (Status.MAJOR, "master")
    async with redis_server(tmp_path, "--replicaof", away) as port:
        reading = await look(way, port=port, role="replica")
    assert (reading.status, reading.cause) == (Status.DEGRADED, "link")


@pytest.mark.service("redis-server")
async def test_a_redis_that_is_busy_with_a_script_is_told(way: Way, tmp_path):
    async with redis_server(tmp_path, "--busy-reply-threshold", "1") as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"EVAL 'while true do end' 0\r\n")
        reading = await look(way, port=port)
        writer.close()
    assert (reading.status, reading.cause) == (Status.PARTIAL, "busy")


@pytest.mark.service("redis-server")
async def test_a_redis_that_is_full_is_told(way: Way, tmp_path):
    async with redis_server(tmp_path, "--maxclients", "1") as port:
        writer, pong = await tell(port, "PING")
        assert pong == b"+PONG\r\n"
        reading = await look(way, port=port)
        writer.close()
    assert (reading.status, reading.cause) == (Status.MAJOR, "full")


@pytest.mark.service("redis-server")
async def test_a_redis_that_cannot_save_refuses_writes(way: Way, tmp_path):
    async with redis_server(tmp_path, "--save", "3600 1") as port:
        (tmp_path / "dump.rdb").mkdir()
        for command in ("INCR", "a"), ("BGSAVE",):
            writer, _ = await tell(port, *command)
            writer.close()
        while (reading := await look(way, port=port)).status is Status.OPERATIONAL:
            pass  # until its child has failed
    assert (reading.status, reading.cause) == (Status.PARTIAL, "disk")


@pytest.mark.service("redis-server")
async def test_a_redis_is_reached_by_its_socket_too(way: Way, tmp_path):
    async with redis_server(tmp_path, "--unixsocket", str(tmp_path / "r.sock"), "--requirepass", "se cret"):
        relative = await look(way, socket="r.sock", password=Secret("se cret"), database=2, role="master")
        url = await look(way, url=Secret(f"unix://:se%20cret@{tmp_path}/r.sock?db=2"))
        assert (await look(way, socket="r.sock")).cause == "login"
    assert (relative.message, url.message) == ("PONG from a master", "PONG")
    with pytest.raises(Unreachable) as caught:
        await look(way, socket="none.sock")
    assert caught.value.cause == "refused"


@pytest.mark.service("redis-server")
async def test_a_redis_behind_tls_is_asked_like_any_other(way: Way, tmp_path):
    ca = authority(tmp_path)
    ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "us.pem"))
    pem, port = str(tmp_path / "us.pem"), free_port()
    files = ["--tls-cert-file", pem, "--tls-key-file", pem, "--tls-ca-cert-file", str(tmp_path / "ca.pem")]
    async with redis_server(tmp_path, "--tls-port", str(port), "--tls-auth-clients", "no", *files):
        reading = await look(way, port=port, tls=True, ca="ca.pem")
        assert reading.status is Status.OPERATIONAL
        assert reading.certificate_until is not None
        with pytest.raises(Unreachable, match="is not trusted"):
            await look(way, url=Secret(f"rediss://127.0.0.1:{port}/0"))


# -- one that only says so ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "status", "cause", "text"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "degraded", "loading", "still loading its data"),
        (b"-MISCONF Redis is configured to save RDB snapshots\r\n", "partial", "disk", "refuses writes"),
        (b"-DENIED Redis is running in protected mode\r\n", "major", "login", "protected mode"),
        (b"-ERR what\x1b[31m is this\r\n", "major", "refused:PING", "PING failed: ERR what [31m is this"),
        (b"+PANG\r\n", "major", "protocol", "answered PING with PANG"),
        (b":1\r\n", "major", "protocol", "answered PING with 1"),
        (b"$-1\r\n", "major", "protocol", "answered PING with None"),
        (b"SSH-2.0-x\n", "major", "protocol", "it said SSH-2.0-x"),
        (b"\r\n", "major", "protocol", "it said something"),
        (b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "major", "protocol", "does not speak"),
        (b"$9" + b"9" * 5000 + b"\r\n", "major", "protocol", "does not speak"),
        (b"$999999999\r\n" + b"x" * 20_000, "major", "protocol", "does not speak"),
    ],
)
async def test_each_answer_has_a_sentence_and_a_cause(way: Way, said: bytes, status: str, cause: str, text: str):
    reading = await verdict(way, said)
    assert (reading.status.value, reading.cause) == (status, cause)
    assert text in reading.message
    assert reading.message.isprintable()


@pytest.mark.parametrize(
    ("said", "status", "cause", "text"),
    [
        (b"*1\r\n$8\r\nsentinel\r\n", "major", "role", "it is a sentinel, expected a master"),
        (b"+master\r\n", "operational", "", "PONG from a master"),
        (b"*0\r\n", "major", "role", "expected a master"),
        (b"*-1\r\n", "major", "role", "expected a master"),
        (b"-ERR unknown command 'ROLE'\r\n", "major", "refused:ROLE", "ROLE failed: ERR unknown command 'ROLE'"),
    ],
)
async def test_a_role_may_come_in_odd_clothes(way: Way, said: bytes, status: str, cause: str, text: str):
    reading = await verdict(way, b"+PONG\r\n" + said, role="master")
    assert (reading.status.value, reading.cause) == (status, cause)
    assert text in reading.message


async def test_an_answer_may_come_in_pieces(way: Way):
    async def handle(reader, writer):
        await reader.read(1)
        for byte in b"+PONG\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        await reader.read()

    async with serving(handle) as served:
        assert (await look(way, port=served.port, role="master")).status is Status.OPERATIONAL


async def test_a_connection_that_is_closed_too_soon_names_what_was_not_answered(way: Way):
    async def handle(reader, writer):
        await reader.read(1)
        writer.write(b"+OK\r\n+PO")

    async with serving(handle) as served:
        reading = await look(way, port=served.port, database=3)
    assert reading.message == "it closed the connection without an answer to PING"


async def test_an_answer_that_is_late_is_degraded(way: Way):
    assert (await verdict(way, b"+PONG\r\n", latency=1e-9)).cause == "latency"
    assert (await verdict(way, b"+PONG\r\n", latency=9)).status is Status.OPERATIONAL
    down = await verdict(way, b"-LOADING\r\n", latency=1e-9)
    assert down.cause == "loading"


async def test_endless_talk_ends_at_once(way: Way):
    async def handle(reader, writer):
        await flood(writer, b"+blah\r\n" * 1000)

    async with serving(handle) as served:
        reading = await look(way, port=served.port)
    assert reading.cause == "protocol"


async def test_what_is_said_is_spelt_byte_by_byte(way: Way):
    heard = []

    async def handle(reader, writer):
        heard.append(await reader.readuntil(b"PING\r\n"))
        writer.write(b"+OK\r\n" * 2 + b"+PONG\r\n")

    async with serving(handle) as served:
        url = Secret(f"redis://us%40er:{'p%C3%A4ss'}@127.0.0.1:{served.port}/2")
        assert (await look(way, url=url)).status is Status.OPERATIONAL
    first = b"*3\r\n$4\r\nAUTH\r\n$5\r\nus@er\r\n$5\r\np\xc3\xa4ss\r\n"
    assert heard == [first + b"*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n*1\r\n$4\r\nPING\r\n"]


@pytest.mark.parametrize("password", ["hunter-22", PASSWORD])
async def test_the_password_is_shown_nowhere(way: Way, password: str):
    check = Redis("127.0.0.1", 6379, user="us", password=Secret(password))
    assert password not in repr(check)
    assert password not in repr(check.call)
    for echo in (f"-ERR you said {password}\r\n", f"you said {password}", f"+OK\r\n+{password}\r\n"):
        reading = await verdict(way, echo.encode(), password=Secret(password))
        assert reading.status is Status.MAJOR
        assert not [part for part in ("hunter", "pa ss", "wörd") if part in reading.message]


async def test_part_of_the_password_is_not_shown_either(way: Way):
    """What a real one says that has no AUTH, of which it repeats only so much."""
    said = b"-ERR unknown command 'AUTH', with args beginning with: 'hunter-2\r\n"
    reading = await verdict(way, said, password=Secret("hunter-22"))
    assert (reading.message, reading.cause) == ("it does not let us log in", "login")


@given(st.binary(max_size=200), st.integers(0, 9))
def test_any_bytes_are_replies_or_refused(said: bytes, commands: int):
    assert is_answered(said, commands) in (True, False)
    try:
        assert len(read_replies(said)) <= len(said)
    except ValueError:
        assert is_answered(said, 1)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "give one of host, socket, and url"),
        ({"host": "x", "url": Secret("redis://x")}, "give one of host, socket, and url"),
        ({"host": "x", "socket": "y"}, "give one of host, socket, and url"),
        ({"socket": "y", "tls": True}, "socket has no port, and speaks no TLS"),
        ({"socket": "y\0"}, "^socket: "),
        ({"url": Secret("unix://hidden.example")}, "^url: it must be like"),
        ({"url": Secret("unix:///hidden?db=x")}, "^url: it cannot be read"),
        ({"url": Secret("redis://x"), "database": 2}, "url has port, user, password, database"),
        ({"url": Secret("http://hidden.example")}, "^url: it must be like redis://"),
        ({"url": Secret("redis://")}, "^url: it must be like redis://"),
        ({"url": Secret("redis://hidden.example/x")}, "^url: it cannot be read"),
        ({"url": Secret("redis://hidden.example:x")}, "^url: it cannot be read"),
        ({"url": Secret("redis://hidden.example/-1")}, "database is a number"),
        ({"host": "x", "database": -1}, "database is a number"),
        ({"host": "x", "port": 0}, "a number from 1 to 65535"),
        ({"host": "x", "user": "me"}, "user is of no use without a password"),
        ({"host": "x", "ca": "ca.pem"}, "tls: true"),
        ({"host": "x", "latency": 0.0}, "more than nothing"),
        ({"host": "a b"}, "no host name has"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict, text: str):
    with pytest.raises(ValueError, match=text) as caught:
        Redis(**options)
    assert "hidden" not in str(caught.value)
