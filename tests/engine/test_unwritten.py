"""What is decided but not written down: nobody sees it, and what is refused for it leaves no trace."""

from __future__ import annotations

import asyncio

import pytest

from tests.engine.stage import DOWN, UP, Recorder, Stage
from tui_monitor.core.errors import DeliveryError, Rejected
from tui_monitor.core.plan import Route


def test_what_a_kill_could_still_take_back_is_shown_to_nobody() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.becomes("web", DOWN)
        stage.store.held = asyncio.Event()
        await stage.wait(60)
        assert await stage.incidents(everything=False) == []
        snapshot = await stage.engine.snapshot()
        assert [one["status"] for one in snapshot["services"]] == ["operational"]
        stage.store.held.set()
        await stage.wait(60)
        (incident,) = await stage.incidents(everything=False)
        assert (await stage.service("web"))["incident"] == incident["id"]

    Stage("web").play(story)


def test_an_acknowledgement_that_the_disk_refused_spares_nobody_the_escalation() -> None:
    ops, oncall = Recorder("ops"), Recorder("oncall")
    routes = (
        Route(to=("ops",), group_wait=0.0),
        Route(to=("oncall",), group_wait=0.0, after=900.0, unless="acknowledged"),
    )

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(300)
        (incident,) = await stage.incidents()
        stage.store.full = True
        with pytest.raises(Rejected, match="not done"):
            await stage.do("ack", incident["id"])
        stage.store.full = False
        await stage.wait(900)
        assert oncall.lines == ["opened: Web is major: 503, expected 200-204"]

    Stage("web", routes=routes, places=(ops, oncall)).play(story)


def test_a_request_that_is_the_first_to_meet_the_full_disk_leaves_no_number_used_twice() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("no such channel", retry=False)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        (given_up,) = (await stage.engine.snapshot())["deliveries"]
        for _ in range(3):
            stage.store.full = True
            with pytest.raises(Rejected, match="not done"):
                await stage.do("drop", given_up["id"])
            stage.store.full = False
            await stage.wait(5)
            assert not (await stage.engine.snapshot())["trouble"]
        await stage.do("drop", given_up["id"])
        stage.becomes("web", UP)
        await stage.wait(60)
        (incident,) = await stage.incidents()
        assert incident["state"] == "resolved"
        events = await stage.store.timeline("board")
        assert [event.n for event in events] == list(range(1, len(events) + 1))
        assert [event.kind for event in events].count("dropped") == 1

    Stage("web").play(story)
