"""A compact notation for what is seen and what comes of it, so that a behaviour fits on a line.

Seen: `u` operational, `m` maintenance, `g` degraded, `p` partial, `d` down because it refused, `t` down because it
timed out, `?` could not tell. Asked by people: `A` acknowledge, `N` note, `F` force-resolve. `_` lets a quarter of an
hour pass, everything else takes a minute. What comes of it stands below, letter under letter: `.` nothing, `O`
opened, `W` worsened, `E` eased, `F` opened as flapping, `C` calmed, `R` resolved, `X` force-resolved, `A`
acknowledged, `N` noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tui_monitor.core import incident as machine
from tui_monitor.core import orders
from tui_monitor.core.incident import Verdict
from tui_monitor.core.model import (
    Belief,
    Event,
    Incident,
    Kind,
    Observation,
    Patience,
    Reading,
    VendorIncident,
)
from tui_monitor.core.status import Status

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_457, tzinfo=UTC)
MINUTE = timedelta(seconds=60)

READINGS = {
    "u": Reading(Status.OPERATIONAL, "fine"),
    "m": Reading(Status.MAINTENANCE, "back at noon"),
    "g": Reading(Status.DEGRADED, "slow", "slow"),
    "p": Reading(Status.PARTIAL, "wrong words", "body"),
    "d": Reading(Status.MAJOR, "refused", "refused"),
    "t": Reading(Status.MAJOR, "no answer", "timeout"),
    "?": Reading(Status.UNKNOWN, "could not tell"),
}

LETTERS = {
    (): ".",
    (Kind.OPENED,): "O",
    (Kind.OPENED, Kind.FLAPPING): "F",
    (Kind.CALMED,): "C",
    (Kind.RESOLVED,): "R",
    (Kind.WORSENED,): "W",
    (Kind.WORSENED, Kind.FLAPPING): "V",
    (Kind.EASED,): "E",
    (Kind.UPDATED,): "U",
    (Kind.ACKNOWLEDGED,): "A",
    (Kind.NOTED,): "N",
    (Kind.FORCE_RESOLVED,): "X",
}

ASKED = {"A": orders.acknowledge, "N": orders.note, "F": orders.force_resolve}


@dataclass
class Life:
    """One service from its first look on, with everything that came of it."""

    patience: Patience = field(default_factory=Patience)
    now: datetime = NOON
    belief: Belief = field(default_factory=lambda: Belief("api"))
    events: list[Event] = field(default_factory=list)
    rows: list[Incident] = field(default_factory=list)
    confirms: list[bool] = field(default_factory=list)

    @property
    def incidents(self) -> dict[str, Incident]:
        """Each incident as it stands, in the order in which they opened."""
        return {row.id: row for row in self.rows}

    def see(self, reading: Reading | str) -> Verdict:
        seen = READINGS[reading] if isinstance(reading, str) else reading
        return self._take(machine.weigh(self.belief, Observation("api", self.now, 0.1, seen), self.patience))

    def ask(self, letter: str, which: Incident | None = None) -> Verdict:
        incident = which or self.belief.incidents[0]
        return self._take(ASKED[letter](self.belief, incident, "ada", "words", self.now))

    def _take(self, verdict: Verdict) -> Verdict:
        self.belief = verdict.belief
        self.rows.extend(verdict.incidents)
        self.events.extend(verdict.events)
        self.confirms.append(verdict.confirm)
        self.now += MINUTE
        return verdict

    def step(self, letter: str) -> str:
        """What comes of one letter, as a letter."""
        if letter == "_":
            self.now += timedelta(seconds=900)
            return "_"
        verdict = self.ask(letter) if letter in ASKED else self.see(letter)
        return LETTERS[tuple(event.kind for event in verdict.events)]


def play(story: str, **patience: Any) -> tuple[str, Life]:
    life = Life(Patience(**{"flap_after": 0, **patience}))
    return "".join(map(life.step, story)), life


def told(story: str, **patience: Any) -> str:
    return play(story, **patience)[0]


def page(*listed: VendorIncident, status: Status | None = None) -> Reading:
    """A vendor's page that lists these."""
    worst = max((one.status for one in listed), key=lambda one: one.rank, default=Status.OPERATIONAL)
    return Reading(status or worst, "the page", incidents=tuple(listed))


def are_numbered(events: Iterable[Event]) -> bool:
    """Whether the events of each subject are 1, 2, 3 and so on, in this order."""
    seen: dict[str, int] = {}
    for event in events:
        if event.n != seen.get(event.subject, 0) + 1:
            return False
        seen[event.subject] = event.n
    return True


def overlap(incidents: Sequence[Incident]) -> bool:
    """Whether two of these last at the same time, the end of one being the earliest start of the next."""
    ordered = sorted(incidents, key=lambda one: (one.started_at, one.resolved_at is None))
    pairs = pairwise(ordered)
    return any(first.resolved_at is None or first.resolved_at > second.started_at for first, second in pairs)
