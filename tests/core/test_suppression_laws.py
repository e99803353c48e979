"""Suppression, in whatever order looks come, however long they take and whenever the engine dies."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.core.fleet import DOWN, Fleet, Member, kin_of
from tui_monitor.core.message import News

NAMES = ("router", "switch", "proxy", "api", "web")
PATIENCE = st.integers(1, 3)
TOOK = st.sampled_from([0.1, 1.0, 9.0, 25.0])
EVERY = st.sampled_from([5.0, 10.0, 30.0])


@st.composite
def fleets(draw: Any) -> list[Member]:
    """Each may stand on any of those before it: chains, trees and diamonds."""
    size = draw(st.integers(2, len(NAMES)))
    members = []
    for number in range(size):
        least = 1 if number == size - 1 else 0
        above = draw(st.sets(st.sampled_from(NAMES[:number]), min_size=least, max_size=2)) if number else set()
        made = Member(NAMES[number], tuple(sorted(above)), draw(EVERY), draw(TOOK), draw(PATIENCE), draw(PATIENCE))
        members.append(made)
    return members


SEEDS = st.integers(0, 2**32 - 1)
CRASHES = st.lists(st.floats(1.0, 120.0), max_size=3)


@given(fleets(), SEEDS, st.floats(0.0, 40.0), CRASHES)
def test_what_fails_only_because_another_does_is_never_told(
    members: list[Member], seed: int, extra: float, crashes: list[float]
):
    """One service goes down, and all that stands on it with it; it comes back some time after that is believed."""
    random = Random(seed)
    of = {one.name: one for one in members}
    fallen = random.choice([one for one in members if any(one.name in kin_of(name, of) for name in of)]).name
    outage = [float("inf"), float("inf")]

    def truth(name: str, at: float) -> str:
        is_hit = name == fallen or fallen in kin_of(name, of)
        return "d" if is_hit and outage[0] <= at < outage[1] else "u"

    fleet = Fleet(members, truth, random)
    fleet.run(70.0)
    outage[0] = fleet.now
    waits = iter(crashes)
    while fleet.desk.beliefs[fallen].status not in DOWN:
        fleet.run(random.uniform(0.5, 10.0))
        if (wait := next(waits, None)) is not None and random.random() < 0.3:
            fleet.run(wait)
            fleet.begin()
        assert fleet.now < 3600
    fleet.run(extra)
    outage[1] = fleet.now
    for wait in waits:
        fleet.run(wait)
        fleet.begin()
    fleet.run(400.0)
    assert [item.service.id for _, item in fleet.told if item.service.id != fallen] == []
    assert list(fleet.lies()) == []
    assert {one.status.value for one in fleet.desk.beliefs.values()} == {"operational"}


@given(st.data(), fleets(), SEEDS, CRASHES)
def test_whoever_still_fails_in_the_light_is_told_once_and_nobody_in_the_shadow(
    data: Any, members: list[Member], seed: int, crashes: list[float]
):
    """Everything fails, slows down and recovers by itself as it likes; in the end it stays as it is."""
    letters = st.text("uuudddgp?", min_size=1, max_size=6)
    lives = {one.name: data.draw(letters, label=one.name) for one in members}
    long = data.draw(st.sampled_from([3.0, 20.0, 90.0]), label="seconds of each")

    def truth(name: str, at: float) -> str:
        life = lives[name] + ("u" if lives[name][-1] == "?" else "")
        return life[min(len(life) - 1, int(at / long))]

    fleet = Fleet(members, truth, Random(seed), data.draw(st.sampled_from([0.0, 10.0])), is_reliable=False)
    for wait in crashes:
        fleet.run(wait)
        if fleet.sending is not None:  # nobody could know whether that has arrived
            fleet.run(10.0)
            fleet.claim()
        assume(fleet.sending is None)
        fleet.begin()
    fleet.run(6 * long + 500.0)
    fleet.is_reliable = True
    fleet.run(60.0)
    for _ in members:
        fleet.claim()  # several may have become due in this very moment, and one is sent at a time
    assert list(fleet.lies()) == []
    assert not fleet.outstanding()


@given(fleets(), SEEDS)
def test_what_only_slows_down_keeps_nobody_quiet(members: list[Member], seed: int):
    last = members[-1]

    def truth(name: str, at: float) -> str:
        return (
            "d"
            if name == last.name
            else "g"
            if name in kin_of(last.name, {one.name: one for one in members})
            else "u"
        )

    fleet = Fleet(members, truth, Random(seed))
    fleet.run(300.0)
    assert [item.news for _, item in fleet.told if item.service.id == last.name][:1] == [News.OPENED]
