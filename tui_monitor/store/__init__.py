"""The store: what is remembered through any crash. Nothing outside this package speaks SQL."""

from tui_monitor.store.memory import MemoryStore
from tui_monitor.store.sqlite import SqliteStore, open_store

__all__ = ["MemoryStore", "SqliteStore", "open_store"]
