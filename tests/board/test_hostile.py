"""Hostile text in every field, on every page, in every dialog, at every size: nothing breaks, nothing leaks, and no
word is lost.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.widgets import Input

from tests.board.hostile import EVERY, KINDS, infected
from tests.board.scenes import AT, ILL, INCIDENT, full, hostile
from tests.board.stage import stage
from tests.board.terminal import Program
from tests.board.test_cells import CONTROL
from tests.board.test_colours import PLAIN, codes
from tests.board.walk import check, look, settle, walk_dialogs, walk_pages
from tui_monitor.board.cells import harmless
from tui_monitor.board.dialogs.problems import problem_rows
from tui_monitor.board.draw.components import component_rows, group_key
from tui_monitor.board.draw.deliveries import delivery_rows
from tui_monitor.board.draw.explain import explain_rows
from tui_monitor.board.draw.incident import Sight, incident_rows
from tui_monitor.board.draw.places import place_rows
from tui_monitor.board.draw.quiet import Hush, quiet_rows
from tui_monitor.board.draw.service import Known, service_rows
from tui_monitor.board.draw.vendors import Vendor, vendor_rows
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import Row, strip_of, texts, width_of
from tui_monitor.board.pages.first import First
from tui_monitor.board.palette import Palette
from tui_monitor.board.themes import themes_of
from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.core.ports import Outcome

ROOT = Path(__file__).parents[2]

# -- nothing breaks -------------------------------------------------------------------------------------------------

WALKS = [
    *((kind, (80, 24)) for kind in KINDS),
    *((kind, size) for kind in ("markup", "wide") for size in ((40, 10), (120, 40), (200, 60))),
]


@pytest.mark.parametrize(
    ("kind", "size"), WALKS, ids=lambda one: one if isinstance(one, str) else "x".join(map(str, one))
)
async def test_every_page_and_dialog_stands_hostile_text(kind: str, size: tuple[int, int]):
    async with stage(hostile(KINDS[kind]), size) as here:
        check(here)
        await walk_pages(here)
        await walk_dialogs(here)


@pytest.mark.parametrize("size", [(39, 9), (12, 3), (1, 1)], ids=str)
async def test_a_terminal_that_is_too_small_breaks_nothing(size: tuple[int, int]):
    async with stage(hostile(KINDS["wide"]), size) as here:
        for key in (*"123456w", "escape", *"a:?Tbn"):
            await look(here, key)
        await here.pilot.resize_terminal(40, 10)
        await settle(here)
        check(here)


@pytest.mark.parametrize("kind", ["markup", "escapes", "wide"])
async def test_the_first_page_stands_hostile_text(kind: str):
    text = "".join(KINDS[kind])

    def refuse(path: Any) -> Any:
        raise ConfigError([Problem(text, file=text, line=3, path=text)])

    async with stage(None, open=refuse, starter=lambda path: text) as here:
        assert isinstance(here.app.page, First)
        await look(here, "down", "enter")
        await here.until(lambda: squeezed("".join(KINDS[kind])) in squeezed(texts(here.app.page.rows(80))))
        check(here)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_the_engine_answers_is_said_harmlessly(kind: str):
    """Refusals and outcomes of commands, and refusals of questions."""
    text = " ".join(KINDS[kind])
    script = hostile(KINDS[kind])
    script.outcomes.update(ack=text, note=Outcome(text, {"incident": INCIDENT, "destinations": [text]}))
    script.answers = {}
    async with stage(script, (60, 20)) as here:
        here.app.open_incident(INCIDENT)
        await settle(here)
        await look(here, "c", "x", "enter")
        await look(here, "a", "enter")
        await look(here, "escape", "e")
        await look(here, "q", "P")


async def test_what_is_pasted_into_a_field_is_harmless():
    async with stage(hostile(KINDS["markup"])) as here:
        here.app.open_incident(INCIDENT)
        await settle(here)
        await look(here, "a")
        for text in EVERY:
            here.app.screen.query_one(Input).post_message(events.Paste(text))
            await look(here)


@given(text=st.text(), width=st.integers(0, 60))
def test_a_line_is_as_wide_as_said_whatever_is_in_it(text: str, width: int):
    palette = Palette(themes_of({}).load("dark"))
    for glyphs in (UNICODE, ASCII):
        strip = strip_of(((text, "text"), (text, "major")), width, palette.style, glyphs.spelt)
        shown = "".join(segment.text for segment in strip)
        assert cell_len(shown) == width
        assert not CONTROL.search(shown)
        assert shown.isascii() or not glyphs.is_ascii


# -- no word is lost ------------------------------------------------------------------------------------------------


def squeezed(text: str) -> str:
    return "".join(str(harmless({"text": text})["text"]).split())


def marked(some: tuple[str, ...]) -> Iterator[str]:
    """Each of them so that it can be told from every other."""
    number = 0
    while True:
        for text in some:
            number += 1
            yield f"<{number}>{text}<{number}>"


class World:
    """Everything in it is hostile, and everything in it can be found again."""

    def __init__(self, some: tuple[str, ...]) -> None:
        taken = harmless(infected(full(), marked(some)))
        self.snapshot = taken["snapshot"]
        self.services = {one["id"]: one for one in self.snapshot["services"]}
        self.incidents = {one["id"]: one for one in self.snapshot["incidents"]}
        self.incident = self.incidents[INCIDENT]
        self.taken = taken

    def name_of(self, service: str) -> str:
        return str(self.services[service]["name"])


def service_page(world: World, sight: Sight) -> tuple[list[Row], list[str]]:
    row, view = world.services[ILL], world.taken["service"]
    known = Known(ILL, row, view, None, [world.incident], world.services, "1h", "", "", "asked")
    wanted = [row["name"], row["group"], *row["tags"], row["message"], row["quiet"], world.incident["title"]]
    wanted += [world.incident["by"], *(one["name"] for one in row["measures"]), *map(str, view["routes"])]
    wanted += [text for option in view["options"] for text in option]
    wanted += [one["message"] for one in view["looks"] if one["message"]]
    wanted += [text for one in view["windows"] for text in (one["reason"], one["cron"])]
    wanted += list(view["messages"].values())
    return service_rows(known, sight, []), wanted


def incident_page(world: World, sight: Sight) -> tuple[list[Row], list[str]]:
    view = world.incident
    wanted = [view[key] for key in ("name", "title", "quiet", "vendor_ref", "url", "by")]
    wanted += [one["text"] for one in view["timeline"]]
    wanted += [one["by"] for one in view["timeline"] if one["kind"] in ("acknowledged", "noted")]
    wanted += [to for one in view["timeline"] for to in one["to"]]
    wanted += [one["destination"] for one in (*view["told"], *view["why"])]
    wanted += [one["reason"] for one in (*view["told"], *view["why"]) if one.get("state") != "told"]
    wanted += [one["error"] for one in view["told"] if one["state"] in ("owed", "held", "given-up", "sending")]
    wanted += [text for one in view["told"] if one["state"] == "told" for text in (one["url"], one["ref"])]
    wanted += [view["words"], *view["components"], *(one["name"] for one in view["concerns"])]
    wanted += [text for one in view["updates"] for text in (one["text"], one["state"])]
    wanted += [one["name"] for one in view["suspects"]]
    wanted += [one["title"] for one in view["suspects"] if one["incident"] or one["status"] == "maintenance"]
    return incident_rows(view, sight), wanted


def places_list(world: World, sight: Sight) -> tuple[list[Row], list[str]]:
    rows = world.snapshot["places"]
    wanted = [str(one[key]) for one in rows for key in ("name", "kind")]
    return place_rows(rows, sight), [*wanted, *(str(one["error"]) for one in rows if one["state"] == "failing")]


def deliveries_page(world: World, sight: Sight) -> tuple[list[Row], list[str]]:
    rows = world.snapshot["deliveries"]
    wanted = [one[key] for one in rows for key in ("destination", "error", "reason")]
    keys = {"send": "S sends it now", "drop": "D drops it"}
    return delivery_rows(rows, world.incidents, sight, keys), [
        *wanted,
        world.incident["name"],
        world.incident["title"],
    ]


def vendors_page(world: World, sight: Sight) -> tuple[list[Row], list[str]]:
    row, view, page = world.services[ILL], world.incident, world.taken["vendor"][ILL]
    ours = [one for one in world.services.values() if ILL in one.get("upstream", ())]
    wanted = [row["name"], row["message"], view["title"], view["url"], view["words"], *view["components"]]
    wanted += [text for one in view["updates"] for text in (one["text"], one["state"])]
    wanted += [one["name"] for one in (*ours, *view["concerns"])]
    listed = [*page["incidents"], *page["announced"]]
    wanted += [one[key] for one in listed if one["maintenance"] for key in ("title", "state", "url")]
    wanted += [text for one in listed if one["maintenance"] for text in one["components"]]
    wanted += [text for one in page["components"] for text in (one["name"], one["group"])]
    opened = {group_key(ILL, " ".join(one["group"].split())) for one in page["components"]}
    tree = component_rows(ILL, page["components"], opened, sight)
    return vendor_rows([Vendor(row, [view], ours, page, tree)], sight), wanted


def quiet_page(world: World, sight: Sight) -> tuple[list[Row], list[str]]:
    keys = {"silence": "m", "maintenance": "M", "simulate": "X"}
    around = world.snapshot
    every = [*around["silences"], *around["maintenance"]]
    wanted = [one[key] for one in every for key in ("target", "by", "reason")]
    wanted += [one["cron"] for one in around["maintenance"]] + [one["by"] for one in around["simulations"]]
    hush = Hush.of(around, around["services"])
    wanted += [text for one in hush.theirs for text in (one["name"], one["title"])]
    return quiet_rows(hush, world.name_of, "silence:s1", sight, keys), [*wanted, world.name_of(ILL)]


def explanation(world: World, sight: Sight) -> tuple[list[Row], list[str]]:
    answer = world.taken["explain"]
    wanted = [*answer["red"], *answer["silent"], *answer["next"]]
    wanted += [one[key] for one in answer["told"] for key in ("destination", "reason")]
    wanted += [one["would_say"] for one in answer["told"] if one["told"]]
    return explain_rows(answer, "major", sight), wanted


def problems(world: World, sight: Sight) -> tuple[list[Row], list[str]]:
    config = world.taken["config"]
    wanted = [one[key] for one in config["problems"] for key in ("file", "path", "text")]
    return problem_rows(config, sight.width), wanted


WHOLE = (service_page, incident_page, deliveries_page, places_list, vendors_page, quiet_page, explanation, problems)


@pytest.mark.parametrize(("kind", "width"), [*((kind, 80) for kind in KINDS), ("wide", 40), ("markup", 119)])
@pytest.mark.parametrize("page", WHOLE, ids=lambda page: page.__name__)
def test_every_word_can_be_read_on_the_page_that_it_belongs_to(
    page: Callable[[World, Sight], tuple[list[Row], list[str]]], kind: str, width: int
):
    world = World(KINDS[kind])
    rows, wanted = page(world, Sight(width, UTC, AT, UNICODE))
    shown = "".join("".join(text for text, _ in row.line) for row in rows)
    shown = "".join(shown.split())
    lost = [text[:80] for text in wanted if squeezed(text) not in shown]
    assert not lost
    assert max(width_of(row.line) for row in rows) <= width


@given(data=st.data(), width=st.integers(1, 200), is_ascii=st.booleans())
def test_random_text_breaks_no_page_and_no_line(data: st.DataObject, width: int, is_ascii: bool):
    some = tuple(data.draw(st.lists(st.text(max_size=40), min_size=1, max_size=12)))
    world, glyphs = World(some), ASCII if is_ascii else UNICODE
    palette = Palette(themes_of({}).load("dark"))
    for page in WHOLE:
        rows, _ = page(world, Sight(width, UTC, AT, glyphs))
        for row in rows:
            strip = strip_of(row.line, width, palette.style, glyphs.spelt)
            assert cell_len("".join(segment.text for segment in strip)) == width


async def test_a_vendor_without_measure_breaks_nothing():
    """3,000 components, 500 incidents, and updates of 10,000 characters, all of hostile text."""
    turn = cycle(text[:200] for text in EVERY)
    script = hostile(KINDS["markup"])
    row = next(one for one in script.board["services"] if one["id"] == ILL)
    like = next(one for one in script.board["incidents"] if one["id"] == INCIDENT)
    update = {"at": None, "state": next(turn), "text": "".join(EVERY)[:10_000]}
    many = [{**like, "id": f"i{n:03}", "title": next(turn), "vendor_ref": f"r{n}"} for n in range(500)]
    for one in many:
        one.update(updates=[update] * 3, components=[next(turn) for _ in range(100)])
    row.update(announced=[{**row["announced"][0], "title": next(turn), "ref": f"m{n}"} for n in range(5)])
    script.board["incidents"] += many
    page = script.answers["vendor"]({"id": ILL})
    parts = [
        {"name": next(turn), "status": ("operational", "major")[n % 2], "group": next(turn)} for n in range(3000)
    ]
    page.update(components=parts, incidents=page["incidents"] * 100, announced=page["announced"] * 100)
    script.answers["vendor"] = page
    async with stage(script, (80, 24)) as here:
        await look(here, "4")
        await here.until(lambda: len(here.app.page.sheet.rows) > 2000)
        for key in ("G", "k", "enter", "l", "h", "pageup", "g", "5", "1", "v"):
            await look(here, key)
        here.app.open_incident("i007")
        await settle(here)
        await look(here, "G")


# -- on the wire ----------------------------------------------------------------------------------------------------

SEQUENCE = re.compile(rb"\x1b(?:\[([<=>?]?)([\d;:]*)([ !$]*[@-~])|([\]PX^_])([^\x07\x1b]{0,4})|(.?))", re.DOTALL)
WHOLE_SEQUENCE = re.compile(rb"\x1b\]22;default\x07|\x1b\[[<=>?]?[\d;:]*[ !$]*[@-~]")
TOUR = [sys.executable, "-m", "tests.board.tour"]


def sent(*words: str, **environ: str) -> bytes:
    """All that a walk through everything sends to a terminal."""
    with Program([*TOUR, *words], environ, ROOT, size=(100, 30)) as tour:
        assert tour.wait(120.0) == 7, tour.screen.text + tour.screen.outside
        return tour.screen.sent


def orders(data: bytes) -> Counter[tuple[bytes, ...]]:
    """What a terminal is told to do, beside where to write, and in which colours."""
    found: Counter[tuple[bytes, ...]] = Counter()
    for one in SEQUENCE.finditer(data):
        private, numbers, final, string, begins, other = (part or b"" for part in one.groups())
        if final not in (b"m", b"H"):
            found[(private, numbers if private else b"", final, string, begins, other)] += 1
    return found


@pytest.mark.parametrize("kind", ["escapes", "controls"])
def test_a_terminal_is_told_nothing_that_hostile_text_wants(kind: str):
    data = sent(kind)
    assert orders(data) == orders(sent("harmless"))
    rest = WHOLE_SEQUENCE.sub(b"", data).decode()
    assert not CONTROL.search(rest.replace("\n", "").replace("\r", "")), rest


@pytest.mark.parametrize(
    ("words", "environ"),
    [(("--ascii",), {}), ((), {"LANG": "C"}), ((), {"TERM": "linux"})],
    ids=["--ascii", "the locale C", "the bare console"],
)
def test_where_there_is_only_ascii_nothing_else_is_sent(words: tuple[str, ...], environ: Mapping[str, str]):
    data = sent("wide", *words, **environ)
    assert data.isascii(), sorted({byte for byte in data if byte > 127})


def test_where_there_are_to_be_no_colours_no_page_sends_one():
    data = sent("harmless", NO_COLOR="1")
    assert {code for style in re.findall(rb"\x1b\[([\d;:]*)m", data) for code in codes(style.decode())} <= PLAIN
