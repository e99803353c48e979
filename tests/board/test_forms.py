"""What is asked for before something is done, and what becomes of it: no word is lost, nothing is asked twice."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Input

from tests.board.stage import T0, Script, Stage, incident, row, snapshot, stage
from tui_monitor.board.dialogs.dialog import Sentence
from tui_monitor.board.dialogs.form import Form
from tui_monitor.board.ink import plain
from tui_monitor.core.ports import Command, Outcome


def burning(**more: Any) -> Script:
    ill = [row("Checkout API", "major", incident=None, group="Shop", critical=True, tags=["web"])]
    return Script(snapshot([*ill, row("Web")], [incident("ab12", "checkout-api")], **more))


def form_of(here: Stage) -> Form:
    form = here.app.screen
    assert isinstance(form, Form), f"no form is open, but {form}"
    return form


def said(here: Stage) -> str:
    return " ".join(plain(one) for one in here.app.said_lines(200))


def refusal(here: Stage) -> str:
    return " ".join(plain(one) for one in form_of(here).query_one("#refusal").lines)  # type: ignore[attr-defined]  # each bar has lines


@pytest.mark.parametrize(("key", "name"), [("a", "ack"), ("R", "resolve"), ("c", "note")])
async def test_a_form_asks_the_engine_for_the_incident_that_is_selected(key: str, name: str):
    script = burning()
    async with stage(script) as here:
        await here.press(key)
        await here.press(*"mine", "enter")
        assert [(one.name, one.target, one.text) for one in script.asked] == [(name, "ab12", "mine")]
        assert script.asked[0].by, "nobody can tell who it was"
        assert not isinstance(here.app.screen, Form)
        assert f"ab12 {name}: done" in said(here)


async def test_a_refusal_says_why_and_keeps_what_was_written():
    script = burning()
    script.outcomes["ack"] = "ab12 is already acknowledged by mia"
    async with stage(script) as here:
        await here.press("a")
        await here.press(*"long words", "enter")
        assert "already acknowledged by mia" in refusal(here)
        assert form_of(here).query_one("#field-text", Input).value == "long words"


async def test_leaving_a_form_asks_for_nothing():
    script = burning()
    async with stage(script) as here:
        await here.press("R", "escape")
        assert not isinstance(here.app.screen, Form)
        assert script.asked == []


async def test_without_an_incident_the_key_says_that_there_is_none():
    script = Script(snapshot([row("Web")]))
    async with stage(script) as here:
        await here.press("a")
        shown = here.app.screen
        assert isinstance(shown, Sentence)
        assert "there is no open incident" in shown.text
        await here.press(*"i am looking", "enter")
        assert not isinstance(here.app.screen, Sentence | Form), "what was typed acted as keys of the page"
        assert script.asked == []


@pytest.mark.parametrize("key", list("aRctnrmMXx"))
async def test_without_rights_nothing_is_asked_for(key: str):
    script = burning()
    async with stage(script, read_only=True) as here:
        await here.press(key)
        assert not isinstance(here.app.screen, Form)
        assert "read-only" in said(here)
        assert script.asked == []


async def test_a_silence_is_for_the_service_its_group_or_a_tag():
    script = burning()
    async with stage(script) as here:
        await here.press("m", "right", "tab", "right", "enter")
        (asked,) = script.asked
        assert (asked.name, asked.target, dict(asked.options)) == ("silence", "group:Shop", {"for": "4h"})


async def test_planned_work_begins_when_the_clocks_of_the_board_show_it():
    script = burning()
    async with stage(script) as here:
        await here.press("M", "tab", *"13:30", "enter")
        (asked,) = script.asked
        assert dict(asked.options) == {
            "for": "1h",
            "at": T0.replace(hour=13, minute=30).isoformat().replace("+00:00", "Z"),
        }


async def test_a_moment_that_is_none_is_said_in_the_form():
    script = burning()
    async with stage(script) as here:
        await here.press("M", "tab", *"soon", "enter")
        assert "'soon' is not a moment" in refusal(here)
        assert script.asked == []


PREVIEW = [
    {
        "destination": "ops",
        "kind": "log",
        "told": True,
        "reason": "",
        "title": "Checkout: X",
        "text": "X",
        "tickets": False,
    },
    {
        "destination": "mail",
        "kind": "smtp",
        "told": False,
        "reason": "",
        "title": "Mail: X",
        "text": "X",
        "tickets": True,
    },
]


async def test_an_update_goes_to_those_who_are_chosen_after_a_look_at_what_each_would_be_told():
    script = burning()
    script.answers["preview"] = PREVIEW
    async with stage(script) as here:
        await here.press("n")
        await here.press(*"we know", "tab", "down", "space")
        shown = "\n".join(plain(one) for one in form_of(here).query_one("#preview").lines)  # type: ignore[attr-defined]  # each sheet has lines
        assert "Checkout: X" in shown
        assert "Mail: X" in shown
        await here.press("enter")
        (asked,) = script.asked
        assert (asked.name, asked.target, asked.text) == ("notify", "ab12", "we know")
        assert sorted(asked.options["to"].split(",")) == ["mail", "ops"]


async def test_who_may_be_told_is_listed_before_a_word_is_written():
    script = burning()
    script.answers["preview"] = PREVIEW
    async with stage(script) as here:
        await here.press("n")
        await here.until(lambda: form_of(here).values["to"] == "ops")


async def test_of_places_that_cannot_be_told_the_reason_stands_in_the_form_and_they_are_not_offered():
    script = burning()
    kept = {"told": False, "free": False, "title": "", "text": "", "kind": "sql", "tickets": False}
    numbers = {**kept, "destination": "numbers", "reason": "no incident is told [/red] there"}
    desk = {**kept, "destination": "desk", "reason": "a rehearsal changes nothing that is public", "tickets": True}
    script.answers["preview"] = [*PREVIEW, numbers, desk]
    async with stage(script) as here:
        await here.press("n")
        await here.until(lambda: "numbers: no incident is told [/red] there" in here.text())
        field = form_of(here).field("to")
        assert [key for key, _ in field.options] == ["ops", "mail"]
        await here.press("escape", "t")
        await here.until(lambda: "desk: a rehearsal changes nothing that is public" in here.text())
        assert [key for key, _ in form_of(here).field("to").options] == ["mail"]
        assert "numbers" not in here.text()


async def test_what_a_destination_answers_is_said_at_once():
    script = burning()
    script.answers["preview"] = PREVIEW
    script.outcomes["ticket"] = Outcome("ticket asked of mail", {"incident": "ab12", "destinations": ["mail"]})
    async with stage(script) as here:
        await here.press("t", "enter")
        told: dict[str, Any] = {"destination": "mail", "subject": "ab12", "state": "owed", "url": "", "ref": ""}
        told |= {"error": "503 busy", "told_at": None}
        script.change(incidents={"ab12": incident("ab12", "checkout-api", told=()) | {"told": [told]}})
        await here.until(lambda: "503 busy" in said(here))
        script.change(
            incidents={
                "ab12": incident("ab12", "checkout-api")
                | {"told": [{**told, "state": "told", "ref": "#812", "told_at": T0.isoformat()}]}
            }
        )
        await here.until(lambda: "#812" in said(here))


BANNER = {
    "stands": [
        {
            "destination": "site",
            "state": "shown",
            "text": "Old: down",
            "severity": "error",
            "by": "mia",
            "ref": "1",
            "error": "",
        }
    ],
    "would": {"text": "Checkout API: 503", "severity": "error"},
    "places": ["site"],
    "max_length": 200,
}


async def test_the_banner_shows_what_stands_and_what_would_stand_before_it_is_pushed():
    script = burning()
    script.answers["banner"] = BANNER
    async with stage(script) as here:
        await here.press("b")
        form = form_of(here)
        await here.until(lambda: bool(form.values["text"]))
        about = "\n".join(plain(one) for one in form.query_one("#about").lines)  # type: ignore[attr-defined]  # each bar has lines
        assert "Old: down" in about
        assert "mia" in about
        assert form.values == {"does": "push", "text": "Checkout API: 503", "severity": "error"}
        await here.press("enter")
        assert script.asked == [
            Command("banner", "push", "Checkout API: 503", here.app.by, {"severity": "error"}),
        ]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("shown", "site shows: Old: down"),
        ("owed", "site is to show: Old: down"),
        ("clearing", "site is to clear: Old: down"),
        ("held", "site may show: Old: down"),
        ("given-up", "site, given up: Old: down"),
        ("dropped", "site, dropped: Old: down"),
    ],
)
async def test_a_place_is_only_said_to_show_what_it_has_taken(state: str, words: str):
    script = burning()
    script.answers["banner"] = {**BANNER, "stands": [{**BANNER["stands"][0], "state": state}]}
    async with stage(script) as here:
        await here.press("b")
        await here.until(lambda: bool(form_of(here).values["text"]))
        about = "\n".join(plain(one) for one in form_of(here).query_one("#about").lines)  # type: ignore[attr-defined]  # each bar has lines
        assert words in about


async def test_a_banner_is_cleared_by_choice_and_not_by_an_empty_text():
    script = burning()
    script.answers["banner"] = BANNER
    async with stage(script) as here:
        await here.press("b")
        await here.until(lambda: bool(form_of(here).values["text"]))
        form_of(here).set_words("text", "")
        await here.press("enter")
        assert "choose clear" in refusal(here)
        await here.press("right", "enter")
        assert [(one.target, one.text) for one in script.asked] == [("clear", "")]


async def test_a_second_enter_is_not_a_second_wish():
    script = burning()
    async with stage(script) as here:
        await here.press("a")
        form = form_of(here)
        form.submit()
        form.submit()
        await here.settle()
        assert len(script.asked) == 1
