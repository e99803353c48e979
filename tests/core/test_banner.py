"""The words that the board has for itself: the worst first, within the room there is; nothing when all is well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.core.banner import Severity, Wrong, severity_of, summed_up
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

WRONG = st.builds(Wrong, st.sampled_from(list(Status)), st.text(max_size=80), st.text(max_size=300))


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        (Status.OPERATIONAL, Severity.INFO),
        (Status.MAINTENANCE, Severity.WARNING),
        (Status.DEGRADED, Severity.WARNING),
        (Status.UNKNOWN, Severity.WARNING),
        (Status.PARTIAL, Severity.ERROR),
        (Status.MAJOR, Severity.ERROR),
    ],
)
def test_what_cannot_be_used_is_an_error_and_the_rest_a_warning(status: Status, severity: Severity):
    assert severity_of(status) is severity


def test_the_worst_stands_first_and_each_thing_once():
    wrong = [
        Wrong(Status.MAINTENANCE, "Queue", "new broker"),
        Wrong(Status.MAJOR, "Web", "503"),
        Wrong(Status.DEGRADED, "API", "slow"),
        Wrong(Status.MAJOR, "Web", "503"),
    ]
    assert summed_up(wrong) == ("Web: 503 | API: slow | Queue: new broker", Severity.ERROR)
    assert summed_up([]) == ("", Severity.INFO)


def test_what_has_no_room_is_counted():
    wrong = [Wrong(Status.MAJOR, f"Service {n}", "down") for n in range(9)]
    text, _ = summed_up(wrong, 60)
    assert text == "Service 0: down | Service 1: down | and 7 more"


def test_what_is_cut_off_ends_in_no_blank():
    text, _ = summed_up([Wrong(Status.MAJOR, "Shop", "it answers 500s too"), Wrong(Status.MAJOR, "Web", "503")], 32)
    assert text == "Shop: it answers 500s too | and"


@given(st.lists(WRONG, max_size=30), st.integers(30, 500))
def test_it_is_one_harmless_line_within_the_room(wrong: list[Wrong], longest: int):
    text, severity = summed_up(wrong, longest)
    assert len(text) <= longest
    assert clean(text, 500) == text
    assert bool(text) == bool(wrong)
    assert severity is max(
        (severity_of(one.status) for one in wrong), key=list(Severity).index, default=Severity.INFO
    )
