"""The first start without a config: nobody is left before a traceback or a dead end."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.board.stage import Script, Stage, row, snapshot, stage
from tui_monitor.board.face import Connection
from tui_monitor.board.ink import texts
from tui_monitor.board.pages.first import First
from tui_monitor.board.pages.overview import Overview
from tui_monitor.core.errors import ConfigError, Problem, Rejected


class Opening:
    """What the board may open: refuses so many times, with these errors; then there is an engine."""

    def __init__(self, script: Script, *errors: Exception) -> None:
        self.script, self.errors, self.asked = script, list(errors), []
        self.loop: Any = None
        self.made: Connection | None = None

    def __call__(self, path: Path | None) -> Connection:
        assert threading.current_thread() is not threading.main_thread(), "the screen waits for it"
        self.asked.append(path)
        if self.errors:
            raise self.errors.pop(0)
        assert self.made is not None
        return self.made


def opening(here: Stage, script: Script, *errors: Exception) -> Opening:
    import asyncio

    from tui_monitor.core.plan import Appearance

    found = here.app.face.open
    assert isinstance(found, Opening)
    found.script, found.errors = script, list(errors)
    loop = asyncio.get_running_loop()
    config = Path("config.yaml")
    found.made = Connection(
        script, loop, "this process", config, Appearance(), "Ops", "UTC", lambda: None, lambda: ""
    )
    return found


def page_text(here: Stage) -> str:
    page = here.app.page
    return texts(page.rows(80))


async def test_the_demo_is_one_key_away():
    script = Script(snapshot([row("Web")]))
    async with stage(None, open=Opening(script)) as here:
        asked = opening(here, script)
        assert isinstance(here.app.page, First)
        assert "There is no config yet" in page_text(here)
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.page, Overview) and "web" in here.app.board.services)
        assert asked.asked == [None]


async def test_a_starter_is_written_and_opened():
    script = Script(snapshot([row("Web")]))
    written: list[Path] = []

    def starter(path: Path) -> str:
        written.append(path)
        return f"{path} is written"

    async with stage(None, open=Opening(script), starter=starter) as here:
        asked = opening(here, script)
        await here.press("down", "enter")
        await here.until(lambda: isinstance(here.app.page, Overview))
        assert [path.name for path in written] == ["config.yaml"]
        assert asked.asked == written


async def test_a_starter_that_cannot_be_written_says_why_and_another_choice_can_be_made():
    def starter(path: Path) -> str:
        raise Rejected("config.yaml is there already")

    async with stage(None, open=Opening(Script(snapshot([]))), starter=starter) as here:
        await here.press("down", "enter")
        assert "config.yaml is there already" in page_text(here)
        assert isinstance(here.app.page, First)


async def test_a_path_that_leads_nowhere_is_said_in_the_form():
    async with stage(None, open=Opening(Script(snapshot([])))) as here:
        await here.press("down", "down", "enter")
        await here.press(*"/nowhere/at.yaml", "enter")
        lines = here.app.screen.query_one("#refusal").lines  # type: ignore[attr-defined]  # each bar has lines
        assert "there is no file" in "".join(text for one in lines for text, _ in one)


async def test_every_problem_of_a_config_is_shown_and_then_something_else_can_be_opened():
    script = Script(snapshot([row("Web")]))
    wrong = ConfigError(
        [Problem("must not be empty", file="a.yaml", line=3), Problem("is unknown", file="a.yaml", line=9)]
    )
    async with stage(None, open=Opening(script)) as here:
        opening(here, script, wrong)
        await here.press("enter")
        await here.until(lambda: "must not be empty" in page_text(here) and "is unknown" in page_text(here))
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.page, Overview))


async def test_a_config_that_is_wrong_from_the_start_ends_the_board_with_its_problems():
    script = Script(snapshot([]))
    asked = Opening(script, ConfigError([Problem("must not be empty", file="a.yaml", line=3)]))
    async with stage(None, open=asked, config=Path("a.yaml")) as here:
        await here.until(lambda: here.app.refusal is not None)
        assert "must not be empty" in str(here.app.refusal)
        assert not here.app.is_running or here.app._exit
