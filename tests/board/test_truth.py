"""What the board says is so, and who may only look changes nothing: rules that hold on every page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.board.stage import T0, Script, Stage, incident, row, snapshot, stage
from tests.board.test_forms import BANNER
from tests.board.test_pages import delivery, silence
from tui_monitor.board.dialogs.form import Form
from tui_monitor.board.gaze import Gaze, arranged, fits, places_of
from tui_monitor.board.ink import plain, texts
from tui_monitor.board.link import Picture
from tui_monitor.board.pages.page import Page
from tui_monitor.board.state import Board, fold
from tui_monitor.core.keys import OPERATIONS
from tui_monitor.core.ports import Changes

CHANGING = [one for one in OPERATIONS if one.changes]


def everything() -> Script:
    """Something on every page that could be changed."""
    rehearsal = {"service": "web", "status": "major", "by": "ada", "since": T0.isoformat(), "until": T0.isoformat()}
    return Script(
        snapshot(
            [row("Shop", "major"), row("Web", vendor=True)],
            [incident("aaaa1111", "shop"), incident("bbbb2222", "web")],
            deliveries=[delivery("mail", id="d1")],
            silences=[silence()],
            simulations=[rehearsal],
        ),
        {"banner": BANNER},
    )


# -- who may only look --------------------------------------------------------------------------------------------


def asked_to_change(here: Stage) -> bool:
    form = here.app.screen
    return bool(here.script.asked) or (isinstance(form, Form) and form.title_of_box != "The banner")


@pytest.mark.parametrize("way_in", ["1", "2", "3", "4", "5", "6", "w", "service", "incident"])
async def test_without_rights_nothing_is_changed_by_any_key_on_any_page(way_in: str):
    async with stage(everything(), read_only=True) as here:
        if way_in == "service":
            here.app.open_service("shop")
        elif way_in == "incident":
            here.app.open_incident("aaaa1111")
        else:
            await here.press(way_in)
        await here.settle()
        for one in CHANGING:
            here.app.operate(one.id)
            here.app.page.action_operate(one.id)
            await here.press(*one.keys, "enter")
            assert not asked_to_change(here), f"{one.id} on {way_in}"
            while not isinstance(here.app.screen, Page):
                await here.press("escape")


async def test_without_rights_the_palette_offers_nothing_that_changes():
    async with stage(everything(), read_only=True) as here:
        await here.press(":")
        names = {one.key for one in here.app.screen._items}  # type: ignore[attr-defined]  # the palette has items
        assert "pause" in names
        assert not names & {one.id for one in CHANGING}


async def test_without_rights_the_banner_is_shown_and_cannot_be_pushed():
    async with stage(everything(), read_only=True) as here:
        await here.press("b")
        await here.until(lambda: "Old: down" in here.text())
        assert "the board would say: Checkout API: 503" in here.text()
        await here.press("enter")
        assert isinstance(here.app.screen, Page)
        assert here.script.asked == []


async def test_without_rights_no_config_is_written_on_the_first_page():
    written: list[Any] = []

    def starter(path: Any) -> str:
        written.append(path)
        return "written"

    async with stage(None, open=lambda path: None, starter=starter, read_only=True) as here:
        await here.press("down", "enter")
        assert written == []
        assert "read-only" in texts(here.app.page.rows(80))


# -- the picture ----------------------------------------------------------------------------------


def begun(*deliveries: dict[str, Any]) -> Board:
    rows = [row("Web"), row("Shop", "major")]
    return fold(Board(), [Picture(snapshot(rows, deliveries=list(deliveries)))], 10.0)[0]


def change(**more: Any) -> Changes:
    at = (T0 + timedelta(seconds=9)).isoformat()
    given = {"services": {}, "incidents": {}, "deliveries": {}, "events": (), "board": {"at": at}, **more}
    return Changes("1-1", **given)


def test_the_clock_in_the_head_is_that_of_the_last_change_and_not_of_the_last_sign_of_life():
    board, _ = fold(begun(), [change()], 19.0)
    assert board.moved_at == T0
    assert board.at == T0 + timedelta(seconds=9)
    board, _ = fold(board, [change(services={"web": row("Web", "major")})], 19.0)
    assert board.moved_at == board.at


@pytest.mark.parametrize("state", ["told", "dropped"])
def test_what_is_told_or_given_up_by_hand_is_owed_to_nobody(state: str):
    owed = delivery("mail", id="d1")
    board, _ = fold(begun(owed), [change(deliveries={"d1": {**owed, "state": state}})], 11.0)
    assert board.deliveries == {}


def test_a_service_that_has_begun_to_fail_is_no_service_that_is_well():
    assert fits(row("Web", failing="1/3"), Gaze(faults=True))
    assert not fits(row("Web"), Gaze(faults=True))


def test_of_two_that_are_down_the_critical_one_comes_first():
    services = {name: row(name, "major", id=name, critical=name == "z") for name in ("a", "m", "z")}
    assert arranged(services, places_of(services, Gaze()), "worst")[0].services == ("z", "a", "m")


async def test_a_banner_that_would_be_refused_is_not_foretold_to_stand():
    async with stage(everything()) as here:
        await here.press("b")
        form = here.app.screen
        assert isinstance(form, Form)
        await here.until(lambda: bool(form.values["text"]))
        assert "then stands" in here.text()
        form.set_words("text", "long " * 60)
        await here.until(lambda: "at most 200 characters, and this has 299" in here.text())
        assert "then stands" not in here.text()


async def test_a_new_answer_takes_the_place_of_one_that_was_said_before_it():
    async with stage(everything()) as here:
        here.app.say("one ", "bad")
        here.app.say("word " * 100, "bad")
        shown = [plain(one) for one in here.app.said_lines(40)]
        assert len(shown) == 4
        assert "one" not in " ".join(shown)
