"""Places that take part in what goes on: shown how services are, given each look, told that all is well."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.engine.stage import DOWN, SLOW, UNKNOWN, UP, Recorder, Stage, linger
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.ports import Sample, Standing
from tui_monitor.engine import keeping

AWAY = DeliveryError("status.example cannot be reached: connection refused", retry=True)
AT_ONCE = Patience(down_after=1, up_after=1)
WEB = Service("web", "Web", every=10.0, patience=AT_ONCE, publish={"page": 1, "table": "web"})
API = Service("api", "API", every=10.0, patience=AT_ONCE, publish={"page": 2})


@dataclass
class Page(Recorder):
    """Shows how services are, and remembers each scene that it was shown."""

    name: str = "page"
    away: DeliveryError | None = None
    scenes: list[dict[str, str]] = field(default_factory=list)
    published: list[Any] = field(default_factory=list)

    def keeps(self, service: Service, publish: Any) -> bool:
        return publish is not None

    async def keep(self, scene: Sequence[Standing], outside: Any) -> str:
        if self.away is not None:
            raise self.away
        self.scenes.append({one.service.id: one.status.value for one in scene})
        self.published += [one.publish for one in scene]
        return "1 component" if len(self.scenes) > 1 else ""


@dataclass
class Table(Recorder):
    """Records looks."""

    name: str = "table"
    away: DeliveryError | None = None
    hangs_at_record: bool = False
    rows: list[tuple[str, str]] = field(default_factory=list)

    def records(self, service: Service, publish: Any) -> bool:
        return publish == "web"

    async def record(self, samples: Sequence[Sample], outside: Any) -> None:
        if self.hangs_at_record:
            await asyncio.Event().wait()
        if self.away is not None:
            raise self.away
        await linger(self.slow)
        self.rows += [(one.service.id, one.status.value) for one in samples]


@dataclass
class Switch(Recorder):
    """A dead man's switch."""

    name: str = "switch"
    beats_every: float = 60.0
    away: DeliveryError | None = None
    beats: int = 0

    async def beat(self, outside: Any) -> None:
        if self.away is not None:
            raise self.away
        self.beats += 1


# -- shown how services are -----------------------------------------------------------------------------------------


def test_a_place_is_shown_what_is_so_and_told_of_each_change_once() -> None:
    page = Page()

    async def story(stage: Stage) -> None:
        await stage.wait(25)
        assert page.scenes[-1] == {"web": "operational", "api": "operational"}
        calm = len(page.scenes)
        await stage.wait(100)
        assert len(page.scenes) == calm
        stage.becomes("web", DOWN)
        await stage.wait(15)
        assert page.scenes[calm:] == [{"web": "major", "api": "operational"}]
        stage.becomes("web", UP)
        await stage.wait(15)
        assert page.scenes[calm + 1 :] == [{"web": "operational", "api": "operational"}]
        assert set(page.published) == {1, 2}
        assert await stage.events("told") == []  # only what was altered there is put right

    Stage(WEB, API, "other", places=(page,), routes=()).play(story)


def test_what_somebody_has_altered_there_is_put_right_now_and_then_and_said() -> None:
    page = Page()

    async def story(stage: Stage) -> None:
        await stage.wait(25)
        before = len(page.scenes)
        await stage.wait(keeping.REPAIRED_EVERY + 5)
        assert len(page.scenes) == before + 1
        assert page.scenes[-1] == {"web": "operational"}
        assert "page put right: 1 component" in await stage.events("told")

    Stage(WEB, places=(page,), routes=()).play(story)


def test_a_page_that_was_away_is_shown_what_is_true_now_and_the_board_says_so_once() -> None:
    page = Page()

    async def story(stage: Stage) -> None:
        await stage.wait(25)
        page.away, seen = AWAY, len(page.scenes)
        stage.becomes("web", DOWN)
        await stage.wait(40)
        stage.becomes("web", SLOW)
        await stage.wait(40)
        page.away = None
        await stage.wait(keeping.REPAIRED_EVERY)
        assert {"web": "major"} not in page.scenes[seen:]
        assert page.scenes[-1] == {"web": "degraded"}
        said = await stage.events("trouble", "well")
        assert said == [
            "page could not be shown how services are: status.example cannot be reached: connection refused",
            "page takes part again",
        ]

    Stage(WEB, places=(page,), routes=()).play(story)


