"""What is asked of the store, as plain functions over a connection: none of them changes anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from tui_monitor.core.model import Belief, Event, Incident, Told
from tui_monitor.core.ports import Account, Checkpoint
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


def incidents(
    connection: sqlite3.Connection, open_only: bool, since: datetime | None, service: str
) -> list[Incident]:
    """Those that were open at some time since; newest first."""
    limits = {"open_only": open_only, "since": 0 if since is None else milliseconds(since), "service": service}
    return [value_of(Incident, text) for (text,) in connection.execute(SQL.incidents, limits)]


def events(connection: sqlite3.Connection, since: datetime, limit: int) -> list[Event]:
    found = connection.execute(SQL.events, {"since": milliseconds(since), "limit": limit})
    return [value_of(Event, text) for (text,) in found]


def account(connection: sqlite3.Connection, since: datetime, files: Iterable[Path]) -> Account:
    told: dict[str, dict[str, int]] = {}
    limits = {"since": milliseconds(since)}
    for destination, state, count in connection.execute(SQL.told_by_state, limits):
        told.setdefault(destination, {})[state] = count
    sizes = [file.stat().st_size for file in files if file.exists()]
    return Account(told, dict(connection.execute(SQL.flapped, limits)), sum(sizes))


def timeline(connection: sqlite3.Connection, incident: str) -> list[Event]:
    return [value_of(Event, text) for (text,) in connection.execute(SQL.timeline, (incident,))]


def told_of(connection: sqlite3.Connection, subject: str) -> list[Told]:
    return [value_of(Told, text) for (text,) in connection.execute(SQL.told_of, (subject,))]
