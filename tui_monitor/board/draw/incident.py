"""One incident, whole: what it is, what happened in every word, who was told, what is owed, and who is not and why.

The same again as plain text, for the clipboard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tui_monitor.board.draw import words
from tui_monitor.board.draw.event import event_spans, sign_of
from tui_monitor.board.ink import BLANK, Line, Row, Span, cut, fill, line, spread, width_of, wrapped
from tui_monitor.core.text import spell_number

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs

View = Mapping[str, Any]

BESIDE = 120
"""Cells from which it stands beside the timeline who was told, and no longer below it."""
LABEL = 10
NO_SIGN = ("", "text")
NOTE_LINES = 3
"""Lines of a note at the top; it stands whole in the timeline."""

UNDONE = ("owed", "sending", "held", "given-up")
SAID = {"changed": "a change", "over": "that it was over", "reminder": "once more"}
"""What a destination was told last, where the word of the engine would not be understood."""
BY_HAND = ("acknowledged", "noted", "force-resolved")
MOST_NAMED = 40
"""Components of a vendor, or incidents of ours, that are named; a page of its own has them all."""


@dataclass(frozen=True, slots=True)
class Sight:
    """In which light an incident is seen: how wide, when, where and with which signs."""

    width: int
    zone: tzinfo
    now: datetime
    glyphs: Glyphs

    def narrowed(self, width: int) -> Sight:
        return Sight(max(1, width), self.zone, self.now, self.glyphs)


def incident_rows(view: View, sight: Sight) -> list[Row]:
    """The page of an incident. Only the incidents and vendors that it has to do with can be selected; it is read."""
    head = [*map(Row, _head(view, sight)), *_kin(view, sight), Row(BLANK)]
    if sight.width < BESIDE:
        return [*head, *(Row(one) for one in (*story(view, sight), *audience(view, sight)))]
    left = sight.narrowed((sight.width - 3) * 3 // 5)
    right = sight.narrowed(sight.width - 3 - left.width)
    pairs = _beside(story(view, left), audience(view, right), left.width, sight.glyphs)
    return [*head, *map(Row, pairs)]


def _beside(left: Sequence[Line], right: Sequence[Line], width: int, glyphs: Glyphs) -> Iterator[Line]:
    for number in range(max(len(left), len(right))):
        first = left[number] if number < len(left) else BLANK
        second = right[number] if number < len(right) else BLANK
        yield (*fill(first, width), (f" {glyphs.box.down} ", "border"), *second)


# -- what it is -------------------------------------------------------------------------------------------------


def _head(view: View, sight: Sight) -> Iterator[Line]:
    sign = sight.glyphs.status.get(view["status"], sight.glyphs.dot)
    name = line((f" {sign} {called(view)}", f"{view['status']} bold"), (f"  {view['status']}", view["status"]))
    if width_of(name) + len(view["id"]) + 2 <= sight.width:
        yield spread(name, line((f"{view['id']} ", "muted")), sight.width)
    else:
        yield from _wrapped((*name, (f"  {view['id']}", "muted")), sight.width, 3)
    yield from indented(((flat(view["title"]), "text"),), sight.width, 3)
    yield BLANK
    for label, value in _facts(view, sight):
        yield from labelled(label, value, sight.width)


def _facts(view: View, sight: Sight) -> Iterator[tuple[str, Line]]:
    yield "state", _state(view, sight)
    if view["severity"] != view["status"]:
        yield "at worst", line((str(view["severity"]), str(view["severity"])))
    yield "started", line(words.full(view["started_at"], sight.zone))
    if view["resolved_at"]:
        by = f" by {view['resolved_by']}" if view["resolved_by"] else ""
        yield "ended", line(words.full(view["resolved_at"], sight.zone), (by, "text"))
    yield ("lasted" if view["resolved_at"] else "lasts"), line((lasts(view, sight.now), "bold"))
    if view.get("quiet"):
        yield "quiet", line((f"{sight.glyphs.silent} {flat(view['quiet'])}", "warn"))
    if view.get("vendor_ref"):
        yield "vendor", line(f"calls it {flat(view['vendor_ref'])}")
    if view.get("words"):
        yield "says", line(flat(view["words"]))
    if view.get("components"):
        yield "affects", line(named(view["components"]))
    if view.get("url"):
        yield "link", line((flat(view["url"]), "link"))


def _state(view: View, sight: Sight) -> Line:
    by = f" by {view['by']}" if view["state"] == "acknowledged" and view["by"] else ""
    style = {"open": "bad", "acknowledged": "accent"}.get(view["state"], "good")
    since = f", {words.since(view['acknowledged_at'], sight.now)} ago" if view["state"] == "acknowledged" else ""
    found = [(f"{view['state']}{by}", style), (since if view["acknowledged_at"] else "", "muted")]
    found += [(f", {mark}", "warn") for mark in marks(view)]
    return line(*found)


def named(names: Sequence[Any]) -> str:
    """Of thousands only so many."""
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(flat(one) for one in names[:MOST_NAMED]) + more


def _kin(view: View, sight: Sight) -> Iterator[Row]:
    """What may be behind it, and what it may be behind: each leads there."""
    for one in view.get("suspects") or ():
        label = "suspect" if one["incident"] else "upstream"
        key = f"incident:{one['incident']}" if one["incident"] else f"service:{one['service']}"
        yield from _leading(label, suspect_spans(one, sight.glyphs), key, sight.width)
    ours = view.get("concerns") or ()
    for one in ours[:MOST_NAMED]:
        spans = line((flat(one["name"]), "bold"), (f"  incident {one['incident']}", "muted"))
        yield from _leading("concerns", spans, f"incident:{one['incident']}", sight.width)
    if len(ours) > MOST_NAMED:
        yield from map(Row, labelled("", line((f"and {len(ours) - MOST_NAMED:,} more", "muted")), sight.width))


def _leading(label: str, spans: Line, key: str, width: int) -> Iterator[Row]:
    for number, one in enumerate(labelled(label, spans, width)):
        yield Row(one, "" if number else key)


def suspect_spans(one: View, glyphs: Glyphs) -> Line:
    """What a vendor says of itself while a service of ours fails that stands on it."""
    status = str(one["status"])
    style = status if one["incident"] else "muted"
    return line((f"{glyphs.status.get(status, glyphs.dot)} ", status), (_word_of(one), style))


def _word_of(suspect: View) -> str:
    name, title = flat(suspect["name"]), flat(suspect["title"])
    if suspect["incident"]:
        how = "severity unknown" if suspect["status"] == "unknown" else suspect["status"]
        return f"{name}: {title}, {how}" if title else f"{name}: {how}"
    if suspect["status"] == "operational":
        return f"{name} says that all is well"
    if suspect["status"] == "maintenance":
        return f"{name} speaks of maintenance{f': {title}' if title else ''}"
    return f"{name} cannot be read"


def marks(view: View) -> list[str]:
    return [mark for mark in ("flapping", "rehearsal") if view.get(mark)]


def called(view: View) -> str:
    """The service as people call it; what is no longer watched has only its id."""
    return flat(view.get("name") or view["service"])


def lasts(view: View, now: datetime) -> str:
    """From the start to the end, or to now: the engine's figure is as old as the last change."""
    begun, ended = words.moment_of(view["started_at"]), words.moment_of(view["resolved_at"]) or now
    return words.lasting((ended - begun).total_seconds()) if begun else ""


