"""The health of Azure DevOps: each of its services, in each geography. It names no incidents, only what is ill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_monitor.checks.craft.vendor.document import Row, mapping, needed, refuse_error, rows, text_of, when
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, has_words
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

PAGE = "https://status.dev.azure.com"
HEALTH = {
    "healthy": Status.OPERATIONAL,
    "advisory": Status.OPERATIONAL,
    "degraded": Status.DEGRADED,
    "unhealthy": Status.MAJOR,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One service in one geography. `health` is the vendor's own word."""

    service: str
    geography: str
    name: str
    health: str

    @property
    def status(self) -> Status:
        return HEALTH.get(self.health.lower(), Status.UNKNOWN)

    def is_in(self, geographies: Sequence[str]) -> bool:
        return not geographies or any(one in self.spelt(geographies) for one in geographies)

    def is_of(self, services: Sequence[str]) -> bool:
        return not services or any(has_words(one, self.service) for one in services)

    def spelt(self, geographies: Iterable[str]) -> list[str]:
        """Those words that mean this geography, by its short name or its long one."""
        return [one for one in geographies if has_words(one, self.geography) or has_words(one, self.name)]


def said_of(data: Row, now: datetime, geographies: Sequence[str], services: Sequence[str]) -> Said:
    """What is chosen of it. Of the whole, its headline says nothing then."""
    refuse_error(data)
    if "services" not in data and text_of(data, "message"):
        raise Unreadable(f"its page says that something went wrong: {clean(text_of(data, 'message'), 300)}")
    overall = mapping(data.get("status"), "its status")
    health, message = needed(overall, "health", "the status"), plain(text_of(overall, "message"))
    cells = list(_cells(data))
    if not cells:
        raise Unreadable("its page names no service in any geography")
    _refuse_unknown("service", services, [cell.service for cell in cells if cell.is_of(services)])
    _refuse_unknown("geography", geographies, [one for cell in cells for one in cell.spelt(geographies)])
    chosen = [cell for cell in cells if cell.is_in(geographies) and cell.is_of(services)]
    if not chosen:
        raise Unreadable("its page has none of these services in any of these geographies")
    is_all = not (geographies or services)
    return Said(
        HEALTH.get(health.lower(), Status.UNKNOWN) if is_all else None,
        message if is_all else f"{', '.join((*services, *geographies))}: healthy",
        parts=tuple(Part(cell.name, cell.status, cell.service) for cell in chosen),
        told=tuple(_told(cell, message) for cell in chosen if cell.health.lower() != "healthy"),
        as_of=when(data.get("lastUpdated"), now),
    )


def _cells(data: Row) -> Iterator[Cell]:
    for service in rows(data, "services"):
        name = needed(service, "id", "a service")
        for one in rows(service, "geographies"):
            short = needed(one, "id", "a geography")
            yield Cell(name, short, text_of(one, "name", short), text_of(one, "health", "of unknown health"))


def _refuse_unknown(what: str, wanted: Sequence[str], found: Sequence[str]) -> None:
    """A word that means nothing on the page would be green for ever."""
    for one in wanted:
        if not any(has_words(one, name) for name in found):
            raise Unreadable(f"its page has no {what} {clean(one, 60)!r}")


def _told(cell: Cell, message: str) -> Told:
    where = f"{cell.service} / {cell.name}"
    said = VendorIncident(
        ref=f"{cell.service}/{cell.geography}",
        title=f"{cell.service} in {cell.name}: {cell.health}",
        status=cell.status,
        url=PAGE,
        components=(where,),
        updates=(VendorUpdate(message),) if message else (),
        state=cell.health,
    )
    return Stage.OPEN, said
