"""What every check that is registered promises, ours like a stranger's: tried on each, at services that are well,
wrong, silent and gone.
"""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from tests.checks.scenes import Scene, check_of
from tests.checks.stages import STAGES
from tui_monitor import checks
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.ports import Check
from tui_monitor.core.status import Status
from tui_monitor.net import Way

KINDS = [kind for kind in checks.kinds() if kind in STAGES or not checks.find(kind).vendor]


def each(state: str = "") -> Any:
    """Every kind; of those whose stage can show this state where one is named."""
    chosen = [kind for kind in KINDS if not state or (kind in STAGES and state in STAGES[kind].states)]
    needs = {kind: STAGES[kind].needs if kind in STAGES else "" for kind in chosen}
    marks = {kind: [pytest.mark.service(need)] if need else [] for kind, need in needs.items()}
    return pytest.mark.parametrize("kind", [pytest.param(kind, marks=marks[kind]) for kind in chosen])


async def look(kind: str, scene: Scene, way: Way) -> Reading:
    check = check_of(kind, scene)
    return check.judge(await check.look(scene.way(way)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_stage_here(kind: str):
    assert kind in STAGES


@each("well")
class TestEveryCheckOnceItIsWell:
    async def test_is_a_frozen_value_of_options(self, kind: str):
        async with STAGES[kind].set("well") as scene:
            one, other = check_of(kind, scene), check_of(kind, scene)
        assert isinstance(one, Check)
        assert is_dataclass(one)
        assert one == other
        with pytest.raises(AttributeError):
            setattr(one, fields(one)[0].name, "another")
        assert not hasattr(one, "__dict__")

    async def test_sees_a_service_that_is_well(self, kind: str, way: Way):
        async with STAGES[kind].set("well") as scene:
            reading = await look(kind, scene, way)
        assert isinstance(reading, Reading)
        assert reading.status is Status.OPERATIONAL
        assert reading.cause == ""
        assert reading.message.isprintable()
        if STAGES[kind].connects:
            assert reading.latency is not None
            assert reading.phases is not None
            assert 0 < reading.phases.connect <= reading.phases.total == reading.latency
        if reading.phases is not None:
            parts = [getattr(reading.phases, one.name) for one in fields(reading.phases)]
            assert 0 <= min(parts) <= max(parts) == reading.phases.total

    async def test_judges_without_looking_again(self, kind: str, way: Way):
        async with STAGES[kind].set("well") as scene:
            check = check_of(kind, scene)
            sight = await check.look(scene.way(way))
            looks = scene.looks()
            assert check.judge(sight) == check.judge(sight)
            assert scene.looks() == looks
            assert not STAGES[kind].connects or looks == 1

    async def test_leaves_nothing_behind(self, kind: str, way: Way):
        async with STAGES[kind].set("well") as scene:
            net = scene.way(way).net
            before, tasks = net.places, asyncio.all_tasks()
            for _ in range(5):
                await look(kind, scene, way)
            assert net.places == before
            assert asyncio.all_tasks() <= tasks


@each("wrong")
async def test_a_service_that_fails_does_so_for_the_same_cause_each_time(kind: str, way: Way):
    async with STAGES[kind].set("wrong") as scene:
        first, second = [await look(kind, scene, way) for _ in range(2)]
    assert first.status.is_bad
    assert first.cause
    assert first.message
    assert first.cause == second.cause


@each("gone")
async def test_when_nobody_listens_it_says_so(kind: str, way: Way):
    async with STAGES[kind].set("gone") as scene:
        with pytest.raises(Unreachable) as caught:
            await look(kind, scene, way)
        assert scene.way(way).net.places == 20
    assert caught.value.cause == STAGES[kind].gone_cause


@each("silent")
class TestEveryCheckInSilence:
    async def test_keeps_to_its_budget(self, kind: str, way: Way):
        async with STAGES[kind].set("silent") as scene:
            with pytest.raises(Unreachable) as caught:
                await check_of(kind, scene).look(scene.way(way, 0.05))
            assert scene.way(way).net.places == 20
        assert caught.value.cause == "timeout"

    async def test_hangs_up_when_it_is_cancelled(self, kind: str, way: Way):
        async with STAGES[kind].set("silent") as scene:
            task = asyncio.ensure_future(check_of(kind, scene).look(scene.way(way)))
            await asyncio.sleep(0)
            await scene.heard()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await scene.left()
            assert scene.way(way).net.places == 20


@each("garbled")
@pytest.mark.parametrize("said", [b"", b"\0\xff\x1b[31m\r\n\r\n", b"x" * 200_000])
async def test_whatever_is_said_is_borne(kind: str, said: bytes, way: Way):
    async with STAGES[kind].set("garbled", said) as scene:
        try:
            reading = await look(kind, scene, way)
        except (Unreachable, Unreadable) as error:
            assert str(error).isprintable()
        else:
            assert reading.status.is_bad
            assert reading.message.isprintable()


def test_a_reading_is_plain_data():
    assert pickle.loads(pickle.dumps(Reading(Status.MAJOR, "x", "y"))) == Reading(Status.MAJOR, "x", "y")


def test_the_kinds_are_those_that_are_registered():
    assert {"http", "tcp"} <= set(checks.kinds())
    assert checks.find("http").__name__ == "Http"


def test_an_unknown_kind_is_told_with_what_was_meant():
    with pytest.raises(ValueError, match=r"no check of the kind 'htpt'; did you mean http\?"):
        checks.find("htpt")
    with pytest.raises(ValueError, match=r"known are .*http"):
        checks.find("zzzzzz")
