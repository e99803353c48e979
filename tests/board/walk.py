"""Every page and every dialog, one after the other, by the keys that a person has."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input

from tests.board.scenes import ILL, INCIDENT
from tests.board.stage import Stage
from tests.board.test_cells import CONTROL
from tui_monitor.board.dialogs.dialog import Dialog

PAGES = "123456w"
DIALOGS = ("a", "R", "c", "t", "b", "n", "m", "M", "X", "x", "e", "?", ":", "T", "P")
TYPED = "[/x]\x1b[2J 日本 \u202e"


def check(here: Stage) -> None:
    """What the terminal would be sent: whole lines of the right width, with nothing in them that it would obey."""
    width, height = here.app.size
    strips = here.app.screen._compositor.render_strips()
    assert len(strips) == height
    for strip in strips:
        text = "".join(segment.text for segment in strip)
        assert not CONTROL.search(text), (here.app.screen, text)
        assert cell_len(text) == width, (here.app.screen, text)
        assert not any(segment.control for segment in strip)


async def look(here: Stage, *keys: str) -> None:
    for key in keys:
        here.app.post_message(events.Key(_character_to_key(key), key if len(key) == 1 else None))
    await settle(here)
    check(here)


async def settle(here: Stage) -> None:
    """As that of the stage, but without waiting for a processor that is idle: here are thousands of pictures."""
    for _ in range(3):
        await here.pilot._wait_for_screen()
        here.app.screen._on_timer_update()
        here.app.tick()
    await here.pilot._wait_for_screen()
    here.app.screen._on_timer_update()


async def walk_pages(here: Stage) -> None:
    """Each of them from its first line to its last."""
    for key in PAGES:
        await look(here, key)
        await look(here, "G")
        await look(here, "escape" if key == "w" else "g")
    await look(here, "1", "v")
    await look(here, "v", "s")
    await look(here, "s", "tab")
    await look(here, "tab", "s", "f")
    await look(here, "f", "/")
    await look(here, "[", "!", "$")
    await look(here, "escape")
    for opened in (lambda: here.app.open_incident(INCIDENT), lambda: here.app.open_service(ILL)):
        opened()
        await settle(here)
        check(here)
        await look(here, "G")
        await look(here, "escape")


async def walk_dialogs(here: Stage) -> None:
    """Over the page of the incident, so that each of them has something to be about."""
    here.app.open_incident(INCIDENT)
    await settle(here)
    for key in DIALOGS:
        await look(here, key)
        await here.until(lambda: isinstance(here.app.screen, Dialog))
        for field in here.app.screen.query(Input):
            field.value = TYPED
        await look(here, "tab")
        await look(here, "right", "down")
        await look(here, "pagedown")
        await look(here, "escape")
        assert not isinstance(here.app.screen, Dialog), f"{key} does not close"
