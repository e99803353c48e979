"""The health of Azure DevOps: each of its services, in each geography. It names no incidents, only what is ill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from tui_monitor.checks.craft.vendor.document import (
    MOST_ROWS,
    Row,
    mapping,
    needed,
    refuse_error,
    rows,
    text_of,
    when,
)
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
    status: Status

    def is_in(self, geographies: Sequence[str]) -> bool:
        """By its short name or its long one."""
        named = (self.geography, self.name)
        return not geographies or any(has_words(one, name) for one in geographies for name in named)

    def is_of(self, services: Sequence[str]) -> bool:
        return not services or any(has_words(one, self.service) for one in services)


def said_of(data: Row, now: datetime, geographies: Sequence[str], services: Sequence[str]) -> Said:
    """What is chosen of it. Of the whole, its headline says nothing then."""
    refuse_error(data)
    if "services" not in data and text_of(data, "message"):
        raise Unreadable(f"its page says that something went wrong: {clean(text_of(data, 'message'), 300)}")
    overall = mapping(data.get("status"), "its status")
    health, message = needed(overall, "health", "the status"), plain(text_of(overall, "message"))
    cells = list(islice(_cells(data), MOST_ROWS + 1))
    if len(cells) > MOST_ROWS:
        raise Unreadable(f"its page lists more than {MOST_ROWS:,} things, which nobody could have written")
    if not cells:
        raise Unreadable("its page names no service in any geography")
    _refuse_unknown("service", services, {cell.service for cell in cells})
    _refuse_unknown("geography", geographies, {name for cell in cells for name in (cell.geography, cell.name)})
    is_all = not (geographies or services)
    chosen = cells if is_all else [one for one in cells if one.is_in(geographies) and one.is_of(services)]
    if not chosen:
        raise Unreadable("its page has none of these services in any of these geographies")
    updates = (VendorUpdate(message),) if message else ()
    return Said(
        HEALTH.get(health.lower(), Status.UNKNOWN) if is_all else None,
        message if is_all else f"{', '.join((*services, *geographies))}: healthy",
        parts=tuple([Part(cell.name, cell.status, cell.service) for cell in chosen]),
        told=tuple([_told(cell, updates) for cell in chosen if cell.health.lower() != "healthy"]),
        as_of=when(data.get("lastUpdated"), now),
    )


def _cells(data: Row) -> Iterator[Cell]:
    for service in rows(data, "services"):
        name = needed(service, "id", "a service")
        for one in rows(service, "geographies"):
            short = needed(one, "id", "a geography")
            health = text_of(one, "health", "of unknown health")
            yield Cell(name, short, text_of(one, "name", short), health, HEALTH.get(health.lower(), Status.UNKNOWN))


def _refuse_unknown(what: str, wanted: Sequence[str], found: Iterable[str]) -> None:
    """A word that means nothing on the page would be green for ever."""
    for one in wanted:
        if not any(has_words(one, name) for name in found):
            raise Unreadable(f"its page has no {what} {clean(one, 60)!r}")


def _told(cell: Cell, updates: tuple[VendorUpdate, ...]) -> Told:
    said = VendorIncident(
        ref=f"{cell.service}/{cell.geography}",
        title=f"{cell.service} in {cell.name}: {cell.health}",
        status=cell.status,
        url=PAGE,
        components=(f"{cell.service} / {cell.name}",),
        updates=updates,
        state=cell.health,
    )
    return Stage.OPEN, said
