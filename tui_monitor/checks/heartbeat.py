"""`heartbeat`: waits for signs of life, which a job gives by itself; silence for too long, or a failure, is bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from tui_monitor.core.model import Reading
from tui_monitor.core.options import Duration, naming
from tui_monitor.core.ports import Beat, Outside
from tui_monitor.core.pulse import Rhythm, deafened, heard, recalled, weigh_pulse
from tui_monitor.core.stamp import zone_named
from tui_monitor.core.window import check_cron


@dataclass(frozen=True, slots=True)
class Heartbeat:
    vendor: ClassVar[bool] = False
    remembers: ClassVar[bool] = True
    usual: ClassVar[Mapping[str, float]] = {"every": 15.0, "down_after": 1, "up_after": 1}

    period: Duration | None = None
    cron: str = ""
    timezone: str = "UTC"
    grace: Duration | None = None
    longest: Duration | None = None
    rhythm: Rhythm = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if (self.period is None) == (not self.cron):
            raise ValueError("heartbeat has exactly one of period and cron")
        for name in ("period", "longest"):
            if getattr(self, name) is not None and getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than nothing")
        with naming("timezone"):
            zone_named(self.timezone)
        with naming("cron"):
            if self.cron:
                check_cron(self.cron)
        rhythm = Rhythm(self.period or 0.0, self.cron, self.timezone, self.grace, self.longest)
        object.__setattr__(self, "rhythm", rhythm)

    async def look(self, outside: Outside) -> tuple[str, datetime]:
        return outside.memo, outside.now

    def judge(self, sight: tuple[str, datetime]) -> Reading:
        memo, now = sight
        pulse = recalled(memo, now)
        reading = weigh_pulse(pulse, self.rhythm, now)
        return reading if pulse.spell() == memo else replace(reading, memo=pulse.spell())

    def feed(self, memo: str, beat: Beat, at: datetime) -> str:
        return heard(recalled(memo, at), beat, at).spell()

    def absent(self, memo: str, at: datetime) -> str:
        return deafened(recalled(memo, at), at).spell()
