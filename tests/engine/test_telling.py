"""Timelines of telling, on virtual time: who hears what, when, and why not."""

from __future__ import annotations

from tests.engine.stage import DOWN, SLOW, UP, Recorder, Stage
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.plan import Condition, Route


def kinds(incident: dict) -> list[str]:
    return [event["kind"] for event in incident["timeline"]]


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
        assert len({one.message.key for one in stage.ops.heard}) == 4
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


def test_a_place_that_asks_for_a_year_is_told_within_the_hour() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("429", retry=True, after=31_536_000.0)
        stage.becomes("web", DOWN)
        while not stage.ops.tries:
            await stage.wait(1)
        stage.ops.refusing = None
        await stage.wait(3700)
        assert len(stage.ops.heard) == 1

    Stage("web").play(story)


def test_the_end_of_an_incident_has_patience_of_its_own() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.ops.refusing = DeliveryError("503", retry=True)
        (incident,) = await stage.incidents()
        await stage.do("ack", incident["id"])
        await stage.wait(1500)
        stage.becomes("web", UP)
        await stage.wait(900)
        stage.ops.refusing = None
        await stage.wait(700)
        assert [one.message.news for one in stage.ops.heard] == ["opened", "resolved"]

    Stage("web", give_up_after=1800.0).play(story)


def test_one_refusal_does_not_silence_a_whole_outage() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("404", retry=False)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.ops.refusing = None
        await stage.wait(700)
        assert [one.message.news for one in stage.ops.heard] == ["opened"]

    routes = (Route(to=("ops",), group_wait=0.0, remind_every=600.0),)
    Stage("web", routes=routes).play(story)


def test_what_flaps_is_never_said_to_be_down_while_it_is_well() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("503", retry=True)
        while not any(one["flapping"] for one in await stage.incidents(everything=False)):
            stage.becomes("web", DOWN)
            await stage.wait(30)
            stage.becomes("web", UP)
            await stage.wait(40)
        stage.ops.refusing = None
        await stage.wait(300)
        said = "Web keeps failing and recovering, just now it is operational: 503, expected 200-204"
        assert said in [one.message.text for one in stage.ops.heard]

    Stage("web").play(story)


def test_a_message_given_up_long_ago_is_forgotten_with_its_incident() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("404", retry=False)
        stage.becomes("web", DOWN)
        await stage.wait(60)
        stage.becomes("web", UP)
        await stage.wait(60)
        assert [row["state"] for row in (await stage.engine.snapshot())["deliveries"]] == ["given-up"]
        await stage.stop()
        stage.loop.hold_up(7 * 86_400)
        await stage.start()
        await stage.wait(5)
        assert (await stage.engine.snapshot())["deliveries"] == []
        assert len(await stage.incidents()) == 1

    Stage("web").play(story)
