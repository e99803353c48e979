"""The door's far end: a `Control` that asks an engine elsewhere. Light, since every command of the line starts it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httptools

from tui_monitor.control.wire import ANSWER_LIMIT, API, HEALTH, PROBLEMS, TIMEZONE
from tui_monitor.core.codec import decode, encode
from tui_monitor.core.errors import EngineUnreachable, Rejected
from tui_monitor.core.ports import Changes, Command, Outcome

NOBODY = "no engine runs on this state"

PATIENCE = 10.0
"""Seconds that an engine has for an answer, beyond what it was asked to wait."""
WAITS = {"recheck": 600.0, "reload": 60.0}
"""Seconds that these may take beyond: the engine itself ends a look, and secrets of a config come from far away."""


class Client:
    """One connection per request: they are few, and local."""

    def __init__(self, path: Path, patience: float = PATIENCE, absence: Callable[[], str] = lambda: NOBODY) -> None:
        self._path = path
        self._absence = absence
        self._patience = patience
        self.timezone = "UTC"
        """Of the board, as the last answer named it."""

    async def snapshot(self) -> dict[str, Any]:
        return _table(await self._ask("GET", "/board"))

    async def changes(self, cursor: str, wait: float) -> Changes:
        query = _query({"cursor": cursor, "wait": f"{wait:g}"})
        return decode(Changes, _table(await self._ask("GET", f"/changes?{query}", wait=wait)))

    async def history(self, what: str, **options: str) -> Any:
        query = f"?{_query(options)}" if options else ""
        return await self._ask("GET", f"/history/{quote(what, safe='')}{query}")

    async def do(self, command: Command) -> Outcome:
        wait = WAITS.get(command.name, 0.0)
        answer = await self._ask("POST", "/commands", body=json.dumps(encode(command)), wait=wait)
        return decode(Outcome, _table(answer))

    async def health(self) -> dict[str, Any]:
        """Whether the engine itself is `alive`, and of which `version` it is. Quick, whatever it watches."""
        return _table((await self._reach(_request("GET", HEALTH, b""), 0.0)).document())

    async def _ask(self, method: str, target: str, *, body: str = "", wait: float = 0.0) -> Any:
        return (await self._reach(_request(method, API + target, body.encode()), wait)).understood()

    async def _reach(self, request: bytes, wait: float) -> _Answer:
        try:
            async with asyncio.timeout(self._patience + wait):
                answer = await _exchange(self._path, request)
        except TimeoutError as error:
            raise EngineUnreachable("the engine does not answer in time") from error
        except OSError as error:
            is_absent = isinstance(error, FileNotFoundError | ConnectionRefusedError)
            raise EngineUnreachable(self._absence() if is_absent else _why(error)) from error
        self.timezone = answer.timezone
        return answer


def _query(options: Mapping[str, str]) -> str:
    """What the shell passed that is no text at all is asked for as the question mark that people will see."""
    return urlencode(options, errors="replace")


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "the engine of this state belongs to somebody else"
    return f"the engine cannot be reached: {error.strerror or error}"


def _request(method: str, target: str, body: bytes) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: engine", "Accept: application/json", "Connection: close"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


async def _exchange(path: Path, request: bytes) -> _Answer:
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        _know(writer)
        writer.write(request)
        await writer.drain()
        answer = _Answer()
        while not answer.complete and (data := await reader.read(256 * 1024)):
            answer.feed(data)
        return answer
    finally:
        writer.close()


def _know(writer: asyncio.StreamWriter) -> None:
    """Whoever answers must be us or root: in a shared folder somebody else may have made the socket."""
    if not hasattr(socket, "SO_PEERCRED"):
        return
    theirs = writer.get_extra_info("socket")
    _, uid, _ = struct.unpack("3i", theirs.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    if os.getuid() not in (uid, 0) and uid != 0:
        raise EngineUnreachable("the socket of this state belongs to somebody else")


class _Answer:
    """What came back. Anything but JSON of ours means that this is no engine."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self.complete = False
        self.timezone = "UTC"

    def feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise EngineUnreachable(_STRANGER) from error
        if len(self._body) > ANSWER_LIMIT:
            raise EngineUnreachable(_STRANGER)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == TIMEZONE.lower().encode():
            self.timezone = value.decode("ascii", "replace")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.complete = True

    def understood(self) -> Any:
        data = self.document()
        if self._parser.get_status_code() != 200:
            _raise(data)
        return data

    def document(self) -> Any:
        """What was said, be it an answer or a problem."""
        if not self.complete:
            raise EngineUnreachable("the engine went away in the middle of its answer")
        try:
            return json.loads(self._body)
        except (ValueError, RecursionError) as error:
            raise EngineUnreachable(_STRANGER) from error


_STRANGER = "what answers on the engine's socket is no engine"


def _raise(problem: Any) -> None:
    found: Mapping[str, Any] = problem if isinstance(problem, dict) else {}
    detail = found.get("detail")
    if not isinstance(detail, str):
        raise EngineUnreachable(_STRANGER)
    family, _ = PROBLEMS.get(str(found.get("type")), (Rejected, 0))
    raise family(detail)


def _table(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise EngineUnreachable(_STRANGER)
    return data
