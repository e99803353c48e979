"""Fixtures of the destinations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.destinations.small import Out
from tui_monitor.fakes.webhook import Webhook as Hook


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Out]:
    out = Out(tmp_path)
    yield out
    await out.close()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    async with Hook() as server:
        yield server
        assert server.refused == []
