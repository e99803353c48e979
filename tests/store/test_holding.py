"""A store that somebody else holds: it takes nothing for a while, and has lost nothing afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui_monitor.core.errors import StoreError
from tui_monitor.core.model import BOARD, Event, Kind
from tui_monitor.core.ports import Batch
from tui_monitor.store import open_store
from tui_monitor.store.holding import hold

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def said(number: int) -> Batch:
    return Batch(events=[Event(BOARD, number, Kind.STARTED, NOW, text="x")])


async def test_nothing_can_be_written_while_a_store_is_held(tmp_path: Path):
    store = await open_store(tmp_path / "store.db", now=NOW, patience=0.05)
    try:
        await store.commit(said(1))
        with hold(tmp_path / "store.db"), pytest.raises(StoreError, match="locked by another program"):
            await store.commit(said(2))
        await store.commit(said(2))
        assert [event.n for event in (await store.load([])).events] == [1, 2]
    finally:
        await store.close()


def test_a_store_is_held_by_one_at_a_time(tmp_path: Path):
    (tmp_path / "store.db").touch()
    with hold(tmp_path / "store.db"), pytest.raises(StoreError, match="locked"), hold(tmp_path / "store.db"):
        pass
