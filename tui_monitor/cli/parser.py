"""The grammar of the command line. What each verb does is elsewhere, imported when the verb is called."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from tui_monitor import __version__
from tui_monitor.core.errors import TuiMonitorError

SUPPRESS = argparse.SUPPRESS

CONFIG = "the config (default: $TUI_MONITOR_CONFIG, else ./config.yaml, else that of your user)"


class BadUsage(TuiMonitorError):
    """Call it another way: the text says which."""


class _Parser(argparse.ArgumentParser):
    """Errors are raised, for they are told like any other: in one sentence."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_abbrev=False, **kwargs)

    def error(self, message: str) -> NoReturn:
        raise BadUsage(f"{_plain(message)} (see {self.prog} --help)")


def _plain(message: str) -> str:
    choice = re.match(r"argument [^:]+: invalid choice: '(.*?)' \(choose from (.*)\)$", message, re.DOTALL)
    if not choice:
        return message
    known = re.findall(r"[\w-]+", choice[2])
    return f"there is no command {choice[1]!r}; {near(choice[1], known)}"


def near(word: str, known: Sequence[str]) -> str:
    """Which of the known words may have been meant, else all of them."""
    found = difflib.get_close_matches(word, known, 2)
    return f"did you mean {' or '.join(found)}?" if found else f"there are {', '.join(known)}"


def parser() -> argparse.ArgumentParser:
    """Every command of this release, and none that is to come."""
    top = _Parser(
        prog="tui-monitor",
        description="Watches services, keeps incidents, and tells outside places exactly once. "
        "Without a COMMAND it shows the board, with the engine that runs on the config, or else with one of its own.",
        epilog="Exit codes: 0 fine, 1 not well or refused, 2 bad usage or config, 3 no engine, 130 interrupted "
        "(a board that a signal ends: 128 and its number).",
    )
    top.add_argument("--version", action="version", version=f"tui-monitor {__version__}")
    top.add_argument("--no-tui", action="store_true", help="run the engine headless until SIGTERM or SIGINT")
    top.add_argument("--demo", action="store_true", help="run on the built-in demo; leaves no trace")
    top.add_argument("--read-only", action="store_true", help="a board that shows everything and changes nothing")
    top.add_argument("--ascii", action="store_true", help="a board for terminals that know no other letters")
    top.add_argument("--theme", metavar="NAME", default="", help="the colours of the board (default: the config's)")
    _common(top, None, False)
    verbs = top.add_subparsers(dest="verb", metavar="COMMAND", parser_class=_Parser)
    _add_beginning(verbs)
    _add_looking(verbs)
    _add_asking(verbs)
    _add_acting(verbs)
    _add_pushing(verbs)
    _add_quieting(verbs)
    _add_rehearsing(verbs)
    return top


def _common(parser: argparse.ArgumentParser, config: Any = SUPPRESS, debug: Any = SUPPRESS) -> None:
    """Taken before the verb or after it; what is absent after it must not undo what stood before."""
    parser.add_argument("-c", "--config", metavar="FILE", type=Path, default=config, help=CONFIG)
    parser.add_argument("--debug", action="store_true", default=debug, help="show tracebacks")


def _verb(verbs: Any, name: str, does: str, *, data: bool = False) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = verbs.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
    _common(made)
    if data:
        made.add_argument("--json", action="store_true", default=SUPPRESS, help="print one JSON document")
    return made


def _add_looking(verbs: Any) -> None:
    check = _verb(verbs, "check", "look once, now, without an engine", data=True)
    check.add_argument("names", nargs="*", metavar="NAME", help="a service; all of them if none is named")
    _verb(verbs, "validate", "tell every problem of the config at once, or how soon each outage is found", data=True)
    _verb(verbs, "doctor", "prove destinations, state and machine, without posting anything", data=True)
    _verb(verbs, "schema", "print the JSON Schema of the config, for editors")
    vendors = _verb(verbs, "vendors", "list the vendors whose status pages are known by name", data=True)
    vendors.add_argument("text", nargs="*", metavar="TEXT", help="words of a name or a category, like azure or mail")


