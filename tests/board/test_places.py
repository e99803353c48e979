"""How the destinations do: in the head of every page, on the wall, and above what is owed to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.board.hostile import KINDS
from tests.board.scenes import place
from tests.board.stage import T0, Script, row, snapshot, stage
from tui_monitor.board.draw.heads import LEAST_OF_TITLE, About, header
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.places import place_rows
from tui_monitor.board.draw.wall import Wall, wall
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.glyphs import ASCII, UNICODE, Glyphs
from tui_monitor.board.ink import Row, plain, texts, width_of
from tui_monitor.board.link import Picture
from tui_monitor.board.state import Board, fold
from tui_monitor.core.ports import Changes

OPS, MAIL = place("ops", "slack"), place("mail", "smtp")
LOST = place("numbers", "sql", "failing", since=(T0 - timedelta(minutes=12)).isoformat(), error="away", waiting=412)
STATUSES = ("operational", "maintenance", "degraded", "partial", "major", "unknown")


def sight(width: int = 80, glyphs: Glyphs = UNICODE) -> Sight:
    return Sight(width, zone_of("UTC"), T0, glyphs)


def board(*places: dict[str, Any], services: int = 3) -> Board:
    rows = [row(f"Web {n}", STATUSES[n % 6]) for n in range(services)]
    return fold(Board(), [Picture(snapshot(rows, places=list(places)))], 0.0)[0]


# -- what is folded -------------------------------------------------------------------------------------------------


def test_a_place_that_begins_to_fail_is_news_and_one_that_goes_on_is_none():
    now, touched = fold(board(OPS, MAIL), [Changes("1-1", board={"places": [OPS, MAIL]})], 1.0)
    assert not touched
    now, touched = fold(now, [Changes("1-2", board={"places": [OPS, LOST]})], 1.0)
    assert touched.places
    assert not touched.around, "a count that changes all the time draws no tile anew"
    assert [one["name"] for one in now.failing()] == ["numbers"]


def test_an_engine_of_an_earlier_release_says_nothing_of_places_and_nothing_fails():
    now, _ = fold(Board(), [Picture(snapshot([row("Web")]))], 0.0)
    now, touched = fold(now, [Changes("1-1", board={"at": T0.isoformat()})], 1.0)
    assert (now.places, now.failing(), touched.places) == ((), [], False)
    assert "failing" not in plain(header(now, About(), 80, UNICODE))
    assert place_rows(now.places, sight()) == []


def test_what_is_not_said_anew_of_places_stands_as_it_was():
    now, _ = fold(board(OPS, LOST), [Changes("1-1", board={"at": T0.isoformat()})], 1.0)
    assert [one["name"] for one in now.places] == ["ops", "numbers"]


# -- the head -------------------------------------------------------------------------------------------------------


def test_how_many_fail_stands_in_the_head_beside_the_counts():
    shown = plain(header(board(LOST, LOST, OPS, services=6), About(), 160, UNICODE))
    assert "◇ 1 maintenance  ✗ 2 places failing" in shown
    assert "places" not in plain(header(board(OPS), About(), 160, UNICODE))


@given(st.integers(40, 200), st.integers(0, 6), st.sampled_from(["Ops", "A board with a long title " * 5, "宽" * 70]))
def test_no_head_is_too_narrow_for_what_fails_and_for_what_is_wrong(width: int, services: int, title: str):
    about = About(page="deliveries", title=title, place="this process", is_read_only=width > 60)
    shown = header(board(LOST, services=services), about, width, UNICODE)
    assert width_of(shown) == width
    assert "1 place" in plain(shown)
    assert all(f"{UNICODE.status[one]} 1" in plain(shown) for one in STATUSES[:services])
    assert plain(shown)[1:LEAST_OF_TITLE - 1].strip(), "a part of the title is there"  # fmt: skip


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (80, " Ops → deliveries  ● 1 up  ◐ 1 degraded  ◇ 1 maintenance  ✗ 1 place failing"),
        (60, " Ops → deliveries  ● 1 ◐ 1 ◇ 1 ✗ 1 place failing"),
        (40, " Ops  ● 1 ◐ 1 ◇ 1 ✗ 1 place failing"),
    ],
)
def test_of_the_head_the_words_give_way_first_and_then_the_page(width: int, said: str):
    shown = plain(header(board(LOST), About(page="deliveries"), width, UNICODE)).rstrip()
    assert shown == said


@pytest.mark.parametrize("height", [10, 24])
def test_a_wall_on_which_all_is_well_says_that_a_place_is_not(height: int):
    lines = wall(board(LOST, services=1), Wall(80, height, T0, zone_of("UTC"), 0.0, UNICODE))
    assert any("1 place failing" in plain(one) for one in lines)
    lines = wall(board(OPS, services=1), Wall(80, height, T0, zone_of("UTC"), 0.0, UNICODE))
    assert not any("failing" in plain(one) for one in lines)


# -- the list -------------------------------------------------------------------------------------------------------


def test_each_place_says_how_it_does_and_those_that_fail_stand_first():
    rows = place_rows([OPS, LOST, {**MAIL, "owed": 2}, place("slack", "slack")], sight())
    assert texts(rows).splitlines() == [
        " Places (4, 1 failing) " + "─" * 56,
        " ✗ numbers sql  failing for 12m  412 looks wait",
        "   away",
        " ✓ ops slack; mail smtp, 2 owed; slack",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"since": None}, "✗ numbers sql  failing  412 looks wait"),
        ({"owed": 3, "waiting": 1}, "✗ numbers sql  failing for 12m  3 owed, 1 look waits"),
        ({"waiting": 0}, "✗ numbers sql  failing for 12m"),
    ],
)
def test_of_a_place_only_what_there_is_to_say_is_said(other: dict[str, Any], said: str):
    assert texts(place_rows([{**LOST, **other}], sight())).splitlines()[1].strip() == said


@pytest.mark.parametrize("width", [40, 60, 80, 160])
@pytest.mark.parametrize("text", [text for texts_ in KINDS.values() for text in texts_][::7])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_nothing_that_a_place_says_is_too_wide(width: int, text: str, glyphs: Glyphs):
    rows: list[Row] = place_rows([{**LOST, "error": text}, {**OPS, "name": text, "kind": text}], sight(width, glyphs))
    assert max(width_of(one.line) for one in rows) <= width


def test_no_word_of_an_error_is_lost():
    rows = place_rows([{**LOST, "error": "[/red]" * 300}], sight(60))
    assert "".join(plain(one.line).strip() for one in rows).count("[/red]") == 300


# -- on the screen --------------------------------------------------------------------------------------------------


async def test_the_page_of_deliveries_follows_the_places():
    script = Script(snapshot([row("Web")], places=[OPS, MAIL]), answers={"lately": {}})
    async with stage(script, (80, 24)) as here:
        await here.press("3")
        assert "✓ ops slack; mail smtp" in here.text()
        assert "failing" not in here.text()
        script.change(places=[LOST, MAIL])
        await here.until(lambda: "1 place failing" in here.text())
        assert "✗ numbers sql  failing for 12m  412 looks wait" in here.text()
        assert "everybody knows" in here.text(), "nothing is owed all the same"
        script.change(places=[OPS, MAIL])
        await here.until(lambda: "failing" not in here.text())


async def test_what_a_place_says_is_made_harmless():
    mean = {**LOST, "name": "\x1b[2Jnum[/red]bers", "error": "\x1b]52;c;aGFjaw==\x07 [bold]no"}
    script = Script(snapshot([row("Web")], places=[mean]), answers={"lately": {}})
    async with stage(script, (80, 24)) as here:
        await here.press("3")
        assert "[bold]no" in here.text()
        assert "num[/red]bers" in here.text()
        assert "\x1b" not in here.text()
