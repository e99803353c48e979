"""What Apprise tells: a hook, to which it posts JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.apprise import Apprise
from tui_monitor.fakes.webhook import Webhook as Hook


@asynccontextmanager
async def apprise(out: Out) -> AsyncIterator[Place]:
    async with Hook() as hook:

        def arrived() -> list[Arrived]:
            whole = [heard for heard in hook.heard if heard.answered == 200]
            texts = [f"{one.json['title']}\n{one.json['message']}" for one in whole]
            return [Arrived(text, text, len(one.body)) for one, text in zip(whole, texts, strict=True)]

        @contextmanager
        def refusing() -> Iterator[None]:
            hook.answer(503, body=f"no {SECRET}".encode())
            yield

        url = f"json://user:{SECRET}@127.0.0.1:{hook.port}/hooks/{SECRET}"
        yield Place(
            Apprise((Secret(url),)),
            arrived,
            later=refusing,
            hold=hook.hold,
            release=hook.release,
            unreachable=[Apprise((Secret(f"json://127.0.0.1:9/{SECRET}"),))],
            asks=False,
        )
        assert hook.refused == []
