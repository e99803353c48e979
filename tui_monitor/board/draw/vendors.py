"""The vendors: how each of them is by its own page, how old that is, what it lists, and whom of ours it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tui_monitor.board.draw import words
from tui_monitor.board.draw.incident import Sight, flat, heading, named, updates
from tui_monitor.board.draw.service import lines_of, said
from tui_monitor.board.gaze import place_of
from tui_monitor.board.ink import BLANK, Line, Row, Span, line
from tui_monitor.core.text import spell_duration, spell_number

View = Mapping[str, Any]

GROUPS = ("vendor", "vendors")
"""Groups by which people say that a service is somebody else's, whatever looks at it."""
NOBODY = (
    "no service here belongs to a vendor. One that reads a vendor's status page, or that is in the group Vendors,"
    " stands on this page with everything that the vendor says of its incidents."
)
INDENT, INSIDE = 3, 5
MOST_LISTED = 50
"""Incidents of one vendor, or its maintenances, of which this page says something."""
MOST_LINES = 2000
"""Lines of updates on the whole page; the page of an incident has all of its own."""
MOST_OURS = 30
"""Services of ours that are named as concerned."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """All that is known of one: its row, which is always new, and what its page said when that was asked for."""

    row: View
    incidents: Sequence[View] = ()
    """Those that are open here."""
    ours: Sequence[View] = ()
    """The rows of the services that stand on it."""
    page: View | None = None
    tree: Sequence[Row] = field(default=(), repr=False)
    """What it is made of."""
    note: str = ""
    """Why there is no page yet."""


def vendors_of(services: Mapping[str, View], incidents: Iterable[View]) -> list[View]:
    """Services that read a vendor's page, have an incident from one, or are said to be a vendor's; worst first."""
    told = {one["service"] for one in incidents if one["vendor_ref"] is not None}
    found = [
        row
        for row in services.values()
        if row.get("vendor") or row["id"] in told or str(row["group"]).casefold() in GROUPS
    ]
    return sorted(found, key=lambda row: place_of(row, "worst"))


def concerned(services: Mapping[str, View]) -> dict[str, list[View]]:
    """By vendor, the services of ours that stand on it, the worst first."""
    found: dict[str, list[View]] = {}
    for row in services.values():
        for vendor in dict.fromkeys((*row.get("upstream", ()), *row["depends_on"])):
            found.setdefault(vendor, []).append(row)
    return {name: sorted(rows, key=lambda row: place_of(row, "worst")) for name, rows in found.items()}


def vendor_rows(vendors: Sequence[Vendor], sight: Sight) -> list[Row]:
    """Each with its open incidents and every update of theirs, its maintenance, and what it is made of."""
    if not vendors:
        return [Row(BLANK), *map(Row, said(NOBODY, "muted", sight.width))]
    own = sum(len(one.incidents) for one in vendors)
    found = [Row(heading(f"{spell_number(len(vendors), 'vendor')}, {spell_number(own, 'open incident')}", sight))]
    room = MOST_LINES
    for one in vendors:
        rows = _vendor(one, sight, room)
        room -= len(rows)
        below = [*rows, *one.tree]
        found += [*_name(one.row, sight), *(map(_dimmed, below) if words.is_unread(one.row) else below), Row(BLANK)]
    return found


def _dimmed(row: Row) -> Row:
    """What is old looks old, whatever it says."""
    return Row(tuple((text, "muted") for text, _ in row.line), row.key)


# -- how it is --------------------------------------------------------------------------------------------------


def _name(row: View, sight: Sight) -> Iterator[Row]:
    """With the sign of what nobody knows where the page cannot be read, however it was before."""
    status, name = str(row["status"]), str(row["name"])
    spans: list[Span]
    if words.is_unread(row):
        spans = [(f" {sight.glyphs.status['unknown']} ", "unknown"), (name, "unknown bold")]
        was = f", {status} when it was last read" if status != "unknown" else ""
        spans += [(f"  cannot be read now{was}", "unknown")]
    else:
        lasts = words.since(row["since"], sight.now)
        spans = [(f" {sight.glyphs.status[status]} ", status), (name, f"{status} bold")]
        spans += [(f"  {status} for {lasts or 'an unknown time'}", status)]
        if not row.get("vendor"):
            seen = words.since(row["checked_at"], sight.now)
            spans += [(f"  seen {seen} ago" if seen else "  not looked at yet", "muted")]
    for number, part in enumerate(lines_of(tuple(spans), sight.width, INDENT)):
        yield Row(part, f"service:{row['id']}" if not number else "")
    yield from map(Row, said(row["message"], "unknown" if words.is_unread(row) else "text", sight.width, INDENT))
    yield from map(Row, said(*_age(row, sight), sight.width, INDENT))


def _age(row: View, sight: Sight) -> tuple[str, str]:
    if not row.get("vendor"):
        return f"looked at by {row['kind']}, which does not read what the vendor says of itself", "muted"
    every = f"{row['kind']} every {spell_duration(row['every'])}"
    if row["checked_at"] is None:
        return f"not looked at yet; by {every}", "muted"
    age = words.last_read(row, sight.now)
    if not words.is_unread(row):
        return f"{age}, by {every}", "muted"
    then = ", and all below is as it was then" if row.get("read_at") else ""
    return f"{age}{then}; tried by {every}", "warn"


def _vendor(vendor: Vendor, sight: Sight, room: int) -> list[Row]:
    """All below its name; updates only as far as there is room for so many lines."""
    page, found = vendor.page or {}, list[Row]()
    if age := words.since(page.get("as_of"), sight.now):
        found += map(Row, said(f"its page was last changed {age} ago", "muted", sight.width, INDENT))
    if vendor.ours:
        found += map(Row, _ours(vendor.ours, sight))
    if vendor.note:
        found += map(Row, said(vendor.note, "muted", sight.width, INDENT))
    listed = {one["ref"]: one for one in page.get("incidents") or ()}
    for one in vendor.incidents[:MOST_LISTED]:
        found += _incident(one, listed.get(one["vendor_ref"]), sight, room - len(found))
    found += _more(len(vendor.incidents), "open incident", sight)
    known = {one["vendor_ref"] for one in vendor.incidents}
    found += _unheeded([one for ref, one in listed.items() if ref not in known and not one["maintenance"]], sight)
    begun = [one for one in listed.values() if one["maintenance"]] if page else vendor.row.get("under_way") or ()
    announced = page.get("announced") or vendor.row.get("announced") or ()
    for works, has_begun in ((begun, True), (announced, False)):
        for one in works[:MOST_LISTED]:
            found += map(Row, work_lines(one, sight, has_begun=has_begun))
            found += map(Row, _terms(one.get("state"), one["components"], one["url"], sight))
            found += map(Row, _written(one.get("updates") or (), sight, room - len(found)))
        found += _more(len(works), "maintenance", sight)
    return found


def _ours(rows: Sequence[View], sight: Sight) -> Sequence[Line]:
    """Who of ours stands on it, each with how it is."""
    spans: list[Span] = [("   ours on it: ", "muted")]
    for number, row in enumerate(rows[:MOST_OURS]):
        status = str(row["status"])
        spans += [("  " if number else "", "text"), (f"{sight.glyphs.status[status]} {row['name']}", status)]
    if len(rows) > MOST_OURS:
        spans.append((f"  and {len(rows) - MOST_OURS:,} more", "muted"))
    return lines_of(line(*spans), sight.width, INDENT)


def _more(count: int, noun: str, sight: Sight) -> Iterator[Row]:
    if count > MOST_LISTED:
        more = spell_number(count - MOST_LISTED, f"more {noun}")
        yield from map(Row, said(f"and {more}", "muted", sight.width, INDENT))


# -- what it lists ----------------------------------------------------------------------------------------------


def _incident(one: View, there: View | None, sight: Sight, room: int) -> Iterator[Row]:
    """One that is open here: how bad, its title whole, for how long, what the vendor calls it, and every update."""
    status = str(one["status"])
    mine = f", {one['state']} by {one['by']}" if one["state"] == "acknowledged" and one["by"] else f", {one['state']}"
    tail = (f"  {status}{mine}, {words.since(one['started_at'], sight.now)}", "muted")
    spans = ((f"   {sight.glyphs.status[status]} ", status), (str(one["title"]), "text"), tail)
    for number, part in enumerate(lines_of(spans, sight.width, INSIDE)):
        yield Row(part, "" if number else f"incident:{one['id']}")
    listed = there or {}
    its_words = one.get("words") or ", ".join(filter(None, (listed.get("state"), listed.get("impact"))))
    rows = one.get("updates") or listed.get("updates") or _from_timeline(one)
    yield from map(Row, _terms(its_words, one.get("components") or (), one["url"], sight))
    for ours in (one.get("concerns") or ())[:MOST_OURS]:
        yield from map(Row, said(f"concerns {ours['name']} ({ours['incident']})", "accent", sight.width, INSIDE))
    yield from map(Row, _written(rows, sight, room))


def _written(rows: Sequence[View], sight: Sight, room: int) -> Iterator[Line]:
    """Every update whole, or where that is too much, how many there are."""
    lines = list(islice(updates(rows, sight, INSIDE), max(0, room) + 1))
    if len(lines) > room and lines:
        text = f"{spell_number(len(rows), 'update')}, too long to stand here"
        lines = said(text, "muted", sight.width, INSIDE)
    yield from lines


def _from_timeline(one: View) -> list[View]:
    """What a vendor has written of an incident that keeps no list of it."""
    written = [event for event in one["timeline"] if event["by"] == "vendor" and event["kind"] != "opened"]
    return [{"at": event["at"], "state": "", "text": event["text"] or event["kind"]} for event in written]


def _terms(its_words: Any, components: Sequence[Any], url: Any, sight: Sight) -> Iterator[Line]:
    """The vendor's own words for how far and how bad it is, what is affected, and where to read of it."""
    affects = f"affects {named(components)}" if components else ""
    if its_words or affects:
        spans = line((flat(its_words), "accent"), ("; " if its_words and affects else "", "muted"), (affects, "text"))
        yield from lines_of(((" " * INSIDE, "text"), *spans), sight.width, INSIDE)
    if url:
        yield from said(url, "link", sight.width, INSIDE)


def _unheeded(rows: Sequence[View], sight: Sight) -> Iterator[Row]:
    """What the vendor lists and is not open here: mostly because a person has closed it by hand."""
    for one in rows[:MOST_LISTED]:
        sign = sight.glyphs.status.get(one["status"], sight.glyphs.dot)
        spans = line((f"   {sign} ", "muted"), str(one["title"]), ("  listed there, and not open here", "muted"))
        yield from map(Row, lines_of(spans, sight.width, INSIDE))
        its_words = ", ".join(filter(None, (one["state"], one["impact"])))
        yield from map(Row, _terms(its_words, one["components"], one["url"], sight))
    yield from _more(len(rows), "incident", sight)


def work_lines(one: View, sight: Sight, *, has_begun: bool, name: str = "", indent: int = INDENT) -> Sequence[Line]:
    """A vendor's maintenance: what it is, and when."""
    style = "maintenance" if has_begun else "muted"
    spans = line(
        (f"{' ' * indent}{sight.glyphs.status['maintenance']} ", style),
        (f"{name}: " if name else "", "bold"),
        str(one["title"]),
        (f"  {words.planned(one, sight.zone, sight.now, has_begun=has_begun)}", style),
    )
    return lines_of(spans, sight.width, indent + 2)
