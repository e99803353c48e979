"""Timelines through the front door, on virtual time: what people would see, minute by minute."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.engine.stage import DOWN, UNKNOWN, UP, Stage
from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Patience, Service, State
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


def test_a_recheck_looks_now_and_says_what_it_saw() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.becomes("web", DOWN)
        outcome = await stage.do("recheck", "Web")
        assert outcome.text == "Web is major: 503, expected 200-204"
        with pytest.raises(Rejected, match="there is no service 'nope'"):
            await stage.do("recheck", "nope")

    Stage(Service("web", "Web", every=3600.0)).play(story)


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


@pytest.mark.parametrize(("every", "timeout"), [(10.0, 10.0), (5.0, 10.0), (60.0, 10.0)])
def test_an_outage_by_timeout_weighs_as_much_as_it_lasts(every: float, timeout: float) -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(3600)
        stage.world.waits["web"] = 10_000.0
        await stage.wait(3600)
        assert (await stage.service("web"))["uptime"]["24h"] == pytest.approx(0.5, abs=0.02)

    Stage(Service("web", "Web", every=every, timeout=timeout)).play(story)


def test_a_recheck_is_not_answered_by_a_look_that_began_before_it() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(30)
        stage.world.waits["web"] = 8.0
        stage.becomes("web", DOWN)
        while not stage.world.busy.get("web"):
            await stage.wait(0.1)
        await stage.wait(2)
        stage.becomes("web", UP)
        outcome = await stage.do("recheck", "web")
        assert outcome.text == "Web is operational: 200"

    Stage(Service("web", "Web", every=60.0, timeout=20.0)).play(story)


def test_every_change_of_an_incident_is_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.becomes("web", UP)
        await stage.wait(60)

    with caplog.at_level("INFO", "tui_monitor.engine"):
        Stage("web", routes=()).play(story)
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("Web: ")]
    assert [line.split()[1] for line in lines] == ["opened", "resolved"]
