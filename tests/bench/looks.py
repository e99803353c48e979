"""CPU per look, everything included, beside blackbox_exporter, a bare httpx client and cachet-url-monitor.

Ours schedules 10,000 services, looks, judges, weighs, stores in a real SQLite file and publishes. The exporter only
probes (whoever asks it is not counted), the httpx client only gets, and cachet-url-monitor watches 1,000 endpoints, a
thread for each, as it does. All look at the same nginx on fresh connections; nginx counts the looks and the kernel
the CPU.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.bench import ground, rivals
from tests.bench.ground import MEASURED, SERVERS, Process, Targets, running, say, wait_for

TREE = Path(__file__).parents[2]
ENDPOINTS = 1000
"""cachet-url-monitor has a thread for each, and reads its whole config once for each."""

EXPORTER = "modules:\n  http_2xx: {prober: http, timeout: 10s, http: {preferred_ip_protocol: ip4}}\n"

Start = Callable[[Path, Targets, bool, int], contextlib.AbstractContextManager[Process]]


@dataclass
class Cost:
    """What one contender spent: CPU µs a look in each window, looks a second, and memory at the end."""

    name: str
    each: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    memory: float = 0.0

    @property
    def cpu(self) -> float:
        return median(self.each)

    def row(self, own: float) -> list[str]:
        spread = f"{min(self.each):.0f} to {max(self.each):.0f}"
        ratio = f"{own / self.cpu:.2f}" if own != self.cpu else ""
        return [self.name, f"{self.cpu:.0f}", spread, f"{median(self.rates):.0f}", f"{self.memory:.0f}", ratio]


# -- the contenders -------------------------------------------------------------------------------------------------


def rate(services: int) -> float:
    return sum(1 / pace for pace in ground.paces(services))


@contextlib.contextmanager
def ours(where: Path, targets: Targets, secure: bool, services: int) -> Iterator[Process]:
    rows = [ground.service(n, targets.url(n, secure), pace) for n, pace in enumerate(ground.paces(services))]
    config = ground.write_config(where, rows)
    with ground.engine(where, config, {"SSL_CERT_FILE": str(targets.bundle)}) as process:
        wait_for(lambda: targets.answered() > 0, process, 60, "the first look")
        yield process


@contextlib.contextmanager
def exporter(where: Path, targets: Targets, secure: bool, services: int) -> Iterator[Process]:
    command = ground.need("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    port, config = ground.free_port(), where / "exporter.yml"
    config.write_text(EXPORTER)
    words = [command, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    driver = [sys.executable, "-m", "tests.bench.rivals", "exporter", str(port), targets.url(0, secure)[:-1]]
    with running("exporter", words, where, MEASURED, {"SSL_CERT_FILE": str(targets.bundle)}) as process:
        wait_for(lambda: ground.listens(port), process, 10, "the exporter listening")
        with running("driver", [*driver, str(services), str(rate(services))], where, SERVERS) as asking:
            wait_for(lambda: targets.answered() > 100, asking, 20, "the first probes")
            yield process
            asking.alive()


@contextlib.contextmanager
def bare_httpx(where: Path, targets: Targets, secure: bool, services: int) -> Iterator[Process]:
    base = targets.url(0, secure)[:-1]
    words = [sys.executable, "-m", "tests.bench.rivals", "httpx", base, str(services), str(rate(services))]
    with running("httpx", [*words, targets.bundle], where, MEASURED) as process:
        wait_for(lambda: targets.answered() > 100, process, 20, "the first requests")
        yield process


def rivals_python() -> Path:
    found = Path(os.environ.get("RIVALS_PYTHON", TREE / ".venv/rivals/bin/python"))
    if not found.exists():
        raise ground.Unready("This bench needs cachet-url-monitor in an environment of its own: make rivals.")
    return found


@contextlib.contextmanager
def cachet_url_monitor(where: Path, targets: Targets, secure: bool, services: int) -> Iterator[Process]:
    endpoints, port = min(ENDPOINTS, services), ground.free_port()
    api, every = f"http://127.0.0.1:{port}/api/v1", 60 if secure else 5  # a pace at which its core is not full
    config = where / "cachet.yml"
    config.write_text(rivals.cachet_config([targets.url(n, secure) for n in range(endpoints)], api, every))
    words = [rivals_python(), "-m", "cachet_url_monitor.scheduler", config]
    with running("cachet", [sys.executable, "-m", "tests.bench.rivals", "cachet", str(port)], where, SERVERS) as fake:
        wait_for(lambda: ground.listens(port), fake, 10, "the small Cachet listening")
        with running("monitor", words, where, MEASURED, {"REQUESTS_CA_BUNDLE": str(targets.bundle)}) as process:
            answered = targets.answered()
            wait_for(lambda: targets.answered() - answered >= endpoints, process, 240, "one look at each endpoint")
            yield process


# -- measuring ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contender:
    name: str
    start: Start
    warm: float
    """Seconds until it does what it does all day: ours has looked at every service once."""
    plain: float
    """At most so many times its CPU may ours be."""
    secure: float


CONTENDERS = [
    Contender("tui-monitor, everything included", ours, 62, 0, 0),
    Contender("blackbox_exporter, probing only", exporter, 5, 0.6, 1.0),
    Contender("bare shared httpx client", bare_httpx, 5, 0.35, 0.65),
    Contender("cachet-url-monitor", cachet_url_monitor, 5, 0.35, 0.05),
]


def measure(contender: Contender, secure: bool, asked: argparse.Namespace) -> Cost:
    """Start it, let it settle, take so many windows of its CPU and of nginx's count, end it."""
    cost = Cost(contender.name)
    with contextlib.ExitStack() as stack:
        where = stack.enter_context(ground.folder())
        targets = stack.enter_context(ground.targets(where))
        process = stack.enter_context(contender.start(where, targets, secure, asked.services))
        time.sleep(contender.warm)
        tries = 2 * asked.windows
        while len(cost.each) < asked.windows and tries:
            tries -= 1
            spent, looks, since = process.cpu(), targets.answered(), time.monotonic()
            time.sleep(asked.seconds)
            process.alive()
            seen = targets.answered() - looks - 1  # asking is a request too
            if seen > 0:  # else the machine itself stood still, or what looks did
                cost.each.append((process.cpu() - spent) / seen * 1e6)
                cost.rates.append(seen / (time.monotonic() - since))
        if not cost.each:
            raise RuntimeError(f"{contender.name} took no look in {2 * asked.windows} windows")
        cost.memory = process.memory()
    say(f"  {contender.name}: {cost.cpu:.0f} µs a look")
    return cost


