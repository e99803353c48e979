"""What the board costs on a real terminal of 120 by 40: start, idle, 100 visible updates/s, keys, memory, a stall.

The program runs in a process of its own. For its own cost it attaches to an engine that only plays (`actor`), so that
no look is counted; for start, memory, a stalled terminal and what is given back at the end, it has its own engine,
which looks at a server of the bench. Start, CPU and memory are of whole processes, bytes are what the terminal got.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.bench import ground, load
from tests.bench.actor import rows_of
from tests.bench.ground import say
from tests.bench.keys import Typist
from tests.bench.seat import SIZE, Seat
from tests.bench.server import Server
from tests.board.terminal import Screen
from tui_monitor.board.draw.words import latency
from tui_monitor.board.state import LATELY, MOST_EVENTS
from tui_monitor.control.client import Client
from tui_monitor.core.ports import Command
from tui_monitor.places import places_of

PROGRAM = (sys.executable, "-m", "tui_monitor")
RATE = 100
SOAK_RATE = 1000
STALL_EVERY = 1
LATE = 0.25
"""Seconds by which a look may be late while the terminal is stalled."""
PARTS = ("costs", "own", "stall", "ends", "soak")


@dataclass(frozen=True)
class Aim:
    """One figure: what it is, in which unit, and what it may be at most; for some sizes it is only told."""

    what: str
    unit: str
    most: float | None = None
    sizes: tuple[int, ...] = ()
    digits: int = 1

    def holds(self, value: float, size: int) -> bool:
        return self.most is None or (bool(self.sizes) and size not in self.sizes) or value <= self.most


AIMS = {
    "paint": Aim("process start to first paint", "s", 0.5, digits=2),
    "picture": Aim("process start to first tiles, own engine", "s", digits=2),
    "idle cpu": Aim("idle: CPU", "% of a core", 0.5),
    "idle bytes": Aim("idle: sent", "bytes/s", 0, digits=0),
    "busy cpu": Aim(f"{RATE} visible updates/s: CPU", "% of a core", 8),
    "busy bytes": Aim(f"{RATE} visible updates/s: sent", "kB/s", 35),
    "key p50": Aim("key to paint meanwhile, p50", "ms", digits=0),
    "key p95": Aim("key to paint meanwhile, p95", "ms", 40, sizes=(50, 1000), digits=0),
    "key most": Aim("key to paint meanwhile, most", "ms", digits=0),
    "key move": Aim("… to the next tile, p50", "ms", digits=0),
    "key page": Aim("… by a page, p50", "ms", digits=0),
    "key ends": Aim("… to the end, p50", "ms", digits=0),
    "key sort": Aim("… in another order, p50", "ms", digits=0),
    "key filter": Aim("… a letter of a filter, p50", "ms", digits=0),
    "attached": Aim("RSS of a board without engine", "MB", digits=0),
    "own": Aim("RSS of a board with engine", "MB", digits=0),
    "share": Aim("… less RSS of `--no-tui`: the board's share", "MB", 60, digits=0),
}


@dataclass(frozen=True)
class Pace:
    """How long everything takes, in seconds; and the megabytes by which a soak may let it grow."""

    sizes: tuple[int, ...] = (50, 1000, 5000)
    starts: int = 3
    idle: float = 8.0
    busy: float = 8.0
    stall: float = 15.0
    soak: float = 30.0
    settle: float = 2.5
    warm: float = 12.0
    growth: float = 1.0
    resizes: int = 60


QUICK = Pace((1000,), starts=1, idle=2.0, busy=3.0, stall=2.0, soak=3.0, settle=0.5, warm=2.0, growth=5.0, resizes=10)

Figures = dict[str, float]


class Missed:
    """What was held and what was not."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, is_held: bool) -> str:
        self.number += not is_held
        return "ok" if is_held else "MISSED"


# -- a board beside an engine that only plays -----------------------------------------------------------------------


