"""A small server on loopback for what nginx does not do: hang, fail on a signal, remember who asked and when."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType

Answer = tuple[int, bytes]


class Server:
    """Runs in a thread of the bench. `asked[path]` holds the monotonic moment of each request for that path."""

    def __init__(self, answer: Callable[[str], Answer | None]) -> None:
        """`answer` gives status and body for a path; None never answers and holds the connection."""
        self._answer = answer
        self.asked: defaultdict[str, list[float]] = defaultdict(list)
        self.bodies: list[tuple[float, bytes]] = []
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, backlog=4096)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._reply(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever asked has hung up, as a monitor does at its deadline
        finally:
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        moment, path = time.monotonic(), head.split(" ", 2)[1]
        if "content-length:" in head.lower():
            length = int(head.lower().split("content-length:")[1].split("\r\n")[0])
            self.bodies.append((moment, await reader.readexactly(length)))
        self.asked[path].append(moment)
        answer = self._answer(path)
        if answer is None:
            await reader.read()
            return
        status, body = answer
        writer.write(
            f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        await writer.drain()
