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
        stage.store.held = asyncio.Event()
        stage.becomes("web", DOWN)
        while (await stage.service("web"))["failing"] != "2/3":
            await stage.wait(0.05)
        await stage.wait(2)
        assert await stage.incidents(everything=False) == []
        snapshot = await stage.engine.snapshot()
        assert [one["status"] for one in snapshot["services"]] == ["operational"]
        stage.store.held.set()
        await stage.wait(60)
        (incident,) = await stage.incidents(everything=False)
        assert (await stage.service("web"))["incident"] == incident["id"]

    Stage("web").play(story)


def test_a_store_that_does_not_answer_stops_neither_the_looks_nor_the_board() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.store.held, stage.store.holds_all = asyncio.Event(), True
        stage.becomes("web", DOWN)
        await stage.wait(3600)
        snapshot = await stage.engine.snapshot()
        assert snapshot["trouble"] == "nothing can be written down: the store does not answer"
        assert [one["status"] for one in snapshot["services"]] == ["major"]
        assert stage.engine.is_alive()
        assert stage.ops.heard == []
        with pytest.raises(Rejected, match="the store does not answer"):
            await stage.do("ack", snapshot["incidents"][0]["id"])
        stage.store.held.set()
        await stage.wait(60)
        assert (await stage.engine.snapshot())["trouble"] == ""
        assert len(stage.ops.heard) == 1
        looks = (await stage.engine.history("looks", service="web", since="2h"))["looks"]
        assert len(looks) >= 360

    Stage("web").play(story)


def test_a_request_that_waits_for_a_store_that_does_not_answer_is_kept() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        (incident,) = await stage.incidents()
        stage.store.held = asyncio.Event()
        with pytest.raises(Rejected, match=r"not done yet: .* it is done when the store answers"):
            await stage.do("ack", incident["id"])
        stage.store.held.set()
        await stage.wait(30)
        (incident,) = await stage.incidents()
        assert incident["state"] == "acknowledged"
        assert [event.kind for event in await stage.store.timeline(incident["id"])] == ["opened", "acknowledged"]

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
