"""What the page that explains says of a service agrees with what the engine decides, and with what then happens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.stage import DOWN, SLOW, UP, Recorder, Stage
from tests.engine.test_updates import Mute, Spared
from tests.engine.test_vendors import OPEN, Watching, page, play
from tui_monitor.core.errors import DeliveryError, Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.status import Status
from tui_monitor.core.window import parse_hours

WEB = Service("web", "Web", every=10.0, retry_after=1.0, patience=Patience(down_after=3, up_after=2))
AT_ONCE = replace(WEB, patience=Patience(down_after=1, up_after=1))
QUICK = (Route(("ops",), group_wait=0.0),)


async def explained(stage: Stage, target: str) -> dict[str, Any]:
    found: dict[str, Any] = await stage.engine.history("explain", id=target)
    assert found.keys() == {"service", "name", "incident", "red", "silent", "told", "next"}
    return found


def test_of_what_is_well_it_says_who_would_be_told() -> None:
    async def story(stage: Stage) -> None:
        await stage.wait(15)
        found = await explained(stage, "Web")
        assert (found["service"], found["incident"]) == ("web", None)
        assert found["red"][0] == "the last look, at 12:00, found it operational: 200"
        assert found["silent"][0].startswith("no incident is open")
        assert [(one["destination"], one["told"], one["would_say"]) for one in found["told"]] == [
            ("ops", True, "Web is major: it cannot be reached")
        ]
        assert found["next"][0] == "3 failing looks in a row would open an incident"
        assert found["next"][1].startswith("the next look is at 12:00, in ")

    Stage(WEB, routes=QUICK).play(story)


def test_what_begins_to_fail_is_counted_as_the_board_counts_it() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        while not (await stage.service("web"))["failing"]:
            await stage.wait(0.25)
        failing = (await stage.service("web"))["failing"]
        found = await explained(stage, "web")
        assert any(one.startswith(f"{failing}: ") for one in found["red"])
        assert found["told"][0]["would_say"] == "Web is major: 503, expected 200-204"
        needed = 3 - int(failing[0])
        assert found["next"][0].startswith(f"{needed} failing look")

    Stage(WEB, routes=QUICK).play(story)


def test_of_an_incident_it_says_the_same_as_the_incident_itself() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(15)
        (incident,) = await stage.incidents()
        for target in ("web", incident["id"], incident["id"][:4]):
            found = await explained(stage, target)
            assert found["incident"] == incident["id"]
            told = [{key: one[key] for key in ("destination", "told", "reason")} for one in found["told"]]
            assert told == incident["why"]
        (ops, mail) = found["told"]
        assert (ops["state"], ops["said"], ops["would_say"]) == ("told", "opened", stage.ops.heard[0].message.title)
        assert mail["reason"] == "route 2 does not apply: severity major is not <partial"
        assert "mail is not told: route 2 does not apply: severity major is not <partial" in found["silent"]
        assert "1 good look in a row would end the incident" in found["next"]
        assert any(one.startswith("ops is reminded at 12:3") for one in found["next"])

    routes = (
        Route(("ops",), group_wait=0.0, remind_every=1800.0),
        Route(("mail",), severity=Condition("<", Status.PARTIAL)),
    )
    Stage(AT_ONCE, routes=routes, places=(Recorder("ops"), Recorder("mail"))).play(story)


def test_what_it_would_say_is_what_it_then_says() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", SLOW)
        await stage.wait(15)
        stage.becomes("web", DOWN)
        await stage.wait(12)
        (ops,) = (await explained(stage, "web"))["told"]
        assert ops["state"] == "owed"
        await stage.wait(30)
        assert stage.ops.heard[-1].message.title == ops["would_say"]

    Stage(AT_ONCE, routes=(Route(("ops",), group_wait=40.0),)).play(story)


def test_what_keeps_quiet_is_said_with_its_end() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("silence", "web", "moving", for_="1h")
        stage.becomes("web", DOWN)
        await stage.wait(20)
        found = await explained(stage, "web")
        (incident,) = await stage.incidents()
        assert f"nobody is told now: {incident['quiet']}" in found["silent"]
        assert [one["told"] for one in found["told"]] == [False]
        assert any(one.startswith("the silence ends at 13:00, in 59 m") for one in found["next"])

    Stage(AT_ONCE, routes=QUICK).play(story)


def test_the_hours_of_a_route_are_said_with_when_they_begin() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(20)
        found = await explained(stage, "web")
        assert any("outside its hours until 12:10" in one for one in found["silent"])
        assert any(one.startswith("whether ops is told is asked again at 12:10") for one in found["next"])

    hours = (parse_hours("12:10-12:20", "UTC"),)
    Stage(AT_ONCE, routes=(Route(("ops",), group_wait=0.0, during=hours),)).play(story)


def test_an_end_that_waits_for_the_hours_is_said_to_be_told_when_they_begin() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(60)
        await stage.wait(200)
        stage.becomes("web", UP)
        await stage.wait(20)
        (incident,) = await stage.incidents()
        assert stage.ops.news == ["opened web"]
        found = await explained(stage, incident["id"])
        assert [one for one in found["next"] if one.startswith("ops is told")] == [
            "ops is told at 12:10, in 5 m 20 s"
        ]
        await stage.wait(600)
        assert stage.ops.news == ["opened web", "resolved web"]

    hours = (parse_hours("11:00-12:03", "UTC"), parse_hours("12:10-12:20", "UTC"))
    Stage(AT_ONCE, routes=(Route(("ops",), group_wait=0.0, during=hours),)).play(story)


def test_what_is_suppressed_names_what_it_stands_on() -> None:
    async def story(stage: Stage) -> None:
        for name in ("router", "web"):
            stage.becomes(name, DOWN)
        await stage.wait(40)
        found = await explained(stage, "web")
        assert "it depends on Router, which is major" in found["red"]
        assert "nobody is told now: suppressed by Router, which is major" in found["silent"]
        assert "once Router is back it is looked at again, and told if it still fails" in found["next"]

    router = Service("router", "Router", every=10.0, retry_after=1.0, patience=AT_ONCE.patience)
    Stage(router, replace(AT_ONCE, depends_on=("router",)), routes=QUICK).play(story)


def test_a_place_that_refuses_is_said_with_its_words() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("no such room", retry=False)
        stage.becomes("web", DOWN)
        await stage.wait(20)
        found = await explained(stage, "web")
        assert "what ops is to be told is given up: no such room" in found["silent"]

    Stage(AT_ONCE, routes=QUICK).play(story)


def test_places_to_which_no_route_could_lead_are_named_with_what_keeps_the_news_from_them() -> None:
    async def story(stage: Stage) -> None:
        for status in (UP, DOWN):
            stage.becomes("web", status)
            await stage.wait(20)
            told = (await explained(stage, "web"))["told"]
            assert [(one["destination"], one["told"]) for one in told] == [
                ("ops", True),
                ("page", False),
                ("numbers", False),
                ("sign", False),
            ]
            assert [one["reason"] for one in told[1:]] == [
                "the service is not published there",
                "no incident is told there: it takes part in other ways",
                "it shows the banner, and is told of no incident",
            ]
            assert [bool(one["would_say"]) for one in told] == [True, False, False, False]
        found = await explained(stage, "web")
        assert [one for one in found["silent"] if "not told" in one] == [
            "page is not told: the service is not published there"
        ]

    places = (Recorder("ops"), Mute("numbers"), Spared("page"), Recorder("sign", banner=True), Recorder("spare"))
    Stage(AT_ONCE, routes=(Route(("ops", "page"), group_wait=0.0),), places=places).play(story)


def test_why_a_vendors_incident_stands_that_its_page_lists_no_longer() -> None:
    """What came and went often enough is over only once it has been gone for a while."""

    async def story(stage: Watching) -> None:
        await stage.sees(*[page(OPEN), page()] * 3, page(OPEN))
        await stage.wait(1)
        (standing,) = await stage.incidents(everything=False)
        held = f"the page has not listed {standing['id']} since "
        assert not any(one.startswith(held) for one in (await explained(stage, "hub"))["red"])
        await stage.sees(page())
        for target in ("hub", standing["id"]):
            (said,) = [one for one in (await explained(stage, target))["red"] if one.startswith(held)]
        assert said.endswith(
            "12:01, but began to list it at least 4 times within 1 h 00 m: so it is over only if the page goes on "
            "without it until 12:16"
        )
        await stage.sees(*[page()] * 91)
        assert await stage.incidents(everything=False) == []
        assert not any(one.startswith(held) for one in (await explained(stage, standing["id"]))["red"])

    play(story)


def test_what_is_over_or_was_closed_by_hand_can_still_be_explained() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(15)
        (incident,) = await stage.incidents()
        await stage.do("resolve", incident["id"], "enough")
        await stage.wait(15)
        found = await explained(stage, "web")
        assert "its incident was closed by hand, and stays closed while the same cause lasts" in found["red"]
        stage.becomes("web", UP)
        await stage.wait(600)
        found = await explained(stage, incident["id"])
        assert found["told"][0]["would_say"] == stage.ops.heard[-1].message.title
        assert any(incident["id"] in one for one in found["red"])

    Stage(AT_ONCE, routes=QUICK).play(story)


@pytest.mark.parametrize("target", ["", "nothing", "zz"])
def test_what_nobody_knows_is_refused_in_a_sentence(target: str) -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(Rejected, match=r"\w \w"):
            await stage.engine.history("explain", id=target)

    Stage(WEB, routes=QUICK).play(story)
