"""Slack as a place: what stands in a channel and its threads, in the order of their coming."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.slack import Slack
from tui_monitor.fakes.slack import Posted
from tui_monitor.fakes.slack import Slack as Workspace

TOKEN = f"xoxb-{SECRET}"


@asynccontextmanager
async def slack(out: Out) -> AsyncIterator[Place]:
    async with Workspace(token=TOKEN) as workspace:
        workspace.now = out.now.timestamp

        def arrived() -> list[Arrived]:
            return [
                Arrived(one.metadata["event_payload"]["key"], one.shown, len(json.dumps(one.json)))
                for one in workspace.messages
            ]

        @contextmanager
        def refusing(status: int, body: bytes) -> Iterator[None]:
            workspace.answer(status, body=body)
            yield

        no = f'{{"ok": false, "error": "missing_scope", "needed": "{TOKEN}"}}'.encode()
        yield Place(
            Slack(Secret(TOKEN), "#ops", api=workspace.api),
            arrived,
            later=lambda: refusing(503, f"no {TOKEN}".encode()),
            never=lambda: refusing(200, no),
            hold=workspace.hold,
            release=workspace.release,
            unreachable=[Slack(Secret(TOKEN), "#ops", api="http://127.0.0.1:9")],
        )
        assert workspace.refused == []
        assert workspace.slips == []
        assert [call for one in workspace.messages for call in one.calls] == []


def thread(workspace: Workspace, ts: str) -> list[Posted]:
    """What was said under a message."""
    return [one for one in workspace.messages if one.thread_ts == ts]
