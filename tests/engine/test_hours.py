"""Places that listen only in some hours: what lasts is told when they begin, and ends wait for them too."""

from __future__ import annotations

from tests.engine.stage import DOWN, UP, Recorder, Stage
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.status import Status
from tui_monitor.core.window import parse_hours

WEB = Service("web", "Web", every=10.0, patience=Patience(down_after=1, up_after=1))
FROM_TEN_PAST = (parse_hours("12:10-12:20", "UTC"),)
UNTIL_TEN_PAST = (parse_hours("08:00-12:10", "UTC"), parse_hours("12:20-13:00", "UTC"))


async def until(stage: Stage, minute: float) -> None:
    await stage.wait(minute * 60 - stage.now)


def test_what_begins_outside_the_hours_is_told_when_they_begin_if_it_still_lasts() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await until(stage, 9.9)
        assert stage.ops.heard == []
        (incident,) = await stage.incidents()
        (why,) = incident["why"]
        assert (why["told"], why["reason"]) == (False, "route 1 is outside its hours until 12:10 UTC")
        await until(stage, 10.1)
        assert stage.ops.news == ["opened web"]

    Stage(WEB, routes=(Route(("ops",), group_wait=0.0, during=FROM_TEN_PAST),)).play(story)


def test_what_begins_and_ends_outside_the_hours_is_not_told() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await until(stage, 3)
        stage.becomes("web", UP)
        await until(stage, 12)
        assert stage.ops.heard == []

    Stage(WEB, routes=(Route(("ops",), group_wait=0.0, during=FROM_TEN_PAST),)).play(story)


def test_the_end_of_what_was_told_waits_for_the_next_hours_also_over_a_restart() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await until(stage, 9)
        assert stage.ops.news == ["opened web"]
        await until(stage, 11)
        stage.becomes("web", UP)
        await until(stage, 14)
        await stage.stop()
        await stage.start()
        await until(stage, 19.9)
        assert stage.ops.news == ["opened web"]
        await until(stage, 20.1)
        assert stage.ops.news == ["opened web", "resolved web"]

    Stage(WEB, routes=(Route(("ops",), group_wait=0.0, during=UNTIL_TEN_PAST),)).play(story)


def test_reminders_come_only_in_hours() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await until(stage, 25)
        times = [round(one.at / 60) for one in stage.ops.heard]
        assert times == [0, 3, 6, 9, 20, 23]

    Stage(WEB, routes=(Route(("ops",), group_wait=0.0, remind_every=180.0, during=UNTIL_TEN_PAST),)).play(story)


def test_what_is_grave_goes_to_whoever_has_no_hours() -> None:
    ops, oncall = Recorder("ops"), Recorder("oncall")
    routes = (
        Route(("ops",), group_wait=0.0, during=FROM_TEN_PAST),
        Route(("oncall",), Condition(">=", Status.MAJOR), group_wait=0.0),
    )

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await until(stage, 5)
        assert (ops.news, oncall.news) == ([], ["opened web"])
        await until(stage, 11)
        assert (ops.news, oncall.news) == (["opened web"], ["opened web"])

    Stage(WEB, routes=routes, places=(ops, oncall)).play(story)


def test_patience_does_not_run_out_while_nobody_may_be_told() -> None:
    """The end is owed for ten minutes before anybody may hear it, and then the place is away for a moment."""

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await until(stage, 9)
        await until(stage, 10.1)
        stage.becomes("web", UP)
        await until(stage, 19.9)
        stage.ops.refusing = DeliveryError("503", retry=True)
        await until(stage, 20.5)
        assert stage.ops.tries > 1
        stage.ops.refusing = None
        await until(stage, 22)
        assert stage.ops.news == ["opened web", "resolved web"]
        assert await stage.events("gave-up") == []

    routes = (Route(("ops",), group_wait=0.0, during=UNTIL_TEN_PAST),)
    Stage(WEB, routes=routes, give_up_after=300.0).play(story)
