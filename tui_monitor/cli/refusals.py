"""Why the engine would not, where history knows more than what it has in memory."""

from __future__ import annotations

from tui_monitor.core.errors import TuiMonitorError
from tui_monitor.core.ports import Command, Control


async def why_not(engine: Control, command: Command) -> str:
    """A better sentence than the engine's own; empty where that one says it best."""
    try:
        return await _of_incident(engine, command.target)
    except TuiMonitorError:  # the first refusal is the one to tell
        return ""


async def _of_incident(engine: Control, prefix: str) -> str:
    incident = await engine.history("incident", id=prefix)
    return f"{incident['id']} is resolved already" if incident["state"] == "resolved" else ""
