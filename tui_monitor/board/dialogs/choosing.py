"""What is chosen from a list: a command by its name, and a theme by how it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_monitor.board.dialogs.dialog import Choice, Item
from tui_monitor.board.draw.words import key_name
from tui_monitor.core.keys import SECTIONS, Operation

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp
    from tui_monitor.board.pages.page import Page


def palette(app: BoardApp) -> None:
    """Every operation of this page by its name, with its keys beside it, so that they are learnt on the way."""
    page = app.page
    items = [
        Item(one.id, one.does, ", ".join(key_name(key) for key in one.keys), f"{one.id} {one.label} {one.section}")
        for one in live(app, page)
        if one.section != SECTIONS[0] and one.id not in ("palette", "back")
    ]

    def chosen(name: str | None) -> None:
        if name:
            app.operate(name)

    app.push_screen(Choice("Commands", items), chosen)


def live(app: BoardApp, page: Page) -> list[Operation]:
    """What can be done on a page, by its own bindings, in the order of the table; without rights, only what looks."""
    names = {binding.id for found in page.bindings_now() for binding in found}
    shown = [one for one in app.operations.values() if one.id in names]
    return [one for one in shown if not (one.changes and app.is_read_only)]


def theme(app: BoardApp) -> None:
    """Each one is worn while it is looked at, and the one from before again where none is chosen."""
    themes, problems = app.themes.all()
    fitting = {one.name: app.themes.fit(one, app.depth) for one in themes}
    before = app.palette.theme
    items = [Item(one.name, one.name, one.about) for one in fitting.values()]

    def look_at(name: str) -> None:
        if name in fitting and name != app.theme:
            app.wear(fitting[name])

    def chosen(name: str | None) -> None:
        if name is None:
            app.wear(before)
        else:
            look_at(name)
            app.say(f"theme {name}; to keep it, write `theme: {name}` under `board:` in the config")
        if problems:
            app.say("; ".join(map(str, problems)), "bad")

    app.push_screen(Choice("Themes", items, key=before.name, moved=look_at), chosen)
