"""Updates that a person writes: who hears of them, through what, once, and what of it stays as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.stage import DOWN, UP, AskableRecorder, Recorder, Stage
from tui_monitor.core.errors import DeliveryError, Rejected
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind, Patience, Service
from tui_monitor.core.plan import Condition, Route
from tui_monitor.core.ports import Receipt
from tui_monitor.core.status import Status

WEB = Service("web", "Web", every=10.0, patience=Patience(down_after=1, up_after=1))
WORDS = "We know, and are on it"


class Deaf(Recorder):
    """A place that hears only of beginnings and ends."""

    hears = frozenset({Kind.OPENED, Kind.RESOLVED, Kind.FORCE_RESOLVED})


class Mute(Recorder):
    """A place that takes part in other ways, such as a table of looks."""

    hears = frozenset()

    async def deliver(self, message: Message, outside: Any) -> Receipt:
        raise AssertionError("told of an incident")


class Spared(Recorder):
    """A page on which this service is not published."""

    def spared(self, service: Service, publish: Any) -> str:
        return "the service is not published there"


def town(*, routes: tuple[Route, ...] | None = None, **options: Any) -> Stage:
    """Ops and mail have a route, page has one for what is worse, and nobody leads to desk and public."""
    places = (
        Recorder("ops"),
        AskableRecorder("mail"),
        Recorder("page"),
        Recorder("desk", grouped=False),
        Recorder("public", public=True),
    )
    led = (Route(("ops", "mail"), group_wait=5.0), Route(("page",), Condition(">", Status.MAJOR), group_wait=0.0))
    return Stage(WEB, places=places, routes=led if routes is None else routes, **options)


def place(stage: Stage, name: str) -> Recorder:
    return next(one for one in stage.places if one.name == name)


async def broken(stage: Stage) -> str:
    """The service is down and everybody has been told who is to be."""
    stage.becomes("web", DOWN)
    await stage.wait(30)
    (incident,) = await stage.incidents()
    return str(incident["id"])


def test_an_update_goes_at_once_to_all_who_were_told_and_stands_in_the_timeline() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        outcome = await stage.do("notify", name[:4], WORDS, by="mia")
        assert outcome.text == f"{name}: the update goes to ops, mail"
        assert outcome.data == {"incident": name, "by": "mia", "destinations": ["ops", "mail"], "withheld": []}
        await stage.wait(2)
        for one in ("ops", "mail"):
            assert place(stage, one).lines[1:] == [f"changed: Web is major: {WORDS}"]
            assert place(stage, one).heard[1].message.ref == f"{one}-1"
        assert place(stage, "page").heard == place(stage, "desk").heard == place(stage, "public").heard == []
        (incident,) = await stage.incidents()
        event = incident["timeline"][-1]
        assert (event["kind"], event["by"], event["text"], event["to"]) == ("updated", "mia", WORDS, ["ops", "mail"])
        assert await stage.events("pushed") == ["Web: update sent to ops, mail by mia"]
        await stage.wait(600)
        assert [len(one.heard) for one in stage.places] == [2, 2, 0, 0, 0]

    town().play(story)


def test_only_the_places_that_are_chosen_hear_of_it_and_the_others_are_owed_nothing() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("notify", name, WORDS, to="mail, desk")
        await stage.wait(30)
        assert place(stage, "ops").news == ["opened web"]
        assert place(stage, "mail").news == ["opened web", "changed web"]
        assert place(stage, "desk").lines == [f"opened: Web is major: 503, expected 200-204; {WORDS}"]
        assert (await stage.engine.snapshot())["deliveries"] == []
        stage.becomes("web", UP)
        await stage.wait(30)
        assert [one.news[-1:] for one in stage.places[:4]] == [
            ["resolved web"],
            ["resolved web"],
            [],
            ["resolved web"],
        ]

    town().play(story)


def test_of_places_that_hear_of_no_incident_and_of_those_spared_it_is_said_why() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        rows = await stage.engine.history("preview", id=name, text=WORDS)
        assert [(one["destination"], one["told"], one["free"], one["reason"]) for one in rows][1:] == [
            ("numbers", False, False, "no incident is told there: it takes part in other ways"),
            ("page", False, False, "the service is not published there"),
        ]
        with pytest.raises(Rejected, match="numbers cannot be told now: no incident is told there"):
            await stage.do("notify", name, WORDS, to="numbers")
        outcome = await stage.do("notify", name, WORDS)
        assert outcome.text == f"{name}: the update goes to ops; not page: the service is not published there"
        await stage.wait(30)
        assert [len(one.heard) for one in stage.places] == [2, 0, 0]
        (incident,) = await stage.incidents()
        assert {one["destination"]: one["reason"] for one in incident["why"]}["page"] == rows[2]["reason"]

    routes = (Route(("ops", "page"), group_wait=0.0),)
    Stage(WEB, places=(Recorder("ops"), Mute("numbers"), Spared("page")), routes=routes).play(story)


def test_what_was_owed_to_a_place_that_hears_of_no_incident_any_more_waits_for_a_person() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.refusing = DeliveryError("503", retry=True)
        name = await broken(stage)
        changed = replace(stage.plan.places[0], plugin=Mute("ops"))
        await stage.reload(places=(changed,), routes=())
        await stage.wait(600)
        (owed,) = (await stage.engine.snapshot())["deliveries"]
        with pytest.raises(Rejected, match="no incident is told there"):
            await stage.do("retry", owed["id"])
        await stage.do("drop", owed["id"])
        assert (await stage.incidents())[0]["id"] == name

    Stage(WEB, routes=(Route(("ops",), group_wait=0.0),)).play(story)


def test_words_of_a_person_are_in_the_message_whatever_the_text_of_the_config_makes_of_changes() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("notify", name, WORDS)
        await stage.wait(5)
        assert stage.ops.lines[-1] == f"changed: Web, again; {WORDS}"

    stage = town()
    stage.plan = replace(stage.plan, messages={"changed": "{name}, again"})
    stage.play(story)


@pytest.mark.parametrize("quiet", ["silence", "maintenance"])
def test_nothing_that_keeps_quiet_holds_back_what_a_person_sends_on_purpose(quiet: str) -> None:
    async def story(stage: Stage) -> None:
        await stage.do(quiet, "web", "known", for_="1h")
        name = await broken(stage)
        assert stage.ops.heard == []
        await stage.do("notify", name, WORDS, to="ops")
        await stage.wait(3)
        assert stage.ops.lines == [f"opened: Web is major: 503, expected 200-204; {WORDS}"]
        await stage.wait(300)
        assert len(stage.ops.heard) == 1
        assert place(stage, "mail").heard == []
        stage.becomes("web", UP)
        await stage.wait(60)
        assert stage.ops.news == ["opened web", "resolved web"]
        assert place(stage, "mail").heard == []

    town().play(story)


def test_in_a_silence_it_goes_to_whom_a_route_would_have_told() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("silence", "web", "known", for_="1h")
        name = await broken(stage)
        outcome = await stage.do("notify", name, WORDS)
        assert outcome.data["destinations"] == ["ops", "mail"]
        await stage.wait(3)
        assert [len(one.heard) for one in stage.places] == [1, 1, 0, 0, 0]

    town().play(story)


def test_a_rehearsal_marks_it_and_leaves_what_is_public_alone() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("test-mode", "on")
        name = await broken(stage)
        with pytest.raises(Rejected, match="public cannot be told now: a rehearsal changes nothing that is public"):
            await stage.do("notify", name, WORDS, to="ops,public")
        outcome = await stage.do("notify", name, WORDS)
        await stage.wait(5)
        assert stage.ops.lines[-1] == f"changed: [TEST] Web is major: {WORDS}"
        assert place(stage, "public").heard == []
        assert outcome.text.endswith("; not public: a rehearsal changes nothing that is public")
        assert outcome.data["withheld"] == [
            {"destination": "public", "reason": "a rehearsal changes nothing that is public"}
        ]

    town(routes=(Route(("ops", "public"), group_wait=5.0),)).play(story)


def test_an_update_waits_for_a_place_that_is_away_and_is_told_once_when_it_is_back() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        stage.ops.refusing = DeliveryError("503", retry=True)
        await stage.do("notify", name, WORDS)
        await stage.wait(60)
        (row,) = (await stage.engine.snapshot())["deliveries"]
        assert (row["destination"], row["state"], row["error"]) == ("ops", "owed", "503")
        assert row["reason"] == "update by ann"
        stage.ops.refusing = None
        await stage.wait(600)
        assert stage.ops.news == ["opened web", "changed web"]

    town().play(story)


def test_an_update_outlives_a_kill_and_is_told_once_where_the_place_can_be_asked() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        mail = place(stage, "mail")
        mail.stalls = True
        await stage.do("silence", "web", "known", for_="1h")
        await stage.do("notify", name, WORDS, to="mail,desk")
        await stage.wait(3)
        await stage.kill()
        mail.stalls = False
        await stage.start()
        await stage.wait(120)
        assert mail.news == ["opened web", "changed web"]
        assert place(stage, "desk").news == ["opened web"]
        assert (await stage.engine.snapshot())["deliveries"] == []

    town().play(story)


def test_an_update_that_could_not_be_sent_before_a_kill_is_sent_after_it_though_all_is_silent() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        desk = place(stage, "desk")
        desk.refusing = DeliveryError("503", retry=True)
        await stage.do("silence", "web", "known", for_="1h")
        await stage.do("notify", name, WORDS, to="desk")
        await stage.wait(3)
        await stage.kill()
        desk.refusing = None
        await stage.start()
        await stage.wait(60)
        assert desk.news == ["opened web"]
        assert len(stage.ops.heard) == 1

    town().play(story)


def test_what_ends_before_a_place_could_be_told_is_one_honest_message() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        desk = place(stage, "desk")
        desk.refusing = DeliveryError("503", retry=True)
        await stage.do("notify", name, WORDS, to="desk")
        stage.becomes("web", UP)
        await stage.wait(60)
        desk.refusing = None
        await stage.wait(600)
        assert desk.news == ["over web"]

    town().play(story)


def test_a_place_that_hears_of_beginnings_and_ends_alone_hears_what_is_written_for_it() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("ack", name)
        await stage.wait(10)
        assert stage.ops.news == ["opened web"]
        await stage.do("notify", name, WORDS, to="ops")
        await stage.wait(5)
        assert stage.ops.lines[-1] == f"changed: Web is major: {WORDS}"

    Stage(WEB, places=(Deaf("ops"),)).play(story)


def test_what_somebody_must_decide_first_is_not_overtaken_by_an_update() -> None:
    async def story(stage: Stage) -> None:
        stage.ops.stalls = True
        stage.becomes("web", DOWN)
        await stage.wait(16)
        await stage.kill()
        stage.ops.stalls = False
        await stage.start()
        await stage.wait(30)
        (row,) = (await stage.engine.snapshot())["deliveries"]
        assert row["state"] == "held"
        with pytest.raises(Rejected, match="ops cannot be told now: it may have been told before"):
            await stage.do("notify", row["subject"], WORDS)
        await stage.do("retry", row["id"])
        await stage.do("notify", row["subject"], WORDS)

    Stage(WEB, ambiguous="hold").play(story)


@pytest.mark.parametrize(
    ("words", "to", "reason"),
    [
        (" \n ", "", "an update needs a text"),
        ("x" * 401, "", "an update has at most 400 characters, and this has 401: shorten it"),
        (WORDS, "opps", "no destination is called 'opps'; did you mean 'ops'"),
        (WORDS, "zzz", "no destination is called 'zzz'; there are ops, mail, page, desk, public"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_has_changed(words: str, to: str, reason: str) -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        before = await stage.incidents()
        with pytest.raises(Rejected, match=reason):
            await stage.do("notify", name, words, to=to)
        after = await stage.incidents()
        assert [one["timeline"] for one in after] == [one["timeline"] for one in before]
        assert await stage.events("pushed") == []

    town().play(story)


def test_nobody_is_told_of_what_is_over_and_somebody_must_be_there_to_tell() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        with pytest.raises(Rejected, match="nobody has been told of this incident and no route leads anywhere"):
            await stage.do("notify", name, WORDS)
        stage.becomes("web", UP)
        await stage.wait(30)
        with pytest.raises(Rejected, match="no open incident"):
            await stage.do("notify", name, WORDS, to="ops")

    town(routes=()).play(story)


def test_the_preview_says_of_each_place_what_it_is_then_told() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        await stage.do("test-mode", "on")
        foreseen = {
            one["destination"]: one
            for one in await stage.engine.history("preview", id=name, text=WORDS, to="ops,desk")
        }
        assert [one["told"] for one in foreseen.values()] == [True, False, False, True, False]
        assert foreseen["public"] == {
            "destination": "public",
            "kind": "recorder",
            "told": False,
            "reason": "a rehearsal changes nothing that is public",
            "title": "",
            "text": "",
            "tickets": False,
            "free": False,
        }
        assert [foreseen[one]["reason"] for one in ("ops", "mail")] == ["chosen by hand", "not chosen"]
        assert stage.ops.heard[1:] == []
        await stage.do("notify", name, WORDS, to="ops,desk")
        await stage.wait(5)
        for one in ("ops", "desk"):
            message = place(stage, one).heard[-1].message
            assert (message.title, message.text) == (foreseen[one]["title"], foreseen[one]["text"])

    town().play(story)


def test_without_a_choice_the_preview_says_why_somebody_is_told_or_is_not() -> None:
    async def story(stage: Stage) -> None:
        name = await broken(stage)
        rows = await stage.engine.history("preview", id=name, text="")
        assert [(one["told"], one["reason"]) for one in rows] == [
            (True, "it is told of this incident"),
            (True, "it is told of this incident"),
            (False, "route 2 does not apply: severity major is not >major"),
            (False, "no route leads there"),
            (False, "no route leads there"),
        ]
        with pytest.raises(Rejected, match="no open incident"):
            await stage.engine.history("preview", id="zzz", text="")

    town().play(story)
