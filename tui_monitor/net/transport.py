"""`Net`: what all exchanges of a process share, and what can be asked of it, such as `fetch` and `talk`.

How many connections are open at once follows from how many descriptors the system grants, never from a habit: a look
that hangs must not hold another's place.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from tui_monitor.core.errors import Unreachable
from tui_monitor.net.answer import Answer
from tui_monitor.net.databases.database import Databases, Query, Rows
from tui_monitor.net.databases.recording import Book, Recording, Row
from tui_monitor.net.exchange import exchange
from tui_monitor.net.flow import Flow
from tui_monitor.net.follow import Onward, follow
from tui_monitor.net.line import Line, SecureLine
from tui_monitor.net.machine.file import Files
from tui_monitor.net.machine.process import Ended
from tui_monitor.net.machine.program import Program, Programs
from tui_monitor.net.names import Names, Resolve, resolve
from tui_monitor.net.peer import Meeting, Met, meet
from tui_monitor.net.protocols.echo import Echo, Echoed, echo
from tui_monitor.net.protocols.inquiry import Found, Inquiry, inquire
from tui_monitor.net.proxy import Proxies
from tui_monitor.net.request import Place, Request
from tui_monitor.net.shelf import Shelf
from tui_monitor.net.stream import Conversation, converse
from tui_monitor.net.talk import Call, Heard, talk
from tui_monitor.net.threads import Threads
from tui_monitor.net.trust import Session, Trust, Trusts
from tui_monitor.net.watch import Watch, best_watch

T = TypeVar("T")

_RESERVED = 128
"""Descriptors left to the store, the log, the door and its guests."""
_IDLE_FOR = 60.0
"""Seconds for which a line is kept for another look."""


def grant_places() -> int:
    """Raise the limit of open files as far as it goes; how many connections it leaves room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # a system whose real limit is lower than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    granted = wanted if soft == resource.RLIM_INFINITY else soft
    return max(granted - _RESERVED, granted // 2, 1)


class Net:
    """Made inside a running loop and closed there. `home` is where relative names of certificate files start."""

    def __init__(
        self,
        home: Path = Path(),
        *,
        resolve: Resolve = resolve,
        names_kept: float = 30.0,
        places: int | None = None,
        watch: Callable[[asyncio.AbstractEventLoop], Watch] = best_watch,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.home = home
        granted = grant_places()
        self.places = granted if places is None else min(places, granted)
        self.watch = watch(self.loop)
        self.names = Names(self.loop, resolve, ttl=names_kept)
        self.trusts = Trusts(home)
        self.proxies = Proxies()
        self.threads = Threads(16, "tui-monitor-work")
        self.files = Files(home)
        self.programs = Programs(self.loop, self.watch, home)
        self.databases = Databases(self.loop, home)
        self.shelf = Shelf()
        self._queue: deque[Flow[Any]] = deque()
        self._idle: dict[tuple[object, ...], list[tuple[float, Line]]] = {}
        self._clients: dict[tuple[float, Trust], Any] = {}

    async def fetch(self, request: Request, within: float) -> Answer:
        """The answer to a request, all of it in `within` seconds. Raises Unreachable and Unreadable."""
        flow: Flow[Answer] = Flow(self.loop)
        return await flow.run(exchange(self, flow, request), within)

    async def talk(self, call: Call, within: float) -> Heard:
        """What is heard on a TCP connection, all of it in `within` seconds. Raises Unreachable and Unreadable."""
        flow: Flow[Heard] = Flow(self.loop)
        return await flow.run(talk(self, flow, call), within)

    async def echo(self, asked: Echo, within: float) -> Echoed:
        """What comes back of ICMP echoes, all of it in `within` seconds. Raises Unreachable and Unreadable."""
        flow: Flow[Echoed] = Flow(self.loop)
        return await flow.run(echo(self, flow, asked), within)

    async def follow(self, request: Request, onward: Onward, within: float) -> Answer:
        """The last answer of an errand, all of it in `within` seconds. Raises Unreachable and Unreadable."""
        flow: Flow[Answer] = Flow(self.loop)
        return await flow.run(follow(self, flow, request, onward), within)

    async def inquire(self, inquiry: Inquiry, within: float) -> Found:
        """What a name server answers, in `within` seconds. Raises Unreachable and Unreadable."""
        flow: Flow[Found] = Flow(self.loop)
        return await flow.run(inquire(self, flow, inquiry), within)

    async def written_at(self, path: str, within: float) -> datetime:
        """When a file was last written, in `within` seconds. Raises Unreachable and Unreadable."""
        return await self.files.written_at(path, within)

    async def execute(self, program: Program, within: float) -> Ended:
        """How a program ended and what it said, in `within` seconds. Raises Unreachable and Unreadable."""
        return await self.programs.execute(program, within)

    async def converse(self, talk: Conversation[T], within: float) -> T:
        """What comes of a conversation, all of it in `within` seconds. Raises Unreachable and Unreadable."""
        flow: Flow[T] = Flow(self.loop)
        return await flow.run(converse(self, flow, talk), within)

    async def ask(self, query: Query, within: float) -> Rows:
        """What a database answers to a query, in `within` seconds. Raises Unreachable and Unreadable."""
        return await self.databases.ask(query, within)

    async def record(self, book: Book, rows: Sequence[Row] | None, within: float) -> bool:
        """Have a table of a database hold these rows; without any, try whether it would, and leave nothing in it.

        True where the table was missing, and was made. Raises Unreachable and Unreadable.
        """
        made: bool = await self.databases.finish(Recording(book, rows, self.databases.home, within), within)
        return made

    async def meet(self, meeting: Meeting, within: float) -> Met:
        """The certificate that is shown, in `within` seconds. Raises Unreachable and Unreadable."""
        flow: Flow[Met] = Flow(self.loop)
        return await flow.run(meet(self, flow, meeting), within)

    def client(self, timeout: float, trust: Trust) -> Any:
        """The shared httpx client whose exchanges each have this deadline and this trust."""
        key = (timeout, trust)
        if key not in self._clients:
            from tui_monitor.net.client import make_client

            self._clients[key] = make_client(self, timeout, trust)
        return self._clients[key]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
        for _, line in [entry for entries in self._idle.values() for entry in entries]:
            self.hang_up(line)
        self._idle.clear()
        self.files.close()
        await self.programs.close()
        self.names.close()
        self.databases.close()
        self.threads.close()
        self.watch.close()

    # -- TLS ------------------------------------------------------------------------------------------------------

    def secure(self, sock: socket.socket, place: Place, trust: Trust, name: str, *, fresh: bool) -> SecureLine:
        """A line that is about to shake hands, with a session to resume where there is a good one."""
        context = self.trusts.context(trust)
        key = (place.host, place.port, name, trust)
        session = None if fresh else self.trusts.session(key, context, self.loop.time())
        try:
            return SecureLine(sock, context, name, session, None if fresh else key)
        except ValueError as error:  # UnicodeError among them
            raise Unreachable("tls", "the host name cannot be asked for in TLS") from error

    def learn(self, line: Line) -> None:
        """Keep the session that came with this line for the next look, unless that would bring nothing new."""
        if isinstance(line, SecureLine) and line.key is not None and not line.resumed:
            ticket = line.tls.session
            if ticket is not None:
                session = Session(line.tls.context, ticket, self.loop.time(), line.certificate_until)
                self.trusts.remember(line.key, session)

    # -- places and lines -----------------------------------------------------------------------------------------

    def queue_for_place(self, flow: Flow[Any]) -> None:
        self._queue.append(flow)
        self._let_one_idle_go()

    def leave_queue(self, flow: Flow[Any]) -> None:
        if flow.placed:
            self.give_place()
        else:
            self._queue.remove(flow)

    def give_place(self) -> None:
        """To whoever has waited longest."""
        if self._queue:
            flow = self._queue.popleft()
            flow.placed = True
            flow.later()
        else:
            self.places += 1

    def hang_up(self, line: Line) -> None:
        self.hang_up_socket(line.sock)

    def hang_up_socket(self, sock: socket.socket) -> None:
        fd = sock.fileno()
        if fd >= 0:
            self.watch.drop(fd)
            sock.close()
            self.give_place()

    def put_idle(self, key: tuple[object, ...], line: Line) -> None:
        """Keep a line for the next look at the same place."""
        self.watch.remove(line.fd)
        self._idle.setdefault(key, []).append((self.loop.time() + _IDLE_FOR, line))
        if self._queue:
            self._let_one_idle_go()

    def take_idle(self, key: tuple[object, ...], flow: Flow[Any]) -> Line | None:
        """A line that is still open and silent, as one that waits for a request must be."""
        entries = self._idle.get(key)
        while entries:
            until, line = entries.pop()
            if not entries:
                del self._idle[key]
            if self.loop.time() < until and not _has_news(line):
                self.watch.add(line.fd, flow.advance, writing=False)
                return line
            self.hang_up(line)
        return None

    def _let_one_idle_go(self) -> None:
        for key, entries in self._idle.items():
            _, line = entries.pop(0)
            if not entries:
                del self._idle[key]
            self.hang_up(line)
            return


def _has_news(line: Line) -> bool:
    try:
        return line.has_more()
    except OSError:
        return True
