"""A webhook that remembers every request it heard; as a program it keeps them in a file that outlives a crash.

It is strict, so that a destination which passes here passes elsewhere: a malformed request, a body that is not
what its Content-Type says, a missing length are answered with 400 and kept apart, in `refused`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import ssl
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote

_REQUEST_LINE = re.compile(r"([A-Z]+) (/[!-~]*) HTTP/1\.1")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")
_REASONS = {200: "OK", 202: "Accepted", 204: "No Content", 307: "Temporary Redirect", 400: "Bad Request"}
_REASONS |= {429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}
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
    """What a request gets. `drop` reads it and hangs up: sent, but not acknowledged. `hold` waits for release()."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    drop: bool = False
    hold: bool = False
    delay: float = 0.0


class Malformed(Exception):
    """A request that a strict server refuses; the text says why."""


class Webhook:
    """The server: `async with Webhook() as hook`, then `hook.url`, `hook.heard`, `hook.answer(503, times=2)`."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        record: Path | None = None,
        tls: ssl.SSLContext | None = None,
        remembers: int | None = None,
    ) -> None:
        """`remembers` is how many of the newest requests are kept; all of them where nobody says."""
        self.heard: list[Heard] = []
        self.count = 0
        self._remembers = remembers
        self.refused: list[str] = []
        self.usual = Answer()
        self.links = ""
        """Where what is made here can be seen; each answer then holds the link to its own."""
        self._host, self._port, self._record, self._tls = host, port, record, tls
        self._next: list[Answer] = []
        self._released = asyncio.Event()
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Webhook:
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

    def answer(self, status: int, *, times: int = 1, body: bytes | None = None, **headers: str) -> None:
        """Answer the next requests so; headers are written with underscores, as in `Retry_After="3"`."""
        spelt = {name.replace("_", "-"): value for name, value in headers.items()}
        self._next += [Answer(status, spelt, body)] * times

    def drop(self, times: int = 1) -> None:
        """Read the next requests whole and hang up without a word."""
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
                writer.write(_spell(Answer(400, body=json.dumps({"error": str(error)}).encode())))
                return await writer.drain()
            answer = self._next.pop(0) if self._next else self.usual
            await self._keep(method, target, headers, body, None if answer.drop else answer.status)
            if answer.hold:
                await self._released.wait()
            if answer.delay:
                await asyncio.sleep(answer.delay)
            if answer.drop:
                return None
            plain = answer.body if answer.body is not None else self._made()
            writer.write(_spell(Answer(answer.status, answer.headers, b"" if answer.status == 204 else plain)))
            await writer.drain()
            if headers.get("connection", "").lower() == "close":
                return None

    def _made(self) -> bytes:
        link = {"link": f"{self.links}{self.count}"} if self.links else {}
        return json.dumps({"id": str(self.count), **link}).encode()

    async def _keep(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, status: int | None
    ) -> None:
        self.count += 1
        heard = Heard(self.count, method, target, headers, body, status)
        self.heard.append(heard)
        if self._remembers is not None:
            del self.heard[: -self._remembers]
        if self._record is not None:
            _append(self._record, heard.line())
        async with self._news:
            self._news.notify_all()


def _append(path: Path, line: str) -> None:
    """On the disk before the answer leaves: what was acknowledged is always in the count."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


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
    if body and not kind:
        raise Malformed("there is a body without a Content-Type")
    if "json" in kind:
        json.loads(body.decode("utf-8"))
    elif "urlencoded" in kind:
        parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)


def _spell(answer: Answer) -> bytes:
    body = answer.body or b""
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Status')}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines += ["Content-Type: application/json"] if body and "Content-Type" not in answer.headers else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def _run(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stopped.set)
    async with Webhook(options.host, options.port, options.record) as hook:
        hook.usual = Answer(delay=options.delay)
        hook.drop(options.drop)
        if options.status is not None:
            hook.answer(options.status, times=options.times)
        sys.stdout.write(f"{hook.port}\n")
        sys.stdout.flush()
        await stopped.wait()


def main(argv: list[str] | None = None) -> None:
    """Serve until a signal; the port that was got is the first line of stdout."""
    parser = argparse.ArgumentParser(prog="python -m tui_monitor.fakes.webhook", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path, help="append each request to this file, one line of JSON each")
    parser.add_argument("--drop", type=int, default=0, metavar="N", help="hang up on the first N without an answer")
    parser.add_argument("--status", type=int, help="answer the next --times requests with this status")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds to wait before each usual answer")
    asyncio.run(_run(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
