"""`ping`: send ICMP echoes; how many come back, and how long they take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.options import Duration
from tui_monitor.core.ports import Outside
from tui_monitor.core.status import Status
from tui_monitor.core.text import spell_duration
from tui_monitor.net import Echo, Echoed, build_echo


@dataclass(frozen=True, slots=True)
class Ping:
    vendor: ClassVar[bool] = False

    host: str
    count: int = 3
    loss: float = 0.0
    latency: Duration | None = None
    echo: Echo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.loss < 100:
            raise ValueError(f"loss must be a percentage from 0 to less than 100, not {self.loss:g}")
        if self.latency is not None and self.latency <= 0:
            raise ValueError("latency must be more than nothing")
        object.__setattr__(self, "echo", build_echo(self.host, self.count))

    async def look(self, outside: Outside) -> Echoed:
        echoed: Echoed = await outside.net.echo(self.echo, outside.timeout)
        return echoed

    def judge(self, sight: Echoed) -> Reading:
        trips = [trip for trip in sight.trips if trip is not None]
        sent, average = len(sight.trips), sum(trips) / len(trips)
        lost = 100 * (sent - len(trips)) / sent
        figures = (("rtt_min", min(trips)), ("rtt_avg", average), ("rtt_max", max(trips)))
        status, cause, text = Status.OPERATIONAL, "", f"replies in {_spell(average)}"
        if lost > self.loss:
            limit = f", over {self.loss:g} %" if self.loss else ""
            status, cause = Status.DEGRADED, "loss"
            text = f"{sent - len(trips)} of {sent} echoes lost ({lost:.0f} %{limit})"
        elif self.latency is not None and average > self.latency:
            status, cause = Status.DEGRADED, "latency"
            text = f"replies in {_spell(average)}, over {_spell(self.latency)}"
        measures = (Measure("loss", lost, "%"), *(Measure(name, value, "s") for name, value in figures))
        return Reading(status, text, cause, latency=average, phases=sight.phases, measures=measures)


def _spell(seconds: float) -> str:
    return spell_duration(seconds) if seconds >= 0.001 else f"{seconds * 1000:.2f} ms"
