"""What every store promises, asked of each of them: threaded, inline, and the plain model in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.making import KINDS, NOON, close, event, incident, later, look_of, opened, same_looks, seen
from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import Belief, Kind, Observation, Owing, Reading, State, Told
from tui_monitor.core.ports import Batch, Quantiles, Store, Uptime
from tui_monitor.core.status import Status


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(request.param, tmp_path / "store.db") as found:
        yield found


async def test_what_was_committed_is_loaded(store):
    open_one = incident("i1", acknowledged_at=later(5), state=State.ACKNOWLEDGED)
    belief = Belief("api", Status.MAJOR, NOON, incident=open_one, forgiven=("timeout",), flips=(NOON,))
    told = Told("ops", "i1", Owing.OWED, 1, due_at=NOON, reason="route 1")
    batch = Batch(beliefs=[belief], incidents=[open_one], events=[event()], told=[told], settings={"test_mode": "on"})
    await store.commit(batch)
    found = await store.load(["api", "never-seen"])
    assert list(found.beliefs) == [belief]
    assert list(found.incidents) == [open_one]
    assert list(found.events) == [event()]
    assert list(found.told) == [told]
    assert dict(found.settings) == {"test_mode": "on"}


async def test_a_belief_is_loaded_only_for_services_of_the_config(store):
    await store.commit(Batch(beliefs=[Belief("api"), Belief("gone")]))
    assert [belief.service for belief in (await store.load(["api"])).beliefs] == ["api"]


async def test_the_newest_word_on_something_counts(store):
    await store.commit(Batch(beliefs=[Belief("api", streak=1)], incidents=[incident(revision=1)]))
    await store.commit(Batch(beliefs=[Belief("api", streak=2)], incidents=[incident(revision=2)]))
    found = await store.load(["api"])
    assert [belief.streak for belief in found.beliefs] == [2]
    assert [i.revision for i in found.incidents] == [2]


async def test_an_event_is_appended_once(store):
    await store.commit(Batch(events=[event(text="down")]))
    await store.commit(Batch(events=[event(text="down")]))
    assert await store.timeline("i1") == [event(text="down")]


async def test_an_event_is_never_altered_and_its_batch_leaves_no_trace(store):
    await store.commit(Batch(events=[event(text="down")], settings={"mode": "old"}))
    bad = Batch([seen(1)], [Belief("api")], [incident()], [event(n=2), event(text="up")], (), {"mode": "new"})
    with pytest.raises(StoreError, match=r"Event 1 of i1 is already written, with other content\."):
        await store.commit(bad)
    found = await store.load(["api"])
    assert (list(found.beliefs), list(found.incidents)) == ([], [])
    assert list(found.events) == [event(text="down")]
    assert dict(found.settings) == {"mode": "old"}
    assert await store.looks("api", NOON, later(10)) == []
    assert (await store.uptimes(["api"], later(10), [3600]))["api"] == [Uptime()]
    await store.commit(Batch([seen(1)]))
    assert len(await store.looks("api", NOON, later(10))) == 1


async def test_a_bad_batch_takes_no_other_down_that_waits_with_it(store):
    await store.commit(Batch(events=[event(text="down")]))
    work = [Batch(events=[event(n=n)]) for n in range(2, 6)]
    work.insert(2, Batch(events=[event(text="up"), event("i2", 1)]))
    outcomes = await asyncio.gather(*(store.commit(batch) for batch in work), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 2 + [StoreError] + [type(None)] * 2
    assert [found.n for found in await store.timeline("i1")] == [1, 2, 3, 4, 5]
    assert await store.timeline("i2") == []


async def test_a_timeline_is_in_order_of_n_and_the_newest_events_in_order_of_writing(store):
    for subject, n in (("i1", 2), ("board", 1), ("i1", 1)):
        await store.commit(Batch(events=[event(subject, n)]))
    assert [found.n for found in await store.timeline("i1")] == [1, 2]
    assert [(found.subject, found.n) for found in (await store.load([])).events] == [
        ("i1", 2),
        ("board", 1),
        ("i1", 1),
    ]


async def test_a_checkpoint_has_the_newest_five_hundred_events_oldest_first(store):
    await store.commit(Batch(events=[event("board", n, Kind.NOTED) for n in range(1, 701)]))
    assert [found.n for found in (await store.load([])).events] == list(range(201, 701))


async def test_revisions_are_of_subjects_that_are_no_incidents(store):
    await store.commit(
        Batch(incidents=[incident("i1")], events=[event("i1", 7), event("board", 3), event("board", 4)])
    )
    assert dict((await store.load([])).revisions) == {"board": 4}


@pytest.mark.parametrize(
    ("told", "is_loaded"),
    [
        (Told("ops", "done", Owing.OWED, 5, 4), True),
        (Told("ops", "done", Owing.SENDING, 5, 4), True),
        (Told("ops", "done", Owing.HELD, 5, 5), True),
        (Told("ops", "done", Owing.TOLD, 4, 4), True),
        (Told("ops", "done", Owing.TOLD, 5, 5), False),
        (Told("ops", "done", Owing.DROPPED, 5, 5), False),
        (Told("ops", "open", Owing.TOLD, 1, 1), True),
        (Told("ops", "board", Owing.TOLD, 1, 1), True),
    ],
)
async def test_a_checkpoint_holds_what_is_owed_and_what_may_yet_be(store, told, is_loaded):
    resolved = incident("done", state=State.RESOLVED, resolved_at=later(60), revision=5)
    await store.commit(Batch(incidents=[resolved, incident("open")], told=[told]))
    found = await store.load([])
    assert list(found.told) == ([told] if is_loaded else [])
    owed = is_loaded and told.subject == "done"
    assert {i.id for i in found.incidents} == ({"open", "done"} if owed else {"open"})
    assert await store.told_of(told.subject) == [told]


async def test_incidents_come_newest_first_and_since_means_not_over_by_then(store):
    old = incident("old", state=State.RESOLVED, resolved_at=later(100))
    long = incident("long", started_at=later(10))
    new = incident("new", started_at=later(500), state=State.RESOLVED, resolved_at=later(600))
    await store.commit(Batch(incidents=[old, long, new]))
    assert [i.id for i in await store.incidents(open_only=False)] == ["new", "long", "old"]
    assert [i.id for i in await store.incidents(open_only=True)] == ["long"]
    assert [i.id for i in await store.incidents(open_only=False, since=later(101))] == ["new", "long"]


async def test_looks_come_in_order_of_time_with_both_ends(store):
    taken = [seen(second, latency=second / 7 or None) for second in (0, 10, 20, 30)]
    for observation in (taken[2], taken[0], taken[3], taken[1]):
        await store.commit(Batch([observation]))
    assert same_looks(await store.looks("api", later(10), later(30)), map(look_of, taken[1:]))
    assert await store.looks("web", NOON, later(30)) == []


async def test_looks_at_one_millisecond_are_all_kept(store):
    await store.commit(Batch([seen(0), seen(0, Status.MAJOR)]))
    await store.commit(Batch([seen(0, Status.PARTIAL)]))
    found = await store.looks("api", NOON, later(1))
    assert sorted(look.status for look in found) == ["major", "operational", "partial"]
    assert (await store.uptimes(["api"], later(1), [60]))["api"] == [Uptime(up=1, down=2)]


async def test_an_uptime_counts_each_status_as_the_formula_says(store):
    numbers = {
        Status.OPERATIONAL: 5,
        Status.DEGRADED: 4,
        Status.PARTIAL: 3,
        Status.MAJOR: 2,
        Status.MAINTENANCE: 6,
        Status.UNKNOWN: 7,
    }
    looks = [status for status, count in numbers.items() for _ in range(count)]
    await store.commit(Batch([seen(second, status) for second, status in enumerate(looks)]))
    (uptime,) = (await store.uptimes(["api"], later(60), [86_400]))["api"]
    assert uptime == Uptime(up=9, down=5, maintenance=6, unknown=7)
    assert uptime.share == 9 / 14


async def test_a_confirming_look_is_kept_and_not_counted(store):
    await store.commit(Batch([seen(0, Status.MAJOR), seen(2, Status.MAJOR, confirming=True)]))
    assert [look.confirming for look in await store.looks("api", NOON, later(5))] == [False, True]
    assert (await store.uptimes(["api"], later(5), [60]))["api"] == [Uptime(down=1)]


async def test_a_service_never_seen_has_no_share(store):
    assert await store.uptimes(["api"], NOON, [60, 3600]) == {"api": [Uptime(), Uptime()]}
    assert Uptime().share is None
    assert await store.sparkline("api", NOON, later(60), 3) == [None, None, None]


async def test_a_sparkline_is_the_median_per_slice(store):
    latencies = {0: 0.1, 1: 0.3, 2: 0.2, 10: 0.5, 11: 0.7, 25: None}
    await store.commit(Batch([seen(second, latency=latency) for second, latency in latencies.items()]))
    found = await store.sparkline("api", NOON, later(40), 4)
    assert [close(a, b) for a, b in zip(found, [0.2, 0.6, None, None], strict=True)] == [True] * 4


COARSELY = 0.0055


def near(found, expected) -> bool:
    return all(close(*pair, COARSELY) for pair in zip(quantiles_of(found), quantiles_of(expected), strict=True))


def quantiles_of(latency) -> tuple:
    return (latency.p50, latency.p95, latency.p99, latency.most)


async def test_a_chart_has_in_each_slice_how_long_looks_took_and_what_they_saw(store):
    hundred = [seen(second / 10, latency=(second + 1) / 100) for second in range(100)]
    down = [seen(20, Status.MAJOR, None), seen(21, Status.PARTIAL, 2.0), seen(22, Status.MAJOR, 3.0, confirming=True)]
    work = [seen(30, Status.MAINTENANCE, 0.5), seen(31, Status.UNKNOWN, None)]
    await store.commit(Batch([*hundred, *down, *work]))
    chart = await store.chart("api", NOON, later(40), 4)
    assert [one.at for one in chart.slices] == [later(second) for second in (0, 10, 20, 30)]
    assert near(chart.slices[0].latency, Quantiles(0.5, 0.95, 0.99, 1.0))
    assert near(chart.slices[1].latency, Quantiles())
    assert near(chart.slices[2].latency, Quantiles(2.0, 3.0, 3.0, 3.0))
    assert [one.status for one in chart.slices] == [Status.OPERATIONAL, None, Status.MAJOR, Status.UNKNOWN]
    assert [(one.looks, one.down, one.maintenance) for one in chart.slices] == [
        (100, 0, 0),
        (0, 0, 0),
        (2, 2, 0),
        (2, 0, 1),
    ]
    assert near(chart.latency, Quantiles(0.51, 0.97, 2.0, 3.0))
    assert close(chart.mean, (50.5 + 2 + 3 + 0.5) / 103, COARSELY)


async def test_a_chart_has_both_ends_and_nothing_beyond_them(store):
    await store.commit(Batch([seen(second) for second in (-1, 0, 60, 61)]))
    assert [one.looks for one in (await store.chart("api", NOON, later(60), 2)).slices] == [1, 1]
    assert [one.looks for one in (await store.chart("web", NOON, later(60), 3)).slices] == [0, 0, 0]


async def test_days_count_the_looks_that_stand_for_time(store):
    taken = [seen(-86_400), seen(0), seen(1, Status.MAJOR), seen(2, Status.MAJOR, confirming=True), seen(43_200)]
    await store.commit(Batch(taken))
    for _ in range(2):
        found = await store.days("api", later(60), 3)
        assert [one.at.date().isoformat() for one in found] == ["2026-03-02", "2026-03-03", "2026-03-04"]
        assert [dict(one.counts) for one in found] == [
            {},
            {Status.OPERATIONAL: 1},
            {Status.OPERATIONAL: 1, Status.MAJOR: 1},
        ]
        await store.tidy(later(3 * 86_400))


async def test_the_newest_looks_are_found_wherever_they_lie(store):
    old = [seen(-86_400.0 * days) for days in range(9, 1, -1)]
    await store.commit(Batch([*old, *(seen(60 * minute, service="web") for minute in range(120))]))
    await store.tidy(later(4 * 3600))
    fresh = [seen(14_400), seen(14_410, Status.MAJOR, None, confirming=True)]
    await store.commit(Batch(fresh))
    found = await store.lately(["api", "web", "db"], 4)
    assert same_looks(found["api"], map(look_of, [*old[-2:], *fresh]))
    assert [look.at for look in found["web"]] == [later(60 * minute) for minute in range(116, 120)]
    assert found["db"] == []
    everything = await store.lately(["api"], 100)
    assert same_looks(everything["api"], map(look_of, [*old, *fresh]))


async def test_the_newest_looks_are_the_newest_also_where_a_late_one_came_after_them(store):
    await store.commit(Batch([seen(0), seen(10), seen(7200)]))
    await store.tidy(later(4 * 3600))
    await store.commit(Batch([seen(5, Status.MAJOR)]))
    assert [look.at for look in (await store.lately(["api"], 1))["api"]] == [later(7200)]
    assert [look.at for look in (await store.lately(["api"], 3))["api"]] == [later(5), later(10), later(7200)]


async def test_events_of_everything_come_as_they_were_written_and_only_the_newest_so_many(store):
    for n in range(1, 6):
        batch = [event("board", n, at=later(n)), event("i1", n, at=later(n))]
        await store.commit(Batch(events=batch))
    found = await store.events(NOON, 4)
    assert [(one.subject, one.n) for one in found] == [("board", 4), ("i1", 4), ("board", 5), ("i1", 5)]
    assert [one.n for one in await store.events(later(5), 4)] == [5, 5]
    assert len(await store.events(NOON, 100)) == 10


async def test_incidents_can_be_asked_for_by_their_service(store):
    await store.commit(Batch(incidents=[incident("i1"), incident("i2", service="web")]))
    assert [one.id for one in await store.incidents(open_only=False, service="web")] == ["i2"]
    assert await store.incidents(open_only=False, service="db") == []


async def test_an_account_counts_what_was_told_and_what_flapped_of_what_was_real(store):
    over = {"state": State.RESOLVED, "resolved_at": later(10)}
    found = [
        incident("i1"),
        incident("i2", service="web", **over),
        incident("i3", title='"rehearsal":true', **over),
        incident("old", state=State.RESOLVED, resolved_at=later(-10)),
        incident("played", rehearsal=True),
    ]
    told = [Told("ops", one.id, Owing.TOLD) for one in found] + [Told("mail", "i1", Owing.GIVEN_UP)]
    flaps = [event(one.id, n, Kind.FLAPPING) for one in found for n in (2, 3)]
    await store.commit(Batch(incidents=found, told=told, events=[event(), *flaps]))
    account = await store.account(NOON)
    assert account.told == {"ops": {"told": 3}, "mail": {"given-up": 1}}
    assert account.flapping == {"api": 4, "web": 2}
    assert (account.size > 0) is hasattr(store, "path")


async def test_history_is_the_same_after_tidying(store):
    taken = [
        seen(10 * i + i % 3 / 1000, list(Status)[i % 6], None if i % 5 == 0 else 0.01 * i, confirming=i % 7 == 0)
        for i in range(1000)
    ]
    await store.commit(Batch(taken))
    now = later(4 * 3600)
    spans = [3600, 86_400, 30 * 86_400]
    before = await store.uptimes(["api"], now, spans), await store.sparkline("api", NOON, now, 10)
    charts = [await store.chart("api", NOON, now, points) for points in (1, 4, 7)]
    days = await store.days("api", now, 2)
    await store.tidy(now)
    assert same_looks(await store.looks("api", NOON, now), map(look_of, taken))
    assert await store.uptimes(["api"], now, spans) == before[0]
    after = await store.sparkline("api", NOON, now, 10)
    assert all(map(close, after, before[1]))
    for chart in charts:
        packed = await store.chart("api", NOON, now, len(chart.slices))
        assert all(near(one.latency, other.latency) for one, other in zip(packed.slices, chart.slices, strict=True))
        assert [one.status for one in packed.slices] == [one.status for one in chart.slices]
        assert near(packed.latency, chart.latency)
    assert await store.days("api", now, 2) == days


async def test_a_late_look_for_a_packed_hour_joins_it(store):
    await store.commit(Batch([seen(0), seen(20)]))
    await store.tidy(later(3 * 3600))
    await store.commit(Batch([seen(10, Status.MAJOR), seen(20, Status.PARTIAL)]))
    await store.tidy(later(3 * 3600))
    found = await store.looks("api", NOON, later(60))
    assert sorted(look.status for look in found) == ["major", "operational", "operational", "partial"]
    assert (await store.uptimes(["api"], later(3 * 3600), [86_400]))["api"] == [Uptime(up=2, down=2)]


async def test_everything_of_a_large_number_at_once(store):
    batches = [Batch([seen(i, service=f"s{i % 50}")], events=[event("board", i)]) for i in range(300)]
    await asyncio.gather(*(store.commit(batch) for batch in batches))
    assert len(await store.timeline("board")) == 300
    uptimes = await store.uptimes([f"s{i}" for i in range(50)], later(300), [3600])
    assert [spans[0].up for spans in uptimes.values()] == [6] * 50


async def test_a_store_can_be_closed_twice(store):
    await store.close()
    await store.close()


@pytest.mark.parametrize("kind", ["threaded", "inline"])
async def test_a_closed_store_says_so(kind, tmp_path):
    async with opened(kind, tmp_path / "store.db") as store:
        await store.close()
        with pytest.raises(StoreError, match="is closed"):
            await store.commit(Batch([seen(0)]))
        with pytest.raises(StoreError, match="is closed"):
            await store.load([])


@pytest.mark.parametrize("kind", ["threaded", "inline"])
async def test_a_restart_changes_nothing(kind, tmp_path):
    now = later(7200)
    taken = [seen(i * 60, list(Status)[i % 6]) for i in range(120)]
    resolved = replace(incident(), state=State.RESOLVED, resolved_at=later(9))
    batch = Batch(taken, [Belief("api")], [resolved], [event(), event("board", 4)], [Told("ops", "i1")], {"a": "b"})
    async with opened(kind, tmp_path / "store.db") as store:
        await store.commit(batch)
        before = await store.load(["api"]), await store.uptimes(["api"], now, [3600, 86_400])
    async with opened(kind, tmp_path / "store.db") as store:
        assert (await store.load(["api"]), await store.uptimes(["api"], now, [3600, 86_400])) == before
        assert same_looks(await store.looks("api", NOON, now), map(look_of, taken))
        await store.commit(Batch([seen(0, Status.MAJOR)]))
        assert len(await store.looks("api", NOON, now)) == 121
        assert store.notice == ""


@pytest.mark.parametrize("kind", ["threaded", "inline"])
async def test_a_service_that_a_bad_batch_named_first_is_known_after_the_next_good_one(kind, tmp_path):
    async with opened(kind, tmp_path / "store.db") as store:
        await store.commit(Batch(events=[event(text="down")]))
        with pytest.raises(StoreError):
            await store.commit(Batch([seen(0), seen(0, service="web")], events=[event(text="up")]))
        await store.commit(Batch([seen(1, service="web")]))
        await store.commit(Batch([seen(1), seen(2)]))
    async with opened(kind, tmp_path / "store.db") as store:
        found = {name: len(await store.looks(name, NOON, later(60))) for name in ("api", "web")}
        assert found == {"api": 2, "web": 1}


async def test_an_odd_latency_is_no_obstacle(store):
    odd = [0.0, float("inf"), float("nan"), 1e-9, -1.0, 3600.0]
    taken = [Observation("api", later(i), 0.0, Reading(Status.MAJOR, latency=value)) for i, value in enumerate(odd)]
    await store.commit(Batch(taken))
    await store.tidy(NOON + timedelta(hours=5))
    assert len(await store.looks("api", NOON, later(60))) == len(odd)
