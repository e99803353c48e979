"""The way out as plugins see it: one value per service or destination, cheap, over one shared `Net`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_monitor.net.transport import Net
from tui_monitor.net.trust import Trust

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Way:
    """`core.ports.Outside` for one look or delivery, all of whose exchanges share the budget of `timeout` seconds."""

    net: Net
    timeout: float = 10.0

    @property
    def http(self) -> httpx.AsyncClient:
        return self.client()

    def client(self, *, verify: bool = True, ca: str = "") -> httpx.AsyncClient:
        client: httpx.AsyncClient = self.net.client(self.timeout, Trust(verify, ca))
        return client

    @property
    def home(self) -> Path:
        return self.net.home

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def run(self, work: Any, /, *args: Any) -> Any:
        return await self.net.threads.run(functools.partial(work, *args))
