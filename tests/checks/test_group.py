"""`group`: every mixture of members against counting by hand, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_monitor.checks.group import Group
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.status import Status
from tui_monitor.net import Way

NAMES = ("A", "B", "C", "D")
OK, CARE, SLOW, PART, DOWN, DARK = Status


def judged(statuses: Sequence[Status], **options: Any) -> Reading:
    return Group(**options).judge(tuple(zip(NAMES, statuses, strict=False)))


@pytest.mark.parametrize(
    ("statuses", "status", "message"),
    [
        ((OK, OK), OK, "2 of 2 well"),
        ((OK, CARE), CARE, "2 of 2 well"),
        ((OK, SLOW), SLOW, "1 of 2 well; not well: B (degraded)"),
        ((SLOW, DOWN), DOWN, "0 of 2 well; not well: B (major), A (degraded)"),
        ((OK, DARK), DARK, "1 of 2 well; not well: B (unknown)"),
        ((PART, DARK), PART, "0 of 2 well; not well: A (partial), B (unknown)"),
    ],
)
def test_all_is_as_bad_as_the_worst(statuses: Sequence[Status], status: Status, message: str):
    reading = judged(statuses, all=NAMES[:2])
    assert (reading.status, reading.message) == (status, message)


@pytest.mark.parametrize(
    ("statuses", "status", "message"),
    [
        ((OK, OK, OK), OK, "3 of 3 well"),
        ((DOWN, OK, DARK), OK, "1 of 3 well; not well: A (major), C (unknown)"),
        ((DOWN, CARE, DOWN), OK, "1 of 3 well; not well: A (major), C (major)"),
        ((DOWN, SLOW, DARK), DARK, "0 of 3 well, expected 1; not well: A (major), B (degraded), C (unknown)"),
        ((DOWN, SLOW, DOWN), DOWN, "0 of 3 well, expected 1; not well: A (major), C (major), B (degraded)"),
    ],
)
def test_any_is_well_while_one_is(statuses: Sequence[Status], status: Status, message: str):
    reading = judged(statuses, any=NAMES[:3])
    assert (reading.status, reading.message) == (status, message)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ((OK, OK, DOWN, DOWN), OK),
        ((OK, OK, DARK, DARK), OK),
        ((OK, DARK, DOWN, DOWN), DARK),
        ((OK, DOWN, DOWN, DOWN), PART),
        ((DARK, DOWN, DOWN, DOWN), PART),
        ((DARK, DARK, DOWN, DOWN), DARK),
    ],
)
def test_at_least_so_many_must_be_well(statuses: Sequence[Status], status: Status):
    assert judged(statuses, at_least=2, of=NAMES, otherwise="partial").status is status


members = st.lists(st.sampled_from(list(Status)), min_size=1, max_size=4)


@given(members, st.integers(1, 4))
def test_what_is_unknown_matters_only_where_it_could_decide(statuses: list[Status], wanted: int):
    """Whatever the unknown ones turn out to be, the verdict is right or is unknown."""
    needed = min(wanted, len(statuses))
    seen = judged(statuses, at_least=needed, of=NAMES[: len(statuses)])
    best, worst = (
        judged([turned if one is DARK else one for one in statuses], at_least=needed, of=NAMES[: len(statuses)])
        for turned in (OK, DOWN)
    )
    assert seen.status is (best.status if best.status is worst.status else DARK)
    assert seen.measures == (Measure("well", float(sum(one.is_good for one in statuses))),)
    assert bool(seen.cause) is not seen.status.is_good


def test_the_cause_stays_while_members_come_and_go():
    assert judged((DOWN, OK), all=NAMES[:2]).cause == judged((OK, SLOW), all=NAMES[:2]).cause == "members"


def test_a_message_names_only_so_many():
    names = tuple(f"m{n}\x1b" for n in range(9))
    reading = Group(all=names).judge(tuple((name, DOWN) for name in names))
    assert reading.message.startswith("0 of 9 well; not well: m0 (major)")
    assert reading.message.endswith("m4 (major) and 4 more")
    assert reading.message.isprintable()


async def test_it_asks_what_is_believed_of_its_members(way: Way):
    believed = {"A": OK, "B": SLOW}
    check = Group(all=("A", "B"))
    assert check.members == ("A", "B")
    reading = check.judge(await check.look(way.knowing("", believed.__getitem__)))
    assert (reading.status, reading.latency) == (SLOW, None)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "exactly one of all, any and at_least"),
        ({"all": ("A",), "any": ("B",)}, "exactly one of all, any and at_least"),
        ({"at_least": 1}, "at_least and of belong together"),
        ({"all": ("A",), "of": ("A",)}, "at_least and of belong together"),
        ({"all": ()}, "list at least one"),
        ({"any": ()}, "list at least one"),
        ({"at_least": 0, "of": ("A",)}, "at_least must be from 1 to 1"),
        ({"at_least": 2, "of": ("A",)}, "at_least must be from 1 to 1"),
        ({"all": ("A",), "otherwise": "partial"}, "otherwise is for any and at_least"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], text: str):
    with pytest.raises(ValueError, match=text):
        Group(**options)
