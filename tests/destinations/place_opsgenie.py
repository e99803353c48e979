"""Opsgenie as a place: its alerts and their notes. A banner is no alert."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place, texts_in
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.opsgenie import Opsgenie
from tui_monitor.fakes.opsgenie import Opsgenie as Genie


@asynccontextmanager
async def opsgenie(out: Out) -> AsyncIterator[Place]:
    async with Genie(key=SECRET) as genie:

        def arrived() -> list[Arrived]:
            found = []
            for alert in genie.alerts:
                whole = dict(alert.body)
                found += [Arrived(alert.id, texts_in(whole), len(json.dumps(whole)))]
                found += [Arrived(note["note"], note["note"], len(note["note"])) for note in alert.notes]
            return found

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            genie.answer(status, body=f"no {SECRET}".encode())
            yield

        yield Place(
            Opsgenie(Secret(SECRET), url=genie.url),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(422),
            hold=genie.hold,
            release=genie.release,
            unreachable=[Opsgenie(Secret(SECRET), url="http://127.0.0.1:9")],
            takes_banner=False,
        )
        assert genie.refused == []
