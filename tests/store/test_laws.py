"""The embedded store against the plain one in memory, whatever is done to both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.store.making import NOON, batches, close, names, run, same_looks, scratch, statuses
from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Observation, Reading
from tui_monitor.core.ports import Batch, Quantiles, Slice
from tui_monitor.core.status import Status
from tui_monitor.store import MemoryStore, SqliteStore, open_store

SERVICES = ("api", "web", "db")
KEPT = 3 * 86_400.0
SPANS = (3_600.0, 86_400.0, 2 * 86_400.0, 4 * 86_400.0, 9 * 86_400.0)
latencies = st.none() | st.floats(1e-6, 1e3)


@given(st.lists(batches, max_size=6), st.data())
def test_whatever_is_committed_is_what_is_found(work: Sequence[Batch], data: st.DataObject) -> None:
    with scratch() as folder:
        path, model = Path(folder) / "store.db", MemoryStore()
        store = run(open_store(path, now=NOON, inline=True))
        for batch in work:
            assert outcome(store, batch) == outcome(model, batch)
            if data.draw(st.booleans()):
                run(store.close())
                store = run(open_store(path, now=NOON, inline=True))
            assert remembered(store) == remembered(model)
        run(store.close())


def outcome(store: SqliteStore | MemoryStore, batch: Batch) -> str:
    try:
        run(store.commit(batch))
    except StoreError as error:
        return str(error)
    return ""


def remembered(store: SqliteStore | MemoryStore) -> list[object]:
    found = run(store.load(SERVICES))
    return [
        list(found.beliefs),
        list(found.incidents),
        list(found.told),
        list(found.events),
        dict(found.revisions),
        dict(found.settings),
        run(store.incidents(open_only=False)),
        run(store.incidents(open_only=True)),
        run(store.incidents(open_only=False, since=NOON)),
        [run(store.timeline(subject)) for subject in ("i1", "i2", "board")],
        [run(store.told_of(subject)) for subject in ("i1", "i2", "board")],
    ]


class History(RuleBasedStateMachine):
    """Looks at any pace, a clock that is stepped by up to a day, hours off, tidying and restarts, in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = scratch()
        self.now = self.latest = NOON
        self.model = MemoryStore()
        self.store = self.opened()

    def opened(self) -> SqliteStore:
        path = Path(self.folder.name) / "store.db"
        return run(open_store(path, keep_looks=KEPT, keep_history=1e9, now=self.now, inline=True))

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.latest = max(self.latest, self.now)

    @rule(
        service=names,
        every=st.sampled_from((0.001, 0.5, 10.0, 600.0, 1800.0)),
        seen=st.lists(st.tuples(statuses, latencies, st.booleans()), min_size=1, max_size=25),
    )
    def look(self, service: str, every: float, seen: list[tuple[Status, float | None, bool]]) -> None:
        found = []
        for status, latency, confirming in seen:
            found.append(Observation(service, self.now, 0.0, Reading(status, latency=latency), confirming=confirming))
            self.pass_time(every)
        for store in (self.store, self.model):
            run(store.commit(Batch(found)))

    @rule(hours=st.integers(1, 60))
    def be_off(self, hours: int) -> None:
        self.pass_time(3600.0 * hours)

    @precondition(lambda self: self.now > self.latest - timedelta(hours=12))
    @rule(minutes=st.integers(1, 12 * 60))
    def step_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule()
    def tidy(self) -> None:
        run(self.store.tidy(self.now))

    @rule()
    def restart(self) -> None:
        run(self.store.close())
        self.store = self.opened()

    @invariant()
    def uptimes_are_those_of_the_model(self) -> None:
        mine = run(self.store.uptimes(SERVICES, self.now, SPANS))
        exact = run(self.model.uptimes(SERVICES, self.now, SPANS))
        by_day = run(self.model.uptimes(SERVICES, self.now, [self.to_midnight(span) for span in SPANS]))
        folded = (self.latest - timedelta(seconds=KEPT)).replace(hour=0, minute=0, second=0, microsecond=0)
        for service in SERVICES:
            for i, span in enumerate(SPANS):
                allowed = [exact[service][i]]
                if self.now - timedelta(seconds=span) < folded:
                    allowed.append(by_day[service][i])
                assert mine[service][i] in allowed, (service, span)
                assert mine[service][i].share is None or 0 <= mine[service][i].share <= 1

    def to_midnight(self, span: float) -> float:
        begin = self.now - timedelta(seconds=span)
        return (self.now - begin.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()

    @invariant()
    def looks_within_their_time_are_those_of_the_model(self) -> None:
        since, until = self.latest - timedelta(seconds=KEPT - 3600), self.latest + timedelta(days=1)
        for service in SERVICES:
            mine, theirs = (run(store.looks(service, since, until)) for store in (self.store, self.model))
            assert len(mine) == len(theirs)
            assert sorted(look.status for look in mine) == sorted(look.status for look in theirs)
            if len({look.at for look in theirs}) == len(theirs):
                assert same_looks(mine, theirs)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            run(self.store.close())
            self.folder.cleanup()


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=max(30, settings().max_examples // 4), stateful_step_count=25)


@given(
    st.lists(st.tuples(st.integers(0, 86_399_999), latencies), max_size=40),
    st.integers(1, 30),
    st.booleans(),
)
def test_a_sparkline_is_that_of_the_model(seen: list[tuple[int, float | None]], points: int, is_tidied: bool) -> None:
    distinct = {NOON + timedelta(milliseconds=at): latency for at, latency in seen}
    looks = [Observation("api", at, 0, Reading(Status.MAJOR, latency=latency)) for at, latency in distinct.items()]
    until = NOON + timedelta(days=1)
    model = MemoryStore()
    with scratch() as folder:
        store = run(open_store(Path(folder) / "store.db", now=NOON, inline=True))
        for each in (store, model):
            run(each.commit(Batch(looks)))
        if is_tidied:
            run(store.tidy(until + timedelta(hours=2)))
        mine, theirs = (run(each.sparkline("api", NOON, until, points)) for each in (store, model))
        run(store.close())
    assert all(map(close, mine, theirs))


@given(
    st.lists(st.tuples(st.integers(0, 86_399_999), statuses, latencies, st.booleans()), max_size=60),
    st.integers(1, 40),
    st.tuples(st.integers(0, 86_400_000), st.integers(1, 86_400_000)),
    st.integers(0, 60),
    st.integers(1, 70),
)
def test_a_chart_the_days_and_the_newest_looks_are_those_of_the_model(
    seen: list[tuple[int, Status, float | None, bool]], points: int, span: tuple[int, int], early: int, count: int
) -> None:
    """Some of the looks are packed, the others lie as rows, also for hours that were packed before."""
    distinct = {NOON + timedelta(milliseconds=at): rest for at, *rest in seen}
    looks = [
        Observation("api", at, 0, Reading(status, latency=latency), confirming=confirming)
        for at, (status, latency, confirming) in distinct.items()
    ]
    since = NOON + timedelta(milliseconds=span[0])
    until = since + timedelta(milliseconds=span[1])
    model = MemoryStore()
    with scratch() as folder:
        store = run(open_store(Path(folder) / "store.db", now=NOON, inline=True))
        for each in (store, model):
            run(each.commit(Batch(looks[:early])))
            run(each.tidy(NOON + timedelta(hours=36)))
            run(each.commit(Batch(looks[early:])))
        charts = [run(each.chart("api", since, until, points)) for each in (store, model)]
        days = [run(each.days("api", until, 4)) for each in (store, model)]
        lately = [run(each.lately(["api", "web"], count)) for each in (store, model)]
        run(store.close())
    assert [drawn(one) for one in charts[0].slices] == [drawn(one) for one in charts[1].slices]
    for mine, theirs in zip((charts[0], *charts[0].slices), (charts[1], *charts[1].slices), strict=True):
        assert alike(mine.latency, theirs.latency)
    assert close(charts[0].mean, charts[1].mean, COARSELY)
    assert days[0] == days[1]
    assert all(same_looks(lately[0][name], lately[1][name]) for name in ("api", "web"))


COARSELY = 0.0055


def drawn(one: Slice) -> tuple[object, ...]:
    return (one.at, one.status, one.looks, one.down, one.maintenance)


def alike(mine: Quantiles, theirs: Quantiles) -> bool:
    pairs = zip(
        (mine.p50, mine.p95, mine.p99, mine.most), (theirs.p50, theirs.p95, theirs.p99, theirs.most), strict=True
    )
    return all(close(*pair, COARSELY) for pair in pairs)
