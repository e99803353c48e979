"""Test mode and rehearsals: everything outward is marked, nothing public changes, and nothing real is hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.stage import DOWN, UP, Recorder, Stage
from tui_monitor.checks.group import Group
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route

AT_ONCE = Patience(down_after=1, up_after=1)
WEB = Service("web", "Web", every=10.0, patience=AT_ONCE)
API = Service("api", "API", every=10.0, patience=AT_ONCE)
ROUTES = (Route(("ops", "page"), group_wait=0.0),)


def stage_of(*services: Service, wait: float = 0.0) -> Stage:
    places = (Recorder("ops"), Recorder("page", public=True))
    return Stage(*services, routes=(replace(ROUTES[0], group_wait=wait),), places=places)


def marks(place: Recorder) -> list[bool]:
    return [one.message.is_test for one in place.heard]


# -- rehearsals -----------------------------------------------------------------------------------------------------


def test_a_rehearsal_is_told_marked_to_whoever_is_not_in_public_and_ends_by_itself() -> None:
    async def story(stage: Stage) -> None:
        ops, page = stage.places
        await stage.wait(60)
        outcome = await stage.do("simulate", "web", status="major", for_="2m")
        assert outcome.data["until"] == "2026-03-01T12:03:00Z"
        await stage.wait(2)
        service = await stage.service("web")
        assert (service["status"], service["simulated"]) == ("major", True)
        (incident,) = await stage.incidents()
        assert incident["rehearsal"]
        await stage.wait(110)
        assert ops.news == ["opened web"]
        await stage.wait(20)
        assert ops.news == ["opened web", "resolved web"]
        assert marks(ops) == [True, True]
        assert all(line.partition(": ")[2].startswith("[TEST] ") for line in ops.lines)
        assert page.heard == []
        assert page.tries == 0
        service = await stage.service("web")
        assert (service["status"], service["simulated"], service["incident"]) == ("operational", False, None)
        assert await stage.events("simulated") == ["rehearsal: Web as if it were major"]
        assert await stage.events("rehearsed") == ["the rehearsal of Web is over"]

    stage_of(WEB).play(story)


def test_a_rehearsal_books_no_downtime_and_is_in_no_statistics() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        await stage.do("simulate", "web", status="major", for_="5m")
        await stage.wait(400)
        assert set((await stage.service("web"))["uptime"].values()) == {1.0}
        statistics = await stage.engine.history("stats")
        assert statistics["incidents"]["total"] == 0
        assert statistics["downtime"]["web"] == 0
        history = await stage.engine.history("looks", service="web")
        assert {status for _, status, _ in history["looks"]} == {"operational", "unknown"}

    stage_of(WEB).play(story)


def test_a_service_with_a_real_incident_is_not_rehearsed() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(20)
        with pytest.raises(Rejected, match="Web has a real incident, and a rehearsal would hide it"):
            await stage.do("simulate", "web", status="operational")
        with pytest.raises(Rejected, match="there is no rehearsal of Web"):
            await stage.do("simulate", "web", status="off")
        with pytest.raises(Rejected, match="'broken' is no status"):
            await stage.do("simulate", "api", status="broken")
        with pytest.raises(Rejected, match="is not between 1 s and 1 h"):
            await stage.do("simulate", "api", status="major", for_="2h")
        assert (await stage.engine.snapshot())["simulations"] == []

    stage_of(WEB, API).play(story)


def test_a_rehearsal_plays_another_status_and_is_ended_by_hand() -> None:
    async def story(stage: Stage) -> None:
        ops = stage.ops
        await stage.wait(30)
        await stage.do("simulate", "web", status="degraded", for_="10m")
        await stage.wait(15)
        await stage.do("simulate", "web", status="major", for_="10m")
        await stage.wait(30)
        assert ops.news == ["opened web", "changed web"]
        outcome = await stage.do("simulate", "web", status="off", by="bob")
        assert outcome.text == "the rehearsal of Web is over"
        await stage.wait(15)
        assert ops.news == ["opened web", "changed web", "resolved web"]
        assert marks(ops) == [True, True, True]
        assert (await stage.service("web"))["status"] == "operational"

    stage_of(WEB).play(story)


@pytest.mark.parametrize("is_over", [False, True])
def test_a_restart_in_the_middle_of_a_rehearsal(is_over: bool) -> None:
    async def story(stage: Stage) -> None:
        ops, page = stage.places
        await stage.wait(30)
        await stage.do("simulate", "web", status="major", for_="3m")
        await stage.wait(30)
        await stage.kill()
        await stage.wait(600 if is_over else 5)
        await stage.start()
        await stage.wait(20)
        assert (await stage.service("web"))["simulated"] is not is_over
        await stage.wait(200)
        assert ops.news == ["opened web", "resolved web"]
        assert marks(ops) == [True, True]
        assert page.heard == []
        assert (await stage.service("web"))["status"] == "operational"

    stage_of(WEB).play(story)


@pytest.mark.parametrize("is_stopped", [False, True])
@pytest.mark.parametrize("back", [3600.0, 86400.0])
def test_a_clock_that_is_set_back_does_not_make_a_rehearsal_longer(back: float, is_stopped: bool) -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        await stage.do("simulate", "web", status="major", for_="2m")
        await stage.wait(30)
        if is_stopped:
            await stage.kill()
        stage.loop.wall_offset -= back
        if is_stopped:
            await stage.start()
        await stage.wait(110)
        assert not (await stage.service("web"))["simulated"]
        assert (await stage.service("web"))["status"] == "operational"

    stage_of(WEB).play(story)


def test_a_clock_that_is_set_forward_does_not_cut_a_rehearsal_short() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        await stage.do("simulate", "web", status="major", for_="2m")
        await stage.wait(30)
        stage.loop.wall_offset += 3600.0
        await stage.wait(60)
        assert (await stage.service("web"))["simulated"]
        await stage.wait(60)
        assert not (await stage.service("web"))["simulated"]

    stage_of(WEB).play(story)


def test_what_really_fails_during_a_rehearsal_is_told_in_earnest_after_it() -> None:
    async def story(stage: Stage) -> None:
        ops, page = stage.places
        await stage.wait(30)
        await stage.do("simulate", "web", status="major", for_="2m")
        stage.becomes("web", DOWN)
        await stage.wait(100)
        assert marks(ops) == [True]
        await stage.wait(60)
        assert sorted(zip(ops.news, marks(ops), strict=True)) == [
            ("opened web", False),
            ("opened web", True),
            ("resolved web", True),
        ]
        assert page.news == ["opened web"]
        assert marks(page) == [False]

    stage_of(WEB).play(story)


def test_what_stands_on_something_rehearsed_is_told_for_real() -> None:
    web = replace(WEB, depends_on=("router",))

    async def story(stage: Stage) -> None:
        ops, page = stage.places
        await stage.wait(30)
        await stage.do("simulate", "router", status="major", for_="5m")
        await stage.wait(15)
        stage.becomes("web", DOWN)
        await stage.wait(30)
        assert list(zip(ops.news, marks(ops), strict=True)) == [("opened router", True), ("opened web", False)]
        assert page.news == ["opened web"]

    stage_of(replace(API, id="router", name="Router"), web).play(story)


def test_suppression_can_be_rehearsed_too() -> None:
    web = replace(WEB, depends_on=("router",))

    async def story(stage: Stage) -> None:
        await stage.wait(30)
        await stage.do("simulate", "router", status="major", for_="5m")
        await stage.wait(15)
        await stage.do("simulate", "web", status="major", for_="5m")
        await stage.wait(30)
        assert stage.ops.news == ["opened router"]
        assert (await stage.service("web"))["suppressed_by"] == "router"

    stage_of(replace(API, id="router", name="Router"), web).play(story)


def test_a_group_knows_nothing_of_a_rehearsal_of_its_members() -> None:
    group = Service("all", "All", Group(all=("Web", "API")), "group", every=10.0, patience=AT_ONCE)

    async def story(stage: Stage) -> None:
        await stage.wait(30)
        await stage.do("simulate", "web", status="major", for_="2m")
        await stage.wait(60)
        assert (await stage.service("all"))["status"] == "operational"
        assert marks(stage.ops) == [True]

    stage_of(WEB, API, group).play(story)


# -- test mode ------------------------------------------------------------------------------------------------------


def test_in_test_mode_everything_is_marked_and_nothing_public_is_told() -> None:
    async def story(stage: Stage) -> None:
        ops, page = stage.places
        await stage.do("test-mode", "on")
        assert (await stage.engine.snapshot())["test_mode"]
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert ops.news == ["opened web", "resolved web"]
        assert marks(ops) == [True, True]
        await stage.do("test-mode", "off")
        await stage.wait(30)
        assert page.heard == []
        assert len(ops.heard) == 2
        assert await stage.events("test-mode") == ["test mode is on", "test mode is off"]

    stage_of(WEB).play(story)


def test_what_is_real_and_was_told_as_a_test_is_told_in_earnest_after_it() -> None:
    async def story(stage: Stage) -> None:
        ops, page = stage.places
        stage.becomes("api", DOWN)
        await stage.wait(30)
        assert (ops.news, page.news) == (["opened api"], ["opened api"])
        await stage.do("test-mode", "on")
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert ops.news == ["opened api", "opened web"]
        assert page.news == ["opened api"]
        await stage.do("test-mode", "off")
        await stage.wait(5)
        assert ops.news == ["opened api", "opened web", "reminder web"]
        assert marks(ops) == [False, True, False]
        assert page.news == ["opened api", "opened web"]
        assert marks(page) == [False, False]

    stage_of(WEB, API).play(story)


def test_the_end_of_what_the_public_knows_waits_for_the_end_of_test_mode_also_over_a_restart() -> None:
    async def story(stage: Stage) -> None:
        ops, page = stage.places
        stage.becomes("web", DOWN)
        await stage.wait(30)
        await stage.do("test-mode", "on")
        stage.becomes("web", UP)
        await stage.wait(30)
        assert (ops.news, page.news) == (["opened web", "resolved web"], ["opened web"])
        await stage.kill()
        await stage.start()
        assert (await stage.engine.snapshot())["test_mode"]
        await stage.wait(60)
        assert page.news == ["opened web"]
        await stage.do("test-mode", "off")
        await stage.wait(5)
        assert page.news == ["opened web", "resolved web"]
        assert marks(page) == [False, False]

    stage_of(WEB).play(story)


@pytest.mark.parametrize("is_stopped", [False, True])
@pytest.mark.parametrize("set_by", [-3600.0, 3600.0])
def test_what_was_told_as_a_test_is_told_in_earnest_also_by_a_clock_that_was_set(
    set_by: float, is_stopped: bool
) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("test-mode", "on")
        stage.becomes("web", DOWN)
        await stage.wait(30)
        if is_stopped:
            await stage.kill()
        stage.loop.wall_offset += set_by
        if is_stopped:
            await stage.start()
        await stage.wait(30)
        stage.becomes("api", DOWN)
        await stage.wait(60)
        assert (stage.ops.news, marks(stage.ops)) == (["opened web", "opened api"], [True, True])
        await stage.do("test-mode", "off")
        await stage.wait(5)
        assert sorted(stage.ops.news[2:]) == ["reminder api", "reminder web"]
        assert not any(marks(stage.ops)[2:])

    stage_of(WEB, API).play(story)


def test_a_message_that_was_on_its_way_when_test_mode_ended_is_followed_by_one_in_earnest() -> None:
    async def story(stage: Stage) -> None:
        ops = stage.ops
        await stage.do("test-mode", "on")
        ops.slow = 5.0
        stage.becomes("web", DOWN)
        while not ops.tries:
            await stage.wait(0.1)
        await stage.do("test-mode", "off")
        await stage.wait(30)
        assert ops.news == ["opened web", "reminder web"]
        assert marks(ops) == [True, False]

    stage_of(WEB).play(story)


def test_real_and_rehearsed_never_share_a_message() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        await stage.do("simulate", "web", status="major", for_="5m")
        stage.becomes("api", DOWN)
        await stage.wait(60)
        assert sorted(zip(stage.ops.news, marks(stage.ops), strict=True)) == [
            ("opened api", False),
            ("opened web", True),
        ]
        assert len(stage.ops.heard) == 2

    stage_of(WEB, API, wait=20.0).play(story)


def test_test_mode_is_on_or_off_and_saying_it_twice_changes_nothing() -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(Rejected, match="test mode is on or off, not 'maybe'"):
            await stage.do("test-mode", "maybe")
        for wanted in ("off", "on", "on", "off"):
            outcome = await stage.do("test-mode", wanted)
            assert outcome.data["test_mode"] is (wanted == "on")
        assert await stage.events("test-mode") == ["test mode is on", "test mode is off"]

    stage_of(WEB).play(story)
