"""Nothing stays silent: what a key did, why it did nothing, and how the board stands, in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.board.stage import Script, Stage, incident, row, snapshot, stage
from tests.board.test_first import Opening, opening, page_text
from tui_monitor.board.dialogs.dialog import Sentence
from tui_monitor.board.pages.overview import Overview
from tui_monitor.core.ports import Outcome


def said(here: Stage) -> str:
    return "\n".join("".join(text for text, _ in one) for one in here.app.said_lines(400)).strip()


def failing() -> Script:
    return Script(
        snapshot([row("Checkout API", "major"), row("Web")], [incident("abcd2345", "checkout-api")]),
        outcomes={"ack": Outcome("abcd2345 acknowledged", {"incident": "abcd2345"})},
    )


async def test_what_was_done_names_the_service_and_not_the_id_of_its_incident():
    async with stage(failing()) as here:
        await here.press("g", "a", "enter")
        assert said(here) == "Checkout API acknowledged"


@pytest.mark.parametrize(
    ("key", "verb"),
    [("a", "acknowledge"), ("c", "comment on"), ("t", "open a ticket for"), ("n", "write an update on")],
)
async def test_why_there_is_nothing_to_do_is_a_sentence(key: str, verb: str):
    async with stage(Script(snapshot([row("Web")]))) as here:
        await here.press(key)
        shown = here.app.screen
        assert isinstance(shown, Sentence)
        assert shown.text == f"there is no open incident to {verb}: Web has none"


async def test_a_key_that_does_nothing_says_so_and_where_the_keys_are():
    async with stage(failing()) as here:
        await here.press("8")
        assert said(here) == "8 does nothing here; ? shows the keys"
        await here.press("6", "space")
        assert said(here) == "mark means nothing on this page"


async def test_a_key_that_only_moves_and_one_that_is_written_in_the_filter_say_nothing():
    async with stage(failing()) as here:
        await here.press("j", "6", "h", "1", "/", "8")
        assert said(here) == ""


async def test_a_board_without_rights_says_so_in_its_head_and_when_it_is_asked_to_change_something():
    async with stage(failing(), (80, 24), read_only=True) as here:
        assert "read-only" in here.text().splitlines()[0]
        await here.press("a")
        assert said(here) == "this board is read-only: it shows everything, and changes nothing"


async def test_the_welcome_says_that_there_is_no_engine_yet():
    async with stage(None, open=Opening(Script(snapshot([])))) as here:
        assert "engine: none yet" in here.text() and "starting" not in here.text()


async def test_where_the_first_config_is_and_what_comes_next_is_still_said_on_the_board():
    script = Script(snapshot([row("Web")]))

    def starter(path: Path) -> str:
        return f"{path.name} is written. Make it yours."

    async with stage(None, open=Opening(script), starter=starter) as here:
        opening(here, script)
        assert "config.yaml is written" not in page_text(here)
        await here.press("down", "enter")
        await here.until(lambda: isinstance(here.app.page, Overview))
        here.clock.seconds += 30
        assert said(here) == "config.yaml is written. Make it yours."
        here.clock.seconds += 60
        assert said(here) == ""


# -- colour is never the only sign ----------------------------------------------------------------------------------


async def test_the_selected_row_of_a_page_has_the_pointer_at_its_edge():
    async with stage(failing(), (80, 24)) as here:
        await here.press("2")
        await here.until(lambda: "checkout-api" in here.text())
        rows = [one for one in here.text().splitlines() if "checkout-api" in one]
        assert [one[:2] for one in rows] == ["▌✖"]


async def test_the_choice_of_a_form_stands_in_brackets_and_the_chosen_command_behind_the_pointer():
    async with stage(failing(), (80, 24)) as here:
        await here.press("X")
        assert "[major]" in here.text() and " partial " in here.text()
        await here.press("escape", ":")
        pointed = [one for one in here.text().splitlines() if "│ ▌" in one]
        assert len(pointed) == 1 and "show only what has these words" in pointed[0]


async def test_the_last_line_of_a_form_is_never_cut():
    script = failing()
    script.answers["preview"] = [
        {"destination": "log", "kind": "log", "told": True, "title": "x", "text": "x", "tickets": False}
    ]
    async with stage(script, (56, 24)) as here:
        await here.press("g", "n")
        await here.until(lambda: "[■] log" in here.text())
        text = " ".join(here.text().split())
        assert "esc" in text and "leaves it" in text and "takes in or o…" not in text


async def test_what_is_wrong_with_the_config_has_a_second_line_where_one_is_too_short():
    wrong = "the config is wrong, so the old one stays: /somewhere/far/away/from/config.yaml:12:5: did you mean http?"
    script = Script(snapshot([row("Web")], trouble=wrong))
    async with stage(script, (80, 24)) as here:
        lines = here.text().splitlines()
        assert lines[1].startswith(" TROUBLE: the config is wrong") and lines[2].endswith("did you mean http?")


async def test_a_command_that_begins_with_q_is_found_and_no_letter_of_it_is_a_key():
    async with stage(failing(), (80, 24)) as here:
        await here.press(":", *"quiet", "enter")
        assert here.app.page.name_of_page == "quiet" and not here.script.asked


@pytest.mark.parametrize("size", [(80, 24), (60, 14), (120, 40)])
async def test_the_last_of_a_long_list_of_commands_and_the_hint_below_it_are_in_sight(size: tuple[int, int]):
    async with stage(failing(), size) as here:
        await here.press(":", *["pagedown"] * 8)
        assert "▌close the board" in here.text() and "closes" in here.text()


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("silence", "tell nobody"),
        ("acknowledge", "acknowledge, with"),
        ("test mode", "mark everything"),
        ("res", "resolve"),
    ],
)
async def test_a_command_that_is_called_so_comes_before_one_that_only_speaks_of_it(words: str, first: str):
    async with stage(failing(), (80, 24)) as here:
        await here.press(":", *("space" if letter == " " else letter for letter in words))
        assert f"▌{first}" in here.text()


async def test_a_page_that_shows_no_services_neither_filters_nor_sorts_them_unseen():
    async with stage(failing(), (80, 24)) as here:
        before = here.app.gaze
        await here.press("5", "f", "s")
        assert here.app.gaze == before and said(here) == "sort means nothing on this page"
        await here.press("1", "f")
        assert "faults only (1 service hidden" in here.text()
        await here.press("5")
        assert "hidden" not in here.text()
