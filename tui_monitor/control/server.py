"""The door's near end: serves any `Control` over HTTP on a Unix socket. Imported only when the door opens."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import pwd
import socket
import stat
import struct
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from tui_monitor import __version__
from tui_monitor.control.wire import API, BODY_LIMIT, HEALTH, PROBLEM, PROBLEMS, TIMEZONE, WAIT_LIMIT
from tui_monitor.core.codec import encode
from tui_monitor.core.errors import EngineUnreachable, TuiMonitorError
from tui_monitor.core.ports import Command, Control
from tui_monitor.places import PlaceUnusable, make_private

T = TypeVar("T")


class Door:
    """Open from `open` to `close`. Whoever can reach the socket is the owner of its folder, or root."""

    def __init__(
        self, control: Control, path: Path, is_alive: Callable[[], bool] = lambda: True, timezone: str = "UTC"
    ) -> None:
        self._path = path
        self._closing = asyncio.Event()
        config = uvicorn.Config(
            application(control, is_alive, self._closing),
            http=_KnowsWhoAsks,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # else a header could say who asks
            server_header=False,
            date_header=False,
            headers=[(TIMEZONE, timezone)],
            h11_max_incomplete_event_size=16 * 1024,
            timeout_graceful_shutdown=1,
        )
        config.load()
        self._server = _Server(config, self._closing)
        self._serving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns once the socket answers. Raises PlaceUnusable."""
        listening = listen(self._path)
        self._inode = self._path.stat().st_ino
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]), name="door")

    def show_times_in(self, timezone: str) -> None:
        """From the next answer on; nobody who waits for one is sent away."""
        self._server.server_state.default_headers = [(TIMEZONE.lower().encode(), timezone.encode())]

    def is_there(self) -> bool:
        """Whether the path still leads to this door: nobody notices when somebody removes it."""
        try:
            return self._path.lstat().st_ino == self._inode
        except OSError:
            return False

    async def close(self) -> None:
        """Answer whoever waits, and go."""
        self._closing.set()
        if self._serving:
            await self._serving
            with suppress(FileNotFoundError):
                if self._path.stat().st_ino == self._inode:
                    self._path.unlink()


class _Server(uvicorn.Server):
    """Signals belong to the daemon, and waiting for the end wakes nobody ten times a second."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self.server_state.default_headers = config.encoded_headers  # uvicorn's own main loop would do it
        self._closing = closing

    async def main_loop(self) -> None:
        await self._closing.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _KnowsWhoAsks(H11Protocol):
    """Takes the name of the process's owner at the other end from the kernel; it stands where TCP has an address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn declares the same
        super().connection_made(transport)
        self.client = (_peer(transport), 0)


