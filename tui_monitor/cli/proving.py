"""The verb that proves everything an engine will stand on, without posting anything and without an engine.

Services are not looked at here: that is `check`.
"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Awaitable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from tui_monitor import __version__, config
from tui_monitor.cli.asking import wants_json
from tui_monitor.cli.exits import Exit
from tui_monitor.cli.findings import (
    Finding,
    Verdict,
    fine,
    mend,
    note,
    of_clock,
    of_config,
    of_disk,
    of_extras,
    of_state,
)
from tui_monitor.cli.paper import draw, print_json, tell
from tui_monitor.cli.reach import config_of, wait_for
from tui_monitor.cli.words import size_of
from tui_monitor.core.codec import encode
from tui_monitor.core.errors import ConfigError, EngineUnreachable, StoreError, TuiMonitorError
from tui_monitor.core.plan import Guard, Place, Plan
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import redact
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.places import Places, places_of

GRACE = 0.25
"""Seconds beyond its own time that a proof is given to say itself what went wrong."""

ECHO = 2.0
"""Seconds that an echo to this machine itself may take."""


def doctor(asked: Namespace) -> int:
    path = config_of(asked)
    try:
        plan, problems = config.load(path), []
    except ConfigError as error:
        plan, problems = None, list(error.problems)
    found = [mend("config", str(problem)) for problem in problems]
    found += wait_for(_examine(path, path.resolve().parent, plan))
    if wants_json(asked):
        print_json({"well": _is_well(found), "findings": [encode(one) for one in found]})
    else:
        _show(found)
    return Exit.BAD_USAGE if problems else Exit.FINE if _is_well(found) else Exit.REFUSED


def _is_well(found: Iterable[Finding]) -> bool:
    return not any(one.verdict is Verdict.MEND for one in found)


def _show(found: Sequence[Finding]) -> None:
    from tui_monitor.cli import tables

    draw(tables.findings([encode(one) for one in found]))
    bad = sum(one.verdict is Verdict.MEND for one in found)
    tell("All is well." if not bad else f"{bad} thing{'s are' if bad > 1 else ' is'} to be mended.")


async def _examine(path: Path, home: Path, plan: Plan | None) -> list[Finding]:
    """What needs the config is left out where there is none."""
    places = places_of(path)
    found = [] if plan is None else [_right(path, plan), *_unheard(plan)]
    found += [*of_config(path), *of_state(places)]
    newest, said = await _store(places)
    found += [*said, *of_disk(places, (plan or Plan()).size_limit)]
    found += [of_clock(datetime.now(UTC), newest), *([] if plan is None else [of_extras()])]
    found.append(await _engine(places, newest))
    return found if plan is None else found + await _prove(plan, home)


def _right(path: Path, plan: Plan) -> Finding:
    return fine("config", f"{path} is right: {size_of(plan)}")


def _unheard(plan: Plan) -> list[Finding]:
    return [note("routes", sentence) for sentence in config.unheard_of(plan)]


async def _store(places: Places) -> tuple[datetime | None, list[Finding]]:
    """The newest moment that it knows of, and how it is; one that is not there yet is nothing to speak of."""
    from tui_monitor.store import open_store

    if not places.store.is_file():
        return None, []
    try:
        store = await open_store(places.store, now=datetime.now(UTC), readonly=True)
        try:
            events = (await store.load([])).events
        finally:
            await store.close()
    except StoreError as error:
        return None, [mend("store", str(error))]
    size = f"{places.store.stat().st_size / 10**6:,.1f} MB"
    return max((one.at for one in events), default=None), [fine("store", f"{places.store} can be read: {size}")]


async def _engine(places: Places, newest: datetime | None) -> Finding:
    from tui_monitor.control.client import NOBODY, Client
    from tui_monitor.daemon.lock import running_on

    process, begun = running_on(places.lock), perf_counter()
    who = "one" if process is None else f"process {process}"
    try:
        health = await Client(places.socket).health()
    except EngineUnreachable as error:
        if process is not None:
            return mend("engine", f"{who} runs, but cannot be asked: {error}; see {places.log}")
        return _absence(newest) if str(error) == NOBODY else mend("engine", str(error))
    version = clean(str(health.get("version", "unknown")), 40)
    if not health.get("alive"):
        return mend("engine", f"{who} runs, but has done nothing for a while: see {places.log}")
    if version != __version__:
        return note("engine", f"{who} runs version {version}, and this is {__version__}: restart it")
    return fine(
        "engine", f"{who} runs version {version}, and answers within {spell_duration(perf_counter() - begun)}"
    )


def _absence(newest: datetime | None) -> Finding:
    if newest is None:
        return note("engine", "none runs on this state, and none has run before")
    ago = spell_duration(max(0.0, (datetime.now(UTC) - newest).total_seconds()))
    return note("engine", f"none runs on this state; the last one was there {ago} ago")


# -- over the network -----------------------------------------------------------------------------------------------


async def _prove(plan: Plan, home: Path) -> list[Finding]:
    """Everything at the same time, and each thing with an end."""
    from tui_monitor.daemon.ways import way_out

    guard = plan.guard or Guard(())
    pings = any(service.kind == "ping" for service in plan.services)
    async with way_out(plan, home) as outside:
        told, reached, echoes = await asyncio.gather(
            _try(_proof(place, plan, outside(place.timeout)) for place in plan.places),
            _try(_connect(target, outside(guard.timeout)) for target in guard.targets),
            _try([_echo(outside(ECHO))] if pings else []),
        )
    found = [_destination(place, one, plan) for place, one in zip(plan.places, told, strict=True)]
    found += [_guarded(guard, reached)] if guard.targets else []
    return [*found, *map(_ping, echoes)]


async def _try(proofs: Iterable[Awaitable[str]]) -> list[str | BaseException]:
    """All at once. A stranger's plugin may raise anything, and the others must still be heard."""
    return await asyncio.gather(*proofs, return_exceptions=True)


