"""What reading a vendor's page costs, in ms per MB and beside json.loads on the same bytes, and how long it blocks.

For each kind the largest recording that is at hand (else the page of a bad day from the suite), as it is, blown up to
1.5 MB, as a list of Salesforce's is in the wild, and to almost 8 MB, which is the most that is read, though never to
more rows than are. A poll is all from the bytes to the reading that the engine gets. Blocking is the longest that a
coroutine which only ticks had to wait for its turn while such a page was fetched from a server in another process,
read and judged.

Of a feed no two entries are alike, and what was read of an entry is remembered as long as it does not change. So a
feed is polled in two ways: with entries of which each is new, and with one that has changed since the poll before.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import gc
import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any

from tests.bench import ground
from tests.bench.ground import MEASURED, SERVERS, running, say, verdict, wait_for
from tests.checks.vendors.laws import KNOWN, check_of, read
from tests.checks.vendors.recordings import FOLDER
from tests.checks.vendors.samples import SAMPLES
from tui_monitor.checks.craft.vendor.document import MOST_ROWS
from tui_monitor.checks.craft.vendor.page import at
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Service
from tui_monitor.core.status import Status
from tui_monitor.engine.runner import read as look_at
from tui_monitor.net import Net, Way

WILD, LARGEST = 1_500_000, 8 * 1024 * 1024 - 100_000
MOST_MS, MOST_BLOCK = 20.0, 50.0
LARGE = {
    "aws_health": "aws_health/currentevents.utf16be.bin",
    "azure_health": "azure_service_health/DERIVED_mixed_events.json",
    "firehydrant": "firehydrant/redis_payload.json",
    "feed": "rss_feeds/github_history_2026-08-22_all_resolved.atom",
    "google_cloud": "gcp/incidents.json",
    "heroku": "heroku/amureki_heroku_incident.json",
    "salesforce": "salesforce/incidents_active_from_preview.json",
    "slack_status": "slack_status/javasdk_raw_v2.0.0_current.json",
    "status_io": "statusio/gitlab_current.json",
    "statuspage": "statuspage/amureki_twilio_incident.json",
}
"""Recordings of which the right reading is known, the largest of each kind."""

NAMED = ("id", "_id", "name", "arn", "guid", "link", "url")
INNER = "geographies"
"""Rows of Azure DevOps that stand below others, and are counted instead of them."""
ENTRIES = 1000
"""Of a feed that are read at most."""
ENTRY = re.compile(rb"<(item|entry)>.*?</\1>", re.DOTALL)
ROUNDS = itertools.count(1000)


def page_of(kind: str) -> bytes:
    path = FOLDER / LARGE.get(kind, "none")
    return path.read_bytes() if path.is_file() else SAMPLES[kind].bodies[1]


# -- larger pages --------------------------------------------------------------------------------------------------


def blown_up(body: bytes, size: int) -> bytes:
    """The same page with its longest list repeated, each row under a name of its own."""
    if body.lstrip()[:1] == b"<":
        return _more_entries(body, size)
    text = body.decode("utf-16") if body[:2] in (b"\xfe\xff", b"\xff\xfe") else body.decode("utf-8-sig")
    data = json.loads(text)
    rows = max(_lists(data), key=lambda one: len(json.dumps(one)))
    pattern, room = copy.deepcopy(rows), size - len(json.dumps(data))
    each = len(json.dumps(pattern)) + 20 * len(pattern)
    most = MOST_ROWS // max(len(pattern), sum(len(row.get(INNER, ())) for row in pattern))
    for number in range(1, min(max(0, room) // each + 1, most)):
        rows += [_renamed(row, number) for row in pattern]
    return json.dumps(data).encode()


def _lists(data: Any) -> Iterator[list[Any]]:
    """Every list of mappings, the outermost only."""
    if isinstance(data, list):
        if data and all(isinstance(one, dict) for one in data):
            yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _lists(value)


def _renamed(row: dict[str, Any], number: int) -> dict[str, Any]:
    new = {key: row[key] + 1_000_000 * number if isinstance(row[key], int) else f"{row[key]}-{number}"
           for key in NAMED if isinstance(row.get(key), int | str)}  # fmt: skip
    return {**copy.deepcopy(row), **new}


def _more_entries(body: bytes, size: int) -> bytes:
    """As many as are read of one feed, at most: each round with words of its own, and of the year before."""
    pattern = [found[0] for found in ENTRY.finditer(body)]
    rest, found = len(body) - sum(map(len, pattern)), list(pattern)
    start, end = body.index(pattern[0]), body.rindex(pattern[-1]) + len(pattern[-1])
    for number in range(1, ENTRIES // len(pattern)):
        if rest + sum(map(len, found)) + sum(map(len, pattern)) > size:
            break
        found += [_older(_told_anew(one, number), number) for one in pattern]
    return body[:start] + b"".join(found) + body[end:]


def _told_anew(body: bytes, number: int, most: int = 0) -> bytes:
    """With other titles, and other words in each update, of so many entries at most; of all where that is 0."""
    mark = b"In round %d: " % number
    words = re.compile(rb"(?<=<title>)|(?<=/strong&gt; - )|(?<=/strong> - )")
    return ENTRY.sub(lambda one: words.sub(mark, one[0]), body, most)


def _older(entry: bytes, years: int) -> bytes:
    entry = re.sub(rb"(?=</(?:guid|id)>)", b"%d" % years, entry)
    dated = rb"(<(?:published|updated|pubDate)>[^<]*?)(20\d\d)"
    return re.sub(dated, lambda found: found[1] + b"%d" % (int(found[2]) - years), entry)


def polls(body: bytes, rounds: int) -> Iterator[tuple[str, bytes, list[bytes]]]:
    """The ways to poll it: what was read before, and what is read in each round."""
    if body.lstrip()[:1] != b"<":
        yield "", b"", [body] * rounds
        return
    yield "all new", b"", [_told_anew(body, next(ROUNDS)) for _ in range(rounds)]
    yield "one changed", body, [_told_anew(body, next(ROUNDS), 1) for _ in range(rounds)]


# -- what it costs -------------------------------------------------------------------------------------------------


def milliseconds(work: Callable[[bytes], object], bodies: Iterable[bytes]) -> float:
    """Of CPU, the median of some rounds."""
    took = []
    for body in bodies:
        gc.collect()
        begun = thread_time()
        work(body)
        took.append((thread_time() - begun) * 1000)
    return median(took)


def parsed(body: bytes) -> None:
    """What json.loads makes of it; of a page in XML, nothing that could be compared."""
    with suppress(ValueError):
        json.loads(body)


def costs(kind: str, before: bytes, bodies: list[bytes]) -> tuple[float, float, str]:
    """Milliseconds per MB of a poll, how many times json.loads that is, and what was read."""
    if before:
        read(kind, before)
    size = len(bodies[0]) / 1e6
    ours, theirs = milliseconds(partial(read, kind), bodies), milliseconds(parsed, bodies)
    reading = read(kind, bodies[0])
    if reading.cause == "unreadable":
        raise Unreadable(f"{kind}: {reading.message}")
    listed = len((*(reading.incidents or ()), *reading.over, *reading.maintenances)) + len(reading.components)
    return ours / size, ours / theirs if bodies[0][:1] != b"<" else 0.0, f"{listed} kept"


# -- how long it blocks --------------------------------------------------------------------------------------------


async def longest_block(during: Callable[[], Any] | None) -> float:
    """Milliseconds that a coroutine which ticks has waited at most, while something else was under way."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            begun = perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, (perf_counter() - begun) * 1000 - 1)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.02)
    longest = 0.0
    await (during() if during is not None else asyncio.sleep(0.5))
    await asyncio.sleep(0.005)
    ticking.cancel()
    return longest


