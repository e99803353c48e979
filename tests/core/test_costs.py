"""What one look, one turn and one glance of a face cost does not grow with all that is wrong elsewhere.

Counted in lines of Python that were run: the same on every machine and every day.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from types import FrameType
from typing import Any

from tests.core.small import NOON, READINGS
from tests.core.world import Ear, Looker
from tui_monitor.core.model import Observation, Patience, Service
from tui_monitor.core.plan import Place, Plan, Route
from tui_monitor.core.ports import Checkpoint, Command
from tui_monitor.core.views import delivery_id
from tui_monitor.engine import Clock
from tui_monitor.engine.board import Board
from tui_monitor.engine.desk import Desk
from tui_monitor.engine.feed import Feed
from tui_monitor.engine.requests import carry_out
from tui_monitor.engine.runner import Runner
from tui_monitor.store.memory import MemoryStore

FEW, MANY = 20, 400
SLACK = 1.5
"""By how much the cost may differ, for a cache that was cold or a branch that was taken."""


def lines_run(act: Callable[[], Any]) -> int:
    """How many lines were run, each turn of a loop counted."""
    count = 0

    def note(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def run_through(work: Coroutine[Any, Any, Any]) -> None:
    """To the end of what waits for nothing."""
    with suppress(StopIteration):
        work.send(None)


def at(seconds: float) -> Any:
    return NOON + timedelta(seconds=seconds)


def see(desk: Desk, name: str, letter: str, seconds: float) -> None:
    desk.observe(Observation(name, at(seconds), 0.1, READINGS[letter]), at(seconds + 0.1))
    desk.take()


def pairs(count: int) -> Desk:
    """So many parents, each with a child of its own, and all of them down."""
    patience = Patience(1, 1, flap_after=0)
    names = [(f"p{n}", f"c{n}") for n in range(count)]
    parents = [Service(one, one, Looker(), patience=patience) for one, _ in names]
    children = [Service(two, two, Looker(), patience=patience, depends_on=(one,)) for one, two in names]
    route = Route(("ear",), group_wait=10.0)
    plan = Plan((*parents, *children), (Place("ear", "ear", Ear(grouped=True)),), (route,), settle=0.0)
    desk = Desk(plan, Checkpoint(), {}, NOON, seed=1)
    for seconds, letter in ((1.0, "u"), (2.0, "d")):
        for one, two in names:
            see(desk, one, letter, seconds)
            see(desk, two, letter, seconds + 0.5)
    return desk


def grows(cost: Callable[[Desk], int]) -> float:
    return cost(pairs(MANY)) / cost(pairs(FEW))


def test_a_look_at_a_child_costs_the_same_however_many_others_are_down():
    assert grows(lambda desk: lines_run(lambda: see(desk, "c0", "d", 5.0))) < SLACK


def test_a_parent_that_comes_back_costs_the_same_however_many_others_are_down():
    assert grows(lambda desk: lines_run(lambda: see(desk, "p0", "u", 5.0))) < SLACK


def claim(desk: Desk, seconds: float) -> Any:
    found = desk.ledger.claim(desk.draft, desk.ledger.places["ear"], at(seconds))
    desk.take()
    return found


def test_a_turn_in_which_nothing_is_due_yet_costs_the_same_however_much_is_owed():
    def cost(desk: Desk) -> int:
        assert claim(desk, 5.0) is None
        lines = lines_run(lambda: claim(desk, 5.1))
        delivery = claim(desk, 15.0)
        assert delivery is not None and len(delivery.keys) == len(desk.services) // 2, (
            "and all of it goes out in time"
        )
        return lines

    assert grows(cost) < SLACK


def test_what_becomes_due_sooner_than_all_that_was_owed_is_told_in_time():
    desk = pairs(2)
    assert claim(desk, 5.0) is None
    first = next(row for row in desk.ledger.rows.values() if row.is_owed)
    desk.ledger.retry(desk.draft, delivery_id(*first.key), at(6.0))
    delivery = claim(desk, 6.0)
    assert delivery is not None and first.key in delivery.keys


def silence(desk: Desk, target: str, seconds: float) -> None:
    carry_out(desk, Command("silence", target, "why", "ann", {"for": "1h"}), at(seconds), "UTC")
    desk.take()


def test_the_passing_of_time_costs_next_to_nothing_more_for_each_silence():
    def cost(count: int) -> int:
        desk = pairs(FEW)
        for n in range(count):
            silence(desk, f"c{n % FEW}", 3.0 + n / 1000)
        desk.tick(at(4.0))
        desk.take()
        return lines_run(lambda: desk.tick(at(5.0)))

    assert cost(MANY) - cost(FEW) < 10 * (MANY - FEW)


def test_a_silence_that_comes_or_goes_is_heeded_at_once_by_whoever_knew_another():
    desk = pairs(2)
    api = desk.services["p0"]
    silence(desk, "p0", 3.0)
    (first,) = desk.hush.silences
    assert desk.hush.silence_of(api) is desk.hush.silences[first]
    carry_out(desk, Command("silence", "all", "longer", "ann", {"for": "2h"}), at(4.0), "UTC")
    assert getattr(desk.hush.silence_of(api), "reason", "") == "longer"
    desk.take_back(desk.take())
    assert desk.hush.silence_of(api) is desk.hush.silences[first]
    carry_out(desk, Command("unsilence", first, by="ann"), at(5.0), "UTC")
    assert desk.hush.silence_of(api) is None


def test_a_glance_in_which_nothing_has_changed_costs_the_same_however_many_services_are_silenced():
    def cost(desk: Desk) -> int:
        silence(desk, "all", 3.0)
        feed = Feed("x")
        board = Board(Plan(), desk, feed, MemoryStore(), Runner((), Clock(), lambda _: None))

        async def glance() -> int:
            looks = [board.changes("x-0", 0.0, lambda: at(4.0)) for _ in range(2)]
            changes = await looks[0]
            assert len(changes.board["silences"][0]["services"]) == len(desk.services)
            feed.publish(())
            return lines_run(lambda: run_through(looks[1]))

        return asyncio.run(glance())

    assert grows(cost) < SLACK
