"""An engine that only plays, so that what a board costs can be told from what looks cost: the board attaches to it.

It holds the lock of a state and serves the real door to services that it makes up. How many of them change each
second is asked for through the door itself, with the command `play`.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.board.stage import row, snapshot
from tui_monitor.control.server import Door
from tui_monitor.core.codec import encode
from tui_monitor.core.model import Event, Kind
from tui_monitor.core.plan import Appearance
from tui_monitor.core.ports import Changes, Command, Outcome
from tui_monitor.core.views import event_view
from tui_monitor.daemon.lock import EngineLock
from tui_monitor.places import places_of

KINDS = (
    "Checkout",
    "Login",
    "Search",
    "Website",
    "Orders API",
    "Mail relay",
    "Ledger",
    "Stock",
    "Search index",
    "Reports",
)
BEAT = 0.02
"""Seconds between two turns of the play."""
SINCE = timedelta(days=12)
"""So long that no age changes in sight while nothing else does."""
EVENTS = 500


def rows_of(services: int, now: datetime) -> dict[str, dict[str, Any]]:
    """All well, in the order in which the board shows them."""
    dice = random.Random(7)
    names = sorted(f"{KINDS[n % len(KINDS)]} {n // len(KINDS):03}" for n in range(services))
    made = [
        row(name, id=f"s{n}", group=name.rpartition(" ")[0], latency=dice.uniform(0.02, 0.3), since=now - SINCE)
        for n, name in enumerate(names)
    ]
    return {one["id"]: {**one, "message": "200 OK", "checked_at": now.isoformat()} for one in made}


class Actor:
    """A `Control` whose services are looked at, as far as a board can tell."""

    def __init__(self, services: int) -> None:
        self._dice = random.Random(11)
        self._rows = rows_of(services, datetime.now(UTC))
        self._names = list(self._rows)
        self._changed = dict.fromkeys(self._names, 0)
        self._events: deque[tuple[int, Any]] = deque(maxlen=EVENTS)
        self._turn = 0
        self._turned = asyncio.Event()
        self._rate = self._events_a_second = 0.0
        self._among = services
        self._next = 0

    async def snapshot(self) -> dict[str, Any]:
        services = list(self._rows.values())
        return snapshot(services, events=[one for _, one in self._events], **self._board(), cursor=str(self._turn))

    async def changes(self, cursor: str, wait: float) -> Changes:
        since = int(cursor)
        if since >= self._turn:
            self._turned.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._turned.wait(), wait)
        services = {name: self._rows[name] for name, turn in self._changed.items() if turn > since}
        events = tuple(one for turn, one in self._events if turn > since)
        return Changes(str(self._turn), services, events=events, board=self._board())

    async def history(self, what: str, **options: str) -> Any:
        if what == "lately":
            count = int(options["count"])
            latencies = [round(self._dice.uniform(0.02, 0.3), 4) for _ in range(count)]
            one = {"latencies": latencies, "statuses": ["operational"] * count}
            return dict.fromkeys(options["services"].split(","), one)
        file = os.environ["TUI_MONITOR_HOME"]
        return {"file": file, "title": "Bench", "timezone": "UTC", "appearance": encode(Appearance()), "problems": []}

    async def do(self, command: Command) -> Outcome:
        """`play`: so many of the first `among` services change each second, and so many events come."""
        asked = command.options
        self._rate, self._events_a_second = float(asked["rate"]), float(asked.get("events", "0"))
        self._among = min(int(asked.get("among", len(self._names))), len(self._names))
        return Outcome("playing")

    async def play(self) -> None:
        """As many looks as are due, evenly: whoever asks rarely sees as many as whoever asks often."""
        due = due_events = 0.0
        before = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(BEAT)
            now = asyncio.get_running_loop().time()
            due, due_events = due + (now - before) * self._rate, due_events + (now - before) * self._events_a_second
            before = now
            if due >= 1 or due_events >= 1:
                self._turn += 1
                for _ in range(int(due)):
                    self._look()
                for _ in range(int(due_events)):
                    self._happen()
                due, due_events = due % 1, due_events % 1
                self._turned.set()

    def _look(self) -> None:
        self._next = (self._next + 1) % self._among
        name = self._names[self._next]
        latency = min(9.0, self._dice.lognormvariate(-2.5, 0.4))
        self._rows[name] = {**self._rows[name], "latency": latency, "checked_at": datetime.now(UTC).isoformat()}
        self._changed[name] = self._turn

    def _happen(self) -> None:
        event = Event("board", self._turn, Kind.NOTED, datetime.now(UTC), text=f"note {self._turn}", by="somebody")
        self._events.append((self._turn, event_view(event)))

    def _board(self) -> dict[str, Any]:
        around = dict.fromkeys(("silences", "maintenance", "simulations"), ())
        return {"at": datetime.now(UTC).isoformat(), "trouble": "", "cut_off": None, "test_mode": False, **around}


async def act(config: Path, services: int) -> None:
    """Until it is told to end."""
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    actor, places = Actor(services), places_of(config)
    places.make()
    with EngineLock(places.lock):
        door = Door(actor, places.socket)
        await door.open()
        playing = asyncio.create_task(actor.play())
        await end.wait()
        playing.cancel()
        await door.close()


if __name__ == "__main__":
    asyncio.run(act(Path(sys.argv[1]), int(sys.argv[2])))
