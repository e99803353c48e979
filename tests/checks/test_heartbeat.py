"""`heartbeat` as the engine uses it: looks over what is remembered, beats between them, and the time it was deaf."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tui_monitor.checks.heartbeat import Heartbeat
from tui_monitor.core.model import Reading
from tui_monitor.core.ports import Beat, Check, Fed
from tui_monitor.core.status import Status
from tui_monitor.net import Way

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def after(check: Heartbeat, memo: str, hours: float) -> Reading:
    return check.judge((memo, NOW + timedelta(hours=hours)))


def test_it_is_a_check_that_is_fed():
    check = Heartbeat(3600)
    assert isinstance(check, Check)
    assert isinstance(check, Fed)
    assert Heartbeat.remembers
    assert Heartbeat.usual == {"every": 15.0, "down_after": 1, "up_after": 1}


async def test_the_first_look_begins_to_wait(way: Way):
    check = Heartbeat(3600)
    first = check.judge(await check.look(way))
    assert (first.status, first.latency) == (Status.UNKNOWN, None)
    assert first.memo
    again = check.judge(await check.look(way.knowing(first.memo, way.status_of)))
    assert again.status is Status.UNKNOWN
    assert again.memo == "", "nothing new is to be remembered"


def test_a_day_of_a_job():
    check = Heartbeat(3600, grace=600)
    memo = check.absent("", NOW)
    assert after(check, memo, 1).status is Status.UNKNOWN
    memo = check.feed(memo, Beat("started"), NOW + timedelta(hours=1))
    memo = check.feed(memo, Beat(), NOW + timedelta(hours=1.1))
    well = after(check, memo, 2)
    assert (well.status, well.cause, well.message) == (Status.OPERATIONAL, "", "last sign of life 54 m ago")
    assert [(one.name, one.value, one.unit) for one in well.measures] == [("took", 360.0, "s")]
    late = after(check, memo, 2.5)
    assert (late.status, late.cause) == (Status.MAJOR, "late")
    assert late.message == "no sign of life for 1 h 24 m, expected every 1 h (+10 m grace)"
    memo = check.feed(memo, Beat("done", 1, "out of space"), NOW + timedelta(hours=3))
    assert after(check, memo, 3).message == "failed with exit code 1: out of space"
    assert after(check, check.absent(memo, NOW + timedelta(hours=9)), 9).status is Status.MAJOR
    memo = check.feed(memo, Beat(), NOW + timedelta(hours=4))
    assert after(check, memo, 4).status is Status.OPERATIONAL


def test_an_absence_gives_a_whole_turn():
    check = Heartbeat(cron="0 * * * *", grace=60)
    memo = check.absent(check.feed("", Beat(), NOW), NOW + timedelta(hours=48.5))
    assert after(check, memo, 49).status is Status.UNKNOWN
    assert after(check, memo, 49.1).status is Status.MAJOR


def test_a_beat_comes_before_any_look_too():
    check = Heartbeat(60)
    assert after(check, check.feed("", Beat(), NOW), 0).status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "exactly one of period and cron"),
        ({"period": 60, "cron": "* * * * *"}, "exactly one of period and cron"),
        ({"period": 0}, "period must be more than nothing"),
        ({"period": 60, "longest": 0}, "longest must be more than nothing"),
        ({"cron": "* * *"}, "cron: .* is not a cron line"),
        ({"cron": "0 3 * * FUNDAY"}, "cron: .* is not a cron line"),
        ({"cron": "0 0 30 2 *"}, "cron: "),
        ({"cron": "* * * * *", "timezone": "Mars"}, "timezone: 'Mars' is not a time zone"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], text: str):
    with pytest.raises(ValueError, match=text):
        Heartbeat(**options)
