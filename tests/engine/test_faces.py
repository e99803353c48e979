"""A face that folds changes sees what one that asks anew sees, also of what keeps quiet and of who is told."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from tests.engine.stage import DOWN, SLOW, UNKNOWN, UP, Recorder, Stage
from tui_monitor.checks.group import Group
from tui_monitor.core.errors import CursorExpired, Rejected
from tui_monitor.core.model import Patience, Service
from tui_monitor.core.plan import Route
from tui_monitor.core.window import Scope, Window

AT_ONCE = Patience(down_after=1, up_after=1, flap_after=0)
WEB = Service("web", "Web", every=10.0, patience=AT_ONCE)
QUICK = (Route(("ops",), group_wait=0.0),)

PASSING = {"uptime", "duration"}
"""What goes on from moment to moment and is counted by the face itself."""


@dataclass
class Face:
    """A board somewhere that took one snapshot and has followed changes ever since."""

    cursor: str = ""
    services: dict[str, Any] = field(default_factory=dict)
    incidents: dict[str, Any] = field(default_factory=dict)

    async def follow(self, stage: Stage) -> None:
        try:
            changes = await stage.engine.changes(self.cursor, 0.0)
        except CursorExpired:
            snapshot = await stage.engine.snapshot()
            self.cursor = snapshot["cursor"]
            self.services = {one["id"]: one for one in snapshot["services"]}
            self.incidents = {one["id"]: one for one in snapshot["incidents"]}
            return
        self.cursor = changes.cursor
        for table, rows in ((self.services, changes.services), (self.incidents, changes.incidents)):
            table.update({name: row for name, row in rows.items() if row is not None})
            for name in [name for name, row in rows.items() if row is None]:
                table.pop(name, None)

    async def lies(self, stage: Stage) -> dict[str, Any]:
        """What it shows and is not so, and stays so beyond the next tick, at which time itself is noticed."""
        await stage.wait(1.1)
        if not await self._differs(stage):
            return {}
        await stage.wait(1.1)
        return await self._differs(stage)

    async def _differs(self, stage: Stage) -> dict[str, Any]:
        await self.follow(stage)
        snapshot = await stage.engine.snapshot()
        shown = {**self.services, **{name: one for name, one in self.incidents.items() if one["state"] != "resolved"}}
        true = {one["id"]: one for one in (*snapshot["services"], *snapshot["incidents"])}
        found = {name: _differing(shown.get(name, {}), true.get(name, {})) for name in shown.keys() | true.keys()}
        return {name: difference for name, difference in found.items() if difference}


def _differing(shown: dict[str, Any], true: dict[str, Any]) -> dict[str, Any]:
    keys = (shown.keys() | true.keys()) - PASSING
    return {key: (shown.get(key), true.get(key)) for key in keys if shown.get(key) != true.get(key)}


async def down(stage: Stage) -> Face:
    """A face of a board on which one service is down, and everybody has been told."""
    face = Face()
    stage.becomes("web", DOWN)
    await stage.wait(20)
    await face.follow(stage)
    return face


async def silenced(stage: Stage) -> None:
    await stage.do("silence", "web", for_="1h")


async def silence_over(stage: Stage) -> None:
    await stage.do("silence", "web", for_="5s")
    await stage.wait(6)


async def worked_on(stage: Stage) -> None:
    await stage.do("maintenance", "web", for_="1h")


async def rehearsing(stage: Stage) -> None:
    await stage.do("test-mode", "on")


@pytest.mark.parametrize("act", [silenced, silence_over, worked_on, rehearsing])
def test_a_face_sees_who_is_told_of_an_incident_and_who_no_longer(
    act: Callable[[Stage], Coroutine[Any, Any, None]],
) -> None:
    async def story(stage: Stage) -> None:
        face = await down(stage)
        await act(stage)
        assert await face.lies(stage) == {}

    places = (Recorder("ops"), Recorder("page", public=True))
    Stage(WEB, routes=(Route(("ops", "page"), group_wait=0.0),), places=places).play(story)


def test_in_a_rehearsal_it_is_said_why_the_public_is_not_told() -> None:
    async def story(stage: Stage) -> None:
        await stage.do("test-mode", "on")
        stage.becomes("web", DOWN)
        await stage.wait(20)
        (incident,) = (await stage.engine.snapshot())["incidents"]
        assert incident["why"] == [
            {"destination": "ops", "told": True, "reason": "route 1: severity >=degraded"},
            {"destination": "page", "told": False, "reason": "a rehearsal changes nothing that is public"},
        ]

    places = (Recorder("ops"), Recorder("page", public=True))
    Stage(WEB, routes=(Route(("ops", "page"), group_wait=0.0),), places=places).play(story)


def test_a_face_sees_that_a_child_waits_for_its_parent_no_longer() -> None:
    async def story(stage: Stage) -> None:
        face = Face()
        await face.follow(stage)
        await stage.wait(100)
        stage.world.waits["router"] = 4.0
        stage.becomes("web", DOWN)
        seen = set()
        for _ in range(12):
            assert await face.lies(stage) == {}
            seen.add(face.services["web"]["quiet"])
        assert seen == {"", "waits for a look at Router, on which it depends"}

    router = Service("router", "Router", every=600.0, patience=AT_ONCE)
    Stage(router, replace(WEB, depends_on=("router",), every=60.0), routes=QUICK).play(story)


# -- whatever happens -----------------------------------------------------------------------------------------------


def services(random: Random) -> list[Service]:
    """Most of a small town; what one stands on may change with every config."""
    slow = Patience(down_after=2, up_after=2, flap_after=3, flap_calm=60.0)
    town = [
        Service("router", "Router", every=7.0, patience=slow, group="Net"),
        Service("switch", "Switch", every=10.0, patience=AT_ONCE, depends_on=("router",)),
        Service("api", "API", every=10.0, patience=AT_ONCE, depends_on=("switch",), tags=("prod",), group="Own"),
        Service("web", "Web", every=13.0, patience=slow, depends_on=("router",), tags=("prod",)),
        Service("all", "All", Group(all=("API", "Web")), "group", every=10.0, patience=AT_ONCE),
    ]
    lone = Service("lone", "Lone", every=10.0, patience=AT_ONCE, group="Own")
    free = [replace(one, depends_on=()) if random.random() < 0.2 else one for one in town]
    return [*free, lone] if random.random() < 0.7 else free


async def befall(stage: Stage, random: Random) -> None:
    """Something happens, or somebody asks for something, senseless or not."""
    name = random.choice([one.id for one in stage.plan.services])
    board = await stage.engine.snapshot()
    known = [one["id"] for one in (*board["silences"], *board["maintenance"], *board["incidents"])] or [""]
    target = random.choice([name, "all", "tag:prod", "group:Own"])
    asked = random.choice(
        [
            ("silence", target, {"for_": random.choice(["30s", "5m"])}),
            ("maintenance", target, {"for_": random.choice(["20s", "3m"])}),
            ("simulate", name, {"status": random.choice(["major", "operational", "off"]), "for_": "40s"}),
            ("test-mode", random.choice(["on", "off"]), {}),
            *[(verb, random.choice(known), {}) for verb in ("unsilence", "end-maintenance", "ack", "resolve")],
            *[("look", name, {})] * 8,
            ("reload", "", {}),
            ("kill", "", {}),
        ]
    )
    await happen(stage, random, *asked)


async def happen(stage: Stage, random: Random, verb: str, target: str, options: dict[str, str]) -> None:
    if verb == "look":
        stage.becomes(target, random.choice([DOWN, DOWN, UP, UP, SLOW, UNKNOWN]))
    elif verb == "kill":
        await stage.kill()
        await stage.wait(random.choice([1.0, 100.0]))
        await stage.start()
    elif verb == "reload":
        await stage.reload(services=stage.of(*services(random)))
    else:
        with suppress(Rejected):
            await stage.do(verb, target, "words", **options)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_a_face_that_follows_sees_what_one_that_asks_anew_sees(seed: int) -> None:
    random = Random(seed)
    work = Window("w", "tag prod", Scope(tags=("prod",)), cron="*/7 * * * *", lasts=90.0)
    routes = (Route(("ops",), group_wait=random.choice([0.0, 5.0]), remind_every=random.choice([None, 60.0])),)

    async def story(stage: Stage) -> None:
        face = Face()
        for _ in range(40):
            await befall(stage, random)
            await stage.wait(random.choice([0.05, 0.3, 2.0, 15.0]))
            assert await face.lies(stage) == {}

    Stage(*services(random), routes=routes, maintenance=(work,) * (seed % 2)).play(story)
