"""CPU per exchange of our transport beside a bare shared httpx client, at the same nginx, in one run.

No schedule, no store: what asking and judging cost alone, with fresh connections, and with TLS full and resumed. The
two take turns, so that a noisy machine is unfair to both; the ratios are what counts.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import httpx

from tests.bench import ground
from tests.bench.ground import MEASURED, Targets, say, verdict
from tui_monitor.checks.craft.expect import Expect
from tui_monitor.checks.http import Http
from tui_monitor.core.status import Status
from tui_monitor.net import Net, Way

Ask = Callable[[], Awaitable[None]]
AT_ONCE = 50


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def cost(ask: Ask, exchanges: int) -> float:
    """CPU µs an exchange, so many at once."""
    left = iter(range(exchanges))

    async def keep_asking() -> None:
        for _ in left:
            await ask()

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    gc.collect()
    before = cpu()
    await asyncio.gather(*(keep_asking() for _ in range(AT_ONCE)))
    return (cpu() - before) / exchanges * 1e6


def looking(check: Http, way: Way) -> Ask:
    async def ask() -> None:
        reading = check.judge(await check.look(way))
        assert reading.status is Status.OPERATIONAL, reading.message

    return ask


def getting(client: httpx.AsyncClient, url: str) -> Ask:
    async def ask() -> None:
        assert (await client.get(url, headers={"Connection": "close"})).status_code == 200

    return ask


async def compare(targets: Targets, exchanges: int, rounds: int) -> dict[str, tuple[float, float]]:
    """For each way of connecting, what ours and httpx's cost."""
    net = Net(targets.bundle.parent)
    way = Way(net, 10.0)
    ca = targets.bundle.name
    plain, secure = targets.url(0, False), targets.url(0, True)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    context = ssl.create_default_context(cafile=str(targets.bundle))
    async with httpx.AsyncClient(limits=limits, trust_env=False, verify=context) as client:
        certificate = (Expect(status=200), Expect(certificate_days=1.0))
        contenders = {
            "plain": (looking(Http(plain), way), getting(client, plain)),
            "TLS, full handshake": (looking(Http(secure, ca=ca, expect=certificate), way), getting(client, secure)),
            "TLS, resumed": (looking(Http(secure, ca=ca), way), getting(client, secure)),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for name, (ours, theirs) in contenders.items():
                found[name].append((await cost(ours, exchanges), await cost(theirs, exchanges)))
    await net.close()
    return {name: (median(a for a, _ in pairs), median(b for _, b in pairs)) for name, pairs in found.items()}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="transport", description=__doc__)
    parser.add_argument("--exchanges", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(words)
    os.sched_setaffinity(0, {MEASURED})
    with ground.folder() as where, ground.targets(where) as targets:
        found = asyncio.run(compare(targets, options.exchanges, options.rounds))
    rows = [[name, f"{own:.0f}", f"{other:.0f}", f"{own / other:.2f}"] for name, (own, other) in found.items()]
    ground.table(rows, ["fresh connections", "ours, CPU µs", "httpx, CPU µs", "ratio"])
    ratios = {name: own / other for name, (own, other) in found.items()}
    print("plain:", verdict(ratios["plain"], 0.35))
    print("TLS, full handshakes:", verdict(ratios["TLS, full handshake"], 0.65))
    return 0 if ratios["plain"] <= 0.35 and ratios["TLS, full handshake"] <= 0.65 else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main(sys.argv[1:]))
