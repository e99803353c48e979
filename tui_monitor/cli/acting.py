"""Verbs that change something: each is one command to the running engine."""

from __future__ import annotations

from argparse import Namespace

from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import print_json
from tui_monitor.cli.parser import BadUsage
from tui_monitor.cli.reach import engine_of, wait_for
from tui_monitor.core.codec import encode
from tui_monitor.core.ports import Command, Outcome
from tui_monitor.core.text import clean

LONGEST = 5000
"""Characters of a text that the engine keeps."""


def ack(asked: Namespace) -> int:
    return do(asked, Command("ack", asked.id, _kept(asked.text)))


def note(asked: Namespace) -> int:
    return do(asked, Command("note", asked.id, _kept(" ".join(asked.text))))


def resolve(asked: Namespace) -> int:
    return do(asked, Command("resolve", asked.id, _kept(asked.text)))


def recheck(asked: Namespace) -> int:
    return do(asked, *(Command("recheck", name) for name in asked.names))


def _kept(text: str) -> str:
    """Whoever writes more must hear of it now, not find the end missing in the timeline."""
    if len(text) > LONGEST:
        raise BadUsage(f"the text is {len(text):,} characters long, and {LONGEST:,} are kept: shorten it")
    return text


def do(asked: Namespace, *commands: Command) -> int:
    """Carry the commands out, one after the other; the first that is refused ends it."""
    outcomes = wait_for(_do(asked, commands))
    if getattr(asked, "json", False):
        made = [encode(outcome) for outcome in outcomes]
        print_json(made if len(made) > 1 else made[0])
    else:
        for outcome in outcomes:
            print(clean(outcome.text))
    return Exit.FINE


async def _do(asked: Namespace, commands: tuple[Command, ...]) -> list[Outcome]:
    engine = engine_of(asked)
    return [await engine.do(command) for command in commands]