@dataclass
class Play:
    """A board, and the engine that plays for it."""

    seat: Seat
    config: Path
    environ: dict[str, str]

    def ask(self, **options: float) -> None:
        """Play so: `rate` looks a second among the first `among` services, and `events`."""
        words = {name: f"{value:g}" for name, value in options.items()}
        asyncio.run(self._client().do(Command("play", options=words)))

    def _client(self) -> Client:
        return Client(places_of(self.config, self.environ).socket)

    def check(self) -> None:
        """What is seen once the play rests must be what the engine says, or no figure of the drawing counts."""
        self.ask(rate=0)
        self.seat.watch(1.0)
        snapshot = asyncio.run(self._client().snapshot())
        seen = {one["name"]: self.seat.latency_of(one["name"]) for one in snapshot["services"]}
        true = {one["name"]: latency(one["latency"]) for one in snapshot["services"] if seen[one["name"]]}
        wrong = [f"{name}: {seen[name]} and not {right}" for name, right in true.items() if seen[name] != right]
        if wrong or not true:
            raise RuntimeError(f"the picture is not what the engine says: {wrong}\n{self.seat.screen.text}")

    def cost(self, seconds: float) -> tuple[float, float]:
        """% of a core, and bytes a second."""
        spent, since = self.seat.cost.cpu(), time.monotonic()
        sent = self.seat.watch(seconds)
        took = time.monotonic() - since
        return (self.seat.cost.cpu() - spent) / took * 100, sent / took


def surroundings(where: Path) -> dict[str, str]:
    return {"TUI_MONITOR_HOME": str(where / "home"), "HOME": str(where)}


@contextmanager
def playing(services: int) -> Iterator[Play]:
    with ground.folder() as where:
        environ = surroundings(where)
        config = ground.write_config(where, [ground.service(0, "http://127.0.0.1:9/", 60)])
        command = [sys.executable, "-m", "tests.bench.actor", config, str(services)]
        with ground.running("actor", command, where, ground.SERVERS, environ) as actor:
            socket = places_of(config, environ).socket
            ground.wait_for(socket.exists, actor, 30, "the actor's door")
            with Seat([*PROGRAM, "-c", config], environ, where) as seat:
                seat.frame_with(lambda screen: f"Services {services}," in screen.text)
                yield Play(seat, config, environ)
                end(seat)


def end(seat: Seat) -> None:
    seat.press("q")
    seat.wait()


def costs(services: int, pace: Pace) -> Figures:
    found: Figures = {}
    with playing(services) as play:
        play.seat.watch(pace.settle)
        found["idle cpu"], found["idle bytes"] = play.cost(pace.idle)
        visible = play.seat.spot()[1] or services
        play.ask(rate=RATE, among=visible)
        play.seat.watch(pace.settle)
        found["busy cpu"], sent = play.cost(pace.busy)
        found["busy bytes"] = sent / 1000
        play.check()
        play.ask(rate=RATE, among=visible)
        found |= typed(Typist(play.seat, rows_of(services, datetime.now(UTC))))
        found["attached"] = play.seat.cost.memory()
    return found


def typed(typist: Typist) -> Figures:
    """Milliseconds from key to paint: of all keys, and of each kind the median."""
    kinds: defaultdict[str, list[float]] = defaultdict(list)
    for kind, seconds in typist.type():
        kinds[kind].append(seconds * 1000)
    times = sorted(one for each in kinds.values() for one in each)
    medians = {f"key {kind}": median(each) for kind, each in kinds.items()}
    return {"key p50": median(times), "key p95": times[int(0.95 * len(times))], "key most": times[-1], **medians}


# -- a board with its own engine ------------------------------------------------------------------------------------


def hourly(where: Path, port: int, services: int) -> Path:
    rows = [ground.service(n, f"http://127.0.0.1:{port}/s/{n}", 3600) for n in range(services)]
    return ground.write_config(where, rows)


def begin(where: Path, config: Path, services: int) -> tuple[Seat, float, float]:
    """A board that stands, and the seconds to its first paint and to its first tiles."""
    seat = Seat([*PROGRAM, "-c", config], surroundings(where), where)
    seat.until(lambda screen: 1049 in screen.modes and screen.text.strip())
    paint = seat.came_at - seat.begun
    picture = seat.frame_with(lambda screen: f"Services {services}," in screen.text) - seat.begun
    return seat, paint, picture


