"""A slow, obvious model of one service's own incidents, written from the prose of the design and from no code.

It keeps everything it has ever seen and asks it again each time: "were the last three all failures?"
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.core.small import READINGS
from tui_monitor.core.model import Patience
from tui_monitor.core.status import Status

Seen = tuple[Status, str]


@dataclass
class Reference:
    """What ought to be true of a service that does not flap."""

    patience: Patience
    open: Status | None = None
    severity: Status | None = None
    causes: set[str] = field(default_factory=set)
    pardoned: set[str] = field(default_factory=set)
    since_change: list[Seen] = field(default_factory=list)

    def see(self, letter: str) -> str:
        reading = READINGS[letter]
        if reading.status is Status.UNKNOWN:
            return "."
        self.since_change.append((reading.status, reading.cause))
        if self.open is None and not self.pardoned:
            return self._when_well()
        return self._when_pardoned() if self.open is None else self._when_ill(self.open)

    def _last(self, count: int) -> list[Seen]:
        """The last so many looks, if there were so many since anything last changed."""
        return self.since_change[-count:] if len(self.since_change) >= count else []

    def _when_well(self) -> str:
        last = self._last(self.patience.down_after)
        return self._opens() if last and all(status.is_bad for status, _ in last) else "."

    def _when_pardoned(self) -> str:
        good = self._last(self.patience.up_after)
        if good and all(status.is_good for status, _ in good):
            self.pardoned = set()
            self.since_change = []
            return "."
        new = self._last(self.patience.down_after)
        is_new = new and all(status.is_bad and cause not in self.pardoned for status, cause in new)
        return self._opens() if is_new else "."

    def _when_ill(self, standing: Status) -> str:
        status, cause = self.since_change[-1]
        if status.rank > standing.rank and self._worse(standing) >= self.patience.down_after:
            return self._shifts(status, cause, "W")
        easier = self._last(self.patience.up_after)
        if easier and all(one.is_good for one, _ in easier):
            return self._ends("R")
        if easier and all(one.rank < standing.rank for one, _ in easier):
            well = self._well_at_the_end()
            said = self._shifts(*max(easier, key=lambda one: one[0].rank), "E")
            self.since_change = well
            return said
        if status is standing:
            self.causes.add(cause)
        return "."

    def _well_at_the_end(self) -> list[Seen]:
        count = 0
        while count < len(self.since_change) and self.since_change[-1 - count][0].is_good:
            count += 1
        return self.since_change[len(self.since_change) - count :]

    def _worse(self, standing: Status) -> int:
        """How many looks were worse, forgotten at a better one and after so many in a row that were the same."""
        worse = same = 0
        for status, _ in self.since_change:
            same = same + 1 if status is standing else 0
            if status.rank > standing.rank:
                worse += 1
            elif status.rank < standing.rank or same >= self.patience.up_after:
                worse = 0
        return worse

    def _opens(self) -> str:
        status, cause = self.since_change[-1]
        self.open = self.severity = status
        self.causes = {cause}
        self.since_change = []
        return "O"

    def _shifts(self, status: Status, cause: str, said: str) -> str:
        self.open = status
        self.severity = max(status, self.severity or status, key=lambda one: one.rank)
        self.causes.add(cause)
        self.since_change = []
        return said

    def _ends(self, said: str) -> str:
        self.open, self.causes, self.pardoned, self.since_change = None, set(), set(), []
        return said

    def force(self) -> str:
        self.pardoned |= self.causes
        self.open, self.causes, self.since_change = None, set(), []
        return "X"
