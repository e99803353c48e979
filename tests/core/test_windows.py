"""Windows and active hours against somebody who looks at a clock on the wall, over ten years of time zones."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.walls import (
    DAY,
    MINUTE,
    ZONES,
    Line,
    changes,
    firings,
    first_working,
    is_working,
)
from tui_monitor.core.model import Service
from tui_monitor.core.window import (
    Hours,
    Scope,
    Span,
    Window,
    check_cron,
    fired_before,
    fires_after,
    parse_hours,
    spell_moment,
)

FIRST, LAST = 2017, 2027
BEGIN, END = datetime(FIRST, 1, 1, tzinfo=UTC), datetime(LAST, 1, 1, tzinfo=UTC)
GRAIN = timedelta(microseconds=1)

DAILY = Line((30,), (2,))
RARE = (
    Line((0,), (3,), weekdays=(0,)),
    Line((45,), (23,), days=(1, 31)),
    Line((0,), (0,), days=(29,), months=(2,)),
    Line((59,), (1,), months=(3, 4, 10, 11), weekdays=(0, 5)),
)
STARRED = (Line(None, (2,), step=15), Line((30,), None), Line(None, None, step=20))
FAR = 20 * DAY
PARTS = st.sampled_from([0, 1, -1, 20_000_000])


def window(line: Line, zone: str, hours: float = 2.0) -> Window:
    return Window("w", "all", cron=str(line), lasts=hours * 3600, timezone=zone)


def moments_near(zone: str) -> list[datetime]:
    """Where clocks and calendars are odd: each change of the clocks, leap days, ends of months and of years."""
    odd = [*changes(zone, FIRST, LAST)]
    odd += [datetime(year, 2, day, tzinfo=UTC) for year in (2019, 2020, 2024) for day in (28, 1)]
    return [*odd, datetime(2019, 12, 31, tzinfo=UTC), datetime(2021, 4, 30, tzinfo=UTC)]


# -- cron lines -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ZONES)
def test_ten_years_of_windows_begin_when_a_clock_on_the_wall_says_so_seen_from_either_side(zone: str):
    for line in RARE[:3]:
        expected = firings(line, zone, BEGIN, END)
        assert expected
        at, found = BEGIN - GRAIN, []
        while (at := fires_after(str(line), zone, at)) < END:
            found.append(at)
        assert found == expected
        at, back = END, []
        while (at := fired_before(str(line), zone, at - GRAIN)) >= BEGIN:
            back.append(at)
        assert back == expected[::-1]


@pytest.mark.parametrize("zone", ZONES)
def test_every_edge_near_a_change_of_the_clocks_is_where_it_should_be(zone: str):
    for near in changes(zone, FIRST, LAST):
        for line in (DAILY, *RARE):
            known = firings(line, zone, near - 3 * DAY, near + 3 * DAY)
            for begins in [one for one in known if abs(one - near) < DAY]:
                check_edges(line, zone, begins, known)
    for near in changes(zone, FIRST, FIRST + 1):
        for line in STARRED:
            known = firings(line, zone, near - DAY, near + DAY)
            for begins in [one for one in known if abs(one - near) < timedelta(hours=2)]:
                check_edges(line, zone, begins, known)


def check_edges(line: Line, zone: str, begins: datetime, known: list[datetime]) -> None:
    for hours in (0.25, 5.0):
        made = window(line, zone, hours)
        lasts = timedelta(hours=hours)
        for at in (begins - GRAIN, begins, begins + lasts - GRAIN, begins + lasts):
            holding = [one for one in known if one <= at < one + lasts]
            assert made.open_at(at) == (Span(holding[-1], holding[-1] + lasts) if holding else None)
            coming = [one for one in known if one > at]
            if coming:
                assert made.next_after(at) == Span(coming[0], coming[0] + lasts)


FIELDS = {
    "minutes": st.lists(st.integers(0, 59), min_size=1, max_size=3, unique=True).map(sorted).map(tuple),
    "hours": st.lists(st.integers(0, 23), min_size=1, max_size=4, unique=True).map(sorted).map(tuple),
    "days": st.none() | st.lists(st.integers(1, 31), min_size=1, max_size=4, unique=True).map(tuple),
    "months": st.none() | st.lists(st.integers(1, 12), min_size=3, max_size=8, unique=True).map(tuple),
    "weekdays": st.none() | st.lists(st.integers(0, 6), min_size=1, max_size=3, unique=True).map(tuple),
}


@st.composite
def lines(draw: Any) -> Line:
    minutes, hours = draw(st.none() | FIELDS["minutes"]), draw(st.none() | FIELDS["hours"])
    step = draw(st.sampled_from([1, 7, 15, 30])) if minutes is None else 1
    return Line(minutes, hours, draw(FIELDS["days"]), draw(FIELDS["months"]), draw(FIELDS["weekdays"]), step)


@given(st.data(), lines(), st.sampled_from(ZONES))
def test_any_line_at_any_odd_moment_agrees_with_the_clock_on_the_wall(data: Any, line: Line, zone: str):
    near = data.draw(st.sampled_from(moments_near(zone)))
    at = (
        near + data.draw(st.integers(-180, 180)) * MINUTE + data.draw(st.sampled_from([0, 1, -1, 20_000_000])) * GRAIN
    )
    past = [one for one in firings(line, zone, at - FAR, at + MINUTE) if one <= at]
    coming = [one for one in firings(line, zone, at - MINUTE, at + FAR) if one > at]
    before, after = fired_before(str(line), zone, at), fires_after(str(line), zone, at)
    assert before == past[-1] if past else before is None or before < at - FAR + DAY
    assert after == coming[0] if coming else after is None or after > at + FAR - DAY


@given(st.data(), lines(), st.sampled_from(ZONES), st.sampled_from([60.0, 3600.0, 10_800.0, 90_000.0]))
def test_a_window_is_open_for_as_long_as_it_lasts_and_closed_until_the_next(
    data: Any, line: Line, zone: str, lasts: float
):
    made = window(line, zone, lasts / 3600)
    at = data.draw(st.sampled_from(moments_near(zone))) + data.draw(st.integers(-2000, 2000)) * MINUTE
    span, coming = made.open_at(at), made.next_after(at)
    assert coming is None or coming.since > at
    if span is None:
        assert coming is None or made.open_at(coming.since - GRAIN) is None
    else:
        assert span.holds(at)
        assert (span.until - span.since).total_seconds() == lasts
        assert made.open_at(span.since) == span
        last = made.open_at(span.until - GRAIN)
        assert last is not None and last.since >= span.since
        assert made.next_after(span.since - GRAIN) == span
    if coming is not None:
        assert made.open_at(coming.since) == coming


def test_the_night_without_two_o_clock_and_the_one_that_has_it_twice():
    spring, autumn = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
    made = Window("w", "all", cron="30 2 * * *", lasts=3600.0, timezone="Europe/Paris")
    assert made.next_after(spring) == Span(spring + timedelta(hours=1), spring + timedelta(hours=2))
    assert made.next_after(autumn) == Span(autumn + timedelta(minutes=30), autumn + timedelta(minutes=90))
    assert made.next_after(autumn + timedelta(minutes=30)).since == autumn + DAY + timedelta(minutes=90)
    in_the_second_two_o_clock = autumn + timedelta(minutes=80)
    assert made.open_at(in_the_second_two_o_clock) == made.next_after(autumn)
    starred = Window("w", "all", cron="*/30 2 * * *", lasts=600.0, timezone="Europe/Paris")
    assert starred.next_after(spring).since > spring + timedelta(hours=23)
    assert starred.next_after(autumn + timedelta(minutes=30)).since == autumn + timedelta(minutes=60)


def test_the_day_that_samoa_left_out():
    line, zone = Line((0,), (8,)), "Pacific/Apia"
    first, last = datetime(2011, 12, 27, tzinfo=UTC), datetime(2012, 1, 3, tzinfo=UTC)
    begun = firings(line, zone, first, last)
    turned = datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert turned in begun
    at = first
    for expected in begun:
        at = fires_after(str(line), zone, at)
        assert at == expected
        assert fired_before(str(line), zone, at + timedelta(hours=3)) == expected
    fridays = Hours(frozenset({4}), time(8), time(9), zone)
    assert fridays.opens_after(turned - timedelta(hours=12)) == datetime(2012, 1, 5, 18, tzinfo=UTC)


def test_a_span_holds_from_its_first_moment_to_the_one_before_its_end():
    begins = datetime(2026, 3, 1, 12, tzinfo=UTC)
    span = Span(begins, begins + timedelta(hours=1))
    made = Window("w", "all", span=span)
    assert made.open_at(begins - GRAIN) is None
    assert made.open_at(begins) == made.open_at(span.until - GRAIN) == span
    assert made.open_at(span.until) is None
    assert made.next_after(begins - GRAIN) == span
    assert made.next_after(begins) is None
    assert made.is_over_at == span.until
    assert window(DAILY, "UTC").is_over_at is None


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 3 * *", "has 4 fields, not 5"),
        ("0 0 3 * * SUN", "has 6 fields, not 5"),
        ("", "has 0 fields, not 5"),
        ("0 25 * * *", "is not a cron line"),
        ("0 0 30 2 *", "is not a cron line|never comes true"),
    ],
)
def test_a_line_that_is_none_or_never_comes_true_is_said(cron: str, words: str):
    with pytest.raises(ValueError, match=words):
        check_cron(cron)


# -- active hours ---------------------------------------------------------------------------------------------------

CLOCKS = st.sampled_from(
    [time(0), time(0, 30), time(1), time(1, 45), time(2), time(2, 30), time(3), time(8), time(23)]
)
HOURS = st.builds(
    Hours,
    st.sets(st.integers(0, 6), min_size=1).map(frozenset) | st.just(frozenset(range(7))),
    CLOCKS,
    CLOCKS | st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES),
)


@given(st.data(), HOURS)
def test_hours_are_open_when_the_clock_says_so_and_open_next_at_the_first_such_minute(data: Any, hours: Hours):
    near = data.draw(st.sampled_from(moments_near(hours.timezone)))
    at = near + data.draw(st.integers(-300, 300)) * MINUTE + data.draw(PARTS) * GRAIN
    assert hours.is_open(at) == is_working([hours], at)
    expected = first_working([hours], at, 3 * DAY)
    found = hours.opens_after(at)
    assert hours.is_open(found)
    assert found == expected if expected else found >= at + 3 * DAY - MINUTE


@given(st.sampled_from(ZONES), CLOCKS, st.integers(0, 6))
def test_hours_of_one_day_a_week_come_again_also_when_the_clocks_leave_them_out(zone: str, start: time, day: int):
    end = time(start.hour, start.minute + 15 if start.minute < 45 else 59)
    hours = Hours(frozenset({day}), start, end, zone)
    for near in changes(zone, FIRST, LAST):
        found = hours.opens_after(near - DAY)
        assert hours.is_open(found)
        assert found - near < 15 * DAY


def test_hours_that_begin_again_when_the_clocks_are_set_back():
    """Open from one to half past two; at three it is two again, and they are open once more."""
    hours = parse_hours("01:00-02:30", "Europe/Paris")
    autumn = datetime(2026, 10, 25, tzinfo=UTC)
    assert hours.opens_after(autumn + timedelta(minutes=40)) == autumn + timedelta(minutes=60)
    assert hours.opens_after(autumn + timedelta(minutes=90)) == autumn + DAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon-fri 08:00-18:00", Hours(frozenset(range(5)), time(8), time(18), "Europe/Paris")),
        ("sat,sun", Hours(frozenset({5, 6}), time(0), time(0), "Europe/Paris")),
        ("22:00-06:00", Hours(frozenset(range(7)), time(22), time(6), "Europe/Paris")),
        ("Sat-Mon 00:00-24:00 America/New_York", Hours(frozenset({5, 6, 0}), time(0), time(0), "America/New_York")),
        ("friday 20:00-24:00 UTC", Hours(frozenset({4}), time(20), time(0), "UTC")),
        ("Thurs 8:05-9:00", Hours(frozenset({3}), time(8, 5), time(9), "Europe/Paris")),
        ("sun-sat", Hours(frozenset(range(7)), time(0), time(0), "Europe/Paris")),
    ],
)
def test_hours_as_people_write_them(text: str, expected: Hours):
    assert parse_hours(text, "Europe/Paris") == expected


@pytest.mark.parametrize(
    "text",
    [
        "08:00",
        "8-18",
        "mon-fry",
        "25:00-26:00",
        "mon-",
        "08:00-18:00-19:00",
        "noon",
        "08:00+02:00-18:00",
        "mo",
        "monk",
    ],
)
def test_hours_that_are_none_are_said(text: str):
    with pytest.raises(ValueError, match=r"are no (days|hours)"):
        parse_hours(text, "UTC")


@pytest.mark.parametrize("text", ["mon tue", "08:00-10:00 11:00-12:00", "UTC Europe/Paris", "mon 08:00-9:00 tue"])
def test_of_two_that_are_written_none_is_dropped_unsaid(text: str):
    with pytest.raises(ValueError, match="twice"):
        parse_hours(text, "UTC")


# -- scopes and words -----------------------------------------------------------------------------------------------

SERVICE = Service("api", "API", group="Own", tags=("prod", "eu"))


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (Scope(), True),
        (Scope(services=("api", "web")), True),
        (Scope(services=("web",)), False),
        (Scope(groups=("Own",)), True),
        (Scope(groups=("Other",)), False),
        (Scope(tags=("us", "eu")), True),
        (Scope(tags=("us",)), False),
        (Scope(("api",), ("Own",), ("prod",)), True),
        (Scope(("api",), ("Own",), ("us",)), False),
        (Scope(("api",), ("Other",), ("prod",)), False),
    ],
)
def test_a_scope_means_what_all_that_is_written_covers(scope: Scope, covers: bool):
    assert scope.covers(SERVICE) is covers


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-03-01T20:30:00Z", "21:30"),
        ("2026-03-01T23:30:00Z", "Mon 00:30"),
        ("2026-03-07T12:00:00Z", "Sat 13:00"),
        ("2026-03-08T12:00:00Z", "2026-03-08 13:00"),
        ("2026-02-28T12:00:00Z", "2026-02-28 13:00"),
    ],
)
def test_a_moment_is_said_with_its_day_where_it_is_not_today(at: str, words: str):
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert spell_moment(datetime.fromisoformat(at), now, "Europe/Paris") == words
