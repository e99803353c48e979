"""What the stages of checks are made of: a service in one state, and the states that a kind's services can be in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.net.small import Served
from tui_monitor import checks
from tui_monitor.core.status import Status
from tui_monitor.net import Net, Way


@dataclass
class Scene:
    """A service in one state, and how its check looks at it; with `net`, by a way out of its own."""

    served: Served
    options: dict[str, Any]
    net: Net | None = None
    memo: str = ""
    statuses: Mapping[str, Status] = field(default_factory=dict)

    def way(self, way: Way, timeout: float | None = None) -> Way:
        return Way(self.net or way.net, timeout or way.timeout, self.memo, self.statuses.__getitem__)

    def looks(self) -> int:
        return self.served.connections

    async def heard(self) -> None:
        """Until the look is under way."""
        while not self.served.heard:
            await asyncio.sleep(0)

    async def left(self) -> None:
        """Until the look has hung up."""
        await self.served.closed.wait()


Setting = Callable[[bytes], AbstractAsyncContextManager[Served | Scene]]
"""A service in one state, for as long as it is looked at; the bytes are what it says where it is `garbled`."""


def no_options(served: Served) -> dict[str, Any]:
    """For a kind whose settings are whole scenes, with the options that each wants."""
    return {}


@dataclass(frozen=True)
class Stage:
    """How a kind looks at what is served, and the states that its services can be in.

    `well` and `wrong` answer, `gone` is not there (which has the cause `gone_cause`), `silent` listens and never
    answers, `garbled` answers any bytes at all. What a kind cannot show is left out of `settings`, and is proved
    beside the check's other tests. `needs` is a service that this machine must offer; `connects` whether a look is
    one connection, whose phases add up to its latency.
    """

    options: Callable[[Served], dict[str, Any]]
    settings: Mapping[str, Setting]
    needs: str = ""
    connects: bool = True
    gone_cause: str = "refused"

    @property
    def states(self) -> frozenset[str]:
        return frozenset(self.settings)

    @asynccontextmanager
    async def set(self, state: str, said: bytes = b"") -> AsyncIterator[Scene]:
        async with self.settings[state](said) as shown:
            yield shown if isinstance(shown, Scene) else Scene(shown, self.options(shown))


def check_of(kind: str, scene: Scene) -> Any:
    return checks.find(kind)(**scene.options)
