"""Without a verb: the board, or an engine without one, on a config or on the small built-in demo."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import tell
from tui_monitor.cli.parser import BadUsage
from tui_monitor.cli.reach import config_of

if TYPE_CHECKING:
    from tui_monitor.daemon import LastWords


def run(asked: Namespace) -> int:
    """`tui-monitor`, `--no-tui` and `--demo`."""
    if asked.demo and asked.config:
        raise BadUsage("--demo has a config of its own: call it without -c")
    if not asked.no_tui:
        from tui_monitor.cli import boarding

        return boarding.run(asked)
    if asked.read_only or asked.ascii or asked.theme:
        raise BadUsage("--read-only, --ascii and --theme are about the board, and --no-tui has none")
    if asked.demo:
        return _finish(_demo())
    from tui_monitor import daemon

    return _finish(daemon.run(config_of(asked)))


def _demo() -> LastWords:
    from tui_monitor import daemon
    from tui_monitor.engine import Clock
    from tui_monitor.fakes.demo import SIGNALS, demo

    with demo() as found:
        tell(f"The demo watches {found.services} services on this machine, and something happens every few seconds.")
        home, config = shlex.quote(str(found.folder)), shlex.quote(str(found.config))
        tell(f"Ask it from another terminal: TUI_MONITOR_HOME={home} {_own_name()} status -c {config}")
        tell("Stop it with Ctrl-C: it leaves no trace.")
        terms = daemon.Terms(on_abort=found.remove, ends_on=SIGNALS, clock=Clock(found.wall))
        return daemon.run(found.config, environ={"TUI_MONITOR_HOME": str(found.folder)}, terms=terms)


def _own_name() -> str:
    """How this very program is called from anywhere."""
    called = Path(sys.argv[0])
    return str(called.absolute()) if called.name == "tui-monitor" else f"{sys.executable} -m tui_monitor"


def _finish(last: LastWords) -> int:
    """The last words on stdout; the process ends even where a thread still waits for a name server."""
    from tui_monitor import daemon
    from tui_monitor.cli.words import statistics_lines, zone_of

    if last.statistics:
        for line in statistics_lines(last.statistics, zone_of(last.timezone), "Statistics of this run,"):
            print(line)
    daemon.leave(Exit.FINE)
    return Exit.FINE
