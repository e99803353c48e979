"""How each destination does: the well in a few words, one that fails with since when, why, and what waits there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui_monitor.board.draw import words
from tui_monitor.board.draw.incident import Sight, flat, heading, indented
from tui_monitor.board.draw.service import said
from tui_monitor.board.ink import BLANK, Row, Span
from tui_monitor.core.text import spell_waiting

View = Mapping[str, Any]

INDENT = 3


def place_rows(places: Sequence[View], sight: Sight) -> list[Row]:
    """Those that fail first, a line or more for each; the well together. Nothing where nothing is known of any."""
    if not places:
        return []
    failing = [one for one in places if one["state"] != "well"]
    well = [one for one in places if one["state"] == "well"]
    count = f"Places ({len(places):,}{f', {len(failing):,} failing' if failing else ''})"
    found = [Row(heading(count, sight))]
    for one in failing:
        found += _failing(one, sight)
    return [*found, *_well(well, sight), Row(BLANK)]


def _failing(one: View, sight: Sight) -> Iterator[Row]:
    lasts = words.since(one["since"], sight.now)
    spans: list[Span] = [(f"{sight.glyphs.cross} ", "bad"), (flat(one["name"]), "bold"), (_kind(one), "muted")]
    waits = spell_waiting(one["owed"], one["waiting"])
    spans += [(f"  failing{f' for {lasts}' if lasts else ''}", "bad"), (f"  {waits}" if waits else "", "warn")]
    yield from map(Row, indented(tuple(spans), sight.width, 1, INDENT))
    if one["error"]:
        yield from map(Row, said(flat(one["error"]), "bad", sight.width, INDENT))


def _well(places: Sequence[View], sight: Sight) -> Iterator[Row]:
    """One after the other, as many as a line holds: of these there is little to say."""
    spans: list[Span] = [(f"{sight.glyphs.check} ", "good")] if places else []
    for number, one in enumerate(places):
        waits = f", {found}" if (found := spell_waiting(one["owed"], one["waiting"])) else ""
        end = "" if number == len(places) - 1 else "; "
        spans += [(flat(one["name"]), "bold"), (f"{_kind(one)}{waits}{end}", "muted")]
    if spans:
        yield from map(Row, indented(tuple(spans), sight.width, 1, INDENT))


def _kind(one: View) -> str:
    return "" if one["kind"] == one["name"] else f" {flat(one['kind'])}"
