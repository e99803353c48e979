"""Places that take part, in hard times: another config, broken plugins, a store that hangs, what an engine left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.engine.stage import DOWN, SLOW, UP, Recorder, Stage, linger
from tests.engine.test_keeping import API, AWAY, WEB, Page, Switch, Table
from tui_monitor.core.errors import DeliveryError, Rejected
from tui_monitor.core.model import Reading, Service, VendorIncident
from tui_monitor.core.plan import Route
from tui_monitor.core.ports import Batch, Sample, Standing
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.engine import keeping

TOKEN = "tok-3f9a1c77d2e84b05"


# -- another config -------------------------------------------------------------------------------------------------


def test_looks_wait_on_where_the_options_of_their_place_are_mended() -> None:
    table = Table(away=AWAY)

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(65)
        seen = len(stage.world.looked)
        table.away = None
        stage.becomes("web", UP)
        await stage.reload(places=tuple(replace(one, timeout=20.0) for one in stage.plan.places))
        await stage.wait(5)
        assert [status for _, status in table.rows].count("major") >= seen - 1
        assert await stage.events("well") == ["table takes part again"]

    Stage(WEB, places=(table,), routes=()).play(story)


@dataclass
class Strict(Table):
    """Fails on what it is not meant to be given."""

    async def record(self, samples: Sequence[Sample], outside: Any) -> None:
        await super().record(samples, outside)
        assert all(len(one.publish) for one in samples)


def test_looks_at_what_is_not_to_be_recorded_any_more_hold_up_no_others() -> None:
    table = Strict(away=AWAY)
    both = replace(API, publish={"table": "web"})

    async def story(stage: Stage) -> None:
        await stage.wait(35)
        table.away = None
        await stage.reload(services=stage.of(WEB, replace(both, publish={})))
        await stage.wait(90)
        assert {name for name, _ in table.rows} == {"web"}
        places = (await stage.engine.snapshot())["places"]
        assert [(one["state"], one["waiting"] <= 1) for one in places] == [("well", True)]

    Stage(WEB, both, places=(table,), routes=()).play(story)


# -- plugins that fail ----------------------------------------------------------------------------------------------


@dataclass
class Broken(Table):
    """Cannot even say what it takes."""

    is_broken: bool = True

    def records(self, service: Service, publish: Any) -> bool:
        if self.is_broken:
            raise AttributeError(f"no such thing as {TOKEN}")
        return super().records(service, publish)

    def keeps(self, service: Service, publish: Any) -> bool:
        return self.records(service, "web")

    def keep(self, scene: Sequence[Standing], outside: Any) -> Any:
        raise ValueError(TOKEN)

    def spared(self, service: Service, publish: Any) -> str:
        self.records(service, publish)
        return ""


def test_a_plugin_that_cannot_say_what_it_takes_is_shown_as_failing_and_takes_nobody_down() -> None:
    broken, switch = Broken(), Switch()

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(100)
        assert switch.beats == 2
        assert broken.news == ["opened web"]
        places = {one["name"]: one for one in (await stage.engine.snapshot())["places"]}
        assert places["table"]["error"] == "the destination itself failed: AttributeError"
        assert places["table"]["waiting"] >= 8
        broken.is_broken = False
        await stage.wait(300)
        assert len(broken.rows) >= 35
        places = {one["name"]: one for one in (await stage.engine.snapshot())["places"]}
        assert places["table"]["error"] == "the destination itself failed: ValueError"

    Stage(WEB, places=(broken, switch), routes=(Route(to=("table",), group_wait=5.0),)).play(story)


def test_a_delivery_that_fails_before_it_begins_is_tried_again() -> None:
    @dataclass
    class Odd(Recorder):
        def deliver(self, message: Any, outside: Any) -> Any:
            self.tries += 1
            raise TypeError("deliver() takes 2 arguments")

    odd = Odd()

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(100)
        assert odd.tries >= 3
        (row,) = (await stage.engine.snapshot())["deliveries"]
        assert row["error"] == "the destination itself failed: TypeError"

    Stage(WEB, places=(odd,)).play(story)


def test_no_end_of_a_secret_is_left_where_an_error_is_cut() -> None:
    page = Page(away=DeliveryError("x" * 490 + TOKEN, retry=True))
    ops = Recorder(refusing=DeliveryError("x" * 490 + TOKEN, retry=True))

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        said = json.dumps(await stage.engine.snapshot())
        assert "xxx" in said
        assert TOKEN[:6] not in said

    stage = Stage(WEB, places=(ops, page))
    stage.plan = replace(stage.plan, secrets=(Secret(TOKEN),))
    stage.play(story)


# -- while all is not well ------------------------------------------------------------------------------------------


def test_no_switch_hears_that_all_is_well_while_the_store_does_not_answer() -> None:
    switch = Switch(beats_every=10.0)

    async def story(stage: Stage) -> None:
        await stage.wait(65)
        stage.store.held, stage.store.holds_all = asyncio.Event(), True
        with suppress(Rejected):
            await stage.do("test-mode", "on")
        beats = switch.beats
        await stage.wait(120)
        assert switch.beats == beats
        stage.store.held.set()
        await stage.wait(20)
        assert switch.beats > beats

    Stage(replace(WEB, every=3600.0), places=(switch,), routes=()).play(story)


def test_nobody_is_shown_what_is_not_written_down_yet() -> None:
    page = Page()
    shown: list[str] = []

    async def story(stage: Stage) -> None:
        await stage.wait(25)
        kept, commit = {"web": "operational"}, stage.store.commit
        page.scenes.clear()

        async def slowly(batch: Batch) -> None:
            await linger(0.5)
            shown.extend(one["web"] for one in page.scenes if one["web"] != kept["web"])
            await commit(batch)
            kept.update({one.service: one.status.value for one in batch.beliefs})

        stage.store.commit = slowly  # type: ignore[method-assign]  # a disk that is slow from now on
        stage.becomes("web", DOWN)
        await stage.wait(20)
        assert page.scenes[-1] == {"web": "major"}
        assert shown == []

    Stage(replace(WEB, every=1.0), places=(page,), routes=()).play(story)


def test_a_place_that_asks_for_time_is_given_it() -> None:
    page = Page(away=DeliveryError("too many requests", retry=True, after=1800.0))

    async def story(stage: Stage) -> None:
        await stage.wait(30)
        page.away = None
        await stage.wait(1700)
        assert page.scenes == []
        await stage.wait(120)
        assert page.scenes == [{"web": "operational"}]

    Stage(WEB, places=(page,), routes=()).play(story)


def test_nothing_of_a_rehearsal_is_said_of_a_service_that_others_are_shown_beside() -> None:
    @dataclass
    class Words(Page):
        async def keep(self, scene: Sequence[Standing], outside: Any) -> str:
            self.published += [(one.service.id, one.status.value, one.message) for one in scene]
            return ""

    page = Words()

    async def story(stage: Stage) -> None:
        await stage.wait(25)
        await stage.do("simulate", "web", status="major", for_="60s")
        await stage.wait(15)
        stage.becomes("api", SLOW)
        await stage.wait(20)
        assert ("api", "degraded", "1.8 s, over 1 s") in page.published
        assert {one[1:] for one in page.published if one[0] == "web"} <= {("unknown", ""), ("operational", "")}

    Stage(WEB, API, places=(page,), routes=()).play(story)


# -- what an engine leaves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "left",
    ["nonsense", "[]", '{"table": [{"service": "web"}]}', '{"table": [7]}', '{"table": {"a": 1}}', '{"table": 7}'],
)
def test_what_cannot_be_read_of_the_looks_that_waited_keeps_no_engine_from_starting(left: str) -> None:
    table = Table()

    async def story(stage: Stage) -> None:
        await stage.stop()
        await stage.store.commit(Batch(settings={keeping.SETTING: left}))
        rows = len(table.rows)
        await stage.start()
        assert await stage.events("trouble") == [
            "looks that waited for places to record them cannot be read, and are lost"
        ]
        await stage.wait(30)
        assert len(table.rows) > rows

    Stage(WEB, places=(table,), routes=()).play(story)


def test_of_a_look_that_waits_only_that_is_kept_which_is_recorded() -> None:
    page = tuple(VendorIncident(f"v{n}", "words " * 50, Status.MAJOR) for n in range(50))
    table = Table(away=AWAY)

    async def story(stage: Stage) -> None:
        stage.becomes("web", Reading(Status.MAJOR, "down", "x", incidents=page, memo="m" * 5000, latency=0.25))
        await stage.wait(25)
        await stage.stop()
        kept = (await stage.store.load(["web"])).settings[keeping.SETTING]
        assert 0 < len(json.loads(kept)["table"]) * 100 < len(kept) < 4000
        table.away = None
        await stage.start()

    Stage(WEB, places=(table,), routes=()).play(story)


def test_looks_that_come_while_the_last_turn_is_written_down_are_recorded_too() -> None:
    table = Table()

    async def story(stage: Stage) -> None:
        commit = stage.store.commit

        async def slowly(batch: Batch) -> None:
            await linger(0.8)
            await commit(batch)

        stage.store.commit = slowly  # type: ignore[method-assign]  # a disk that is slow
        for _ in range(5):
            await stage.wait(20)
            await stage.stop()
            await stage.start()
        stage.store.commit = commit  # type: ignore[method-assign]  # and now is not
        await stage.wait(10)
        assert abs(len(table.rows) - len(stage.world.looked)) <= 2

    Stage(replace(WEB, every=0.5), places=(table,), routes=()).play(story)
