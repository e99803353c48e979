"""A table of a database that is given each look of chosen services; no incident is told there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tui_monitor.core.errors import DeliveryError, TuiMonitorError, Unreachable
from tui_monitor.core.extras import need
from tui_monitor.core.model import Kind, Service
from tui_monitor.core.ports import Outside, Sample
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft.samples import row_of
from tui_monitor.net.databases.database import extra_for
from tui_monitor.net.databases.recording import Book, Row, build_book


@dataclass(frozen=True, slots=True)
class Sql:
    """Options: an address as SQLAlchemy has it, and the names or ids of services; without any, all are recorded."""

    url: Secret
    table: str = "observations"
    schema: str = ""
    services: tuple[str, ...] = ()
    password: Secret | None = None
    book: Book = field(init=False, repr=False, compare=False)

    hears: ClassVar[frozenset[Kind]] = frozenset()
    grouped: ClassVar[bool] = False
    chooses: ClassVar[str] = "services"

    def __post_init__(self) -> None:
        need("sqlalchemy", extra_for(self.url), "the sql destination")
        object.__setattr__(self, "book", build_book(self.url, self.table, self.schema, self.password))

    def records(self, service: Service, publish: Any) -> bool:
        return not self.services or service.id in self.services or service.name in self.services

    async def record(self, samples: Sequence[Sample], outside: Outside) -> None:
        if samples:
            await self._put([row_of(sample) for sample in samples], outside)

    async def prove(self, outside: Outside) -> str:
        made = await self._put(None, outside)
        return f"{self._place} {'was made and ' if made else ''}takes looks; none was put into it"

    async def _put(self, rows: Sequence[Row] | None, outside: Outside) -> bool:
        try:
            made: bool = await outside.net.record(self.book, rows, outside.timeout)
        except TuiMonitorError as error:
            unsure = isinstance(error, Unreachable) and error.cause in ("lost", "timeout")
            raise DeliveryError(f"{self._place} cannot be written: {error}", retry=True, unsure=unsure) from None
        return made

    @property
    def _place(self) -> str:
        url = self.book.url
        return f"the table {clean(self.table, 63)} at {clean(url.host or url.database or url.drivername, 200)}"
