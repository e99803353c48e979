"""Fixtures of the destinations."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.destinations.small import NOON, Out
from tui_monitor.fakes.slack import Slack as Workspace
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


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """One on which there is room for names, and for nothing in them."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)], check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    (place / "ballast").write_bytes(bytes(64 * 2**10))
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as one:
        one.now = NOON.timestamp
        yield one
        assert one.refused == []
        assert one.slips == []
