"""The servers of the fleet. Each has a port and a mood; what it says in which mood is data. The script sets moods.

`gone` and `hangs` are moods of every server: nobody listens, and whoever connects waits in vain.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

HOST = "127.0.0.1"
WELL, GONE, HANGS = "well", "gone", "hangs"
AGAIN = 0.2
"""Seconds until a port that somebody else has taken is tried again."""

ROOM, CROWD = 64, 8
"""How many connections may wait at a line, and more than may where there is no room at all."""

_REASONS = {200: "OK", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


@dataclass(frozen=True, slots=True)
class Page:
    """What is said in one mood, and after how long. `$now` in it is this moment, `$then` when the mood began.

    `$then-20` is so many seconds before that, and `$then+20` after it.
    """

    text: str = ""
    status: int = 200
    delay: float = 0.01

    def at(self, now: datetime, since: datetime) -> str:
        def moment(found: re.Match[str]) -> str:
            return _spelt(since + timedelta(seconds=float(found[1] or 0)))

        return re.sub(r"\$then([+-]\d+)?", moment, self.text.replace("$now", _spelt(now)))


def _spelt(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


Talk = Callable[[Page, str, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def http(page: Page, text: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = text.encode()
    kind = "application/json" if text[:1] in ("{", "[") else "text/html; charset=utf-8"
    head = f"HTTP/1.1 {page.status} {_REASONS[page.status]}\r\nContent-Type: {kind}\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    await writer.drain()


async def greeting(page: Page, text: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(text.encode())
    await writer.drain()
    await _until_they_go(reader)


async def commands(page: Page, text: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The same answer to whatever is asked."""
    while await reader.read(64 * 1024):
        writer.write(text.encode())
        await writer.drain()


async def names(page: Page, text: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A name server that knows one address, whatever it is asked for."""
    question = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
    asked = question[12 : question.index(b"\0", 12) + 5]
    head = question[:2] + bytes.fromhex("8580 0001 0001 0000 0000")
    record = bytes.fromhex("c00c 0001 0001 0000003c 0004") + socket.inet_aton(text)
    answer = head + asked + record
    writer.write(len(answer).to_bytes(2) + answer)
    await writer.drain()


async def _until_they_go(reader: asyncio.StreamReader) -> None:
    while await reader.read(64 * 1024):
        pass


class Server:
    """One port on the loopback."""

    def __init__(self, talk: Talk, moods: Mapping[str, Page], speed: float, dice: random.Random) -> None:
        self.port = 0
        self.mood = WELL
        self.is_cut = False
        """Whether nothing comes through from here to there, whatever the mood of the server."""
        self.tls: ssl.SSLContext | None = None
        self._talk = talk
        self._moods = moods
        self._speed = speed
        self._dice = dice
        self._since = datetime.now(UTC)
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Server on {self.port}: {self.mood}>"

    async def open(self) -> None:
        """Listen, on the port that it had before; it is tried again while somebody else is on it."""
        while self._server is None and self.mood != GONE:
            try:
                self._server = await asyncio.start_server(self._accept, HOST, self.port, ssl=self.tls)
                self.port = self._server.sockets[0].getsockname()[1]
            except OSError:
                if not self.port:
                    raise
                await asyncio.sleep(AGAIN)

    async def close(self) -> None:
        self._shut()
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def _shut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    async def turn(self, mood: str) -> None:
        """Another mood from now on. KeyError where the server has no such mood."""
        if mood not in (GONE, HANGS):
            self._moods[mood]
        self.mood, self._since = mood, datetime.now(UTC)
        if mood == GONE:
            self._shut()
        else:
            await self.open()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._talks.add(task)
            task.add_done_callback(self._talks.discard)
        # who looks may hang up at any moment, and so may we
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut or self.mood in (GONE, HANGS):
            await _until_they_go(reader)
            return
        page = self._moods[self.mood]
        await asyncio.sleep(page.delay * self._dice.uniform(0.7, 1.3) / self._speed)
        await self._talk(page, page.at(datetime.now(UTC), self._since), reader, writer)


class Line:
    """What answers at the other end of the line, by which a monitor knows that it is not itself cut off.

    A port that is closed would still answer, with a refusal. So a line is cut by leaving so many connections waiting
    that the system takes no more of them, and answers nothing at all.
    """

    def __init__(self) -> None:
        self._ear = socket.socket()
        self._ear.setblocking(False)
        self._ear.bind((HOST, 0))
        self._ear.listen(ROOM)
        self._waiting: list[socket.socket] = []
        self._taking: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        return int(self._ear.getsockname()[1])

    async def open(self) -> None:
        self._hang_up()
        self._ear.listen(ROOM)
        if self._taking is None:
            self._taking = asyncio.create_task(self._take(), name="line")

    async def cut(self) -> None:
        taking, self._taking = self._taking, None
        if taking is not None:
            taking.cancel()
            await asyncio.wait({taking})
        self._ear.listen(0)
        while len(self._waiting) < CROWD:
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(self._ear.getsockname())
            self._waiting.append(caller)

    async def close(self) -> None:
        await self.cut()
        self._hang_up()
        self._ear.close()

    def _hang_up(self) -> None:
        while self._waiting:
            self._waiting.pop().close()

    async def _take(self) -> None:
        while True:
            caller, _ = await asyncio.get_running_loop().sock_accept(self._ear)
            caller.close()


class Program:
    """Something that is looked at by running it: what it will say stands in a file."""

    def __init__(self, path: Path, moods: Mapping[str, str]) -> None:
        self._path = path
        self._moods = moods

    async def turn(self, mood: str) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(self._moods[mood] + "\n", encoding="ascii")
        fresh.replace(self._path)
