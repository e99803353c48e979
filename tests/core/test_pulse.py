"""A dead man's switch as a fold: stories of jobs, both days on which the clocks change, and laws against a model."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.ports import Beat
from tui_monitor.core.pulse import TEXT, Pulse, Rhythm, deafened, heard, recalled, weigh_pulse
from tui_monitor.core.status import Status

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAILY = Rhythm(period=86400.0, grace=3600.0)
DONE, STARTED, FAILED = Beat(), Beat("started"), Beat("failed")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


class Job:
    """One job and what is remembered of it; hours are counted from START."""

    def __init__(self, rhythm: Rhythm = DAILY, start: datetime = START) -> None:
        self.rhythm, self.start, self.memo = rhythm, start, ""

    def beat(self, at: float, beat: Beat = DONE) -> Job:
        now = self.start + hours(at)
        self.memo = heard(recalled(self.memo, now), beat, now).spell()
        return self

    def deaf(self, until: float) -> Job:
        now = self.start + hours(until)
        self.memo = deafened(recalled(self.memo, now), now).spell()
        return self

    def look(self, at: float) -> Reading:
        now = self.start + hours(at)
        pulse = recalled(self.memo, now)
        self.memo = pulse.spell()
        return weigh_pulse(pulse, self.rhythm, now)

    def says(self, at: float) -> tuple[str, str]:
        reading = self.look(at)
        return reading.status.value, reading.message


def test_before_the_first_sign_it_waits_and_then_there_is_none():
    job = Job()
    assert job.says(0) == ("unknown", "no sign of life yet: waits up to 25 h")
    assert job.says(24.9)[0] == "unknown"
    assert job.says(25) == ("major", "no sign of life, expected every 24 h (+1 h grace)")
    assert job.look(25).cause == "late"
    assert job.beat(30).says(30) == ("operational", "last sign of life 0 ms ago")


def test_a_sign_is_good_for_its_period_and_its_grace():
    job = Job().beat(0)
    assert job.says(3) == ("operational", "last sign of life 3 h ago")
    assert job.says(24.5) == ("operational", "last sign of life 24 h 30 m ago, overdue by 30 m and within its grace")
    assert job.says(24.999)[0] == "operational"
    assert job.says(26) == ("major", "no sign of life for 26 h, expected every 24 h (+1 h grace)")
    assert job.beat(27).says(27)[0] == "operational"


def test_a_failure_is_told_at_once_with_what_was_said_and_lasts_until_it_is_done():
    job = Job().beat(0).beat(1, Beat("done", 3, "disk\x1b[31m full\n"))
    assert job.says(1) == ("major", "failed with exit code 3: disk [31m full")
    assert job.look(1).cause == job.look(99).cause == "failed"
    assert job.beat(2, STARTED).says(2)[0] == "major"
    assert job.beat(2.5).says(2.5)[0] == "operational"
    assert Job().beat(0, FAILED).says(0) == ("major", "failed")
    assert Job().beat(0, Beat("failed", text="no route")).says(0) == ("major", "failed: no route")
    assert Job().beat(0, Beat("started", code=2)).says(0) == ("major", "failed with exit code 2")


def test_a_run_that_takes_longer_than_it_may_is_told():
    job = Job().beat(0).beat(20, STARTED)
    assert job.says(20.5) == ("operational", "last sign of life 20 h 30 m ago, running for 30 m")
    assert job.says(21) == ("major", "running for 1 h, longer than 1 h")
    assert job.look(23).cause == "overrun"
    assert job.beat(23).says(23)[0] == "operational"


def test_how_long_a_run_may_take_can_be_said():
    job = Job(Rhythm(period=86400.0, grace=600.0, longest=4 * 3600.0)).beat(0).beat(20, STARTED)
    assert job.says(23.9)[0] == "operational"
    assert job.says(24)[0] == "major"


def test_beginning_again_and_again_is_no_sign_of_getting_done():
    job = Job(Rhythm(period=3600.0, grace=600.0, longest=3600.0)).beat(0)
    for n in range(1, 8):
        job.beat(n / 5, STARTED)
    assert job.says(1.4) == (
        "major",
        "no sign of life for 1 h 24 m, expected every 1 h (+10 m grace), running for 0 ms",
    )


def test_how_long_a_run_took_is_measured_where_both_ends_were_heard():
    job = Job().beat(0, STARTED).beat(0.5)
    assert job.look(1).measures == (Measure("took", 1800.0, "s"),)
    assert job.beat(2).look(2).measures == ()
    assert job.beat(3, STARTED).deaf(4).beat(5).look(5).measures == (), "the end may have been missed"
    assert job.beat(6, STARTED).beat(7, FAILED).beat(8).look(8).measures == ()


def test_what_a_job_says_of_itself_is_shown():
    assert Job().beat(0, Beat(text="1200 rows")).says(1) == ("operational", "last sign of life 1 h ago: 1200 rows")


# -- when nothing could be heard ------------------------------------------------------------------------------------


def test_after_a_time_of_deafness_nothing_is_late_before_a_whole_turn():
    job = Job().beat(0).deaf(72)
    assert job.says(72) == ("unknown", "nothing could be heard for a while: waits up to 25 h")
    assert job.says(96.9)[0] == "unknown"
    assert job.says(97) == ("major", "no sign of life for 4 d 1 h, expected every 24 h (+1 h grace)")


def test_a_short_deafness_takes_nothing_away_from_a_sign_that_is_still_good():
    job = Job().beat(0).deaf(5)
    assert job.says(5)[0] == "operational"
    assert job.says(24.9)[0] == "operational"
    assert job.says(25)[0] == "unknown", "it may have been done while nothing could be heard"
    assert job.says(30)[0] == "major"


def test_what_was_late_before_is_not_well_after_it():
    job = Job().beat(0)
    assert job.says(30)[0] == "major"
    assert job.deaf(31).says(31)[0] == "unknown", "no evidence that it is over"
    assert job.says(56)[0] == "major"


def test_a_failure_stays_one():
    assert Job().beat(0, FAILED).deaf(500).says(500)[0] == "major"


def test_a_run_may_have_ended_unheard():
    job = Job().beat(0).beat(1, STARTED).deaf(10)
    assert job.says(20)[0] == "operational"


def test_deafness_before_anything_was_heard_is_the_beginning():
    assert Job().deaf(3).says(27.9)[0] == "unknown"
    assert Job().deaf(3).says(28)[0] == "major"


# -- cron -----------------------------------------------------------------------------------------------------------

NIGHTLY = Rhythm(cron="30 2 * * *", timezone="Europe/Paris", grace=3600.0)


def test_by_cron_a_sign_is_expected_when_the_line_says_so():
    job = Job(NIGHTLY, datetime(2026, 11, 20, 1, 40, tzinfo=UTC)).beat(0)
    assert job.says(23) == ("operational", "last sign of life 23 h ago")
    assert job.says(24.8)[0] == "operational"
    assert job.says(24.9) == ("major", "no sign of life for 24 h 54 m, expected at 02:30 (+1 h grace)")


def test_a_clock_that_is_a_little_ahead_of_ours_does_not_make_a_job_late():
    job = Job(NIGHTLY, datetime(2026, 11, 20, 1, 29, 55, tzinfo=UTC)).beat(0)
    assert job.says(2)[0] == "operational"


def test_after_deafness_by_cron_the_next_moment_counts():
    job = Job(NIGHTLY, datetime(2026, 11, 20, 1, 40, tzinfo=UTC)).beat(0).deaf(72)
    assert job.says(72)[0] == "unknown"
    assert job.says(96.8)[0] == "unknown"
    assert job.says(96.9)[0] == "major"


def test_in_spring_a_moment_that_the_clocks_skip_is_expected_right_after_the_gap():
    """Paris goes from 02:00 to 03:00 on 2026-03-29, at 01:00 UTC."""
    before = datetime(2026, 3, 28, 1, 31, tzinfo=UTC)
    assert NIGHTLY.expected_after(before) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert NIGHTLY.expected_after(datetime(2026, 3, 29, 1, 1, tzinfo=UTC)) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_in_autumn_a_moment_that_the_clocks_show_twice_is_expected_once():
    """Paris shows 02:30 at 00:30 and at 01:30 UTC on 2026-10-25."""
    assert NIGHTLY.expected_after(datetime(2026, 10, 24, 1, tzinfo=UTC)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert NIGHTLY.expected_after(datetime(2026, 10, 25, 0, 31, tzinfo=UTC)) == datetime(
        2026, 10, 26, 1, 30, tzinfo=UTC
    )


ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata", "UTC"]


@given(st.sampled_from(ZONES), st.dates(date(2020, 1, 1), date(2032, 12, 31)), st.integers(4, 23), st.integers(0, 59))
def test_outside_of_the_hour_of_change_it_is_the_same_wall_clock_every_day(
    zone: str, day: date, hour: int, minute: int
):
    here = ZoneInfo(zone)
    moment, following = (
        datetime.combine(day + timedelta(days=n), time(hour, minute), here).astimezone(UTC) for n in (0, 1)
    )
    rhythm = Rhythm(cron=f"{minute} {hour} * * *", timezone=zone)
    assert rhythm.expected_after(moment) == following
    assert rhythm.expected_after(moment - timedelta(hours=1)) == moment


@pytest.mark.parametrize(
    ("rhythm", "grace"),
    [
        (Rhythm(period=30.0), 60.0),
        (Rhythm(period=3600.0), 360.0),
        (Rhythm(period=86400.0), 3600.0),
        (Rhythm(period=86400.0, grace=5.0), 5.0),
        (Rhythm(period=86400.0, grace=0.0), 0.0),
        (Rhythm(cron="*/5 * * * *"), 60.0),
        (Rhythm(cron="0 * * * *"), 360.0),
        (Rhythm(cron="0 3 * * SUN"), 3600.0),
    ],
)
def test_unless_it_is_said_grace_grows_with_the_time_between_two_signs(rhythm: Rhythm, grace: float):
    assert rhythm.grace_at(rhythm.expected_after(START)) == grace


# -- what is remembered ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "memo",
    ["", "x", "[]", "{}", "null", '{"since": 7}', '{"since": "2026-11-20T12:00:00"}',
     '{"since": "2026-11-20T11:00:00Z", "version": 2}', '{"since": "2026-11-20T11:00:00Z", "text": 7}',
     '{"since": "2026-11-20T11:00:00Z", "code": "7"}', '{"since": "2026-11-20T11:00:00Z", "took": "x"}'],
)  # fmt: skip
def test_a_memo_that_is_not_ours_begins_anew(memo: str):
    assert recalled(memo, START) == Pulse(START)


def test_a_clock_that_went_back_does_not_make_a_sign_good_for_ever():
    job = Job().beat(24 * 365)
    assert job.says(0)[0] == "operational"
    assert job.says(25)[0] == "major"


def test_a_memo_stays_small_whatever_a_job_says():
    job = Job().beat(0, Beat("failed", 10**400, "\U0001f4a3" * 100_000))
    assert len(job.memo) < 13 * TEXT
    assert len(job.look(1).message) < 300


def test_of_a_long_output_the_end_is_kept_where_it_says_what_went_wrong():
    pulse = heard(Pulse(START), Beat("failed", 1, "copied a file\n" * 500 + "the disk is \x1b[31mfull"), START)
    assert pulse.text.endswith("copied a file the disk is [31mfull")
    assert len(pulse.text) <= TEXT


def test_what_is_no_sign_of_life_is_refused():
    with pytest.raises(ValueError, match="'sneezed' is no sign of life: it is done, started or failed"):
        Job().beat(0, Beat("sneezed"))


# -- laws -----------------------------------------------------------------------------------------------------------

KINDS = ("done", "started", "failed", "deaf", "look")
stories = st.lists(st.tuples(st.integers(1, 1600), st.sampled_from(KINDS)), max_size=25)
"""Minutes since what was before, and what happens then."""


def model(story: list[tuple[int, str]], now: int) -> Status:
    """From the whole story at once, slowly: what is said of it at its end."""
    told = [(sum(step for step, _ in story[: n + 1]), act) for n, (_, act) in enumerate(story)]
    last = {kind: max((at for at, act in told if act == kind), default=None) for kind in KINDS}
    ends = [act for _, act in told if act in ("done", "failed")]
    if ends and ends[-1] == "failed":
        return Status.MAJOR
    over = max((at for at, act in told if act in ("done", "failed", "deaf")), default=0)
    if last["started"] is not None and last["started"] > over and now - last["started"] >= 60:
        return Status.MAJOR
    if last["done"] is not None and now < last["done"] + 1500:
        return Status.OPERATIONAL
    listened = max(last["done"] or 0, last["deaf"] or 0)
    return Status.UNKNOWN if now < listened + 1500 else Status.MAJOR


@given(stories, st.integers(0, 3000))
@example([(1, "done")], 1500)
@example([(1, "done")], 1499)
@example([(1, "done"), (9, "deaf")], 1500)
@example([(1, "done"), (9, "started")], 60)
@example([], 1500)
def test_the_fold_says_what_the_whole_story_says(story: list[tuple[int, str]], after: int):
    often, seldom = Job(), Job()
    often.look(0)
    seldom.look(0)
    now = 0
    for step, act in story:
        now += step
        for job in (often, seldom):
            if act == "deaf":
                job.deaf(now / 60)
            elif act != "look":
                job.beat(now / 60, Beat(act))
        often.look(now / 60)
    now += after
    seen = often.look(now / 60)
    assert seen.status is model(story, now)
    assert seen == seldom.look(now / 60), "looking more often changes nothing"
    assert seen.message.isprintable()
