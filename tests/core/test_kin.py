"""Who depends on whom, against a naive closure; and when that explains a failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.small import NOON, READINGS
from tui_monitor.core.incident import Leaning
from tui_monitor.core.model import Belief, Observation, Service
from tui_monitor.core.quiet import Kin, Why, ancestors, cycle_in, suppression
from tui_monitor.core.status import Status

NAMES = "abcdef"
GRAPHS = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map(tuple), max_size=6
)


def reachable(name: str, depends: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything at the end of some way along the arrows, found by walking until nothing new is met."""
    met: set[str] = set()
    while True:
        further = {above for one in (name, *met) for above in depends.get(one, ())}
        if further <= met:
            return met
        met |= further


def distance(name: str, other: str, depends: Mapping[str, Sequence[str]]) -> int:
    ring, steps = {name}, 0
    while other not in ring:
        ring, steps = {above for one in ring for above in depends.get(one, ())}, steps + 1
    return steps


@given(GRAPHS)
def test_ancestors_are_everything_above_once_and_nearest_first(depends: dict[str, tuple[str, ...]]):
    services = {name: Service(name, name.upper(), depends_on=above) for name, above in depends.items()}
    known = {name: [one for one in above if one in services and one != name] for name, above in depends.items()}
    for name in services:
        found = ancestors(name, services)
        assert set(found) == reachable(name, known) - {name}
        assert len(found) == len(set(found))
        steps = [distance(name, one, known) for one in found]
        assert steps == sorted(steps)
    assert ancestors("nobody", services) == ()


@given(GRAPHS)
def test_a_ring_is_found_just_where_there_is_one_and_named_in_its_order(depends: dict[str, tuple[str, ...]]):
    ring = cycle_in(depends)
    assert bool(ring) == any(name in reachable(name, depends) for name in depends)
    assert all(after in depends[one] for one, after in zip(ring, (*ring[1:], *ring[:1]), strict=True))
    assert len(set(ring)) == len(ring)


# -- whether it explains a failure ----------------------------------------------------------------------------------

SINCE = NOON
ROUTER = Service("router", "Router")


def kin(status: Status, letter: str = "u", *, late: float = 1.0, leaning: str = "", streak: int = 0) -> Kin:
    """The router as it is believed to be, and its newest look so many seconds after the failure."""
    looked = Observation("router", SINCE + timedelta(seconds=late), 0.1, READINGS[letter])
    return Kin(ROUTER, Belief("router", status, leaning=leaning, streak=streak), looked)


@pytest.mark.parametrize(
    ("one", "why", "reason"),
    [
        (kin(Status.MAJOR, "d"), Why.SUPPRESSED, "suppressed by Router, which is major"),
        (kin(Status.PARTIAL, "p"), Why.SUPPRESSED, "suppressed by Router, which is partial"),
        (kin(Status.MAJOR, "?"), Why.SUPPRESSED, "suppressed by Router, which is major"),
        (
            kin(Status.MAJOR, "u", leaning=Leaning.GOOD, streak=1),
            Why.SUPPRESSED,
            "suppressed by Router, which is major",
        ),
        (kin(Status.DEGRADED, "g"), None, ""),
        (kin(Status.MAINTENANCE, "m"), None, ""),
        (kin(Status.OPERATIONAL), None, ""),
        (kin(Status.UNKNOWN, "?"), None, ""),
        (kin(Status.OPERATIONAL, late=-1), Why.WAITING, "waits for a look at Router, on which it depends"),
        (kin(Status.OPERATIONAL, late=0), None, ""),
        (kin(Status.OPERATIONAL, "d", leaning=Leaning.BAD, streak=1), Why.WAITING, "waits until it is sure whether"),
        (kin(Status.DEGRADED, "d", leaning=Leaning.WORSE, streak=2), Why.WAITING, "waits until it is sure whether"),
        (kin(Status.DEGRADED, "u", leaning=Leaning.GOOD, streak=1), None, ""),
        (kin(Status.OPERATIONAL, "?", leaning=Leaning.BAD, streak=1), None, ""),
    ],
)
def test_what_explains_a_failure_and_what_is_waited_for(one: Kin, why: Why | None, reason: str):
    found = suppression([one], SINCE)
    assert (found.why if found else None) is why
    assert found is None or (found.reason.startswith(reason) and found.by == "router")


def test_what_is_down_explains_it_whatever_else_is_doubtful():
    unseen = Kin(Service("switch", "Switch"), Belief("switch"), None)
    doubted = kin(Status.OPERATIONAL, "d", leaning=Leaning.BAD, streak=1)
    down = kin(Status.MAJOR, "d")
    for row in ([unseen, doubted, down], [down, unseen], [doubted, down, unseen]):
        found = suppression(row, SINCE)
        assert found is not None and found.why is Why.SUPPRESSED
    found = suppression([unseen, doubted], SINCE)
    assert found is not None and (found.why, found.by) == (Why.WAITING, "switch")
    assert suppression([], SINCE) is None
