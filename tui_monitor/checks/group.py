"""`group`: as well as other services are: all of them, any of them, or at least so many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from tui_monitor.core.company import Member, weigh_members
from tui_monitor.core.model import Reading
from tui_monitor.core.ports import Outside
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean


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
        return tuple(clean(one, 200) for one in self.all or self.any or self.of or ())  # as names are kept

    async def look(self, outside: Outside) -> tuple[Member, ...]:
        return tuple((name, outside.status_of(name)) for name in self.members)

    def judge(self, sight: tuple[Member, ...]) -> Reading:
        if self.all is not None:
            return weigh_members(sight, len(sight), None)
        return weigh_members(sight, self.at_least or 1, Status(self.otherwise or "major"))
