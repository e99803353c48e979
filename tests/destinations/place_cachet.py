"""Cachet as a place: the incidents on its page, each with all that is said of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.cachet import Cachet
from tui_monitor.fakes.cachet2 import Cachet2


@asynccontextmanager
async def cachet(out: Out) -> AsyncIterator[Place]:
    async with Cachet2(token=SECRET) as there:

        def arrived() -> list[Arrived]:
            found = []
            for number, row in there.page.incidents.items():
                said = [row["name"], row["message"], *(one["message"] for one in there.page.updates_of(number))]
                text = "\n".join(said)
                found.append(Arrived(str(number), text, len(text)))
            return found

        @contextmanager
        def later() -> Iterator[None]:
            there.answer(503, body=f"no {SECRET}".encode())
            yield

        @contextmanager
        def never() -> Iterator[None]:
            there.token = "another"
            yield
            there.token = SECRET

        yield Place(
            Cachet(there.url, Secret(SECRET)),
            arrived,
            later=later,
            never=never,
            hold=there.hold,
            release=there.release,
            unreachable=[Cachet("http://127.0.0.1:9", Secret(SECRET))],
            takes_banner=False,
        )
        assert there.refused == []