def _peer(transport: asyncio.Transport) -> str:
    uid = os.getuid()
    if hasattr(socket, "SO_PEERCRED"):
        handle = os.dup(transport.get_extra_info("socket").fileno())
        with socket.socket(fileno=handle) as theirs:
            size = struct.calcsize("3i")
            _, uid, _ = struct.unpack("3i", theirs.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def listen(path: Path) -> socket.socket:
    """A listening socket for its owner alone; one that a dead engine left is replaced. Raises PlaceUnusable."""
    make_private(path.parent)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen(128)
    except BaseException as error:
        listening.close()
        if isinstance(error, OSError):
            raise PlaceUnusable(f"the socket {path} cannot be opened: {error.strerror or error}") from error
        raise
    listening.setblocking(False)
    return listening


def _clear(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise PlaceUnusable(f"{path} is in the way: it should be the engine's socket, and is something else")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(1)
        answer = knock.connect_ex(str(path))
    if answer not in (errno.ECONNREFUSED, errno.ENOENT):
        raise PlaceUnusable(f"another program already answers on {path}")
    path.unlink(missing_ok=True)


def application(control: Control, is_alive: Callable[[], bool], closing: asyncio.Event) -> Starlette:
    """The routes of the door. Each handler is one method of `Control`."""
    desk = _Desk(control, is_alive, closing)
    routes = [
        Route(HEALTH, desk.healthz),
        Route(f"{API}/board", desk.board),
        Route(f"{API}/changes", desk.changes),
        Route(f"{API}/history/{{what:path}}", desk.history),
        Route(f"{API}/commands", desk.commands, methods=["POST"]),
    ]
    handlers: dict[Any, Callable[[Request, Any], Awaitable[Response]]] = {
        TuiMonitorError: _refusal,
        HTTPException: _http_problem,
        500: _broken,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


class _Desk:
    """Takes requests apart and puts answers together; knows nothing of what they are about."""

    def __init__(self, control: Control, is_alive: Callable[[], bool], closing: asyncio.Event) -> None:
        self._control = control
        self._is_alive = is_alive
        self._closing = closing

    async def healthz(self, request: Request) -> Response:
        alive = self._is_alive()
        return _json({"alive": alive, "version": __version__}, 200 if alive else 503)

    async def board(self, request: Request) -> Response:
        return _json(await self._unless_closing(self._control.snapshot()))

    async def changes(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if "cursor" not in asked:
            raise HTTPException(400, "`cursor` is missing: take it from the board")
        wait = _wait_of(asked.get("wait", "0"))
        return _json(encode(await self._unless_closing(self._control.changes(asked["cursor"], wait))))

    async def history(self, request: Request) -> Response:
        asked = self._control.history(request.path_params["what"], **_options_of(request))
        return _json(await self._unless_closing(asked))

    async def commands(self, request: Request) -> Response:
        command = _command_of(await _body_of(request), by=request.client.host if request.client else "")
        return _json(encode(await self._unless_closing(self._control.do(command))))

    async def _unless_closing(self, asked: Coroutine[Any, Any, T]) -> T:
        """What waits for the world must not hold the end of the program."""
        answer = asyncio.ensure_future(asked)
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({answer, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise EngineUnreachable("the engine is stopping")
            return answer.result()
        finally:
            answer.cancel()
            closing.cancel()


def _wait_of(text: str) -> float:
    try:
        wait = float(text)
    except ValueError as error:
        raise HTTPException(400, "`wait` must be a number of seconds") from error
    if not 0 <= wait <= WAIT_LIMIT:
        raise HTTPException(400, f"`wait` must be from 0 to {WAIT_LIMIT:.0f} seconds")
    return wait


def _options_of(request: Request) -> dict[str, str]:
    options = dict(request.query_params)
    if options.keys() & {"what", "self"} or not all(key.isidentifier() for key in options):
        raise HTTPException(400, "options are plain words")
    return options


async def _body_of(request: Request) -> Any:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            raise HTTPException(413, f"a request may have {BODY_LIMIT} bytes at most")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "the body is not JSON") from error


def _command_of(body: Any, by: str) -> Command:
    """The owner of the other end acts, whatever the body says of `by`."""
    if not isinstance(body, dict) or not isinstance(body.get("name"), str):
        raise HTTPException(422, "a command is an object with a `name`")
    texts = {key: body.get(key, "") for key in ("target", "text")}
    options = body.get("options", {})
    if not isinstance(options, dict) or not all(isinstance(one, str) for one in (*texts.values(), *options.values())):
        raise HTTPException(422, "`target`, `text` and each of `options` are texts")
    return Command(body["name"], **texts, by=by, options=options)


def _json(data: Any, status: int = 200, media: str = "application/json") -> Response:
    return Response(json.dumps(data, separators=(",", ":")).encode(), status, media_type=media)


def _problem(status: int, kind: str, detail: str) -> Response:
    title = kind.replace("-", " ")
    return _json({"type": kind, "title": title, "status": status, "detail": detail}, status, PROBLEM)


async def _refusal(request: Request, error: TuiMonitorError) -> Response:
    for kind, (family, status) in PROBLEMS.items():
        if isinstance(error, family):
            return _problem(status, kind, str(error))
    return _problem(409, "rejected", str(error))


async def _http_problem(request: Request, error: HTTPException) -> Response:
    return _problem(error.status_code, "bad-request", error.detail)


async def _broken(request: Request, error: Exception) -> Response:
    return _problem(500, "broken", "the engine failed to answer this; its log says why")