async def _proof(place: Place, plan: Plan, outside: Outside) -> str:
    """What the place itself proves, and where it needs to know of single services, that those are right."""
    published = {one.name: one.publish[place.name] for one in plan.services if place.name in one.publish}
    proving = getattr(place.plugin, "prove_published", None)
    async with asyncio.timeout(place.timeout + GRACE):
        said = await place.plugin.prove(outside)
        more = await proving(published, outside) if proving is not None and published else ""
    return f"{said}; {more}" if more else said


def _destination(place: Place, tried: str | BaseException, plan: Plan) -> Finding:
    about = f"destination {place.name}"
    if isinstance(tried, str):
        return fine(about, _harmless(tried, plan))
    return mend(about, _harmless(_fault(tried, place.timeout), plan))


def _fault(error: BaseException, timeout: float) -> str:
    """What is ours to say is said; of anything else only the kind, since its text may hold a secret."""
    if isinstance(error, TuiMonitorError):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"no answer within {spell_duration(timeout)}"
    return f"the destination itself failed: {type(error).__name__}"


def _harmless(text: str, plan: Plan) -> str:
    return clean(redact(text, plan.secrets), 500)


async def _connect(target: tuple[str, int], outside: Outside) -> str:
    from tui_monitor.net import build_call

    await outside.net.talk(build_call(*target), outside.timeout)
    return "reached"


def _guarded(guard: Guard, reached: Sequence[str | BaseException]) -> Finding:
    """Too few of them, and every look would count for nothing."""
    about, good = "network guard", sum(isinstance(one, str) for one in reached)
    lost = [
        f"{host}:{port} ({_fault(one, guard.timeout)})"
        for (host, port), one in zip(guard.targets, reached, strict=True)
        if not isinstance(one, str)
    ]
    if not lost:
        return fine(about, f"{_targets(good)} taken a connection")
    unheard = f"cannot be reached: {', '.join(lost)}"
    if good >= guard.quorum:
        return note(about, f"{unheard}; {good} can, and {guard.quorum} would do")
    return mend(about, f"{unheard}; of {len(guard.targets)} only {good} can, so all looks would count for nothing")


def _targets(number: int) -> str:
    return "its target has" if number == 1 else f"all {number} targets have"


async def _echo(outside: Outside) -> str:
    """To this machine itself: whether echoes may be sent at all."""
    from tui_monitor.net import build_echo

    await outside.net.echo(build_echo("127.0.0.1", 1), outside.timeout)
    return "echoes may be sent and come back"


def _ping(tried: str | BaseException) -> Finding:
    return fine("ping", tried) if isinstance(tried, str) else mend("ping", _fault(tried, ECHO))
