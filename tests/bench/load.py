"""10,000 services at 5 to 60 s of which 1,000 hang to their 10 s deadline: lateness, lost looks, memory.

Lateness is seen from outside: nginx notes when each look came, and the schedule says when it was due, so that the
engine's own clock is not asked. Connecting and asking count as late.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import ground
from tests.bench.ground import Targets, say
from tests.bench.server import Server
from tui_monitor.core.schedule import phase

LATE, MEMORY = 0.1, 120
SMALL = [(100, 60), (1000, 70)]
"""Services, and at most so many MB."""


@dataclass(frozen=True)
class Seen:
    """What came in the window: how late each look was, and how many of the looks that were due never came."""

    lateness: list[float]
    lost: int

    def at(self, share: float) -> float:
        return sorted(self.lateness)[min(len(self.lateness) - 1, int(share * len(self.lateness)))]


def arrivals(path: Path, since: float, until: float) -> dict[int, list[float]]:
    """The monotonic moments at which each service was asked, in the window."""
    shift = time.time() - time.monotonic()
    came: dict[int, list[float]] = {}
    for line in path.read_text().splitlines():
        seconds, _, uri = line.partition(" ")
        moment = float(seconds) - shift
        if uri.startswith("/s/") and since <= moment < until:
            came.setdefault(int(uri[3:]), []).append(moment)
    return came


def judge(came: dict[int, list[float]], paces: dict[int, int], since: float, until: float) -> Seen:
    """Each arrival belongs to the last moment at which its service was due; a moment without one is a lost look."""
    lateness, lost = [], 0
    for number, every in paces.items():
        offset = phase(f"s{number}", every)
        late = [(moment - offset) % every for moment in came.get(number, [])]
        lateness += [each - every if each > every - 0.01 else each for each in late]  # nginx cuts to milliseconds
        due = int((until - 1 - offset) // every) - int((since + 1 - offset) // every)
        lost += max(0, due - len(late))
    return Seen(lateness, lost)


def config_of(
    where: Path, targets: Targets, hanging: Server, asked: argparse.Namespace
) -> tuple[Path, dict[int, int]]:
    """So many services hang, of those whose looks may take 10 s; the config, and the paces of the others."""
    paces = ground.paces(asked.services)
    patient = [number for number, pace in enumerate(paces) if pace >= 10]
    hang = set(random.Random(7).sample(patient, asked.hanging))
    rows = []
    for number, pace in enumerate(paces):
        url = f"http://127.0.0.1:{hanging.port}/s/{number}" if number in hang else targets.url(number, False)
        rows.append(ground.service(number, url, pace))
    return ground.write_config(where, rows), {n: pace for n, pace in enumerate(paces) if n not in hang}


def load(asked: argparse.Namespace) -> bool:
    with (
        ground.folder() as where,
        ground.targets(where, arrivals=True) as targets,
        Server(lambda path: None) as hanging,
    ):
        config, paces = config_of(where, targets, hanging, asked)
        with ground.engine(where, config) as process:
            ground.wait_for(lambda: targets.answered() > 0, process, 60, "the first look")
            say(f"every service is looked at once, then {asked.seconds:g} s count")
            time.sleep(65)
            since, spent = time.monotonic(), process.cpu()
            time.sleep(asked.seconds)
            until, memory, peak = time.monotonic(), process.memory(), process.memory("VmHWM")
            core = (process.cpu() - spent) / (until - since)
            process.alive()
            time.sleep(2)  # nginx writes its notes once a second
        seen = judge(arrivals(targets.arrivals, since, until), paces, since, until)
        asked_hanging = sum(len(moments) for moments in hanging.asked.values())
    print(f"\n{asked.services} services at 5 to 60 s, {asked.hanging} of them hanging, {asked.seconds:g} s\n")
    row = [f"{seen.at(share) * 1000:.0f}" for share in (0.5, 0.99, 0.999, 1)]
    row += [str(len(seen.lateness)), str(seen.lost), f"{core * 100:.0f}", f"{memory:.0f}", f"{peak:.0f}"]
    head = ["late p50 ms", "p99", "p99.9", "most", "looks", "lost", "% of a core", "RSS MB", "at most"]
    ground.table([row], head)
    print(f"- lateness, p99: {ground.verdict(seen.at(0.99) * 1000, LATE * 1000, ' ms')}")
    print(f"- memory: {ground.verdict(memory, MEMORY, ' MB')}")
    print(f"- lost looks: {seen.lost}; looks that hung until the engine gave them up: {asked_hanging}")
    return seen.at(0.99) <= LATE and memory <= MEMORY and not seen.lost


def resident(services: int, seconds: float) -> float:
    """Megabytes of a headless engine after it has looked at every service several times."""
    with ground.folder() as where, ground.targets(where) as targets:
        rows = [ground.service(n, targets.url(n, False), 10) for n in range(services)]
        with ground.engine(where, ground.write_config(where, rows)) as process:
            ground.wait_for(lambda: targets.answered() > services * 2, process, 90, "two looks at every service")
            time.sleep(seconds)
            process.alive()
            return process.memory()


def memories(seconds: float) -> bool:
    found = [(services, resident(services, seconds), most) for services, most in SMALL]
    print("\nmemory of a headless engine, every service each 10 s\n")
    ground.table([[services, f"{rss:.0f}", most] for services, rss, most in found], ["services", "RSS MB", "at most"])
    return all(rss <= most for _, rss, most in found)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="load", description=__doc__)
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--hanging", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--only", choices=["load", "memory", "both"], default="both")
    asked = parser.parse_args(words)
    held = [memories(20)] if asked.only != "load" else []
    held += [load(asked)] if asked.only != "memory" else []
    return 0 if all(held) else 1
