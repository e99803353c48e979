"""Times as programs write them, all of one moment; what stands for none; and what cannot be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.core.stamp import check_format, read_stamp, zone_named

AT = datetime(2026, 11, 20, 13, 45, tzinfo=UTC)
NOW = AT + timedelta(minutes=3)
PARIS = ZoneInfo("Europe/Paris")


def read(value: object, zone: str = "UTC", now: datetime = NOW, pattern: str = "") -> datetime | None:
    return read_stamp(value, ZoneInfo(zone), now, pattern)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T13:45:00Z",
        "2026-11-20T13:45:00z",
        "2026-11-20T13:45Z",
        "2026-11-20T14:45:00+01:00",
        "2026-11-20T14:45:00+0100",
        "2026-11-20T14:45:00+01",
        "2026-11-20 06:45:00 -07:00",
        "2026-11-20T13:45:00.000Z",
        "2026-11-20T13:45:00,0Z",
        "2026-11-20T13:45:00.0000000Z",
        "2026-11-20T13:45:00",
        " 2026-11-20 13:45:00 ",
        "2026-11-20 13:45",
        "2026/11/20 13:45:00",
        "2026-11-20 13:45:00 UTC",
        "2026-11-20 13:45:00+00",
        "2026-11-20T14:45:00+01:00[Europe/Paris]",
        "20261120T134500Z",
        "20261120134500",
        "202611201345",
        "Fri, 20 Nov 2026 13:45:00 GMT",
        "Fri, 20 Nov 2026 13:45:00 +0000",
        "Fri, 20 Nov 2026 13:45:00 Z",
        "Fri, 20 Nov 2026 14:45:00 CET",
        "20 Nov 2026 08:45:00 EST",
        "20 Nov 26 13:45 UT",
        "Friday, 20-Nov-26 13:45:00 GMT",
        "Fri Nov 20 13:45:00 2026",
        "Fri Nov 20 13:45:00 UTC 2026",
        "Fri Nov 20 2026 14:45:00 GMT+0100 (Central European Standard Time)",
        "November 20, 2026 13:45:00",
        "/Date(1795182300000)/",
        1795182300,
        1795182300.0,
        "1795182300",
        "1795182300.000",
        1795182300000,
        "1795182300000",
        1795182300000000,
        1795182300000000000,
        "1795182300000000000",
    ],
)
def test_one_moment_in_every_usual_spelling(text: object) -> None:
    assert read(text) == AT


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("20261120", datetime(2026, 11, 20, tzinfo=UTC)),
        (20261120, datetime(2026, 11, 20, tzinfo=UTC)),
        ("20 Nov 2026", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T24:00:00Z", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2026-11-20T13:45:00.123456789Z", AT.replace(microsecond=123456)),
        ("Sun Nov  6 08:49:37 1994", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        (1795182300.5, AT + timedelta(seconds=0.5)),
        ("2026-11-20T13:45:00.5Z", AT + timedelta(seconds=0.5)),
        (99_999_999_999, datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        (100_000_000_000, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (99_999_999_999_999, datetime(5138, 11, 16, 9, 46, 39, 999000, tzinfo=UTC)),
        (100_000_000_000_000, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
    ],
)
def test_days_leap_seconds_and_fractions(text: object, meant: datetime) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    "text",
    [None, "", "  ", "0", 0, 0.0, "null", "None", "never", "-", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
     "0000-00-00 00:00:00", "0001-01-01"],
)  # fmt: skip
def test_what_stands_for_no_time_yet(text: object) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    "text",
    ["soon", True, [], {"a": 1}, "13:45", "20/11/2026 13:45", "11/20/2026", "2026-13-01", "2026-02-30T00:00Z",
     "2026-11-20T25:00:00Z", "2026-11-20T13:61:00Z", "2026-11-20T24:00:01Z", "2026-11-20 1:45 PM",
     "2026-11-20T13:45:00 IST", "2026-11-20T13:45:00+99:00", "20 Foo 2026 13:45", "9999-12-31T23:59:59-12:00",
     10**30, "9" * 20, float("nan"), float("inf"), 1e22, "1" * 5000, "2026-11-20" + " " * 99 + "13:45",
     "\u0662\u0660\u0662\u0666-11-20", "2026-11-20T13:45:00Z; x"],
)  # fmt: skip
def test_what_cannot_be_told_is_never_guessed(text: object) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        read(text)


def test_a_stamp_that_cannot_be_told_is_shown_harmless_and_short() -> None:
    with pytest.raises(ValueError, match="is not a time") as caught:
        read("\x1b[31m" + "x" * 10_000)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 120


def test_without_a_zone_it_is_of_the_zone_that_is_given() -> None:
    assert read("2026-11-20 14:45", "Europe/Paris") == AT
    assert read("2026-07-20 14:45", "Europe/Paris") == datetime(2026, 7, 20, 12, 45, tzinfo=UTC)
    assert read("2026-11-20T13:45:00Z", "Europe/Paris") == AT
    assert read("2026-11-20", "Europe/Paris") == datetime(2026, 11, 19, 23, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_it_is_the_last_that_is_not_yet_to_come() -> None:
    """On 2026-10-25 Paris shows 02:10 at 00:10 and at 01:10 UTC."""
    first, second = (datetime(2026, 10, 25, hour, 10, tzinfo=UTC) for hour in (0, 1))
    assert read("2026-10-25 02:10", "Europe/Paris", first + timedelta(minutes=5)) == first
    assert read("2026-10-25 02:10", "Europe/Paris", second + timedelta(minutes=5)) == second
    assert read("2026-10-25 02:10", "Europe/Paris", second + timedelta(days=5)) == second


def test_an_hour_that_is_left_out_is_taken_as_if_the_clocks_had_not_been_changed() -> None:
    """On 2026-03-29 Paris goes from 02:00 to 03:00."""
    assert read("2026-03-29 02:30", "Europe/Paris") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_format_of_ones_own_reads_what_no_other_way_could() -> None:
    assert read("20/11/2026 02:45 PM", "Europe/Paris", pattern="%d/%m/%Y %I:%M %p") == AT
    assert read("20.11.2026 13:45 +0000", pattern="%d.%m.%Y %H:%M %z") == AT
    assert read("01.01.0001 00:00", pattern="%d.%m.%Y %H:%M") is None
    assert read("", pattern="%d.%m.%Y") is None
    with pytest.raises(ValueError, match="is not a time"):
        read("2026-11-20", pattern="%d.%m.%Y")


@pytest.mark.parametrize("pattern", ["%d.%m.%Y", "%Y%j", "%b %d, %Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S.%f%z"])
def test_a_format_with_a_date_in_it_will_do(pattern: str) -> None:
    check_format(pattern)


@pytest.mark.parametrize("pattern", ["", "today", "%H:%M", "%Q", "%d.%m", "%s", "%"])
def test_a_format_without_a_date_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not a format"):
        check_format(pattern)


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "a" * 300, "/etc/localtime"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        zone_named(name)


moments = st.datetimes(datetime(1980, 1, 1), datetime(2049, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
offsets = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(moments, offsets)
def test_what_python_writes_is_read_as_it_was_meant(at: datetime, zone: timezone) -> None:
    local, whole = at.astimezone(zone), at.replace(microsecond=0)
    assert read(local.isoformat()) == at
    assert read(str(local)) == at
    assert read(whole.ctime()) == whole
    assert read(format_datetime(local)) == whole
    assert read(int(whole.timestamp())) == (whole if whole != datetime(1970, 1, 1, tzinfo=UTC) else None)
    assert read(int(whole.timestamp()) * 10**9) == whole


@given(st.one_of(st.text(), st.integers(), st.floats(), st.from_regex(r"[0-9TZ:+./ -]{4,30}", fullmatch=True)))
def test_whatever_comes_is_a_time_or_none_or_refused(value: object) -> None:
    try:
        found = read(value)
    except ValueError as error:
        assert "is not a time" in str(error)
    else:
        assert found is None or found.tzinfo is UTC


@given(
    st.integers(0, 9999),
    st.integers(0, 13),
    st.integers(0, 32),
    st.integers(0, 25),
    st.integers(0, 60),
    st.integers(0, 61),
    st.sampled_from(["", ".5", ".123456", ".1234567"]),
    st.sampled_from(["Z", "+00:00", "-07:00", "+0530", "+23:59", "+24:00", "-00:99"]),
)
def test_the_usual_shape_is_read_as_every_other_one(
    year: int, month: int, day: int, hour: int, minute: int, second: int, fraction: str, zone: str
):
    """With a `T` between date and time, by a shorter way; with a blank, part by part."""
    found = []
    for between in "T ":
        try:
            found.append(
                read(f"{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
            )
        except ValueError as error:
            found.append(str(error).replace(f"{day:02} ", f"{day:02}T"))
    assert found[0] == found[1]
