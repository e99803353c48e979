"""What the board says is so, and who may only look changes nothing: rules that hold on every page."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.board.stage import T0, Script, Stage, incident, row, snapshot, stage
from tests.board.test_forms import BANNER
from tests.board.test_pages import delivery, silence
from tui_monitor.board import clipboard
from tui_monitor.board.dialogs.form import Form
from tui_monitor.board.gaze import Gaze, arranged, fits, places_of
from tui_monitor.board.ink import plain, texts
from tui_monitor.board.link import Picture
from tui_monitor.board.pages.page import Page
from tui_monitor.board.state import Board, Touched, fold
from tui_monitor.core.codec import encode
from tui_monitor.core.keys import OPERATIONS
from tui_monitor.core.plan import Appearance
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


# -- what a person has chosen -------------------------------------------------------------------------------------


def reloaded(script: Script, appearance: Appearance) -> None:
    script.answers["config"] = {"appearance": encode(appearance), "problems": []}
    event = {
        "kind": "reloaded",
        "subject": "board",
        "n": 1,
        "at": T0.isoformat(),
        "by": "",
        "text": "",
        "service": "",
    }
    script.change(events=({**event, "status": ""},))


async def test_the_theme_of_the_command_line_goes_before_that_of_a_config_that_is_read_anew():
    script = everything()
    async with stage(script, theme="high-contrast") as here:
        before = here.app.theme
        reloaded(script, Appearance(theme="light", keys={"pause": ("f8",)}))
        await here.until(lambda: here.app.operations["pause"].keys == ("f8",))
        assert here.app.theme == before


async def test_the_theme_of_a_config_that_is_read_anew_is_worn_where_nobody_has_chosen_another():
    script = everything()
    async with stage(script, theme="", appearance=Appearance(theme="dark")) as here:
        before = here.app.theme
        reloaded(script, Appearance(theme="light"))
        await here.until(lambda: here.app.theme != before)


async def test_control_c_leaves_only_where_it_is_a_key_to_leave_by():
    async with stage(everything(), appearance=Appearance(keys={"quit": ("f10",)})) as here:
        await here.press("ctrl+c")
        assert not here.app._exit
        await here.press("f10")
        assert here.app._exit


async def test_an_engine_that_is_opened_later_is_the_only_one_that_is_listened_to():
    script, other = everything(), Script(snapshot([row("Other")]))
    async with stage(script) as here:
        first = here.app.link
        made = here.app.connection
        assert first is not None
        assert made is not None
        here.app._opened.append(replace(made, control=other))
        await here.until(lambda: "other" in here.app.board.services)
        await here.until(lambda: not first._tasks)
        assert here.app.board.services.keys() == {"other"}


async def test_between_two_engines_no_service_of_the_first_is_drawn():
    script = everything()
    async with stage(script) as here:
        made = here.app.connection
        assert made is not None
        here.script.is_gone = "it starts"  # so that the new picture stays empty
        here.app._opened.append(made)
        here.app._ticks = 7  # the tick that draws what has aged
        here.clock.seconds += 2
        here.app.tick()
        assert here.app.fault is None
        assert here.app.page.shown() == []


# -- a config that changes beneath a person ---------------------------------------------------------------------


async def test_a_form_about_a_service_that_is_gone_says_what_the_engine_says_and_stays():
    script = everything()
    script.outcomes["silence"] = "no service, group or tag is called 'shop'"
    async with stage(script) as here:
        await here.press("j", "k", "m")
        assert isinstance(here.app.screen, Form)
        script.change(services={"shop": None, "web": None}, incidents={"aaaa1111": None, "bbbb2222": None})
        await here.until(lambda: not here.app.board.services)
        await here.press("enter")
        await here.until(lambda: "no service, group or tag" in here.text())
        await here.press("escape", "a", "m", "e", "r", "X", "y", "enter", "space")
        assert here.app.fault is None


@pytest.mark.parametrize("way_in", ["1", "2", "3", "4", "5", "6", "w", "service", "incident"])
async def test_no_page_breaks_when_all_it_shows_goes_and_comes_back(way_in: str):
    script = everything()
    script.answers["incidents"] = []
    async with stage(script) as here:
        if way_in == "service":
            here.app.open_service("shop")
        elif way_in == "incident":
            here.app.open_incident("aaaa1111")
        else:
            await here.press(way_in)
        before = script.board
        gone = {"services": dict.fromkeys(["shop", "web"]), "deliveries": {"d1": None}}
        script.change(
            **gone, incidents=dict.fromkeys(["aaaa1111", "bbbb2222"]), silences=[], simulations=[], test_mode=True
        )
        await here.until(lambda: not here.app.board.services and not here.app.board.incidents)
        looking = [one for one in OPERATIONS if one.section in ("Move", "Look") and one.id not in ("back", "pause")]
        for one in looking:
            here.app.operate(one.id)
            await here.settle()
            while not isinstance(here.app.screen, Page):
                await here.press("escape")
        back = {str(one["id"]): one for one in before["services"]}
        script.change(services=back, incidents={str(one["id"]): one for one in before["incidents"]})
        await here.until(lambda: len(here.app.board.services) == 2)
        assert here.app.fault is None
        assert here.app.is_running


async def test_a_delivery_is_dropped_by_its_own_name():
    async with stage(everything()) as here:
        await here.press("3", "D", "enter")
        assert [(one.name, one.target) for one in here.script.asked] == [("drop", "d1")]


@pytest.mark.parametrize("key", ["up", "down", "g", "G", "pageup", "pagedown", "enter", "S", "D", "y", "e"])
async def test_no_key_breaks_a_page_on_which_there_is_nothing(key: str):
    async with stage(Script(snapshot([]))) as here:
        for page in "123456":
            await here.press(page, key)
            while not isinstance(here.app.screen, Page):
                await here.press("escape")
        assert here.app.fault is None


def test_no_more_is_copied_than_every_terminal_takes():
    assert len(base64.b64encode(clipboard.fit("word " * 40_000).encode())) < 75_000


@pytest.mark.parametrize("size", [(100, 30), (30, 8)])
async def test_services_that_go_while_nobody_sees_them_break_nothing(size: tuple[int, int]):
    script = Script(snapshot([row(f"Service {number}") for number in range(40)]))
    async with stage(script) as here:
        overview = here.app.page
        await here.press("6") if size[0] > 40 else await here.pilot.resize_terminal(*size)
        await here.settle()
        script.change(services={f"service-{number}": None for number in range(30)})
        await here.until(lambda: len(here.app.board.services) == 10)
        overview.on_frame_sized(None)  # type: ignore[attr-defined]  # the frame of the overview asks for it
        overview.on_descendant_focus(None)  # type: ignore[attr-defined]  # something in it is given the keys
        await here.pilot.resize_terminal(120, 40)
        here.app.say("a word", "text")
        overview.draw(Touched(around=True))
        await here.settle()
        await here.press("1")
        assert here.app.fault is None
        assert "Service 39" in here.text()


async def test_how_many_are_hidden_is_true_in_the_very_picture_in_which_it_changes():
    script = Script(snapshot([row("Shop", "major"), row("Mail", "major"), row("Web")]))
    async with stage(script) as here:
        await here.press("f")
        assert "1 service hidden" in here.text()
        script.change(services={"mail": row("Mail")})
        await here.until(lambda: "1 of 3" in here.text())
        assert "2 services hidden" in here.text()
