"""Verbs for a rehearsal: nothing public changes, and whoever is told reads that it is a test."""

from __future__ import annotations

from argparse import Namespace

from tui_monitor.cli.acting import do
from tui_monitor.cli.asking import board_of, listed, wants_json
from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import print_json
from tui_monitor.cli.parser import BadUsage, near
from tui_monitor.cli.spans import span_of
from tui_monitor.core.ports import Command
from tui_monitor.core.status import Status

OFF = "off"
USUAL = "2m"
"""How long a rehearsal lasts that nobody gave a length: one that is forgotten must end by itself."""

STATUSES = (*(status.value for status in Status), OFF)


def test_mode(asked: Namespace) -> int:
    if asked.state is None:
        return _say_mode(asked)
    if asked.state not in ("on", OFF):
        raise BadUsage(f"test mode is switched on or off, not {asked.state!r}")
    return do(asked, Command("test-mode", asked.state))


def _say_mode(asked: Namespace) -> int:
    is_on = board_of(asked).data["test_mode"]
    if wants_json(asked):
        print_json({"test_mode": is_on})
    else:
        print(f"test mode is {'on' if is_on else OFF}")
    return Exit.FINE


def simulate(asked: Namespace) -> int:
    if asked.name is None:
        return listed(asked, "simulations", "Nothing is simulated.")
    if asked.status is None:
        raise BadUsage(f"say what {asked.name!r} is to look like: {', '.join(STATUSES)}")
    if asked.status not in STATUSES:
        raise BadUsage(f"there is no status {asked.status!r}; {near(asked.status, STATUSES)}")
    options = {"status": asked.status}
    if asked.status != OFF:
        options["for"] = span_of("--for", asked.lasts or USUAL)
    return do(asked, Command("simulate", asked.name, options=options))