# -- what happened ----------------------------------------------------------------------------------------------


def story(view: View, sight: Sight) -> list[Line]:
    """What people wrote, and the timeline with every word of it."""
    found: list[Line] = []
    if notes := [one for one in view["timeline"] if one["kind"] in BY_HAND and one["text"]]:
        found += [heading("Notes", sight), *_notes(notes, sight), BLANK]
    if said := view.get("updates"):
        found += [heading("What the vendor writes", sight), *updates(said, sight), BLANK]
    events = _shortened(view["timeline"], said or ())
    found += [heading("What happened", sight), *timeline(events, sight), BLANK]
    return found


def updates(rows: Sequence[View], sight: Sight, indent: int = 1) -> Iterator[Line]:
    """All that a vendor has written, oldest first: when, its own word for how far it is, and the text."""
    for one in rows:
        at, state = words.clock(one["at"], sight.zone, sight.now), flat(one["state"])
        paragraphs = _paragraphs(one["text"]) or [""]
        spans = (
            (f"{at} " if at else "", "muted"),
            (f"{state}: " if state else "", "accent"),
            (paragraphs[0], "text"),
        )
        yield from indented(spans, sight.width, indent, indent + 2)
        for more in paragraphs[1:]:
            yield from indented(((more, "text"),), sight.width, indent + 2)


