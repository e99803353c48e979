"""Planned work, by config and by command: looks go on and are marked, and what is told is decided at its edges."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.engine.stage import DOWN, SLOW, UP, Stage
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route
from tui_monitor.core.window import Scope, Span, Window

QUICK = (Route(to=("ops",), group_wait=0.0),)
WEB = Service("web", "Web", every=10.0, patience=Patience(down_after=1, up_after=1), group="Own")
API = Service("api", "API", every=10.0, patience=Patience(down_after=1, up_after=1))


def at(minute: int) -> datetime:
    return datetime(2026, 3, 1, 12, minute, tzinfo=UTC)


ONCE = Window("once", "Web", Scope(services=("web",)), Span(at(2), at(5)), reason="new disks")
HOURLY = Window("hourly", "Web", Scope(groups=("Own",)), cron="2 * * * *", lasts=180.0, timezone="Europe/Paris")


@pytest.fixture(params=["by cron", "by command"])
def planned(request: pytest.FixtureRequest) -> Stage:
    """From two past to five past twelve, written down in one way or another."""
    windows = {"by cron": (HOURLY,), "by command": ()}[request.param]
    return Stage(WEB, API, routes=QUICK, maintenance=windows)


async def begin(stage: Stage) -> None:
    if not stage.plan.maintenance:
        await stage.do("maintenance", "web", "new disks", for_="3m", at=at(2).isoformat())
    await stage.wait(60)


async def until(stage: Stage, minute: float) -> None:
    await stage.wait(minute * 60 - stage.now)


def test_what_fails_inside_is_told_at_the_end_if_it_still_does(planned: Stage) -> None:
    async def story(stage: Stage) -> None:
        await begin(stage)
        await until(stage, 2.5)
        service = await stage.service("web")
        assert (service["status"], service["maintenance"]) == ("maintenance", "2026-03-01T12:05:00Z")
        stage.becomes("web", DOWN)
        stage.becomes("api", DOWN)
        await until(stage, 4.99)
        assert stage.ops.news == ["opened api"]
        web = next(one for one in await stage.incidents() if one["service"] == "web")
        assert web["quiet"].startswith("in maintenance until 12:05")
        await until(stage, 5.05)
        assert stage.ops.news == ["opened api", "opened web"]
        assert (await stage.service("web"))["status"] == "major"
        begun, over = await stage.events("maintenance", "maintained")
        assert "until 12:05" in begun
        assert over == "maintenance of Web is over" or over == "maintenance of group Own is over"

    planned.play(story)


def test_what_fails_and_recovers_inside_is_never_told(planned: Stage) -> None:
    async def story(stage: Stage) -> None:
        await begin(stage)
        await until(stage, 2.1)
        stage.becomes("web", DOWN)
        await until(stage, 4)
        stage.becomes("web", UP)
        await until(stage, 8)
        assert stage.ops.heard == []
        assert len(await stage.incidents()) == 1

    planned.play(story)


def test_what_was_told_before_is_told_its_end_inside_and_its_changes_after(planned: Stage) -> None:
    async def story(stage: Stage) -> None:
        await begin(stage)
        stage.becomes("web", DOWN)
        await until(stage, 2.5)
        stage.becomes("web", SLOW)
        await until(stage, 4.9)
        assert stage.ops.news == ["opened web"]
        await until(stage, 5.3)
        assert stage.ops.news == ["opened web", "changed web"]
        stage.becomes("web", UP)
        await until(stage, 6)
        assert stage.ops.news == ["opened web", "changed web", "resolved web"]

    planned.play(story)


def test_what_lasts_over_both_edges_unchanged_is_told_once_and_its_end_is_told_inside_another(planned: Stage) -> None:
    async def story(stage: Stage) -> None:
        await begin(stage)
        stage.becomes("web", DOWN)
        await until(stage, 7)
        assert stage.ops.news == ["opened web"]
        await stage.do("maintenance", "web", for_="5m")
        stage.becomes("web", UP)
        await until(stage, 8)
        assert stage.ops.news == ["opened web", "resolved web"]

    planned.play(story)


def test_looks_go_on_are_marked_and_no_downtime_is_booked(planned: Stage) -> None:
    async def story(stage: Stage) -> None:
        await begin(stage)
        await until(stage, 2.02)
        stage.becomes("web", DOWN)
        await until(stage, 4.8)
        stage.becomes("web", UP)
        await until(stage, 7)
        history = await stage.engine.history("looks", service="web", since="1h")
        inside = [status for moment, status, _ in history["looks"] if "12:02" <= moment[11:16] < "12:05"]
        outside = [status for moment, status, _ in history["looks"] if not "12:02" <= moment[11:16] < "12:05"]
        assert len(inside) >= 17
        assert set(inside) == {"maintenance"}
        assert set(outside) == {"operational"}
        assert set((await stage.service("web"))["uptime"].values()) == {1.0}

    planned.play(story)


def test_a_look_that_began_inside_and_came_back_after_the_end_is_marked_too(planned: Stage) -> None:
    async def story(stage: Stage) -> None:
        await begin(stage)
        await until(stage, 4.7)
        stage.world.waits["web"] = 9.0
        stage.becomes("web", DOWN)
        await until(stage, 5.16)
        stage.world.waits.clear()
        stage.becomes("web", UP)
        await until(stage, 6)
        history = await stage.engine.history("looks", service="web", since="1h")
        late = [status for moment, status, _ in history["looks"] if "12:04:42" <= moment[11:19] < "12:05"]
        assert late
        assert set(late) == {"maintenance"}

    planned.play(story)


def test_a_restart_in_the_middle_changes_nothing_and_announces_nothing_twice(planned: Stage) -> None:
    async def story(stage: Stage) -> None:
        await begin(stage)
        await until(stage, 3)
        stage.becomes("web", DOWN)
        await until(stage, 3.5)
        await stage.kill()
        await stage.start()
        await until(stage, 4.9)
        assert (await stage.service("web"))["status"] == "maintenance"
        assert stage.ops.heard == []
        await until(stage, 5.1)
        assert stage.ops.news == ["opened web"]
        assert len(await stage.events("maintenance", "maintained")) == 2

    planned.play(story)


def test_what_ended_while_no_engine_ran_is_said_and_told_at_the_next_start(planned: Stage) -> None:
    async def story(stage: Stage) -> None:
        await begin(stage)
        await until(stage, 3)
        stage.becomes("web", DOWN)
        await until(stage, 3.5)
        await stage.kill()
        await until(stage, 10)
        await stage.start()
        await stage.wait(30)
        assert stage.ops.news == ["opened web"]
        assert len(await stage.events("maintained")) == 1
        rows = (await stage.engine.snapshot())["maintenance"]
        assert not any(row["active"] for row in rows)
        assert [row["id"] for row in rows] == [one.id for one in stage.plan.maintenance]

    planned.play(story)


def test_what_passed_wholly_while_no_engine_ran_is_forgotten() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("maintenance", "web", for_="3m", at=at(2).isoformat())
        await stage.stop()
        await until(stage, 10)
        await stage.start()
        await stage.wait(5)
        assert (await stage.engine.snapshot())["maintenance"] == []
        assert await stage.events("maintenance", "maintained") == []

    Stage(WEB, routes=QUICK).play(story)


def test_planned_work_is_ended_by_hand_where_it_was_begun_by_hand() -> None:
    async def story(stage: Stage) -> None:
        made = await stage.do("maintenance", "web", "rewiring", for_="2h", by="bob")
        assert made.data["services"] == ["web"]
        stage.becomes("web", DOWN)
        await until(stage, 3)
        row = next(one for one in (await stage.engine.snapshot())["maintenance"] if one["source"] == "command")
        assert (row["active"], row["by"], row["reason"]) == (True, "bob", "rewiring")
        with pytest.raises(Rejected, match="written in the config"):
            await stage.do("end-maintenance", "once")
        assert stage.ops.heard == []
        await stage.do("end-maintenance", str(made.data["id"])[:6])
        await stage.wait(2)
        assert stage.ops.heard == []
        assert (await stage.service("web"))["maintenance"] == "2026-03-01T12:05:00Z"
        await until(stage, 5.1)
        assert stage.ops.news == ["opened web"]

    Stage(WEB, API, routes=QUICK, maintenance=(ONCE,)).play(story)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"for_": "1h", "at": "noon"}, "'noon' is not a moment"),
        ({"for_": "1h", "at": "2026-03-01T12:00:00"}, "has no time zone"),
        ({"for_": "1h", "at": "9999-12-31T23:59:59Z"}, "ahead"),
        ({"for_": ""}, "say for how long"),
        ({"for_": "2000d"}, "is not between"),
    ],
)
def test_planned_work_at_no_sensible_time_is_refused_and_the_engine_lives(
    options: dict[str, str], words: str
) -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(Rejected, match=words):
            await stage.do("maintenance", "web", **options)
        assert (await stage.engine.snapshot())["maintenance"] == []

    Stage(WEB, routes=QUICK).play(story)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_when_the_clock_is_set_the_window_is_where_the_clock_says(step: float) -> None:
    async def story(stage: Stage) -> None:
        await until(stage, 3)
        assert (await stage.service("web"))["status"] == "maintenance"
        stage.loop.wall_offset += step
        await stage.wait(5)
        assert (await stage.service("web"))["status"] == "operational"
        stage.loop.wall_offset -= step
        await stage.wait(5)
        assert (await stage.service("web"))["status"] == "maintenance"

    Stage(WEB, routes=QUICK, maintenance=(ONCE,)).play(story)
