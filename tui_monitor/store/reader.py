"""What is asked of the store, as plain functions over a connection: none of them changes anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from tui_monitor.core.model import Belief, Event, Incident, Told
from tui_monitor.core.ports import Checkpoint
from tui_monitor.store.queries import SQL
from tui_monitor.store.rows import milliseconds, value_of

NEWEST_EVENTS = 500
"""As many as a log pane shows after a start."""


def checkpoint(connection: sqlite3.Connection, services: Sequence[str]) -> Checkpoint:
    """All of it from one moment: a reader between two statements must not see half a commit."""
    connection.execute(SQL.snapshot)
    try:
        known = dict(connection.execute(SQL.beliefs))
        events = connection.execute(SQL.newest_events, (NEWEST_EVENTS,)).fetchall()
        return Checkpoint(
            beliefs=[value_of(Belief, known[service]) for service in services if service in known],
            incidents=[value_of(Incident, text) for (text,) in connection.execute(SQL.live_incidents)],
            told=[value_of(Told, text) for (text,) in connection.execute(SQL.live_told)],
            events=[value_of(Event, text) for (text,) in reversed(events)],
            revisions=dict(connection.execute(SQL.revisions)),
            settings=dict(connection.execute(SQL.settings)),
        )
    finally:
        connection.execute(SQL.commit)


def incidents(connection: sqlite3.Connection, open_only: bool, since: datetime | None) -> list[Incident]:
    """Those that were open at some time since; newest first."""
    limits = {"open_only": open_only, "since": 0 if since is None else milliseconds(since)}
    return [value_of(Incident, text) for (text,) in connection.execute(SQL.incidents, limits)]


def timeline(connection: sqlite3.Connection, incident: str) -> list[Event]:
    return [value_of(Event, text) for (text,) in connection.execute(SQL.timeline, (incident,))]


def told_of(connection: sqlite3.Connection, subject: str) -> list[Told]:
    return [value_of(Told, text) for (text,) in connection.execute(SQL.told_of, (subject,))]
