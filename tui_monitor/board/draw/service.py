"""One service, whole: how it is and why, what is wrong with it, how it was, what looked at it, and on what terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tui_monitor.board.cells import wrap
from tui_monitor.board.draw import words
from tui_monitor.board.draw.chart import Band, chart, is_clipped, legend, measured, spell
from tui_monitor.board.draw.incident import Sight, heading
from tui_monitor.board.ink import BLANK, Line, Row, Span, cut, fill, line, width_of, wrapped
from tui_monitor.core.text import spell_duration, spell_number

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs

View = Mapping[str, Any]

BESIDE = 120
"""Cells from which what was seen and on what terms stand beside each other."""
LABEL = 13
SPANS = ("10m", "1h", "24h", "7d", "30d")
USUAL = "1h"
PHASES = (("dns", "DNS"), ("connect", "connect"), ("tls", "TLS"), ("first_byte", "first byte"))
_HUES = ("chart", "chart-2", "accent", "good", "muted")
_STEPS = (1, 3, 5, 7, 0)
"""Which step of the ramp stands for each phase and for the rest, so that they can be told apart without colours."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a service: its row, which is always new, and what was asked about it."""

    id: str
    row: View | None
    view: View | None
    chart: View | None
    incidents: Sequence[View]
    relatives: Mapping[str, View]
    """The rows of the services that it needs or that need it."""
    span: str
    keys: str
    """What to press for another span."""
    note: str = ""
    """Why something is not there: it is being asked for, or was refused."""
    chart_note: str = ""


