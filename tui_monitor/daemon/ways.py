"""The way out of a plan: one transport, and for each time to answer a view of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tui_monitor.core.plan import Plan
from tui_monitor.core.ports import Outside
from tui_monitor.net import Net, Way


@asynccontextmanager
async def way_out(plan: Plan, home: Path) -> AsyncIterator[Callable[[float], Outside]]:
    """From the seconds that an answer may take to the way out that grants them; closed at the end of the block."""
    net = Net(home, places=plan.concurrency or None)
    try:
        yield lambda timeout: Way(net, timeout)
    finally:
        await net.close()
