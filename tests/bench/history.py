"""What remembering costs: CPU and bytes a look, the time of uptimes and sparklines, size bounds.

`python -m tests.bench history [--full]` fills three stores through the real commit and tidy, at an accelerated pace:

1. a day of 1,000 services looked at every 10 s (with `--full`: 30 days): CPU and bytes a look, and how large the log
   of changes beside the file gets;
2. the rows of 90 days of 1,000 services: for the last 31 days one look an hour, before that one a day (uptimes read
   counts, not looks), and ten of them looked at every 10 s in the last 30 hours: how long history takes to read;
3. 30 days of two services looked at every 10 s: how long a chart of one takes;
4. 40 services at a size limit that a week of them does not fit in: that the file stays there.

CPU is of the whole process, all threads; making the observations is not counted. Exit 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from tui_monitor.core.model import Observation, Reading
from tui_monitor.core.ports import Batch
from tui_monitor.core.status import Status
from tui_monitor.store import SqliteStore, open_store

START = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = 10
DAY = 86_400
SPANS = (DAY, 7 * DAY, 30 * DAY, 90 * DAY)
MONTH_OF_LOOKS = 1000 * 30 * DAY // EVERY


class Fleet:
    """Services that answer with a lognormal latency of their own, a few ms late, and fail now and then."""

    def __init__(self, size: int, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.names = [f"service-{i:04}" for i in range(size)]
        self.usual = [self.chance.uniform(0.005, 0.3) for _ in range(size)]
        self.phases = [self.chance.uniform(0, 1) for _ in range(size)]

    def look(self, i: int, at: float) -> Observation:
        chance = self.chance
        took = self.usual[i] * chance.lognormvariate(0, 0.2)
        status = Status.MAJOR if chance.random() < 0.002 else Status.OPERATIONAL
        late = chance.expovariate(500)
        return Observation(self.names[i], START + timedelta(seconds=at + late), took, Reading(status, latency=took))

    def round(self, at: float, every: float) -> Iterator[Observation]:
        """One look of everybody, in the order of their phases."""
        for phase, i in sorted(zip(self.phases, range(len(self.names)), strict=True)):
            yield self.look(i, at + phase * every)


class Meter:
    """CPU and time of what is awaited through it, and the largest log of changes seen."""

    def __init__(self, path: Path) -> None:
        self.wal = Path(f"{path}-wal")
        self.cpu = 0.0
        self.looks = 0
        self.largest = 0
        self.longest = 0.0

    async def of(self, work: Awaitable[Any], looks: int = 0) -> None:
        began, cpu = time.perf_counter(), time.process_time()
        await work
        self.cpu += time.process_time() - cpu
        self.looks += looks
        if looks:
            self.longest = max(self.longest, time.perf_counter() - began)
        self.largest = max(self.largest, self.wal.stat().st_size)


async def fill(store: SqliteStore, meter: Meter, fleet: Fleet, days: float, batch: int) -> None:
    """Every look of so many days, tidied once an hour, a quarter after the hour."""
    waiting: list[Observation] = []
    for at in range(0, int(days * DAY), EVERY):
        for seen in fleet.round(at, EVERY):
            waiting.append(seen)
            if len(waiting) == batch:
                await meter.of(store.commit(Batch(observations=waiting)), len(waiting))
                waiting = []
        if at % 3600 == 1200:
            await meter.of(store.tidy(START + timedelta(seconds=at)))
    await meter.of(store.commit(Batch(observations=waiting)), len(waiting))
    await meter.of(store.tidy(START + timedelta(days=days, hours=2)))


def size_of(path: Path) -> int:
    return sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*"))


class Report:
    """Lines with their targets; knows whether one was missed."""

    def __init__(self) -> None:
        self.missed = 0

    def line(self, what: str, value: float, unit: str, most: float | None = None) -> None:
        is_met = most is None or value <= most
        self.missed += not is_met
        target = "" if most is None else f"   at most {most:g}{'' if is_met else '   MISSED'}"
        print(f"  {what:<58} {value:>9.2f} {unit}{target}", flush=True)


async def measure_cost(folder: Path, report: Report, services: int, days: float, batch: int) -> None:
    path = folder / "cost.db"
    store = await open_store(path, now=START)
    meter = Meter(path)
    await fill(store, meter, Fleet(services), days, batch)
    await store.close()
    size = size_of(path)
    print(f"{services:,} services every {EVERY} s for {days:g} days, {batch} looks a commit: {meter.looks:,} looks")
    report.line("CPU, commit and tidy together", meter.cpu / meter.looks * 1e6, "us a look", 8)
    report.line("on disk, everything packed", size / meter.looks, "bytes a look", 2.5)
    report.line("that is for 30 days of 1,000 services", size / meter.looks * MONTH_OF_LOOKS / 1e6, "MB", 650)
    report.line("the log of changes at its largest", meter.largest / 1e6, "MB", 20)
    report.line("the longest commit", meter.longest * 1e3, "ms")
    path.unlink()


async def measure_reading(folder: Path, report: Report, services: int) -> None:
    path = folder / "reading.db"
    store = await open_store(path, now=START)
    fleet = Fleet(services, seed=2)
    for day in range(59):
        await store.commit(Batch(observations=list(fleet.round(day * DAY, DAY))))
    now = START + timedelta(days=90)
    for hour in range(59 * 24, 90 * 24):
        await store.commit(Batch(observations=list(fleet.round(hour * 3600, 3600))))
        if hour % 24 == 23:
            await store.tidy(START + timedelta(hours=hour))
    for at in range(90 * DAY - 30 * 3600, 90 * DAY, EVERY):
        await store.commit(Batch(observations=[fleet.look(i, at) for i in range(10)]))
    await store.tidy(now)
    print(f"{services:,} services, rows of 90 days, {size_of(path) / 1e6:.0f} MB")
    one = fleet.names[3]
    begin = now - timedelta(days=1)
    report.line(
        "one service: its uptimes and the sparkline of 24 h",
        await timed(lambda: both(store.uptimes([one], now, SPANS), store.sparkline(one, begin, now, 48))),
        "ms",
        10,
    )
    report.line(
        "every service: uptimes of 24 h, 7, 30, 90 days",
        await timed(lambda: store.uptimes(fleet.names, now, SPANS)),
        "ms",
        100,
    )
    report.line("one service: every look of 24 h", await timed(lambda: store.looks(one, begin, now)), "ms")
    some = fleet.names[:200]
    newest = await timed(lambda: store.lately(some, 32))
    report.line("the newest 32 looks, of each of 200 services", newest / len(some), "ms", 1)
    report.line("one service: its last 90 days", await timed(lambda: store.days(one, now, 90)), "ms", 10)
    report.line("a checkpoint", await timed(lambda: store.load(fleet.names)), "ms")
    await store.close()
    opening = time.perf_counter()
    store = await open_store(path, now=now)
    report.line("opening it again", (time.perf_counter() - opening) * 1e3, "ms")
    await store.close()
    path.unlink()


async def measure_charts(folder: Path, report: Report) -> None:
    path = folder / "charts.db"
    store = await open_store(path, now=START)
    fleet = Fleet(2, seed=4)
    await fill(store, Meter(path), fleet, 30, 2000)
    now, one = START + timedelta(days=30), fleet.names[0]
    print(f"2 services every {EVERY} s for 30 days: a chart of 120 points of one of them")
    for name, days, most in (("1 h", 1 / 24, 10), ("24 h", 1, 25), ("7 days", 7, 50), ("30 days", 30, 50)):
        since = now - timedelta(days=days)
        report.line(f"of {name}", await timed(lambda since=since: store.chart(one, since, now, 120)), "ms", most)
    await store.close()
    path.unlink()


async def both(one: Awaitable[Any], other: Awaitable[Any]) -> None:
    await one
    await other


async def timed(work: Any) -> float:
    """The median of eleven, in ms."""
    times = []
    for _ in range(11):
        began = time.perf_counter()
        await work()
        times.append(time.perf_counter() - began)
    return median(times) * 1e3


async def measure_bound(folder: Path, report: Report) -> None:
    path = folder / "bound.db"
    limit = 4 * 2**20
    store = await open_store(path, now=START, size_limit=limit)
    meter = Meter(path)
    await fill(store, meter, Fleet(40, seed=3), 7, 400)
    word = store.notice
    await store.close()
    print(f"40 services every {EVERY} s for 7 days in {limit / 2**20:.0f} MiB: {word}")
    report.line("on disk", size_of(path) / 2**20, "MiB", limit / 2**20)
    path.unlink()


async def measure(options: argparse.Namespace) -> int:
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await measure_cost(folder, report, options.services, 30 if options.full else options.days, options.batch)
        if not options.cost_only:
            await measure_reading(folder, report, options.services)
            await measure_charts(folder, report)
            await measure_bound(folder, report)
    return 1 if report.missed else 0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.bench history", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="30 days instead of one (an hour)")
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=200, help="looks a commit")
    parser.add_argument("--cost-only", action="store_true", help="leave the reading and the size limit out")
    return asyncio.run(measure(parser.parse_args(argv)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
