"""The way out as plugins see it: one value per service or destination, cheap, over one shared `Net`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_monitor.core.status import Status
from tui_monitor.net.transport import Net
from tui_monitor.net.trust import Trust

if TYPE_CHECKING:
    import httpx


def _nothing_is_believed(service: str) -> Status:
    return Status.UNKNOWN


@dataclass(frozen=True, slots=True)
class Way:
    """`core.ports.Outside` for one look or delivery, all of whose exchanges share the budget of `timeout` seconds."""

    net: Net
    timeout: float = 10.0
    memo: str = ""
    status_of: Callable[[str], Status] = _nothing_is_believed

    def knowing(self, memo: str, status_of: Callable[[str], Status]) -> Way:
        return replace(self, memo=memo, status_of=status_of)

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
