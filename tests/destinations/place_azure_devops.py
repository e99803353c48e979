"""Azure DevOps as a place that every destination's promises are asked of: a ticket, and what is said in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place, texts_in
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.azure_devops_ticket import AzureDevopsTicket
from tui_monitor.fakes.azure_devops import AzureDevops


@asynccontextmanager
async def azure_devops_ticket(out: Out) -> AsyncIterator[Place]:
    async with AzureDevops(SECRET) as site:

        def arrived() -> list[Arrived]:
            found = []
            for item in site.items.values():
                told = [texts_in(item.fields), *item.comments]
                found += [Arrived("; ".join(item.tags), text, len(json.dumps(text))) for text in told]
            return found

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            site.answer(status, body=json.dumps({"message": f"no {SECRET}"}).encode())
            yield

        yield Place(
            AzureDevopsTicket("org", "Proj", Secret(SECRET), url=site.url),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(404),
            hold=site.hold,
            release=site.release,
            unreachable=[AzureDevopsTicket("org", "Proj", Secret(SECRET), url="http://127.0.0.1:9")],
            takes_banner=False,
        )
        assert site.refused == []
