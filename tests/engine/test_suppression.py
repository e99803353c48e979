"""What fails because of what it stands on, told through the front door: in whatever order it is noticed."""

from __future__ import annotations

import pytest

from tests.engine.stage import DOWN, SLOW, UNKNOWN, UP, Stage
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route

QUICK = (Route(to=("ops",), group_wait=0.0),)


def service(name: str, *above: str, every: float = 10.0, down_after: int = 1) -> Service:
    patience = Patience(down_after, 1)
    return Service(name, name.title(), every=every, retry_after=1.0, patience=patience, depends_on=above)


async def quiet(stage: Stage, name: str) -> str:
    found: str = (await stage.service(name))["quiet"]
    return found


def test_a_child_that_fails_first_has_its_parent_looked_at_at_once_and_is_shown_as_suppressed() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(700)
        stage.becomes("router", DOWN)
        stage.becomes("web", DOWN)
        while (await stage.service("web"))["status"] != "major":
            await stage.wait(0.02)
        noticed = stage.now
        await stage.wait(0.5)
        looked = [at for at, name in stage.world.looked if name == "router" and at >= noticed - 0.1]
        assert len(looked) == 1
        assert await quiet(stage, "web") == "suppressed by Router, which is major"
        assert (await stage.service("web"))["suppressed_by"] == "router"
        web = next(one for one in await stage.incidents() if one["service"] == "web")
        assert web["quiet"] == "suppressed by Router, which is major"
        assert [one["told"] for one in web["why"]] == [False]
        await stage.wait(600)
        assert stage.ops.news == ["opened router"]
        stage.becomes("router", UP)
        stage.becomes("web", UP)
        await stage.wait(700)
        assert stage.ops.news == ["opened router", "resolved router"]

    Stage(service("router", every=600.0), service("web", "router"), routes=QUICK).play(story)


def test_a_parent_that_turns_out_well_lets_the_child_be_told_within_a_moment() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(700)
        stage.world.waits["router"] = 3.0
        stage.becomes("web", DOWN)
        while (await stage.service("web"))["status"] != "major":
            await stage.wait(0.02)
        await stage.wait(2)
        assert await quiet(stage, "web") == "waits for a look at Router, on which it depends"
        assert stage.ops.news == []
        await stage.wait(3)
        assert await quiet(stage, "web") == ""
        assert stage.ops.news == ["opened web"]

    Stage(service("router", every=600.0), service("web", "router"), routes=QUICK).play(story)


def test_a_parent_that_has_only_begun_to_fail_is_waited_for_until_it_is_sure() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(700)
        stage.becomes("router", DOWN)
        stage.becomes("web", DOWN)
        seen = set()
        while (await stage.service("router"))["status"] != "major":
            seen.add(await quiet(stage, "web"))
            await stage.wait(0.1)
        assert "waits until it is sure whether Router is down" in seen
        await stage.wait(30)
        assert stage.ops.news == ["opened router"]

    Stage(service("router", every=600.0, down_after=4), service("web", "router"), routes=QUICK).play(story)


def test_a_parent_of_which_nothing_can_be_told_any_more_keeps_nobody_waiting() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.becomes("router", DOWN)
        while (await stage.service("router"))["failing"] != "1/4":
            await stage.wait(0.02)
        stage.becomes("router", UNKNOWN)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert stage.ops.news == ["opened web"]

    Stage(service("router", down_after=4), service("web", "router"), routes=QUICK).play(story)


def test_when_the_parent_comes_back_the_child_is_looked_at_anew_before_it_is_told() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(700)
        stage.becomes("router", DOWN)
        for name in ("web", "shop"):
            stage.becomes(name, DOWN)
        await stage.wait(700)
        assert stage.ops.news == ["opened router"]
        stage.world.waits["shop"] = 4.0
        stage.world.looked.clear()
        stage.becomes("router", UP)
        stage.becomes("web", UP)
        while (await stage.service("router"))["status"] != "operational":
            await stage.wait(0.02)
        back = stage.now
        await stage.wait(0.2)
        assert await quiet(stage, "shop") == "waits for a look since Router came back"
        assert {name for at, name in stage.world.looked if at >= back - 0.1} >= {"web", "shop"}
        await stage.wait(20)
        assert stage.ops.news == ["opened router", "resolved router", "opened shop"]

    services = (service("router", every=60.0), *(service(name, "router", every=600.0) for name in ("web", "shop")))
    Stage(*services, routes=QUICK).play(story)


