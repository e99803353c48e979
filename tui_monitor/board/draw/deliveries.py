"""What is owed to whom, and why it has not arrived: the outbox, those first that need somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tui_monitor.board.draw import words
from tui_monitor.board.draw.incident import Sight, heading
from tui_monitor.board.draw.service import lines_of, said
from tui_monitor.board.ink import BLANK, Line, Row, Span, line
from tui_monitor.core.text import spell_number

View = Mapping[str, Any]

STATES: Mapping[str, tuple[str, str]] = {
    "given-up": ("given up", "bad"),
    "held": ("held", "bad"),
    "sending": ("being told", "accent"),
    "owed": ("owed", "warn"),
}
"""How a state is called and drawn; those that wait for a person come first."""
SAYS: Mapping[str, str] = {
    "given-up": "nobody will try it again: {send}, or {drop}",
    "held": "it may have arrived or not: {send}, or {drop}",
    "sending": "it is on its way",
}
NOTHING = "nothing is owed: everybody knows what there is to know"
INDENT = 3


def ordered(deliveries: Iterable[View]) -> list[View]:
    """Those that need a person first, and then whoever has waited longest."""
    ranks = list(STATES)
    known = [one for one in deliveries if one["state"] in STATES]
    return sorted(known, key=lambda one: (ranks.index(one["state"]), one.get("since") or "~", one["id"]))


def delivery_rows(
    deliveries: Sequence[View], incidents: Mapping[str, View], sight: Sight, keys: Mapping[str, str]
) -> list[Row]:
    """Each with its reason and its last error, whole. `keys` are those for `send` and `drop`."""
    shown = ordered(deliveries)
    if not shown:
        return [Row(BLANK), *map(Row, said(NOTHING, "good", sight.width))]
    found = [Row(heading(summed_up(shown), sight))]
    for one in shown:
        found += _delivery(one, incidents.get(str(one["subject"])), sight, keys)
        found.append(Row(BLANK))
    return found


def summed_up(deliveries: Iterable[View]) -> str:
    """How many are in which state."""
    counts: dict[str, int] = {}
    for one in deliveries:
        counts[one["state"]] = counts.get(one["state"], 0) + 1
    return ", ".join(f"{counts[state]:,} {STATES[state][0]}" for state in STATES if state in counts)


def _delivery(one: View, incident: View | None, sight: Sight, keys: Mapping[str, str]) -> Iterator[Row]:
    state, style = STATES[one["state"]]
    waits = words.since(one.get("since"), sight.now)
    spans: list[Span] = [(f" {one['destination']}", "bold"), (f"  {state}", style)]
    spans += [(f"{'' if one['state'] == 'owed' else ', owed'} for {waits}", "muted")] if waits else []
    first, *rest = lines_of((*spans, ("  ", "text"), *about(one, incident)), sight.width, INDENT)
    yield Row(first, str(one["id"]))
    yield from map(Row, rest)
    for text, shade in _details(one, sight, keys):
        yield from map(Row, said(text, shade, sight.width, INDENT))


def about(one: View, incident: View | None) -> Line:
    """Of what somebody is to be told."""
    if incident is not None:
        return line(f"{incident['name']}: {incident['title']}")
    return line("the board as a whole" if one["subject"] == "board" else str(one["subject"]))


def _details(one: View, sight: Sight, keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What there is to say of it, each in a style of its own."""
    state = str(one["state"])
    if state in SAYS:
        yield SAYS[state].format(**keys), STATES[state][1]
    else:
        yield due(one, sight), "text"
    if one["attempts"] or one["error"]:
        tries = spell_number(one["attempts"], "try").replace("trys", "tries")
        yield f"{tries} so far{', the last one: ' if one['error'] else ''}{one['error']}", "bad"
    if one["reason"]:
        yield f"why: {one['reason']}", "muted"


def due(one: View, sight: Sight) -> str:
    """When it is tried next."""
    left = words.until(one["due_at"], sight.now)
    if not left:
        return "it waits until something allows it"
    return "it is tried now" if left == "0s" else f"it is tried in {left}"