def _shortened(events: Sequence[View], said: Sequence[View]) -> Sequence[View]:
    """What stands among the vendor's updates in every word is not said again."""
    known = {flat(one["text"]) for one in said}
    return [
        {**one, "text": ""} if one["by"] == "vendor" and one["text"] and flat(one["text"]) in known else one
        for one in events
    ]


def _notes(events: Sequence[View], sight: Sight) -> Iterator[Line]:
    """The newest first, for who comes new to it."""
    for one in reversed(events):
        spans = ((f"{one['by']}: ", "accent"), (flat(one["text"]), "text"))
        lines = indented(spans, sight.width, 1, 3)
        yield from lines[:NOTE_LINES]
        if len(lines) > NOTE_LINES:
            more = spell_number(len(lines) - NOTE_LINES, "line")
            yield cut(((f"   {more} more below", "muted"),), sight.width)


def timeline(events: Sequence[View], sight: Sight) -> Iterator[Line]:
    day = ""
    for one in events:
        at = words.moment_of(one["at"])
        there = at.astimezone(sight.zone) if at else None
        its_day = f"{there:%a %Y-%m-%d}" if there else day
        if its_day != day:
            yield cut(((f" {its_day}", "muted"),), sight.width)
        day = its_day
        yield from _event(one, f"{there:%H:%M:%S}" if there else "", sight)


def _event(event: View, clock: str, sight: Sight) -> Iterator[Line]:
    (said, style), (text, _) = event_spans(event)
    to = ", ".join(map(str, event.get("to") or ()))
    paragraphs = _paragraphs(event["text"]) if text else []
    first = f" {paragraphs[0]}" if paragraphs else ""
    spans = (
        (f" {clock} ", "muted"),
        (sign_of(event, sight.glyphs), style),
        (f" {said}", style),
        (f" to {to}" if to else "", "muted"),
        (":" if first else "", style),
        (first, "text"),
    )
    indent = len(clock) + 4 if sight.width >= 50 else 3
    yield from _wrapped(spans, sight.width, indent)
    for one in paragraphs[1:]:
        yield from indented(((one, "text"),), sight.width, indent)


# -- who hears of it --------------------------------------------------------------------------------------------


def audience(view: View, sight: Sight) -> list[Line]:
    """Who was told, what is owed to whom and when it is tried, and who is not told, each with the reason."""
    told = [one for one in view["told"] if one["told_at"]]
    undone = [one for one in view["told"] if one["state"] in UNDONE]
    found = [heading("Who was told", sight)]
    for one in told:
        found += _told(one, sight)
    found += [] if told else [line((" nobody", "muted"))]
    if undone:
        found += [BLANK, heading("What is owed", sight)]
        for one in undone:
            found += _owed(one, sight)
    if silent := _silent(view):
        found += [BLANK, heading("Who is not told, and why", sight)]
        for destination, reason in silent:
            found += entry(NO_SIGN, (destination, "bold"), ((f" {reason}", "text"),), sight)
    return found


