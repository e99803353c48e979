"""What a service is that is made of others: how many of these are well, and whether that is enough."""

from __future__ import annotations

from collections.abc import Sequence

from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.status import Status, worst
from tui_monitor.core.text import clean

NAMED = 5
"""Members that are not well of which a message tells the names."""

Member = tuple[str, Status]


def weigh_members(members: Sequence[Member], needed: int, otherwise: Status | None) -> Reading:
    """Well while so many are, else what is said; as bad as the worst where nothing is said.

    One of which nothing is known counts neither way: where it could decide, nothing can be told.
    """
    well = sum(status.is_good for _, status in members)
    hidden = sum(status is Status.UNKNOWN for _, status in members)
    if otherwise is None:
        status = worst(status for _, status in members)
    elif well >= needed:
        status = Status.OPERATIONAL
    else:
        status = otherwise if well + hidden < needed else Status.UNKNOWN
    cause = "" if status.is_good else "unknown" if status is Status.UNKNOWN else "members"
    return Reading(status, _spell(members, well, needed), cause, measures=(Measure("well", float(well)),))


def _spell(members: Sequence[Member], well: int, needed: int) -> str:
    """How many are well, and which are not, the worst first."""
    ailing = sorted((one for one in members if not one[1].is_good), key=lambda one: -one[1].rank)
    text = f"{well} of {len(members)} well" + (f", expected {needed}" if well < needed < len(members) else "")
    if not ailing:
        return text
    named = ", ".join(f"{clean(name, 60)} ({status})" for name, status in ailing[:NAMED])
    more = f" and {len(ailing) - NAMED} more" if len(ailing) > NAMED else ""
    return f"{text}; not well: {named}{more}"
