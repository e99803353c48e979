"""What has happened, as a log: one event after the other, newest last, in words and cut to the room there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from tui_monitor.board.draw.words import lasting, moment_of
from tui_monitor.board.ink import Line, Row, Span, cut, line, shorten, wrapped

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs
    from tui_monitor.board.state import Board

View = Mapping[str, Any]

MOST_SHOWN = 500
"""Events of a log, the newest; what is older is read on the page of its incident."""
MOST_LINES = 3
"""Lines of one event in a log; the whole text is on the page of its incident."""
LONGEST = 600
"""Characters of a text that are looked at for those lines."""
WIDE = 60
"""Cells from which there is room for seconds."""

BOARD = "board"
"""The subject of events that are about no incident."""
NOBODY = ("", "engine", "config", "vendor")
"""Who need not be named."""

_SAYS: Mapping[str, str] = {
    "opened": "opened",
    "updated": "updated",
    "worsened": "worse, now {status}",
    "eased": "eased to {status}",
    "acknowledged": "acknowledged",
    "noted": "note",
    "resolved": "resolved",
    "force-resolved": "resolved by hand",
    "started": "engine started",
    "trouble": "trouble",
}
"""What stands before the text of an event; the texts of the other kinds say themselves what has happened."""
_NAMED = ("told", "gave-up", "pushed")
"""Kinds whose text says who it is by."""
_QUIET = ("told", "dropped")
"""Deliveries: there are many, and they matter only to whoever looks for them."""
_STYLES: Mapping[str, str] = {
    **dict.fromkeys(("trouble", "gave-up", "cut-off"), "bad"),
    **dict.fromkeys(("well", "back"), "good"),
    **dict.fromkeys(_QUIET, "muted"),
    **dict.fromkeys(("maintenance", "maintained", "announced"), "maintenance"),
    **dict.fromkeys(("clock", "silence-ends"), "warn"),
    **dict.fromkeys(("suspected", "suspect-turned"), "accent"),
    "suspect-turned": "muted",
    **dict.fromkeys(("test-mode", "simulated", "rehearsed", "pushed"), "accent"),
}


def event_rows(
    events: Sequence[View], board: Board, width: int, zone: tzinfo, now: datetime, glyphs: Glyphs
) -> list[Row]:
    """The newest of these events with a line between days.

    Each event has a key of its own, so that several of one incident can be told apart: `incident_of` gives the
    incident that it is about. What is drawn of an event is remembered, for it never changes.
    """
    shown = gathered(islice(events, max(0, len(events) - MOST_SHOWN), None))
    opened = {str(one["subject"]): str(one["at"]) for one in shown if one["kind"] == "opened"}
    today = now.astimezone(zone).date()
    found: list[Row] = []
    day = None
    for one in shown:
        at = moment_of(one["at"])
        its_day = at.astimezone(zone).date() if at else day
        if its_day != day and its_day is not None and (day is not None or its_day != today):
            found.append(Row(_day(f"{its_day:%a %Y-%m-%d}", width, glyphs)))
        day = its_day
        found += _rows_of(one, board, width, zone, glyphs, opened.get(str(one["subject"]), ""))
    return found


def gathered(events: Iterable[View]) -> list[View]:
    """Deliveries that follow each other and say the same stand in one line, with everybody who was told."""
    found: list[View] = []
    run: dict[str, int] = {}
    for one in events:
        told = f"{one['by']} told: "
        if one["kind"] != "told" or not one["text"].startswith(told):
            run.clear()
            found.append(one)
            continue
        said = one["text"][len(told) :]
        at = run.setdefault(said, len(found))
        if at == len(found):
            found.append(one)
        else:
            first = found[at]
            by = f"{first['by']}, {one['by']}"
            found[at] = {**first, "by": by, "text": f"{by} told: {said}"}
    return found


def incident_of(key: str) -> str:
    """The incident of a row of the log; empty where it is about none."""
    subject = key.partition(".")[0]
    return "" if subject == BOARD else subject


def key_of(event: View) -> str:
    return f"{event['subject']}.{event['n']}"


def event_spans(event: View, after: str = "") -> tuple[Span, Span]:
    """What has happened, and the words that came with it: one line each, without who or where.

    `after` is how long it had lasted, for the end of an incident.
    """
    kind, text = str(event["kind"]), " ".join(str(event["text"]).split())
    style = style_of(event)
    said = _SAYS.get(kind, "").format(status=event["status"] or "unknown")
    if said:
        said += f" by {event['by']}" if _is_somebody(event) else ""
        said += f" after {after}" if after and kind in ("resolved", "force-resolved") else ""
        return (said, style), (text if text != event["status"] else "", "text")
    by = f" ({event['by']})" if _is_somebody(event) and kind not in _NAMED else ""
    return (f"{text or kind}{by}", style if kind in _STYLES else "text"), ("", "text")


def style_of(event: View) -> str:
    kind = str(event["kind"])
    if kind in ("acknowledged", "noted"):
        return "accent"
    return _STYLES.get(kind) or str(event["status"] or "text")


def sign_of(event: View, glyphs: Glyphs) -> str:
    if event["kind"] in ("suspected", "suspect-turned"):
        return glyphs.right  # it leads elsewhere, and changes nothing of what it is about
    if event["status"]:
        return glyphs.status.get(event["status"], glyphs.dot)
    kind = event["kind"]
    if kind in ("maintenance", "maintained", "announced"):
        return glyphs.status["maintenance"]
    if kind in ("silenced", "silence-ends", "unsilenced"):
        return glyphs.silent
    if kind in ("trouble", "gave-up", "cut-off"):
        return glyphs.cross
    return glyphs.check if kind in ("well", "back") else glyphs.right if kind in ("told", "pushed") else glyphs.dot


def _is_somebody(event: View) -> bool:
    """Whether it matters who it was: the engine does most things, and so does a vendor on its own page."""
    return event["by"] not in NOBODY


def _rows_of(event: View, board: Board, width: int, zone: tzinfo, glyphs: Glyphs, opened: str) -> Iterator[Row]:
    incident = board.incidents.get(event["subject"])
    service = str(event["service"] or "")
    named = board.services.get(service) or incident or {}
    lines = _lines_of(
        (event["kind"], event["at"], event["by"], str(event["text"])[:LONGEST], event["status"]),
        str(named.get("name") or service),
        _lasted(opened or str((incident or {}).get("started_at") or ""), str(event["at"])),
        sign_of(event, glyphs),
        width,
        zone,
        glyphs.ellipsis,
    )
    for number, spans in enumerate(lines):
        yield Row(spans, "" if number else key_of(event))


def _lasted(since: str, until: str) -> str:
    begun, ended = moment_of(since), moment_of(until)
    return lasting((ended - begun).total_seconds()) if begun and ended else ""


@lru_cache(maxsize=2 * MOST_SHOWN)
def _lines_of(
    what: tuple[str, str, str, str, str | None],
    name: str,
    after: str,
    sign: str,
    width: int,
    zone: tzinfo,
    ellipsis: str,
) -> tuple[Line, ...]:
    event = dict(zip(("kind", "at", "by", "text", "status"), what, strict=True))
    at = moment_of(event["at"])
    clock = at.astimezone(zone).strftime("%H:%M:%S" if width >= WIDE else "%H:%M") if at else ""
    (said, style), (text, its) = event_spans(event, after)
    is_quiet = event["kind"] in _QUIET
    head = line((f"{clock} ", "muted"), (sign, style))
    if name:
        head = (*head, (f" {shorten(name, max(8, width // 2))}", "bold"))
    if is_quiet:
        return (cut((*head, (f" {said}", style)), width),)
    body = line((f" {said}{':' if text else ''}", style), (f" {text}" if text else "", its))
    indent = min(len(clock) + 3, max(0, width // 3))
    return tuple(_at_most((*head, *body), width, indent, ellipsis))


def _at_most(spans: Line, width: int, indent: int, ellipsis: str) -> list[Line]:
    """The first lines of what is wrapped; the last of them says that there is more."""
    lines = wrapped(spans, width, indent)
    if len(lines) > MOST_LINES:
        last = lines[MOST_LINES - 1]
        room = cut(last, width - 1)
        lines = [*lines[: MOST_LINES - 1], (*room, (ellipsis, "muted")) if room == last else room]
    return [cut(one, width) for one in lines]


def _day(text: str, width: int, glyphs: Glyphs) -> Line:
    across = glyphs.box.across
    return cut(((f"{across * 2} {text} ", "muted"), (across * width, "border")), width)
