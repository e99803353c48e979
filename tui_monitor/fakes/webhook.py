"""A webhook that remembers every request it heard; as a program it keeps them in a file that outlives a crash."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import ssl
import sys
from dataclasses import replace
from pathlib import Path

from tui_monitor.fakes.http import Answer, Heard, Site


class Webhook(Site):
    """`async with Webhook() as hook`, then `hook.url`, `hook.heard`, `hook.answer(503, times=2)`."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        record: Path | None = None,
        tls: ssl.SSLContext | None = None,
        remembers: int | None = None,
    ) -> None:
        super().__init__(host, port, tls=tls, remembers=remembers)
        self.usual = Answer()
        self.links = ""
        """Where what is made here can be seen; each answer then holds the link to its own."""
        self._record = record

    def reply(self, heard: Heard) -> Answer:
        return self.usual

    def finished(self, heard: Heard, answer: Answer) -> Answer:
        link = {"link": f"{self.links}{heard.n}"} if self.links else {}
        made = json.dumps({"id": str(heard.n), **link}).encode()
        return answer if answer.body is not None else replace(answer, body=made)

    def keep(self, heard: Heard) -> None:
        super().keep(heard)
        if self._record is not None:
            _append(self._record, heard.line())


def _append(path: Path, line: str) -> None:
    """On the disk before the answer leaves: what was acknowledged is always in the count."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


async def _run(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stopped.set)
    async with Webhook(options.host, options.port, options.record) as hook:
        hook.usual = Answer(delay=options.delay)
        hook.drop(options.drop)
        if options.status is not None:
            hook.answer(options.status, times=options.times)
        sys.stdout.write(f"{hook.port}\n")
        sys.stdout.flush()
        await stopped.wait()


def main(argv: list[str] | None = None) -> None:
    """Serve until a signal; the port that was got is the first line of stdout."""
    parser = argparse.ArgumentParser(prog="python -m tui_monitor.fakes.webhook", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path, help="append each request to this file, one line of JSON each")
    parser.add_argument("--drop", type=int, default=0, metavar="N", help="hang up on the first N without an answer")
    parser.add_argument("--status", type=int, help="answer the next --times requests with this status")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds to wait before each usual answer")
    asyncio.run(_run(parser.parse_args(argv)))


if __name__ == "__main__":
    main()
