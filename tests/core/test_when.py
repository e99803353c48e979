"""A moment as people write it, on ordinary days, on the two days when the clocks change, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.core.codec import moment
from tui_monitor.core.when import moment_of

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)  # twelve o'clock in Paris


def at(text: str, now: datetime = NOON, zone: ZoneInfo = PARIS) -> str:
    return moment(moment_of(text, now, zone))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("22:00", "2026-01-15T21:00:00Z"),
        ("12:00", "2026-01-15T11:00:00Z"),
        ("11:59", "2026-01-16T10:59:00Z"),
        ("9:30", "2026-01-16T08:30:00Z"),
        ("09:30:15", "2026-01-16T08:30:15Z"),
        ("today 22:00", "2026-01-15T21:00:00Z"),
        ("tomorrow 03:00", "2026-01-16T02:00:00Z"),
        ("Tomorrow  13:00", "2026-01-16T12:00:00Z"),
        ("+2h", "2026-01-15T13:00:00Z"),
        ("+1h30m", "2026-01-15T12:30:00Z"),
        ("+90", "2026-01-15T11:01:30Z"),
        ("+0", "2026-01-15T11:00:00Z"),
        ("2026-02-01 03:00", "2026-02-01T02:00:00Z"),
        ("2026-02-01T03:00", "2026-02-01T02:00:00Z"),
        ("2026-02-01T03:00Z", "2026-02-01T03:00:00Z"),
        ("2026-02-01t03:00:00.250z", "2026-02-01T03:00:00.250Z"),
        ("2026-02-01T03:00:00-05:00", "2026-02-01T08:00:00Z"),
        ("2026-02-01 03:00 +0530", "2026-01-31T21:30:00Z"),
        ("2028-02-29 12:00", "2028-02-29T11:00:00Z"),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, meant: str) -> None:
    assert at(text) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write it like 22:00"),
        ("soon", "'soon' is not a moment: write it like 22:00"),
        ("22", "is not a moment"),
        ("tomorrow", "is not a moment"),
        ("2h", "is not a moment"),
        ("-2h", "is not a moment"),
        ("2026-02-01", "is not a moment"),
        ("25:00", "there is no time 25:00"),
        ("12:60", "there is no time 12:60"),
        ("2026-02-30 12:00", "there is no day 2026-02-30"),
        ("2026-02-01T03:00+99:00", "no zone is"),
        ("\u0662\u0662:\u0660\u0660", "is not a moment"),
        ("+soon", "is not a duration"),
        ("+", "is not a duration"),
        ("+20000d", "more than ten years"),
        ("9999-12-31T23:59Z", "more than ten years"),
        ("9999-12-31 23:59", "more than ten years"),
        ("0001-01-01 00:00", "is past"),
        ("today 11:00", "is past"),
        ("2026-01-15T10:59Z", "is past"),
        ("\x1b[31m", r"write it like"),
    ],
)
def test_what_is_no_moment_to_come_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        at(text)
    assert str(refused.value).isprintable()


BEFORE_SPRING = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
AFTER_SPRING = datetime(2026, 3, 29, 10, 0, tzinfo=UTC)
BEFORE_AUTUMN = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "now", "meant"),
    [
        ("01:59", BEFORE_SPRING, "2026-03-29T00:59:00Z"),
        ("03:00", BEFORE_SPRING, "2026-03-29T01:00:00Z"),
        ("02:30", AFTER_SPRING, "2026-03-30T00:30:00Z"),
        ("+12h", BEFORE_SPRING, "2026-03-29T08:00:00Z"),
        ("02:30", BEFORE_AUTUMN, "2026-10-25T00:30:00Z"),
        ("02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T00:30:00Z"),
        ("02:30", datetime(2026, 10, 25, 0, 31, tzinfo=UTC), "2026-10-25T01:30:00Z"),
        ("02:30", datetime(2026, 10, 25, 1, 31, tzinfo=UTC), "2026-10-26T01:30:00Z"),
        ("03:00", BEFORE_AUTUMN, "2026-10-25T02:00:00Z"),
    ],
)
def test_the_days_on_which_the_clocks_change(text: str, now: datetime, meant: str) -> None:
    assert at(text, now) == meant


@pytest.mark.parametrize("text", ["02:30", "tomorrow 02:00", "2026-03-29 02:59"])
def test_an_hour_that_the_clocks_skip_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match=r"the clocks skip 02:.. on 2026-03-29"):
        at(text, BEFORE_SPRING)


ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))


@given(now=MOMENTS, name=ZONES, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_time_of_the_day_is_ahead_within_little_more_than_a_day_and_the_clocks_show_it(
    now: datetime, name: str, hour: int, minute: int
) -> None:
    zone = ZoneInfo(name)
    try:
        found = moment_of(f"{hour:02}:{minute:02}", now, zone)
    except ValueError as refused:
        assert "the clocks skip" in str(refused)
        return
    assert now <= found <= now + timedelta(hours=26)
    shown = found.astimezone(zone)
    assert (shown.hour, shown.minute, shown.second) == (hour, minute, 0)


@given(text=st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    try:
        moment_of(text, NOON, PARIS)
    except ValueError as refused:
        assert str(refused).isprintable()
