"""Packing, rolling up, forgetting and giving space back, told as stories."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from tests.store.making import NOON, close, event, incident, look_of, opened, same_looks, seen
from tui_monitor.core.model import Kind, Observation, State, Told
from tui_monitor.core.ports import Batch, Uptime
from tui_monitor.core.status import Status

DAY = 86_400.0
MIDNIGHT = NOON.replace(hour=0)


def after(*, days: float = 0, hours: float = 0, seconds: float = 0) -> datetime:
    return MIDNIGHT + timedelta(days=days, hours=hours, seconds=seconds)


def hourly(days: int, service: str = "api", latency: float = 0.1) -> list[Observation]:
    """Two looks an hour; the second of every sixth hour saw it down."""
    return [
        seen(
            after(hours=hour, seconds=1800 * half),
            Status.MAJOR if half and hour % 6 == 0 else Status.OPERATIONAL,
            latency,
            service,
        )
        for hour in range(24 * days)
        for half in (0, 1)
    ]


def rows(store, table: str) -> int:
    return store._writer.connection.execute(f"select count(*) from {table}").fetchone()[0]


async def test_only_hours_that_are_over_are_packed(tmp_path):
    async with opened("inline", tmp_path / "s.db") as store:
        await store.commit(Batch([seen(after(hours=hour)) for hour in range(5)]))
        await store.tidy(after(hours=3, seconds=600))
        assert (rows(store, "packed"), rows(store, "look")) == (2, 3)
        await store.tidy(after(hours=3, seconds=900))
        assert (rows(store, "packed"), rows(store, "look")) == (3, 2)
        assert (rows(store, "hour"), rows(store, "day")) == (3, 1)


async def test_tidying_twice_changes_nothing(tmp_path):
    async with opened("inline", tmp_path / "s.db") as store:
        await store.commit(Batch(hourly(2)))
        await store.tidy(after(days=3))
        connection = store._writer.connection
        before = list(connection.iterdump())
        await store.tidy(after(days=3))
        assert list(connection.iterdump()) == before


async def test_looks_go_after_their_time_and_what_they_said_stays(tmp_path):
    async with opened("inline", tmp_path / "s.db", keep_looks=2 * DAY) as store:
        taken = hourly(5)
        await store.commit(Batch(taken))
        now = after(days=5, hours=2)
        await store.tidy(now)
        kept = [look for look in map(look_of, taken) if look.at >= after(days=3, hours=2)]
        assert same_looks(await store.looks("api", MIDNIGHT, now), kept)
        assert (await store.uptimes(["api"], now, [90 * DAY]))["api"] == [Uptime(up=220, down=20)]
        (latency,) = await store.sparkline("api", after(days=1), after(days=1, hours=23), 1)
        assert close(latency, 0.1, 0.016)
        assert rows(store, "hour") == 2 * 24
        assert rows(store, "day") == 5


async def test_a_span_that_begins_in_a_day_whose_hours_are_gone_begins_with_that_day(tmp_path):
    async with opened("inline", tmp_path / "s.db", keep_looks=2 * DAY) as store:
        await store.commit(Batch(hourly(6)))
        now = after(days=6)
        before = await store.uptimes(["api"], now, [2.5 * DAY, 3.5 * DAY])
        assert [uptime.up + uptime.down for uptime in before["api"]] == [2 * 60, 2 * 84]
        await store.tidy(after(days=6, hours=2))
        found = await store.uptimes(["api"], now, [1.5 * DAY, 2 * DAY, 2.5 * DAY, 3.5 * DAY])
        assert [uptime.up + uptime.down for uptime in found["api"]] == [2 * 36, 2 * 48, 2 * 72, 2 * 96]


async def test_many_services_have_the_same_uptimes_as_one_by_one(tmp_path):
    names = [f"s{i}" for i in range(40)]
    async with opened("inline", tmp_path / "s.db", keep_looks=3 * DAY) as store:
        for i, name in enumerate(names):
            await store.commit(Batch(hourly(1 + i % 7, name)))
        now, spans = after(days=7, hours=5), [DAY, 3 * DAY, 5.3 * DAY, 90 * DAY]
        for _ in range(2):
            one_by_one = {name: (await store.uptimes([name], now, spans))[name] for name in names}
            assert await store.uptimes(names, now, spans) == one_by_one
            await store.tidy(now)


async def test_what_comes_late_for_a_day_that_was_folded_is_counted_and_forgotten(tmp_path):
    async with opened("inline", tmp_path / "s.db", keep_looks=DAY) as store:
        await store.commit(Batch(hourly(4)))
        await store.tidy(after(days=4, hours=2))
        await store.commit(Batch([seen(after(hours=3, seconds=5), Status.MAJOR, 9.0)]))
        await store.tidy(after(days=4, hours=2))
        assert await store.looks("api", MIDNIGHT, after(days=1)) == []
        assert (await store.uptimes(["api"], after(days=4), [90 * DAY]))["api"] == [Uptime(up=176, down=17)]
        assert rows(store, "look") == 0


async def test_a_clock_that_is_years_ahead_for_a_while_costs_no_history(tmp_path):
    async with opened("inline", tmp_path / "s.db") as store:
        await store.commit(Batch(hourly(3)))
        await store.tidy(after(days=3, hours=2))
        ahead = after(days=1000)
        await store.commit(Batch([seen(ahead)], events=[event("i1", 1)]))
        await store.tidy(ahead + timedelta(minutes=50))
        assert len(await store.looks("api", MIDNIGHT, after(days=4))) == 144
        await store.tidy(after(days=3, hours=3))
        assert len(await store.looks("api", MIDNIGHT, after(days=1001))) == 145
        assert rows(store, "look") == 0


async def test_after_a_clock_that_was_years_ahead_for_hours_new_days_have_hours_again(tmp_path):
    async with opened("inline", tmp_path / "s.db", keep_looks=3 * DAY) as store:
        await store.commit(Batch([seen(after(days=1000, hours=hour)) for hour in range(6)]))
        await store.tidy(after(days=1000, hours=8))
        await store.commit(Batch(hourly(4)))
        for day in range(1, 5):
            await store.tidy(after(days=day, hours=2))
        (uptime,) = (await store.uptimes(["api"], after(days=3, hours=12), [DAY / 4]))["api"]
        assert uptime.up + uptime.down == 2 * 18 + 6


async def test_the_median_of_days_whose_looks_are_gone_is_of_all_their_hours(tmp_path):
    async with opened("inline", tmp_path / "s.db", keep_looks=2 * DAY) as store:
        latencies = [0.1 + hour / 100 for hour in range(24 * 5)]
        await store.commit(Batch([seen(after(hours=hour), latency=value) for hour, value in enumerate(latencies)]))
        await store.tidy(after(days=5, hours=2))
        found = await store.sparkline("api", MIDNIGHT, after(days=2, seconds=-1), 2)
        assert close(found[0], latencies[11], 0.016)
        assert close(found[1], latencies[35], 0.016)
        (whole,) = await store.sparkline("api", MIDNIGHT, after(days=2, seconds=-1), 1)
        assert close(whole, latencies[23], 0.016)


async def test_a_chart_shows_whole_days_where_the_looks_are_gone(tmp_path):
    async with opened("inline", tmp_path / "s.db", keep_looks=2 * DAY) as store:
        taken = [
            seen(after(hours=hour), Status.MAJOR if hour == 30 else Status.OPERATIONAL, 0.1 + hour / 100)
            for hour in range(24 * 5)
        ]
        await store.commit(Batch(taken))
        await store.tidy(after(days=5, hours=2))
        by_day = await store.chart("api", MIDNIGHT, after(days=5), 5)
        assert [(one.looks, one.down) for one in by_day.slices] == [(24, 0), (24, 1), (24, 0), (22, 0), (24, 0)]
        assert [one.status == Status.MAJOR for one in by_day.slices] == [False, True, False, False, False]
        assert close(by_day.slices[1].latency.p50, 0.1 + 35 / 100, 0.016)
        assert close(by_day.latency.most, 0.1 + 119 / 100, 0.006)
        assert close(by_day.latency.p50, 0.1 + 58 / 100, 0.016)
        by_hours = (await store.chart("api", MIDNIGHT, after(days=5), 30)).slices
        assert {one.looks for one in by_hours[:18]} == {None}
        assert {one.status for one in by_hours[6:12]} == {Status.MAJOR}
        assert close(by_hours[7].latency.p50, 0.1 + 35 / 100, 0.016)
        assert [one.looks for one in by_hours[19:]] == [4] * 11


async def test_no_reader_begins_while_looks_are_moved(tmp_path):
    """Deterministic, where reading at random moments would need luck to meet the one that counts."""
    async with opened("inline", tmp_path / "s.db") as store:
        await store.commit(Batch(hourly(1)))
        locked = []
        tally = store._writer.tally
        store._writer.connection.set_trace_callback(
            lambda sql: locked.append((sql.split()[0], tally.moving.locked()))
        )
        await store._write(store._tidying.step, store._tidying.pack, 1000 * round(after(days=2).timestamp()))
        assert ("commit;", True) in locked or ("commit", True) in locked
        locked.clear()
        await store.uptimes(["api"], after(days=2), [DAY])
        assert locked[0] in (("begin;", True), ("begin", True))
        assert locked[1] == ("select", True)
        assert locked[-1][1] is False


async def test_incidents_and_the_boards_events_go_after_their_time_and_their_numbers_stay(tmp_path):
    async with opened("inline", tmp_path / "s.db", keep_history=10 * DAY) as store:
        gone = incident("gone", state=State.RESOLVED, started_at=MIDNIGHT, resolved_at=after(days=1))
        kept = incident("kept", state=State.RESOLVED, started_at=MIDNIGHT, resolved_at=after(days=15))
        still = incident("still", started_at=MIDNIGHT)
        events = [event(subject, 1, at=MIDNIGHT) for subject in ("gone", "kept", "still")]
        events += [event("board", n, Kind.STARTED, after(days=n)) for n in range(1, 6)]
        told = [Told("ops", subject) for subject in ("gone", "kept", "still", "board")]
        await store.commit(Batch(hourly(20), (), [gone, kept, still], events, told))
        await store.tidy(after(days=20))
        assert {i.id for i in await store.incidents(open_only=False)} == {"kept", "still"}
        assert [len(await store.timeline(subject)) for subject in ("gone", "kept", "still")] == [0, 1, 1]
        assert [len(await store.told_of(subject)) for subject in ("gone", "kept", "still", "board")] == [0, 1, 1, 1]
        assert [found.n for found in await store.timeline("board")] == [5]
        assert (await store.load([])).revisions == {"board": 5}
        assert rows(store, "day") == 10


async def test_a_store_at_its_limit_drops_the_oldest_looks_says_so_and_stays_small(tmp_path):
    path, limit = tmp_path / "s.db", 2**19
    chance = random.Random(4)
    async with opened("inline", path, size_limit=limit) as store:
        for day in range(12):
            for hour in range(24):
                begin = 24 * day + hour
                looks = [
                    seen(after(hours=begin, seconds=60 * i), latency=chance.random(), service=f"s{no}")
                    for no in range(8)
                    for i in range(60)
                ]
                await store.commit(Batch(looks))
                if hour % 4 == 3:
                    await store.tidy(after(hours=begin + 1))
        now = after(days=12, hours=2)
        await store.tidy(now)
        assert "had to go before their time" in store.notice
        assert await store.looks("s1", MIDNIGHT, after(days=1)) == []
        assert len(await store.looks("s1", after(days=11), now)) == 1440
        assert (await store.uptimes(["s1"], now, [90 * DAY]))["s1"] == [Uptime(up=12 * 1440)]
        assert None not in await store.sparkline("s1", MIDNIGHT, now, 12)
    assert path.stat().st_size <= limit


async def test_space_is_given_back(tmp_path):
    path = tmp_path / "s.db"
    async with opened("inline", path) as store:
        await store.commit(Batch([seen(after(seconds=i), latency=i / 7) for i in range(30_000)]))
    before = path.stat().st_size
    async with opened("inline", path) as store:
        await store.tidy(after(days=1))
    assert path.stat().st_size < before / 4


async def test_the_log_of_changes_stays_small(tmp_path):
    path = tmp_path / "s.db"
    largest = 0
    async with opened("threaded", path) as store:
        for hour in range(3):
            for part in range(30):
                begin = 3600 * hour + 120 * part
                looks = [
                    seen(after(seconds=begin + i), service=f"s{no}") for no in range(40) for i in range(0, 120, 10)
                ]
                await store.commit(Batch(looks))
                largest = max(largest, (tmp_path / "s.db-wal").stat().st_size)
            await store.tidy(after(hours=hour + 1, seconds=1200))
            largest = max(largest, (tmp_path / "s.db-wal").stat().st_size)
    assert largest < 12 * 2**20


@pytest.mark.parametrize("services", [1, 40])
async def test_whoever_reads_while_hours_are_packed_sees_each_look_once(tmp_path, services):
    names = [f"s{no}" for no in range(services)]
    async with opened("threaded", tmp_path / "s.db") as store:
        looks = [seen(after(seconds=30 * i), service=name) for name in names for i in range(12_000 // services)]
        await store.commit(Batch(looks))
        now = after(days=5)
        expected = Uptime(up=12_000 // services)
        tidying = asyncio.ensure_future(store.tidy(now))
        reads = 0
        while not tidying.done() or not reads:
            assert await store.uptimes(names, now, [90 * DAY]) == {name: [expected] for name in names}
            assert len(await store.looks(names[-1], MIDNIGHT, now)) == expected.up
            reads += 1
        await tidying


async def test_commits_go_in_between_the_steps_of_tidying(tmp_path):
    async with opened("threaded", tmp_path / "s.db") as store:
        await store.commit(Batch([seen(after(seconds=i), service=f"s{i % 40}") for i in range(72_000)]))
        tidying = asyncio.ensure_future(store.tidy(after(days=1)))
        during = 0
        while not tidying.done():
            await store.commit(Batch([seen(after(days=1, seconds=during))]))
            during += 1
        assert during > 5
        await tidying
        assert len(await store.looks("api", after(days=1), after(days=2))) == during


@pytest.mark.parametrize("keep", [30 * DAY, 0.0])
async def test_a_blob_that_a_bad_disk_has_changed_stops_no_tidying_and_is_said(tmp_path, keep):
    path = tmp_path / "s.db"
    async with opened("inline", path) as store:
        await store.commit(Batch([*hourly(1), *hourly(1, "web")]))
        await store.tidy(after(days=1, hours=2))
        store._writer.connection.execute(
            "update packed set looks = x'0102' where slot = (select min(slot) from packed)"
        )
    async with opened("inline", path, keep_looks=keep) as store:
        await store.commit(Batch([seen(after(seconds=7)), seen(after(days=2))]))
        await store.tidy(after(days=2, hours=2))
        assert "are lost" in store.notice
        assert (await store.uptimes(["api", "web"], after(days=2), [90 * DAY]))["api"][0] == Uptime(up=46, down=4)
        assert rows(store, "look") == 0
