"""Mia, who looks after the fleet: she acts through the door like anybody else, and signs what she says.

The door takes the name of who acts from the system, and that is whoever has started the demo. So that nobody thinks
they had done it themselves, everything she writes begins with her name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tui_monitor.core.errors import EngineUnreachable, Rejected
from tui_monitor.core.ports import Command
from tui_monitor.fakes.demo.script import Cue

if TYPE_CHECKING:
    from tui_monitor.core.ports import Control

log = logging.getLogger("tui_monitor.demo")

NAME = "mia (demo)"
TRIES = 6
AGAIN = 1.5
"""Seconds after which she tries again what was refused: what she is to speak of may come any moment."""

PROMISED = "not done yet"
"""How the door speaks of what it has taken and could not write down yet."""

Board = dict[str, Any]


class Colleague:
    """What she does is in the script; here is how."""

    def __init__(self, door: Control, speed: float = 1.0, name: str = NAME) -> None:
        self._door = door
        self._speed = speed
        self._name = name

    async def act(self, cue: Cue) -> bool:
        """Whether it was done; if it was not, the log says why."""
        refusal = ""
        for _ in range(TRIES):
            try:
                await self._door.do(await self._ask(cue))
            except (Rejected, EngineUnreachable) as error:
                refusal = str(error)
                if refusal.startswith(PROMISED):
                    return True
                await asyncio.sleep(AGAIN / self._speed)
            else:
                return True
        log.warning("%s could not %s %s: %s", self._name, cue.act, cue.whom, refusal)
        return False

    async def _ask(self, cue: Cue) -> Command:
        return await ACTS[cue.act](self, cue)

    def _say(self, cue: Cue) -> str:
        return f"{self._name}: {cue.said[0]}" if cue.said else ""

    async def _of_incident(self, cue: Cue) -> Command:
        board = await self._door.snapshot()
        return Command(cue.act, _incident(board, cue.whom), self._say(cue))

    async def _drop(self, cue: Cue) -> Command:
        """Only what the place has refused for good: what is just on its way may arrive yet."""
        board = await self._door.snapshot()
        sought = (cue.what, _incident(board, cue.whom), "given-up")
        found = [one for one in board["deliveries"] if (one["destination"], one["subject"], one["state"]) == sought]
        return Command("drop", _first(found, f"nothing was given up at {cue.what}"))

    async def _unsilence(self, cue: Cue) -> Command:
        board = await self._door.snapshot()
        found = [one for one in board["silences"] if cue.whom in one["services"]]
        return Command("unsilence", _first(found, f"{cue.whom} is not silenced"))

    async def _lasting(self, cue: Cue) -> Command:
        """`silence`, and planned work."""
        name = "maintenance" if cue.act == "plan" else cue.act
        return Command(name, cue.whom, self._say(cue), options={"for": self._span(cue.what)})

    async def _simulate(self, cue: Cue) -> Command:
        status, span = cue.what.split()
        return Command("simulate", cue.whom, options={"status": status, "for": self._span(span)})

    async def _test_mode(self, cue: Cue) -> Command:
        return Command("test-mode", cue.what)

    async def _ping(self, cue: Cue) -> Command:
        return Command("ping", cue.whom, self._say(cue), options={"kind": "done", "code": "0"})

    async def _ticket(self, cue: Cue) -> Command:
        board = await self._door.snapshot()
        return Command("ticket", _incident(board, cue.whom), options={"to": cue.what})

    async def _push(self, cue: Cue) -> Command:
        """The banner, or the end of it. What the customers read is not signed."""
        return Command("banner", cue.what, cue.said[0] if cue.said else "")

    async def _recheck(self, cue: Cue) -> Command:
        return Command("recheck", cue.whom)

    def _span(self, text: str) -> str:
        """In the time of the script; the door takes a second at least."""
        return f"{max(1.0, float(text.removesuffix('s')) / self._speed):g}s"


def _incident(board: Board, service: str) -> str:
    found = next((one["incident"] for one in board["services"] if one["id"] == service), None)
    if found is None:
        raise Rejected(f"{service} has no incident")
    return str(found)


def _first(rows: list[dict[str, Any]], otherwise: str) -> str:
    if not rows:
        raise Rejected(otherwise)
    return str(rows[0]["id"])


ACTS: dict[str, Callable[[Colleague, Cue], Awaitable[Command]]] = {
    "ack": Colleague._of_incident,
    "note": Colleague._of_incident,
    "resolve": Colleague._of_incident,
    "drop": Colleague._drop,
    "silence": Colleague._lasting,
    "plan": Colleague._lasting,
    "unsilence": Colleague._unsilence,
    "simulate": Colleague._simulate,
    "test-mode": Colleague._test_mode,
    "ping": Colleague._ping,
    "recheck": Colleague._recheck,
    "notify": Colleague._of_incident,
    "ticket": Colleague._ticket,
    "push": Colleague._push,
}