def test_in_test_mode_nothing_public_changes_and_a_rehearsal_is_never_shown() -> None:
    page = Page(public=True)

    async def story(stage: Stage) -> None:
        await stage.wait(25)
        await stage.do("simulate", "web", status="major", for_="60s")
        await stage.wait(20)
        assert {"web": "major"} not in page.scenes
        await stage.wait(60)
        await stage.do("test-mode", "on")
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert {"web": "major"} not in page.scenes
        await stage.do("test-mode", "off")
        await stage.wait(3)
        assert page.scenes[-1] == {"web": "major"}

    Stage(WEB, places=(page,), routes=()).play(story)


def test_while_nothing_can_be_written_down_nobody_is_shown_anything() -> None:
    page, switch = Page(), Switch()

    async def story(stage: Stage) -> None:
        await stage.wait(65)
        beats, seen = switch.beats, len(page.scenes)
        stage.store.full = True
        stage.becomes("web", DOWN)
        await stage.wait(200)
        assert (switch.beats, len(page.scenes)) == (beats, seen)
        stage.store.full = False
        await stage.wait(10)
        assert switch.beats == beats + 1
        assert page.scenes[-1] == {"web": "major"}

    Stage(WEB, places=(page, switch), routes=()).play(story)


# -- given each look ------------------------------------------------------------------------------------------------


def test_each_look_at_a_chosen_service_is_recorded_once() -> None:
    table = Table()

    async def story(stage: Stage) -> None:
        await stage.wait(35)
        stage.becomes("web", DOWN)
        await stage.wait(10)
        stage.becomes("web", UNKNOWN)
        await stage.wait(20)
        looks = [name for _, name in stage.world.looked if name == "web"]
        assert abs(len(looks) - len(table.rows)) <= 1
        assert {name for name, _ in table.rows} == {"web"}
        assert [status for _, status in table.rows if status != "operational"][:1] == ["major"]
        assert table.rows[-1] == ("web", "unknown")

    Stage(WEB, API, places=(table,), routes=()).play(story)


def test_looks_wait_for_a_place_that_is_away_and_come_in_order() -> None:
    table = Table(away=AWAY)

    async def story(stage: Stage) -> None:
        await stage.wait(45)
        stage.becomes("web", DOWN)
        await stage.wait(45)
        assert table.rows == []
        table.away = None
        await stage.wait(400)
        well = [status for _, status in table.rows].index("major")
        assert 3 <= well <= 6
        assert {status for _, status in table.rows[well:]} == {"major"}
        assert abs(len(table.rows) - len(stage.world.looked)) <= 1
        assert "table takes part again" in await stage.events("well")

    Stage(WEB, places=(table,), routes=()).play(story)


def test_looks_that_come_while_others_are_recorded_are_recorded_too() -> None:
    table = Table(slow=12.0)

    async def story(stage: Stage) -> None:
        await stage.wait(200)
        assert len(stage.world.looked) >= 39
        assert len(table.rows) >= 34

    Stage(replace(WEB, every=5.0), places=(table,), routes=()).play(story)


def test_what_waits_has_an_end_and_what_is_lost_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_WAITING", 5)
    table = Table(away=AWAY)

    async def story(stage: Stage) -> None:
        await stage.wait(100)
        table.away = None
        await stage.wait(keeping.REPAIRED_EVERY)
        (said,) = [one for one in await stage.events("well") if one.startswith("table")]
        found = re.search(r"; (\d+) looks could not wait and are lost there", said)
        assert found
        assert abs(len(table.rows) + int(found[1]) - len(stage.world.looked)) <= 1

    Stage(WEB, places=(table,), routes=()).play(story)


def test_a_place_that_hangs_keeps_nobody_waiting_and_gets_everything_later() -> None:
    table, switch = Table(hangs_at_record=True), Switch()

    async def story(stage: Stage) -> None:
        await stage.wait(200)
        assert switch.beats >= 3
        assert any("no answer within 15 s" in one for one in await stage.events("trouble"))
        table.hangs_at_record = False
        await stage.wait(400)
        assert abs(len(table.rows) - len(stage.world.looked)) <= 1

    Stage(WEB, places=(table, switch), routes=()).play(story)


def test_what_a_place_will_never_take_is_let_go_and_counted_as_lost() -> None:
    table = Table(away=DeliveryError("there is no metric 7", retry=False))

    async def story(stage: Stage) -> None:
        await stage.wait(45)
        table.away = None
        await stage.wait(200)
        (said,) = [one for one in await stage.events("well") if one.startswith("table")]
        found = re.search(r"; (\d+) looks? could not wait and (?:is|are) lost there", said)
        assert found
        assert int(found[1]) >= 2
        assert abs(len(table.rows) + int(found[1]) - len(stage.world.looked)) <= 1

    Stage(WEB, places=(table,), routes=()).play(story)


