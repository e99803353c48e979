"""What each key does where a page has no meaning of its own for it: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_monitor.board.dialogs import acting, choosing, pushing, quieting
from tui_monitor.board.dialogs.explain import explain
from tui_monitor.board.dialogs.help import show_help
from tui_monitor.board.dialogs.problems import show_problems
from tui_monitor.board.gaze import SORT_WORDS
from tui_monitor.board.pages.deliveries import DeliveriesPage
from tui_monitor.board.pages.incidents import IncidentsPage
from tui_monitor.board.pages.overview import Overview
from tui_monitor.board.pages.page import Page
from tui_monitor.board.pages.quiet import QuietPage
from tui_monitor.board.pages.statistics import StatisticsPage
from tui_monitor.board.pages.vendors import VendorsPage
from tui_monitor.board.pages.wallboard import Wallboard
from tui_monitor.core.keys import BY_ID, MOVE, OPERATIONS

if TYPE_CHECKING:
    from tui_monitor.board.app import BoardApp

Act = Callable[["BoardApp"], None]


def _nothing(name: str) -> Act:
    """A key that means something only on other pages: it says so, unless it only moves."""
    operation = BY_ID[name]

    def act(app: BoardApp) -> None:
        if operation.section != MOVE:
            app.say(f"{operation.label or name} means nothing on this page")

    return act


def _back(app: BoardApp) -> None:
    """Out of exactly one layer: a page, then what is marked, then what narrows the view. It never ends the board."""
    gaze = app.gaze
    if len(app.screen_stack) > 2:
        app.pop_screen()
    elif gaze.marked:
        app.look(replace(gaze, marked=frozenset()))
    elif gaze.is_narrowed:
        app.look(replace(gaze, words="", faults=False))


def go(page: Callable[[], Page]) -> Act:
    """To another page: it lies on the overview, and whatever lay there is gone; what it opens lies on it."""

    def act(app: BoardApp) -> None:
        there = [one for one in app.screen_stack if isinstance(one, Page)]
        is_there = len(there) > 1 and type(there[1]) is page
        while len(app.screen_stack) > (3 if is_there else 2):
            app.pop_screen()
        if not is_there:
            app.push_screen(page())

    return act


def _overview(app: BoardApp) -> None:
    while len(app.screen_stack) > 2:
        app.pop_screen()


def _quit(app: BoardApp) -> None:
    app.exit(0)


def _redraw(app: BoardApp) -> None:
    """The whole screen, for a terminal that something else has written on."""
    app.refresh(repaint=True, layout=True)


def _faults(app: BoardApp) -> None:
    """Only where it is seen: a filter that was set elsewhere would hide services from whoever comes back."""
    if not isinstance(app.page, Overview):
        _nothing("faults")(app)
        return
    app.look(replace(app.gaze, faults=not app.gaze.faults))


def _sort(app: BoardApp) -> None:
    if not isinstance(app.page, Overview):
        _nothing("sort")(app)
        return
    app.look(app.gaze.sorted_next())
    app.say(f"sorted {SORT_WORDS[app.gaze.sort]}")


def _pause(app: BoardApp) -> None:
    app.pause()


def _suspend(app: BoardApp) -> None:
    if app.has_shell:
        app.action_suspend_process()
    else:
        app.say("there is no shell here that could have it go on, so it does not stop")


def _copy(app: BoardApp) -> None:
    """What the page says of what is selected, else its name."""
    aim = app.page.aim()
    text = aim.text or "\n".join(map(app.board.name_of, aim.services))
    if text:
        app.copy(text)
    else:
        app.say("there is nothing to copy here", "bad")


def _wallboard(app: BoardApp) -> None:
    app.push_screen(Wallboard())


LOOKED_AT: Mapping[str, Act] = {"banner": pushing.show_banner}
"""What is left of an operation for a person without rights, who sees everything and changes nothing."""

CARRIED_OUT: Mapping[str, Act] = {
    **{one.id: _nothing(one.id) for one in OPERATIONS},
    "back": _back,
    "overview": _overview,
    "quit": _quit,
    "pause": _pause,
    "faults": _faults,
    "wallboard": _wallboard,
    "sort": _sort,
    "redraw": _redraw,
    "suspend": _suspend,
    "acknowledge": acting.acknowledge,
    "resolve": acting.resolve,
    "comment": acting.comment,
    "ticket": pushing.ticket,
    "banner": pushing.banner,
    "notify": pushing.notify,
    "recheck": acting.recheck,
    "silence": quieting.silence,
    "maintenance": quieting.maintenance,
    "simulate": quieting.simulate,
    "test-mode": quieting.test_mode,
    "reload": acting.reload,
    "explain": explain,
    "copy": _copy,
    "incidents": go(IncidentsPage),
    "deliveries": go(DeliveriesPage),
    "vendors": go(VendorsPage),
    "quiet": go(QuietPage),
    "statistics": go(StatisticsPage),
    "palette": choosing.palette,
    "problems": show_problems,
    "theme": choosing.theme,
    "help": show_help,
}
