"""What runs out on a day that is known: told at each threshold of days, once for each thing that runs out.

Pure, and shared by the checks. A renewal is another identity, so that what is told of it begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.options import naming
from tui_monitor.core.status import Status

DAYS = (30.0, 14.0, 7.0, 1.0)
"""The usual thresholds."""

_DAY = 86_400.0
_MOST = 3650.0


def check_days(days: Sequence[float]) -> None:
    """ValueError, naming the option `days`, where these are no thresholds."""
    with naming("days"):
        if not days:
            raise ValueError("give at least one number of days, such as [30, 14, 7, 1]")
        for one in days:
            if not 0 < one <= _MOST:
                raise ValueError(f"{one:g} is not a number of days above 0, up to {_MOST:g}")


def weigh_expiry(what: str, until: datetime, now: datetime, days: Sequence[float], identity: str) -> Reading:
    """What the end of something says: `what` in words (`the certificate`), `identity` for which one it is.

    Below a threshold it is degraded, below the last one major, as it is once it is over. Where there is only one, it
    warns: below it is degraded.
    """
    left = (until - now).total_seconds() / _DAY
    measures = (Measure("days_left", round(left, 3), "d"),)
    below = min((one for one in days if left < one), default=None)
    if left <= 0:
        text = f"{what} expired {_spell(-left)} ago (on {until:%Y-%m-%d})"
        return Reading(Status.MAJOR, text, f"expired:{identity}", measures=measures, milestone=True)
    text = f"{what} expires in {_spell(left)} (on {until:%Y-%m-%d})"
    if below is None:
        return Reading(Status.OPERATIONAL, text, measures=measures)
    is_last = below == min(days) and len(set(days)) > 1
    status = Status.MAJOR if is_last else Status.DEGRADED
    return Reading(status, text, f"expires:{identity}:{below:g}d", measures=measures, milestone=True)


def _spell(days: float) -> str:
    if days < 1:
        return "less than a day"
    return f"{int(days)} day{'' if int(days) == 1 else 's'}"
