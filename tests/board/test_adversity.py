"""What goes wrong around a board: engine, config, person and moment; it says so and goes on."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.board.stage import T0, Script, Stage, incident, row, snapshot, stage
from tests.board.test_link import Elsewhere, elsewhere, link_to, wait_for
from tui_monitor.board.awaiting import Awaiting
from tui_monitor.board.dialogs.form import Form
from tui_monitor.board.face import Connection
from tui_monitor.board.ink import plain
from tui_monitor.board.link import Answer, Lost, Picture
from tui_monitor.board.pages.overview import Overview
from tui_monitor.board.state import Board
from tui_monitor.core.codec import encode
from tui_monitor.core.plan import Appearance
from tui_monitor.core.ports import Changes, Command, Outcome

__all__ = ["elsewhere"]


def said(here: Stage) -> str:
    return " ".join(plain(one) for one in here.app.said_lines(200))


def alarms(here: Stage) -> str:
    return "\n".join(plain(one) for one in here.app.page.query_one("#alarms").lines)  # type: ignore[attr-defined]  # each bar has lines


def head(here: Stage) -> str:
    return "\n".join(plain(one) for one in here.app.page.query_one("#head").lines)  # type: ignore[attr-defined]  # each bar has lines


def event(kind: str, subject: str = "board", service: str = "") -> dict[str, Any]:
    at = T0.isoformat()
    return {
        "kind": kind,
        "subject": subject,
        "n": 1,
        "at": at,
        "by": "",
        "text": "",
        "service": service,
        "status": "",
    }


# -- an engine that breaks over a question ----------------------------------------------------------------------


class Broken(Script):
    """It has a fault of its own, as every program has."""

    is_broken = True
    is_silent = False

    async def snapshot(self) -> dict[str, Any]:
        if self.is_broken:
            raise KeyError("a secret of the engine")
        return await super().snapshot()

    async def history(self, what: str, **options: str) -> Any:
        raise ZeroDivisionError("a secret of the engine")

    async def do(self, command: Command) -> Outcome:
        raise ZeroDivisionError("a secret of the engine")


def test_whoever_asks_what_an_engine_breaks_over_is_answered_all_the_same(elsewhere: Elsewhere):
    link = link_to(elsewhere, Broken(snapshot([])))
    heard: list[tuple[Any, str]] = []
    link.ask(lambda control: control.history("stats"), lambda *found: heard.append(found))
    for one in wait_for(link, Answer):
        assert isinstance(one, Answer)
        one.give()
    assert heard == [(None, "the engine failed at this (ZeroDivisionError); its log says where")]


def test_an_engine_that_breaks_over_the_picture_is_said_to_and_asked_again(elsewhere: Elsewhere):
    script = Broken(snapshot([row("Web")]))
    link = link_to(elsewhere, script)
    link.start()
    (lost,) = wait_for(link, Lost)
    assert lost == Lost("the engine failed at this (KeyError); its log says where")
    script.is_broken = False
    wait_for(link, Picture)
    link.stop()


async def test_a_form_about_which_the_engine_breaks_can_be_sent_again():
    script = Broken(snapshot([row("Shop", "major")], [incident("ab12", "shop")]), is_gone="")
    script.is_broken = False
    async with stage(script) as here:
        await here.press("a", "enter")
        form = here.app.screen
        assert isinstance(form, Form)
        await here.until(lambda: not form.is_waiting)
        assert "failed at this" in form._refusal


# -- a board that stands still on purpose -----------------------------------------------------------------------


async def test_a_paused_board_says_what_has_begun_meanwhile():
    script = Script(snapshot([row("Web"), row("Shop")]))
    async with stage(script) as here:
        await here.press("p")
        assert "PAUSED" in alarms(here)
        assert "since then" not in alarms(here)
        script.change(
            services={"shop": row("Shop", "major")},
            incidents={"ab12": incident("ab12", "shop")},
            events=(event("opened", "ab12", "shop"),),
        )
        await here.until(lambda: "1 incident since then" in alarms(here))
        assert here.app.board.services["shop"]["status"] == "operational", "the picture stands still"
        await here.press("p")
        assert "PAUSED" not in alarms(here)
        assert here.app.board.services["shop"]["status"] == "major"


async def test_a_paused_board_calls_for_attention_all_the_same():
    script = Script(snapshot([row("Shop", critical=True)]))
    async with stage(script, appearance=Appearance(bell=True), environ={}) as here:
        written: list[str] = []
        assert here.app._driver is not None
        here.app._driver.write = written.append  # type: ignore[method-assign]  # a terminal that keeps what it is sent
        await here.press("p")
        script.change(
            services={"shop": row("Shop", "major", critical=True)},
            incidents={"ab12": incident("ab12", "shop")},
            events=(event("opened", "ab12", "shop"),),
        )
        await here.until(lambda: any("\x07" in one for one in written))


async def test_a_paused_board_says_that_the_engine_is_gone():
    script = Script(snapshot([row("Web")]))
    async with stage(script) as here:
        await here.press("p")
        here.app.link._news.append(Lost("the engine broke"))  # type: ignore[union-attr]  # it is there
        await here.until(lambda: "NO SIGNAL" in alarms(here))
        assert "the engine broke" in alarms(here)


async def test_a_paused_board_that_hears_nothing_says_so_by_itself():
    async with stage(Script(snapshot([row("Web")]))) as here:
        await here.press("p")
        here.clock.seconds += 30
        for _ in range(10):
            await here.settle()
        assert "NO SIGNAL, the picture is 30" in alarms(here)


async def test_a_paused_board_has_the_keys_of_a_config_that_is_read_anew():
    script = Script(snapshot([row("Web")]))
    script.answers["config"] = {"appearance": encode(Appearance(keys={"pause": ("f8",)})), "problems": []}
    async with stage(script) as here:
        await here.press("p")
        script.change(events=(event("reloaded"),))
        await here.until(lambda: here.app.operations["pause"].keys == ("f8",))


# -- another engine, another config ------------------------------------------------------------------------------


async def test_times_are_shown_in_the_zone_of_the_config_that_was_read_anew():
    script = Script(snapshot([row("Web")]))
    async with stage(script) as here:
        assert here.app.timezone == "UTC"
        script.change(timezone="Asia/Tokyo")
        await here.until(lambda: here.app.timezone == "Asia/Tokyo")
        script.change(services={"web": row("Web", "major")}, at=T0, timezone="Asia/Tokyo")
        await here.until(lambda: "21:00:00" in head(here))


async def test_after_another_engine_has_taken_over_its_config_and_its_place_are_shown():
    script = Script(snapshot([row("Web")]))
    script.answers["config"] = {"appearance": encode(Appearance(keys={"pause": ("f8",)})), "problems": []}
    places = iter(["process 2"])
    async with stage(script) as here:
        app = here.app
        assert app.connection is not None
        app.connection = replace(app.connection, place_now=lambda: next(places))
        app.link._news.append(Lost("no engine runs on this state"))  # type: ignore[union-attr]  # it is there
        await here.until(lambda: "NO SIGNAL" in alarms(here))
        app.link._news.append(Picture(script.board))  # type: ignore[union-attr]  # it is there
        await here.until(lambda: app.operations["pause"].keys == ("f8",))
        assert "engine: process 2" in head(here)
        assert "NO SIGNAL" not in alarms(here)


# -- what a destination answers ----------------------------------------------------------------------------------


def delivery(subject: str, **other: Any) -> dict[str, Any]:
    return {
        "id": "d1",
        "destination": "site",
        "subject": subject,
        "state": "owed",
        "url": "",
        "ref": "",
        "error": "",
        "since": None,
        **other,
    }


@pytest.mark.parametrize(
    "data",
    [{"incident": "ab12", "destination": "site"}, {"incident": "ab12", "destinations": ["site"]}],
)
async def test_the_answer_to_a_ticket_is_said_at_once_as_that_to_an_update_is(data: dict[str, Any]):
    script = Script(snapshot([row("Shop", "major")], [incident("ab12", "shop")]))
    script.outcomes["ack"] = Outcome("asked", data)
    async with stage(script) as here:
        await here.press("a", "enter")
        told = delivery("ab12", error="503 busy", told_at=None)
        script.change(incidents={"ab12": incident("ab12", "shop") | {"told": [told]}})
        await here.until(lambda: "site does not have it yet: 503 busy" in said(here))
        told = delivery("ab12", state="told", ref="#812", told_at=T0.isoformat())
        script.change(incidents={"ab12": incident("ab12", "shop") | {"told": [told]}})
        await here.until(lambda: "site has it: #812" in said(here))


def test_a_place_that_was_told_of_something_else_does_not_have_the_banner_yet():
    awaiting = Awaiting()
    awaiting.expect({"destinations": ["site"], "text": "Down"}, T0, 0.0)
    told = event("told") | {"by": "site"}
    waits = Board(events=(told,), around={"banner": {"state": "owed"}}, at=T0)
    assert awaiting.hear(waits, 1.0) == []
    assert awaiting.hear(replace(waits, around={"banner": {"state": "shown"}}), 1.0) == [("site has it", "good")]


# -- who acts ----------------------------------------------------------------------------------------------------


async def test_somebody_without_a_name_on_this_machine_acts_by_a_number(monkeypatch: pytest.MonkeyPatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    script = Script(snapshot([row("Shop", "major")], [incident("ab12", "shop")]))
    async with stage(script) as here:
        await here.press("a", "enter")
        assert [one.by for one in script.asked] == ["uid 54321"]


# -- at the wrong moment -----------------------------------------------------------------------------------------


async def test_a_service_that_goes_while_the_terminal_is_too_small_is_not_copied_from():
    script = Script(snapshot([row("Web"), row("Shop", "major")]))
    async with stage(script) as here:
        await here.press("j", "k")
        await here.pilot.resize_terminal(30, 8)
        await here.settle()
        script.change(services={here.app.gaze.selected: None})
        await here.until(lambda: len(here.app.board.services) == 1)
        await here.press("y", "a", "e", "r")
        assert here.app.is_running
        assert here.app.fault is None


async def test_latencies_of_a_service_that_went_meanwhile_draw_nothing():
    script = Script(snapshot([row("Web"), row("Shop", "major")]))
    script.answers["lately"] = {"shop": {"latencies": [0.1], "statuses": ["major"]}}
    async with stage(script) as here:
        overview = here.app.page
        assert isinstance(overview, Overview)
        here.app.open_service("web")
        await here.settle()
        script.change(services={"shop": None})
        await here.until(lambda: "shop" not in here.app.board.services)
        overview._learn({"shop": {"latencies": [0.1], "statuses": ["major"]}}, "")
        assert here.app.fault is None
        await here.press("escape")
        assert here.app.page is overview


async def test_an_engine_that_opens_behind_a_dialog_takes_the_place_of_the_first_page():
    script = Script(snapshot([row("Web")]))
    async with stage(None, open=lambda path: None) as here:
        await here.press("question_mark")
        loop = asyncio.get_running_loop()
        made = Connection(
            script, loop, "this process", Path("c"), Appearance(), "Ops", "UTC", lambda: None, lambda: ""
        )
        here.app._opened.append(made)
        await here.until(lambda: isinstance(here.app.screen, Overview))
        await here.press("escape")
        assert isinstance(here.app.screen, Overview), "the first page lies below, and leads nowhere"


class Flooded(Script):
    """So much happens that every cursor is worth nothing by the time it is used."""

    pictures = 0

    async def snapshot(self) -> dict[str, Any]:
        self.pictures += 1
        return await super().snapshot()

    async def changes(self, cursor: str, wait: float) -> Changes:
        from tui_monitor.core.errors import CursorExpired

        raise CursorExpired("take a new snapshot")


async def test_a_flooded_engine_is_left_in_peace_between_two_pictures():
    script = Flooded(snapshot([row("Web")]))
    async with stage(script):
        seen = script.pictures
        for _ in range(200):
            await asyncio.sleep(0)
        assert script.pictures - seen <= 2


async def test_a_form_that_is_done_beneath_another_one_is_gone_when_that_is():
    script = Script(snapshot([row("Shop", "major")], [incident("ab12", "shop")]))
    async with stage(script) as here:
        await here.press("a")
        form = here.app.screen
        assert isinstance(form, Form)
        here.app.push_screen(Form("Another", (), lambda values, answer: answer("")))
        await here.settle()
        form.submit()
        await here.until(lambda: bool(script.asked) and not form.is_waiting)
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.screen, Overview))


async def test_a_picture_from_the_future_or_the_past_is_shown_by_the_clock_of_its_engine():
    script = Script(snapshot([row("Web")]))
    async with stage(script) as here:
        script.change(services={"web": row("Web", "major")}, at=T0 - timedelta(days=400))
        await here.until(lambda: here.app.now() < T0)
        script.change(services={"web": row("Web", "major")}, at=T0 + timedelta(days=400))
        await here.until(lambda: here.app.now() > T0)
        assert "NO SIGNAL" not in alarms(here)
        assert here.app.fault is None


class Silent(Script):
    """It takes every question, and gives no answer."""

    async def history(self, what: str, **options: str) -> Any:
        await asyncio.Event().wait()


async def test_an_engine_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tui_monitor.board.link.PATIENCE", 0.01)
    async with stage(Silent(snapshot([row("Web")]))) as here:
        await here.press("P")
        await here.until(lambda: "does not answer in time" in said(here))
