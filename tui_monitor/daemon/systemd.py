"""What systemd is told of us, over its notify socket. Without one, every word goes nowhere."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

from tui_monitor.core.text import clean


class Supervisor:
    """Whoever started us, if it wants to hear how we are."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.watch_every = _watch_every(environ)

    def ready(self, status: str) -> None:
        self._tell("READY=1", f"STATUS={clean(status)}", f"MAINPID={os.getpid()}")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1", "STATUS=stopping")

    def _tell(self, *words: str) -> None:
        if not self._address:
            return
        # a supervisor that does not listen is no reason to stop watching services
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
            mouth.setblocking(False)
            mouth.sendto("\n".join(words).encode(), self._address)


def _address(given: str) -> str:
    """A path, or a name in Linux's abstract space, which is written with `@` and spoken with a zero byte."""
    return "\0" + given[1:] if given.startswith("@") else given if given.startswith("/") else ""


def _watch_every(environ: Mapping[str, str]) -> float | None:
    """Half of what the supervisor allows between two signs of life; None where it does not watch us."""
    pid = environ.get("WATCHDOG_PID", "")
    if pid and pid != str(os.getpid()):
        return None
    with suppress(ValueError):
        allowed = int(environ.get("WATCHDOG_USEC", "")) / 1_000_000
        return allowed / 2 if allowed > 0 else None
    return None
