"""Values to put into stores: a few by hand for the stories, strategies of all of them for the laws."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st

from tui_monitor.core.model import (
    Belief,
    Event,
    Incident,
    Kind,
    Look,
    Observation,
    Owing,
    Reading,
    State,
    Told,
)
from tui_monitor.core.ports import Batch
from tui_monitor.core.status import Status
from tui_monitor.store import MemoryStore, SqliteStore, open_store

T = TypeVar("T")

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
KINDS = ("threaded", "inline", "memory")


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seen(
    at: datetime | float,
    status: Status = Status.OPERATIONAL,
    latency: float | None = 0.1,
    service: str = "api",
    confirming: bool = False,
) -> Observation:
    moment = at if isinstance(at, datetime) else later(at)
    return Observation(service, moment, latency or 0.0, Reading(status, latency=latency), confirming=confirming)


def look_of(observation: Observation) -> Look:
    reading = observation.reading
    return Look(observation.at, reading.status, reading.latency, observation.confirming)


def incident(name: str = "i1", **changes: Any) -> Incident:
    fields: dict[str, Any] = {
        "id": name,
        "service": "api",
        "cause": "refused",
        "title": "API: refused",
        "status": Status.MAJOR,
        "severity": Status.MAJOR,
        "started_at": NOON,
        "revision": 1,
    }
    return Incident(**{**fields, **changes})


def event(subject: str = "i1", n: int = 1, kind: Kind = Kind.OPENED, at: datetime = NOON, text: str = "") -> Event:
    return Event(subject, n, kind, at, text=text)


@asynccontextmanager
async def opened(kind: str, path: Path, **options: Any) -> AsyncIterator[SqliteStore | MemoryStore]:
    store: SqliteStore | MemoryStore
    if kind == "memory":
        store = MemoryStore()
    else:
        store = await open_store(path, **{"now": NOON, "inline": kind == "inline", **options})
    try:
        yield store
    finally:
        await store.close()


def same_looks(found: Iterable[Look], expected: Iterable[Look]) -> bool:
    """Times and statuses exactly, latencies within what packing may cost."""
    left, right = list(found), list(expected)
    return len(left) == len(right) and all(
        (a.at, a.status, a.confirming) == (b.at, b.status, b.confirming) and close(a.latency, b.latency)
        for a, b in zip(left, right, strict=True)
    )


def close(found: float | None, expected: float | None, error: float = 0.00051) -> bool:
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) <= error * expected + 1e-12


# -- strategies -----------------------------------------------------------------------------------------------------

moments = st.integers(0, 40 * 365 * 86_400_000).map(
    lambda ms: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
names = st.sampled_from(("api", "web", "db"))
subjects = st.sampled_from(("i1", "i2", "i3"))
texts = st.text(max_size=20)
statuses = st.sampled_from(list(Status))
counts = st.integers(0, 9)


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for one example of a law, in memory where there is such a place: a law opens hundreds of stores."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a store that runs inline or in memory: it never waits, so that a law needs no event loop."""
    try:
        work.send(None)
    except StopIteration as finished:
        return finished.value  # type: ignore[no-any-return]  # a coroutine's own result
    raise AssertionError("this store waits for something")


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


incidents = st.builds(
    Incident,
    id=subjects,
    service=names,
    cause=texts,
    title=texts,
    status=statuses,
    severity=statuses,
    started_at=moments,
    state=st.sampled_from(list(State)),
    acknowledged_at=maybe(moments),
    resolved_at=maybe(moments),
    vendor_ref=maybe(texts),
    flapping=st.booleans(),
    revision=counts,
)
beliefs = st.builds(
    Belief,
    service=names,
    status=statuses,
    since=maybe(moments),
    leaning=texts,
    streak=counts,
    incident=maybe(incidents),
    vendor=st.lists(incidents, max_size=2).map(tuple),
    forgiven=st.lists(texts, max_size=2).map(tuple),
    flips=st.lists(moments, max_size=3).map(tuple),
)
events = st.builds(
    Event,
    subject=st.sampled_from(("i1", "i2", "board")),
    n=counts,
    kind=st.sampled_from(list(Kind)),
    at=moments,
    text=st.sampled_from(("", "é\x00🙂")),
    status=maybe(statuses),
)
tolds = st.builds(
    Told,
    destination=st.sampled_from(("ops", "mail")),
    subject=st.sampled_from(("i1", "i2", "i3", "board")),
    state=st.sampled_from(list(Owing)),
    owed=counts,
    told=counts,
    due_at=maybe(moments),
    ref=texts,
    attempts=counts,
    claimed_until=maybe(moments),
)


def _distinct(items: list[Any], key: Callable[[Any], Any]) -> list[Any]:
    return list({key(item): item for item in items}.values())


batches = st.builds(
    Batch,
    beliefs=st.lists(beliefs, max_size=3),
    incidents=st.lists(incidents, max_size=3),
    events=st.lists(events, max_size=4).map(lambda found: _distinct(found, lambda e: (e.subject, e.n))),
    told=st.lists(tolds, max_size=3),
    settings=st.dictionaries(texts, texts, max_size=2),
)
