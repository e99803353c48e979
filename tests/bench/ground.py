"""The ground every bench stands on: targets on loopback, processes that end by themselves, and their CPU and memory.

CPU is the kernel's own count for one process (user and system), so what the servers and drivers beside it spend never
counts. With two cores the servers keep to the first and what is measured keeps to the second.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certifi
import trustme

TICK = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
SERVERS, MEASURED = CORES[0], CORES[-1]


class Unready(Exception):
    """Something this bench needs is not on this machine; the text says what to install."""


def need(command: str, package: str) -> str:
    """The path of a command, or one sentence that says where it comes from."""
    found = shutil.which(command) or shutil.which(command, path="/usr/sbin:/usr/bin")
    if found is None:
        raise Unready(f"This bench needs {command}: on Debian and Ubuntu, apt-get install {package}.")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- processes ------------------------------------------------------------------------------------------------------


@dataclass
class Process:
    """A child of ours, known by its id alone, which never outlives the bench."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def cpu(self) -> float:
        """Seconds of CPU so far, user and system, of every thread."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self, what: str = "VmRSS") -> float:
        """Resident megabytes now (VmRSS) or at most (VmHWM)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def alive(self) -> None:
        """Raises with the process's own last words when it has ended on its own."""
        if self.popen.poll() is not None:
            raise RuntimeError(f"{self.log.stem} ended with {self.popen.returncode}:\n{self.log.read_text()[-2000:]}")

    def end(self) -> None:
        """Ask, wait, then insist; whatever the bench measured, nothing stays behind."""
        if self.popen.poll() is not None:
            return
        self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(10)


@contextlib.contextmanager
def running(
    name: str, command: Sequence[str | Path], folder: Path, core: int, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a command on one core, its output in a file of the bench's folder."""
    log = folder / f"{name}.out"
    with log.open("wb") as out:
        popen = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    process = Process(popen, log)
    try:
        yield process
    finally:
        process.end()


def wait_for(condition: Any, process: Process, seconds: float, what: str) -> None:
    """Wait until the condition holds; fails with the process's last words when it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        process.alive()
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not happen within {seconds:.0f} s:\n{process.log.read_text()[-2000:]}")
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tui-monitor-bench-") as made:
        yield Path(made)


# -- targets --------------------------------------------------------------------------------------------------------

NGINX = """
daemon off;
worker_processes 1;
error_log {folder}/nginx.log crit;
pid {folder}/nginx.pid;
{user}
events {{ worker_connections 16384; }}
http {{
    access_log off;
    log_format arrivals "$msec $uri";
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{plain} backlog=4096;
        listen 127.0.0.1:{tls} ssl backlog=4096;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.pem;
        {arrivals}
        location / {{ default_type text/plain; return 200 "ok\\n"; }}
        location = /count {{ stub_status; access_log off; }}
    }}
}}
"""


@dataclass
class Targets:
    """nginx on loopback, plain and with TLS; it counts what it answers, so nobody's own counting is believed."""

    process: Process
    plain: int
    tls: int
    bundle: Path
    arrivals: Path

    def url(self, number: int, secure: bool) -> str:
        scheme, port = ("https", self.tls) if secure else ("http", self.plain)
        return f"{scheme}://127.0.0.1:{port}/s/{number}"

    def answered(self) -> int:
        """Requests answered so far, less those of asking."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.plain}/count", timeout=10) as answer:
            return int(answer.read().split()[9])


def certify(where: Path) -> Path:
    """A certificate for 127.0.0.1, and a bundle of authorities of a usual size that holds its own."""
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(where / "server.pem")
    bundle = where / "authorities.pem"
    bundle.write_bytes(Path(certifi.where()).read_bytes() + b"\n" + authority.cert_pem.bytes())
    return bundle


@contextlib.contextmanager
def targets(where: Path, *, arrivals: bool = False) -> Iterator[Targets]:
    """nginx, plain and TLS, on the servers' core; `arrivals` writes down when each request came."""
    command = need("nginx", "nginx")
    bundle = certify(where)
    plain, tls = free_port(), free_port()
    noted = f"access_log {where}/arrivals.log arrivals buffer=64k flush=1s;" if arrivals else ""
    user = "user root;" if os.geteuid() == 0 else ""  # the folder is readable by its owner alone
    config = where / "nginx.conf"
    config.write_text(NGINX.format(folder=where, plain=plain, tls=tls, arrivals=noted, user=user))
    with running("nginx", [command, "-c", config, "-p", where], where, SERVERS) as process:
        wait_for(lambda: listens(plain), process, 10, "nginx listening")
        yield Targets(process, plain, tls, bundle, where / "arrivals.log")


# -- the engine -----------------------------------------------------------------------------------------------------


def paces(number: int, shortest: int = 5, longest: int = 60) -> list[int]:
    """Seconds between looks for each of so many services, from 5 to 60: 10,000 of them make about 452 looks/s."""
    dice = random.Random(20)
    return [dice.randint(shortest, longest) for _ in range(number)]


def service(number: int, url: str, every: float, more: str = "") -> str:
    """One row of a config; a look may take 10 s, but never longer than the time between two."""
    return f"  - {{name: s{number}, every: {every}s, timeout: {min(10, every)}s, {more}http: {{url: '{url}'}}}}\n"


def write_config(where: Path, rows: Sequence[str], rest: str = "") -> Path:
    path = where / "config.yaml"
    path.write_text(f"services:\n{''.join(rows)}{rest}")
    return path


def store_of(where: Path) -> Path:
    """The one store under the state folder of the engine that runs here."""
    return next((where / "home").glob("**/store.db"), where / "nowhere.db")


@contextlib.contextmanager
def engine(where: Path, config: Path, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Our own program, headless, with a state folder of its own."""
    home = where / "home"
    shutil.rmtree(home, ignore_errors=True)
    command = [sys.executable, "-m", "tui_monitor", "--no-tui", "-c", config]
    with running("engine", command, where, MEASURED, {"TUI_MONITOR_HOME": str(home), **(env or {})}) as process:
        yield process


# -- paper ----------------------------------------------------------------------------------------------------------


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> None:
    """A table in Markdown, so that what is printed can be pasted into the README."""
    words = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in words) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in words
    ]
    print("\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]), flush=True)


def say(text: str) -> None:
    """Narration goes to stderr; stdout holds the figures."""
    print(text, file=sys.stderr, flush=True)


def verdict(value: float, most: float, unit: str = "") -> str:
    """A figure beside its target, and whether it holds."""
    return f"{value:.2f}{unit} (at most {most:g}{unit}: {'yes' if value <= most else 'NO'})"
