"""Timelines through the front door, on virtual time: what people would see and hear, minute by minute."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.engine.stage import DOWN, SLOW, UNKNOWN, UP, AskableRecorder, Recorder, Stage
from tui_monitor.core.errors import CursorExpired, DeliveryError, Rejected
from tui_monitor.core.model import Patience, Service, State
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.status import Status


def kinds(incident: dict) -> list[str]:
    return [event["kind"] for event in incident["timeline"]]


def test_a_failure_is_made_sure_of_quickly_told_once_and_its_end_too() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        assert (await stage.service("web"))["status"] == "operational"
        stage.becomes("web", DOWN)
        await stage.wait(14)
        (incident,) = await stage.incidents()
        assert incident["state"] == State.OPEN
        assert incident["title"] == "503, expected 200-204"
        await stage.wait(30)
        stage.becomes("web", UP)
        await stage.wait(40)
        (incident,) = await stage.incidents()
        assert kinds(incident) == ["opened", "resolved"]
        assert stage.ops.lines == [
            "opened: Web is major: 503, expected 200-204",
            f"resolved: Web is operational again after {int(incident['duration'])} s",
        ]
        assert [row["state"] for row in incident["told"]] == ["told"]

    Stage("web").play(story)


def test_detection_takes_no_longer_than_promised() -> None:
    service = Service("web", "Web", every=20.0, retry_after=60.0, patience=Patience(down_after=3))

    async def story(stage: Stage) -> None:
        await stage.wait(100)
        stage.becomes("web", DOWN)
        failed_at = stage.now
        while not await stage.incidents():
            await stage.wait(0.25)
        assert stage.now - failed_at <= 20.0 * 3 + 1.0

    Stage(service).play(story)


def test_one_failed_look_opens_nothing_and_is_shown_as_pending() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.becomes("web", DOWN)
        while (await stage.service("web"))["failing"] is None:
            await stage.wait(0.1)
        assert (await stage.service("web"))["failing"] == "1/3"
        stage.becomes("web", UP)
        await stage.wait(20)
        assert (await stage.service("web"))["failing"] is None
        assert await stage.incidents() == []
        assert stage.ops.heard == []

    Stage("web").play(story)


def test_looks_come_at_a_fixed_rate_and_never_two_at_once() -> None:
    async def story(stage: Stage) -> None:
        stage.world.waits["slow"] = 25.0
        await stage.wait(200)
        times = [at for at, name in stage.world.looked if name == "web"][2:]
        gaps = {round(later - earlier, 2) for earlier, later in pairwise(times)}
        assert all(abs(gap - 10.0) <= 0.04 for gap in gaps)
        slow = [at for at, name in stage.world.looked if name == "slow"]
        assert len(slow) >= 6

    Stage("web", Service("slow", "Slow", every=10.0, timeout=60.0)).play(story)


def test_a_look_that_hangs_is_ended_and_counts_as_no_answer() -> None:
    async def story(stage: Stage) -> None:
        stage.world.waits["web"] = 10_000.0
        await stage.wait(120)
        (incident,) = await stage.incidents()
        assert incident["title"] == "no answer within 5 s"

    Stage(Service("web", "Web", every=10.0, timeout=5.0)).play(story)


def test_a_check_that_breaks_is_unknown_and_never_an_outage() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", ZeroDivisionError("oops"))
        await stage.wait(200)
        assert (await stage.service("web"))["status"] == "unknown"
        assert "ZeroDivisionError" in (await stage.service("web"))["message"]
        assert await stage.incidents() == []

    Stage("web").play(story)


def test_what_opens_together_is_told_in_one_message_and_what_ends_together_too() -> None:
    names = [f"web{n}" for n in range(50)]

    async def story(stage: Stage) -> None:
        await stage.wait(30)
        for name in names:
            stage.becomes(name, DOWN)
        await stage.wait(60)
        assert len(stage.ops.heard) == 1
        assert len(stage.ops.heard[0].message.items) == 50
        for name in names:
            stage.becomes(name, UP)
        await stage.wait(60)
        assert [len(one.message.items) for one in stage.ops.heard] == [50, 50]
        assert stage.ops.heard[1].message.ref == "ops-1"

    Stage(*names, routes=(Route(to=("ops",), group_wait=20.0),)).play(story)


def test_opened_and_over_while_a_place_was_down_is_one_honest_message() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("503 from ops", retry=True)
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        (row,) = (await stage.engine.snapshot())["deliveries"]
        assert (row["state"], row["error"]) == ("owed", "503 from ops")
        stage.becomes("web", UP)
        await stage.wait(60)
        stage.ops.refusing = None
        await stage.wait(1200)
        (line,) = stage.ops.lines
        assert line.startswith("over: Web was major for ")

    Stage("web").play(story)


def test_a_refusal_for_good_is_given_up_loudly_and_can_be_retried_by_hand() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("401, the token is wrong", retry=False)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert stage.ops.tries == 1
        snapshot = await stage.engine.snapshot()
        (row,) = snapshot["deliveries"]
        assert row["state"] == "given-up"
        assert [event["kind"] for event in snapshot["events"]].count("gave-up") == 1
        stage.ops.refusing = None
        await stage.do("retry", row["id"][:4])
        await stage.wait(5)
        assert stage.ops.lines == ["opened: Web is major: 503, expected 200-204"]

    Stage("web").play(story)


def test_retry_after_is_honoured() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("429", retry=True, after=120.0)
        stage.becomes("web", DOWN)
        while not stage.ops.tries:
            await stage.wait(1)
        refused_at = stage.now
        stage.ops.refusing = None
        await stage.wait(115)
        assert stage.ops.heard == []
        await stage.wait(20)
        assert refused_at + 118.9 <= stage.ops.heard[0].at <= refused_at + 125

    Stage("web").play(story)


def test_a_dropped_message_is_not_told() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("503", retry=True)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        (row,) = (await stage.engine.snapshot())["deliveries"]
        await stage.do("drop", row["id"])
        stage.ops.refusing = None
        stage.becomes("web", UP)
        await stage.wait(600)
        assert stage.ops.heard == []

    Stage("web").play(story)


def test_reminders_come_until_somebody_acknowledges() -> None:
    routes = (Route(to=("ops",), group_wait=0.0, remind_every=300.0),)

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(1000)
        news = [one.message.news for one in stage.ops.heard]
        assert news == ["opened", "reminder", "reminder", "reminder"]
        (incident,) = await stage.incidents()
        await stage.do("ack", incident["id"], "on it")
        await stage.wait(2000)
        assert [one.message.news for one in stage.ops.heard][4:] == ["changed"]

    Stage("web", routes=routes).play(story)


def test_escalation_waits_and_is_spared_when_acknowledged_in_time() -> None:
    ops, oncall = Recorder("ops"), Recorder("oncall")
    routes = (
        Route(to=("ops",), group_wait=0.0),
        Route(to=("oncall",), group_wait=0.0, after=900.0, unless="acknowledged"),
    )

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        stage.becomes("api", DOWN)
        await stage.wait(300)
        assert oncall.heard == []
        web = next(one for one in await stage.incidents() if one["service"] == "web")
        waits = next(one for one in web["why"] if one["destination"] == "oncall")
        assert waits["reason"] == "route 2 waits: it tells after 15 m"
        await stage.do("ack", web["id"])
        await stage.wait(900)
        assert oncall.lines == ["opened: Api is major: 503, expected 200-204"]
        stage.becomes("web", UP)
        stage.becomes("api", UP)
        await stage.wait(100)
        assert len(oncall.heard) == 2
        assert oncall.heard[1].message.items[0].service.id == "api"

    Stage("web", "api", routes=routes, places=(ops, oncall)).play(story)


def test_routes_choose_by_severity_and_say_why_not() -> None:
    routes = (Route(to=("ops",), severity=Condition.parse(">=partial"), group_wait=0.0),)

    async def story(stage: Stage) -> None:
        stage.becomes("web", SLOW)
        await stage.wait(60)
        (incident,) = await stage.incidents()
        assert incident["told"] == []
        assert incident["why"] == [
            {
                "destination": "ops",
                "told": False,
                "reason": "route 1 does not apply: severity degraded is not >=partial",
            }
        ]
        stage.becomes("web", DOWN)
        await stage.wait(60)
        assert stage.ops.lines == ["opened: Web is major: 503, expected 200-204"]

    Stage("web", routes=routes).play(story)


def test_after_a_start_nobody_is_told_before_things_have_settled() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        while not stage.ops.heard:
            await stage.wait(1)
        assert stage.ops.heard[0].at >= 119.99

    Stage("web", settle=120.0).play(story)


def test_an_acknowledgement_says_who_and_ends_with_the_incident() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        (incident,) = await stage.incidents()
        outcome = await stage.do("ack", incident["id"][:5], "looking into it")
        assert outcome.text == f"{incident['id']} acknowledged"
        with pytest.raises(Rejected, match="already acknowledged by ann"):
            await stage.do("ack", incident["id"])
        await stage.do("note", incident["id"], "the disk was full", by="bob")
        stage.becomes("web", UP)
        await stage.wait(60)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        second, first = await stage.incidents()
        assert kinds(first) == ["opened", "acknowledged", "noted", "resolved"]
        assert [event["by"] for event in first["timeline"]] == ["engine", "ann", "bob", "engine"]
        assert first["by"] == "ann"
        assert (second["state"], second["by"]) == ("open", "")

    Stage("web").play(story)


def test_force_resolve_stays_closed_while_the_cause_lasts_and_reopens_on_a_new_one() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        (incident,) = await stage.incidents()
        await stage.do("resolve", incident["id"], "known")
        await stage.wait(600)
        assert len(await stage.incidents()) == 1
        assert (await stage.service("web"))["status"] == "major"
        stage.unreachable("web")
        await stage.wait(60)
        second, first = await stage.incidents()
        assert (first["state"], first["resolved_by"]) == ("resolved", "ann")
        assert (second["state"], second["title"]) == ("open", "connection refused")

    Stage("web").play(story)


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


def test_flapping_is_recognised_told_once_and_left_with_the_truth() -> None:
    async def story(stage: Stage) -> None:
        for _ in range(10):
            stage.becomes("web", DOWN)
            await stage.wait(30)
            stage.becomes("web", UP)
            await stage.wait(40)
        standing = [one for one in await stage.incidents() if one["state"] == "open"]
        assert [one["flapping"] for one in standing] == [True]
        told = len(stage.ops.heard)
        await stage.wait(2000)
        newest = (await stage.incidents())[0]
        assert newest["state"] == "resolved"
        assert kinds(newest) == ["opened", "flapping", "resolved"]
        assert len(stage.ops.heard) == told + 1
        assert (await stage.service("web"))["status"] == "operational"

    Stage("web").play(story)


def test_unknown_is_shown_as_itself_and_changes_nothing() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.becomes("web", UNKNOWN)
        await stage.wait(100)
        assert (await stage.service("web"))["status"] == "unknown"
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.becomes("web", UNKNOWN)
        await stage.wait(100)
        assert (await stage.service("web"))["status"] == "major"
        assert len(stage.ops.heard) == 1

    Stage("web").play(story)


def test_a_place_that_hangs_is_cut_off_and_holds_up_nobody_else() -> None:
    stuck, well = Recorder("stuck", hangs=True), Recorder("well")

    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(120)
        assert len(well.heard) == 1
        (row,) = (await stage.engine.snapshot())["deliveries"]
        assert (row["destination"], row["error"]) == ("stuck", "no answer within 15 s")
        stuck.hangs = False
        await stage.wait(600)
        assert len(stuck.heard) == 1

    routes = (Route(to=("stuck", "well"), group_wait=0.0),)
    Stage("web", routes=routes, places=(stuck, well)).play(story)


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


def test_a_recheck_looks_now_and_says_what_it_saw() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.becomes("web", DOWN)
        outcome = await stage.do("recheck", "Web")
        assert outcome.text == "Web is major: 503, expected 200-204"
        with pytest.raises(Rejected, match="there is no service 'nope'"):
            await stage.do("recheck", "nope")

    Stage(Service("web", "Web", every=3600.0)).play(story)


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


def test_statistics_add_up() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.becomes("web", DOWN)
        await stage.wait(100)
        (incident,) = await stage.incidents()
        await stage.do("ack", incident["id"])
        stage.becomes("web", UP)
        await stage.wait(100)
        stats = await stage.engine.history("stats", since="1h")
        (incident,) = await stage.incidents()
        assert stats["incidents"]["total"] == stats["incidents"]["resolved"] == 1
        assert stats["incidents"]["mean_time_to_resolve"] == pytest.approx(incident["duration"])
        assert 90 <= stats["incidents"]["mean_time_to_acknowledge"] <= 110
        assert 0.4 < stats["uptime"]["web"] < 0.7
        assert Status(incident["severity"]) is Status.MAJOR

    Stage("web").play(story)
