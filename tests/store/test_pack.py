"""Packed hours: what comes out is what went in, and it is small."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.store.making import close
from tui_monitor.store.pack import ERROR, PackedLook, columns, merge, pack, unpack

START = 1_700_000_000_000
HOUR = 3_600_000
latencies = st.none() | st.floats(1e-6, 1e6)
hours = st.lists(
    st.tuples(st.integers(0, HOUR - 1), st.integers(0, 5), st.integers(0, 1), latencies),
    min_size=1,
    max_size=80,
    unique_by=lambda look: look[0],
).map(lambda looks: [(START + at, *rest) for at, *rest in sorted(looks)])


def steady(every: int, late: float = 2.0, seed: int = 7) -> list[PackedLook]:
    """An hour at a fixed rate, a few ms late each time, with lognormal latencies."""
    chance = random.Random(seed)
    return [
        (START + i * every + int(chance.expovariate(1 / late)), 0, 0, 0.08 * chance.lognormvariate(0, 0.2))
        for i in range(HOUR // every)
    ]


@given(hours)
@example([(START, 5, 1, None)])
@example([(START, 0, 0, 1e-6), (START + 1, 4, 1, 1e6), (START + HOUR - 1, 5, 0, None)])
@example(steady(10_000))
@example(steady(1_000))
def test_an_hour_comes_back_exact_in_time_and_status_and_within_the_error_in_latency(looks: list[PackedLook]) -> None:
    found = unpack(pack(looks))
    assert [look[:3] for look in found] == [look[:3] for look in looks]
    for mine, theirs in zip(found, looks, strict=True):
        assert close(mine[3], theirs[3], ERROR * 1.001)


@given(hours, hours)
def test_merging_loses_nothing_and_keeps_the_order(packed: list[PackedLook], late: list[PackedLook]) -> None:
    merged = merge(packed, late)
    assert sorted(str(look[1:]) for look in merged) == sorted(str(look[1:]) for look in [*packed, *late])
    assert all(earlier[0] < later[0] for earlier, later in pairwise(merged))
    assert unpack(pack(merged))[0][0] == merged[0][0]


@given(hours)
def test_merging_moves_nobody_without_need(looks: list[PackedLook]) -> None:
    assert merge(looks[::2], looks[1::2]) == looks


def test_a_look_of_a_steady_service_costs_about_two_bytes() -> None:
    looks = steady(10_000)
    assert len(pack(looks)) / len(looks) < 2.1


def test_a_rate_that_is_no_whole_number_of_milliseconds_costs_no_more() -> None:
    looks = [(START + round(i * 3333.34), *rest) for i, (_, *rest) in enumerate(steady(3333))]
    assert len(pack(looks)) / len(looks) < 1.6


def test_a_service_without_latencies_costs_next_to_nothing() -> None:
    looks = [(at, 5, 0, None) for at, *_ in steady(10_000, late=0.1)]
    assert len(pack(looks)) / len(looks) < 0.4


@pytest.mark.parametrize("harm", [lambda blob: blob[:-3], lambda blob: blob[:7], lambda blob: b"\x09" + blob[1:]])
def test_what_was_harmed_is_refused_and_never_guessed(harm: Callable[[bytes], bytes]) -> None:
    blob = pack([(START, 0, 0, 0.1), (START + 5, 0, 0, 0.2)])
    with pytest.raises(ValueError, match="a packed hour"):
        columns(harm(blob))