def _told(row: View, sight: Sight) -> Iterator[Line]:
    when = f" {words.clock(row['told_at'], sight.zone, sight.now)}, {words.since(row['told_at'], sight.now)} ago"
    is_done = row["state"] not in UNDONE  # else the tries are those of what is owed
    tries = f", after {_tries(row['attempts'])}" if is_done and row["attempts"] > 1 else ""
    again = f", again in {words.until(row['remind_at'], sight.now)}" if row["remind_at"] else ""
    ref = f", as {row['ref']}" if row["ref"] else ""
    spans = ((f" {SAID.get(row['said'], row['said'])}", "good"), (f"{when}{tries}{ref}{again}", "muted"))
    yield from entry(NO_SIGN, (row["destination"], "bold"), spans, sight)
    if row["url"]:
        yield from indented(((flat(row["url"]), "link"),), sight.width, 3)
    if row["state"] == "dropped":
        yield from indented(((f"and no more: {row['reason'] or 'dropped'}", "muted"),), sight.width, 3)
        if row["error"]:
            yield from indented(((flat(row["error"]), "bad"),), sight.width, 3)


def _owed(row: View, sight: Sight) -> Iterator[Line]:
    waits = f" for {words.since(row['since'], sight.now)}" if row["since"] else ""
    tries = f", {_tries(row['attempts'])} so far" if row["attempts"] else ""
    said = {
        "owed": f" owed{waits}, {_due(row, sight.now)}",
        "sending": " is being told now",
        "held": " may have been told or not: send it again or drop it",
        "given-up": f" given up{', owed' + waits if waits else ''}: send it again or drop it",
    }[row["state"]]
    style = "bad" if row["state"] in ("held", "given-up") else "warn"
    yield from entry(NO_SIGN, (row["destination"], "bold"), ((said, style), (tries, "muted")), sight)
    if row["error"]:
        yield from indented(((flat(row["error"]), "bad"),), sight.width, 3)
    if row["reason"]:
        yield from indented(((flat(row["reason"]), "muted"),), sight.width, 3)


def _tries(number: int) -> str:
    return "1 try" if number == 1 else f"{number} tries"


def _due(row: View, now: datetime) -> str:
    left = words.until(row["due_at"], now)
    return "when something allows it" if not left else "tried now" if left == "0s" else f"tried in {left}"


def _silent(view: View) -> list[tuple[str, str]]:
    """Destinations that hear nothing, with what keeps it from them."""
    heard = {one["destination"] for one in view["told"] if one["told_at"] or one["state"] in UNDONE}
    dropped = [one for one in view["told"] if one["state"] == "dropped" and one["destination"] not in heard]
    found = {one["destination"]: f"dropped: {flat(one['error'] or one['reason'])}" for one in dropped}
    for one in view.get("why") or ():
        if one["destination"] not in heard and one["destination"] not in found:
            found[one["destination"]] = f"is to be told: {one['reason']}" if one["told"] else flat(one["reason"])
    return list(found.items())


def entry(sign: Span, name: Span, spans: Line, sight: Sight) -> list[Line]:
    """A destination and what there is to say of it, the names under each other where there is room."""
    shown = flat(name[0])
    padded = shown.ljust(LABEL) if sight.width >= 50 else shown
    return indented((sign, (padded, name[1]), *spans), sight.width, 1, 3)


# -- lines ------------------------------------------------------------------------------------------------------


def heading(text: str, sight: Sight) -> Line:
    room = max(0, sight.width - len(text) - 3)
    return cut(((f" {text} ", "heading"), (sight.glyphs.box.across * room, "border")), sight.width)


