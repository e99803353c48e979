"""Exchanges over sockets of this machine: the same as over TCP, but for how one gets there."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.net.small import Handler, Served, head_of, response
from tests.net.test_request import moved
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.net import Net, build_request
from tui_monitor.net.flow import Flow
from tui_monitor.net.request import place_of_socket
from tui_monitor.net.talk import Call, talk


@asynccontextmanager
async def serving_at(path: Path, handler: Handler) -> AsyncIterator[Served]:
    """A server at a socket of this machine."""
    served = Served()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.connections += 1
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            served.closed.set()
            writer.close()

    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(handle(reader, writer)))

    server = await asyncio.start_unix_server(accept, path)
    try:
        yield served
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def answering_at(path: Path, *pieces: bytes, hold: bool = False) -> AsyncIterator[Served]:
    """Each request is answered by these bytes; then the connection is closed, or held until the other side goes."""
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await head_of(reader))
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if hold:
            await reader.read()

    async with serving_at(path, handle) as served:
        served.heard = heard
        yield served


@pytest.fixture
def path() -> Iterator[Path]:
    """Paths of sockets may only be short."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "s"


def request(path: Path | str, target: str = "", **options):
    return build_request("GET", f"http://localhost/{target}", socket=str(path), **options)


async def test_a_request_is_answered_at_a_socket(net: Net, path: Path):
    async with answering_at(path, response(b"hello")) as served:
        answer = await net.fetch(request(path, "v1/things?a=b"), 5)
    assert (answer.status, answer.text) == (200, "hello")
    assert 0 < answer.phases.connect <= answer.phases.total
    head = served.heard[0].decode()
    assert head.startswith("GET /v1/things?a=b HTTP/1.1\r\nHost: localhost\r\n")


async def test_a_relative_path_starts_at_home(path: Path):
    net = Net(path.parent, places=1)
    async with answering_at(path, response()):
        assert (await net.fetch(request("s"), 5)).status == 200
    await net.close()


async def test_a_plain_talk_goes_there_too(net: Net, path: Path):
    async def handle(reader, writer):
        assert await reader.readline() == b"hello\n"
        writer.write(b"you too")

    async with serving_at(path, handle):
        flow: Flow = Flow(net.loop)
        call = Call(place_of_socket(str(path)), say=b"hello\n", enough=lambda said: said == b"you too")
        assert (await flow.run(talk(net, flow, call), 5)).is_enough


async def test_no_proxy_is_asked(path: Path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    net = Net()
    async with answering_at(path, response()):
        assert (await net.fetch(request(path), 5)).status == 200
    await net.close()


async def test_lines_that_are_kept_are_kept_apart(net: Net, path: Path):
    other = path.with_name("t")
    async with answering_at(path, response(b"one"), hold=True), answering_at(other, response(b"two"), hold=True):
        assert (await net.fetch(request(path, reuse=True), 5)).text == "one"
        assert (await net.fetch(request(other, reuse=True), 5)).text == "two"


async def test_no_redirect_leads_away_from_a_socket(net: Net, path: Path):
    async with answering_at(path, moved("http://localhost:1/")):
        assert (await net.fetch(request(path), 5)).status == 302
        with pytest.raises(Unreachable, match="redirected away from a socket of this machine"):
            await net.fetch(request(path, redirects=3), 5)


async def test_silence_ends_at_the_deadline(net: Net, path: Path):
    async with answering_at(path, hold=True) as served:
        with pytest.raises(Unreachable, match="still waiting for the first byte") as caught:
            await net.fetch(request(path), 0.05)
        await served.closed.wait()
    assert caught.value.cause == "timeout"


# -- who cannot be reached ------------------------------------------------------------------------------------------


async def test_a_socket_that_is_not_there_is_for_this_machine_to_see_to(net: Net, path: Path):
    (path.parent / "file").touch()
    for one in (path, path.parent / "file" / "below"):
        with pytest.raises(Unreadable, match=r"there is no socket .*: is the service that makes it installed"):
            await net.fetch(request(one), 5)


async def test_a_socket_that_is_not_for_us_is_told_with_what_to_do(net: Net, path: Path):
    async with answering_at(path, response()):
        path.chmod(0)
        path.parent.chmod(0o755)
        if not os.geteuid():
            os.seteuid(65534)
        try:
            with pytest.raises(Unreadable, match=r"may not use the socket .*: add it to the group"):
                await net.fetch(request(path), 5)
        finally:
            os.seteuid(os.getuid())


def left_behind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


async def test_a_socket_at_which_nobody_listens_any_more_is_refused(net: Net, path: Path):
    left_behind(path)
    with pytest.raises(Unreachable, match="nobody listens at the socket") as caught:
        await net.fetch(request(path), 5)
    assert caught.value.cause == "refused"


async def test_a_file_is_no_socket(net: Net, path: Path):
    path.write_text("")
    with pytest.raises(Unreachable, match="nobody listens"):
        await net.fetch(request(path), 5)


async def test_a_socket_of_another_kind_is_told(net: Net, path: Path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        with pytest.raises(Unreadable, match="is of another kind"):
            await net.fetch(request(path), 5)


@pytest.mark.parametrize("wrong", ["x" * 200, "~nobody-of-this-name/s"])
async def test_a_path_that_cannot_be_used_is_told(net: Net, wrong: str):
    with pytest.raises(Unreadable, match="has a path that cannot be used"):
        await net.fetch(request(wrong), 5)


@pytest.mark.parametrize("wrong", ["a\0b"])
def test_a_path_that_there_can_be_none_of_is_refused(wrong: str):
    with pytest.raises(ValueError, match="socket: the socket has no path"):
        request(wrong)
    with pytest.raises(ValueError, match="the socket has no path"):
        place_of_socket("")


# -- a queue that is full -------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(path: Path) -> Iterator[socket.socket]:
    """A socket whose queue is full of others."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(0)
        others = []
        while True:
            other = socket.socket(socket.AF_UNIX)
            other.setblocking(False)
            others.append(other)
            if other.connect_ex(str(path)):
                break
        yield server
        for other in others:
            other.close()


async def test_a_queue_that_stays_full_is_no_answer(net: Net, path: Path, crowd: socket.socket):
    with pytest.raises(Unreachable, match="within 50 ms, still connecting"):
        await net.fetch(request(path), 0.05)


async def test_a_queue_that_moves_on_lets_us_in(net: Net, path: Path, crowd: socket.socket):
    looking = asyncio.ensure_future(net.fetch(request(path), 5))
    await asyncio.sleep(0)
    taken = []
    crowd.setblocking(False)
    while not looking.done():
        await asyncio.sleep(0)
        try:
            sock = crowd.accept()[0]
        except BlockingIOError:
            continue
        sock.setblocking(True)
        taken.append(sock)
        sock.send(response())
    assert looking.result().status == 200
    for sock in taken:
        sock.close()