def service_rows(known: Known, sight: Sight, chart_lines: Sequence[Line]) -> list[Row]:
    """The page of a service. Its incidents and its kin can be selected; the rest is read."""
    found = [Row(one) for one in _head(known, sight)]
    found += _incidents(known, sight)
    found += _kin(known, sight)
    found += [Row(one) for one in _chart(known, sight, chart_lines)]
    if sight.width < BESIDE:
        return [*found, *map(Row, _seen(known, sight)), *map(Row, _terms(known, sight))]
    left = sight.narrowed((sight.width - 3) * 3 // 5)
    right = sight.narrowed(sight.width - 3 - left.width)
    pairs = beside(list(_seen(known, left)), list(_terms(known, right)), left.width, sight.glyphs)
    return [*found, *map(Row, pairs)]


def beside(left: Sequence[Line], right: Sequence[Line], width: int, glyphs: Glyphs) -> Iterator[Line]:
    """Two columns, the left one so wide."""
    for number in range(max(len(left), len(right))):
        first = left[number] if number < len(left) else BLANK
        second = right[number] if number < len(right) else BLANK
        yield (*fill(first, width), (f" {glyphs.box.down} ", "border"), *second)


def said(text: Any, style: str, width: int, indent: int = 1) -> list[Line]:
    """A text from outside, whole: as many lines as it takes."""
    lines = _wrapped_text(str(text or ""), max(2, width - indent))
    return [((" " * indent, "text"), (one, style)) for one in lines]


@lru_cache(maxsize=512)
def _wrapped_text(text: str, cells: int) -> tuple[str, ...]:
    """A page is drawn anew every second, and its texts are seldom other ones."""
    return tuple(wrap(text, cells))


@lru_cache(maxsize=2048)
def lines_of(spans: Line, width: int, indent: int) -> tuple[Line, ...]:
    """Spans in as many lines as it takes, remembered as texts are."""
    return tuple(wrapped(spans, width, indent))


def labelled(label: str, value: Line | str, width: int, label_width: int = LABEL) -> list[Line]:
    """A fact: its name, and beside it what may take several lines."""
    spans = ((value, "text"),) if isinstance(value, str) else value
    parts = [*lines_of(tuple(span for span in spans if span[0]), max(2, width - label_width - 1), 0)] or [BLANK]
    if len(label) + 1 >= label_width:
        return [*said(label, "muted", width), *(((" " * label_width, "muted"), *one) for one in parts)]
    names = [f" {label}"] + [""] * (len(parts) - 1)
    return [cut(((name.ljust(label_width), "muted"), *one), width) for name, one in zip(names, parts, strict=True)]


# -- how it is --------------------------------------------------------------------------------------------------


def _head(known: Known, sight: Sight) -> Iterator[Line]:
    row, width = known.row, sight.width
    if row is None:
        yield from said(f"there is no service {known.id!r} in the config", "bad", width)
        yield from said(known.note, "muted", width)
        yield BLANK
        return
    status = str(row["status"])
    sign = sight.glyphs.status[status]
    lasts = words.since(row["since"], sight.now)
    spans = [(f" {sign} ", status), (str(row["name"]), f"{status} bold"), (f"  {status}", status)]
    spans += [(f" for {lasts}", "text")] if lasts else []
    spans += [("  critical", "accent")] if row["critical"] else []
    spans += [(f"  in {row['group']}", "muted")] if row["group"] else []
    spans += [("  " + " ".join(f"#{one}" for one in row["tags"]), "muted")] if row["tags"] else []
    yield from lines_of(tuple(spans), width, 3)
    yield from said(row["message"], status if status != "operational" else "text", width, 3)
    for mark, style in standing(row, known.relatives, sight):
        yield from said(mark, style, width, 3)
    yield from said(_looked(row, sight), "muted", width, 3)
    if known.note:
        yield from said(known.note, "warn", width, 3)
    yield BLANK


def standing(row: View, relatives: Mapping[str, View], sight: Sight) -> Iterator[tuple[str, str]]:
    """What else is to be known of it, each in a sentence and a style."""
    if words.is_unread(row):
        yield f"its page cannot be read now; {words.last_read(row, sight.now)}", "unknown"
    for key, has_begun in (("under_way", True), ("announced", False)):
        for one in row.get(key) or ():
            when = words.planned(one, sight.zone, sight.now, has_begun=has_begun)
            yield f"maintenance there: {one['title']}, {when}", "maintenance" if has_begun else "muted"
    if row["simulated"]:
        yield "rehearsal: this is played, and whatever is told of it outside is marked as a test", "test"
    if row["failing"]:
        yield f"failing {row['failing']}: it is looked at again before anything is said", "warn"
    if row["flapping"]:
        yield "flapping: it comes and goes, and stays open until it has been calm for a while", "warn"
    if row["maintenance"]:
        left = words.until(row["maintenance"], sight.now)
        yield f"planned work for another {left}, until {words.full(row['maintenance'], sight.zone)}", "maintenance"
    if row["suppressed_by"]:
        above = relatives.get(row["suppressed_by"])
        yield f"suppressed by {above['name'] if above else row['suppressed_by']}, on which it depends", "muted"
    if row["silenced"]:
        yield "silenced: nobody is told for a while", "muted"
    if row["quiet"]:
        yield f"nobody is told: {row['quiet']}", "muted"
    if row["forgiven"]:
        yield "somebody has closed its incident by hand: it stays closed while this lasts", "muted"


def _looked(row: View, sight: Sight) -> str:
    every = spell_duration(row["every"])
    if row["checked_at"] is None:
        return f"not looked at yet; by {row['kind']} every {every}"
    took = measured(row["latency"])
    spelt = f"took {spell(took)}, " if took is not None else ""
    return f"last look {words.since(row['checked_at'], sight.now)} ago, {spelt}by {row['kind']} every {every}"


def _incidents(known: Known, sight: Sight) -> Iterator[Row]:
    if not known.incidents:
        return
    yield Row(heading(spell_number(len(known.incidents), "open incident"), sight))
    for one in known.incidents:
        yield from incident_rows(one, sight)
    yield Row(BLANK)


def incident_rows(one: View, sight: Sight) -> Iterator[Row]:
    """An incident in short: how bad, its title whole, how long, and whether somebody has it."""
    status = str(one["status"])
    mine = f", {one['state']} by {one['by']}" if one["state"] == "acknowledged" and one["by"] else f", {one['state']}"
    lasts = words.since(one["started_at"], sight.now)
    spans = ((f" {sight.glyphs.status[status]} ", status), (str(one["title"]), "text"))
    tail = (f"  {status}{mine}, {lasts}", "muted")
    lines = lines_of((*spans, tail), sight.width, 3)
    yield Row(lines[0], f"incident:{one['id']}")
    yield from map(Row, lines[1:])


def _kin(known: Known, sight: Sight) -> Iterator[Row]:
    view = known.view or {}
    needs = view.get("depends_on") or (known.row or {}).get("depends_on") or ()
    found = [*(("needs", name) for name in needs), *(("needed by", name) for name in view.get("needed_by") or ())]
    found += [("upstream", name) for name in (known.row or {}).get("upstream") or ()]
    if not found:
        return
    yield Row(heading("What it needs, and what needs it", sight))
    for label, name in found:
        row = known.relatives.get(name)
        status = str(row["status"]) if row else "unknown"
        called = str(row["name"]) if row else name
        spans: Line = ((f" {label:<10} ", "muted"), (f"{sight.glyphs.status[status]} ", status), (called, "text"))
        lines = lines_of((*spans, (f"  {status}", status)), sight.width, 14)
        yield Row(lines[0], f"service:{name}")
        yield from map(Row, lines[1:])
    yield Row(BLANK)


# -- its latency ------------------------------------------------------------------------------------------------


def _chart(known: Known, sight: Sight, lines: Sequence[Line]) -> Iterator[Line]:
    choice = "  ".join(f"[{one}]" if one == known.span else one for one in SPANS)
    yield heading(f"Latency  {choice}  {known.keys}", sight)
    if known.chart is None:
        yield from said(known.chart_note or "asking ...", "muted", sight.width)
    else:
        yield from lines
        if known.chart_note:
            yield from said(known.chart_note, "warn", sight.width)
    yield BLANK


def chart_lines(view: View, width: int, height: int, sight: Sight) -> list[Line]:
    """The chart of an answer, and below it what its signs mean."""
    points, since, until = view["points"], words.moment_of(view["since"]), words.moment_of(view["until"])
    if not points or since is None or until is None:
        return said("nothing was measured", "muted", width)
    bands = [*_bands(view["maintenance"], "since", "until", "band-maintenance", until)]
    bands += _bands(view["incidents"], "started_at", "resolved_at", "band-incident", until)
    drawn = chart(points, width, height, sight.glyphs, since=since, until=until, zone=sight.zone, bands=bands)
    if not any(measured(one["max"]) is not None for one in points):
        return [*drawn[-2:], *said("no latency was measured in this time", "muted", width)]
    clipped = is_clipped(drawn, sight.glyphs)
    names = [one.style for one in bands]
    return [*drawn, *legend(view["quantiles"], sight.glyphs, width, bands=names, is_clipped=clipped)]


def _bands(rows: Sequence[View], since: str, until: str, style: str, end: datetime) -> Iterator[Band]:
    for one in rows:
        begins = words.moment_of(one[since])
        if begins is not None:
            yield Band(begins, words.moment_of(one[until]) or end, style)


# -- what was seen ----------------------------------------------------------------------------------------------


def _seen(known: Known, sight: Sight) -> Iterator[Line]:
    phases = (known.row or {}).get("phases")
    if phases:
        yield heading("Where the time of the last look went", sight)
        yield from waterfall(phases, sight)
        yield BLANK
    looks = (known.view or {}).get("looks") or ()
    if looks:
        yield heading(f"The last {spell_number(len(looks), 'look')}", sight)
        for one in reversed(looks):
            yield from _look(one, sight)
        yield BLANK


def waterfall(phases: View, sight: Sight) -> Iterator[Line]:
    """Each phase from where it began to where it ended."""
    times = parts_of(phases)
    total = sum(times)
    names = [*(name for _, name in PHASES), "the rest"]
    room = sight.width - 27
    start = 0.0
    for number, (name, took) in enumerate(zip(names, times, strict=True)):
        if took > 0:
            first, last = (int(room * share) if total else 0 for share in (start / total, (start + took) / total))
            bar = sight.glyphs.ramp[_STEPS[number]] * max(1, last - first)
            share = f"{took / total:4.0%}"
            yield cut(
                ((f" {name:<11}{spell(took):>8} {share} ", "text"), (" " * first, "text"), (bar, _HUES[number])),
                sight.width,
            )
        start += took
    yield (((f" {'total':<11}{spell(total):>8}"), "bold"),)


def parts_of(phases: View) -> list[float]:
    """Seconds of each phase and of what is left of the total; never below zero."""
    times = [measured(phases.get(key)) or 0.0 for key, _ in PHASES]
    return [*times, max(0.0, (measured(phases.get("total")) or 0.0) - sum(times))]


def stacked(phases: View, cells: int, glyphs: Glyphs) -> Line:
    """The phases in one bar of so many cells."""
    times = parts_of(phases)
    total, at, drawn, found = sum(times), 0.0, 0, []
    for number, took in enumerate(times):
        at += took
        upto = round(cells * at / total) if total else 0
        if upto > drawn:
            found.append((glyphs.ramp[_STEPS[number]] * (upto - drawn), _HUES[number]))
            drawn = upto
    return tuple(found)


def _look(one: View, sight: Sight) -> Iterator[Line]:
    status = str(one["status"])
    took = measured(one["latency"])
    room = 16 if sight.width >= 70 else 0
    bar = stacked(one["phases"], room, sight.glyphs) if room and one.get("phases") else ()
    late = measured(one.get("took"))
    spelt = spell(took) if took is not None else f"({spell(late)})" if late is not None else ""
    spans: tuple[Span, ...] = (
        (f" {words.clock(one['at'], sight.zone, sight.now):<11} ", "muted"),
        (f"{sight.glyphs.status.get(status, sight.glyphs.dot)} {status:<12}", status),
        (f"{spelt:>9} ", "text"),
    )
    if room:
        spans = (*spans, *bar, (" " * (room - width_of(bar) + 1), "text"))
    text = str(one.get("message") or "") + (" (to make sure)" if one.get("confirming") else "")
    yield from lines_of((*spans, (text, "muted")) if text else spans, sight.width, 14)


# -- on what terms ----------------------------------------------------------------------------------------------


def _terms(known: Known, sight: Sight) -> Iterator[Line]:
    row, view = known.row, known.view or {}
    yield heading("Uptime", sight)
    shares = (row or view).get("uptime") or {}
    spelt = [f"{span} {words.share(share) or 'not known'}" for span, share in shares.items()]
    yield from lines_of(((" " + "   ".join(spelt), "text"),), sight.width, 1)
    yield from days_lines(view.get("days") or (), sight)
    yield BLANK
    yield from _figures(row, sight)
    yield from _work(view.get("windows") or (), sight)
    if view:
        yield heading("Config, as it was understood", sight)
        yield from _config(view, sight.width)


def days_lines(days: Sequence[View], sight: Sight) -> Iterator[Line]:
    """A bar for each day, the newest last, and the worst of them in words."""
    if not days:
        return
    room = max(10, sight.width - 2)
    for start in range(0, len(days), room):
        yield ((" ", "text"), *(_day(one, sight.glyphs) for one in days[start : start + room]))
    seen = [one for one in days if measured(one["share"]) is not None]
    yield from said(f"the last {spell_number(len(days), 'day')} in UTC, today at the end", "muted", sight.width)
    bad = sorted((one for one in seen if one["share"] < 1), key=lambda one: one["share"])[:3]
    for one in bad:
        lost = f", down for {spell_duration(one['downtime'])}" if one.get("downtime") else ""
        yield from said(f"{one['day']}: {words.share(one['share'])}{lost}", "text", sight.width)


def _day(one: View, glyphs: Glyphs) -> Span:
    share = measured(one["share"])
    if share is None:
        return (glyphs.dot, "muted")
    if share >= 1:
        well = one.get("worst") in (None, "operational", "maintenance", "unknown")
        return (glyphs.ramp[7], "operational" if well else "degraded")
    step = sum(share >= least for least in (0.9, 0.95, 0.98, 0.99, 0.995, 0.999))
    return (glyphs.ramp[step], "degraded" if share >= 0.99 else "major")


def _figures(row: View | None, sight: Sight) -> Iterator[Line]:
    if row is None or not (row["certificate_until"] or row["measures"]):
        return
    yield heading("Figures", sight)
    until = words.moment_of(row["certificate_until"])
    if until is not None:
        days = int((until - sight.now).total_seconds() // 86400)
        style = "bad" if days < 7 else "warn" if days < 30 else "text"
        left = f"{spell_number(days, 'day')} left" if days >= 0 else "has expired"
        text = f"{left}, until {words.full(row['certificate_until'], sight.zone)}"
        yield from labelled("certificate", ((text, style),), sight.width)
    for one in row["measures"]:
        yield from labelled(str(one["name"]), f"{one['value']:g} {one['unit']}".strip(), sight.width)
    yield BLANK


def _work(windows: Sequence[View], sight: Sight) -> Iterator[Line]:
    if not windows:
        return
    yield heading("Planned work", sight)
    for one in windows:
        yield from labelled("now" if one["active"] else "to come", window_spans(one, sight), sight.width)
    yield BLANK


def window_spans(one: View, sight: Sight) -> Line:
    """When it is, how often, and why."""
    if not one["since"]:
        return line((f"never again ({one['cron'] or 'over'})", "muted"), f"  {one['reason']}")
    until = words.clock(one["until"], sight.zone, sight.now)
    when = f"{words.clock(one['since'], sight.zone, sight.now)} to {until}"
    cron = f", {one['cron']}" if one["cron"] else ""
    return line((when, "maintenance" if one["active"] else "text"), (cron, "muted"), f"  {one['reason']}")


def _config(view: View, width: int) -> Iterator[Line]:
    facts: list[tuple[str, str]] = [("looks by", str(view["kind"]))]
    facts += [(str(name), str(text)) for name, text in view["options"]]
    facts.append(("every", f"{spell_duration(view['every'])}, each look at most {spell_duration(view['timeout'])}"))
    facts.append(("patience", patience(view)))
    if view.get("unreachable"):
        facts.append(("no answer", f"counts as {view['unreachable']}"))
    for number, route in enumerate(view["routes"] or ("nobody is told of it",)):
        facts.append(("" if number else "told to", str(route)))
    facts += [(f"if {name}", str(text)) for name, text in (view.get("messages") or {}).items()]
    for name, text in facts:
        yield from labelled(name, text, width)


def patience(view: View) -> str:
    """After how many looks it is sure."""
    down, up = spell_number(view["down_after"], "failure"), spell_number(view["up_after"], "good look")
    again = view.get("retry_after")
    retry = f", looking again {spell_duration(again)} after a failure" if again else ""
    return f"down after {down} in a row, up after {up}{retry}".replace("1 failure in a row", "1 failure")
