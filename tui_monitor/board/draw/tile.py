"""A service as a tile of three or four lines, or as one line: its status by sign, colour and word, and all that one
must know of it at a glance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from tui_monitor.board.draw import words
from tui_monitor.board.draw.heads import SHORT
from tui_monitor.board.gaze import WELL
from tui_monitor.board.ink import Line, Span, cut, fill, line, shorten, spread, under, width_of

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs

View = Mapping[str, Any]

LEAST_SPARK = 6
"""Cells under which a sparkline says nothing."""
SOON = timedelta(hours=24)
"""Before a vendor's maintenance begins, for so long it is told in the tile."""
STEADY = 2.0
"""What is at most so many times the least is steady, and lies low: noise must not look like a mountain range."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A service with what stands elsewhere in the picture about it."""

    row: View
    incident: View | None = None
    latencies: Sequence[float | None] = ()
    silenced_until: str | None = None
    behind: str = ""
    """The name of the service that this one is silent behind."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How a tile is to be drawn: its size, and what the person has done to it."""

    width: int
    height: int
    is_selected: bool = False
    is_marked: bool = False
    has_focus: bool = True
    """Whether the keys go to the tiles."""
    is_first: bool = False
    """Whether nothing stands to the left of it."""


@dataclass(frozen=True, slots=True)
class Ages:
    """What turns moments into words: the engine's time."""

    now: datetime
    glyphs: Glyphs = field(repr=False)


def tile(subject: Subject, pose: Pose, ages: Ages) -> tuple[Line, ...]:
    """As many lines as the pose is high. One line is all that a service gets in a narrow terminal."""
    room = pose.width - 2
    if room < 4:
        return ((),) * pose.height
    drawn = [_head(subject, room, ages), _reason(subject, room, ages)]
    if pose.height > 3:
        drawn += [_course(subject, room, ages, ()), _standing(subject, room, ages)]
    else:
        drawn.append(_course(subject, room, ages, tags(subject, ages)))
    return tuple(_posed(one, number, pose, ages.glyphs) for number, one in enumerate(drawn[: pose.height]))


