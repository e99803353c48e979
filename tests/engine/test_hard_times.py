"""Timelines of hard times, on virtual time: restarts, crashes, full disks, clocks that jump."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.engine.stage import DOWN, UP, AskableRecorder, Stage
from tui_monitor.core.errors import CursorExpired, Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route


def kinds(incident: dict) -> list[str]:
    return [event["kind"] for event in incident["timeline"]]


def test_a_restart_tells_nothing_twice_and_loses_no_end() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert len(stage.ops.heard) == 1
        await stage.stop()
        await stage.start()
        await stage.wait(120)
        assert len(stage.ops.heard) == 1
        await stage.stop()
        stage.becomes("web", UP)
        await stage.start()
        await stage.wait(120)
        (incident,) = await stage.incidents()
        assert kinds(incident) == ["opened", "resolved"]
        assert [one.message.news for one in stage.ops.heard] == ["opened", "resolved"]
        assert stage.ops.heard[1].message.ref == "ops-1"

    Stage("web").play(story)


def test_a_crash_between_sending_and_settling_asks_a_place_that_can_be_asked() -> None:
    ops = AskableRecorder()

    async def story(stage: Stage) -> None:
        ops.stalls = True
        stage.becomes("web", DOWN)
        while not ops.heard:
            await stage.wait(0.01)
        await stage.kill()
        ops.stalls = False
        await stage.start()
        await stage.wait(300)
        assert len(ops.heard) == 1
        (incident,) = await stage.incidents()
        assert [(row["state"], row["ref"]) for row in incident["told"]] == [("told", "ops-found")]

    Stage("web", places=(ops,)).play(story)


@pytest.mark.parametrize(("policy", "heard", "state"), [("resend", 2, "told"), ("hold", 1, "held")])
def test_a_crash_between_sending_and_settling_follows_the_policy(policy: str, heard: int, state: str) -> None:
    async def story(stage: Stage) -> None:
        stage.ops.stalls = True
        stage.becomes("web", DOWN)
        while not stage.ops.heard:
            await stage.wait(0.01)
        await stage.kill()
        stage.ops.stalls = False
        await stage.start()
        await stage.wait(300)
        assert len(stage.ops.heard) == heard
        assert len({one.message.key for one in stage.ops.heard}) == 1
        (incident,) = await stage.incidents()
        assert [row["state"] for row in incident["told"]] == [state]

    Stage("web", ambiguous=policy).play(story)


def test_while_the_disk_is_full_it_goes_on_watching_says_so_and_loses_nothing() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.store.full = True
        stage.becomes("web", DOWN)
        await stage.wait(60)
        snapshot = await stage.engine.snapshot()
        assert snapshot["trouble"] == "nothing can be written down: the disk is full"
        assert (await stage.service("web"))["status"] == "major"
        assert stage.ops.heard == []
        (incident,) = await stage.incidents(everything=False)
        with pytest.raises(Rejected, match="not done: nothing can be written down: the disk is full"):
            await stage.do("ack", incident["id"])
        assert (await stage.incidents(everything=False))[0]["state"] == "open"
        stage.store.full = False
        await stage.wait(60)
        assert (await stage.engine.snapshot())["trouble"] == ""
        assert len(stage.ops.heard) == 1
        (incident,) = await stage.incidents()
        assert kinds(incident) == ["opened"]
        await stage.do("ack", incident["id"])

    Stage("web").play(story)


def test_nothing_is_sent_that_was_not_first_written_down() -> None:
    async def story(stage: Stage) -> None:
        original = stage.ops.deliver

        async def deliver(message, outside):  # type: ignore[no-untyped-def]  # stands before the recorder for one test
            subjects = [item.incident.id for item in message.items]
            for subject in subjects:
                (row,) = await stage.store.told_of(subject)
                assert row.state == "sending"
                assert (await stage.store.timeline(subject))[0].kind == "opened"
            return await original(message, outside)

        stage.ops.deliver = deliver  # type: ignore[method-assign]  # the same
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert len(stage.ops.heard) == 1

    Stage("web").play(story)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_step_of_the_wall_clock_is_noticed_and_is_no_outage(step: float) -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(100)
        stage.world.waits["web"] = 4.0
        while not stage.world.busy.get("web"):
            await stage.wait(0.1)
        stage.becomes("web", DOWN)
        stage.loop.wall_offset += step
        await stage.wait(4.0)
        stage.becomes("web", UP)
        await stage.wait(200)
        events = (await stage.engine.snapshot())["events"]
        (noticed,) = [event for event in events if event["kind"] == "clock"]
        assert ("forward" if step > 0 else "back") in noticed["text"]
        assert await stage.incidents() == []
        shares = (await stage.service("web"))["uptime"].values()
        assert set(shares) == {1.0}

    service = Service("web", "Web", every=10.0, patience=Patience(down_after=1))
    Stage(service).play(story)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_step_of_the_wall_clock_changes_no_wait(step: float) -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        while not stage.ops.heard:
            await stage.wait(1)
        first = stage.now
        await stage.wait(60)
        stage.loop.wall_offset += step
        while len(stage.ops.heard) < 2:
            await stage.wait(1)
        assert 298 <= stage.now - first <= 303
        assert [one.message.news for one in stage.ops.heard] == ["opened", "reminder"]

    routes = (Route(to=("ops",), group_wait=0.0, remind_every=300.0),)
    Stage("web", routes=routes).play(story)


def test_a_machine_at_its_limit_begins_looks_a_few_at_a_time_and_loses_none() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(25)
        stage.world.looked.clear()
        stage.loop.hold_up(4.0)
        before = stage.now
        await stage.wait(0.5)
        begun = Counter(at for at, _ in stage.world.looked)
        assert len(stage.world.looked) > 60
        assert begun[before] <= 25
        await stage.wait(20)
        seen = Counter(name for _, name in stage.world.looked)
        assert set(seen) == {f"web{n}" for n in range(200)}

    Stage(*(f"web{n}" for n in range(200))).play(story)


def test_a_process_that_was_stopped_takes_late_answers_for_no_evidence() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(100)
        stage.world.waits["web"] = 4.0
        while not stage.world.busy.get("web"):
            await stage.wait(0.1)
        stage.loop.hold_up(600.0)
        await stage.wait(0.5)
        stage.world.waits.clear()
        await stage.wait(100)
        kinds_seen = [event["kind"] for event in (await stage.engine.snapshot())["events"]]
        assert kinds_seen.count("clock") == 1
        assert await stage.incidents() == []

    Stage(Service("web", "Web", every=10.0, timeout=5.0, patience=Patience(down_after=1))).play(story)


def test_a_face_follows_by_cursor_and_is_told_when_its_cursor_is_too_old() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        snapshot = await stage.engine.snapshot()
        stage.becomes("web", DOWN)
        seen: dict = {}
        cursor, until = snapshot["cursor"], stage.now + 60
        while stage.now < until:
            changes = await stage.engine.changes(cursor, 10.0)
            cursor = changes.cursor
            seen.update(changes.incidents)
        assert [one["state"] for one in seen.values()] == ["open"]
        await stage.stop()
        await stage.start()
        with pytest.raises(CursorExpired):
            await stage.engine.changes(cursor, 1.0)

    Stage("web").play(story)


def test_incidents_of_services_that_are_gone_from_the_config_are_closed() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        await stage.stop()
        whole = stage.plan
        stage.plan = type(whole)(services=whole.services[1:], places=whole.places, routes=whole.routes, settle=0.0)
        await stage.start()
        await stage.wait(60)
        (incident,) = await stage.incidents()
        assert incident["state"] == "resolved"
        assert incident["timeline"][-1]["text"] == "this service is no longer watched"
        assert [one.message.news for one in stage.ops.heard] == ["opened", "resolved"]

    Stage("web", "api").play(story)


def test_what_the_store_drops_while_it_tidies_is_said() -> None:
    async def story(stage: Stage) -> None:
        stage.store.drops = "looks before March were dropped"
        await stage.wait(700)
        events = (await stage.engine.snapshot())["events"]
        said = [event["text"] for event in events if event["kind"] == "trouble"]
        assert said == ["looks before March were dropped"]

    Stage("web").play(story)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_an_incident_is_as_old_after_a_step_of_the_clock_as_before(step: float) -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(120)
        (before,) = await stage.incidents(everything=False)
        stage.loop.wall_offset += step
        await stage.wait(60)
        (after,) = await stage.incidents(everything=False)
        assert after["duration"] == pytest.approx(before["duration"] + 60, abs=2)

    Stage("web").play(story)


def test_what_was_leaning_before_a_long_stop_opens_nothing_old() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(60)
        stage.becomes("web", DOWN)
        while (await stage.service("web"))["failing"] != "2/3":
            await stage.wait(0.05)
        await stage.stop()
        await stage.wait(3 * 86_400)
        await stage.start()
        await stage.wait(60)
        (incident,) = await stage.incidents()
        assert incident["duration"] < 60

    Stage("web").play(story)