def labelled(label: str, value: Line, width: int) -> list[Line]:
    """A fact: its name, and beside it what may take several lines."""
    room = max(1, width - LABEL - 1)
    lines = _wrapped(value, room, 0)
    return [
        cut((((f" {label}" if not number else "").ljust(LABEL + 1), "muted"), *one), width)
        for number, one in enumerate(lines)
    ]


def _paragraphs(text: Any) -> list[str]:
    return [found for part in str(text).splitlines() if (found := flat(part))]


def flat(text: Any) -> str:
    return " ".join(str(text).split())


def indented(spans: Line, width: int, indent: int, hang: int | None = None) -> list[Line]:
    indent = min(indent, width // 3)
    hang = indent if hang is None else min(hang, width // 3)
    return [((" " * indent, "text"), *one) for one in _wrapped(spans, width - indent, hang - indent)]


@lru_cache(maxsize=1024)
def _wrapped(spans: Line, width: int, indent: int) -> tuple[Line, ...]:
    shown = tuple(span for span in spans if span[0])
    return tuple(wrapped(shown, max(2, width), indent)) if shown else (BLANK,)


# -- for the clipboard ------------------------------------------------------------------------------------------


def incident_text(view: View, zone: tzinfo, now: datetime) -> str:
    """The same as plain text, to be pasted into a message."""
    return "\n".join(_told_plainly(view, zone, now))


def _told_plainly(view: View, zone: tzinfo, now: datetime) -> Iterable[str]:
    by = f" by {view['by']}" if view["state"] == "acknowledged" and view["by"] else ""
    states = ", ".join([view["state"] + by, *marks(view)])
    yield f"{called(view)}: {view['status']}, {states} ({view['id']})"
    yield str(view["title"])
    ended = f", ended {words.full(view['resolved_at'], zone)}" if view["resolved_at"] else ""
    for_so_long = f"{'lasted' if ended else 'lasts'} {lasts(view, now)}"
    yield f"started {words.full(view['started_at'], zone)}{ended}, {for_so_long}"
    yield from _said_plainly(view, zone)
    for one in _shortened(view["timeline"], view.get("updates") or ()):
        said, text = (span[0] for span in event_spans(one))
        yield f"{words.full(one['at'], zone)} {said}{f': {text}' if text else ''}"
    silent = dict(_silent(view))
    for row in (one for one in view["told"] if one["destination"] not in silent):
        yield f"{row['destination']}: {', '.join(_reached(row, zone))}"
    for destination, reason in silent.items():
        yield f"{destination}: not told, {reason}"


def _reached(row: View, zone: tzinfo) -> Iterator[str]:
    """What a destination was told last and when, the link to it there, and how it goes with what it is owed."""
    if row["said"]:
        at = f" {words.full(row['told_at'], zone)}" if row["told_at"] else ""
        link = row["url"] or row["ref"]
        yield f"{row['said']}{at}{f' {flat(link)}' if link else ''}"
    if row["state"] != "told":
        tries = f" after {_tries(row['attempts'])}" if row["attempts"] else ""
        error = f": {flat(row['error'])}" if row["error"] else ""
        yield f"{row['state'].replace('-', ' ')}{tries}{error}"


def _said_plainly(view: View, zone: tzinfo) -> Iterable[str]:
    """What a vendor says of it, or what the vendors say that it may be the fault of."""
    if view.get("words"):
        yield f"the vendor says: {flat(view['words'])}"
    if view.get("components"):
        yield f"affects {named(view['components'])}"
    if view.get("url"):
        yield str(view["url"])
    for one in view.get("suspects") or ():
        said = ("suspect: " if one["incident"] else "") + _word_of(one)
        yield f"{said} {one['url']}".rstrip()
    if ours := view.get("concerns"):
        yield f"concerns {named([one['name'] for one in ours])}"
    for one in view.get("updates") or ():
        yield " ".join(filter(None, (words.full(one["at"], zone), f"{flat(one['state'])}:", str(one["text"]))))
