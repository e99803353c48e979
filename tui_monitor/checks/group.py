"""`group`: as well as other services are: all of them, any of them, or at least so many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.ports import Outside
from tui_monitor.core.status import Status, worst
from tui_monitor.core.text import clean

NAMED = 5
"""Members that are not well of which a message tells the names."""

Sight = tuple[tuple[str, Status], ...]


@dataclass(frozen=True, slots=True)
class Group:
    vendor: ClassVar[bool] = False
    usual: ClassVar[Mapping[str, float]] = {"every": 10.0, "down_after": 1, "up_after": 1}

    all: tuple[str, ...] | None = None
    any: tuple[str, ...] | None = None
    at_least: int | None = None
    of: tuple[str, ...] | None = None
    otherwise: Literal["degraded", "partial", "major"] | None = None
    heading: str = ""

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.all, self.any, self.at_least)) != 1:
            raise ValueError("group has exactly one of all, any and at_least")
        if (self.at_least is None) != (self.of is None):
            raise ValueError("at_least and of belong together: how many, and of which services")
        if not self.members:
            raise ValueError("group names no services: list at least one")
        if self.at_least is not None and not 1 <= self.at_least <= len(self.members):
            raise ValueError(f"at_least must be from 1 to {len(self.members)}, of so many services")
        if self.all is not None and self.otherwise is not None:
            raise ValueError("otherwise is for any and at_least: with all, a group is as bad as the worst of them")

    @property
    def members(self) -> tuple[str, ...]:
        return self.all or self.any or self.of or ()

    async def look(self, outside: Outside) -> Sight:
        return tuple((name, outside.status_of(name)) for name in self.members)

    def judge(self, sight: Sight) -> Reading:
        well = sum(status.is_good for _, status in sight)
        told = sum(status is not Status.UNKNOWN for _, status in sight)
        needed = len(sight) if self.all is not None else self.at_least or 1
        if self.all is not None:
            status = worst(status for _, status in sight)
        elif well >= needed:
            status = Status.OPERATIONAL
        else:  # a member of which nothing is known may be the one that is missing
            status = Status(self.otherwise or "major") if well + len(sight) - told < needed else Status.UNKNOWN
        cause = "" if status.is_good else "unknown" if status is Status.UNKNOWN else "members"
        return Reading(status, spell(sight, well, needed), cause, measures=(Measure("well", float(well)),))


def spell(sight: Sight, well: int, needed: int) -> str:
    """How many are well, and which are not, the worst first."""
    ailing = sorted((one for one in sight if not one[1].is_good), key=lambda one: -one[1].rank)
    text = f"{well} of {len(sight)} well" + (f", expected {needed}" if well < needed < len(sight) else "")
    if not ailing:
        return text
    named = ", ".join(f"{clean(name, 60)} ({status})" for name, status in ailing[:NAMED])
    more = f" and {len(ailing) - NAMED} more" if len(ailing) > NAMED else ""
    return f"{text}; not well: {named}{more}"
