"""Why it is red and who is told: the engine's answer over the page, and what the board knows until it is there."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import T0, Script, incident, row, snapshot, stage
from tui_monitor.board.dialogs.explain import Explain
from tui_monitor.board.draw.explain import composed, explain_rows
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import texts, width_of
from tui_monitor.board.pages.incident import IncidentPage
from tui_monitor.board.pages.overview import Overview
from tui_monitor.board.state import Board

ANSWER: dict[str, Any] = {
    "service": "checkout-api",
    "name": "Checkout API",
    "incident": "8f2a1c9d",
    "red": ["the last look, at 12:00, found it major: 503, expected 200-204"],
    "silent": ["nobody is told now: silenced by mia until 13:00", "chat is not told: the service is not critical"],
    "told": [
        {"destination": "slack", "told": True, "reason": "route 1", "would_say": "Checkout API is major: 503"},
        {"destination": "chat", "told": False, "reason": "the service is not critical", "would_say": "the same"},
    ],
    "next": ["2 good looks in a row would end the incident", "the silence ends at 13:00, in 1 h"],
}
WHY = [{"destination": "oncall", "told": False, "reason": "the service is not critical"}]
OPEN = incident("8f2a1c9d", "checkout-api", name="Checkout API", why=WHY)


def drawn(answer: dict[str, Any], width: int = 80, status: str = "major", note: str = "") -> str:
    return texts(explain_rows(answer, status, Sight(width, UTC, T0, UNICODE), note))


def script(**answers: Any) -> Script:
    services = [
        row("Checkout API", "major", message="503, expected 200-204", failing="2/3", incident=None),
        row("Web"),
    ]
    return Script(snapshot(services, [OPEN]), answers=answers)


def test_the_answer_stands_under_three_questions() -> None:
    lines = [one.rstrip(" ─") for one in drawn(ANSWER).splitlines()]
    assert lines == [
        " Why it is major",
        " • the last look, at 12:00, found it major: 503, expected 200-204",
        "",
        " Who is told, and who is not",
        " • nobody is told now: silenced by mia until 13:00",
        " ✓ slack      is told: route 1",
        "     → Checkout API is major: 503",
        " ⊘ chat       is not told: the service is not critical",
        "",
        " What would change it",
        " • 2 good looks in a row would end the incident",
        " • the silence ends at 13:00, in 1 h",
    ]


def test_where_nobody_is_told_the_heading_says_so() -> None:
    assert "Why nobody is told" in drawn({**ANSWER, "told": ANSWER["told"][1:]})


def test_what_is_well_is_not_called_red() -> None:
    assert drawn(ANSWER, status="operational").startswith(" Why it is so")


def test_an_empty_answer_says_that_nothing_is_known() -> None:
    text = drawn({"red": [], "silent": [], "told": [], "next": []}, note="asking the engine")
    assert "nothing is known of it" in text and "nothing that is known" in text and text.endswith("asking the engine")


def test_without_unicode_the_explanation_is_ascii() -> None:
    assert texts(explain_rows(ANSWER, "major", Sight(60, UTC, T0, ASCII))).isascii()


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Mn", "Me")), max_size=300),
    st.integers(20, 130),
)
def test_no_line_of_it_is_wider_than_its_box_and_no_word_is_lost(text: str, width: int) -> None:
    told = [{"destination": "mail", "told": True, "reason": text, "would_say": text}]
    rows = explain_rows(
        {"red": [text], "silent": [text], "told": told, "next": [text]}, "", Sight(width, UTC, T0, UNICODE)
    )
    assert all(width_of(one.line) <= width for one in rows)
    assert "".join(texts(rows).split()).count("".join(text.split())) >= 5 * bool(text.split())


def test_the_board_explains_by_itself_what_it_has_in_hand() -> None:
    service = row("Checkout API", "major", message="503", failing="2/3", incident=None, quiet="suppressed by Router")
    board = Board(
        services={"checkout-api": service}, incidents={"8f2a1c9d": OPEN}, around={"cut_off": T0.isoformat()}
    )
    found = composed(board, "8f2a1c9d")
    assert found["red"][0] == "the last look found: 503"
    assert any("2/3" in one for one in found["red"]) and any("8f2a1c9d" in one for one in found["red"])
    assert any("cut off" in one for one in found["silent"])
    assert any("suppressed by Router" in one for one in found["silent"])
    assert found["told"][0]["destination"] == "oncall"


def test_of_what_is_gone_the_board_says_that_nobody_watches_it() -> None:
    assert composed(Board(), "gone")["red"] == ["it is no longer watched"]


async def test_e_explains_the_incident_in_sight_and_escape_closes_only_that() -> None:
    async with stage(script(explain=ANSWER)) as here:
        here.app.open_incident("8f2a1c9d")
        await here.settle()
        await here.press("e")
        assert isinstance(here.app.screen, Explain)
        assert "Checkout API is major: 503" in here.text()
        assert here.script.questions[-1] == ("explain", {"id": "8f2a1c9d"})
        await here.press("escape")
        assert isinstance(here.app.screen, IncidentPage)


async def test_e_on_a_service_that_is_well_explains_the_service() -> None:
    script_ = Script(snapshot([row("Web")]), answers={"explain": {**ANSWER, "name": "Web", "service": "web"}})
    async with stage(script_) as here:
        await here.press("e")
        assert here.script.questions[-1] == ("explain", {"id": "web"})
        assert "Web: why it is so" in here.text()
        await here.press("q")
        assert isinstance(here.app.screen, Overview)


async def test_where_nothing_is_selected_it_says_that_there_is_nothing_to_explain() -> None:
    async with stage(Script(snapshot([]))) as here:
        await here.press("e")
        assert "there is nothing to explain here" in here.text()
        await here.press("y")
        assert "there is nothing to copy here" in here.text()


async def test_until_the_engine_answers_the_board_says_what_it_knows_and_why() -> None:
    async with stage(script()) as here:
        here.app.push_screen(Explain("8f2a1c9d"))
        await here.settle()
        assert "the last look found: 503, expected 200-204" in here.text()
        assert "the engine says: there is no history of 'explain'" in " ".join(here.text().replace("│", " ").split())


async def test_r_asks_anew_and_y_copies_what_is_shown() -> None:
    async with stage(script(explain=ANSWER)) as here:
        here.app.push_screen(Explain("8f2a1c9d"))
        await here.settle()
        here.script.answers["explain"] = {**ANSWER, "red": ["it is another matter now"]}
        await here.press("r")
        await here.press("y")
        assert "it is another matter now" in here.app.clipboard


async def test_a_terminal_without_unicode_gets_a_box_of_ascii() -> None:
    async with stage(script(explain=ANSWER), ascii=True) as here:
        here.app.open_incident("8f2a1c9d")
        await here.settle()
        await here.press("e")
        assert "would end the incident" in here.text() and here.text().isascii()


async def test_a_long_explanation_is_scrolled_in_a_small_terminal() -> None:
    long = {**ANSWER, "next": [f"sentence {number}" for number in range(60)]}
    async with stage(script(explain=long), (60, 14)) as here:
        here.app.push_screen(Explain("8f2a1c9d"))
        await here.settle()
        assert "sentence 59" not in here.text()
        await here.press("G")
        assert "sentence 59" in here.text()
