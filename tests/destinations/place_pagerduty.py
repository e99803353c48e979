"""PagerDuty as a place: the events of its one service. A banner is no alert."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place, texts_in
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.pagerduty import PagerDuty
from tui_monitor.fakes.pagerduty import PagerDuty as Duty

KEY = SECRET.ljust(32, "0")


@asynccontextmanager
async def pagerduty(out: Out) -> AsyncIterator[Place]:
    async with Duty(key=KEY) as duty:

        def arrived() -> list[Arrived]:
            return [
                Arrived(event["dedup_key"], texts_in(event["payload"]), len(json.dumps(event)))
                for event in duty.events
            ]

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            duty.answer(status, body=f"no {KEY}".encode())
            yield

        yield Place(
            PagerDuty(Secret(KEY), url=duty.url),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(400),
            hold=duty.hold,
            release=duty.release,
            unreachable=[PagerDuty(Secret(KEY), url="http://127.0.0.1:9")],
            takes_banner=False,
        )
        assert duty.refused == []
