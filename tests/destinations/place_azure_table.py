"""Two tables of an account, as the fake of it keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.destinations.place import SECRET, Arrived, Place, texts_in
from tests.destinations.small import Out
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.azure_table import AzureTable
from tui_monitor.fakes.azure_tables import AzureTables

KEY = f"{SECRET}aa/+=="
"""It is base64, and goes through no address."""


@asynccontextmanager
async def azure_table(out: Out) -> AsyncIterator[Place]:
    async with AzureTables(key=KEY) as account:

        def arrived() -> list[Arrived]:
            both = [(table, one) for table in account.tables for one in account.entities(table)]
            texts = [texts_in(one) for _, one in both]
            keys = [f"{table} {one['PartitionKey']} {one['RowKey']}" for table, one in both]
            return [Arrived(key, text, len(text)) for key, text in zip(keys, texts, strict=True)]

        @contextmanager
        def refusing(status: int) -> Iterator[None]:
            account.answer(status, body=f"no {SECRET} {KEY}".encode())
            yield

        away = account.connection_string.replace(f":{account.port}", ":9")
        yield Place(
            AzureTable(Secret(account.connection_string)),
            arrived,
            later=lambda: refusing(503),
            never=lambda: refusing(400),
            hold=account.hold,
            release=account.release,
            unreachable=[AzureTable(Secret(away))],
            apart=True,
            takes_banner=False,
        )
        assert account.refused == []
