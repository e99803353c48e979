"""What the board shows, as one value that one function folds news into. It computes no truth: the engine did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_monitor.board.link import Lost, Picture
from tui_monitor.core.ports import Changes

View = Mapping[str, Any]

MOST_EVENTS = 2000
LATELY = 40
"""Latencies kept for the sparkline of a tile."""
AROUND = ("trouble", "cut_off", "test_mode", "silences", "maintenance", "simulations", "banner", "title", "timezone")
LATE = 6.0
"""Seconds without a word from the engine after which the picture is old."""


@dataclass(frozen=True, slots=True)
class Board:
    """The picture at a moment: `at` is when the engine last spoke by its clock, `heard` by ours that only grows."""

    services: Mapping[str, View] = field(default_factory=dict)
    incidents: Mapping[str, View] = field(default_factory=dict)
    deliveries: Mapping[str, View] = field(default_factory=dict)
    events: tuple[View, ...] = ()
    around: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[View, ...] = ()
    """The destinations and how each does; none where an engine of an earlier release says nothing of it."""
    latencies: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    at: datetime | None = None
    moved_at: datetime | None = None
    """The engine's time when something last changed."""
    heard: float = 0.0
    lost: str = ""
    """Why the engine does not answer; empty while it does."""
    tally: Mapping[str, int] | None = None
    """How many services are how, as each fold carries it on: it is asked for at every drawing."""

    @property
    def is_empty(self) -> bool:
        """Whether no engine has ever answered."""
        return self.at is None

    def now(self, monotonic: float) -> datetime:
        """The engine's time now: where it runs elsewhere, or by a clock of its own, ours would be wrong."""
        if self.at is None:
            return datetime.fromtimestamp(0, UTC)
        return self.at + timedelta(seconds=max(0.0, monotonic - self.heard))

    def age(self, monotonic: float) -> float:
        """Seconds since the engine was last heard of."""
        return max(0.0, monotonic - self.heard)

    def is_old(self, monotonic: float) -> bool:
        """What is old must look old: never a frozen green board."""
        return bool(self.lost) or (not self.is_empty and self.age(monotonic) > LATE)

    def incidents_of(self, service: str) -> list[View]:
        """Those that are open, the newest first."""
        rows = [one for one in self.incidents.values() if one["service"] == service and one["state"] != "resolved"]
        return sorted(rows, key=lambda one: str(one["started_at"]), reverse=True)

    def open_incidents(self) -> list[View]:
        rows = [one for one in self.incidents.values() if one["state"] != "resolved"]
        return sorted(rows, key=lambda one: str(one["started_at"]), reverse=True)

    def counts(self) -> Mapping[str, int]:
        """How many services are how."""
        return _counted(self.services.values()) if self.tally is None else self.tally

    def failing(self) -> list[View]:
        """The destinations that do not take what they are given."""
        return [one for one in self.places if one["state"] != "well"]

    def name_of(self, service: str) -> str:
        row = self.services.get(service)
        return str(row["name"]) if row else service


@dataclass(slots=True)
class Touched:
    """What differs after a fold, so that only that is drawn anew."""

    is_all: bool = False
    services: set[str] = field(default_factory=set)
    incidents: set[str] = field(default_factory=set)
    deliveries: set[str] = field(default_factory=set)
    events: list[View] = field(default_factory=list)
    around: bool = False
    places: bool = False

    def __bool__(self) -> bool:
        rows = self.services or self.incidents or self.deliveries or self.events
        return bool(self.is_all or rows or self.around or self.places)


def fold(board: Board, news: Iterable[Picture | Changes | Lost], heard: float) -> tuple[Board, Touched]:
    """The picture after this news, and what of it is new."""
    touched = Touched()
    for one in news:
        if isinstance(one, Picture):
            board = _whole(board, one.snapshot, heard)
            touched.is_all = True
        elif isinstance(one, Lost):
            touched.around = touched.around or one.reason != board.lost
            board = replace(board, lost=one.reason)
        else:
            board = _changed(board, one, heard, touched)
    return board, touched


