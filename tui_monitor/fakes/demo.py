"""The built-in demo: five small services on the loopback that live and fail by the clock, and a config that watches
them. Works offline; everything it writes is in one temporary folder, which goes with it.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import pi, sin
from pathlib import Path

HOST = "127.0.0.1"

Answer = Callable[[], Awaitable[bytes]]

CONFIG = """\
# The built-in demo. Everything here is a setting of a real config too.
board: {{title: Demo}}
engine: {{settle: 1s}}
defaults: {{every: 2s, timeout: 2s, down_after: 2, up_after: 2, retry_after: 500ms, flapping: {{after: 0}}}}
services:
  - name: Website
    group: Shop
    http: {{url: "http://{host}:{website}/", expect: [{{status: 200}}, {{body_matches: Welcome}}]}}
  - name: Checkout API
    group: Shop
    critical: true
    http: {{url: "http://{host}:{checkout}/health", expect: [{{status: 200}}, {{json: status, equals: ok}}]}}
  - name: Search
    group: Shop
    http: {{url: "http://{host}:{search}/", expect: [{{status: 200}}, {{latency: 400ms}}]}}
  - name: Database
    group: Backend
    tcp: {{host: {host}, port: {database}, expect: ready}}
  - name: Queue
    group: Backend
    tcp: {{host: {host}, port: {queue}}}
destinations:
  log: {{log: {{}}}}
routes:
  - {{to: [log], group_wait: 1s}}
"""


def checkout_fails(elapsed: float) -> bool:
    """Well for 20 seconds, then gone for 10, and so on."""
    return elapsed % 30 >= 20


def search_takes(elapsed: float) -> float:
    """Seconds of an answer: slow, and quick again, once a minute."""
    return 0.05 + 0.5 * max(0.0, sin(elapsed * 2 * pi / 60))


def queue_listens(elapsed: float) -> bool:
    """Does not take connections for 15 seconds of every 75."""
    return elapsed % 75 < 60


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a running demo has its things."""

    folder: Path
    config: Path

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def demo() -> Iterator[Demo]:
    """The services run in a thread of their own until the end of the block, so that the engine meets strangers."""
    folder = Path(tempfile.mkdtemp(prefix="tui-monitor-demo-"))
    found = Demo(folder, folder / "demo.yaml")
    loop = asyncio.new_event_loop()
    living = threading.Thread(target=loop.run_forever, name="demo", daemon=True)
    living.start()
    fleet = _Fleet(loop.time)
    try:
        ports = asyncio.run_coroutine_threadsafe(fleet.start(), loop).result(10)
        found.config.write_text(CONFIG.format(host=HOST, **ports), encoding="utf-8")
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(fleet.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        living.join(5)
        loop.close()
        found.remove()


class _Fleet:
    """The servers, all in one loop. Each is a coroutine that makes the answer to whoever connects."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._begun = time()
        self._servers: dict[str, asyncio.Server] = {}
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def elapsed(self) -> float:
        return self._time() - self._begun

    async def start(self) -> dict[str, int]:
        answers = {
            "website": self._website,
            "checkout": self._checkout,
            "search": self._search,
            "database": self._greet,
            "queue": self._greet,
        }
        ports = {name: await self._listen(name, answer) for name, answer in answers.items()}
        self._keep(asyncio.create_task(self._open_and_shut(ports["queue"])))
        return ports

    async def stop(self) -> None:
        for server in self._servers.values():
            server.close()
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _listen(self, name: str, answer: Answer, port: int = 0) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._keep(asyncio.create_task(_talk(answer, reader, writer)))

        server = self._servers[name] = await asyncio.start_server(serve, HOST, port)
        return int(server.sockets[0].getsockname()[1])

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def _open_and_shut(self, port: int) -> None:
        """A service that at times is not there at all."""
        while True:
            await asyncio.sleep(1)
            server = self._servers["queue"]
            if queue_listens(self.elapsed) and not server.is_serving():
                with suppress(OSError):  # somebody may have taken the port; it is tried again
                    await self._listen("queue", self._greet, port)
            elif not queue_listens(self.elapsed):
                server.close()

    async def _website(self) -> bytes:
        return _http("200 OK", "<h1>Welcome</h1>")

    async def _checkout(self) -> bytes:
        if checkout_fails(self.elapsed):
            return _http("503 Service Unavailable", json.dumps({"status": "no database"}))
        return _http("200 OK", json.dumps({"status": "ok"}))

    async def _search(self) -> bytes:
        await asyncio.sleep(search_takes(self.elapsed))
        return _http("200 OK", "3 results")

    async def _greet(self) -> bytes:
        return b"ready\n"


def _http(status: str, body: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return (head + body).encode("ascii")


async def _talk(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        writer.write(await answer())
        await writer.drain()
        writer.write_eof()
        await reader.read(64 * 1024)  # the request, so that closing is no reset
        writer.close()
        await writer.wait_closed()