def listed(subject: Subject, pose: Pose, ages: Ages) -> tuple[Line, ...]:
    """One line: sign, word, name, how long, what is pending, why; and what else there is room for."""
    row, room = subject.row, pose.width - 2
    status = row["status"]
    word = fill(((word_of(status), status),), 9, status) if room >= 54 else ()
    name = fill(_named(row), max(10, min(32, room // 3)))
    age = words.since(row["since"], ages.now)
    left = (*_sign(row, ages.glyphs), *word, *name, (f" {age:>7}  ", "muted"))
    extra: Line = ()
    if room >= 100:
        spark = sparkline(subject.latencies, min(20, room // 6), ages.glyphs)
        latency = f"{words.latency(row['latency']):>8}" if row["latency"] is not None else " " * 8
        extra = ((f"  {spark:>{min(20, room // 6)}}", "chart"), (latency, "text"), *_uptime(row, 9))
    middle = room - width_of(left) - width_of(extra)
    reason = _said(row) if not word else line((str(row["message"] or ""), "text"))
    said = _joined(tags(subject, ages), reason, middle)
    return (_posed((*left, *fill(said, middle), *extra), 0, pose, ages.glyphs),)


def word_of(status: str) -> str:
    return "work" if status == "maintenance" else SHORT.get(status, status)


def _posed(spans: Line, number: int, pose: Pose, glyphs: Glyphs) -> Line:
    """With the pointer before what is selected, the mark before what is marked, and a line beside its neighbour."""
    if pose.is_marked and number == 0:
        edge: Span = (glyphs.mark, "accent")
    elif pose.is_selected:
        edge = (glyphs.pointer, "accent" if pose.has_focus else "muted")
    else:
        edge = (" " if pose.is_first else glyphs.box.down, "border")
    whole = (edge, *fill(spans, pose.width - 2), (" ", "text"))
    if pose.is_selected and pose.has_focus:
        return under(whole, "selected")
    return under(whole, "marked") if pose.is_marked else whole


def _sign(row: View, glyphs: Glyphs) -> Line:
    return ((f"{glyphs.status[row['status']]} ", row["status"]),)


def _named(row: View) -> Line:
    """What is critical says so behind its name."""
    style = "text" if row["status"] in WELL else f"{row['status']} bold"
    return line((str(row["name"]), style), (" !" if row["critical"] else "", "accent"))


def _head(subject: Subject, room: int, ages: Ages) -> Line:
    row = subject.row
    age = words.since(row["since"], ages.now)
    name = _named(row)
    over = room - 3 - width_of(name)
    return spread((*_sign(row, ages.glyphs), *_cut_name(name, over, age, room)), line((age, "muted")), room)


def _cut_name(name: Line, over: int, age: str, room: int) -> Line:
    """A name that is too long is cut, and never the mark behind it."""
    if over >= len(age):
        return name
    mark = name[1:]
    text, style = name[0]
    return ((shorten(text, max(1, room - 3 - len(age) - width_of(mark))), style), *mark)


def _reason(subject: Subject, room: int, ages: Ages) -> Line:
    """The word of the status, and why. How fast it is matters most while it is well."""
    row = subject.row
    status, said = row["status"], _said(row)
    latency = line((words.latency(row["latency"]), "text"))
    if status not in WELL and width_of(said) + width_of(latency) + 2 > room:
        return cut(said, room)
    return spread(said, latency, room)


def _said(row: View) -> Line:
    status, message = row["status"], str(row["message"] or "")
    joint = " " if status in WELL else ": "
    return line((word_of(status), status), (f"{joint}{message}" if message and message != status else "", "text"))


def _course(subject: Subject, room: int, ages: Ages, marks: Sequence[Span]) -> Line:
    """How it went lately, beside the most important of the rest."""
    right = _joined((*marks, *_uptime(subject.row)), (), room - LEAST_SPARK - 1)
    width = room - width_of(right) - (1 if right else 0)
    spark = (sparkline(subject.latencies, width, ages.glyphs), "chart")
    return spread((spark,), right, room) if right else (spark,)


def _standing(subject: Subject, room: int, ages: Ages) -> Line:
    """What is done about it."""
    return cut(_joined(tags(subject, ages), (), room), room)


def _joined(marks: Sequence[Span], last: Line, room: int) -> Line:
    """As many as fit, the most important first, and then what is cut where it ends."""
    found: list[Span] = []
    used = 0
    for text, style in marks:
        if not text:
            continue
        wide = cell_len(text) + (2 if found else 0)
        if found and used + wide > room:
            break
        found += [("  ", "text")] * bool(found) + [(text, style)]
        used += wide
    if last and last[0][0]:
        found += [("  ", "text")] * bool(found) + [*last]
    return cut(tuple(found), room)


def _uptime(row: View, width: int = 0) -> Line:
    return ((f"{words.share(row['uptime'].get('24h')):>{width}}", "muted"),)


def tags(subject: Subject, ages: Ages) -> list[Span]:
    """All that there is to say beside the status, the most important first."""
    row, of_vendors = subject.row, _of_vendors(subject, ages)
    found = (*_pending(row), *of_vendors, *_answered(subject), *_works(row, ages), *_hushed(subject, ages))
    return [one for one in found if one[0]]


def _pending(row: View) -> Iterable[Span]:
    yield (f"failing {row['failing']}" if row["failing"] else "", "warn")
    yield ("rehearsal" if row["simulated"] else "", "accent")


def _answered(subject: Subject) -> Iterable[Span]:
    """Who has taken it, and how many places know of it."""
    incident = subject.incident
    if incident is None:
        return
    if incident["state"] == "acknowledged":
        yield (f"ack {shorten(str(incident['by']), 12)}".rstrip(), "accent")
    told = sum(one["state"] == "told" for one in incident["told"])
    yield (f"{told} told" if told else "", "text")


def _of_vendors(subject: Subject, ages: Ages) -> Iterable[Span]:
    """Whose fault it may be; and of a vendor what it says of its incident, or how old that is."""
    row, incident = subject.row, subject.incident or {}
    suspect = next((one for one in incident.get("suspects") or () if one["incident"]), None)
    yield (f"suspect {shorten(str(suspect['name']), 14)}" if suspect else "", "accent")
    if words.is_unread(row):
        yield (words.last_read(row, ages.now), "unknown")
    yield (shorten(str(incident.get("words") or ""), 24), "text")


def _works(row: View, ages: Ages) -> Iterable[Span]:
    """What a vendor works on, and what it will within a day."""
    now = ages.now
    work, sign = next(iter(row.get("under_way") or ()), None), ages.glyphs.status["maintenance"]
    if work is not None:
        yield (f"{sign} work {words.until(work['until'], now)}".rstrip(), "maintenance")
    soon = next((one for one in row.get("announced") or () if _is_soon(one, now)), None)
    if soon is not None:
        yield (f"{sign} work in {words.until(soon['started_at'], now)}", "maintenance")


def _is_soon(work: View, now: datetime) -> bool:
    begins = words.moment_of(work["started_at"])
    return begins is not None and timedelta(0) <= begins - now <= SOON


def _hushed(subject: Subject, ages: Ages) -> Iterable[Span]:
    """Why nobody is told, and until when."""
    row, sign = subject.row, ages.glyphs.silent
    if row["silenced"]:
        yield (f"{sign} silenced {words.until(subject.silenced_until, ages.now)}".rstrip(), "muted")
    if row["suppressed_by"]:
        yield (f"{sign} behind {shorten(subject.behind or str(row['suppressed_by']), 14)}", "muted")
    if row["maintenance"]:
        yield (f"{sign} work {words.until(row['maintenance'], ages.now)}", "maintenance")
    yield ("flapping" if row["flapping"] else "", "warn")
    yield ("closed by hand" if row["forgiven"] else "", "muted")


def sparkline(latencies: Sequence[float | None], width: int, glyphs: Glyphs) -> str:
    """The newest on the right; a dot, or in ASCII a gap, for a look that measured nothing."""
    shown = latencies[-width:] if width > 0 else ()
    known = [one for one in shown if one is not None]
    none = " " if glyphs.dot in glyphs.ramp else glyphs.dot
    if not known:
        return none * len(shown)
    least, steps = min(known), len(glyphs.ramp) - 1
    span = max(*known, least * STEADY) - least or 1.0
    return "".join(none if one is None else glyphs.ramp[round((one - least) / span * steps)] for one in shown)