def owning(services: int, pace: Pace) -> Figures:
    """Start and memory; looks are as rare as can be, and each service has had its first."""
    with ground.folder() as where, Server(lambda path: (200, b"ok")) as server:
        config = hourly(where, server.port, services)
        paints, pictures = [], []
        for is_last in (*[False] * (pace.starts - 1), True):
            seat, paint, picture = begin(where, config, services)
            paints.append(paint)
            pictures.append(picture)
            with seat:
                if is_last:
                    looked(seat, server, services, pace)
                    own = seat.cost.memory()
                end(seat)
        server.asked.clear()
        with ground.engine(where, config) as headless:
            ground.wait_for(lambda: len(server.asked) >= services, headless, 60, "a look at every service")
            time.sleep(pace.settle)
            alone = headless.memory()
    return {"paint": median(paints), "picture": median(pictures), "own": own, "share": own - alone}


def looked(seat: Seat, server: Server, services: int, pace: Pace) -> None:
    """Wait until every service has been looked at, and let the picture of it settle; then go through some pages."""
    until = time.monotonic() + 60
    while len(server.asked) < services and time.monotonic() < until:
        seat.watch(0.2)
    for key in ("\x1b[6~", "\x1b[6~", "G", "g"):
        seat.press(key)
        seat.watch(0.2)
    seat.watch(pace.settle)


# -- what must not happen -------------------------------------------------------------------------------------------


def stall(pace: Pace, missed: Missed) -> None:
    """The terminal takes nothing while a hundred services are looked at every second."""
    paces = dict.fromkeys(range(100), STALL_EVERY)
    spans = {}
    with ground.folder() as where, Server(lambda path: (200, b"ok")) as server:
        rows = [ground.service(n, f"http://127.0.0.1:{server.port}/s/{n}", STALL_EVERY) for n in paces]
        seat, _, _ = begin(where, ground.write_config(where, rows), len(paces))
        with seat:
            seat.watch(pace.settle)
            for name, wait, seconds in (("taking", seat.watch, pace.stall / 3), ("stalled", time.sleep, pace.stall)):
                since = time.monotonic()
                wait(seconds)
                spans[name] = (since, time.monotonic())
            seat.watch(0.5)
            end(seat)
        came = {n: list(server.asked[f"/s/{n}"]) for n in paces}
    report_stall({name: seen_in(came, paces, span) for name, span in spans.items()}, pace, missed)


def seen_in(came: dict[int, list[float]], paces: dict[int, int], span: tuple[float, float]) -> load.Seen:
    since, until = span
    inside = {n: [moment for moment in moments if since <= moment < until] for n, moments in came.items()}
    return load.judge(inside, paces, since, until)


def report_stall(seen: dict[str, load.Seen], pace: Pace, missed: Missed) -> None:
    print(f"\n100 services every second; the terminal takes frames, and then nothing for {pace.stall:g} s\n")
    rows = [
        [name, *(f"{one.at(share) * 1000:.0f}" for share in (0.5, 0.99, 1)), len(one.lateness), one.lost]
        for name, one in seen.items()
    ]
    ground.table(rows, ["the terminal", "late p50 ms", "p99", "most", "looks", "lost"])
    worst = seen["stalled"]
    print(f"- the latest look while it was stalled: {ground.verdict(worst.at(1), LATE, ' s')}", end=" ")
    print(missed(worst.at(1) <= LATE and not worst.lost))


def ends(missed: Missed) -> None:
    """Every mode that it has taken is given back, however it ends."""
    rows = []
    with ground.folder() as where, Server(lambda path: (200, b"ok")) as server:
        config = hourly(where, server.port, 10)
        for name, way in (("q", None), ("SIGTERM", signal.SIGTERM), ("SIGHUP", signal.SIGHUP)):
            seat, _, _ = begin(where, config, 10)
            with seat:
                taken = seat.taken()
                if way is None:
                    seat.press("q")
                else:
                    seat.process.send_signal(way)
                code = seat.wait()
                kept = seat.taken()
                is_held = len(taken) == 6 and not kept and seat.is_given_back
            rows.append(
                [name, code, f"{len(taken - kept)} of {len(taken)}", ", ".join(sorted(kept)), missed(is_held)]
            )
    print("\nmodes of the terminal that are given back\n")
    ground.table(rows, ["way out", "exit code", "given back", "kept", "6 of 6"])


