"""The page of an incident at the board: it lives with its incident, and outlives it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.board import vendors
from tests.board.stage import T0, Script, Stage, incident, row, snapshot, stage
from tui_monitor.board.ink import Row, line
from tui_monitor.board.pages.incident import IncidentPage, kept_top
from tui_monitor.board.pages.incidents import IncidentsPage
from tui_monitor.board.pages.overview import Overview
from tui_monitor.core.model import Event, Kind, State
from tui_monitor.core.status import Status

ID = "8f2a1c9d"


def note(n: int, text: str) -> Event:
    return Event(ID, n, Kind.NOTED, T0 + timedelta(seconds=n), "mia", text, "checkout-api", Status.MAJOR)


def notes(number: int) -> tuple[Event, ...]:
    opened = Event(ID, 1, Kind.OPENED, T0, text="503", service="checkout-api", status=Status.MAJOR)
    return (opened, *(note(n, f"number {n} of the story") for n in range(2, number + 2)))


def script(view: dict[str, Any] | None = None, answers: Mapping[str, Any] | None = None) -> Script:
    views = [incident(ID, "checkout-api", name="Checkout API")] if view is None else [view]
    return Script(snapshot([row("Checkout API", "major")], views), answers=dict(answers or {}))


async def opened(here: Stage, name: str = ID) -> IncidentPage:
    here.app.open_incident(name)
    await here.settle()
    page = here.app.page
    assert isinstance(page, IncidentPage)
    return page


async def test_enter_leads_to_what_may_be_behind_it_and_from_there_back_to_whom_it_concerns() -> None:
    own = incident(ID, "checkout-api", name="Checkout API", suspects=vendors.suspects()[:2])
    concerns = [{"service": "checkout-api", "name": "Checkout API", "incident": ID}]
    theirs = vendors.its_incident(concerns=concerns)
    rows = [row("Checkout API", "major"), row("Mail co", "partial", vendor=True), row("Cloud co", id="cloud")]
    async with stage(Script(snapshot(rows, [own, theirs])), (80, 24)) as here:
        await opened(here)
        assert "enter open" in here.text()
        await here.press("enter")
        assert here.app.page.incident == "bbbb2222"
        await here.press("enter")
        assert here.app.page.incident == ID
        await here.press("j", "enter")
        assert here.app.page.describe() == "Cloud co"


async def test_where_nothing_else_has_to_do_with_it_there_is_nothing_to_open() -> None:
    async with stage(script(), (80, 24)) as here:
        await opened(here)
        assert "enter open" not in here.text()
        await here.press("enter")
        assert isinstance(here.app.page, IncidentPage)


async def test_escape_leaves_it_and_nothing_else() -> None:
    async with stage(script(answers={"incidents": []})) as here:
        await here.press("2")
        assert isinstance(here.app.page, IncidentsPage)
        await here.press("enter")
        assert isinstance(here.app.page, IncidentPage)
        await here.press("escape")
        assert isinstance(here.app.page, IncidentsPage)
        await here.press("escape")
        assert isinstance(here.app.page, Overview)
        await here.press("escape")
        assert isinstance(here.app.page, Overview)


async def test_it_shows_what_happens_while_it_is_open() -> None:
    async with stage(script()) as here:
        await opened(here)
        assert "rolling back" not in here.text()
        taken = incident(
            ID, "checkout-api", state="acknowledged", events=(*notes(0), note(2, "rolling back")), by="mia"
        )
        here.script.change(incidents={ID: {**taken, "acknowledged_at": T0.isoformat()}})
        await here.until(lambda: "rolling back" in here.text())
        assert "acknowledged by mia" in here.text()


async def test_how_long_it_lasts_goes_on_by_itself() -> None:
    async with stage(script()) as here:
        await opened(here)
        assert " lasts     12m" in here.text()
        here.clock.seconds += 65
        for _ in range(8):
            await here.settle()
        assert " lasts     13m" in here.text()


async def test_what_is_read_stays_where_it_is_when_more_is_written() -> None:
    view = incident(ID, "checkout-api", events=notes(80), name="Checkout API")
    async with stage(script(view), (80, 24)) as here:
        page = await opened(here)
        await here.press("pagedown", "pagedown", "j")
        top, first = page.sheet.top, page.sheet.lines[0]
        assert top > 0
        more = incident(ID, "checkout-api", events=(*notes(80), note(99, "one more")), name="Checkout API")
        here.script.change(incidents={ID: {**more, "by": "mia", "quiet": "silenced", "flapping": True}})
        await here.until(lambda: any("one more" in text for text, _ in _spans(page)))
        assert page.sheet.lines[0] == first


def _spans(page: IncidentPage) -> list[tuple[str, str]]:
    return [span for one in page.sheet.rows for span in one.line]


async def test_an_incident_that_ends_while_it_is_read_stays_and_says_how_it_ended() -> None:
    async with stage(script()) as here:
        page = await opened(here)
        ended = {**incident(ID, "checkout-api", status="operational", state="resolved"), "resolved_by": "engine"}
        here.script.answers["incident"] = {**ended, "resolved_at": T0.isoformat(), "title": "from the store"}
        here.script.change(incidents={ID: None})
        await here.until(lambda: "from the store" in here.text())
        assert " ended     2026-11-20 12:00:00 UTC by engine" in here.text()
        assert here.app.page is page
        assert page.aim().incidents == () and page.aim().services == ("checkout-api",)
        await here.settle()
        assert [what for what, _ in here.script.questions].count("incident") == 1


async def test_what_was_seen_last_stays_where_the_store_has_no_answer() -> None:
    async with stage(script()) as here:
        await opened(here)
        here.script.change(incidents={ID: None})
        await here.settle()
        assert "Checkout API" in here.text() and "503, expected 200-204" in here.text()


async def test_an_old_incident_is_asked_for() -> None:
    old = incident("z1", "gone", "was it ever", state="resolved", name="Gone")
    async with stage(script(answers={"incident": old})) as here:
        await opened(here, "z1")
        assert "was it ever" in here.text()
        assert here.script.questions[-1] == ("incident", {"id": "z1"})


async def test_why_there_is_nothing_to_see_is_said() -> None:
    async with stage(script()) as here:
        await opened(here, "nothing")
        assert "nothing: there is no history of 'incident'" in here.text()


async def test_an_answer_for_a_page_that_is_gone_hurts_nobody() -> None:
    async with stage(script(answers={"incident": incident("z1", "gone")})) as here:
        here.app.open_incident("z1")
        await here.pilot.pause()
        here.app.pop_screen()
        await here.settle()
        assert isinstance(here.app.page, Overview)


async def test_its_keys_are_about_this_incident_and_its_service() -> None:
    async with stage(script()) as here:
        aim = (await opened(here)).aim()
        assert (aim.services, aim.incidents) == (("checkout-api",), (ID,))
        assert aim.text.startswith("Checkout API: major, open (8f2a1c9d)\n503, expected 200-204\n")


async def test_copying_it_puts_the_whole_story_into_the_clipboard_and_says_so() -> None:
    async with stage(script()) as here:
        await opened(here)
        await here.press("y")
        assert here.app.clipboard.startswith("Checkout API: major, open (8f2a1c9d)\n")
        assert "copied 4 lines" in here.text()


async def test_nothing_hostile_in_an_incident_is_drawn_as_markup_or_sent_as_escape() -> None:
    text = "[/foo] [bold]not bold[/] \x1b]0;gone\x07 \u202eedoc 日本語"
    view = incident(ID, "checkout-api", text, events=(*notes(0), note(2, text * 3)), name="[red]Check")
    async with stage(script(view)) as here:
        page = await opened(here)
        assert "[/foo] [bold]not bold[/]" in here.text() and "[red]Check" in here.text()
        assert not {"\x1b", "\x07", "\u202e"} & set("".join(text for text, _ in _spans(page)))


@pytest.mark.parametrize("size", [(40, 10), (60, 20), (80, 24), (160, 50)])
async def test_every_size_shows_it_from_its_first_line(size: tuple[int, int]) -> None:
    async with stage(script(), size) as here:
        await opened(here)
        assert here.text().splitlines()[1].startswith(" ✖ Checkout API  major")


async def test_the_end_of_ten_thousand_characters_can_be_reached() -> None:
    long = " ".join(f"word{number}" for number in range(1200)) + " the-end"
    view = incident(ID, "checkout-api", events=(*notes(0), note(2, long)), name="Checkout API")
    async with stage(script(view), (80, 24)) as here:
        page = await opened(here)
        seen = here.text()
        for _ in range(40):
            await here.press("pagedown")
            seen += here.text()
        assert page.sheet.top > 0
        assert all(f"word{number}" in seen for number in range(1200)) and "the-end" in seen


async def test_whoever_may_change_nothing_sees_no_keys_that_change() -> None:
    async with stage(script(), read_only=True) as here:
        await opened(here)
        foot = here.text().splitlines()[-1]
        assert "copy" in foot and "resolve" not in foot


@given(st.lists(st.integers(), min_size=1, max_size=30, unique=True), st.integers(0, 40), st.integers(0, 29))
def test_the_line_at_the_top_stays_there_whatever_comes_before_it(lines: list[int], more: int, top: int) -> None:
    before = [Row(line(f"line {one}")) for one in lines]
    after = [*(Row(line(f"new {one}")) for one in range(more)), *before]
    kept = kept_top(before, after, top)
    if 0 < top < len(before):
        assert after[kept] == before[top]
    else:
        assert kept == top


async def test_an_incident_of_an_engine_that_reopens_it_follows_the_board_again() -> None:
    async with stage(script()) as here:
        await opened(here)
        here.script.change(incidents={ID: None})
        await here.settle()
        here.script.change(incidents={ID: incident(ID, "checkout-api", "back again", state=State.OPEN.value)})
        await here.until(lambda: "back again" in here.text())
        here.script.change(incidents={ID: None})
        asked = len(here.script.questions)
        await here.until(lambda: ("incident", {"id": ID}) in here.script.questions[asked:])
