"""Verbs that show something: from the running engine, else from what the store remembers."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tui_monitor.cli import acting
from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import draw, print_json, tell
from tui_monitor.cli.parser import BadUsage
from tui_monitor.cli.reach import engine_of, wait_for
from tui_monitor.cli.words import statistics_lines, zone_of
from tui_monitor.core.errors import EngineUnreachable
from tui_monitor.core.ports import Command
from tui_monitor.core.status import Status
from tui_monitor.core.text import duration_of, spell_duration

CENTURY = 100 * 365 * 86400.0


def status(asked: Namespace) -> int:
    snapshot, found = wait_for(_status(asked))
    if _wants_json(asked):
        print_json(snapshot)
        return verdict(snapshot)
    from tui_monitor.cli import tables

    now = datetime.now(UTC)
    tell(_where_from(snapshot, found, now))
    if snapshot.get("trouble"):
        tell(f"Trouble: {snapshot['trouble']}")
    draw(tables.counts(snapshot), tables.services(snapshot, now))
    return verdict(snapshot)


def verdict(snapshot: Mapping[str, Any]) -> int:
    """As of `check`: what is not known to be well is not well."""
    well = all(Status(one["status"]).is_good for one in snapshot["services"])
    return Exit.FINE if well else Exit.NOT_OPERATIONAL


async def _status(asked: Namespace) -> tuple[dict[str, Any], str]:
    try:
        return await engine_of(asked).snapshot(), ""
    except EngineUnreachable as error:
        from tui_monitor.cli.remembered import remembered

        async with remembered(asked) as store:
            return await store.snapshot(), str(error)


def _where_from(snapshot: Mapping[str, Any], found: str, now: datetime) -> str:
    age = spell_duration(max(0.0, (now - datetime.fromisoformat(snapshot["at"])).total_seconds()))
    if snapshot["source"] == "engine":
        return f"{snapshot['title']}: from the running engine, now."
    return f"{snapshot['title']}: {found}; from the store, as it was {age} ago."


def incidents(asked: Namespace) -> int:
    if asked.action == "show":
        return _show(asked)
    options = {"all": "1"} if getattr(asked, "all", False) else {}
    found, zone = _history(asked, "incidents", **options)
    if _wants_json(asked):
        print_json(found)
        return Exit.FINE
    from tui_monitor.cli import tables

    if found:
        draw(tables.incidents(found, zone_of(zone)))
    else:
        tell("There is no incident yet." if options else "No incident is open.")
    return Exit.FINE


def _show(asked: Namespace) -> int:
    found, zone = _history(asked, "incident", id=asked.id)
    if _wants_json(asked):
        print_json(found)
    else:
        from tui_monitor.cli import tables

        draw(*tables.incident(found, zone_of(zone)))
    return Exit.FINE


def deliveries(asked: Namespace) -> int:
    if asked.action:
        return acting.do(asked, Command(asked.action, asked.id))
    found, zone = _history(asked, "deliveries")
    if _wants_json(asked):
        print_json(found)
    elif found:
        from tui_monitor.cli import tables

        draw(tables.deliveries(found, zone_of(zone)))
    else:
        tell("Nothing is owed to anybody.")
    return Exit.FINE


def stats(asked: Namespace) -> int:
    found, zone = _history(asked, "stats", since=_since(asked.since))
    if _wants_json(asked):
        print_json(found)
    else:
        for line in statistics_lines(found, zone_of(zone)):
            print(line)
    return Exit.FINE


def _since(text: str) -> str:
    try:
        seconds = duration_of(text)
    except ValueError as error:
        raise BadUsage(f"--since: {error}") from error
    if not 0 < seconds <= CENTURY:
        raise BadUsage("--since: name a time above zero and below a hundred years, like 24h or 30d")
    return text


def _history(asked: Namespace, what: str, **options: str) -> tuple[Any, str]:
    """What was asked for, and the zone in which a person reads its times."""
    return wait_for(_history_of(asked, what, options))


async def _history_of(asked: Namespace, what: str, options: Mapping[str, str]) -> tuple[Any, str]:
    engine = engine_of(asked)
    try:
        return await engine.history(what, **options), engine.timezone
    except EngineUnreachable as error:
        from tui_monitor.cli.remembered import remembered

        async with remembered(asked) as store:
            answer = await store.history(what, **options)
        tell(f"{error}; from the store.".capitalize())
        return answer, store.timezone


def _wants_json(asked: Namespace) -> bool:
    return bool(getattr(asked, "json", False))
