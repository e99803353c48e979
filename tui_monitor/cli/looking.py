"""Verbs that need no engine: look once, and read the config."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tui_monitor import config
from tui_monitor.cli.exits import Exit
from tui_monitor.cli.naming import meant
from tui_monitor.cli.paper import draw, print_json, tell
from tui_monitor.cli.parser import BadUsage
from tui_monitor.cli.reach import config_of, wait_for
from tui_monitor.cli.words import size_of
from tui_monitor.core.codec import encode, moment
from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.core.model import Observation, Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Fed
from tui_monitor.core.text import clean, spell_duration

SHOWN = 50
"""Services of which a person is told at length: of more, the verdict would be lost below."""

AT_ONCE = 200
"""Looks under way together: far below what a process may open."""


def validate(asked: Namespace) -> int:
    """Says of each service how long an outage of it can go unnoticed."""
    if getattr(asked, "json", False):
        return _validate_for_scripts(asked)
    path = config_of(asked)
    plan = config.load(path)
    for service in plan.services[:SHOWN]:
        print(clean(_promise(service), 2000))
    if (more := len(plan.services) - SHOWN) > 0:
        print(f"and {more:,} more (--json lists them all)")
    sys.stdout.flush()  # the verdict is the last word, also where both go to one place
    for sentence in config.unheard_of(plan):
        tell(f"note: {sentence}")
    tell(f"{path} is right: {size_of(plan)}.")
    return Exit.FINE


def _validate_for_scripts(asked: Namespace) -> int:
    """One document, whether the config is right or not."""
    found: dict[str, Any] = {"file": None, "services": [], "destinations": [], "notes": [], "problems": []}
    try:
        path = config_of(asked)
        found["file"] = str(path)
        plan = config.load(path)
    except ConfigError as error:
        found["problems"] = [_problem(one) for one in error.problems]
        if found["file"] is None:
            found["file"] = error.problems[0].file or None
        print_json(found)
        return Exit.BAD_USAGE
    found["services"] = [_promised(service) for service in plan.services]
    found["destinations"] = [place.name for place in plan.places]
    found["notes"] = list(config.unheard_of(plan))
    print_json(found)
    return Exit.FINE


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file or None,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "text": problem.text,
    }


def _promised(service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "name": service.name,
        "kind": service.kind,
        "every": service.every,
        "detection": config.detection(service),
        "detection_of_hang": config.detection_of_hang(service),
    }


def _promise(service: Service) -> str:
    every, at_worst = spell_duration(service.every), spell_duration(config.detection(service))
    hanging = spell_duration(config.detection_of_hang(service))
    slower = f", one that only hangs within {hanging}" if hanging != at_worst else ""
    if isinstance(service.check, Fed):
        return f"{service.name}: {service.kind}; a sign that does not come is found within {at_worst} after its grace"
    after = " after its members' own" if getattr(service.check, "members", ()) else slower
    return f"{service.name}: {service.kind} every {every}; an outage is found within {at_worst}{after}"


def schema(asked: Namespace) -> int:
    print_json(config.schema())
    return Exit.FINE


def check(asked: Namespace) -> int:
    path = config_of(asked)
    plan = config.load(path)
    services = chosen(plan, asked.names)
    found = wait_for(_look(plan, path.resolve(), services))
    rows = [view(service, found[service.id]) for service in services]
    if getattr(asked, "json", False):
        print_json(rows)
    else:
        from tui_monitor.cli import tables

        draw(tables.readings(rows))
    well = all(found[service.id].reading.status.is_good for service in services)
    return Exit.FINE if well else Exit.NOT_OPERATIONAL


def chosen(plan: Plan, names: Sequence[str]) -> list[Service]:
    """The services that were named, by id or by name; all of them if none was."""
    if not names:
        return list(plan.services)
    services = {service.id: service for service in plan.services}
    known = {service.id: service.name for service in plan.services}
    return [services[one] for one in meant(names, known, "in the config", BadUsage)]


async def _memos(plan: Plan, path: Path) -> Mapping[str, str]:
    """What earlier looks and signs of life have left to be remembered, where there are checks that need it."""
    if not any(getattr(service.check, "remembers", False) for service in plan.services):
        return {}
    from tui_monitor.cli.remembered import beliefs_of

    return {belief.service: belief.memo for belief in await beliefs_of(plan, path)}


async def _look(plan: Plan, path: Path, services: Sequence[Service]) -> Mapping[str, Observation]:
    """Looks at these, and before each at those that it is made of, so that it knows how they are."""
    from tui_monitor.config.members import members_of
    from tui_monitor.daemon.ways import way_out
    from tui_monitor.engine import Clock, look_once, withheld

    clock, gate = Clock(), asyncio.Semaphore(AT_ONCE)
    known, ids = {one.id: one for one in plan.services}, {one.name: one.id for one in plan.services}
    looks: dict[str, asyncio.Task[Observation]] = {}
    memos = await _memos(plan, path)
    async with way_out(plan, path.parent) as outside, asyncio.TaskGroup() as tasks:

        def begin(ident: str) -> asyncio.Task[Observation]:
            if ident not in looks:
                looks[ident] = tasks.create_task(look(known[ident]))
            return looks[ident]

        async def look(service: Service) -> Observation:
            members = {one: begin(one) for one in (ids.get(name, name) for name in members_of(service))}
            seen = {one: (await task).reading.status for one, task in members.items()}
            async with gate:
                way = outside(service.timeout).knowing(
                    memos.get(service.id, ""), lambda name: seen[ids.get(name, name)]
                )
                return withheld(await look_once(service, way, clock), plan.secrets)

        for service in services:
            begin(service.id)
    return {ident: task.result() for ident, task in looks.items()}


def view(service: Service, seen: Observation) -> dict[str, Any]:
    reading = seen.reading
    return {
        "id": service.id,
        "name": service.name,
        "status": reading.status.value,
        "message": reading.message,
        "latency": reading.latency,
        "phases": encode(reading.phases),
        "incidents": [_vendor(one) for one in reading.incidents or ()],
        "maintenances": [_vendor(one) for one in reading.maintenances],
        "measures": [encode(one) for one in reading.measures],
        "certificate_until": moment(reading.certificate_until) if reading.certificate_until else None,
    }


def _vendor(said: Any) -> dict[str, Any]:
    """As the README documents it: a vendor's incident has its severity under both names."""
    known = encode(said)
    kept = ("ref", "title", "status", "url", "started_at", "updated_at", "maintenance", "components")
    return {**{key: known[key] for key in kept}, "severity": known["status"]}
