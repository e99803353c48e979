"""Every timeline is played on each store: the plain lists, and the file, both on virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.stage import Stage
from tests.engine.virtual import EPOCH
from tui_monitor.core.ports import Store
from tui_monitor.store import open_store
from tui_monitor.store.memory import MemoryStore


@pytest.fixture(params=["memory", "sqlite"], autouse=True)
def store_of_the_stage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def memory() -> Store:
        return MemoryStore()

    async def sqlite() -> Store:
        return await open_store(tmp_path / "store" / "store.sqlite", now=EPOCH, inline=True)

    monkeypatch.setattr(
        Stage, "make_store", staticmethod({"memory": memory, "sqlite": sqlite}[request.param]), raising=False
    )
