"""The servers of the demo in each of their moods, over real sockets."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from tui_monitor.fakes.demo.servers import GONE, HANGS, HOST, Line, Program, Server
from tui_monitor.fakes.demo.town import DISK, HOUSES, PROGRAM

SHORT = 0.3
"""Seconds after which nothing has come that would have come at once."""


def server_of(name: str) -> Server:
    house = HOUSES[name]
    return Server(house.talk, house.moods, 20.0, random.Random(1))


@pytest.fixture
async def site() -> AsyncIterator[Server]:
    found = server_of("website")
    await found.open()
    yield found
    await found.close()


async def ask(port: int, words: bytes = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(words)
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def connect(port: int) -> None:
    _, writer = await asyncio.open_connection(HOST, port)
    writer.close()


async def test_a_site_that_is_well_says_so(site: Server):
    head, _, body = (await ask(site.port)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Welcome" in body
    assert f"Content-Length: {len(body)}".encode() in head


async def test_one_that_is_gone_refuses_and_comes_back_on_the_same_port(site: Server):
    port = site.port
    await site.turn(GONE)
    with pytest.raises(ConnectionRefusedError):
        await ask(port)
    await site.turn("well")
    assert site.port == port
    assert b"Welcome" in await ask(port)


async def test_one_that_hangs_takes_the_connection_and_says_nothing(site: Server):
    await site.turn(HANGS)
    reader, writer = await asyncio.open_connection(HOST, site.port)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), SHORT)
    writer.close()


async def test_a_cut_line_is_as_silent_as_one_that_hangs(site: Server):
    site.is_cut = True
    reader, writer = await asyncio.open_connection(HOST, site.port)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), SHORT)
    writer.close()


async def test_a_mood_that_it_does_not_have_is_a_mistake_of_the_script(site: Server):
    with pytest.raises(KeyError):
        await site.turn("sad")


@pytest.mark.parametrize("name", [name for name, house in HOUSES.items() if not house.is_secret and name != "names"])
async def test_every_server_answers_in_every_mood(name: str):
    found = server_of(name)
    await found.open()
    try:
        for mood, page in HOUSES[name].moods.items():
            await found.turn(mood)
            said = await ask(found.port)
            assert bool(said) is bool(page.text)
            assert b"$" not in said
            if page.text.startswith("{"):
                json.loads(said.partition(b"\r\n\r\n")[2])
    finally:
        await found.close()


QUESTION = bytes.fromhex("001e abcd 0100 0001 0000 0000 0000 0473686f70 076578616d706c65 00 0001 0001")


async def test_the_name_server_knows_one_address():
    found = server_of("names")
    await found.open()
    try:
        said = await ask(found.port, QUESTION)
        assert len(said) == 2 + int.from_bytes(said[:2])
        assert said[2:4] == QUESTION[2:4]
        assert said.endswith(bytes((192, 0, 2, 10)))
    finally:
        await found.close()


async def test_a_line_that_is_cut_answers_nothing_at_all_until_it_is_mended():
    line = Line()
    await line.open()
    port = line.port
    try:
        await connect(port)
        await line.cut()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connect(port), SHORT)
        await line.open()
        await connect(port)
    finally:
        await line.close()
    with pytest.raises(ConnectionRefusedError):
        await connect(port)


@pytest.mark.parametrize(
    ("mood", "code", "words"), [("well", 0, "OK"), ("filling", 1, "WARNING"), ("full", 2, "CRIT")]
)
async def test_the_program_says_how_full_the_disk_is(mood: str, code: int, words: str, tmp_path: Path):
    (tmp_path / "disk.sh").write_text(PROGRAM)
    await Program(tmp_path / "disk.txt", DISK).turn(mood)
    running = await asyncio.create_subprocess_exec("sh", "disk.sh", "disk.txt", cwd=tmp_path, stdout=-1)
    said, _ = await running.communicate()
    assert running.returncode == code
    assert words in said.decode()
