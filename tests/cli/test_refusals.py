"""What is said of a request that the engine refused, for it has forgotten what was over long ago."""

from __future__ import annotations

from typing import Any

import pytest

from tui_monitor.cli.refusals import why_not
from tui_monitor.core.errors import EngineUnreachable, Rejected
from tui_monitor.core.ports import Changes, Command, Outcome

ROWS = [
    {"id": "aa11", "destination": "ops", "subject": "inc1", "state": "told"},
    {"id": "aa22", "destination": "ops", "subject": "inc2", "state": "told"},
    {"id": "bb33", "destination": "wall", "subject": "inc1", "state": "dropped"},
    {"id": "cc44", "destination": "wall", "subject": "inc3", "state": "told"},
    {"id": "cc55", "destination": "wall", "subject": "inc4", "state": "owed"},
]


class Forgetful:
    """An engine that has only one row left in memory, and all of them in its history."""

    timezone = "UTC"

    def __init__(self, is_there: bool = True) -> None:
        self.is_there = is_there

    async def history(self, what: str, **options: str) -> Any:
        if not self.is_there:
            raise EngineUnreachable("gone")
        if what == "deliveries":
            return ROWS[-1:]
        assert (what, options) == ("incidents", {"all": "1"})
        subjects = sorted({row["subject"] for row in ROWS})
        return [{"id": one, "told": [row for row in ROWS if row["subject"] == one]} for one in subjects]

    async def snapshot(self) -> dict[str, Any]:
        raise AssertionError("nobody asks for the board")

    async def changes(self, cursor: str, wait: float) -> Changes:
        raise AssertionError("nobody asks for changes")

    async def do(self, command: Command) -> Outcome:
        raise Rejected("no delivery has an id that begins like this")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("aa11", "ops has been told of inc1 already"),
        ("AA11", "ops has been told of inc1 already"),
        ("b", "nothing is owed to wall of inc1 any more: it is dropped"),
        ("zz", "nothing is owed under an id that begins with 'zz'"),
        ("aa", "'aa' could be any of aa11, aa22"),
        ("cc", ""),
        ("cc55", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("name", ["retry", "drop"])
async def test_a_delivery_that_the_engine_has_forgotten_is_looked_up(name: str, target: str, said: str) -> None:
    assert await why_not(Forgetful(), Command(name, target)) == said


async def test_where_nobody_can_be_asked_the_first_refusal_stands() -> None:
    assert await why_not(Forgetful(is_there=False), Command("retry", "aa11")) == ""
