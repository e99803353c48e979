"""Rocket.Chat as a place: what its server has posted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place, texts_in
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.rocketchat import RocketChat
from tui_monitor.fakes.rocketchat import RocketChat as Server


@asynccontextmanager
async def rocketchat(out: Out) -> AsyncIterator[Place]:
    async with Server(ids=("integration", SECRET)) as chat:

        def arrived() -> list[Arrived]:
            found = []
            for post in chat.posts:
                whole = json.dumps([post.text, post.attachments])
                assert post.pings == ()
                found.append(Arrived(whole, texts_in([post.text, post.attachments]), len(whole)))
            return found

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            chat.answer(status, body=f"no {SECRET} /hooks/{SECRET}".encode())
            yield

        yield Place(
            RocketChat(Secret(chat.hook), headers={"X-Key": SECRET}),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(404),
            hold=chat.hold,
            release=chat.release,
            unreachable=[RocketChat(Secret(f"http://127.0.0.1:9/hooks/{SECRET}/{SECRET}"))],
        )
        assert chat.refused == []
