"""From the start of the process to the first look, and what it has imported by then.

A socket of the bench waits for the first request of a headless engine: the time is what a person waits, from before
the process exists. One more run, not timed, lists the modules that were imported until the request came.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from tests.bench import ground
from tests.bench.ground import say

TARGET = 0.5
FORBIDDEN = {"textual", "starlette", "uvicorn", "rich", "boto3"}


def first_look(where: Path, config: Path, listener: socket.socket, words: list[str]) -> tuple[float, Path]:
    """Seconds from before the process to its first connection, and the file that its stderr went to."""
    narration = where / "stderr.txt"
    env = {**os.environ, "TUI_MONITOR_HOME": str(where / f"home-{time.monotonic_ns()}")}
    command = [sys.executable, *words, "-m", "tui_monitor", "--no-tui", "-c", str(config)]
    with narration.open("wb") as out:
        since = time.monotonic()
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=out)
        try:
            listener.settimeout(30)
            came, _ = listener.accept()
            took = time.monotonic() - since
            os.kill(process.pid, signal.SIGSTOP)  # nothing more is imported while its list is read
            imported = narration.with_suffix(".seen")
            imported.write_bytes(narration.read_bytes())
            os.kill(process.pid, signal.SIGCONT)
            came.close()
        except TimeoutError:
            raise RuntimeError(f"no look came within 30 s:\n{narration.read_text()[-2000:]}") from None
        finally:
            process.kill()
            process.wait(10)
    return took, imported


def modules_in(importtime: Path) -> set[str]:
    """The top-level modules named in what `-X importtime` wrote."""
    lines = importtime.read_text("utf-8", "replace").splitlines()
    names = (line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:"))
    return {name.partition(".")[0] for name in names}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="start", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--services", type=int, default=100)
    asked = parser.parse_args(words)
    with ground.folder() as where, socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        rows = [ground.service(n, f"{url}{n}", 10) for n in range(asked.services)]
        config = ground.write_config(where, rows)
        first_look(where, config, listener, [])  # compiles and warms the disk's cache; nobody starts only once
        drain(listener)
        times = []
        for _ in range(asked.runs):
            times.append(first_look(where, config, listener, [])[0])
            drain(listener)
        found = modules_in(first_look(where, config, listener, ["-X", "importtime"])[1])
    return report(times, found, asked.services)


def drain(listener: socket.socket) -> None:
    """What the process that has ended had still asked for must not be taken for the next one's first look."""
    listener.settimeout(0.2)
    while True:
        try:
            listener.accept()[0].close()
        except TimeoutError:
            return


def report(times: list[float], found: set[str], services: int) -> int:
    print(f"\nfrom process start to the first look, {services} services, median of {len(times)} runs\n")
    row = [f"{median(times):.3f}", f"{min(times):.3f}", f"{max(times):.3f}", str(len(found))]
    ground.table([row], ["seconds", "least", "most", "top-level modules imported"])
    loaded = sorted(found & FORBIDDEN)
    if "asyncio" not in found:
        raise RuntimeError("the list of imported modules could not be read")
    print(f"- seconds: {ground.verdict(median(times), TARGET)}")
    print(f"- imported before the first look and not needed for it: {', '.join(loaded) or 'none'}")
    say("Times are of a machine that may have other work to do; run it alone.")
    return 0 if median(times) <= TARGET and not loaded else 1
