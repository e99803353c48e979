"""The way out that a look is given."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tui_monitor.net import Net, Way


@pytest.fixture
async def way(tmp_path) -> AsyncIterator[Way]:
    net = Net(tmp_path, places=20)
    yield Way(net, 5.0)
    await net.close()
