"""One message on its way: between the ledger, which claims and settles it, and the outbox, which sends it."""

from __future__ import annotations

from dataclasses import dataclass

from tui_monitor.core.message import Message
from tui_monitor.core.plan import Place

Key = tuple[str, str]
"""Of a told row: a destination and a subject."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way; `asks` when the destination is only asked whether it already has it.

    `doubted` are those of its rows of which something may have been taken before: whatever becomes of this message
    says nothing of that first time.
    """

    place: Place
    message: Message
    keys: tuple[Key, ...]
    asks: bool = False
    doubted: frozenset[Key] = frozenset()
