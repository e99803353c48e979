"""An account with tables to test on: the fake, or a real Azurite; and what its official client sees there.

`AZURITE` names the folder of one, such as `.ci/azurite` brings.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui_monitor.core.secret import Secret
from tui_monitor.destinations.azure_table import AzureTable
from tui_monitor.fakes.azure_tables import ACCOUNT, KEY

_numbers = itertools.count(1)


@dataclass
class Account:
    """Two tables of its own in an account that others use too."""

    connection: str
    active: str = field(default_factory=lambda: f"EventTickets{next(_numbers)}")
    resolved: str = field(default_factory=lambda: f"ResolvedEvents{next(_numbers)}")

    def told(self, **options: Any) -> AzureTable:
        return AzureTable(Secret(self.connection), self.active, self.resolved, **options)

    async def rows(self, table: str) -> list[Any]:
        """What stands there, as the official client reads it; nothing where there is no table."""
        return list(await asyncio.to_thread(self._do, table, lambda client: list(client.list_entities())))

    async def does(self, table: str, work: Any) -> Any:
        return await asyncio.to_thread(self._do, table, work)

    def _do(self, table: str, work: Any) -> Any:
        from azure.core.exceptions import ResourceNotFoundError
        from azure.data.tables import TableClient

        with TableClient.from_connection_string(self.connection, table, retry_total=0) as client:
            try:
                return work(client)
            except ResourceNotFoundError:
                return []


def low_port() -> int:
    """A free one below those that the system gives to whoever asks for any."""
    while True:
        port = random.randint(10_000, 19_999)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


@contextmanager
def azurite(folder: Path) -> Iterator[str]:
    """The connection string of one that runs."""
    port = low_port()
    own = ["--tableHost", "127.0.0.1", "--tablePort", str(port), "--location", str(folder)]
    program = Path(os.environ["AZURITE"], "dist", "src", "table", "main.js")
    command = ["node", str(program), "--silent", "--disableTelemetry", "--skipApiVersionCheck", *own]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "successfully started" in line:
                break
        try:
            assert process.poll() is None, "".join(said)
            where = f"TableEndpoint=http://127.0.0.1:{port}/{ACCOUNT}"
            yield f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{where};"
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
