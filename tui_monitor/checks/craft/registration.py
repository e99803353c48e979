"""What the state of a registration means, and which is worse: that, or how soon it ends. Pure, and no plugin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui_monitor.checks.craft.expiry import weigh_expiry
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status
from tui_monitor.net.protocols.rdap import Registration

STATES = {
    "redemptionperiod": (Status.MAJOR, "was deleted, and can only be restored for a while (redemption period)"),
    "pendingrestore": (Status.MAJOR, "was deleted, and is being restored (pending restore)"),
    "pendingdelete": (Status.MAJOR, "is about to be deleted (pending delete)"),
    "serverhold": (Status.MAJOR, "was taken out of the DNS by its registry (server hold)"),
    "clienthold": (Status.MAJOR, "was taken out of the DNS by its registrar (client hold)"),
    "inactive": (Status.PARTIAL, "has no name servers (inactive)"),
}
"""What can be wrong with a registration, the worst first; all other states are in order."""


def weigh_registration(name: str, said: Registration, days: Sequence[float]) -> Reading:
    """What a registration says of a name: the worse of its state and its end."""
    if not said.is_there:
        return Reading(Status.MAJOR, f"nobody has registered {name}", "unregistered", milestone=True)
    reading = Reading(Status.UNKNOWN, f"its registry does not say until when {name} is registered", "unreadable")
    if said.until is not None:
        identity = f"{said.until:%Y-%m-%d}"
        reading = weigh_expiry(f"the registration of {name}", said.until, said.at, days, identity)
    wrong = {state: STATES[state] for state in STATES if state in said.states}
    worst = next((status for status, _ in wrong.values()), Status.OPERATIONAL)
    if not wrong or worst.rank < reading.status.rank:
        return reading
    until = f"; {reading.message}" if said.until is not None else ""
    text = f"{name} {' and '.join(text for _, text in wrong.values())}{until}"
    return replace(reading, status=worst, message=text, cause=f"states:{','.join(wrong)}", milestone=True)
