"""Looks come at a fixed rate, spread evenly, and the wheel turns each of them up on time, once."""

from __future__ import annotations

import heapq
import math

from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.core.schedule import Wheel, first_at, following, next_at, phase

NAMES = st.text(min_size=1, max_size=12)
EVERY = st.floats(0.05, 86400)
MOMENTS = st.floats(0, 1e7)


@given(NAMES, EVERY)
def test_the_place_in_the_interval_is_always_the_same_and_inside_it(name: str, every: float):
    assert 0 <= phase(name, every) <= every
    assert phase(name, every) == phase(name, every)


def test_services_are_spread_evenly():
    places = [phase(f"service {number}", 60.0) for number in range(6000)]
    counts = [sum(second <= place < second + 10 for place in places) for second in range(0, 60, 10)]
    assert all(900 < count < 1100 for count in counts)


@given(NAMES, EVERY, st.integers(1, 20_000), MOMENTS)
def test_the_first_look_is_soon_but_not_all_at_once(name: str, every: float, services: int, start: float):
    first = first_at(name, every, services, start)
    assert start <= first <= start + min(every, services / 500) + 1e-6


@given(NAMES, EVERY, MOMENTS)
def test_the_next_look_is_on_the_services_own_beat_and_neither_crowds_nor_skips(
    name: str, every: float, after: float
):
    found = next_at(name, every, after)
    blur = 1e-6 * every + 1e-9 * after
    assert every / 2 - blur <= found - after <= 1.5 * every + blur
    beats = (found - phase(name, every)) / every
    assert abs(beats - round(beats)) < 1e-3


@given(NAMES, EVERY, MOMENTS)
def test_from_then_on_looks_come_at_a_fixed_rate(name: str, every: float, start: float):
    """However long the program runs, the beat does not drift."""
    at = next_at(name, every, start)
    for _ in range(20):
        later = next_at(name, every, at)
        assert math.isclose(later - at, every, rel_tol=1e-4, abs_tol=1e-8 * later)
        at = later


@given(MOMENTS, EVERY, st.floats(0, 1e6))
def test_what_was_missed_is_skipped_and_the_beat_is_kept(planned: float, every: float, late: float):
    now = planned + late
    found = following(planned, every, now)
    blur = 1e-6 * every + 1e-9 * now
    assert now - blur <= found <= max(now, planned) + every + blur
    assert found >= planned + every - blur
    beats = (found - planned) / every
    assert abs(beats - round(beats)) < 1e-3


TICK = 0.02
STEPS = st.lists(
    st.tuples(st.just("add"), st.floats(-1, 30)) | st.tuples(st.just("take"), st.floats(0, 10)), max_size=60
)


@given(STEPS, st.floats(0, 1e6))
def test_the_wheel_gives_what_a_heap_would_give(steps: list[tuple[str, float]], start: float):
    """Never early, never lost, never twice, and everything that is due at each turn."""
    now, wheel = start, Wheel[int](TICK, start)
    heap: list[tuple[float, int]] = []
    for number, (what, seconds) in enumerate(steps):
        if what == "add":
            wheel.add(now + seconds, number)
            heapq.heappush(heap, (now + seconds, number))
        else:
            now += seconds
            due = [heapq.heappop(heap) for _ in range(sum(when <= now for when, _ in heap))]
            taken = wheel.take(now)
            assert sorted(taken) == due
            assert [when for when, _ in taken] == sorted(when for when, _ in taken)
    assert sorted(wheel.take(now + 1000)) == sorted(heap)


def test_what_is_due_later_in_the_same_slot_waits_for_its_time():
    wheel = Wheel[str](TICK, 0.0)
    wheel.add(0.015, "late")
    assert wheel.take(0.010) == []
    assert wheel.take(0.015) == [(0.015, "late")]


def test_what_is_long_overdue_comes_at_the_next_turn():
    wheel = Wheel[str](TICK, 100.0)
    wheel.add(3.0, "overdue")
    assert wheel.take(100.0) == [(3.0, "overdue")]


def test_a_wheel_that_stood_still_for_a_day_gives_everything_in_order():
    wheel = Wheel[int](TICK, 0.0)
    for number in range(50):
        wheel.add(50.0 - number, number)
    assert [number for _, number in wheel.take(86400.0)] == list(range(49, -1, -1))


def test_a_wheel_says_how_many_wait():
    wheel = Wheel[str](TICK, 0.0)
    wheel.add(5.0, "a")
    assert repr(wheel) == "<Wheel 1 waiting, at 0.000>"
