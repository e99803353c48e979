"""The client meets sockets that are absent, dead, strange or slow, and always says so in one sentence."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tui_monitor.control.client import Client
from tui_monitor.core.errors import EngineUnreachable, Rejected


@asynccontextmanager
async def answering(path: Path, answer: bytes, *, stay: bool = False) -> AsyncIterator[None]:
    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        if stay:
            await reader.read()
        writer.close()
        served.set()

    server = await asyncio.start_unix_server(serve, str(path))
    yield
    await served.wait()
    server.close()
    await server.wait_closed()


async def test_no_socket_means_no_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachable, match=r"^no engine runs on this state$"):
        await Client(tmp_path / "engine.sock").snapshot()


async def test_a_dead_socket_means_no_engine(tmp_path: Path) -> None:
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / "engine.sock"))
    dead.close()
    with pytest.raises(EngineUnreachable, match=r"^no engine runs on this state$"):
        await Client(tmp_path / "engine.sock").snapshot()


async def test_a_path_too_long_for_a_socket_is_no_crash(tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachable):
        await Client(tmp_path / ("x" * 120)).snapshot()


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\xff\xfe" * 100,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nNot Found",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + b"[" * 50_000,
    ],
)
async def test_a_stranger_on_the_socket_is_no_engine(tmp_path: Path, answer: bytes) -> None:
    async with answering(tmp_path / "engine.sock", answer):
        with pytest.raises(EngineUnreachable, match=r"^what answers on the engine's socket is no engine$"):
            await Client(tmp_path / "engine.sock").snapshot()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"])
async def test_an_answer_that_breaks_off_is_no_answer(tmp_path: Path, answer: bytes) -> None:
    async with answering(tmp_path / "engine.sock", answer):
        with pytest.raises(EngineUnreachable, match="went away"):
            await Client(tmp_path / "engine.sock").snapshot()


async def test_an_engine_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    async with answering(tmp_path / "engine.sock", b"", stay=True):
        with pytest.raises(EngineUnreachable, match="in time"):
            await Client(tmp_path / "engine.sock", patience=0.05).snapshot()


async def test_a_problem_that_is_not_known_yet_is_a_refusal(tmp_path: Path) -> None:
    body = b'{"type": "of-tomorrow", "detail": "not today"}'
    head = f"HTTP/1.1 418 No\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with answering(tmp_path / "engine.sock", head + body):
        with pytest.raises(Rejected, match=r"^not today$"):
            await Client(tmp_path / "engine.sock").snapshot()


def test_the_client_starts_without_what_is_heavy() -> None:
    heavy = "{'httpx', 'pydantic', 'starlette', 'uvicorn', 'yaml', 'rich', 'sqlite3', 'textual', 'http.client'}"
    program = f"import sys, tui_monitor.control.client; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