def soak(pace: Pace, services: int, missed: Missed) -> None:
    """Memory under a thousand updates and ten events a second, when as much of them is kept as ever will be; then the
    terminal changes its size all the time.
    """
    with playing(services) as play:
        play.ask(rate=LATELY * services / pace.warm * 1.1, events=MOST_EVENTS / pace.warm * 1.1)
        play.seat.watch(pace.warm)
        play.ask(rate=SOAK_RATE, events=10)
        play.seat.watch(pace.settle)
        before = play.seat.cost.memory()
        cpu, sent = play.cost(pace.soak)
        grown = play.seat.cost.memory() - before
        play.ask(rate=RATE, among=play.seat.spot()[1])
        storm(play.seat, pace.resizes)
        after = play.seat.cost.memory()
        cost, last = storm(play.seat, pace.resizes)
        more = play.seat.cost.memory() - after
    print(f"\n{services} services, {SOAK_RATE} updates/s among all of them and 10 events/s for {pace.soak:g} s\n")
    ground.table([[f"{cpu:.1f}", f"{sent / 1000:.1f}", f"{grown:+.1f}"]], ["% of a core", "kB/s", "RSS grows by MB"])
    print(f"- memory: {ground.verdict(grown, pace.growth, ' MB')} {missed(grown <= pace.growth)}")
    print(f"- {pace.resizes} resizes, and {pace.resizes} more: {cost * 1000:.0f} ms of CPU each, ", end="")
    print(f"RSS grows by {after - before - grown:.1f} MB, and {more:.1f} more;", end=" ")
    print(f"the last picture after {last * 1000:.0f} ms (at most 1000) {missed(last <= 1)}")


def storm(seat: Seat, resizes: int) -> tuple[float, float]:
    """Seconds of CPU a resize, and seconds until the picture is right after the last one."""
    dice, spent = random.Random(5), seat.cost.cpu()
    for _ in range(resizes):
        seat.resize(dice.randint(30, 200), dice.randint(8, 60))
        seat.watch(0.05)
    since = time.monotonic()
    seat.resize(*SIZE)
    seat.frame_with(is_right)
    return (seat.cost.cpu() - spent) / (resizes + 1), seat.frame_at - since


def is_right(screen: Screen) -> bool:
    """Both frames reach from edge to edge, and the last line is the footer."""
    columns, lines = SIZE
    corners = (screen.row(1)[columns - 1 :], screen.row(lines - 2)[columns - 1 :])
    return corners in (("┐", "┘"), ("┓", "┛")) and "help" in screen.row(lines - 1)


# -- paper ----------------------------------------------------------------------------------------------------------


def report(found: dict[int, Figures], missed: Missed) -> None:
    sizes = list(found)
    rows = []
    for name, aim in AIMS.items():
        values = {size: found[size][name] for size in sizes if name in found[size]}
        if not values:
            continue
        cells = [f"{values[size]:.{aim.digits}f}" if size in values else "" for size in sizes]
        most = "" if aim.most is None else f"{aim.most:g} {aim.unit}"
        is_held = all(aim.holds(value, size) for size, value in values.items())
        rows.append([f"{aim.what}, {aim.unit}", *cells, most, "" if aim.most is None else missed(is_held)])
    print("\nthe board at 120 by 40, by the number of services\n")
    ground.table(rows, ["", *(f"{size:,}" for size in sizes), "at most", "held"])


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="board", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 services, and everything for a shorter time")
    parser.add_argument("--services", type=int, action="append", help="of this many, instead of 50, 1,000 and 5,000")
    parser.add_argument("--only", choices=["costs", "own", "stall", "ends", "soak"], action="append")
    asked = parser.parse_args(words)
    pace = QUICK if asked.quick else Pace()
    sizes, parts, missed = asked.services or pace.sizes, asked.only or PARTS, Missed()
    since, before = time.monotonic(), os.getloadavg()
    found: dict[int, Figures] = defaultdict(dict)
    for size in sizes:
        for part, measure in (("costs", costs), ("own", owning)):
            if part in parts:
                say(f"{size:,} services: {part}")
                found[size] |= measure(size, pace)
    if found:
        report(found, missed)
    if "stall" in parts:
        stall(pace, missed)
    if "ends" in parts:
        ends(missed)
    if "soak" in parts:
        soak(pace, min(1000, int(pace.warm * 100)), missed)
    loads = " and ".join(f"{one[0]:.1f}" for one in (before, os.getloadavg()))
    print(f"\n{time.monotonic() - since:.0f} s; load on {os.cpu_count()} cores before and after: {loads}")
    return 1 if missed.number else 0
