"""Teams as a place: the cards in its channel."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place, texts_in
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.teams import Teams
from tui_monitor.fakes.teams import Teams as Channel


@asynccontextmanager
async def teams(out: Out) -> AsyncIterator[Place]:
    async with Channel(signature=SECRET) as channel:

        def arrived() -> list[Arrived]:
            assert channel.pings == []
            assert channel.read == []
            whole = [json.dumps(card) for card in channel.cards]
            return [Arrived(one, texts_in(json.loads(one)), len(one)) for one in whole]

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            channel.answer(status, body=f"no {SECRET} sig={SECRET}".encode())
            yield

        yield Place(
            Teams(Secret(channel.hook)),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(404),
            hold=channel.hold,
            release=channel.release,
            unreachable=[Teams(Secret(f"http://127.0.0.1:9/?sig={SECRET}"))],
        )
        assert channel.refused == []
