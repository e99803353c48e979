"""What each screen looks like, kept as pictures beside this file: whoever changes one sees it in the review.

    python -m pytest tests/board/test_snapshots.py --snapshot-update     takes the pictures as they are now

After a failure, `snapshot_report.html` shows before and after side by side. The pictures hold no text or font from
elsewhere, and are drawn by `svg.py`, since those of the toolkit name a host for fonts and are ten times the size.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension
from textual.pilot import Pilot

from tests.board import scenes
from tests.board.scenes import ILL, INCIDENT
from tests.board.stage import Script, Stage, StageClock
from tests.board.svg import picture
from tests.picture import FILE, TERMINAL, drawn
from tui_monitor.board.app import BoardApp
from tui_monitor.board.draw.components import group_key
from tui_monitor.board.face import Connection, Face
from tui_monitor.board.pages.vendors import VendorsPage
from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.core.plan import Appearance

SVGImageExtension.file_extension = "svg"  # which it calls by the name of an older syrupy

Steps = Callable[[Stage], Awaitable[Any]]
Compare = Callable[..., bool]

SMALL, MIDDLE, LARGE = SIZES = (80, 24), (120, 40), (200, 60)


class Starting(Script):
    """An engine that has said nothing yet."""

    async def snapshot(self) -> dict[str, Any]:
        return await asyncio.Event().wait() and self.board


class Pictured(BoardApp):
    """The board with pictures of our own."""

    loop: asyncio.AbstractEventLoop

    def open_engine(self, config: Path | None) -> None:
        self.loop = asyncio.get_running_loop()
        super().open_engine(config)

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        return picture(self)


def shown(
    compare: Compare, script: Script | None, size: tuple[int, int], steps: Steps | None = None, **face: Any
) -> bool:
    """Whether the board looks as it did, after these steps."""
    clock = StageClock()
    config = Path("config.yaml") if script else None

    def open_it(path: Path | None) -> Connection:
        assert script is not None
        look = Appearance()
        return Connection(script, app.loop, "process 812", Path("config.yaml"), look, "Ops", "UTC", lambda: None, str)

    made = {
        "open": open_it,
        "starter": lambda path: "config.yaml is written",
        "config": config,
        "theme": "dark",
        **face,
    }
    app = Pictured(Face(**made), clock=clock, environ=TERMINAL)

    async def before(pilot: Pilot[int]) -> None:
        here = Stage(app, pilot, script or scenes.demo(), clock)
        if script is not None:
            await here.until(
                lambda: app.link is not None and (isinstance(script, Starting) or not app.board.is_empty)
            )
        await here.settle()
        if steps is not None:
            await steps(here)
            await here.settle()

    return compare(app, terminal_size=size, run_before=before)


def press(*keys: str) -> Steps:
    async def steps(here: Stage) -> None:
        for key in keys:
            await here.press(key)

    return steps


def incident(*keys: str) -> Steps:
    async def steps(here: Stage) -> None:
        here.app.open_incident(INCIDENT)
        await here.settle()
        for key in keys:
            await here.press(key)

    return steps


async def service(here: Stage) -> None:
    here.app.open_service(ILL)
    await here.settle()


async def of_vendors(here: Stage) -> None:
    """The page of the vendors, with all that was asked for."""
    await here.press("4")
    page = here.app.page
    assert isinstance(page, VendorsPage)
    await here.until(lambda: all(one.asked.answer is not None for one in page._pages.values() if one.asked.at))


async def components(here: Stage) -> None:
    """A group of them is open."""
    await of_vendors(here)
    here.app.page.sheet.choose(group_key(ILL, "Europe"))
    await here.press("enter")
    here.app.page.sheet.scroll(12)


async def unread(here: Stage) -> None:
    """The page of a vendor has been out of reach for a while."""
    row = here.app.board.services[ILL]
    now = {"read_at": scenes.moment(-5), "status": "unknown", "message": "its page is HTML, where JSON should be"}
    await of_vendors(here)
    here.script.change(services={ILL: {**row, **now}}, at=scenes.AT)
    await here.until(lambda: "cannot be read now" in here.text())


async def gone(here: Stage) -> None:
    """The engine has ended, and that was a while ago."""
    here.script.is_gone = "the engine does not answer"
    here.script.change()
    await here.until(lambda: bool(here.app.board.lost))
    here.clock.seconds += 75
    here.app.redraw()


SCREENS: dict[str, tuple[Callable[[], Script], Steps | None]] = {
    "overview": (scenes.demo, None),
    "overview-as-a-list": (scenes.demo, press("v")),
    "overview-by-group": (scenes.demo, press("s")),
    "incident": (lambda: scenes.scripted(scenes.full()), incident()),
    "incidents": (scenes.demo, press("2")),
    "service": (scenes.demo, service),
    "deliveries": (lambda: scenes.scripted(scenes.full()), press("3")),
    "vendors": (lambda: scenes.scripted(scenes.full()), of_vendors),
    "vendors-of-the-demo": (scenes.demo, of_vendors),
    "quiet": (lambda: scenes.scripted(scenes.full()), press("5")),
    "statistics": (scenes.demo, press("6")),
    "wallboard": (scenes.demo, press("w")),
    "help": (scenes.demo, press("?")),
}

STATES: dict[str, tuple[Callable[[], Script], Steps | None]] = {
    "well": (scenes.well, None),
    "no-signal": (scenes.demo, gone),
    "filter": (scenes.demo, press("/", *"shop")),
    "faults": (scenes.demo, press("f")),
    "paused": (scenes.demo, press("p")),
    "test-mode": (lambda: scenes.demo(test_mode=True), None),
    "trouble": (lambda: scenes.demo(trouble="the disk is full", cut_off=scenes.moment(-1)), None),
    "banner": (lambda: scenes.demo(banner={"text": "x", "severity": "error", "state": "shown"}), None),
    "marked": (scenes.demo, press("down", "space", "down", "space")),
    "empty": (lambda: scenes.demo(services=[], incidents=[], events=[]), None),
    "wallboard-all-well": (scenes.well, press("w")),
    "incident-over": (scenes.over, incident()),
    "vendors-components": (lambda: scenes.scripted(scenes.full()), components),
    "vendors-unread": (lambda: scenes.scripted(scenes.full()), unread),
    "explain": (scenes.demo, incident("e")),
    "palette": (scenes.demo, press(":", *"sil")),
    "themes": (scenes.demo, press("T")),
    "problems": (lambda: scenes.scripted(scenes.full()), press("P")),
    "form-acknowledge": (scenes.demo, incident("a")),
    "form-resolve": (scenes.demo, incident("R")),
    "form-ticket": (lambda: scenes.scripted(scenes.full()), incident("t")),
    "form-banner": (lambda: scenes.scripted(scenes.full()), incident("b")),
    "form-update": (lambda: scenes.scripted(scenes.full()), incident("n", *"hi", "tab")),
    "form-silence": (scenes.demo, press("m")),
    "form-work": (scenes.demo, press("M")),
    "form-rehearsal": (scenes.demo, press("X")),
    "form-test-mode": (scenes.demo, press("x")),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
def test_each_screen_looks_as_it_did(name: str, size: tuple[int, int], snap_compare: Compare):
    scene, steps = SCREENS[name]
    assert shown(snap_compare, scene(), size, steps)


@pytest.mark.parametrize("name", STATES)
def test_each_state_looks_as_it_did(name: str, snap_compare: Compare):
    scene, steps = STATES[name]
    assert shown(snap_compare, scene(), SMALL, steps)


@pytest.mark.parametrize("theme", ["ansi-16", "colour-blind", "high-contrast", "light", "mono", "nord"])
def test_each_theme_looks_as_it_did(theme: str, snap_compare: Compare):
    assert shown(snap_compare, scenes.demo(), SMALL, theme=theme)


@pytest.mark.parametrize("size", [(40, 10), (39, 9)], ids=["smallest", "too-small"])
def test_the_smallest_terminals_look_as_they_did(size: tuple[int, int], snap_compare: Compare):
    assert shown(snap_compare, scenes.demo(), size)


def test_a_refusal_looks_as_it_did(snap_compare: Compare):
    script = scenes.demo()
    script.outcomes["ack"] = "it is acknowledged already, by mia, since 17:50"
    assert shown(snap_compare, script, SMALL, incident("a", *"mine", "enter"))


def test_a_board_that_changes_nothing_looks_as_it_did(snap_compare: Compare):
    assert shown(snap_compare, scenes.demo(), SMALL, press("a"), is_read_only=True)


def test_a_board_of_ascii_looks_as_it_did(snap_compare: Compare):
    assert shown(snap_compare, scenes.demo(), SMALL, press("m"), is_ascii=True)


@pytest.mark.parametrize("size", (SMALL, LARGE), ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(("name", "steps"), [("vendors", of_vendors), ("incident", incident())])
def test_vendors_in_ascii_look_as_they_did(name: str, steps: Steps, size: tuple[int, int], snap_compare: Compare):
    assert shown(snap_compare, scenes.scripted(scenes.full()), size, steps, is_ascii=True)


def test_the_first_start_looks_as_it_did(snap_compare: Compare):
    def refuse(path: Path | None) -> Connection:
        raise ConfigError([Problem("must not be empty", file="config.yaml", line=3, path="services")])

    assert shown(snap_compare, None, SMALL, press("down", "enter"), open=refuse)


def test_a_board_whose_engine_has_just_begun_looks_as_it_did(snap_compare: Compare):
    assert shown(snap_compare, Starting(scenes.demo().board), SMALL)


async def test_the_picture_in_the_readme_is_of_the_board_as_it_is():
    """`make picture` takes it anew."""
    assert await drawn() == FILE.read_text()


def test_no_picture_names_another_host_and_all_of_them_are_small():
    files = list(Path(__file__).with_name("__snapshots__").rglob("*.svg"))
    assert files
    texts = [one.read_text() for one in files]
    assert not [text for text in texts if re.search(r"url\(|href=|src=|@import|<(image|script|use)", text)]
    assert sum(len(text.encode()) for text in texts) < 1_500_000
