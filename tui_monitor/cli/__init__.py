"""The command line: reads the words, calls the verb, and turns every error into one sentence and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from keyword import iskeyword
from types import TracebackType

from tui_monitor.cli.exits import Exit
from tui_monitor.core.errors import ConfigError, EngineUnreachable, TuiMonitorError
from tui_monitor.core.text import clean

VERBS = {
    "check": "looking",
    "validate": "looking",
    "doctor": "proving",
    "schema": "looking",
    "status": "asking",
    "incidents": "asking",
    "deliveries": "asking",
    "stats": "asking",
    "report": "reporting",
    "ack": "acting",
    "note": "acting",
    "resolve": "acting",
    "recheck": "acting",
    "notify": "pushing",
    "ticket": "pushing",
    "banner": "pushing",
    "silence": "quieting",
    "unsilence": "quieting",
    "maintenance": "quieting",
    "test-mode": "rehearsing",
    "simulate": "rehearsing",
    "reload": "acting",
    "ping": "pinging",
    "init": "beginning",
    "import": "beginning",
    "vendors": "listing",
}
"""Which module of this package has the function of each verb."""


def main(argv: Sequence[str] | None = None) -> int:
    """The whole program; returns its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in words
    sys.excepthook = sys.__excepthook__ if debug else _last_word
    _have_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the charset lacks is no crash
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except TuiMonitorError as error:
        if debug:
            traceback.print_exception(error)
        return _refuse(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:  # whoever read us has seen enough
        _drop_output()
        return Exit.FINE
    except OSError as error:
        _drop_output()
        if debug:
            traceback.print_exception(error)
        print(f"tui-monitor: the system refuses: {_reason(error)}", file=sys.stderr)
        return Exit.REFUSED


def _have_streams() -> None:
    """Where the shell has closed stdin, stdout or stderr, no file of ours may come to stand in its place."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - lives on


def _run(words: Sequence[str]) -> int:
    from tui_monitor.cli.parser import BadUsage, parser

    try:
        asked = parser().parse_args(words)
    except SystemExit as end:  # --help and --version have printed what they had to say
        return int(end.code or 0)
    if asked.verb is None:
        return _call("running", "run", asked)
    if asked.no_tui or asked.demo or asked.read_only or asked.ascii or asked.theme:
        raise BadUsage(f"flags of the board and the engine take no command: call {asked.verb} without them")
    return _call(VERBS[asked.verb], asked.verb, asked)


def _call(module: str, function: str, asked: Namespace) -> int:
    name = function.replace("-", "_") + "_" * iskeyword(function)
    code: int = getattr(import_module(f"tui_monitor.cli.{module}"), name)(asked)
    return code


def _drop_output() -> None:
    """What is left in the buffer has nowhere to go, and must not be tried again at the exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(error: TuiMonitorError) -> int:
    from tui_monitor.cli.parser import BadUsage
    from tui_monitor.places import PlaceUnusable

    if isinstance(error, ConfigError):
        print(error, file=sys.stderr)
        return Exit.BAD_USAGE
    print(f"tui-monitor: {clean(str(error), 2000)}{_way_out(error)}", file=sys.stderr)
    if isinstance(error, BadUsage | PlaceUnusable):
        return Exit.BAD_USAGE
    return Exit.NO_ENGINE if isinstance(error, EngineUnreachable) else Exit.REFUSED


def _way_out(error: TuiMonitorError) -> str:
    from tui_monitor.control.client import NOBODY

    is_alone = isinstance(error, EngineUnreachable) and str(error).startswith(NOBODY)
    return ": start one with tui-monitor --no-tui" if is_alone else ""


def _reason(error: OSError) -> str:
    """Which file it is about is half of the answer."""
    what = error.strerror or str(error)
    return clean(f"{error.filename}: {what}" if isinstance(error.filename, str) else what, 2000)


def _last_word(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of ours: its text might hold a secret, so only its kind is told."""
    print(
        f"tui-monitor: it failed in a way that nobody foresaw ({kind.__name__}); --debug shows where", file=sys.stderr
    )
