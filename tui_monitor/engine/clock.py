"""Moments from the wall, durations from the monotonic clock, and a word when the two part.

Between two checks a moment is the last anchor plus monotonic time, so that a look's moments never run backwards in
the middle of it. A step of the wall clock and a machine that slept both show as a gap between the two clocks; a
process that was stopped shows as a tick that came far too late.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tui_monitor.core.text import spell_duration

STEP = 1.0
"""Seconds by which the clocks may part before it is called a step; smaller ones are followed silently."""

HELD = 5.0
"""Seconds by which a tick may be late before the process is taken to have been stopped."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Time did not pass evenly.

    `seconds` is how far moments have moved against durations; `set_by` how much of that is the clock being set, and
    not the machine asleep.
    """

    seconds: float
    text: str
    set_by: float = 0.0


class Clock:
    """Gives moments in UTC and notices when time did not pass evenly."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        awake_or_not: Callable[[], float] | None = None,
    ) -> None:
        """`awake_or_not` is a monotonic clock that goes on while the machine sleeps, where the system has one."""
        self._wall = wall
        self.monotonic = monotonic
        self._boot = awake_or_not or (_boottime if monotonic is time.monotonic else monotonic)
        self._anchor_boot = self._boot()
        self._anchor_wall = wall()
        self._anchor_monotonic = self._ticked = monotonic()

    def at(self) -> datetime:
        return datetime.fromtimestamp(self._anchor_wall + self.monotonic() - self._anchor_monotonic, UTC)

    def stamp(self) -> tuple[float, float]:
        """Both clocks as they stand, for `is_even`."""
        return self._wall(), self.monotonic()

    def is_even(self, since: tuple[float, float], at_most: float) -> bool:
        """Whether both clocks have moved alike since a stamp, and not for longer than anything should have taken."""
        wall, monotonic = self._wall() - since[0], self.monotonic() - since[1]
        return abs(wall - monotonic) < STEP and monotonic <= at_most + HELD

    def notice(self, expected: float) -> Jump | None:
        """Called at each tick, `expected` seconds after the last: what happened when time did not pass evenly."""
        wall, monotonic = self._wall(), self.monotonic()
        parted = (wall - self._anchor_wall) - (monotonic - self._anchor_monotonic)
        late = monotonic - self._ticked - expected
        boot = self._boot()
        slept = max(0.0, (boot - self._anchor_boot) - (monotonic - self._anchor_monotonic))
        self._anchor_wall, self._anchor_monotonic, self._ticked = wall, monotonic, monotonic
        self._anchor_boot = boot
        if abs(parted) >= STEP:
            way = "forward" if parted > 0 else "back"
            spelt = spell_duration(abs(parted))
            text = f"the clock went {way} by {spelt}: it was set, or the machine slept; looks under way do not count"
            return Jump(parted, text, parted - slept if abs(parted - slept) >= STEP else 0.0)
        if late >= HELD:
            return Jump(0.0, f"the engine was held up for {spell_duration(late)}; looks under way do not count")
        return None


def _boottime() -> float:
    """Seconds since the machine was started, asleep or not; the plain monotonic clock where there is none such."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
