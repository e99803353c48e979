"""A storm: 500 services fail within 10 s; how long from the last look to committed, and how many messages go out.

A server of the bench answers every service until the storm, then fails all of them. It notes when each look came; the
bench reads the engine's own SQLite file until it holds every incident. A webhook on the same server counts messages.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import time
from pathlib import Path

from tests.bench import ground
from tests.bench.ground import Process, say
from tests.bench.server import Server

TARGET = 1.0
EVERY, DOWN_AFTER = 10, 3
REST = "destinations:\n  hook: {{webhook: {{url: 'http://127.0.0.1:{port}/hook'}}}}\n"


class Sky:
    """What the server answers: well until the storm breaks."""

    def __init__(self) -> None:
        self.broke = 0.0

    def answer(self, path: str) -> tuple[int, bytes]:
        return (500, b"storm") if self.broke and path != "/hook" else (200, b"ok")


def calm(server: Server, services: int) -> bool:
    """Whether every service was seen to be well, twice."""
    return sum(len(moments) >= 2 for moments in list(server.asked.values())) >= services


def opened(store: Path) -> int:
    """Incidents that are open in the file, as any other process sees it: what is counted is committed."""
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=5) as database:
        return int(database.execute("select count(*) from incident where state <> 'resolved'").fetchone()[0])


def committed(where: Path, process: Process, services: int) -> float:
    """The moment at which every incident was in the file."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        process.alive()
        if opened(ground.store_of(where)) >= services:
            return time.monotonic()
        time.sleep(0.01)
    raise RuntimeError(f"only {opened(ground.store_of(where))} of {services} incidents were opened within 90 s")


def last_look(server: Server, broke: float, services: int) -> float:
    """When the look came that made up the engine's mind about the last service: the third that failed."""
    deciding = []
    for number in range(services):
        failing = [moment for moment in server.asked[f"/s/{number}"] if moment >= broke]
        deciding.append(sorted(failing)[DOWN_AFTER - 1])
    return max(deciding)


def told(server: Server, seconds: float) -> list[int]:
    """How many incidents each message of the hook named, once all is quiet."""
    time.sleep(seconds)
    return [len(json.loads(body).get("incidents", [1])) for _, body in list(server.bodies)]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="storm", description=__doc__)
    parser.add_argument("--services", type=int, default=500)
    asked = parser.parse_args(words)
    sky = Sky()
    with ground.folder() as where, Server(sky.answer) as server:
        more = f"down_after: {DOWN_AFTER}, retry_after: 2s, "
        url = f"http://127.0.0.1:{server.port}/s/"
        rows = [ground.service(n, f"{url}{n}", EVERY, more) for n in range(asked.services)]
        config = ground.write_config(where, rows, REST.format(port=server.port))
        with ground.engine(where, config) as process:
            ground.wait_for(lambda: calm(server, asked.services), process, 60, "two looks at every service")
            say("the storm breaks")
            sky.broke = time.monotonic()
            done = committed(where, process, asked.services)
            last = last_look(server, sky.broke, asked.services)
            messages = told(server, 25)
    late = done - last
    print(f"\n{asked.services} services fail within {EVERY} s, down after {DOWN_AFTER} looks\n")
    row = [f"{last - sky.broke:.2f}", f"{late:.3f}", str(len(messages)), str(sum(messages))]
    head = [
        "from the storm to the last deciding look, s",
        "from there to committed, s",
        "messages",
        "incidents in them",
    ]
    ground.table([row], head)
    print(f"- from the last look to decided and committed: {ground.verdict(late, TARGET, ' s')}")
    return 0 if late <= TARGET else 1
