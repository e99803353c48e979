"""A small strict server of HTTP on which the fakes of outside places stand: it hears, answers, refuses, hangs up.

It is strict, so that a destination which passes here passes elsewhere: a malformed request, a body that is not
what its Content-Type says, a missing length are answered with 400 and kept apart, in `refused`.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

_REQUEST_LINE = re.compile(r"([A-Z]+) (/[!-~]*) HTTP/1\.1")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")
LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Heard:
    """One request, as it came over the wire; `answered` is the status it got, None where the line was dropped."""

    n: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    answered: int | None = 200

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True, strict_parsing=False))

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def line(self) -> str:
        """The request as one line of JSON."""
        plain = {
            "n": self.n,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": dict(self.headers),
            "body": self.body.decode("utf-8", "replace"),
            "answered": self.answered,
        }
        return json.dumps(plain) + "\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets. `drop` takes it and hangs up: sent, but not acknowledged. `hold` waits for release()."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    drop: bool = False
    hold: bool = False
    delay: float = 0.0


class Malformed(Exception):
    """A request that a strict server refuses; the text says why."""


class Site:
    """The server: `async with Site() as site`, then `site.url`, `site.heard`, `site.answer(503, times=2)`.

    A fake of some place says in `reply` what it makes of a request. What was ordered with `answer` is answered in its
    stead; after `drop` and `hold` the place has taken a request, and whoever sent it does not know.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        remembers: int | None = None,
    ) -> None:
        """`remembers` is how many of the newest requests are kept, and what comes of them; all where nobody says."""
        self.heard: list[Heard] = []
        self.count = 0
        self.refused: list[str] = []
        self._remembers = remembers
        self._host, self._port, self._tls = host, port, tls
        self._next: list[Answer | None] = []
        self._released = asyncio.Event()
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, self._port, ssl=self._tls)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self._port}"

    def reply(self, heard: Heard) -> Answer:
        """What this place makes of a request."""
        return Answer()

    def finished(self, heard: Heard, answer: Answer) -> Answer:
        """An answer as it goes out, also one that was ordered."""
        return answer

    def keep(self, heard: Heard) -> None:
        """One more request that has come, whatever it is answered."""
        self.heard.append(heard)
        self.forget(self.heard)

    def forget(self, *kept: list[Any] | dict[Any, Any]) -> None:
        """Of each of these, the oldest beyond what the place remembers."""
        if self._remembers is None:
            return
        for one in kept:
            surplus = max(0, len(one) - self._remembers)
            if isinstance(one, list):
                del one[:surplus]
                continue
            for key in list(one)[:surplus]:
                del one[key]

    def answer(self, status: int, *, times: int = 1, body: bytes | None = None, **headers: str) -> None:
        """Answer the next requests so; headers are written with underscores, as in `Retry_After="3"`."""
        spelt = {name.replace("_", "-"): value for name, value in headers.items()}
        self._next += [Answer(status, spelt, body)] * times

    def let(self, times: int) -> None:
        """Answer the next requests as ever, before what is ordered after this."""
        self._next += [None] * times

    def drop(self, times: int = 1) -> None:
        """Take the next requests whole and hang up without a word."""
        self._next += [Answer(drop=True)] * times

    def hold(self, times: int = 1) -> None:
        """Keep the next requests waiting until `release`."""
        self._next += [Answer(hold=True)] * times

    def release(self) -> None:
        self._released.set()

    async def hears(self, count: int) -> list[Heard]:
        """The first `count` requests, once they have come."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.heard) >= count)
        return self.heard[:count]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        # a client may hang up in the middle of anything: that is its right, and no trouble of the server's
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                method, target, headers, body = await _read(reader)
            except (Malformed, asyncio.LimitOverrunError, ValueError) as error:
                self.refused.append(str(error))
                self.forget(self.refused)
                writer.write(_spell(Answer(400, body=json.dumps({"error": str(error)}).encode())))
                return await writer.drain()
            answer = await self._meet(method, target, headers, body)
            if answer.drop:
                return None
            writer.write(_spell(answer))
            await writer.drain()
            if headers.get("connection", "").lower() == "close":
                return None

    async def _meet(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What one request is answered, once it has been taken, and kept."""
        ordered = self._next.pop(0) if self._next else None
        self.count += 1
        heard = Heard(self.count, method, target, headers, body)
        taken = self.reply(heard) if ordered is None or ordered.drop or ordered.hold else ordered
        self.keep(replace(heard, answered=None if ordered is not None and ordered.drop else taken.status))
        async with self._news:
            self._news.notify_all()
        if ordered is not None and ordered.hold:
            await self._released.wait()
        if taken.delay:
            await asyncio.sleep(taken.delay)
        return replace(self.finished(heard, taken), drop=ordered is not None and ordered.drop)


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
    request = _REQUEST_LINE.fullmatch(first)
    if request is None:
        raise Malformed("the request line is malformed")
    headers = _headers(rest)
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length) > LARGEST or "transfer-encoding" in headers:
        raise Malformed("the body needs a plain Content-Length within the limit")
    body = await reader.readexactly(int(length))
    _weigh(headers.get("content-type", ""), body)
    return request[1], request[2], headers, body


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise Malformed("a header line is malformed")
        name = match[1].lower()
        if name in headers and name in ("host", "content-length", "content-type", "authorization"):
            raise Malformed(f"the header {name} came twice")
        headers[name] = match[2].strip()
    if "host" not in headers:
        raise Malformed("there is no Host header")
    return headers


def _weigh(kind: str, body: bytes) -> None:
    """ValueError where the body is not what it says it is."""
    if not body:  # some clients name a type for it all the same
        return
    if not kind:
        raise Malformed("there is a body without a Content-Type")
    if "json" in kind:
        json.loads(body.decode("utf-8"))
    elif "urlencoded" in kind:
        parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)


def _spell(answer: Answer) -> bytes:
    body = b"" if answer.status == 204 else answer.body or b""
    lines = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines += ["Content-Type: application/json"] if body and "Content-Type" not in answer.headers else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _phrase(status: int) -> str:
    known = [one.phrase for one in HTTPStatus if one == status]
    return known[0] if known else "Status"


def answer_json(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; headers are written with underscores."""
    spelt = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, {"Content-Type": "application/json", **spelt}, json.dumps(value).encode())