def test_what_still_waits_outlives_a_restart() -> None:
    table = Table(away=AWAY)

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(35)
        await stage.stop()
        before = len(stage.world.looked)
        table.away = None
        stage.becomes("web", UP)
        await stage.start()
        await stage.wait(5)
        assert [status for _, status in table.rows].count("major") == before
        rows = len(table.rows)
        await stage.stop()
        await stage.start()
        await stage.wait(3)
        assert [status for _, status in table.rows].count("major") == before, rows

    Stage(WEB, places=(table,), routes=()).play(story)


def test_in_test_mode_nothing_public_is_recorded_until_it_is_over() -> None:
    table = Table(public=True)

    async def story(stage: Stage) -> None:
        await stage.wait(15)
        await stage.do("test-mode", "on")
        await stage.wait(3)
        before = len(table.rows)
        await stage.wait(60)
        assert len(table.rows) == before
        await stage.do("test-mode", "off")
        await stage.wait(15)
        assert abs(len(table.rows) - len(stage.world.looked)) <= 1

    Stage(WEB, places=(table,), routes=()).play(story)


def test_a_rehearsal_is_recorded_nowhere() -> None:
    table = Table()

    async def story(stage: Stage) -> None:
        await stage.wait(15)
        await stage.do("simulate", "web", status="major", for_="60s")
        await stage.wait(3)
        before = list(table.rows)
        await stage.wait(40)
        assert table.rows == before
        await stage.wait(40)
        assert table.rows[len(before) :]
        assert {status for _, status in table.rows} == {"operational"}

    Stage(WEB, places=(table,), routes=()).play(story)


# -- told that all is well ------------------------------------------------------------------------------------------


def test_a_switch_hears_in_time_that_the_engine_is_well() -> None:
    switch = Switch()

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(605)
        assert switch.beats == 11
        assert switch.heard == []

    Stage(WEB, places=(switch,), routes=()).play(story)


def test_a_switch_that_cannot_be_reached_is_tried_again_soon() -> None:
    switch = Switch(away=AWAY)

    async def story(stage: Stage) -> None:
        await stage.wait(20)
        switch.away = None
        await stage.wait(45)
        assert switch.beats >= 1
        assert await stage.events("well") == ["switch takes part again"]

    Stage(WEB, places=(switch,), routes=()).play(story)


# -- another config -------------------------------------------------------------------------------------------------


def test_what_waits_survives_another_config_and_a_place_that_is_gone_is_left_alone() -> None:
    table, page = Table(away=AWAY), Page()

    async def story(stage: Stage) -> None:
        await stage.wait(35)
        seen = len(stage.world.looked)
        places = [one for one in stage.plan.places if one.name != "page"]
        await stage.reload(services=stage.of(replace(WEB, every=11.0)), places=tuple(places))
        shown = len(page.scenes)
        table.away = None
        stage.becomes("web", DOWN)
        await stage.wait(200)
        assert len(table.rows) > seen
        assert table.rows[0] == ("web", "operational")
        assert len(page.scenes) == shown

    Stage(WEB, places=(table, page), routes=()).play(story)


# -- shown on the board ---------------------------------------------------------------------------------------------


async def _places(stage: Stage) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in (await stage.engine.snapshot())["places"]}


def test_the_board_says_which_place_fails_since_when_and_why() -> None:
    table, ops = Table(away=AWAY), Recorder(refusing=DeliveryError("ops is full", retry=True))

    async def story(stage: Stage) -> None:
        await stage.wait(5)
        assert {one["state"] for one in (await _places(stage)).values()} <= {"well", "failing"}
        stage.becomes("web", DOWN)
        await stage.wait(60)
        places = await _places(stage)
        assert (places["table"]["state"], places["table"]["error"]) == ("failing", str(AWAY))
        assert places["table"]["waiting"] >= 4
        assert places["table"]["since"] is not None
        failing = [places["ops"][key] for key in ("state", "error", "owed")]
        assert failing == ["failing", "ops is full", 1]
        table.away, ops.refusing = None, None
        await stage.wait(300)
        places = await _places(stage)
        assert [(one["state"], one["error"], one["owed"]) for one in places.values()] == [("well", "", 0)] * 2

    Stage(WEB, places=(ops, table)).play(story)
