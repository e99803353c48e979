"""What both ends of the door agree on: paths, sizes, and which error is which problem."""

from __future__ import annotations

from tui_monitor.core.errors import CursorExpired, EngineUnreachable, Rejected, StoreError, TuiMonitorError

API = "/api/v1"
HEALTH = "/healthz"
PROBLEM = "application/problem+json"
BODY_LIMIT = 64 * 1024
ANSWER_LIMIT = 256 * 1024 * 1024
WAIT_LIMIT = 60.0
"""Seconds that one request for changes may wait."""
TIMEZONE = "Board-Timezone"
"""The header of every answer that says in which zone people read the times, which are UTC in all data."""

PROBLEMS: dict[str, tuple[type[TuiMonitorError], int]] = {
    "rejected": (Rejected, 409),
    "cursor-expired": (CursorExpired, 410),
    "store": (StoreError, 503),
    "stopping": (EngineUnreachable, 503),
}
"""The `type` of a problem, the error that it is on our side, and its HTTP status."""