def test_a_look_that_began_while_the_parent_was_down_proves_nothing_when_it_comes_back() -> None:
    """It takes nine seconds to fail, and the outage is over before that."""

    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.world.waits["web"] = 9.0
        while not stage.world.busy.get("web"):
            await stage.wait(0.02)
        stage.becomes("router", DOWN)
        stage.becomes("web", DOWN)
        while (await stage.service("router"))["status"] != "major":
            await stage.wait(0.02)
        stage.becomes("router", UP)
        while (await stage.service("router"))["status"] != "operational":
            await stage.wait(0.02)
        assert stage.world.busy["web"]
        while stage.world.busy["web"]:
            await stage.wait(0.02)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert stage.ops.news == ["opened router", "resolved router"]
        assert len(await stage.incidents()) == 2

    Stage(service("router", every=1.0), service("web", "router", every=20.0), routes=QUICK).play(story)


def test_a_parent_is_not_proved_well_by_a_look_that_began_before_the_child_was_known_to_fail() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(700)
        stage.world.waits["web"] = 9.0
        while not stage.world.busy.get("web"):
            await stage.wait(0.02)
        await stage.wait(3)
        await stage.do("recheck", "router")
        stage.becomes("router", DOWN)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert stage.ops.news == ["opened router"]

    Stage(service("router", every=600.0), service("web", "router", every=20.0), routes=QUICK).play(story)


def test_what_is_only_slow_suppresses_nobody() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("router", SLOW)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert stage.ops.news == ["opened router", "opened web"]

    Stage(service("router"), service("web", "router"), routes=QUICK).play(story)


def test_a_grandparent_explains_it_too_and_so_does_either_of_two_parents() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        for name in ("router", "web", "mail"):
            stage.becomes(name, DOWN)
        await stage.wait(60)
        assert stage.ops.news == ["opened router"]
        assert (await stage.service("web"))["suppressed_by"] == "router"
        assert (await stage.service("mail"))["suppressed_by"] == "router"
        stage.becomes("router", UP)
        stage.becomes("power", DOWN)
        await stage.wait(60)
        assert (await stage.service("mail"))["suppressed_by"] == "power"
        assert sorted(stage.ops.news) == ["opened power", "opened router", "opened web", "resolved router"]

    Stage(
        service("router"),
        service("power"),
        service("proxy", "router"),
        service("web", "proxy"),
        service("mail", "proxy", "power"),
        routes=QUICK,
    ).play(story)


def test_the_end_of_what_was_told_is_told_also_while_the_parent_is_down() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        stage.becomes("router", DOWN)
        await stage.wait(30)
        stage.becomes("web", SLOW)
        await stage.wait(30)
        assert stage.ops.news == ["opened web", "opened router"]
        stage.becomes("web", UP)
        await stage.wait(30)
        assert stage.ops.news == ["opened web", "opened router", "resolved web"]

    Stage(service("router"), service("web", "router"), routes=QUICK).play(story)


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_restart_while_the_parent_is_down_tells_nobody_of_the_child(is_killed: bool) -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("router", DOWN)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        await (stage.kill() if is_killed else stage.stop())
        stage.becomes("router", UP)
        stage.becomes("web", UP)
        await stage.start()
        await stage.wait(60)
        assert stage.ops.news == ["opened router", "resolved router"]

    Stage(service("router"), service("web", "router", every=30.0), routes=QUICK).play(story)


def test_after_a_restart_a_child_is_looked_at_before_it_is_told() -> None:
    """The parent came back just before; what the child was then is old news."""

    async def story(stage: Stage) -> None:
        stage.becomes("router", DOWN)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.world.waits["web"] = 5.0
        stage.becomes("router", UP)
        while (await stage.service("router"))["status"] != "operational":
            await stage.wait(0.02)
        await stage.kill()
        stage.becomes("web", UP)
        await stage.start()
        await stage.wait(2)
        assert await quiet(stage, "web") == "waits for a look since the engine started"
        await stage.wait(60)
        assert stage.ops.news == ["opened router", "resolved router"]

    Stage(service("router", every=5.0), service("web", "router", every=30.0), routes=QUICK).play(story)
