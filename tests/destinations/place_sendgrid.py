"""SendGrid as a place that every destination's promises are asked of."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from tests.destinations.place import SECRET, Arrived, Place
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.sendgrid import Sendgrid
from tui_monitor.fakes.sendgrid import Sendgrid as Site


@asynccontextmanager
async def sendgrid(out: Out) -> AsyncIterator[Place]:
    async with Site(f"SG.{SECRET}") as site:

        def arrived() -> list[Arrived]:
            return [
                Arrived(
                    one["headers"]["Message-ID"],
                    "\n".join([one["subject"], *(part["value"] for part in one["content"])]),
                    len(json.dumps(one)),
                )
                for one in site.mails
            ]

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            site.answer(status, body=json.dumps({"errors": [{"message": f"no SG.{SECRET}", "field": None}]}).encode())
            yield

        usual: dict[str, Any] = {"sender": "ops@example.com", "to": ("a@example.com",)}
        yield Place(
            Sendgrid(Secret(f"SG.{SECRET}"), url=site.url, **usual),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(413),
            hold=site.hold,
            release=site.release,
            unreachable=[Sendgrid(Secret(f"SG.{SECRET}"), url="http://127.0.0.1:9", **usual)],
        )
        assert site.refused == []
