"""Keeps a store from being written, as a backup of it might: to rehearse what an engine makes of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tui_monitor.store.opening import connect, plainly

PATIENCE = 1.0
"""Seconds to wait for whoever is writing."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Nobody else can write until the end of the block; nothing is changed. StoreError where it is held already."""
    with plainly(path), closing(connect(path, PATIENCE)) as connection:
        connection.execute("begin immediate")
        yield
        connection.execute("rollback")
