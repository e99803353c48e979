"""The list of incidents of Google Cloud and of Google Workspace: a bare array of the past, and of what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui_monitor.checks.craft.vendor.document import Row, listed, names, needed, text_of, when, word
from tui_monitor.checks.craft.vendor.said import Said, Stage, Told, dated, folded, has_words, in_order
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.status import Status, worst

IMPACTS = {
    "serviceinformation": Status.OPERATIONAL,
    "servicedisruption": Status.DEGRADED,
    "serviceoutage": Status.MAJOR,
}
SEVERITIES = {"low": Status.OPERATIONAL, "medium": Status.PARTIAL, "high": Status.MAJOR}
"""The worse of the two holds: a disruption of medium severity is `partial`, an information of low one a notice."""
CALM = "no open incident"
MULTIPLE = "zall"
"""The key of no product of its own, but of several."""
MEANING = frozenset({"external_desc", "status_impact", "severity", "most_recent_update"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """The products and regions that concern us; whatever is empty chooses all."""

    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def has_product(self, row: Row) -> bool:
        """One that names no product may concern any."""
        known = [
            name for key in ("title", "current_title", "id") for name in names(row.get("affected_products"), key)
        ]
        if not known and text_of(row, "service_key") != MULTIPLE:
            known = list(names([text_of(row, "service_name")]))
        return not self.products or not known or any(has_words(one, name) for one in self.products for name in known)

    def has_region(self, places: list[Row]) -> bool:
        """A chosen region lies there, or is part of what lies there, as `us-east1` is of the multi-region `us`."""
        if not self.regions or not places:
            return True
        return any(_is_global(place) or any(_lies(one, place) for one in self.regions) for place in places)


def said_of(data: Any, now: datetime, wanted: Wanted = Wanted(), page: str = "") -> Said:
    """What began before the oldest that is listed may be missing: the list is cut off somewhere."""
    past = listed(data)
    if not past or not all("begin" in row and row.keys() & MEANING for row in past):
        raise Unreadable("its page is not the list of incidents that it should be")
    told = [_told(row, now, wanted, page) for row in past if wanted.has_product(row)]
    begun = [at for row in past if (at := when(row.get("begin"), now)) is not None]
    return Said(words=CALM, told=tuple(one for one in told if one is not None), reach=min(begun, default=None))


def _told(row: Row, now: datetime, wanted: Wanted, page: str) -> Told | None:
    """None where none of the chosen regions is concerned. Over is only what has an end that is past."""
    end = row.get("end")
    ended_at = when(end, now) if isinstance(end, str) else None
    is_over = ended_at is not None and ended_at <= now
    now_there, once_there = (
        _places(row, "currently_affected_locations"),
        _places(row, "previously_affected_locations"),
    )
    is_here = wanted.has_region(once_there + now_there if is_over else now_there or once_there)
    if not is_here and not wanted.has_region(once_there + now_there):
        return None
    updates = _updates(row, now)
    uri = text_of(row, "uri")
    said = VendorIncident(
        ref=needed(row, "id", "an incident") if "id" in row else uri or needed(row, "number", "an incident"),
        title=text_of(row, "external_desc", "an incident without a description"),
        status=_weight(row),
        url=f"{page}/{uri.lstrip('/')}" if uri else "",
        started_at=when(row.get("begin"), now) or when(row.get("created"), now),
        updated_at=when(row.get("modified"), now),
        components=names(row.get("affected_products"), "title") or names([text_of(row, "service_name")]),
        updates=updates,
        state=updates[-1].state if updates else "",
        impact=text_of(row, "status_impact"),
        until=ended_at,
    )
    return (Stage.OPEN if is_here and not is_over else Stage.OVER), dated(said)


def _weight(row: Row) -> Status:
    """By the words that are there; unknown where there is none, or none that is known."""
    given = [(IMPACTS, word(row, "status_impact")), (SEVERITIES, word(row, "severity"))]
    return worst([table.get(said, Status.UNKNOWN) for table, said in given if said] or [Status.UNKNOWN])


def _updates(row: Row, now: datetime) -> tuple[VendorUpdate, ...]:
    """In markdown, which is left as it is: its `<address>` would be lost as a tag of HTML."""
    notes = row.get("updates")
    return in_order(
        [
            VendorUpdate(
                text_of(one, "text"),
                when(one.get("when"), now) or when(one.get("created"), now),
                text_of(one, "status"),
            )
            for one in (notes if isinstance(notes, list) else [])
            if isinstance(one, dict)
        ]
    )


def _places(row: Row, key: str) -> list[Row]:
    found = row.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_global(place: Row) -> bool:
    return "global" in (folded(text_of(place, "id")), folded(text_of(place, "title")))


def _lies(region: str, place: Row) -> bool:
    ref = text_of(place, "id")
    return has_words(region, text_of(place, "title")) or has_words(region, ref) or has_words(ref, region)
