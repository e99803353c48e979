"""One transport for each test, on each way of waiting that it knows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tui_monitor.net import Net
from tui_monitor.net.watch import EpollWatch, LoopWatch


@pytest.fixture(params=[EpollWatch, LoopWatch], ids=["epoll", "loop"])
async def net(request: pytest.FixtureRequest, tmp_path) -> AsyncIterator[Net]:
    made = Net(tmp_path, places=50, watch=request.param)
    yield made
    assert made.places == 50 - sum(map(len, made._idle.values())), "every place is given back"
    await made.close()
    assert made.places == 50
