"""The banner: one sentence about the board that places outside show, pushed and cleared by people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.stage import DOWN, SLOW, UP, AskableRecorder, Recorder, Stage
from tui_monitor.core.errors import DeliveryError, Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route

QUICK = Patience(down_after=1, up_after=1)
SERVICES = tuple(Service(name.lower(), name, every=10.0, patience=QUICK) for name in ("Web", "API"))
OPS = Route(("ops",), group_wait=0.0)


def sign(name: str = "sign", **options: Any) -> Recorder:
    return Recorder(name, banner=True, **options)


def town(*signs: Recorder, **options: Any) -> Stage:
    return Stage(*SERVICES, places=(Recorder("ops"), *(signs or (sign(),))), routes=(OPS,), **options)


async def push(stage: Stage, text: str = "Search is slow", **options: str) -> None:
    await stage.do("banner", "push", text, **options)
    await stage.wait(3)


async def stands(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await stage.engine.history("banner"))["stands"]
    return found


async def footer(stage: Stage) -> Any:
    return (await stage.engine.snapshot())["banner"]


def test_a_banner_is_shown_edited_in_place_and_cleared() -> None:
    async def story(stage: Stage) -> None:
        assert await footer(stage) is None
        await push(stage, severity="warning", by="mia")
        assert (await footer(stage))["state"] == "shown"
        (row,) = await stands(stage)
        assert {name: row[name] for name in ("destination", "state", "text", "severity", "by", "ref", "url")} == {
            "destination": "sign",
            "state": "shown",
            "text": "Search is slow",
            "severity": "warning",
            "by": "mia",
            "ref": "sign-1",
            "url": "https://ops.example/1",
        }
        await push(stage, "Search is down", severity="error")
        outcome = await stage.do("banner", "clear")
        assert outcome.text == "the banner is cleared at sign"
        await stage.wait(3)
        assert stage.places[1].lines == [
            "opened: Ops: Search is slow",
            "changed: Ops: Search is down",
            "resolved: Ops: No longer shown: Search is down",
        ]
        assert [one.message.ref for one in stage.places[1].heard] == ["", "sign-1", "sign-1"]
        assert await footer(stage) is None
        assert await stands(stage) == []
        assert await stage.events("pushed") == [
            "banner pushed to sign by mia: Search is slow",
            "banner pushed to sign by ann: Search is down",
            "banner cleared at sign by ann",
        ]
        assert stage.ops.heard == []

    town().play(story)


def test_after_its_end_another_banner_begins_anew() -> None:
    async def story(stage: Stage) -> None:
        await push(stage)
        await stage.do("banner", "clear")
        await stage.wait(3)
        await push(stage)
        assert [str(one.message.news) for one in stage.places[1].heard] == ["opened", "resolved", "opened"]
        assert stage.places[1].heard[2].message.ref == ""
        assert (await stands(stage))[0]["ref"] == "sign-3"
        assert len({one.message.key for one in stage.places[1].heard}) == 3

    town().play(story)


def test_an_unchanged_push_is_not_sent_again() -> None:
    async def story(stage: Stage) -> None:
        await push(stage)
        outcome = await stage.do("banner", "push", " Search  is slow ")
        assert outcome.text == "nothing differs: sign shows this already"
        assert outcome.data["destinations"] == []
        outcome = await stage.do("banner", "push", "Search is slow", severity="error")
        assert outcome.data["destinations"] == ["sign"]
        await stage.wait(3)
        await stage.do("banner", "clear")
        outcome = await stage.do("banner", "clear")
        assert outcome.text == "nothing differs: no banner stands"
        await stage.wait(30)
        assert [str(one.message.news) for one in stage.places[1].heard] == ["opened", "changed", "resolved"]
        assert len(await stage.events("pushed")) == 3

    town().play(story)


def test_it_outlives_a_restart_and_is_told_once() -> None:
    async def story(stage: Stage) -> None:
        await push(stage)
        for end in (stage.stop, stage.kill):
            await end()
            await stage.start()
            await stage.wait(60)
            assert (await footer(stage))["text"] == "Search is slow"
        assert len(stage.places[1].heard) == 1
        await push(stage, "Search is down")
        assert stage.places[1].heard[-1].message.ref == "sign-1"

    town().play(story)


def test_a_kill_while_it_is_sent_shows_it_once_where_the_place_can_be_asked() -> None:
    async def story(stage: Stage) -> None:
        stage.places[1].stalls = True
        await push(stage)
        await stage.kill()
        stage.places[1].stalls = False
        await stage.start()
        await stage.wait(60)
        assert len(stage.places[1].heard) == 1
        assert (await stands(stage))[0]["ref"] == "sign-found"

    town(AskableRecorder("sign", banner=True)).play(story)


def test_what_may_stand_for_all_that_is_known_is_cleared_too() -> None:
    async def story(stage: Stage) -> None:
        sign = stage.places[1]
        sign.refusing_late = DeliveryError("no answer", retry=True, unsure=True)
        await push(stage)
        await stage.do("banner", "clear")
        sign.refusing_late = None
        await stage.wait(600)
        assert str(sign.heard[-1].message.news) == "resolved"

    town().play(story)


def test_where_it_must_be_held_it_may_be_cleared_and_only_then_pushed_again() -> None:
    async def story(stage: Stage) -> None:
        sign = stage.places[1]
        sign.stalls = True
        await push(stage)
        await stage.kill()
        sign.stalls = False
        sign.refusing = DeliveryError("503", retry=True)
        await stage.start()
        assert (await footer(stage))["state"] == "held"
        with pytest.raises(Rejected, match="it may have been told before, and cannot be asked"):
            await stage.do("banner", "push", "Search is down")
        await stage.do("banner", "clear")
        with pytest.raises(Rejected, match="it may have been told before, and cannot be asked"):
            await stage.do("banner", "push", "Search is down")
        sign.refusing = None
        await stage.wait(600)
        await push(stage, "Search is down")
        assert [str(one.message.news) for one in sign.heard] == ["opened", "resolved", "opened"]

    town(ambiguous="hold").play(story)


def test_what_was_never_shown_needs_no_clearing() -> None:
    async def story(stage: Stage) -> None:
        sign = stage.places[1]
        sign.refusing = DeliveryError("503", retry=True)
        await push(stage)
        assert (await footer(stage))["state"] == "owed"
        (row,) = await stands(stage)
        assert (row["error"], row["attempts"]) == ("503", 1)
        await stage.do("banner", "clear")
        sign.refusing = None
        await stage.wait(600)
        assert sign.heard == []
        assert (await stage.engine.snapshot())["deliveries"] == []
        assert await footer(stage) is None

    town().play(story)


def test_a_clearing_that_has_not_arrived_is_seen() -> None:
    async def story(stage: Stage) -> None:
        await push(stage)
        stage.places[1].refusing = DeliveryError("503", retry=True)
        await stage.do("banner", "clear")
        await stage.wait(3)
        assert (await footer(stage))["state"] == "clearing"
        assert (await stage.engine.snapshot())["deliveries"][0]["subject"] == "banner"

    town().play(story)


def test_only_the_newest_of_several_is_shown_after_a_place_was_away() -> None:
    async def story(stage: Stage) -> None:
        stage.places[1].refusing = DeliveryError("503", retry=True)
        for text in ("one", "two", "three"):
            await push(stage, text)
        stage.places[1].refusing = None
        await stage.wait(600)
        assert stage.places[1].lines == ["opened: Ops: three"]

    town().play(story)


def test_one_that_was_given_up_is_pushed_again_and_retried_by_hand() -> None:
    async def story(stage: Stage) -> None:
        sign = stage.places[1]
        sign.refusing = DeliveryError("403", retry=False)
        await push(stage)
        assert (await footer(stage))["state"] == "given-up"
        await push(stage)
        assert sign.tries == 2
        sign.refusing = None
        (row,) = (await stage.engine.snapshot())["deliveries"]
        await stage.do("retry", row["id"])
        await stage.wait(3)
        assert sign.lines == ["opened: Ops: Search is slow"]

    town().play(story)


def test_places_are_chosen_and_each_keeps_its_own() -> None:
    async def story(stage: Stage) -> None:
        await push(stage, "for both")
        await push(stage, "for one", to="wall")
        assert [(one["destination"], one["text"]) for one in await stands(stage)] == [
            ("sign", "for both"),
            ("wall", "for one"),
        ]
        await stage.do("banner", "clear", to="sign")
        await stage.wait(3)
        assert [one["destination"] for one in await stands(stage)] == ["wall"]
        assert (await stage.engine.history("banner"))["places"] == ["sign", "wall"]

    town(sign(), sign("wall")).play(story)


def test_test_mode_marks_it_leaves_the_public_alone_and_shows_it_in_earnest_afterwards() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("test-mode", "on")
        with pytest.raises(Rejected, match="public cannot be told now: a rehearsal changes nothing that is public"):
            await stage.do("banner", "push", "A test", to="public")
        outcome = await stage.do("banner", "push", "A test")
        assert outcome.text == "the banner goes to sign; not public: a rehearsal changes nothing that is public"
        await stage.wait(3)
        (heard,) = stage.places[1].heard
        assert (heard.message.text, heard.message.is_test) == ("[TEST] A test", True)
        assert heard.message.title == "[TEST] Ops: A test"
        await stage.do("test-mode", "off")
        await stage.wait(3)
        assert stage.places[1].lines[1:] == ["changed: Ops: A test"]
        assert stage.places[2].heard == []

    town(sign(), sign("public", public=True)).play(story)


def test_what_stands_in_public_before_a_rehearsal_stands_through_it() -> None:
    async def story(stage: Stage) -> None:
        await push(stage)
        await stage.do("test-mode", "on")
        with pytest.raises(Rejected, match="public cannot be told now"):
            await stage.do("banner", "clear")
        await stage.wait(30)
        assert len(stage.places[1].heard) == 1

    town(sign("public", public=True)).play(story)


def test_no_incident_is_told_to_what_shows_the_banner_whatever_routes_and_people_say() -> None:
    async def story(stage: Stage) -> None:
        stage.becomes("web", DOWN)
        await stage.wait(30)
        (incident,) = await stage.incidents()
        why = {one["destination"]: one for one in incident["why"]}
        assert why["sign"]["reason"] == "it shows the banner, and is told of no incident"
        with pytest.raises(Rejected, match="sign cannot be told now: it shows the banner"):
            await stage.do("notify", incident["id"], "words", to="sign")
        assert stage.places[1].heard == []

    stage = town()
    stage.plan = replace(stage.plan, routes=(Route(("ops", "sign"), group_wait=0.0),))
    stage.play(story)


def test_the_board_has_words_of_its_own_for_what_is_wrong() -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(Rejected, match="all is well, so the board has nothing to say by itself"):
            await stage.do("banner", "push")
        assert (await stage.engine.history("banner"))["would"] == {"text": "", "severity": "info"}
        stage.becomes("api", SLOW)
        await stage.wait(30)
        assert (await stage.engine.history("banner"))["would"] == {
            "text": "API: 1.8 s, over 1 s",
            "severity": "warning",
        }
        stage.becomes("web", DOWN)
        await stage.wait(30)
        text = "Web: 503, expected 200-204 | API: 1.8 s, over 1 s"
        assert (await stage.engine.history("banner"))["would"] == {"text": text, "severity": "error"}
        await push(stage, "")
        assert (await footer(stage))["text"] == text
        assert (await footer(stage))["severity"] == "error"
        stage.becomes("api", UP)
        await stage.do("maintenance", "web", "moving house", for_="1h")
        await stage.wait(30)
        assert (await stage.engine.history("banner"))["would"] == {
            "text": "Web: moving house",
            "severity": "warning",
        }

    town().play(story)


@pytest.mark.parametrize(
    ("target", "text", "options", "reason"),
    [
        ("show", "", {}, "a banner is pushed or cleared, not 'show'"),
        ("push", "x", {"severity": "loud"}, "'loud' is no severity of a banner: it is one of info, warning, error"),
        ("push", "x" * 501, {}, "a banner has at most 500 characters, and this has 501: shorten it"),
        ("push", "x", {"to": "ops"}, "ops shows no banner: sign would"),
        ("push", "x", {"to": "sing"}, "no destination that shows a banner is called 'sing'; did you mean 'sign'"),
        ("clear", "", {"to": "ops"}, "ops shows no banner: sign would"),
    ],
)
def test_what_makes_no_sense_is_refused(target: str, text: str, options: dict[str, str], reason: str) -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(Rejected, match=reason):
            await stage.do("banner", target, text, **options)
        assert await stage.events("pushed") == []

    town().play(story)


def test_without_a_place_for_it_it_is_said_what_the_config_needs() -> None:
    async def story(stage: Stage) -> None:
        for target in ("push", "clear"):
            with pytest.raises(Rejected, match=r"no destination shows a banner: .*webhook: \{url: …, banner: true\}"):
                await stage.do("banner", target, "x")

    Stage(*SERVICES).play(story)


def test_a_place_that_comes_back_into_the_config_is_told_what_it_has_missed() -> None:
    async def story(stage: Stage) -> None:
        sign = stage.places[1]
        await push(stage)
        whole = stage.plan
        await stage.reload(places=whole.places[:1])
        assert (await stands(stage))[0]["text"] == "Search is slow"
        with pytest.raises(Rejected, match="no destination shows a banner"):
            await stage.do("banner", "push", "x")
        await stage.reload(places=whole.places)
        await stage.wait(30)
        assert len(sign.heard) == 1
        sign.refusing = DeliveryError("503", retry=True)
        await push(stage, "Search is down")
        await stage.reload(places=whole.places[:1])
        sign.refusing = None
        await stage.reload(places=whole.places)
        await stage.wait(30)
        assert sign.lines[1:] == ["changed: Ops: Search is down"]

    town().play(story)


def test_a_push_that_could_not_be_written_down_has_never_been() -> None:
    async def story(stage: Stage) -> None:
        await push(stage)
        stage.store.full = True
        with pytest.raises(Rejected, match="not done"):
            await stage.do("banner", "push", "Search is down")
        stage.store.full = False
        await stage.wait(60)
        assert len(stage.places[1].heard) == 1
        assert (await footer(stage))["text"] == "Search is slow"

    town().play(story)


def test_faces_hear_of_it_and_of_no_incident_by_its_name() -> None:
    async def story(stage: Stage) -> None:
        cursor = (await stage.engine.snapshot())["cursor"]
        await push(stage)
        found = await stage.engine.changes(cursor, 0)
        assert found.board["banner"]["text"] == "Search is slow"
        assert "banner" not in found.incidents

    town().play(story)


def test_what_a_person_pushes_does_not_wait_for_a_place_that_asked_to_be_left_alone() -> None:
    place = sign(refusing=DeliveryError("another banner stands there", retry=True, after=300.0))

    async def story(stage: Stage) -> None:
        await push(stage)
        assert (await stands(stage))[0]["error"] == "another banner stands there"
        tries = place.tries
        await push(stage, "Search is down")
        assert place.tries == tries + 1
        place.refusing = None
        await push(stage, "Search is back")
        assert [one.message.banner.text for one in place.heard if one.message.banner] == ["Search is back"]

    town(place).play(story)