def _add_asking(verbs: Any) -> None:
    _verb(verbs, "status", "show the board as it stands, from the engine or else from the store", data=True)
    incidents = _verb(verbs, "incidents", "list open incidents", data=True)
    incidents.add_argument("--all", action="store_true", default=SUPPRESS, help="resolved ones too")
    show = _verb(
        _below(incidents), "show", "show one incident: its timeline, who was told and who is yet to be", data=True
    )
    show.add_argument("id", metavar="ID", help="an incident, or the beginning of its id")
    deliveries = _verb(verbs, "deliveries", "list what has not reached its destination, and why", data=True)
    below = _below(deliveries)
    for name, does in (("retry", "send a delivery now"), ("drop", "give up a delivery")):
        row = _verb(below, name, does, data=True)
        row.add_argument("id", metavar="ID", help="a delivery, or the beginning of its id")
    stats = _verb(verbs, "stats", "count incidents, with mean times, and the uptime of each service", data=True)
    _add_since(stats, "30d")
    report = _verb(verbs, "report", "sum up a span of time in Markdown", data=True)
    _add_since(report, "7d")
    report.add_argument("-o", "--output", metavar="FILE", type=Path, help="write it into a file")


def _add_since(verb: argparse.ArgumentParser, usual: str) -> None:
    verb.add_argument(
        "--since", metavar="TIME", default=usual, help=f"how far back, like 24h or 30d (default {usual})"
    )


def _below(parser: argparse.ArgumentParser) -> Any:
    return parser.add_subparsers(dest="action", metavar="[ACTION]", parser_class=_Parser)


def _add_acting(verbs: Any) -> None:
    acting: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], object]], ...] = (
        ("ack", "acknowledge an incident", _add_message),
        ("note", "add a note to an incident", _add_text),
        ("resolve", "resolve an incident by hand; it stays so while its cause lasts", _add_message),
    )
    for name, does, add_words in acting:
        verb = _verb(verbs, name, does, data=True)
        verb.add_argument("id", metavar="ID", help="an incident, or the beginning of its id")
        add_words(verb)
    recheck = _verb(verbs, "recheck", "let the engine look now, and say what it saw", data=True)
    recheck.add_argument("names", nargs="+", metavar="NAME", help="a service")


def _add_pushing(verbs: Any) -> None:
    notify = _verb(verbs, "notify", "write an update of an incident to those who were told of it", data=True)
    notify.add_argument("id", metavar="ID", help="an incident, or the beginning of its id")
    _add_text(notify, "what to tell")
    _add_to(notify, "a destination, or several; whoever is told of the incident if none is named")
    notify.add_argument("--preview", action="store_true", help="show what each would be told, and tell nobody")
    ticket = _verb(verbs, "ticket", "open a ticket of an incident, unless there is one", data=True)
    ticket.add_argument("id", metavar="ID", help="an incident, or the beginning of its id")
    ticket.add_argument("destination", nargs="?", metavar="DESTINATION", help="where, if several open tickets")
    _add_message(ticket, "what to say in it beside what is wrong")
    banner = _verb(verbs, "banner", "show the banner of the board, or push and clear it", data=True)
    below = _below(banner)
    _verb(below, "show", "show what stands where, and what the board would say", data=True)
    push = _verb(below, "push", "show another banner, in place of the one that stands", data=True)
    push.add_argument("text", nargs="*", metavar="TEXT", help="what to show (default: what the board would say)")
    push.add_argument("--severity", metavar="S", default="", help="info, warning or error")
    clear = _verb(below, "clear", "clear the banner", data=True)
    for verb in (push, clear):
        _add_to(verb, "a destination, or several; all that show a banner if none is named")


def _add_to(verb: argparse.ArgumentParser, does: str) -> None:
    verb.add_argument("--to", nargs="+", action="extend", default=[], metavar="DESTINATION", help=does)