async def blocks(kind: str, url: str, served: Path, bodies: list[bytes]) -> float:
    """The median of some looks, each by a way out that knows nothing yet."""
    asked = at(url, role=SAMPLES[kind].role or check_of(kind).asked[0].role)
    check = copy.copy(check_of(kind))
    object.__setattr__(check, "asked", (asked,))
    if hasattr(check, "buyer"):
        object.__setattr__(check, "buyer", Unasked())
    took = []
    for body in bodies:
        served.write_bytes(body)
        net = Net()
        service, way = Service(kind, kind, check, kind), Way(net, 30.0)

        async def look(service: Service = service, way: Way = way) -> None:
            reading = await look_at(service, way)
            assert reading.status is not Status.UNKNOWN or not reading.cause, (kind, reading.message)

        gc.collect()
        took.append(await longest_block(look))
        await net.close()
    return median(took)


class Unasked:
    """A login where none is needed."""

    async def key(self, *ignored: Any) -> None:
        return None


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="vendors", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="*", default=KNOWN, choices=KNOWN)
    options = parser.parse_args(words)
    os.sched_setaffinity(0, {MEASURED})
    rows: list[list[str]] = []
    worst, longest = dict[str, float](), 0.0
    with ground.folder() as where:
        port = ground.free_port()
        command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", where]
        with running("server", command, where, SERVERS) as server:
            wait_for(lambda: ground.listens(port), server, 10, "the server listening")
            idle = asyncio.run(longest_block(None))
            for kind in options.kinds:
                say(kind)
                for name, size in (("as it is", 0), ("1.5 MB", WILD), ("8 MB", LARGEST)):
                    body = blown_up(page_of(kind), size) if size else page_of(kind)
                    served, url = where / f"{kind}.json", f"http://127.0.0.1:{port}/{kind}.json"
                    ways = zip(polls(body, options.rounds), polls(body, options.rounds), strict=True)
                    for (way, before, bodies), (_, _, others) in ways:
                        each, ratio, kept = costs(kind, before, bodies)
                        block = asyncio.run(blocks(kind, url, served, others))
                        worst[way] = max(worst.get(way, 0.0), each if size else 0.0)
                        longest = max(longest, block)
                        figures = [f"{each:.1f}", f"{ratio:.1f}" if ratio else "", f"{block:.1f}"]
                        rows.append([kind, name, way, f"{len(body) / 1e6:.3f}", kept, *figures])
    ground.table(
        rows, ["page", "size", "entries", "MB", "reading", "CPU ms per MB", "times json.loads", "longest block, ms"]
    )
    print(f"a loop with nothing to do waits up to {idle:.1f} ms for its turn here")
    for way, most in worst.items():
        words = f"a poll of a large {'feed, ' + way if way else 'page'}, at most, per MB:"
        print(words, verdict(most, MOST_MS, " ms"))
    print("the longest block of the loop:", verdict(longest, MOST_BLOCK, " ms"))
    return 0 if max(worst.values()) <= MOST_MS and longest <= MOST_BLOCK else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main(sys.argv[1:]))
