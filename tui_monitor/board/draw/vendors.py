"""The vendors: how each of them is, and what their own pages say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tui_monitor.board.draw import words
from tui_monitor.board.draw.incident import Sight, heading
from tui_monitor.board.draw.service import incident_rows, lines_of, said
from tui_monitor.board.gaze import place_of
from tui_monitor.board.ink import BLANK, Line, Row, Span
from tui_monitor.core.text import spell_number

View = Mapping[str, Any]

GROUPS = ("vendor", "vendors")
"""Groups by which people say that a service is somebody else's, whatever looks at it."""
NOBODY = (
    "no service here belongs to a vendor. One that reads a vendor's status page, or that is in the group Vendors,"
    " stands on this page with everything that the vendor says of its incidents."
)
INDENT = 3


def vendors_of(services: Mapping[str, View], incidents: Iterable[View]) -> list[View]:
    """Services that read a vendor's page, have an incident from one, or are said to be a vendor's; worst first."""
    told = {one["service"] for one in incidents if one["vendor_ref"] is not None}
    found = [
        row
        for row in services.values()
        if row.get("vendor") or row["id"] in told or str(row["group"]).casefold() in GROUPS
    ]
    return sorted(found, key=lambda row: place_of(row, "worst"))


def vendor_rows(services: Mapping[str, View], incidents: Sequence[View], sight: Sight) -> list[Row]:
    """Each vendor with its open incidents, every update of theirs whole."""
    vendors = vendors_of(services, incidents)
    if not vendors:
        return [Row(BLANK), *map(Row, said(NOBODY, "muted", sight.width))]
    own = sum(1 for row in vendors for one in incidents if one["service"] == row["id"])
    found = [Row(heading(f"{spell_number(len(vendors), 'vendor')}, {spell_number(own, 'open incident')}", sight))]
    for row in vendors:
        found += _vendor(row, [one for one in incidents if one["service"] == row["id"]], sight)
        found.append(Row(BLANK))
    return found


def _vendor(row: View, incidents: Sequence[View], sight: Sight) -> Iterator[Row]:
    for number, part in enumerate(_name(row, sight)):
        yield Row(part, f"service:{row['id']}" if not number else "")
    yield from map(Row, said(row["message"], "text", sight.width, INDENT))
    if not row.get("vendor"):
        how = f"looked at by {row['kind']}, which does not read what the vendor says of itself"
        yield from map(Row, said(how, "muted", sight.width, INDENT))
    for one in incidents:
        yield from incident_rows(one, sight)
        yield from map(Row, _said(one, sight))


def _name(row: View, sight: Sight) -> Sequence[Line]:
    status = str(row["status"])
    seen = words.since(row["checked_at"], sight.now)
    spans: list[Span] = [(f" {sight.glyphs.status[status]} ", status), (str(row["name"]), f"{status} bold")]
    spans += [(f"  {status} for {words.since(row['since'], sight.now) or 'an unknown time'}", status)]
    spans += [(f"  seen {seen} ago" if seen else "  not looked at yet", "muted")]
    return lines_of(tuple(spans), sight.width, INDENT)


def _said(one: View, sight: Sight) -> Iterator[Line]:
    """Where it stands, and what the vendor has written since, the newest first."""
    if one["url"]:
        yield from said(one["url"], "link", sight.width, INDENT)
    written = [event for event in one["timeline"] if event["by"] == "vendor" and event["kind"] != "opened"]
    for event in reversed(written):
        at = words.clock(event["at"], sight.zone, sight.now)
        yield from said(f"{at} {event['text'] or event['kind']}", "muted", sight.width, INDENT + 2)
