"""From the start of the process to the first look, and what it has imported by then.

A socket of the bench waits for the first request of a headless engine: the time is what a person waits, from before
the process exists. One more run, not timed, lists the modules that it held when it first connected.
"""

from __future__ import annotations

import argparse
import os
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

WITNESS = """import sys
def note(event, args):
    if event == "socket.connect" and args[1][1:] == ({port},) and not noted:
        noted.append(True)
        with open({path!r}, "w") as out:
            out.write(" ".join(sorted(sys.modules)))
noted = []
sys.addaudithook(note)
"""
"""Loaded before our program by the interpreter: writes down what is imported when it first connects."""


def first_look(where: Path, config: Path, listener: socket.socket, more: dict[str, str]) -> tuple[float, float]:
    """Seconds from before the process to its first connection, and of its CPU until then."""
    narration = where / "stderr.txt"
    env = {**os.environ, "TUI_MONITOR_HOME": str(where / f"home-{time.monotonic_ns()}"), **more}
    command = [sys.executable, "-m", "tui_monitor", "--no-tui", "-c", str(config)]
    listener.settimeout(30)
    with narration.open("wb") as out:
        since = time.monotonic()
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=out)
        try:
            came, _ = listener.accept()
            took = time.monotonic() - since, ground.Process(process, narration).cpu()
            came.close()
        except TimeoutError:
            raise RuntimeError(f"no look came within 30 s:\n{narration.read_text()[-2000:]}") from None
        finally:
            process.kill()
            process.wait(10)
    drain(listener)
    return took


def modules_at_first_look(where: Path, config: Path, listener: socket.socket) -> set[str]:
    """The top-level modules that the engine held when it first connected."""
    path = where / "modules.txt"
    (where / "sitecustomize.py").write_text(WITNESS.format(port=listener.getsockname()[1], path=str(path)))
    first_look(where, config, listener, {"PYTHONPATH": f"{where}:{os.environ.get('PYTHONPATH', '')}".rstrip(":")})
    if not path.exists():
        raise RuntimeError("the engine's first connection was not seen from inside")
    return {name.partition(".")[0] for name in path.read_text().split()}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="start", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--services", type=int, default=100)
    asked = parser.parse_args(words)
    with ground.folder() as where, socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        rows = [ground.service(n, f"{url}{n}", 10) for n in range(asked.services)]
        config = ground.write_config(where, rows)
        first_look(where, config, listener, {})  # compiles and warms the disk's cache; nobody starts only once
        times = [first_look(where, config, listener, {}) for _ in range(asked.runs)]
        found = modules_at_first_look(where, config, listener)
    return report(times, found, asked.services)


def drain(listener: socket.socket) -> None:
    """What the process that has ended had still asked for must not be taken for the next one's first look."""
    listener.settimeout(0.2)
    while True:
        try:
            listener.accept()[0].close()
        except TimeoutError:
            return


def report(runs: list[tuple[float, float]], found: set[str], services: int) -> int:
    times, cpu = [took for took, _ in runs], [spent for _, spent in runs]
    print(f"\nfrom process start to the first look, {services} services, median of {len(times)} runs\n")
    row = [*(f"{each:.3f}" for each in (median(times), min(times), max(times), median(cpu))), str(len(found))]
    ground.table([row], ["seconds", "least", "most", "CPU seconds", "top-level modules imported"])
    loaded = sorted(found & FORBIDDEN)
    print(f"- seconds: {ground.verdict(median(times), TARGET)}")
    print(f"- imported before the first look and not needed for it: {', '.join(loaded) or 'none'}")
    say("Times are of a machine that may have other work to do; run it alone.")
    return 0 if median(times) <= TARGET and not loaded else 1
