"""The page of the vendors: drawn without a terminal, and then driven by keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.board import vendors
from tests.board.stage import T0, Script, Stage, incident, row, snapshot, stage
from tests.board.vendors import as_rows, its_incident, outage, racks
from tui_monitor.board.draw.components import MOST_ILL, component_rows, group_key
from tui_monitor.board.draw.incident import Sight
from tui_monitor.board.draw.vendors import MOST_LISTED, Vendor, concerned, vendor_rows, vendors_of
from tui_monitor.board.draw.words import zone_of
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import Row, plain, texts, width_of
from tui_monitor.board.pages.incident import IncidentPage
from tui_monitor.board.pages.service import ServicePage
from tui_monitor.board.pages.vendors import AGAIN, ASK_AT_MOST, AT_ONCE, VendorsPage
from tui_monitor.core.model import VendorComponent
from tui_monitor.core.status import Status

LONG = "[/red]" * 1700
WIDTHS = [40, 60, 80, 160]


def sight(width: int = 80, glyphs: Any = UNICODE) -> Sight:
    return Sight(width, zone_of("UTC"), T0, glyphs)


def vendor(**other: Any) -> dict[str, Any]:
    return row(
        **{"name": "Mail co", "status": "partial", "vendor": True, "message": "Partial outage: Mail is slow", **other}
    )


def known(page: Mapping[str, Any] | None = None, *, glyphs: Any = UNICODE, **other: Any) -> Vendor:
    made = vendors.page("mail-co", outage(), announced=(racks(),)) if page is None else page
    tree = component_rows("mail-co", made["components"], (), sight(glyphs=glyphs))
    return Vendor(**{"row": vendor(), "incidents": [its_incident()], "page": made, "tree": tree, **other})


def shown(*vendors: Vendor, width: int = 80, glyphs: Any = UNICODE) -> list[str]:
    return texts(vendor_rows(vendors, sight(width, glyphs))).splitlines()


# -- what it says -----------------------------------------------------------------------------------------------


def test_a_vendor_is_who_is_read_so_is_said_to_be_one_or_has_said_something():
    rows = (row("Own"), row("Read", vendor=True), row("Grouped", group="vendors"), row("Mail co", "degraded"))
    found = vendors_of({one["id"]: one for one in rows}, [its_incident(), incident("cccc", "own")])
    assert [one["id"] for one in found] == ["mail-co", "grouped", "read"]


def test_a_vendor_stands_with_all_that_its_page_says():
    ours = [row("Checkout", "major"), row("Login")]
    assert shown(known(ours=ours)) == [
        " 1 vendor, 1 open incident " + "─" * 52,
        " ◑ Mail co  partial for 12m",
        "   Partial outage: Mail is slow",
        "   last read 0s ago, by http every 1 m",
        "   its page was last changed 2m ago",
        "   ours on it: ✖ Checkout  ● Login",
        "   ◑ Mail is slow  partial, open, 9m",
        "     identified, major; affects Inbox, Outbox",
        "     https://status.example.org/x1",
        "     11:51:00 investigating: Mail may take an hour.",
        "     11:56:00 identified: We know",
        "       why",
        "   ◇ New racks  begins in 3h 00m, until 22:00",
        "     scheduled; affects Archive",
        "     https://status.example.org/m1",
        "     11:00:00 scheduled: We will move to new racks.",
        "       Short breaks are possible.",
        "   + ◑ America: 1 partial, 1 degraded, 1 operational",
        "       ◑ Inbox  partial",
        "       ◐ Outbox  degraded",
        "   + ● Europe: 14 operational",
        "   + ● others: 1 operational",
    ]


def test_maintenance_under_way_says_until_when_and_how_late_it_is():
    page = vendors.page("mail-co", racks(hours=-1))
    assert "   ◇ New discs  under way, until 18:00" in shown(known(page))
    late = vendors.page("mail-co", racks(hours=-9))
    assert "   ◇ New discs  under way, was to end 10:00" in shown(known(late))


def test_what_should_have_begun_and_what_has_no_time_says_so():
    late, vague = racks(hours=3), racks(hours=3)
    page = vendors.page("mail-co", announced=(late, vague))
    page["announced"][0]["started_at"] = (T0 - timedelta(minutes=5)).isoformat()
    page["announced"][1].update(started_at=None, until=None)
    lines = shown(known(page))
    assert "   ◇ New racks  should have begun 5m ago, until 22:00" in lines
    assert "   ◇ New racks  begins at a time that is not said" in lines


def test_before_its_page_is_asked_for_the_row_says_what_is_planned():
    rows = {"announced": as_rows(racks()), "under_way": as_rows(racks(hours=-1))}
    lines = shown(Vendor(vendor(**rows), note="asking what its page says"))
    assert "   asking what its page says" in lines
    assert "   ◇ New discs  under way, until 18:00" in lines
    assert "   ◇ New racks  begins in 3h 00m, until 22:00" in lines


def test_a_page_that_cannot_be_read_is_dimmed_and_says_why_and_how_old_it_is():
    read_at = (T0 - timedelta(minutes=5)).isoformat()
    gone = vendor(read_at=read_at, message="its page is HTML, not JSON")
    rows = vendor_rows([known(row=gone)], sight())
    lines = texts(rows).splitlines()
    assert lines[1:4] == [
        " ? Mail co  cannot be read now, partial when it was last read",
        "   its page is HTML, not JSON",
        "   last read 5m ago, and all below is as it was then; tried by http every 1 m",
    ]
    styles = {style for one in rows[4:] for _, style in one.line}
    assert styles == {"muted"}
    assert any(row.key == "incident:bbbb2222" for row in rows), "and can be opened all the same"


def test_a_page_that_was_never_read_says_so():
    never = vendor(status="unknown", read_at=None, message="refused")
    lines = shown(Vendor(never))
    assert " ? Mail co  cannot be read now" in lines
    assert "   never read yet; tried by http every 1 m" in lines


def test_what_a_person_has_closed_here_is_still_seen_to_be_listed_there():
    lines = shown(known(incidents=[]))
    assert "   ◑ Mail is slow  listed there, and not open here" in lines
    assert "     identified, major; affects Inbox, Outbox" in lines


def test_what_an_older_engine_does_not_say_is_taken_from_the_timeline():
    bare = its_incident()
    for key in ("words", "components", "updates", "suspects", "concerns"):
        del bare[key]
    text = "\n".join(shown(Vendor(vendor(), [bare])))
    assert "     11:56:00 We know\n       why" in text
    assert "not for strangers" not in text


def test_a_service_of_a_vendor_that_is_only_looked_at_does_not_pretend_to_know_more():
    text = "\n".join(shown(Vendor(row("Pay", group="Vendors")), width=100))
    assert "looked at by http, which does not read what the vendor says of itself" in text


def test_where_there_are_no_vendors_the_page_says_who_would_stand_there():
    assert "no service here belongs to a vendor" in "\n".join(shown())


def test_whoever_stands_on_a_vendor_is_concerned_the_worst_first():
    rows = (vendor(), row("Login", upstream=["mail-co"]), row("Shop", "major", upstream=["mail-co", "other"]))
    more = row("Cart", "degraded", depends_on=["mail-co"], upstream=["mail-co"])
    found = concerned({one["id"]: one for one in (*rows, more)})
    assert [one["id"] for one in found["mail-co"]] == ["shop", "cart", "login"]
    assert [one["id"] for one in found["other"]] == ["shop"]


def test_an_incident_names_those_of_ours_that_fail_while_it_lasts():
    ours = [{"service": "shop", "name": "Shop", "incident": "aaaa1111"}]
    assert "     concerns Shop (aaaa1111)" in shown(known(incidents=[its_incident(concerns=ours)]))


# -- what it is made of -----------------------------------------------------------------------------------------


def tree(*components: VendorComponent, opened: tuple[str, ...] = (), width: int = 80) -> list[Row]:
    listed = vendors.page(components=components)["components"]
    return component_rows("v", listed, {group_key("v", one) for one in opened}, sight(width))


def test_a_group_that_somebody_opens_shows_all_of_it_the_worst_first():
    rows = tree(*vendors.COMPONENTS, opened=("America",))
    assert texts(rows).splitlines()[:4] == [
        "   - ◑ America: 1 partial, 1 degraded, 1 operational",
        "       ◑ Inbox  partial",
        "       ◐ Outbox  degraded",
        "       ● Search",
    ]
    assert [one.key for one in rows if one.key] == ["group:v\nAmerica", "group:v\nEurope", "group:v\n"]


def test_components_without_any_group_are_one():
    rows = tree(VendorComponent("A", Status.OPERATIONAL), VendorComponent("B", Status.OPERATIONAL))
    assert texts(rows) == "   + ● components: 2 operational"


def test_of_thousands_that_are_ill_only_some_are_named_until_somebody_asks():
    ill = tuple(VendorComponent(f"c{n}", Status.MAJOR, "All") for n in range(3000))
    lines = texts(tree(*ill)).splitlines()
    assert len(lines) == MOST_ILL + 2
    assert lines[0] == "   + ✖ All: 3,000 major"
    assert lines[-1] == "       and 2,980 more that are not well"
    assert len(tree(*ill, opened=("All",))) == 3001


def test_a_status_that_nobody_knows_breaks_nothing():
    listed = [{"name": "A", "status": "on fire", "group": ""}]
    assert texts(component_rows("v", listed, (), sight())).splitlines() == [
        "   + · components: 1 on fire",
        "       · A  on fire",
    ]


# -- however much it is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_no_word_of_a_vendor_is_cut_or_too_wide(width: int):
    page = vendors.page("mail-co", outage(), announced=(racks(),), name=LONG)
    page["components"] = [{"name": LONG, "status": "major", "group": LONG}]
    one = its_incident(title=LONG, url="https://x/" + "宽" * 999)
    drawn = component_rows("mail-co", page["components"], (), sight(width))
    rows = vendor_rows([Vendor(vendor(name=LONG, message=LONG), [one], (), page, drawn)], sight(width))
    assert max(width_of(one.line) for one in rows) <= width
    assert "".join(plain(one.line).strip() for one in rows).count("[/red]") >= 5 * 1600


@pytest.mark.parametrize("width", WIDTHS)
def test_in_ascii_every_sign_of_it_is_ascii(width: int):
    lines = shown(known(ours=[row("Shop", "major")], glyphs=ASCII), width=width, glyphs=ASCII)
    assert all(line.isascii() for line in lines)


def test_five_hundred_incidents_and_updates_without_end_stay_a_page():
    long = [{"at": None, "state": "investigating", "text": "word " * 2000}] * 10
    many = [its_incident(f"i{n}", vendor_ref=f"r{n}", updates=long) for n in range(500)]
    lines = shown(known(incidents=many))
    assert len(lines) < 3000
    assert lines[0].startswith(" 1 vendor, 500 open incidents ")
    assert f"   and {500 - MOST_LISTED} more open incidents" in lines
    assert "     10 updates, too long to stand here" in lines


# -- driven by keys ---------------------------------------------------------------------------------------------


def world(answer: Any = None, **other: Any) -> Script:
    board = snapshot([vendor(**other), row("Shop", upstream=["mail-co"])], [its_incident()])
    page = vendors.page("mail-co", outage(), announced=(racks(),))
    return Script(board, answers={"lately": {}, "vendor": page if answer is None else answer})


async def opened(here: Stage) -> VendorsPage:
    await here.press("4")
    assert isinstance(here.app.page, VendorsPage)
    return here.app.page


def asked(here: Stage) -> list[dict[str, str]]:
    return [options for what, options in here.script.questions if what == "vendor"]


async def test_enter_on_a_vendor_opens_its_service_and_on_its_incident_that():
    async with stage(world(), (80, 24)) as here:
        page = await opened(here)
        assert page.aim().services == ("mail-co",)
        await here.press("enter")
        assert isinstance(here.app.page, ServicePage)
        await here.press("escape", "j", "enter")
        assert isinstance(here.app.page, IncidentPage)
        await here.press("escape")
        assert page.aim().incidents == ("bbbb2222",)


async def test_enter_opens_a_group_and_closes_it_and_so_do_the_keys_to_the_right_and_left():
    async with stage(world(), (80, 60)) as here:
        page = await opened(here)
        await here.until(lambda: "Europe: 14 operational" in here.text())
        await here.press("G", "k")
        assert page.sheet.key == group_key("mail-co", "Europe")
        assert page.aim().services == ("mail-co",)
        for key, is_open in (("enter", True), ("enter", False), ("l", True), ("l", True), ("h", False), ("h", False)):
            await here.press(key)
            assert ("Relay 13" in here.text()) is is_open
            assert page.sheet.key == group_key("mail-co", "Europe")


async def test_a_page_is_asked_for_when_it_has_been_read_anew_and_not_before():
    async with stage(world(), (80, 24)) as here:
        await opened(here)
        await here.until(lambda: "America" in here.text())
        assert asked(here) == [{"id": "mail-co"}]
        for _ in range(5):
            here.clock.seconds += 60
            await here.settle()
        assert len(asked(here)) == 1, "nothing was read since"
        for seconds in (1, 2, 3):
            at = (T0 + timedelta(seconds=seconds)).isoformat()
            here.script.change(services={"mail-co": vendor(checked_at=at, read_at=at)})
            await here.settle()
        assert len(asked(here)) == 2
        here.clock.seconds += ASK_AT_MOST
        await here.until(lambda: len(asked(here)) == 3)


async def test_a_look_that_cannot_read_it_asks_for_nothing_and_what_was_known_stays():
    async with stage(world(), (80, 40)) as here:
        await opened(here)
        await here.until(lambda: "America" in here.text())
        at = (T0 + timedelta(seconds=60)).isoformat()
        here.script.change(services={"mail-co": vendor(checked_at=at, message="503 Service Unavailable")})
        await here.until(lambda: "cannot be read now" in here.text())
        here.clock.seconds += 60
        await here.settle()
        assert len(asked(here)) == 1
        assert "America" in here.text()


async def test_a_refusal_is_said_and_asked_again_only_after_a_while():
    script = world()
    del script.answers["vendor"]
    async with stage(script, (80, 24)) as here:
        await opened(here)
        await here.until(lambda: "there is no history of 'vendor'" in here.text())
        for _ in range(4):
            await here.settle()
        assert len(asked(here)) == 1
        here.clock.seconds += AGAIN
        await here.until(lambda: len(asked(here)) == 2)


async def test_many_vendors_are_asked_for_a_few_at_a_time_and_all_of_them_in_the_end():
    under_way: list[int] = []

    def answer(options: Mapping[str, str]) -> Any:
        under_way.append(sum(one.asked.is_waiting for one in here.app.page._pages.values()))
        return vendors.page(options["id"])

    rows = [vendor(id=f"v{n:02}", name=f"Vendor {n:02}") for n in range(40)]
    async with stage(Script(snapshot(rows), answers={"lately": {}, "vendor": answer}), (80, 24)) as here:
        await opened(here)
        await here.until(lambda: len(asked(here)) == 40)
        assert len({one["id"] for one in asked(here)}) == 40
        assert max(under_way) == AT_ONCE


async def test_a_vendor_that_goes_and_comes_back_breaks_nothing():
    async with stage(world(), (80, 24)) as here:
        await opened(here)
        here.script.change(services={"mail-co": None}, incidents={"bbbb2222": None})
        await here.until(lambda: "no service here belongs to a vendor" in here.text())
        here.script.change(services={"mail-co": vendor()})
        await here.until(lambda: "Mail co" in here.text())
        assert here.app.fault is None


async def test_thousands_of_components_scroll_and_are_drawn_only_once():
    parts = tuple(VendorComponent(f"part {n}", Status.OPERATIONAL, f"group {n % 3}") for n in range(3000))
    async with stage(world(vendors.page("mail-co", outage(), components=parts)), (80, 24)) as here:
        page = await opened(here)
        await here.until(lambda: len(page.sheet.rows) > 10)
        await here.press("G", "enter")
        assert len(page.sheet.rows) > 1000
        part = page.sheet.rows[-2]
        here.clock.seconds += 2
        await here.settle()
        assert page.sheet.rows[-2] is part
        await here.press("G")
        assert "part 2999" in here.text()
