"""The network guard: when it is the monitor that is cut off, nobody is blamed, and nothing that was owed is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.stage import DOWN, UP, Stage
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Guard, Route

GUARD = Guard((("192.0.2.1", 443), ("192.0.2.2", 53)), quorum=1, timeout=2.0)
QUICK = (Route(to=("ops",), group_wait=0.0),)
SERVICES = tuple(
    Service(name, name.title(), every=10.0, retry_after=1.0, patience=Patience(2, 1)) for name in ("web", "api", "db")
)


def stage_of(guard: Guard | None = GUARD, wait: float = 0.0, **options: float) -> Stage:
    routes = (replace(QUICK[0], group_wait=wait),)
    return Stage(*SERVICES, routes=routes, guard=guard, **options)  # type: ignore[arg-type]  # only times are given


async def shares(stage: Stage) -> set[float]:
    return {share for name in ("web", "api") for share in (await stage.service(name))["uptime"].values()}


def test_when_the_line_is_cut_looks_prove_nothing_and_one_event_says_so() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.cut()
        await stage.wait(300)
        snapshot = await stage.engine.snapshot()
        assert snapshot["cut_off"] is not None
        assert [one["status"] for one in snapshot["services"]] == ["unknown"] * 3
        assert "cut off" in (await stage.service("web"))["message"]
        assert await stage.incidents() == []
        stage.cut(line=False)
        await stage.wait(60)
        snapshot = await stage.engine.snapshot()
        assert snapshot["cut_off"] is None
        assert [one["status"] for one in snapshot["services"]] == ["operational"] * 3
        assert len(await stage.events("cut-off")) == 1
        (back,) = await stage.events("back")
        assert back.startswith("the line is back after 4 m 5")
        assert stage.ops.heard == []
        assert stage.ops.tries == 0
        assert await shares(stage) == {1.0}
        assert (await stage.engine.history("stats"))["downtime"]["web"] == 0

    stage_of().play(story)


def test_without_a_guard_the_same_cut_is_everybodys_outage() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.cut()
        await stage.wait(60)
        assert len(await stage.incidents()) == 3

    stage_of(None).play(story)


def test_what_is_seen_without_the_line_still_counts() -> None:
    async def story(stage: Stage) -> None:
        stage.world.local = {"db"}
        await stage.wait(60)
        stage.cut()
        await stage.wait(60)
        assert (await stage.service("db"))["status"] == "operational"
        assert (await stage.service("db"))["message"] == "200"

    stage_of().play(story)


def test_what_was_owed_goes_out_with_its_original_times_when_the_line_is_back() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        (incident,) = await stage.incidents()
        stage.cut()
        await stage.wait(900)
        assert stage.ops.heard == []
        stage.cut(line=False)
        await stage.wait(8)
        assert stage.ops.news == ["opened web"]
        (item,) = stage.ops.heard[0].message.items
        assert item.fields["started_at"] == incident["started_at"]
        assert len(await stage.incidents()) == 1

    stage_of(wait=60.0).play(story)


def test_patience_with_a_place_does_not_run_out_while_the_line_is_cut() -> None:
    """The first try fails for the cut, and the next one, long after, because the place is busy."""

    async def story(stage: Stage) -> None:
        stage.world.local = {one.id for one in SERVICES}
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.cut()
        stage.becomes("web", UP)
        await stage.wait(900)
        stage.cut(line=False)
        stage.ops.refusing = DeliveryError("503", retry=True)
        await stage.wait(4)
        assert stage.ops.tries == 3
        stage.ops.refusing = None
        await stage.wait(60)
        assert stage.ops.news == ["opened web", "resolved web"]
        assert await stage.events("gave-up") == []

    stage_of(give_up_after=120.0).play(story)


def test_nobody_waits_for_a_retry_that_was_put_off_because_of_the_cut() -> None:
    async def story(stage: Stage) -> None:
        stage.world.local = {one.id for one in SERVICES}
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.cut()
        stage.ops.refusing = DeliveryError("no route to host", retry=True, after=3000.0)
        stage.becomes("web", UP)
        await stage.wait(60)
        stage.cut(line=False)
        await stage.wait(5)
        assert stage.ops.news == ["opened web", "resolved web"]

    stage_of().play(story)


def test_a_message_that_does_not_arrive_makes_it_ask_too() -> None:
    """All services are on this side of the cut, and well."""

    async def story(stage: Stage) -> None:
        stage.world.local = {one.id for one in SERVICES}
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.cut()
        stage.becomes("web", UP)
        await stage.wait(300)
        assert len(await stage.events("cut-off")) == 1
        assert stage.ops.tries == 2
        stage.cut(line=False)
        await stage.wait(5)
        assert stage.ops.news == ["opened web", "resolved web"]

    stage_of().play(story)


def test_a_real_failure_while_the_line_is_whole_is_told_without_delay() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.becomes("web", DOWN)
        failed_at = stage.now
        while not stage.ops.heard:
            await stage.wait(0.1)
        assert stage.now - failed_at <= 10.0 + 1.0 + 0.5
        assert stage.world.asked >= 1
        assert await stage.events("cut-off") == []

    stage_of().play(story)


def test_what_failed_before_the_cut_and_after_it_is_the_services_own() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.cut()
        await stage.wait(60)
        stage.becomes("web", DOWN)
        stage.cut(line=False)
        await stage.wait(60)
        assert stage.ops.news == ["opened web"]
        (incident,) = await stage.incidents()
        assert incident["started_at"] >= "2026-03-01T12:02:00Z"

    stage_of().play(story)


@pytest.mark.parametrize(("quorum", "cuts", "heard"), [(1, 0, 1), (2, 1, 0)])
def test_as_many_targets_are_needed_as_the_quorum_says(quorum: int, cuts: int, heard: int) -> None:
    """Of two one can be reached."""

    async def story(stage: Stage) -> None:
        stage.world.silent = {"192.0.2.2"}
        await stage.wait(60)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert len(await stage.events("cut-off")) == cuts
        assert len(stage.ops.heard) == heard

    stage_of(replace(GUARD, quorum=quorum)).play(story)


def test_a_look_does_not_overtake_the_one_that_waits_for_the_guard() -> None:
    """It fails, is held while targets that take their time are asked, and the next look is well."""

    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.world.answers_after = 1.5
        stage.becomes("web", DOWN)
        while not stage.world.asked:
            await stage.wait(0.05)
        stage.becomes("web", UP)
        await stage.do("recheck", "web")
        looks: list[str] = []
        while "major" not in looks:
            await stage.wait(0.05)
            history = await stage.engine.history("looks", service="web")
            looks = [status for _, status, _ in history["looks"]]
        assert (await stage.service("web"))["failing"] is None
        assert looks[-2:] == ["major", "operational"]

    stage_of().play(story)


def test_an_engine_that_starts_while_the_line_is_cut_blames_nobody() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.cut()
        await stage.wait(30)
        await stage.kill()
        await stage.start()
        await stage.wait(120)
        assert (await stage.engine.snapshot())["cut_off"]
        assert len(await stage.incidents()) == 1
        stage.becomes("web", UP)
        stage.cut(line=False)
        await stage.wait(60)
        assert stage.ops.news == ["opened web", "resolved web"]

    stage_of().play(story)


@pytest.mark.parametrize("guard", [None, replace(GUARD, timeout=1.0)])
def test_another_guard_takes_over_while_the_line_is_cut(guard: Guard | None) -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(15)
        stage.cut()
        await stage.wait(60)
        assert (await stage.engine.snapshot())["cut_off"]
        await stage.reload(guard=guard)
        await stage.wait(0.5)
        stage.becomes("web", UP)
        stage.cut(line=False)
        await stage.wait(60)
        assert (await stage.engine.snapshot())["cut_off"] is None
        assert stage.ops.news == ["opened web", "resolved web"]
        assert len(await stage.events("cut-off")) == len(await stage.events("back"))

    stage_of(wait=0.0).play(story)
