"""Times as people write them on the command line: for how long, how far back, and from when."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tui_monitor.cli.parser import BadUsage
from tui_monitor.core.codec import moment
from tui_monitor.core.text import duration_of
from tui_monitor.core.when import moment_of

CENTURY = 100 * 365 * 86400.0


def span_of(option: str, text: str) -> str:
    """The text of a duration that makes sense, for the engine to read again. Raises BadUsage."""
    try:
        seconds = duration_of(text)
    except ValueError as error:
        raise BadUsage(f"{option}: {error}") from error
    if not 0 < seconds <= CENTURY:
        raise BadUsage(f"{option}: name a time above zero and below a hundred years, like 24h or 30d")
    return text


def start_of(option: str, text: str, now: datetime, zone: tzinfo) -> str:
    """A moment to come, in RFC 3339. Raises BadUsage."""
    try:
        return moment(moment_of(text, now, zone))
    except ValueError as error:
        raise BadUsage(f"{option}: {error}") from error
