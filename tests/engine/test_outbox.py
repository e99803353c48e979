"""What is on its way goes on, whatever becomes of the config meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from tests.engine.stage import Recorder
from tests.engine.virtual import EPOCH
from tui_monitor.core.message import Message, News
from tui_monitor.core.plan import Place
from tui_monitor.engine.delivery import Delivery
from tui_monitor.engine.outbox import Outbox, Sent


async def test_a_place_that_is_taken_out_just_when_it_is_told_is_told_and_may_come_back():
    came: asyncio.Queue[Sent] = asyncio.Queue()
    ops = Recorder("ops")
    place = Place("ops", "recorder", cast(Any, ops))
    ways = {"ops": cast(Any, None)}
    outbox = Outbox(ways, came.put_nowait, lambda text: text)
    for told in (1, 2):
        outbox.send(Delivery(place, Message(f"key {told}", News.OPENED, "Web is major", "", (), EPOCH), ()))
        outbox.reach({})
        assert outbox.is_busy("ops")
        sent = await asyncio.wait_for(came.get(), 10)
        assert (sent.error, len(ops.heard)) == (None, told)
        assert not outbox.is_busy("ops")
        outbox.reach(ways)