def _whole(board: Board, snapshot: View, heard: float) -> Board:
    """Latencies are kept: the same engine, or its successor, goes on where it stopped."""
    services = {str(row["id"]): row for row in snapshot["services"]}
    kept = {name: board.latencies[name] for name in services if name in board.latencies}
    at = _moment(snapshot["at"])
    return Board(
        services,
        {str(row["id"]): row for row in snapshot["incidents"]},
        {str(row["id"]): row for row in snapshot["deliveries"]},
        tuple(snapshot["events"])[-MOST_EVENTS:],
        {key: snapshot.get(key) for key in AROUND},
        tuple(snapshot.get("places") or ()),
        {name: _longer(kept.get(name, ()), board.services.get(name), row) for name, row in services.items()},
        at,
        at,
        heard,
        tally=_counted(services.values()),
    )


def _changed(board: Board, changes: Changes, heard: float, touched: Touched) -> Board:
    touched.services |= changes.services.keys()
    touched.incidents |= changes.incidents.keys()
    touched.deliveries |= changes.deliveries.keys()
    touched.events += changes.events
    around = {key: changes.board.get(key, board.around.get(key)) for key in AROUND}
    touched.around = touched.around or bool(board.lost) or around != board.around
    places = tuple(changes.board["places"] or ()) if "places" in changes.board else board.places
    touched.places = touched.places or places != board.places
    at = _moment(changes.board.get("at")) or board.at
    latencies = board.latencies
    if changes.services:
        latencies = dict(latencies)
        for name, row in changes.services.items():
            if row is None:
                latencies.pop(name, None)
            else:
                latencies[name] = _longer(latencies.get(name, ()), board.services.get(name), row)
    has_moved = bool(changes.services or changes.incidents or changes.deliveries or changes.events)
    return Board(
        _with(board.services, changes.services),
        _with(board.incidents, changes.incidents),
        _outstanding(_with(board.deliveries, changes.deliveries), changes.deliveries),
        (*board.events, *changes.events)[-MOST_EVENTS:] if changes.events else board.events,
        around,
        places,
        latencies,
        at,
        at if has_moved else board.moved_at,
        heard,
        tally=_recounted(board, changes.services),
    )


def _counted(rows: Iterable[View]) -> dict[str, int]:
    return dict(Counter(row["status"] for row in rows))


def _recounted(board: Board, changed: Mapping[str, View | None]) -> Mapping[str, int]:
    """What changes is taken out as it was, and put in as it is."""
    before = [board.services[name] for name in changed if name in board.services]
    after = [row for row in changed.values() if row is not None]
    moved = Counter(_counted(after))
    moved.subtract(_counted(before))
    found = {status: board.counts().get(status, 0) + moved[status] for status in {**board.counts(), **moved}}
    return {status: number for status, number in found.items() if number}


def _longer(latencies: tuple[float | None, ...], before: View | None, row: View) -> tuple[float | None, ...]:
    """One more, if there has been a look since."""
    is_new = row["checked_at"] is not None and (before is None or before["checked_at"] != row["checked_at"])
    return (*latencies, row["latency"])[-LATELY:] if is_new else latencies


def _with(rows: Mapping[str, View], changed: Mapping[str, View | None]) -> Mapping[str, View]:
    if not changed:
        return rows
    found = dict(rows)
    for name, row in changed.items():
        if row is None:
            found.pop(name, None)
        else:
            found[name] = row
    return found


def _outstanding(rows: Mapping[str, View], changed: Mapping[str, View | None]) -> Mapping[str, View]:
    """A delivery that is done with stands with its incident, and no longer among what is owed."""
    done = [name for name in changed if (row := rows.get(name)) is not None and row["state"] in ("told", "dropped")]
    if not done:
        return rows
    return {name: row for name, row in rows.items() if name not in done}


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
