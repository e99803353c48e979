"""Two tables in Azure Table Storage: what lasts, and what is over. Each incident is one entity in one of them.

Both are made where they are missing. The key of an entity follows from its incident alone, so that every try writes
the same one, and what came late changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from tui_monitor.core.extras import need
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import Template
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.template import faults
from tui_monitor.destinations.craft.azure_tables import TABLE, Tables, account_of
from tui_monitor.destinations.craft.entities import KEYS, moves_of


@dataclass(frozen=True, slots=True)
class AzureTable:
    """Options. A partition is named by what stays the same; with `public`, no rehearsal is ever told there."""

    connection_string: Secret
    active_table: str = "EventTickets"
    resolved_table: str = "ResolvedEvents"
    partition: Template = "{kind}"
    public: bool = False

    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True

    def __post_init__(self) -> None:
        need("azure.data.tables", "azure", "the azure_table destination")
        account_of(self.connection_string)
        for option, name in (("active_table", self.active_table), ("resolved_table", self.resolved_table)):
            if not TABLE.fullmatch(name):
                raise ValueError(f"{option} must be 3 to 63 letters and digits, a letter first")
        if self.active_table.lower() == self.resolved_table.lower():
            raise ValueError("resolved_table must be another one than active_table")
        if wrong := faults(self.partition, KEYS):
            raise ValueError(f"partition must stay the same while an incident lasts: {wrong[0]}")

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        if moves := moves_of(message, self.partition):
            await self._do(outside, Tables.settle, moves)
        return Receipt(message.ref, message.url)

    async def find(self, message: Message, outside: Outside) -> Receipt | None:
        is_there = await self._do(outside, Tables.are_settled, moves_of(message, self.partition))
        return Receipt(message.ref, message.url) if is_there else None

    async def prove(self, outside: Outside) -> str:
        await self._do(outside, Tables.prove)
        host = account_of(self.connection_string).host
        return f"the tables {self.active_table} and {self.resolved_table} at {host} can be read and written"

    async def _do(self, outside: Outside, work: Callable[..., Any], *args: Any) -> Any:
        """In a thread, which stops soon once nobody waits for it."""
        names = (self.active_table, self.resolved_table)
        tables = Tables(self.connection_string, *names, outside.timeout, outside.now)
        try:
            return await outside.run(work, tables, *args)
        finally:
            tables.is_over = True
