"""What an engine under test watches and tells: small services on loopback that a script turns, and the recorder.

All of it lives in one thread with a loop of its own, outside of the engine's process, so that it outlives each kill.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from tui_monitor.fakes.http import Answer, Heard
from tui_monitor.fakes.webhook import Webhook

T = TypeVar("T")

WELL, POOR, ERROR, SILENT = "well", "poor", "error", "silent"
"""How a service may be: `poor` gives the wrong words, `silent` hangs up without any."""

Turn = tuple[float, int, str]


class Town:
    """`http` services on one port, then `tcp` services with a port each; all of them well at first."""

    def __init__(self, http: int, tcp: int = 0, record: Path | None = None, answers_after: float = 0.0) -> None:
        self.states = [WELL] * (http + tcp)
        self.looks = 0
        self.hook = Webhook(record=record)
        self.hook.usual = Answer(delay=answers_after)
        self._http = http
        self._doors = {number: _Gate() for number in range(http, http + tcp)}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="town", daemon=True)

    def __enter__(self) -> Town:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the town did not come up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        server = await self._loop.create_server(lambda: _Answering(self._said), "127.0.0.1", 0, backlog=1024)
        self.port: int = server.sockets[0].getsockname()[1]
        for gate in self._doors.values():
            gate.open(self._loop)
        async with self.hook:
            self._ready.set()
            await self._over.wait()
        for gate in self._doors.values():
            gate.close(self._loop)
            gate.leave()
        server.close()

    def _said(self, path: str) -> tuple[int, str] | None:
        """What the service at this path answers now; None hangs up."""
        self.looks += 1
        answers = {WELL: (200, "all fine"), POOR: (200, "not so good"), ERROR: (500, "broken"), SILENT: None}
        return answers[self.states[int(path.strip("/"))]]

    # -- from other threads ---------------------------------------------------------------------------------------

    def turn(self, number: int, state: str) -> None:
        self._loop.call_soon_threadsafe(self._turn, number, state)

    def turn_all(self, state: str) -> None:
        for number in range(len(self.states)):
            self.turn(number, state)

    def play(self, script: Iterable[Turn]) -> Callable[[], None]:
        """Turn services as the script says, from now on; what comes back ends the play."""
        handles: list[asyncio.TimerHandle] = []

        def begin() -> None:
            handles.extend(self._loop.call_later(at, self._turn, number, state) for at, number, state in script)

        self._loop.call_soon_threadsafe(begin)
        return lambda: self._loop.call_soon_threadsafe(lambda: [handle.cancel() for handle in handles])

    def later(self, after: float, work: Callable[[], object]) -> None:
        """Run in the town's thread, so many seconds from now."""
        self._loop.call_soon_threadsafe(self._loop.call_later, after, work)

    def run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def hears_more(self, than: int, within: float) -> bool:
        """Waits until the recorder has heard more requests; false when none came in time."""
        waiting = self.run(self.hook.hears(than + 1))
        try:
            waiting.result(within)
        except TimeoutError:
            waiting.cancel()
            return False
        return True

    @property
    def heard(self) -> list[Heard]:
        return list(self.hook.heard)

    def _turn(self, number: int, state: str) -> None:
        self.states[number] = state
        gate = self._doors.get(number)
        if gate is not None:
            gate.open(self._loop) if state == WELL else gate.close(self._loop)

    def rows(self, every: Callable[[int], float], more: Callable[[int], str] = lambda _: "") -> str:
        """The services of a config."""
        found = []
        for number in range(len(self.states)):
            gate = self._doors.get(number)
            check = f"tcp: {{host: 127.0.0.1, port: {gate.port}}}" if gate else self._http_check(number)
            found.append(f"  - {{name: s{number}, every: {every(number):g}s, {more(number)}{check}}}\n")
        return "services:\n" + "".join(found)

    def _http_check(self, number: int) -> str:
        expect = "expect: [{status: 200}, {body_matches: fine}]"
        return f"http: {{url: 'http://127.0.0.1:{self.port}/{number}', {expect}}}"


class _Answering(asyncio.Protocol):
    """One short request, one answer, and the end of the connection."""

    def __init__(self, said: Callable[[str], tuple[int, str] | None]) -> None:
        self._said = said

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        answer = self._said(data.split(b" ", 2)[1].decode())
        if answer is not None:
            status, body = answer
            head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            self._transport.write((head + body).encode())  # type: ignore[attr-defined]  # a stream's transport writes
        self._transport.close()


class _Gate:
    """A TCP port that is open or refuses; a second socket keeps the number ours while it refuses."""

    def __init__(self) -> None:
        self._keeper = self._bound(0)
        self.port: int = self._keeper.getsockname()[1]
        self._listening: socket.socket | None = None

    def _bound(self, port: int) -> socket.socket:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(("127.0.0.1", port))
        made.setblocking(False)
        return made

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._listening is None:
            self._listening = self._bound(self.port)
            self._listening.listen(128)
            loop.add_reader(self._listening, self._take)

    def _take(self) -> None:
        if self._listening is not None:
            self._listening.accept()[0].close()

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._listening is not None:
            loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    def leave(self) -> None:
        self._keeper.close()
