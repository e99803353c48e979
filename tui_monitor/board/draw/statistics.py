"""What the incidents and the looks of some time add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui_monitor.board.cells import fit
from tui_monitor.board.draw import words
from tui_monitor.board.draw.chart import measured, spell
from tui_monitor.board.draw.incident import Sight, heading
from tui_monitor.board.draw.service import labelled, lines_of, said
from tui_monitor.board.ink import BLANK, Line, Row, cut
from tui_monitor.core.text import spell_duration, spell_number

View = Mapping[str, Any]

SPANS = ("24h", "7d", "30d", "90d")
LABEL = 21
NAMES = 32
"""Cells for the name of a service, where there is room."""
INDENT = 3
TOLD: Mapping[str, str] = {
    "told": "told",
    "owed": "owed",
    "sending": "being told",
    "held": "held",
    "given-up": "given up",
    "dropped": "dropped",
}


@dataclass(frozen=True, slots=True)
class Sums:
    """What is known: the answer to the question, and why there is none."""

    span: str
    keys: str
    view: View | None = None
    note: str = ""


def statistics_rows(sums: Sums, name_of: Callable[[str], str], sight: Sight) -> list[Row]:
    """Incidents, services with the worst first, places that are told, the engine. Services and incidents open."""
    choice = "  ".join(f"[{one}]" if one == sums.span else one for one in SPANS)
    found = [Row(heading(f"The last  {choice}  {sums.keys}", sight))]
    if sums.note:
        found += map(Row, said(sums.note, "warn", sight.width))
    view = sums.view
    if view is None:
        return [*found, *map(Row, said("" if sums.note else "asking ...", "muted", sight.width))]
    found += map(Row, _incidents(view, sight))
    found.append(Row(BLANK))
    found += _uptimes(view, name_of, sight)
    found += _ranked("Most incidents", view.get("most") or (), "incidents", "incident", sight)
    found += _longest(view.get("longest") or (), sight)
    found += _ranked("Flapping", view.get("flapping") or (), "times", "time", sight)
    found += map(Row, _destinations(view.get("destinations") or (), sight))
    found += map(Row, _engine(view, sight))
    return found


def _incidents(view: View, sight: Sight) -> Iterator[Line]:
    counts = view["incidents"]
    for label, value in (
        ("incidents", f"{counts['total']:,}"),
        ("still open", f"{counts['active']:,}"),
        ("over", f"{counts['resolved']:,}"),
        ("time to acknowledge", _mean(counts["mean_time_to_acknowledge"], "nobody has acknowledged any")),
        ("time to resolve", _mean(counts["mean_time_to_resolve"], "none is over")),
    ):
        yield from labelled(label, value, sight.width, LABEL)
    yield from labelled("since", words.full(view["since"], sight.zone), sight.width, LABEL)


def _mean(seconds: Any, otherwise: str) -> str:
    known = measured(seconds)
    return otherwise if known is None else f"{spell_duration(known)} on average"


def _uptimes(view: View, name_of: Callable[[str], str], sight: Sight) -> Iterator[Row]:
    """The worst first, and those of which nothing is known at the end."""
    shares = view["uptime"]
    downtime, called = view.get("downtime") or {}, view.get("names") or {}
    names = {one: str(called.get(one) or name_of(one)) for one in shares}
    cells = max(8, min(NAMES, sight.width - 28))
    room = min(60, sight.width - cells - 28)
    yield Row(heading("Uptime, the worst first", sight))
    if shares:
        yield Row(((f" {'SERVICE':<{cells}}{'UPTIME':>10}{'DOWN FOR':>13}", "muted"),))
    for name in sorted(shares, key=lambda one: _place(one, measured(shares[one]), names)):
        share, lost = measured(shares[name]), measured(downtime.get(name))
        spelt = f"{words.share(share) or 'not known':>10}{spell_duration(lost) if lost else '':>13}"
        line = ((f" {fit(names[name], cells)}", "text"), (spelt, _style(share)), ("  ", "text"))
        yield Row(cut((*line, *_bar(share, room, sight)), sight.width), f"service:{name}")
    if not shares:
        yield from map(Row, said("there are no services", "muted", sight.width))
    yield Row(BLANK)


def _place(name: str, share: float | None, names: Mapping[str, str]) -> tuple[Any, ...]:
    return (share is None, share, names[name].casefold(), name)


def _style(share: float | None) -> str:
    if share is None:
        return "muted"
    return "good" if share >= 0.999 else "warn" if share >= 0.99 else "bad"


def _bar(share: float | None, room: int, sight: Sight) -> Line:
    """How much of the time it was up; the least downtime there is leaves a gap."""
    if share is None or room < 8:
        return ()
    up = int(share * room)
    return ((sight.glyphs.full * up, _style(share)), (sight.glyphs.empty * (room - up), "muted"))


def _ranked(title: str, rows: Sequence[View], key: str, noun: str, sight: Sight) -> Iterator[Row]:
    """Services by how often something was with them."""
    if not rows:
        return
    yield Row(heading(title, sight))
    for one in rows:
        spans = ((f" {one['name']}", "text"), (f"  {spell_number(one[key], noun)}", "muted"))
        first, *rest = lines_of(spans, sight.width, INDENT)
        yield Row(first, f"service:{one['service']}")
        yield from map(Row, rest)
    yield Row(BLANK)


def _longest(rows: Sequence[View], sight: Sight) -> Iterator[Row]:
    if not rows:
        return
    yield Row(heading("The longest incidents", sight))
    for one in rows:
        status = str(one["severity"])
        spans = ((f" {sight.glyphs.status[status]} ", status), (f"{one['name']}: {one['title']}", "text"))
        lasts = f"  {spell_duration(one['duration'])}{'' if one['resolved_at'] else ' and still open'}"
        began = f", from {words.clock(one['started_at'], sight.zone, sight.now)}"
        first, *rest = lines_of((*spans, (lasts + began, "muted")), sight.width, INDENT)
        yield Row(first, f"incident:{one['id']}")
        yield from map(Row, rest)
    yield Row(BLANK)


def _destinations(rows: Sequence[View], sight: Sight) -> Iterator[Line]:
    """Where each place stands with how many incidents."""
    if not rows:
        return
    yield heading("Places that are told", sight)
    for one in rows:
        counts = [(state, one.get(state) or 0) for state in TOLD]
        said_of = ", ".join(f"{number:,} {TOLD[state]}" for state, number in counts if number)
        style = "bad" if one.get("given-up") or one.get("held") else "text"
        yield from labelled(str(one["destination"]), ((said_of or "nothing", style),), sight.width, LABEL)
    yield BLANK


def _engine(view: View, sight: Sight) -> Iterator[Line]:
    engine, store = view.get("engine"), view.get("store")
    if engine is not None:
        yield heading("The engine, since it was started", sight)
        yield from labelled("looks", f"{engine['looks']:,}", sight.width, LABEL)
        late = {name: measured(engine["lateness"].get(name)) for name in ("p50", "p99", "max")}
        known = ", ".join(f"{name} {spell(seconds)}" for name, seconds in late.items() if seconds is not None)
        yield from labelled("looks began late by", known or "not known", sight.width, LABEL)
    if store is not None:
        yield from labelled("store on disk", spell_size(store["size"]), sight.width, LABEL)
        if store["notice"]:
            yield from labelled("", ((str(store["notice"]), "warn"),), sight.width, LABEL)


def spell_size(size: float) -> str:
    """Bytes for a person."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"
