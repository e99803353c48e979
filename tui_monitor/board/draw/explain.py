"""Why a service is as it is shown, why somebody or nobody is told, and what would change it.

From the engine's answer, or, until there is one, from what the board has in hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui_monitor.board.draw.incident import Sight, entry, flat, heading, indented
from tui_monitor.board.ink import BLANK, Line, Row
from tui_monitor.board.state import Board

View = Mapping[str, Any]

WELL = ("operational", "maintenance")


def explain_rows(answer: View, status: str, sight: Sight, note: str = "") -> list[Row]:
    """`note` is what there is to say of the answer itself, such as that it is still asked for."""
    red = "Why it is so" if status in (*WELL, "unknown", "") else f"Why it is {status}"
    found: list[Line] = [heading(red, sight), *_sentences(answer["red"], sight, "nothing is known of it"), BLANK]
    is_told = any(one["told"] for one in answer["told"])
    found.append(heading("Who is told, and who is not" if is_told else "Why nobody is told", sight))
    found += _sentences(_beside(answer), sight, "" if answer["told"] else "no destination is asked to hear of it")
    for one in answer["told"]:
        found += _told(one, sight)
    found += [
        BLANK,
        heading("What would change it", sight),
        *_sentences(answer["next"], sight, "nothing that is known"),
    ]
    if note:
        found += [BLANK, *indented(((note, "muted"),), sight.width, 1)]
    return [Row(one) for one in found]


def _sentences(sentences: Sequence[Any], sight: Sight, otherwise: str) -> Iterator[Line]:
    for one in sentences:
        spans = ((f"{sight.glyphs.bullet} ", "muted"), (flat(one), "text"))
        yield from indented(spans, sight.width, 1, 3)
    if not sentences and otherwise:
        yield from indented(((otherwise, "muted"),), sight.width, 1)


def _beside(answer: View) -> list[str]:
    """What keeps it quiet, without what stands with each destination anyway."""
    named = tuple(f"{one['destination']} is not told:" for one in answer["told"])
    return [str(one) for one in answer["silent"] if not (named and str(one).startswith(named))]


def _told(row: View, sight: Sight) -> Iterator[Line]:
    glyphs = sight.glyphs
    sign = (f"{glyphs.check} ", "good") if row["told"] else (f"{glyphs.silent} ", "muted")
    said = "is told: " if row["told"] else "is not told: "
    yield from entry(sign, (row["destination"], "bold"), ((f" {said}{flat(row['reason'])}", "text"),), sight)
    if row["told"] and row.get("would_say"):
        spans = ((f"{glyphs.right} ", "muted"), (flat(row["would_say"]), "muted"))
        yield from indented(spans, sight.width, 5, 7)


def composed(board: Board, target: str) -> View:
    """What the rows of the board say by themselves of a service or an incident; less than the engine knows."""
    incident = board.incidents.get(target)
    service = board.services.get(incident["service"] if incident else target)
    incident = incident or (board.incidents.get(service["incident"] or "") if service else None)
    return {
        "red": list(_red(service, incident)),
        "silent": list(_silent(board, service, incident)),
        "told": [{**one, "would_say": ""} for one in (incident or {}).get("why") or ()],
        "next": list(_next(incident)),
    }


def _red(service: View | None, incident: View | None) -> Iterator[str]:
    if service is None:
        yield "it is no longer watched"
    else:
        yield f"the last look found: {service['message'] or service['status']}"
        if service["failing"]:
            yield f"{service['failing']}: so many looks in a row have failed, of those that it takes"
        if service["forgiven"]:
            yield "its incident was closed by hand, and stays closed while the same cause lasts"
        if service["simulated"]:
            yield "it is a rehearsal"
        if service["maintenance"]:
            yield "planned work holds, so it is shown as in maintenance"
    if incident is not None:
        by = f" by {incident['by']}" if incident["by"] else ""
        yield f"incident {incident['id']} ({incident['severity']}, {incident['state']}{by}): {incident['title']}"


def _silent(board: Board, service: View | None, incident: View | None) -> Iterator[str]:
    if board.around.get("trouble"):
        yield f"nobody is told before it is written down: {board.around['trouble']}"
    if board.around.get("cut_off"):
        yield "the monitor itself is cut off from the network; what is owed goes out when it is back"
    if incident is None:
        yield "no incident is open, so there is nothing to tell"
    quiet = (incident or {}).get("quiet") or (service or {}).get("quiet")
    if quiet:
        yield f"nobody is told now: {quiet}"
    elif service is not None and service["suppressed_by"]:
        yield f"nobody is told now: suppressed by {board.name_of(service['suppressed_by'])}"


def _next(incident: View | None) -> Iterator[str]:
    for row in (incident or {}).get("told") or ():
        if row["state"] == "owed" and row["due_at"]:
            yield f"{row['destination']} is told next" + (f"; it refused: {row['error']}" if row["error"] else "")
