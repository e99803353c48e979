"""Thresholds of days: which one counts, what is said, and that each thing that runs out has causes of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui_monitor.checks.craft.expiry import DAYS, check_days, weigh_expiry
from tui_monitor.core.incident import weigh
from tui_monitor.core.model import Belief, Event, Measure, Observation, Patience
from tui_monitor.core.status import Status

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def reading(left: float, days: tuple[float, ...] = DAYS, identity: str = "A1"):
    return weigh_expiry("the certificate", NOW + timedelta(days=left), NOW, days, identity)


@pytest.mark.parametrize(
    ("left", "status", "cause"),
    [
        (400, Status.OPERATIONAL, ""),
        (30, Status.OPERATIONAL, ""),
        (29.999, Status.DEGRADED, "expires:A1:30d"),
        (14, Status.DEGRADED, "expires:A1:30d"),
        (13.9, Status.DEGRADED, "expires:A1:14d"),
        (6.9, Status.DEGRADED, "expires:A1:7d"),
        (1, Status.DEGRADED, "expires:A1:7d"),
        (0.9, Status.MAJOR, "expires:A1:1d"),
        (0, Status.MAJOR, "expired:A1"),
        (-500, Status.MAJOR, "expired:A1"),
    ],
)
def test_each_threshold_is_a_cause_of_its_own_and_news(left: float, status: Status, cause: str):
    one = reading(left)
    assert (one.status, one.cause, one.milestone) == (status, cause, bool(cause))


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (45.5, "the certificate expires in 45 days (on 2026-04-16)"),
        (1.5, "the certificate expires in 1 day (on 2026-03-03)"),
        (0.2, "the certificate expires in less than a day (on 2026-03-01)"),
        (-0.2, "the certificate expired less than a day ago (on 2026-03-01)"),
        (-2.1, "the certificate expired 2 days ago (on 2026-02-27)"),
    ],
)
def test_it_is_said_in_a_sentence_with_the_day(left: float, text: str):
    assert reading(left).message == text


def test_the_order_in_which_thresholds_are_written_makes_no_difference():
    assert reading(10, (7, 30, 14)) == reading(10, (30, 14, 7))


def test_a_single_threshold_warns_until_it_is_over():
    assert reading(10, (14.0,)).status is Status.DEGRADED
    assert reading(10, (14.0, 14.0)).status is Status.DEGRADED
    assert reading(-1, (14.0,)).status is Status.MAJOR


def test_the_next_one_has_causes_that_nobody_was_told_of():
    assert reading(10, identity="A1").cause != reading(10, identity="B2").cause


def test_the_days_that_are_left_are_a_figure():
    assert reading(10.25).measures == (Measure("days_left", 10.25, "d"),)


@pytest.mark.parametrize("days", [(), (0.0,), (30.0, -1.0), (4000.0,), (float("nan"),)])
def test_what_is_no_threshold_is_refused_under_the_name_of_the_option(days: tuple[float, ...]):
    with pytest.raises(ValueError, match=r"^days: "):
        check_days(days)


def test_the_usual_thresholds_are_taken():
    check_days(DAYS)


def told(days: list[float], identity: str, belief: Belief) -> tuple[Belief, list[Event]]:
    """What happens in looks at something that has so many days left, one after the other."""
    events: list[Event] = []
    patience = Patience(down_after=1, up_after=1, lapse=10 * 86_400.0)
    for number, left in enumerate(days):
        at = NOW + timedelta(days=number)
        verdict = weigh(belief, Observation("a", at, 0.1, reading(left, identity=identity)), patience)
        belief = verdict.belief
        events += verdict.events
    return belief, events


def test_each_threshold_is_told_once_and_a_renewal_ends_it():
    days = [31.0, 29, 28, 20, 13, 12, 8, 6, 5, 2, 0.9, 0.5, -0.1, -1, -20]
    belief, events = told(days, "A1", Belief("a"))
    assert [(event.kind.value, event.text.split(" (")[0].removeprefix("the certificate ")) for event in events] == [
        ("opened", "expires in 29 days"),
        ("updated", "expires in 13 days"),
        ("updated", "expires in 6 days"),
        ("worsened", "expires in less than a day"),
        ("updated", "expired less than a day ago"),
    ]
    _, renewed = told([364.0, 363, 29, 28], "B2", belief)
    assert [event.kind.value for event in renewed] == ["resolved", "opened"]


def test_one_that_takes_the_place_of_another_below_the_same_threshold_is_told():
    belief, _ = told([29.0], "A1", Belief("a"))
    _, events = told([28.0, 27], "B2", belief)
    assert [event.kind.value for event in events] == ["updated"]
