"""Fixtures of the destinations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.destinations.small import Out
from tui_monitor.fakes.webhook import Webhook as Hook
from tui_monitor.net import Net


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Out]:
    net = Net(tmp_path)
    yield Out(net)
    await net.close()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    async with Hook() as server:
        yield server
        assert server.refused == []