def _add_quieting(verbs: Any) -> None:
    silence = _verb(verbs, "silence", "tell nobody of some services for a while, or list what is silenced", data=True)
    _add_target(silence, nargs="?")
    _add_for(silence, "how long nobody is told, like 2h")
    _add_message(silence)
    unsilence = _verb(verbs, "unsilence", "end a silence now", data=True)
    unsilence.add_argument("id", metavar="ID", help="a silence, or the beginning of its id")
    maintenance = _verb(verbs, "maintenance", "list planned work, or plan and end it", data=True)
    below = _below(maintenance)
    _verb(below, "list", "list planned work, running and to come", data=True)
    start = _verb(below, "start", "plan work: services are looked at, marked, and nobody is told", data=True)
    _add_target(start)
    _add_for(start, "how long it lasts, like 2h")
    start.add_argument(
        "--at",
        metavar="WHEN",
        default="",
        help='when it begins: 22:00, "tomorrow 03:00", +2h or RFC 3339, in the zone of the board (default now)',
    )
    _add_message(start)
    end = _verb(below, "end", "end planned work now, or call it off", data=True)
    end.add_argument("id", metavar="ID", help="planned work, or the beginning of its id")


def _add_rehearsing(verbs: Any) -> None:
    test = _verb(verbs, "test-mode", "mark everything told outside as a test, or say whether it is", data=True)
    test.add_argument("state", nargs="?", metavar="on|off", help="switch it on or off")
    simulate = _verb(
        verbs, "simulate", "let a service look as if it had a status, or list such rehearsals", data=True
    )
    simulate.add_argument("name", nargs="?", metavar="NAME", help="a service")
    simulate.add_argument("status", nargs="?", metavar="STATUS", help="a status such as major, or off to end it")
    _add_for(simulate, "how long it looks so, like 2m (default 2m)")
    _verb(verbs, "reload", "let the engine read its config anew, and say what differs", data=True)
    ping = _verb(verbs, "ping", "send a sign of life to a service that waits for it", data=True)
    ping.add_argument("name", metavar="NAME", help="a service")
    how = ping.add_mutually_exclusive_group()
    how.add_argument("--start", action="store_true", help="the job has begun")
    how.add_argument("--fail", action="store_true", help="the job has failed")
    how.add_argument("--code", metavar="N", help="the exit code of the job: 0 is done, others have failed")
    _add_message(ping, "what the job has to say; - takes the end of what comes in on stdin")


def _add_beginning(verbs: Any) -> None:
    init = _verb(verbs, "init", "write a config to begin with, which runs as it stands", data=True)
    init.add_argument("file", nargs="?", metavar="FILE", help="where to; - prints it (default config.yaml)")
    bring = _verb(verbs, "import", "make a config of another monitor's, and tell what it cannot hold", data=True)
    bring.add_argument(
        "format", metavar="FORMAT", help="cachet-url-monitor, asl, server-status-check, gatus or cachet"
    )
    bring.add_argument(
        "source",
        metavar="SOURCE",
        help="its config file; - for what comes in on stdin; of cachet, the address of its page",
    )
    bring.add_argument("-o", "--output", metavar="FILE", help="where to (default: print it)")
    for verb in (init, bring):
        verb.add_argument("--force", action="store_true", help="write over a file that is there")


def _add_target(verb: argparse.ArgumentParser, nargs: Any = None) -> None:
    verb.add_argument("target", nargs=nargs, metavar="TARGET", help="a service, group:NAME, tag:NAME or all")


def _add_for(verb: argparse.ArgumentParser, does: str) -> None:
    verb.add_argument("--for", dest="lasts", metavar="TIME", default="", help=does)


def _add_message(verb: argparse.ArgumentParser, does: str = "why") -> None:
    verb.add_argument("-m", "--message", dest="text", metavar="TEXT", default="", help=does)


def _add_text(verb: argparse.ArgumentParser, does: str = "what to note") -> None:
    verb.add_argument("text", nargs="+", metavar="TEXT", help=does)
