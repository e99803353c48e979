"""The page of all incidents: what is open, what is over, found by words."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.board.stage import T0, Script, incident, row, snapshot, stage
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.incidents import fits, open_list, past_list
from tui_monitor.board.glyphs import UNICODE
from tui_monitor.board.ink import keys_of, texts, width_of
from tui_monitor.board.pages.incident import IncidentPage
from tui_monitor.board.pages.incidents import IncidentsPage
from tui_monitor.board.pages.overview import Overview

View = dict[str, Any]
OPEN = incident("8f2a1c9d", "checkout-api", name="Checkout API")


def over(
    id: str = "z1", service: str = "Web", title: str = "timed out", minutes: float = 60, **other: Any
) -> dict[str, Any]:
    made = {"status": "operational", "severity": "partial", "state": "resolved", "resolved_by": "engine", **other}
    began = T0 - timedelta(minutes=minutes)
    view = incident(id, service.lower(), title, started=began, name=service)
    return {**view, "resolved_at": (began + timedelta(minutes=5)).isoformat(), **made}


def drawn(width: int, standing: list[View], past: list[View], note: str = "") -> list[str]:
    sight = Sight(width, UTC, T0, UNICODE)
    return texts([*open_list(standing, sight), *past_list(past, sight, note)]).splitlines()


def script(*past: View, standing: tuple[View, ...] = (OPEN,)) -> Script:
    services = [row("Checkout API", "major"), row("Web")]
    return Script(snapshot(services, list(standing)), answers={"incidents": list(past), "incident": OPEN})


def test_every_column_is_there_where_there_is_room() -> None:
    taken = {**OPEN, "state": "acknowledged", "by": "mia", "flapping": True}
    lines = drawn(120, [taken], [over()])
    assert lines[0].split() == ["STATE", "SERVICE", "STARTED", "LASTED", "BY", "WHAT"]
    assert " ".join(lines[2].split()) == (
        "✖ acknowledged Checkout API 11:48:00 12m mia flapping, 503, expected 200-204"
    )
    assert " ".join(lines[5].split()) == "◑ resolved Web 11:00:00 5m engine timed out"


@pytest.mark.parametrize(
    ("width", "names"),
    [
        (80, "STATE SERVICE STARTED LASTED WHAT"),
        (59, "STATE SERVICE LASTED"),
        (39, "SERVICE LASTED"),
    ],
)
def test_a_narrow_list_gives_up_what_matters_least(width: int, names: str) -> None:
    assert " ".join(drawn(width, [OPEN], [])[0].split()) == names
    assert "Checkout" in drawn(width, [OPEN], [])[2] and "12m" in drawn(width, [OPEN], [])[2]


def test_where_there_is_nothing_it_says_so() -> None:
    assert "   nothing is open" in drawn(80, [], []) and "   nothing has ended in this time" in drawn(80, [], [])
    assert "   asking for them" in drawn(80, [], [], "asking for them")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Mn", "Me")), max_size=99),
    st.integers(20, 200),
)
def test_no_line_of_the_list_is_wider_than_the_page(text: str, width: int) -> None:
    views = [{**OPEN, "name": text, "title": text, "by": text, "quiet": text}, over(title=text, service=text or "x")]
    sight = Sight(width, UTC, T0, UNICODE)
    rows = [*open_list(views[:1], sight), *past_list(views[1:], sight)]
    assert all(width_of(one.line) <= width for one in rows)
    assert keys_of(rows) == ["8f2a1c9d", "z1"]


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("checkout 503", True),
        ("CHECKOUT", True),
        ("checkout !503", False),
        ("!web", True),
        ("!", True),
        ("web", False),
    ],
)
def test_words_find_an_incident_by_whatever_stands_in_it(words: str, is_found: bool) -> None:
    assert fits(OPEN, words) is is_found


async def test_the_second_page_has_the_open_ones_first_and_asks_for_the_rest() -> None:
    async with stage(script(over("z1"), over("z2", "Mail", minutes=10))) as here:
        await here.press("2")
        text = here.text()
        assert text.index("Checkout API") < text.index("Mail") < text.index("Web")
        assert here.script.questions[-1] == ("incidents", {"all": "1", "since": "30d"})


async def test_enter_opens_the_selected_one_even_when_it_is_over() -> None:
    async with stage(script(over("z1"))) as here:
        await here.press("2")
        await here.press("down", "enter")
        page = here.app.page
        assert isinstance(page, IncidentPage) and page.incident == "z1"


async def test_what_ends_while_one_looks_moves_to_those_that_are_over() -> None:
    async with stage(script()) as here:
        await here.press("2")
        ended = {**over("8f2a1c9d", "Checkout API"), "service": "checkout-api"}
        here.script.change(incidents={"8f2a1c9d": ended})
        await here.until(lambda: "nothing is open" in here.text())
        here.script.change(incidents={"8f2a1c9d": None})
        await here.settle()
        assert "resolved" in here.text() and "Checkout API" in here.text()


async def test_the_end_that_nobody_saw_is_asked_for() -> None:
    async with stage(script()) as here:
        await here.press("2")
        here.script.answers["incident"] = over("8f2a1c9d", "Checkout API", "as the store has it")
        here.script.change(incidents={"8f2a1c9d": None})
        await here.until(lambda: "as the store has it" in here.text())


async def test_what_opens_while_one_looks_is_there_at_once_and_the_selection_stays() -> None:
    async with stage(script(over("z1"))) as here:
        await here.press("2")
        await here.press("down")
        here.script.change(incidents={"n1": incident("n1", "web", "brand new", name="Web")})
        await here.until(lambda: "brand new" in here.text())
        assert here.app.page.sheet.key == "z1"


async def test_a_filter_narrows_the_list_while_it_is_typed_and_escape_shows_all() -> None:
    async with stage(script(over("z1"), over("z2", "Mail"))) as here:
        await here.press("2")
        await here.press("slash", *"mail")
        assert "Web" not in here.text() and "Mail" in here.text()
        await here.press("enter", "escape")
        assert isinstance(here.app.page, IncidentsPage) and "Web" in here.text()
        await here.press("escape")
        assert isinstance(here.app.page, Overview)


async def test_escape_while_typing_closes_the_filter_and_not_the_page() -> None:
    async with stage(script(over("z1"))) as here:
        await here.press("2")
        await here.press("slash", "x", "escape")
        assert isinstance(here.app.page, IncidentsPage) and "Web" in here.text()


async def test_why_the_past_cannot_be_seen_is_said() -> None:
    script_ = script()
    del script_.answers["incidents"]
    async with stage(script_) as here:
        await here.press("2")
        assert "there is no history of 'incidents'" in here.text()


async def test_the_keys_of_the_list_are_about_the_selected_incident() -> None:
    async with stage(script(over("z1"))) as here:
        await here.press("2")
        assert here.app.page.aim().incidents == ("8f2a1c9d",)
        await here.press("down")
        aim = here.app.page.aim()
        assert aim.incidents == () and aim.services == ("web",) and aim.text.startswith("Web: operational, resolved")
