"""What the ledger must ask of whoever knows incidents: what keeps them quiet, and what is a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tui_monitor.core.model import Incident
from tui_monitor.core.quiet import Quiet
from tui_monitor.core.told import Subject


def _nothing_is_quiet(incident: Incident, now: datetime) -> Quiet | None:
    return None


def _nothing_is_a_test(subject: Subject) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Listening:
    """`decide_by` is asked where the answer decides what is owed: again as soon as it would be another."""

    quiet_of: Callable[[Incident, datetime], Quiet | None] = _nothing_is_quiet
    decide_by: Callable[[Incident, datetime], Quiet | None] = _nothing_is_quiet
    is_test: Callable[[Subject], bool] = _nothing_is_a_test
