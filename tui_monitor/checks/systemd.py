"""`systemd`: ask systemd, over the message bus, in what state a unit is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.checks.craft.unit import weigh_unit
from tui_monitor.core.extras import need
from tui_monitor.core.model import Reading
from tui_monitor.core.ports import Outside
from tui_monitor.net.protocols.units import UnitFound, UnitQuestion, build_unit_question


@dataclass(frozen=True, slots=True)
class Systemd:
    vendor: ClassVar[bool] = False

    unit: str
    state: Literal["active", "inactive"] = "active"
    user: bool = False
    bus: str = ""
    question: UnitQuestion = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        need("jeepney", "systemd", "systemd")
        question = build_unit_question(self.unit, user=self.user, bus=self.bus)
        object.__setattr__(self, "question", question)

    async def look(self, outside: Outside) -> UnitFound:
        found: UnitFound = await outside.net.converse(self.question, outside.timeout)
        return found

    def judge(self, sight: UnitFound) -> Reading:
        return weigh_unit(sight, self.state)
