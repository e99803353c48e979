"""What keeps the board quiet, what vendors plan, and what is only played: silences, work, rehearsals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_monitor.board.draw import words
from tui_monitor.board.draw.incident import Sight, heading, named
from tui_monitor.board.draw.service import lines_of, said
from tui_monitor.board.draw.vendors import work_lines
from tui_monitor.board.ink import BLANK, Line, Row, Span
from tui_monitor.core.text import spell_number

View = Mapping[str, Any]

INDENT = 3
SILENCE, WORK, REHEARSAL, THEIRS = "silence", "work", "rehearsal", "theirs"


@dataclass(frozen=True, slots=True)
class Hush:
    """What there is of it on the board now."""

    silences: Sequence[View] = ()
    work: Sequence[View] = ()
    rehearsals: Sequence[View] = ()
    theirs: Sequence[View] = ()
    """Maintenance on the pages of vendors, each with the service that reads the page, and whether it `has_begun`."""

    @classmethod
    def of(cls, around: Mapping[str, Any], services: Iterable[View] = ()) -> Hush:
        work = around.get("maintenance") or ()
        return cls(
            tuple(around.get("silences") or ()),
            tuple(sorted(work, key=lambda one: (not one["active"], one["since"] or "~", one["id"]))),
            tuple(around.get("simulations") or ()),
            tuple(sorted(_theirs(services), key=lambda one: (not one["has_begun"], one["started_at"] or "~"))),
        )

    def find(self, key: str) -> View | None:
        """The one whose row has this key."""
        what, _, name = key.partition(":")
        if what == REHEARSAL:
            return next((one for one in self.rehearsals if one["service"] == name), None)
        if what == THEIRS:
            return next((one for one in self.theirs if key == their_key(one)), None)
        rows = {SILENCE: self.silences, WORK: self.work}.get(what, ())
        return next((one for one in rows if one["id"] == name), None)


def _theirs(services: Iterable[View]) -> Iterator[View]:
    for row in services:
        for kind, has_begun in (("under_way", True), ("announced", False)):
            for one in row.get(kind) or ():
                yield {**one, "service": row["id"], "name": row["name"], "has_begun": has_begun}


def their_key(one: View) -> str:
    return f"{THEIRS}:{one['service']}\n{one['ref']}"


def quiet_rows(
    hush: Hush, name_of: Callable[[str], str], opened: str, sight: Sight, keys: Mapping[str, str]
) -> list[Row]:
    """Each with how it can be made; the one that is `opened` names its services, and a vendor's what it affects."""
    found = [Row(heading(f"Silences ({len(hush.silences)})", sight))]
    for one in hush.silences:
        found += _entry(one, f"{SILENCE}:{one['id']}", _silence(one, sight), name_of, opened, sight)
    found += _none(hush.silences, f"nobody is silenced; {keys['silence']} tells nobody for a while", sight)
    found.append(Row(heading(f"Planned work ({len(hush.work)})", sight)))
    for one in hush.work:
        found += _entry(one, f"{WORK}:{one['id']}", _work(one, sight), name_of, opened, sight)
    found += _none(hush.work, f"no work is planned; {keys['maintenance']} plans some", sight)
    if hush.theirs:
        found.append(Row(heading(f"Maintenance of vendors ({len(hush.theirs)})", sight)))
        for one in hush.theirs:
            found += _their_work(one, opened, sight)
        found.append(Row(BLANK))
    found.append(Row(heading(f"Rehearsals ({len(hush.rehearsals)})", sight)))
    for one in hush.rehearsals:
        spans = _rehearsal(one, name_of(one["service"]), sight)
        found += [Row(part, f"{REHEARSAL}:{one['service']}" if not n else "") for n, part in enumerate(spans)]
    found += _none(hush.rehearsals, f"nothing is rehearsed; {keys['simulate']} plays a status", sight)
    return found


def _their_work(one: View, opened: str, sight: Sight) -> Iterator[Row]:
    key, has_begun = their_key(one), bool(one["has_begun"])
    for number, part in enumerate(work_lines(one, sight, has_begun=has_begun, name=str(one["name"]), indent=1)):
        yield Row(part, key if not number else "")
    if opened == key:
        affects = f"affects {named(one['components'])}" if one["components"] else ""
        for text, style in ((one["state"], "accent"), (affects, "text"), (one["url"], "link")):
            if text:
                yield from map(Row, said(text, style, sight.width, INDENT))


def _none(rows: Sequence[View], text: str, sight: Sight) -> Iterator[Row]:
    if not rows:
        yield from map(Row, said(text, "muted", sight.width))
    yield Row(BLANK)


def _entry(
    one: View, key: str, lines: Sequence[Line], name_of: Callable[[str], str], opened: str, sight: Sight
) -> Iterator[Row]:
    for number, part in enumerate(lines):
        yield Row(part, key if not number else "")
    if one["reason"]:
        yield from map(Row, said(f"why: {one['reason']}", "text", sight.width, INDENT))
    if opened == key:
        for name in one["services"]:
            yield from map(Row, said(f"{sight.glyphs.bullet} {name_of(name)}", "muted", sight.width, INDENT))


def _silence(one: View, sight: Sight) -> Sequence[Line]:
    spans: list[Span] = [(f" {sight.glyphs.silent} ", "accent"), (str(one["target"]), "bold")]
    spans += [(f"  for another {words.until(one['until'], sight.now)}", "text")]
    return lines_of((*spans, _terms(one, sight)), sight.width, INDENT)


def _work(one: View, sight: Sight) -> Sequence[Line]:
    sign = sight.glyphs.status["maintenance"]
    style = "maintenance" if one["active"] else "muted"
    spans: list[Span] = [(f" {sign} ", style), (str(one["target"]), "bold"), (f"  {_when(one, sight)}", style)]
    return lines_of((*spans, _terms(one, sight)), sight.width, INDENT)


def _when(one: View, sight: Sight) -> str:
    if not one["since"]:
        return "is over, and does not come again"
    if one["active"]:
        return f"now, for another {words.until(one['until'], sight.now)}"
    begins = words.clock(one["since"], sight.zone, sight.now)
    return f"in {words.until(one['since'], sight.now)}, from {begins}"


def _terms(one: View, sight: Sight) -> Span:
    """Until when, of how many, by whom, and whether it can be ended here."""
    until = f", until {words.clock(one['until'], sight.zone, sight.now)}" if one["until"] else ""
    by = f", by {one['by']}" if one["by"] else ""
    cron = f", {one['cron']}" if one.get("cron") else ""
    source = ", written in the config" if one.get("source") == "config" else ""
    return (f"{until}, {spell_number(len(one['services']), 'service')}{by}{cron}{source}", "muted")


def _rehearsal(one: View, name: str, sight: Sight) -> Sequence[Line]:
    status = str(one["status"])
    spans: list[Span] = [(f" {sight.glyphs.status[status]} ", status), (name, "bold"), (f"  as if {status}", status)]
    left = words.until(one["until"], sight.now)
    by = f", by {one['by']}" if one["by"] else ""
    return lines_of((*spans, (f"  for another {left}{by}", "muted")), sight.width, INDENT)
