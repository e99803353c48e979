"""Deliveries, vendors, what keeps quiet, and the statistics: drawn without a terminal and then driven by keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.board.stage import T0, Script, Stage, incident, row, snapshot, stage
from tests.board.vendors import as_rows, racks
from tui_monitor.board.dialogs.form import Form
from tui_monitor.board.draw.deliveries import NOTHING, delivery_rows, ordered
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.quiet import Hush, quiet_rows
from tui_monitor.board.draw.statistics import Sums, spell_size, statistics_rows
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import Row, plain, texts, width_of
from tui_monitor.board.pages.deliveries import DeliveriesPage
from tui_monitor.board.pages.incident import IncidentPage
from tui_monitor.board.pages.overview import Overview
from tui_monitor.board.pages.quiet import QuietPage
from tui_monitor.board.pages.service import ServicePage
from tui_monitor.board.pages.statistics import ASK_EVERY, StatisticsPage
from tui_monitor.board.pages.vendors import VendorsPage
from tui_monitor.core import views
from tui_monitor.core.model import Owing, Told
from tui_monitor.core.ports import Outcome

LONG = "[/red]" * 1700
WIDTHS = [40, 60, 80, 160]
KEYS = {"send": "S sends it now", "drop": "D drops it", "silence": "m", "maintenance": "M", "simulate": "X"}


def sight(width: int = 80, glyphs: Any = UNICODE) -> Sight:
    return Sight(width, zone_of("UTC"), T0, glyphs)


def later(**span: float) -> str:
    return (T0 + timedelta(**span)).isoformat()


def fits(rows: list[Row], width: int) -> bool:
    return max(width_of(one.line) for one in rows) <= width


# -- deliveries -------------------------------------------------------------------------------------------------


def delivery(destination: str, state: str = "owed", subject: str = "aaaa1111", **other: Any) -> dict[str, Any]:
    told = Told(destination, subject, Owing(state), 1, 0, "route 1", T0 + timedelta(seconds=30), since=T0)
    return {**views.told_view(told), **other}


def test_what_needs_a_person_comes_first_and_then_whoever_has_waited_longest():
    rows = [
        delivery("young", since=later(minutes=-1)),
        delivery("old", since=later(minutes=-9)),
        delivery("held", "held"),
        delivery("lost", "given-up"),
        delivery("done", "told"),
    ]
    assert [one["destination"] for one in ordered(rows)] == ["lost", "held", "old", "young"]


def test_a_delivery_says_what_is_owed_to_whom_why_it_failed_and_what_can_be_done():
    ill = incident("aaaa1111", "checkout", "503, expected 200")
    owed = delivery("oncall", attempts=3, error="429 Too Many Requests", since=later(minutes=-2))
    lost = delivery("mail", "given-up", attempts=1, error="no such mailbox")
    text = texts(delivery_rows([owed, lost], {"aaaa1111": ill}, sight(100), KEYS))
    for part in (
        "1 given up, 1 owed",
        "oncall  owed for 2m  checkout: 503, expected 200",
        "mail  given up, owed for 0s  checkout: 503",
        "it is tried in 30s",
        "3 tries so far, the last one: 429 Too Many Requests",
        "1 try so far, the last one: no such mailbox",
        "why: route 1",
        "nobody will try it again: S sends it now, or D drops it",
    ):
        assert part in text, part


def test_where_nothing_is_owed_it_says_that_everybody_knows():
    assert NOTHING in texts(delivery_rows([], {}, sight(), KEYS))


@pytest.mark.parametrize("width", WIDTHS)
def test_no_error_of_a_delivery_is_cut_or_too_wide(width):
    ill = incident("aaaa1111", "checkout", LONG)
    rows = delivery_rows([delivery("宽" * 500, error=LONG, attempts=2)], {"aaaa1111": ill}, sight(width), KEYS)
    assert fits(rows, width)
    assert "".join(plain(one.line).strip() for one in rows).count("[/red]") >= 3300


def delivering(**other: Any) -> Script:
    ill = incident("aaaa1111", "checkout")
    board = snapshot([row("Checkout", "major")], [ill], deliveries=[delivery("oncall"), delivery("mail", "held")])
    return Script(board, answers={"lately": {}}, **other)


async def at(here: Stage, key: str, page: type) -> Any:
    await here.press(key)
    assert isinstance(here.app.page, page)
    await here.settle()
    return here.app.page


async def test_a_delivery_is_sent_now_and_what_came_of_it_is_said():
    async with stage(delivering(outcomes={"retry": Outcome("mail is tried again now")}), (80, 24)) as here:
        page = await at(here, "3", DeliveriesPage)
        await here.press("S")
        await here.until(lambda: "mail is tried again now" in here.text())
        assert [(one.name, one.target) for one in here.script.asked] == [("retry", page.sheet.key)]


async def test_a_delivery_that_may_not_be_sent_says_why_not():
    async with stage(delivering(outcomes={"retry": "mail is silenced until 13:00"}), (80, 24)) as here:
        await at(here, "3", DeliveriesPage)
        await here.press("S")
        await here.until(lambda: "mail is silenced until 13:00" in here.text())


async def test_dropping_asks_first_and_does_nothing_when_one_thinks_better_of_it():
    async with stage(delivering(), (80, 24)) as here:
        await at(here, "3", DeliveriesPage)
        await here.press("D")
        assert isinstance(here.app.screen, Form)
        await here.press("escape")
        assert here.script.asked == []
        await here.press("D")
        await here.press("enter")
        await here.until(lambda: not isinstance(here.app.screen, Form))
        assert [one.name for one in here.script.asked] == ["drop"]


async def test_enter_on_a_delivery_opens_its_incident_and_what_arrives_goes_away():
    async with stage(delivering(), (80, 24)) as here:
        page = await at(here, "3", DeliveriesPage)
        await here.press("enter")
        assert isinstance(here.app.page, IncidentPage)
        await here.press("escape")
        assert here.app.page is page
        gone = dict.fromkeys(here.app.board.deliveries)
        here.script.change(deliveries=gone)
        await here.until(lambda: NOTHING in here.text())
        await here.press("S")
        await here.until(lambda: "nothing to send" in here.text())


async def test_without_rights_nothing_is_sent_or_dropped():
    async with stage(delivering(), (80, 24), read_only=True) as here:
        await at(here, "3", DeliveriesPage)
        await here.press("S", "D")
        assert here.script.asked == []
        assert "read-only" in here.text()


# -- quiet ------------------------------------------------------------------------------------------------------


def silence(id: str = "sil1", **other: Any) -> dict[str, Any]:
    told = {"target": "group Shop", "services": ["checkout", "router"], "by": "ada", "reason": "known"}
    return {"id": id, **told, "since": later(minutes=-5), "until": later(minutes=55), **other}


def work(id: str = "win1", *, active: bool = True, source: str = "command", **other: Any) -> dict[str, Any]:
    when = (later(minutes=-5), later(minutes=25)) if active else (later(hours=3), later(hours=5))
    told = {"target": "router", "services": ["router"], "by": "", "reason": "new cables", "cron": ""}
    return {"id": id, **told, "since": when[0], "until": when[1], "active": active, "source": source, **other}


REHEARSAL = {"service": "router", "status": "major", "by": "bob", "until": later(minutes=2)}


def hushed(**other: Any) -> Script:
    board = snapshot(
        [row("Checkout"), row("Router")], silences=[silence()], maintenance=[work()], simulations=[REHEARSAL]
    )
    return Script(board, answers={"lately": {}}, **other)


def test_each_silence_work_and_rehearsal_says_for_how_long_by_whom_and_why():
    hush = Hush.of(
        {
            "silences": [silence()],
            "maintenance": [work("later", active=False, source="config", cron="0 3 * * 0"), work()],
            "simulations": [REHEARSAL],
        }
    )
    text = texts(quiet_rows(hush, str.title, "silence:sil1", sight(120), KEYS))
    for part in (
        "group Shop  for another 55m, until 12:55:00, 2 services, by ada",
        "why: known",
        "• Checkout",
        "router  now, for another 25m, until 12:25:00, 1 service",
        "in 3h 00m, from 15:00:00, until 17:00:00, 1 service, 0 3 * * 0, written in the config",
        "Router  as if major  for another 2m, by bob",
    ):
        assert part in text, part
    assert text.index("for another 25m") < text.index("in 3h 00m"), "what holds now stands first"
    assert "• Router" in text
    assert text.count("•") == 2, "only the one that is opened lists its services"


def test_where_nothing_is_quiet_the_page_says_how_to_make_it_so():
    text = texts(quiet_rows(Hush(), str, "", sight(), KEYS))
    assert "nobody is silenced; m tells nobody for a while" in text
    assert "no work is planned; M plans some" in text
    assert "nothing is rehearsed; X plays a status" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_no_reason_for_quiet_is_cut_or_too_wide(width):
    hush = Hush((silence(reason=LONG, target=LONG, by=LONG),), (work(reason=LONG, target="宽" * 900),))
    rows = quiet_rows(hush, str, "", sight(width, ASCII), KEYS)
    assert fits(rows, width)
    assert "".join(plain(one.line).strip() for one in rows).count("[/red]") >= 4 * 1600


@pytest.mark.parametrize(
    ("down", "command"),
    [
        (0, ("unsilence", "sil1", {})),
        (1, ("end-maintenance", "win1", {})),
        (2, ("simulate", "router", {"status": "off"})),
    ],
)
async def test_the_selected_one_is_ended(down, command):
    async with stage(hushed(), (80, 24)) as here:
        await at(here, "5", QuietPage)
        await here.press(*["j"] * down, "E")
        await here.until(lambda: bool(here.script.asked))
        (asked,) = here.script.asked
        assert (asked.name, asked.target, dict(asked.options)) == command


async def test_work_that_is_written_in_the_config_cannot_be_ended_and_says_why():
    refusal = "this maintenance of router is written in the config: change it there"
    async with stage(hushed(outcomes={"end-maintenance": refusal}), (80, 24)) as here:
        await at(here, "5", QuietPage)
        await here.press("j", "E")
        await here.until(lambda: refusal in here.text())


async def test_enter_lists_the_services_and_closes_the_list_again():
    async with stage(hushed(), (80, 24)) as here:
        page = await at(here, "5", QuietPage)
        await here.press("enter")
        assert "• Checkout" in here.text()
        assert page.aim().services == ("checkout", "router")
        await here.press("enter")
        assert "• Checkout" not in here.text()


async def test_a_rehearsal_opens_the_page_of_its_service_and_what_is_over_goes_away():
    async with stage(hushed(), (80, 24)) as here:
        await at(here, "5", QuietPage)
        await here.press("G", "enter")
        assert isinstance(here.app.page, ServicePage)
        await here.press("escape")
        here.script.change(silences=[], maintenance=[], simulations=[])
        await here.until(lambda: "nothing is rehearsed" in here.text())
        await here.press("E")
        await here.until(lambda: "there is nothing to end" in here.text())


async def test_what_vendors_announce_stands_there_and_enter_says_what_it_affects():
    rows = {"announced": as_rows(racks()), "under_way": as_rows(racks(hours=-1))}
    board = snapshot([row("Mail co", vendor=True, **rows)])
    async with stage(Script(board, answers={"lately": {}}), (80, 24)) as here:
        page = await at(here, "5", QuietPage)
        lines = here.text().splitlines()
        assert any(one.startswith(" Maintenance of vendors (2) ") for one in lines)
        first = next(n for n, one in enumerate(lines) if "New discs" in one)
        assert lines[first].endswith("◇ Mail co: New discs  under way, until 18:00")
        assert lines[first + 1] == " ◇ Mail co: New racks  begins in 3h 00m, until 22:00"
        await here.press("j", "enter")
        assert "   affects Archive" in here.text()
        assert "   https://status.example.org/m1" in here.text()
        await here.press("E")
        assert "only the vendor can end its own maintenance" in here.text()
        assert page.aim().services == ("mail-co",)
        await here.press("enter")
        assert "affects Archive" not in here.text()


# -- statistics -------------------------------------------------------------------------------------------------


def stats(**other: Any) -> dict[str, Any]:
    counts = {"total": 14, "active": 1, "resolved": 13}
    lasted = {"id": "aaaa1111", "service": "checkout", "name": "Checkout", "title": "503", "severity": "major"}
    return {
        "at": later(),
        "since": later(days=-7),
        "incidents": {**counts, "mean_time_to_acknowledge": 192.0, "mean_time_to_resolve": None},
        "names": {"checkout": "Checkout", "router": "Router", "new": "New"},
        "uptime": {"router": 1.0, "checkout": 0.9731, "new": None},
        "downtime": {"router": 0.0, "checkout": 16200.0, "new": None},
        "most": [{"service": "checkout", "name": "Checkout", "incidents": 9}],
        "longest": [{**lasted, "started_at": later(hours=-3), "resolved_at": None, "duration": 10800.0}],
        "flapping": [{"service": "checkout", "name": "Checkout", "times": 1}],
        "destinations": [{"destination": "oncall", "told": 12, "given-up": 2, "owed": 0}],
        "store": {"size": 12_345_678, "notice": "cut to size"},
        "engine": {"looks": 1712, "lateness": {"p50": 0.0002, "p99": 0.0228, "max": 0.5}},
        **other,
    }


def test_statistics_say_how_many_how_soon_and_who_was_worst():
    text = texts(statistics_rows(Sums("7d", "([ ])", stats()), str, sight(100)))
    for part in (
        "24h  [7d]  30d  90d  ([ ])",
        "time to acknowledge 3 m 12 s on average",
        "time to resolve     none is over",
        "97.31 %",
        "4 h 30 m",
        "not known",
        "Checkout  9 incidents",
        "Checkout: 503  3 h 00 m and still open",
        "Checkout  1 time",
        "12 told, 2 given up",
        "1,712",
        "p99 23 ms",
        "12.3 MB",
        "cut to size",
    ):
        assert part in text, part
    table = text[text.index("SERVICE") :]
    assert table.index("Checkout") < table.index("Router") < table.index("New"), "the worst first"


def test_statistics_of_an_engine_that_knows_less_are_shown_as_far_as_they_go():
    less = {key: stats()[key] for key in ("at", "since", "incidents", "uptime", "downtime")}
    text = texts(statistics_rows(Sums("7d", "", less), str.upper, sight()))
    assert "CHECKOUT" in text
    assert "asking" not in text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_no_line_of_the_statistics_is_too_wide(width, glyphs):
    wide = "宽" * 900
    view = stats(
        names={"checkout": wide, "router": LONG, "new": ""},
        most=[{"service": "checkout", "name": LONG, "incidents": 9}],
        destinations=[{"destination": wide, "told": 1}],
    )
    assert fits(statistics_rows(Sums("90d", "([ ])", view, LONG), str, sight(width, glyphs)), width)


def test_sizes_are_spelt_for_people():
    assert [spell_size(size) for size in (0, 999, 12_345, 999_999_999, 5e12)] == [
        "0 bytes",
        "999 bytes",
        "12.3 kB",
        "1000 MB",
        "5,000.0 GB",
    ]


async def test_the_brackets_ask_for_the_statistics_of_another_time():
    script = Script(snapshot([row("Checkout")]), answers={"lately": {}, "stats": stats()})
    async with stage(script, (80, 24)) as here:
        page = await at(here, "6", StatisticsPage)
        await here.until(lambda: "97.31 %" in texts(page.sheet.rows))
        await here.press("]")
        await here.until(lambda: page.sums.answer is not None)
        here.clock.seconds += ASK_EVERY
        here.app.redraw()
        await here.settle()
        assert [options["since"] for what, options in script.questions if what == "stats"] == ["7d", "30d", "30d"]
        await here.press("enter")
        assert isinstance(here.app.page, ServicePage)


async def test_statistics_that_are_refused_say_why():
    async with stage(Script(snapshot([]), answers={"lately": {}}), (80, 24)) as here:
        await at(here, "6", StatisticsPage)
        await here.until(lambda: "there is no history of 'stats'" in here.text())


# -- all of them ------------------------------------------------------------------------------------------------


async def test_one_page_lies_on_the_overview_whichever_keys_are_pressed():
    async with stage(hushed(), (80, 24)) as here:
        for key, page in (("3", DeliveriesPage), ("4", VendorsPage), ("5", QuietPage), ("6", StatisticsPage)):
            await at(here, key, page)
            assert [type(one) for one in here.app.screen_stack[1:]] == [Overview, page]
        await here.press("6")
        assert len(here.app.screen_stack) == 3
        await here.press("5", "G", "enter")
        assert [type(one) for one in here.app.screen_stack[1:]] == [Overview, QuietPage, ServicePage]
        await here.press("5")
        assert [type(one) for one in here.app.screen_stack[1:]] == [Overview, QuietPage]
        await here.press("G", "enter", "1")
        assert [type(one) for one in here.app.screen_stack[1:]] == [Overview]


@pytest.mark.parametrize("key", ["3", "4", "5", "6"])
async def test_before_any_engine_has_answered_no_page_says_that_all_is_well(key):
    async with stage(None, (80, 24)) as here:
        await here.press(key)
        assert "no engine has answered yet" in here.text()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
@pytest.mark.parametrize("key", ["3", "4", "5", "6"])
async def test_escape_leaves_each_page_by_one_layer_at_every_size(size, key):
    async with stage(hushed(), size) as here:
        await here.press(key)
        assert not isinstance(here.app.page, Overview)
        await here.press("escape")
        assert isinstance(here.app.page, Overview)
        await here.press("escape")
        assert here.app.is_running
