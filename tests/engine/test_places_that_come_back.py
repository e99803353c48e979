"""A place that is out of the config for a while, by intent or in a file half written, hears the truth after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.stage import DOWN, UP, Recorder, Stage
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Place, Route

WEB = Service("web", "Web", every=10.0, patience=Patience(down_after=1, up_after=1))


async def change_to(stage: Stage, places: tuple[Place, ...], *, by_restart: bool) -> None:
    if by_restart:
        await stage.stop()
        stage.plan = replace(stage.plan, places=places)
        await stage.start()
    else:
        await stage.reload(places=places)


def stage_of(wait: float = 0.0) -> Stage:
    return Stage(WEB, places=(Recorder("ops"), Recorder("log")), routes=(Route(("ops", "log"), group_wait=wait),))


@pytest.mark.parametrize("by_restart", [False, True])
@pytest.mark.parametrize("long", [60, 3 * 86400])
def test_it_hears_the_end_of_what_it_was_told_the_beginning_of(by_restart: bool, long: int) -> None:
    async def story(stage: Stage) -> None:
        everywhere = stage.plan.places
        stage.becomes("web", DOWN)
        await stage.wait(20)
        await change_to(stage, everywhere[1:], by_restart=by_restart)
        await stage.wait(20)
        stage.becomes("web", UP)
        await stage.wait(20)
        assert stage.ops.news == ["opened web"]
        stage.loop.hold_up(long)
        await stage.wait(60)
        await change_to(stage, everywhere, by_restart=by_restart)
        await stage.wait(20)
        assert stage.ops.news == ["opened web", "resolved web"]
        assert stage.ops.heard[1].message.ref == "ops-1", "in the same thread"
        await stage.wait(60)
        assert len((await stage.engine.snapshot())["deliveries"]) == 0
        assert len(stage.ops.heard) == 2

    stage_of().play(story)


@pytest.mark.parametrize("by_restart", [False, True])
@pytest.mark.parametrize("lasts", [False, True])
def test_it_hears_of_what_it_was_about_to_be_told_if_that_still_lasts(by_restart: bool, lasts: bool) -> None:
    async def story(stage: Stage) -> None:
        everywhere = stage.plan.places
        stage.becomes("web", DOWN)
        await stage.wait(20)
        await change_to(stage, everywhere[1:], by_restart=by_restart)
        await stage.wait(10)
        stage.becomes("web", DOWN if lasts else UP)
        await stage.wait(60)
        await change_to(stage, everywhere, by_restart=by_restart)
        await stage.wait(120)
        assert stage.ops.news == ["opened web"] * lasts

    stage_of(wait=45.0).play(story)


def test_the_end_that_it_refused_before_it_was_taken_out_is_not_forgotten() -> None:
    async def story(stage: Stage) -> None:
        everywhere = stage.plan.places
        stage.becomes("web", DOWN)
        await stage.wait(20)
        stage.ops.refusing = DeliveryError("no", retry=True)
        stage.becomes("web", UP)
        await stage.wait(20)
        await stage.reload(places=everywhere[1:])
        await stage.wait(60)
        stage.ops.refusing = None
        await stage.reload(places=everywhere)
        await stage.wait(60)
        assert stage.ops.news == ["opened web", "resolved web"]

    stage_of().play(story)


def test_what_nobody_waits_for_any_more_is_forgotten_in_the_end() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(20)
        await stage.reload(places=stage.plan.places[1:])
        stage.becomes("web", UP)
        await stage.wait(30)
        assert stage.engine._desk.incidents
        stage.loop.hold_up(8 * 86400)
        await stage.wait(30)
        assert not stage.engine._desk.incidents

    stage_of().play(story)
