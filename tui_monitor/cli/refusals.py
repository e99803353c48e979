"""Why the engine would not, where history knows more than what the engine has in memory."""

from __future__ import annotations

from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.ports import Command, Control


async def why_not(engine: Control, command: Command) -> str:
    """A better sentence than the engine's own; empty where that one says it best."""
    look_up = _LOOK_UP.get(command.name)
    if look_up is None:
        return ""
    try:
        return await look_up(engine, command.target)
    except TuiMonitorError:  # the first refusal is the one to tell
        return ""


async def _of_incident(engine: Control, prefix: str) -> str:
    incident = await engine.history("incident", id=prefix)
    return f"{incident['id']} is resolved already" if incident["state"] == "resolved" else ""


async def _of_delivery(engine: Control, prefix: str) -> str:
    """What was told leaves the memory of the engine with its incident."""
    outstanding = [row["id"] for row in await engine.history("deliveries")]
    if not prefix or any(name.startswith(prefix.lower()) for name in outstanding):
        return ""
    rows = [row for incident in await engine.history("incidents", all="1") for row in incident["told"]]
    fits = [row for row in rows if row["id"].startswith(prefix.lower())]
    if not fits:
        return f"nothing is owed under an id that begins with {prefix!r}"
    if len(fits) > 1:
        return f"{prefix!r} could be any of {', '.join(sorted(row['id'] for row in fits))}"
    destination, subject, state = (fits[0][key] for key in ("destination", "subject", "state"))
    if state == "told":
        return f"{destination} has been told of {subject} already"
    return f"nothing is owed to {destination} of {subject} any more: it is {state}"


_LOOK_UP = {
    "ack": _of_incident,
    "note": _of_incident,
    "resolve": _of_incident,
    "notify": _of_incident,
    "ticket": _of_incident,
    "retry": _of_delivery,
    "drop": _of_delivery,
}
