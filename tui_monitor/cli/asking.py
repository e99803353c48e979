"""Verbs that show something: from the running engine, else from what the store remembers."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from tui_monitor.cli import acting
from tui_monitor.cli.exits import Exit
from tui_monitor.cli.paper import draw, print_json, tell
from tui_monitor.cli.reach import engine_of, wait_for
from tui_monitor.cli.spans import span_of
from tui_monitor.cli.words import failing_lines, statistics_lines, zone_of
from tui_monitor.core.errors import EngineUnreachable
from tui_monitor.core.ports import Command
from tui_monitor.core.status import Status
from tui_monitor.core.text import spell_duration

T = TypeVar("T")


class Knows(Protocol):
    """What an engine and a store have in common: both know the board and its history."""

    async def snapshot(self) -> dict[str, Any]: ...

    async def history(self, what: str, **options: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The zone is the one in which a person reads the times; `absence` says why no engine gave it, if none did."""

    data: T
    timezone: str
    absence: str = ""


def answer_of(asked: Namespace, question: Callable[[Knows], Awaitable[T]], *, tells: bool = True) -> Answer[T]:
    """From the running engine, else from the store; a person is told which."""
    answer = wait_for(_answer_of(asked, question))
    if answer.absence and tells:
        tell(f"{answer.absence}; from the store.".capitalize())
    return answer


async def _answer_of(asked: Namespace, question: Callable[[Knows], Awaitable[T]]) -> Answer[T]:
    engine = engine_of(asked)
    try:
        return Answer(await question(engine), engine.timezone)
    except EngineUnreachable as error:
        from tui_monitor.cli.remembered import remembered

        async with remembered(asked) as store:
            return Answer(await question(store), store.timezone, str(error))


def board_of(asked: Namespace, *, tells: bool = True) -> Answer[dict[str, Any]]:
    return answer_of(asked, lambda one: one.snapshot(), tells=tells)


def listed(asked: Namespace, key: str, nothing: str) -> int:
    """One list of the board."""
    board = board_of(asked)
    rows = board.data[key]
    if wants_json(asked):
        print_json(rows)
    elif rows:
        from tui_monitor.cli import tables

        draw(tables.LISTS[key](rows, datetime.now(UTC), zone_of(board.timezone)))
    else:
        tell(nothing)
    return Exit.FINE


def status(asked: Namespace) -> int:
    answer = board_of(asked, tells=False)
    snapshot = answer.data
    if wants_json(asked):
        print_json(snapshot)
        return verdict(snapshot)
    from tui_monitor.cli import tables

    now = datetime.now(UTC)
    tell(_where_from(snapshot, answer.absence, now))
    if snapshot.get("trouble"):
        tell(f"Trouble: {snapshot['trouble']}")
    _tell_failing(snapshot, now)
    draw(*tables.heading(snapshot, zone_of(answer.timezone)), tables.services(snapshot, now))
    return verdict(snapshot)


def verdict(snapshot: Mapping[str, Any]) -> int:
    """As of `check`: what is not known to be well is not well."""
    well = all(Status(one["status"]).is_good for one in snapshot["services"])
    return Exit.FINE if well else Exit.NOT_OPERATIONAL


def _where_from(snapshot: Mapping[str, Any], absence: str, now: datetime) -> str:
    age = spell_duration(max(0.0, (now - datetime.fromisoformat(snapshot["at"])).total_seconds()))
    if snapshot["source"] == "engine":
        return f"{snapshot['title']}: from the running engine, now."
    return f"{snapshot['title']}: {absence}; from the store, as it was {age} ago."


def incidents(asked: Namespace) -> int:
    if asked.action == "show":
        return _show(asked)
    options = {"all": "1"} if getattr(asked, "all", False) else {}
    found, zone = _history(asked, "incidents", **options)
    if wants_json(asked):
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
    if wants_json(asked):
        print_json(found)
    else:
        from tui_monitor.cli import tables

        draw(*tables.incident(found, zone_of(zone)))
    return Exit.FINE


def deliveries(asked: Namespace) -> int:
    if asked.action:
        return acting.do(asked, Command(asked.action, asked.id))
    board = board_of(asked)
    found = board.data["deliveries"]
    if wants_json(asked):
        print_json(found)
        return Exit.FINE
    _tell_failing(board.data, datetime.now(UTC))
    if found:
        from tui_monitor.cli import tables

        draw(tables.deliveries(found, zone_of(board.timezone)))
    else:
        tell("Nothing is owed to anybody.")
    return Exit.FINE


def _tell_failing(snapshot: Mapping[str, Any], now: datetime) -> None:
    """An engine of an earlier release says nothing of its places."""
    for sentence in failing_lines(snapshot.get("places") or (), now):
        tell(sentence)


def stats(asked: Namespace) -> int:
    found, zone = _history(asked, "stats", since=span_of("--since", asked.since))
    if wants_json(asked):
        print_json(found)
    else:
        for line in statistics_lines(found, zone_of(zone)):
            print(line)
    return Exit.FINE


def _history(asked: Namespace, what: str, **options: str) -> tuple[Any, str]:
    """What was asked for, and the zone in which a person reads its times."""
    answer = answer_of(asked, lambda one: one.history(what, **options))
    return answer.data, answer.timezone


def wants_json(asked: Namespace) -> bool:
    return bool(getattr(asked, "json", False))
