"""Verbs that change something: each is one command to the running engine."""

from __future__ import annotations

from argparse import Namespace

from tui_monitor.cli.exits import Exit
from tui_monitor.cli.naming import meant
from tui_monitor.cli.paper import print_json
from tui_monitor.cli.parser import BadUsage
from tui_monitor.cli.reach import engine_of, wait_for
from tui_monitor.cli.refusals import why_not
from tui_monitor.core.codec import encode
from tui_monitor.core.errors import Rejected
from tui_monitor.core.ports import Command, Outcome
from tui_monitor.core.text import clean

LONGEST = 5000
"""Characters of a text that the engine keeps."""


def ack(asked: Namespace) -> int:
    return do(asked, Command("ack", asked.id, kept(asked.text)))


def note(asked: Namespace) -> int:
    return do(asked, Command("note", asked.id, kept(" ".join(asked.text))))


def resolve(asked: Namespace) -> int:
    return do(asked, Command("resolve", asked.id, kept(asked.text)))


def recheck(asked: Namespace) -> int:
    return _show(asked, wait_for(_recheck(asked)))


def reload(asked: Namespace) -> int:
    return do(asked, Command("reload"))


async def _recheck(asked: Namespace) -> list[Outcome]:
    """One after the other; none where a name fits nothing."""
    engine = engine_of(asked)
    known = {one["id"]: one["name"] for one in (await engine.snapshot())["services"]}
    wanted = meant(asked.names, known, "on the board", Rejected)
    return [await engine.do(Command("recheck", one)) for one in wanted]


def kept(text: str) -> str:
    """Whoever writes more must hear of it now, not find the end missing in the timeline."""
    if len(text) > LONGEST:
        raise BadUsage(f"the text is {len(text):,} characters long, and {LONGEST:,} are kept: shorten it")
    return text


def do(asked: Namespace, command: Command) -> int:
    return _show(asked, wait_for(_do(asked, command)))


def _show(asked: Namespace, outcomes: list[Outcome]) -> int:
    if getattr(asked, "json", False):
        made = [encode(outcome) for outcome in outcomes]
        print_json(made if len(made) > 1 else made[0])
    else:
        for outcome in outcomes:
            print(clean(outcome.text))
    return Exit.FINE


async def _do(asked: Namespace, command: Command) -> list[Outcome]:
    engine = engine_of(asked)
    try:
        return [await engine.do(command)]
    except Rejected as error:
        raise Rejected(await why_not(engine, command) or str(error)) from error
