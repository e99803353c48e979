"""A Qlik tenant as a place: what stands in its one banner. It is told of no incident."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.qlik_banner import QlikBanner
from tui_monitor.fakes.qlik import Qlik


@asynccontextmanager
async def qlik_banner(out: Out) -> AsyncIterator[Place]:
    async with Qlik(key=SECRET) as qlik:

        def arrived() -> list[Arrived]:
            whole = json.dumps(qlik.banner)
            return [Arrived(f"write {len(qlik.written)}", qlik.shown, len(whole))] if qlik.shown else []

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            qlik.let(1)  # it is looked at first
            qlik.answer(status, body=f"no {SECRET}".encode())
            yield

        def hold() -> None:
            qlik.let(1)
            qlik.hold()

        yield Place(
            QlikBanner(qlik.url, Secret(SECRET)),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(400),
            hold=hold,
            release=qlik.release,
            unreachable=[QlikBanner("http://127.0.0.1:9", Secret(SECRET))],
            only_banner=True,
        )
        assert qlik.refused == []