def compare(secure: bool, asked: argparse.Namespace) -> bool:
    kind = "TLS" if secure else "plain HTTP"
    say(f"{kind}, {asked.services} services, {asked.windows} windows of {asked.seconds:g} s each:")
    chosen = [one for one in CONTENDERS if not asked.only or asked.only in one.start.__name__]
    costs = {one.name: measure(one, secure, asked) for one in chosen}
    own = costs.get(CONTENDERS[0].name)
    print(f"\n{kind}: CPU µs a look, fresh connections, median of {asked.windows} windows of {asked.seconds:g} s\n")
    head = ["what looks", "CPU µs", "windows", "looks/s", "RSS MB", "ours / this"]
    ground.table([cost.row(own.cpu if own else cost.cpu) for cost in costs.values()], head)
    held = True
    for one in chosen[1:] if own else ():
        most, ratio = one.secure if secure else one.plain, (own.cpu / costs[one.name].cpu if own else 0)
        print(f"- against {one.name}: {ground.verdict(ratio, most, ' x')}")
        held = held and ratio <= most
    return held


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="looks", description=__doc__)
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--kind", choices=["plain", "tls", "both"], default="both")
    parser.add_argument("--only", default="", help="ours, exporter, bare_httpx or cachet_url_monitor")
    asked = parser.parse_args(words)
    kinds = {"plain": [False], "tls": [True], "both": [False, True]}[asked.kind]
    held = [compare(secure, asked) for secure in kinds]
    return 0 if all(held) else 1
