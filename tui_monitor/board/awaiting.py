"""What destinations answer to what was pushed by hand, said at once to whoever pushed it: a link, or why not yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tui_monitor.board.state import Board

View = Mapping[str, Any]

LASTS = 60.0
"""Seconds after which an answer is news for the log alone."""
SLACK = timedelta(seconds=2)
"""The engine may have told a place before we have heard that it was asked to."""


@dataclass(slots=True)
class Waiting:
    """One answer that is waited for; `said` is the last reason that was said."""

    since: datetime
    until: float
    said: str = ""


class Awaiting:
    """Who was pushed to lately, by destination and subject."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Waiting] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def expect(self, data: View, now: datetime, monotonic: float) -> None:
        """After a command whose outcome names `destinations`, of an `incident` or of the banner."""
        subject = str(data.get("incident") or "banner")
        asked = [data["destination"]] if "incident" in data and "destination" in data else ()
        for place in data.get("destinations") or asked:
            self._waiting[(str(place), subject)] = Waiting(now - SLACK, monotonic + LASTS)

    def hear(self, board: Board, monotonic: float) -> list[tuple[str, str]]:
        """What is to be said now, each with its style."""
        self._waiting = {key: one for key, one in self._waiting.items() if one.until > monotonic}
        found = []
        for key, waiting in list(self._waiting.items()):
            row = _row(board, *key)
            if row is None:
                continue
            told_at = row["told_at"]
            if row["state"] == "told" and told_at and datetime.fromisoformat(told_at) >= waiting.since:
                del self._waiting[key]
                link = row["url"] or row["ref"]
                found.append((f"{key[0]} has it" + (f": {link}" if link else ""), "good"))
            elif row["error"] and row["state"] != "told" and row["error"] != waiting.said:
                waiting.said = row["error"]
                found.append((f"{key[0]} does not have it yet: {row['error']}", "bad"))
        return found


def _row(board: Board, place: str, subject: str) -> View | None:
    """Where a place stands with an incident, or with the banner."""
    rows: Iterable[View] = board.deliveries.values()
    if subject in board.incidents:
        rows = board.incidents[subject]["told"]
    elif subject == "banner":
        rows = [*rows, *_banner_rows(board)]
    return next((one for one in rows if one["destination"] == place and one["subject"] == subject), None)


def _banner_rows(board: Board) -> list[View]:
    """A banner that stands is known by the event that said so: no incident lists it.

    That event does not say of what it is, so the footer must agree: the place may have been told of something else.
    """
    footer = board.around.get("banner")
    if footer is not None and footer["state"] != "shown":
        return []
    return [
        {
            "destination": one["by"],
            "subject": "banner",
            "state": "told",
            "told_at": one["at"],
            "url": "",
            "ref": "",
            "error": "",
        }
        for one in reversed(board.events[-50:])
        if one["kind"] == "told"
    ]
