"""Verbs that keep people from being told for a while: silences and planned work, each with an end and a reason."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime

from tui_monitor.cli.acting import do, kept
from tui_monitor.cli.asking import listed
from tui_monitor.cli.parser import BadUsage
from tui_monitor.cli.reach import engine_of, wait_for
from tui_monitor.cli.spans import span_of, start_of
from tui_monitor.cli.words import zone_of
from tui_monitor.core.ports import Command


def silence(asked: Namespace) -> int:
    """A service may be called `list`: with an end, it is one."""
    if asked.target in (None, "list") and not (asked.lasts or asked.text):
        return listed(asked, "silences", "Nothing is silenced.")
    if asked.target is None:
        raise BadUsage("say what is to be silent: a service, group:NAME, tag:NAME or all")
    return do(asked, Command("silence", asked.target, _reason(asked), options={"for": _length(asked)}))


def unsilence(asked: Namespace) -> int:
    return do(asked, Command("unsilence", asked.id))


def maintenance(asked: Namespace) -> int:
    if asked.action == "start":
        reason, options = _reason(asked), {"for": _length(asked), "at": _start(asked)}
        return do(asked, Command("maintenance", asked.target, reason, options=options))
    if asked.action == "end":
        return do(asked, Command("end-maintenance", asked.id))
    return listed(asked, "maintenance", "No work is planned.")


def _length(asked: Namespace) -> str:
    if not asked.lasts:
        raise BadUsage("say for how long: --for 2h")
    return span_of("--for", asked.lasts)


def _reason(asked: Namespace) -> str:
    """Whoever finds a service quiet must be able to learn why."""
    if not asked.text.strip():
        raise BadUsage("say why, for whoever wonders: -m TEXT")
    return kept(asked.text)


def _start(asked: Namespace) -> str:
    """In the zone of the board, which the engine knows."""
    if not asked.at:
        return ""
    return start_of("--at", asked.at, datetime.now(UTC), zone_of(wait_for(_zone(asked))))


async def _zone(asked: Namespace) -> str:
    engine = engine_of(asked)
    await engine.health()
    return engine.timezone
