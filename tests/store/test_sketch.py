"""The latency sketch: merging is exact, quantiles are near."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.store.sketch import ERROR, Sketch

latencies = st.lists(st.floats(1e-6, 1e3), max_size=60)


def exact(values: Sequence[float], share: float) -> float:
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


@given(latencies, latencies)
def test_merged_is_the_sketch_of_all_together(left: list[float], right: list[float]) -> None:
    sketch = Sketch.of(left)
    sketch.merge(Sketch.of(right))
    assert sketch == Sketch.of([*left, *right])


@given(latencies.filter(bool), st.sampled_from((0.01, 0.5, 0.9, 0.95, 0.99, 1.0)))
def test_a_quantile_is_within_the_error(values: list[float], share: float) -> None:
    found = Sketch.of(values).quantile(share)
    assert found == pytest.approx(exact(values, share), rel=ERROR * 1.01)


@given(latencies)
def test_a_sketch_comes_back_from_its_bytes(values: list[float]) -> None:
    sketch = Sketch.of(values)
    assert Sketch.unpacked(sketch.packed()) == sketch


def test_a_sketch_of_nothing_has_no_median() -> None:
    assert Sketch().quantile(0.5) is None


def test_a_day_is_small() -> None:
    sketch = Sketch.of(0.05 + i % 1000 / 10_000 for i in range(8640))
    assert len(sketch.packed()) < 250


def test_what_is_slower_than_any_latency_counts_as_the_slowest() -> None:
    assert Sketch.of([math.inf, math.nan, 0.0]).counts.total() == 3
