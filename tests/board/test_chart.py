"""The chart of latencies: laws for any points, and pictures that a person would draw the same way."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.board.draw.chart import (
    LEAST,
    MOST,
    Band,
    ceiling,
    chart,
    columns_of,
    is_clipped,
    legend,
    measured,
    moments,
    scale,
    spell,
    tick_name,
    ticks,
)
from tui_monitor.board.glyphs import ASCII, UNICODE
from tui_monitor.board.ink import Line, plain, width_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

latencies = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(0, 30),
    st.integers(-(10**400), 10**400),
    st.booleans(),
    st.text(max_size=3),
)
statuses = st.sampled_from([None, "operational", "maintenance", "degraded", "partial", "major", "unknown", "strange"])
hostile = st.lists(
    st.fixed_dictionaries(
        {
            "p50": latencies,
            "p95": latencies,
            "max": latencies,
            "status": statuses,
            "looks": st.none() | st.integers(0, 9),
        }
    ),
    max_size=60,
)
alphabets = st.sampled_from([UNICODE, ASCII])


def point(p50: float | None, p95: float | None = None, most: float | None = None, status: str = "operational") -> Any:
    if p50 is None:
        return {"p50": None, "p95": None, "max": None, "status": None, "looks": 0}
    return {"p50": p50, "p95": p95 or p50, "max": most or p95 or p50, "status": status, "looks": 3}


def drawn(points: list[Any], width: int = 40, height: int = 8, glyphs: Any = UNICODE, **other: Any) -> list[Line]:
    return chart(points, width, height, glyphs, **{"since": NOW - HOUR, "until": NOW, **other})


def plot(lines: list[Line]) -> list[str]:
    """The picture without its axes, the highest row first."""
    texts = [plain(line) for line in lines]
    margin = next(n for n, char in enumerate(texts[0]) if char in "┤│+|") + 1
    return [text[margin:] for text in texts[:-2]]


# -- laws -------------------------------------------------------------------------------------------------------


@given(hostile, st.integers(-5, 200), st.integers(-5, 40), alphabets)
def test_a_chart_is_never_wider_or_higher_than_its_room(points, width, height, glyphs):
    bands = [Band(NOW - HOUR, NOW + HOUR, "band-incident"), Band(NOW, NOW - HOUR, "band-maintenance")]
    lines = drawn(points, width, height, glyphs, bands=bands)
    assert len(lines) <= max(0, height)
    assert all(width_of(line) <= width for line in lines)


@given(hostile, alphabets)
def test_where_ascii_is_asked_for_nothing_else_is_drawn(points, glyphs):
    text = "".join(plain(line) for line in drawn(points, 60, 10, glyphs))
    assert text.isascii() or not glyphs.is_ascii


@given(st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=60), alphabets)
def test_every_slice_that_was_measured_leaves_a_mark_and_no_other_does(values, glyphs):
    points = [point(value) for value in values]
    rows = plot(drawn(points, 140, 10, glyphs))
    across = 1 if glyphs.is_ascii else 2
    columns = columns_of(points, len(rows[0]) * across)
    for number in range(len(rows[0])):
        is_measured = any(one.most is not None for one in columns[number * across : (number + 1) * across])
        assert any(row[number] != " " for row in rows) == is_measured


@given(hostile, st.integers(1, 200))
def test_the_peak_of_a_slice_is_never_lost_however_many_are_drawn_as_one(points, count):
    highest = max(
        (v for one in points for key in ("p50", "p95", "max") if (v := measured(one[key])) is not None), default=None
    )
    columns = columns_of(points, count)
    if count <= len(points):
        assert max((one.most for one in columns if one.most is not None), default=None) == highest
    assert all(one.p50 <= one.p95 <= one.most for one in columns if one.p50 is not None)


@given(st.floats(0, 1e12), st.integers(1, 20))
def test_ticks_rise_in_equal_round_steps_until_nothing_is_above_them(top, most):
    found = ticks(top, most)
    assert found[0] == 0
    assert len(found) <= most + 1
    assert found == sorted(set(found))
    assert found[-1] >= min(max(top, LEAST), MOST) * (1 - 1e-9)
    digits = f"{found[1]:.9e}".split("e")[0]
    assert float(digits) in (1.0, 2.0, 5.0)


@given(st.floats(0.001, 1e8), st.integers(1, 20))
def test_no_two_ticks_are_called_the_same(top, most):
    found = ticks(top, most)
    names = [tick_name(one, found[-1]) for one in found]
    assert len(set(names)) == len(names)


@given(st.floats(60, 400 * 86400), st.integers(1, 40), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]))
def test_times_below_a_chart_rise_and_lie_within_it(seconds, most, zone):
    since = NOW - timedelta(seconds=seconds)
    found = [at for at, _ in moments(since, NOW, ZoneInfo(zone), most)]
    assert found == sorted(set(found))
    assert all(since <= at <= NOW for at in found)
    assert len(found) <= most + 2


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, -1.0, True, "12", -(10**400)])
def test_what_is_no_latency_is_not_drawn(value):
    assert measured(value) is None


# -- pictures ---------------------------------------------------------------------------------------------------


def test_a_rising_line_rises_from_the_left_to_the_right():
    rows = plot(drawn([point(n / 100) for n in range(40)], 40, 8, ASCII))
    heights = [sum(row[column] == "#" for row in rows) for column in range(len(rows[0]))]
    assert heights == sorted(heights)
    assert heights[0] < heights[-1]


def test_what_was_not_measured_is_a_gap_that_the_axis_shows_too():
    points = [point(0.1)] * 10 + [point(None)] * 10 + [point(0.1)] * 10
    lines = drawn(points, 40, 8, ASCII)
    lowest = plot(lines)[-1]
    gap = [n for n, char in enumerate(lowest) if char == " "]
    assert gap == list(range(gap[0], gap[-1] + 1))
    assert abs(len(gap) - len(lowest) / 3) <= 1
    assert "..." in plain(lines[-2])


def test_one_look_that_took_long_does_not_press_the_rest_to_the_ground():
    points = [point(0.1)] * 99 + [point(0.1, 0.2, 30.0)]
    lines = drawn(points, 120, 10)
    assert scale(points, 10)[-1] < 1
    assert is_clipped(lines, UNICODE)
    assert "↑" in plain(lines[0])


def test_an_outage_that_lasts_is_drawn_as_high_as_it_is():
    points = [point(0.1)] * 80 + [point(10.0)] * 20
    assert not is_clipped(drawn(points, 120, 10), UNICODE)
    assert scale(points, 10)[-1] >= 10


def test_below_the_chart_stands_what_was_wrong_and_when():
    points = [point(0.1)] * 20 + [point(0.1, status="major")] * 2 + [point(0.1)] * 20
    ground = plain(drawn(points, 60, 8)[-2])
    assert UNICODE.status["major"] in ground
    assert UNICODE.status["major"] in plain(drawn(points[:21] + points[22:] * 9, 60, 8)[-2]), (
        "one of many, still there"
    )


def test_times_are_those_of_the_zone_with_the_day_at_midnight():
    lines = drawn([point(0.1)] * 9, 80, 8, since=NOW - 24 * HOUR, zone=ZoneInfo("Europe/Berlin"))
    assert "11-20" in plain(lines[-1])
    assert "12:00" in plain(lines[-1])
    assert NOW.astimezone(ZoneInfo("Europe/Berlin")).hour == 13, "else this would prove nothing"


@pytest.mark.parametrize("day", [datetime(2026, 10, 25, 6, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)])
def test_on_the_days_on_which_clocks_are_set_no_time_comes_twice_and_none_that_is_not(day):
    zone = ZoneInfo("Europe/Berlin")
    found = moments(day - 8 * HOUR, day, zone, 20)
    names = [name for _, name in found]
    assert len(set(names)) == len(names)
    assert all(name in [at.astimezone(zone).strftime(form) for form in ("%H:%M", "%m-%d")] for at, name in found)


def test_the_worst_look_of_a_slice_has_a_mark_of_its_own_far_above_the_others():
    points = [point(0.1, 0.15, 0.3)] * 80
    rows = plot(drawn(points, 80, 20))
    marked = [any(char != " " for char in row) for row in rows]
    assert marked.index(True) + 1 < len(marked)
    assert not marked[marked.index(True) + 1], "nothing between the worst one and the others"


def test_a_short_incident_has_a_band_of_one_column_at_least():
    at = NOW - HOUR / 2
    lines = drawn([point(0.1)] * 30, bands=[Band(at, at, "band-incident")])
    assert sum(len(text) for text, style in lines[0] if "band-incident" in style) == 1


def test_an_incident_of_another_time_leaves_no_band():
    lines = drawn([point(0.1)] * 30, bands=[Band(NOW - 9 * HOUR, NOW - 2 * HOUR, "band-incident")])
    assert not any("band" in style for line in lines for _, style in line)


def test_where_there_is_no_room_for_axes_there_is_no_chart():
    assert drawn([point(0.1)] * 9, 15, 8) == []
    assert drawn([point(0.1)] * 9, 40, 3) == []
    assert drawn([], 40, 8) == []


def test_the_legend_gives_the_figures_and_leaves_out_what_is_not_known():
    figures = {"p50": 0.042, "p95": 1.25, "p99": None, "max": math.inf}
    (only,) = legend(figures, UNICODE, 80, bands=["band-incident"])
    text = plain(only)
    assert "p50 42 ms" in text
    assert "p95 1.25 s" in text
    assert "p99" not in text
    assert "max" not in text
    assert "incident" in text


def test_no_part_of_the_legend_is_torn_from_its_sign():
    lines = legend({"p50": 0.042, "p95": 1.25}, ASCII, 16, bands=["band-incident", "band-maintenance"])
    assert [plain(one).strip() for one in lines] == ["# p50 42 ms", ": p95 1.25 s", "incident", "maintenance"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "0.4 ms"), (0.0421, "42 ms"), (1.254, "1.25 s"), (31, "31 s"), (0, "0 ms"), (12345, "12345 s")],
)
def test_latencies_are_spelt_with_the_digits_that_help(seconds, text):
    assert spell(seconds) == text


def test_with_nothing_measured_the_scale_still_has_a_top():
    assert ceiling(columns_of([point(None)], 1)) == LEAST
    assert len(drawn([point(None)] * 5)) == 8
