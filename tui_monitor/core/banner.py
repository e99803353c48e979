"""The banner: one sentence about the board that a place outside shows until it is replaced or cleared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tui_monitor.core.model import State
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

BANNER = "banner"
"""The subject of what a place was told of the banner."""

LONGEST = 500
"""Characters of a banner: it is one sentence on top of somebody's page."""

JOINT = " | "


class Severity(StrEnum):
    """How loud a banner is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Banner:
    """What one destination is to show, and by whose word; once cleared, nothing. `revision` counts the changes."""

    destination: str
    text: str
    severity: Severity
    by: str
    at: datetime
    revision: int = 1
    cleared: bool = False

    @property
    def is_open(self) -> bool:
        return not self.cleared

    @property
    def state(self) -> State:
        return State.RESOLVED if self.cleared else State.OPEN

    def says(self, text: str, severity: Severity) -> bool:
        """Whether just this is to be shown already."""
        return not self.cleared and (self.text, self.severity) == (text, severity)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one service now, for the banner that the board would show of itself."""

    status: Status
    name: str
    message: str


def severity_of(status: Status) -> Severity:
    """What cannot be used is an error, what is merely not as usual a warning."""
    if status in (Status.PARTIAL, Status.MAJOR):
        return Severity.ERROR
    return Severity.INFO if status is Status.OPERATIONAL else Severity.WARNING


def summed_up(wrong: Sequence[Wrong], longest: int = LONGEST) -> tuple[str, Severity]:
    """The banner of a board on which this is wrong: the worst first, as many as there is room for."""
    ranked = sorted(wrong, key=lambda one: (severity_of(one.status) is Severity.ERROR, one.status.rank), reverse=True)
    parts = list(dict.fromkeys(clean(f"{one.name}: {one.message}", 200) for one in ranked))
    if not parts:
        return "", Severity.INFO
    shown = 1
    while shown < len(parts) and len(_joined(parts, shown + 1)) <= longest:
        shown += 1
    severity = max((severity_of(one.status) for one in wrong), key=list(Severity).index)
    return _joined(parts, shown)[:longest].rstrip(), severity


def _joined(parts: Sequence[str], shown: int) -> str:
    left = len(parts) - shown
    return JOINT.join((*parts[:shown], *([f"and {left} more"] if left else [])))
