"""The page of a service: everything that is known of it, drawn without a terminal and then driven by keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.board.stage import T0, Script, Stage, incident, row, snapshot, stage
from tests.board.vendors import as_rows, racks
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.service import Known, chart_lines, parts_of, service_rows, stacked
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import Row, plain, texts, width_of
from tui_monitor.board.pages.incident import IncidentPage
from tui_monitor.board.pages.overview import Overview
from tui_monitor.board.pages.service import ASK_AT_MOST, ASK_EVERY, ServicePage
from tui_monitor.core.ports import Outcome

LONG = "the vendor said: " + "x[/red]" * 1400
PHASES = {"dns": 0.01, "connect": 0.02, "tls": 0.05, "first_byte": 0.1, "total": 0.2}


def look(seconds: int, status: str = "operational", **other: Any) -> dict[str, Any]:
    at = (T0 - timedelta(seconds=seconds)).isoformat()
    return {"at": at, "status": status, "latency": 0.2, "took": 0.2, "message": "", "phases": PHASES, **other}


def whole(**other: Any) -> dict[str, Any]:
    return {
        "id": "checkout",
        "name": "Checkout",
        "kind": "http",
        "options": [["url", "https://example.org/health"], ["expect", "status 200"]],
        "every": 30.0,
        "timeout": 5.0,
        "down_after": 3,
        "up_after": 2,
        "retry_after": 2.0,
        "unreachable": "major",
        "depends_on": ["router"],
        "needed_by": ["front"],
        "routes": ["route 1 tells oncall of severity >=partial"],
        "messages": {"opened": "{name} is {status}"},
        "looks": [look(60), look(30, "major", message="503, expected 200"), look(1)],
        "windows": [],
        "uptime": {"24h": 0.9998, "7d": 1.0, "30d": None, "90d": None},
        "days": [
            {"day": "2026-11-18", "share": None, "worst": None, "downtime": 0.0},
            {"day": "2026-11-19", "share": 0.975, "worst": "major", "downtime": 2160.0},
            {"day": "2026-11-20", "share": 1.0, "worst": "operational", "downtime": 0.0},
        ],
        **other,
    }


def charted(hours: float = 1.0, measured_from: int = 0, count: int = 120, **other: Any) -> dict[str, Any]:
    since = T0 - timedelta(hours=hours)
    return {
        "service": "checkout",
        "since": since.isoformat(),
        "until": T0.isoformat(),
        "points": [
            {
                "at": (since + timedelta(hours=hours) * number / count).isoformat(),
                "p50": 0.1 if number >= measured_from else None,
                "p95": 0.15 if number >= measured_from else None,
                "max": 0.2 if number >= measured_from else None,
                "status": "operational" if number >= measured_from else None,
                "looks": 2 if number >= measured_from else 0,
                "down": 0,
            }
            for number in range(count)
        ],
        "quantiles": {"p50": 0.1, "p95": 0.15, "p99": 0.19, "max": 0.2, "mean": 0.11},
        "incidents": [],
        "maintenance": [],
        **other,
    }


def sight(width: int = 80, glyphs: Any = UNICODE) -> Sight:
    return Sight(width, zone_of("UTC"), T0, glyphs)


def drawn(width: int = 80, glyphs: Any = UNICODE, **other: Any) -> list[Row]:
    light = sight(width, glyphs)
    relatives = {one: row(one.title(), id=one) for one in ("router", "front")}
    facts: dict[str, Any] = {
        "id": "checkout",
        "row": row("Checkout", "major", message="503, expected 200", group="Shop", phases=PHASES),
        "view": whole(),
        "chart": charted(),
        "incidents": [],
        "relatives": relatives,
        "span": "1h",
        "keys": "([ ])",
        **other,
    }
    answer = facts["chart"]
    return service_rows(Known(**facts), light, chart_lines(answer, width, 12, light) if answer else [])


# -- what is drawn ----------------------------------------------------------------------------------------------


def test_all_there_is_to_know_stands_on_the_page():
    shares = {"24h": 0.9998, "7d": 1.0, "30d": None}
    text = texts(drawn(119, row=row("Checkout", "major", message="503, expected 200", phases=PHASES, uptime=shares)))
    for part in (
        "Checkout  major for 12m",
        "503, expected 200",
        "needs      ● Router  operational",
        "needed by  ● Front  operational",
        "[1h]",
        "p50 100 ms",
        "p99 190 ms",
        "first byte",
        "24h 99.98 %",
        "30d not known",
        "2026-11-19: 97.50 %, down for 36 m",
        "https://example.org/health",
        "30 s, each look at most 5 s",
        "down after 3 failures in a row, up after 2 good looks, looking again 2 s after a failure",
        "counts as major",
        "route 1 tells oncall",
    ):
        assert part in text, part


@pytest.mark.parametrize("width", [40, 60, 80, 120, 160, 250])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_no_line_is_wider_than_the_page_whatever_others_have_written(width, glyphs):
    wide = "宽" * 3000
    rows = drawn(
        width,
        glyphs,
        row=row(wide, "major", id="checkout", message=LONG, group=wide, failing="2/3", flapping=True, quiet=LONG),
        view=whole(options=[[wide, LONG]], routes=[LONG], looks=[look(1, message=LONG)], messages={wide: wide}),
        incidents=[incident("aaaa1111", "checkout", LONG)],
    )
    assert max(width_of(one.line) for one in rows) <= width
    assert "".join(plain(one.line) for one in rows).count("[/red]") >= 5 * 1400 // 2


@pytest.mark.parametrize("width", [60, 80, 160])
def test_no_word_of_a_long_reason_is_lost(width):
    reason = " ".join(f"word{number}" for number in range(800))
    text = texts(drawn(width, row=row("Checkout", "major", message=reason))).replace("\n", " ")
    assert " ".join(text.split()).count(reason) == 1


def test_what_keeps_it_quiet_is_said_in_sentences():
    text = texts(
        drawn(
            row=row(
                "Checkout",
                "major",
                failing="2/3",
                flapping=True,
                suppressed_by="router",
                silenced=True,
                simulated=True,
                forgiven=True,
                maintenance=(T0 + timedelta(minutes=5)).isoformat(),
                quiet="planned work: a new version",
            )
        )
    )
    for part in (
        "failing 2/3",
        "flapping",
        "suppressed by Router",
        "silenced",
        "rehearsal",
        "planned work for another 5m, until 2026-11-20 12:05:00 UTC",
        "nobody is told: planned work: a new version",
        "closed its incident by hand",
    ):
        assert part in text, part


def test_an_open_incident_can_be_selected_and_says_who_has_it():
    taken = incident("aaaa1111", "checkout", "503", state="acknowledged", by="ada")
    rows = drawn(incidents=[taken])
    (found,) = [one for one in rows if one.key == "incident:aaaa1111"]
    assert "503  major, acknowledged by ada, 12m" in plain(found.line)


def test_a_service_that_is_gone_says_so_instead_of_showing_old_figures():
    text = texts(drawn(row=None, view=None, chart=None, note="there is no service called 'checkout'"))
    assert "there is no service 'checkout' in the config" in text


def test_what_was_not_answered_yet_is_being_asked_and_what_was_refused_says_why():
    assert "asking ..." in texts(drawn(chart=None))
    assert "the store cannot be read" in texts(drawn(chart=None, chart_note="the store cannot be read"))


def test_a_time_in_which_nothing_was_measured_says_so():
    lines = chart_lines(charted(measured_from=999), 80, 12, sight())
    assert "no latency was measured in this time" in plain(lines[-1])
    assert len(lines) == 3, "the axis of time with what was wrong, and no empty chart above it"


def test_incidents_and_work_lie_behind_the_chart_with_their_names_below():
    half = (T0 - timedelta(minutes=30)).isoformat()
    ill = {"id": "a", "title": "503", "status": "major", "severity": "major", "started_at": half, "resolved_at": None}
    work = {"since": (T0 - timedelta(minutes=50)).isoformat(), "until": half, "reason": "disks"}
    lines = chart_lines(charted(incidents=[ill], maintenance=[work]), 80, 12, sight())
    styles = {style for one in lines[:10] for _, style in one}
    assert any("band-incident" in style for style in styles)
    assert any("band-maintenance" in style for style in styles)
    below = "".join(plain(one) for one in lines[12:])
    assert "incident" in below
    assert "maintenance" in below


def test_a_certificate_that_runs_out_soon_stands_out():
    def style(days: int) -> str:
        until = (T0 + timedelta(days=days, minutes=1)).isoformat()
        rows = drawn(row=row("Checkout", certificate_until=until))
        (found,) = [one.line for one in rows if f"{days} days left" in plain(one.line)]
        return next(style for text, style in found if "days left" in text)

    assert (style(90), style(20), style(3)) == ("text", "warn", "bad")


def test_the_phases_of_a_look_add_up_to_the_whole():
    assert sum(parts_of(PHASES)) == pytest.approx(0.2)
    assert sum(width_of((one,)) for one in stacked(PHASES, 20, UNICODE)) == 20
    assert stacked({}, 20, UNICODE) == ()
    assert min(parts_of({**PHASES, "total": 0.0, "dns": float("nan"), "tls": -3.0})) == 0


def test_without_colours_each_phase_still_has_a_shape_of_its_own():
    for glyphs in (UNICODE, ASCII):
        assert len({text[0] for text, _ in stacked(PHASES, 40, glyphs)}) == 5


# -- on the stage -----------------------------------------------------------------------------------------------


def scripted(**answers: Any) -> Script:
    ill = incident("aaaa1111", "checkout")
    rows = [row("Checkout", "major", message="503, expected 200"), row("Router"), row("Front")]
    given = {"lately": {}, "service": whole(), "chart": charted(), "incident": ill, **answers}
    return Script(snapshot(rows, [ill]), answers=given)


def asked(here: Stage, what: str) -> list[dict[str, str]]:
    return [options for name, options in here.script.questions if name == what]


async def opened(here: Stage, service: str = "checkout") -> ServicePage:
    here.app.open_service(service)
    await here.settle()
    page = here.app.page
    assert isinstance(page, ServicePage)
    await here.until(lambda: page.whole.answer is not None or bool(page.whole.refusal))
    await here.until(lambda: page.chart.answer is not None or bool(page.chart.refusal))
    await here.settle()
    return page


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_enter_on_a_tile_shows_its_page_and_escape_leaves_it(size):
    async with stage(scripted(), size) as here:
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.page, ServicePage))
        await here.until(lambda: "503, expected 200" in here.text())
        await here.press("escape")
        assert isinstance(here.app.page, Overview)


async def test_the_page_asks_when_it_opens_and_then_every_ten_seconds():
    async with stage(scripted(), (80, 24)) as here:
        await opened(here)
        assert len(asked(here, "service")) == len(asked(here, "chart")) == 1
        here.clock.seconds += ASK_EVERY - 1
        here.app.redraw()
        await here.settle()
        assert len(asked(here, "service")) == 1
        here.clock.seconds += 1.5
        here.app.redraw()
        await here.settle()
        assert len(asked(here, "service")) == len(asked(here, "chart")) == 2


async def test_a_service_that_changes_is_asked_about_again_at_most_every_two_seconds():
    async with stage(scripted(), (80, 24)) as here:
        await opened(here)
        for _ in range(5):
            here.script.change(services={"checkout": row("Checkout", "major", message="still 503")})
            await here.until(lambda: "still 503" in here.text())
        assert len(asked(here, "service")) == 1
        here.clock.seconds += ASK_AT_MOST
        here.script.change(services={"checkout": row("Checkout", "operational", message="well again")})
        await here.until(lambda: "well again" in here.text())
        await here.settle()
        assert len(asked(here, "service")) == 2


async def test_the_brackets_ask_for_another_time_and_show_it_as_chosen():
    async with stage(scripted(), (80, 24)) as here:
        page = await opened(here)
        assert asked(here, "chart")[-1]["since"] == "1h"
        await here.press("]")
        await here.until(lambda: page.chart.answer is not None)
        assert asked(here, "chart")[-1]["since"] == "24h"
        assert "[24h]" in texts(page.sheet.rows)
        await here.press("[", "[", "[", "[", "[")
        assert page.span == "10m"
        await here.press("]", "]", "]", "]", "]", "]")
        assert page.span == "30d"


async def test_an_answer_for_a_time_that_is_no_longer_chosen_is_not_shown():
    async with stage(scripted(), (80, 24)) as here:
        page = await opened(here)
        turn = page.chart.begin(here.clock())
        page.chart.forget()
        assert not page.chart.take(turn, charted(), "")
        assert page.chart.answer is None


async def test_where_looking_has_just_begun_a_shorter_time_is_shown_until_somebody_chooses():
    async with stage(scripted(chart=charted(measured_from=115)), (80, 24)) as here:
        page = await opened(here)
        await here.until(lambda: page.span == "10m")
        await here.press("]")
        await here.until(lambda: page.chart.answer is not None)
        await here.settle()
        assert page.span == "1h"


async def test_a_refusal_is_said_and_what_was_known_before_stays():
    script = scripted()
    async with stage(script, (80, 40)) as here:
        page = await opened(here)
        del script.answers["service"], script.answers["chart"]
        here.clock.seconds += ASK_EVERY
        here.app.redraw()
        await here.until(lambda: bool(page.whole.refusal and page.chart.refusal))
        await here.settle()
        text = texts(page.sheet.rows)
        assert "there is no history of 'service'" in text
        assert "https://example.org/health" in text


async def test_the_incident_of_the_page_opens_and_escape_leads_back_one_layer_at_a_time():
    async with stage(scripted(), (80, 40)) as here:
        page = await opened(here)
        assert page.sheet.key == "incident:aaaa1111"
        await here.press("enter")
        assert isinstance(here.app.page, IncidentPage)
        await here.press("escape")
        assert here.app.page is page
        await here.press("escape")
        assert isinstance(here.app.page, Overview)


async def test_a_relative_opens_its_own_page_on_top():
    async with stage(scripted(), (80, 40)) as here:
        page = await opened(here)
        await here.press("j")
        assert page.sheet.key == "service:router"
        await here.press("enter")
        above = here.app.page
        assert isinstance(above, ServicePage)
        assert above.service == "router"


async def test_every_line_of_the_page_can_be_reached_by_one_key():
    async with stage(scripted(), (80, 16)) as here:
        page = await opened(here)
        seen: set[int] = set()
        for _ in range(len(page.sheet.rows) + 5):
            seen |= set(range(page.sheet.top, page.sheet.top + page.sheet.size.height))
            await here.pilot.press("j")
        assert seen >= set(range(len(page.sheet.rows)))
        for _ in range(len(page.sheet.rows) + 5):
            await here.pilot.press("k")
        assert page.sheet.top == 0


async def test_a_click_selects_what_can_be_opened_and_leaves_alone_what_is_only_read():
    async with stage(scripted(), (80, 40)) as here:
        page = await opened(here)
        kin = next(number for number, one in enumerate(page.sheet.rows) if one.key == "service:router")
        await here.pilot.click("#sheet", offset=(5, kin))
        assert page.sheet.key == "service:router"
        await here.pilot.click("#sheet", offset=(5, kin + 8))
        assert (page.sheet.key, page.sheet.top) == ("service:router", 0)
        await here.pilot.click("#sheet", offset=(5, kin), times=2)
        await here.settle()
        assert here.app.page is not page


async def test_keys_are_about_the_service_and_its_open_incidents():
    async with stage(scripted(), (80, 24)) as here:
        page = await opened(here)
        aim = page.aim()
        assert (aim.services, aim.incidents) == (("checkout",), ("aaaa1111",))
        here.script.outcomes["recheck"] = Outcome("Checkout is looked at")
        await here.press("r")
        await here.until(lambda: "Checkout is looked at" in here.text())


async def test_no_question_goes_out_while_the_picture_stands_still():
    async with stage(scripted(), (80, 24)) as here:
        await opened(here)
        await here.press("p")
        here.clock.seconds += ASK_EVERY * 3
        here.app.redraw()
        await here.settle()
        assert len(asked(here, "service")) == 1


async def test_a_service_that_the_config_no_longer_has_is_not_shown_as_if_it_were_there():
    async with stage(scripted(), (80, 24)) as here:
        await opened(here)
        here.script.change(services={"checkout": None})
        await here.until(lambda: "there is no service 'checkout' in the config" in here.text())


def test_a_vendor_says_what_it_plans_and_how_old_what_it_says_is():
    plans = {"announced": as_rows(racks()), "under_way": as_rows(racks(hours=-1))}
    read_at = (T0 - timedelta(minutes=5)).isoformat()
    one = row("Mail co", "unknown", vendor=True, read_at=read_at, **plans)
    known = Known("mail-co", one, None, None, (), {}, "1h", "", "", "asked")
    lines = texts(service_rows(known, sight(), [])).splitlines()
    assert "   its page cannot be read now; last read 5m ago" in lines
    assert "   maintenance there: New discs, under way, until 18:00" in lines
    assert "   maintenance there: New racks, begins in 3h 00m, until 22:00" in lines


def test_the_vendors_that_it_stands_on_can_be_opened():
    one, above = row("Web", upstream=["mail-co"]), row("Mail co", "partial", vendor=True)
    known = Known("web", one, None, None, (), {"mail-co": above}, "1h", "", "", "asked")
    found = {line.key: plain(line.line) for line in service_rows(known, sight(), []) if line.key}
    assert found == {"service:mail-co": " upstream   ◑ Mail co  partial"}
