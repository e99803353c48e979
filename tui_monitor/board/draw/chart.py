"""Latencies over a time, as lines with two axes: what most looks took, what nearly all took, and the worst one.

Every slice that was measured leaves a mark, also one that towers above all others; where nothing was measured there
is nothing. Below it stand the times, and the signs of what was wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tui_monitor.board.gaze import RANKS
from tui_monitor.board.ink import Line, Span, cut, line, width_of

if TYPE_CHECKING:
    from tui_monitor.board.glyphs import Glyphs

View = Mapping[str, Any]

LEAST, MOST = 0.001, 1e9
"""Seconds between which the top of a chart lies, so that neither noise nor nonsense decides how it looks."""
GAP = 3
TOWERING = 4.0
"""What exceeds nearly everything else by this much is only marked at the top, so that the rest can be seen."""
ENOUGH = 20
"""Slices from which it can be said what is usual."""
ROOM = (16, 4)
"""Cells below which there is no chart."""
MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
DAYS = (1, 2, 5, 10, 15, 30, 90, 180, 360)

_LEFT, _RIGHT = (0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08)
"""The dots of a braille cell from the lowest to the highest, as bits."""
_FULL = chr(0x28FF)
_PLAIN = {"p50": "#", "p95": ":", "most": "'"}


@dataclass(frozen=True, slots=True)
class Band:
    """A time that lies behind the chart, such as an incident."""

    since: datetime
    until: datetime
    style: str


@dataclass(frozen=True, slots=True)
class Column:
    """What is drawn side by side: one slice of time, or several where there is not room for each."""

    p50: float | None = None
    p95: float | None = None
    most: float | None = None


def chart(
    points: Sequence[View],
    width: int,
    height: int,
    glyphs: Glyphs,
    *,
    since: datetime,
    until: datetime,
    zone: tzinfo = UTC,
    bands: Sequence[Band] = (),
) -> list[Line]:
    """At most so wide and so high; nothing where there is no room for axes."""
    rows = height - 2
    if width < ROOM[0] or height < ROOM[1] or not points:
        return []
    values = scale(points, height)
    names = [tick_name(one, values[-1]) for one in values]
    margin = max(len(name) for name in names) + 2
    cells = width - margin
    if cells < 8:
        return []
    plot = _plot(columns_of(points, cells * _dots(glyphs)[0]), values[-1], cells, rows, glyphs)
    behind = _behind(bands, since, until, cells)
    found = []
    labels = {_row_of(value, values[-1], rows, glyphs): name for value, name in zip(values, names, strict=True)}
    for number, row in enumerate(plot):
        name = labels.get(number, "")
        edge = glyphs.box.tee_right if name else glyphs.box.down
        found.append((*_axis(name, edge, margin), *_joined(row, behind)))
    times = moments(since, until, zone, max(1, cells // 9))
    places = _places(times, since, until, cells)
    found.append((*_axis("", glyphs.box.bottom_left, margin), *_ground(_statuses(points, cells), places, glyphs)))
    found.append(_times(places, margin, width))
    return found


def legend(
    quantiles: View, glyphs: Glyphs, width: int, *, bands: Iterable[str] = (), is_clipped: bool = False
) -> list[Line]:
    """What the signs of a chart mean, and the figures of all of it together."""
    signs = _PLAIN if glyphs.is_ascii else {"p50": "⣿", "p95": "⢕", "most": "⠁"}
    items: list[Line] = []
    for name, sign, style in (
        ("p50", signs["p50"], "chart"),
        ("p95", signs["p95"], "chart-2"),
        ("p99", "", ""),
        ("max", signs["most"], "chart-2"),
    ):
        value = measured(quantiles.get(name))
        if value is not None:
            items.append(line((f"{sign} " if sign else "", style), (f"{name} ", "muted"), spell(value)))
    if is_clipped:
        items.append(line((f"{glyphs.up} ", "warn"), ("higher than the chart", "muted")))
    items += [line(("  ", one), (f" {one.removeprefix('band-')}", "muted")) for one in dict.fromkeys(bands)]
    return _flowed(items, width)


def _flowed(items: Sequence[Line], width: int) -> list[Line]:
    """One after the other with room between them, in as many lines as it takes; none is broken."""
    found: list[Line] = []
    for item in items:
        if found and width_of(found[-1]) + GAP + width_of(item) <= width:
            found[-1] = (*found[-1], (" " * GAP, "text"), *item)
        else:
            found.append(cut(((" ", "text"), *item), width))
    return found


def scale(points: Sequence[View], height: int) -> list[float]:
    """What stands at the left of a chart of this height, from zero up."""
    return ticks(ceiling(columns_of(points, len(points))), max(1, (height - 2) // 2))


def is_clipped(lines: Sequence[Line], glyphs: Glyphs) -> bool:
    """Whether something is higher than this chart, and only marked at its top."""
    return any(style.startswith("warn") and glyphs.up in text for text, style in (lines[0] if lines else ()))


# -- what is measured -------------------------------------------------------------------------------------------


def measured(value: Any) -> float | None:
    """A latency that can be drawn; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return MOST if value > 0 else None
    if not math.isfinite(seconds):
        return None
    return min(seconds, MOST) if seconds >= 0 else None


def columns_of(points: Sequence[View], count: int) -> list[Column]:
    """The points side by side, each as often as it takes or several as one: of those the worst is never lost."""
    total = len(points)
    if count >= total:
        single = [_merged((one,)) for one in points]
        return [single[number * total // count] for number in range(count if total else 0)]
    edges = [number * total // count for number in range(count + 1)]
    return [_merged(points[first:last]) for first, last in pairwise(edges)]


def _merged(points: Sequence[View]) -> Column:
    p50 = [(value, one.get("looks") or 1) for one in points if (value := measured(one.get("p50"))) is not None]
    p95 = [value for one in points if (value := measured(one.get("p95"))) is not None]
    most = [value for one in points if (value := measured(one.get("max"))) is not None]
    everything = [*most, *p95, *(value for value, _ in p50)]
    if not everything:
        return Column()
    weight = sum(looks for _, looks in p50)
    middle = sum(value * (looks / weight) for value, looks in p50) if p50 else None
    return Column(middle, max([*p95, *(value for value, _ in p50)], default=None), max(everything))


def _worst(points: Sequence[View]) -> str | None:
    statuses = [str(one["status"]) for one in points if one.get("status") in RANKS]
    return min(statuses, key=lambda status: RANKS[status]) if statuses else None


def ceiling(columns: Sequence[Column]) -> float:
    """What the chart must reach: the highest value, unless it towers above nearly all others."""
    values = sorted(column.most for column in columns if column.most is not None)
    if not values:
        return LEAST
    usual = max(values[int(0.95 * (len(values) - 1))], LEAST)
    towers = len(values) >= ENOUGH and values[-1] > TOWERING * usual
    return 1.25 * usual if towers else values[-1]


# -- the axes ---------------------------------------------------------------------------------------------------


def ticks(top: float, most: int) -> list[float]:
    """Round numbers in equal steps from zero to the first that is not below `top`; at most so many above zero."""
    reach = min(max(top, LEAST), MOST)
    power = math.floor(math.log10(reach / max(1, most)))
    for factor, shift in ((1, 0), (2, 0), (5, 0), (1, 1), (2, 1), (5, 1)):
        digits = -(power + shift)
        step = float(f"{factor}e{power + shift}")
        count = math.ceil(round(reach / step, 9))
        if count <= max(1, most):
            break
    return [round(step * number, max(0, digits)) for number in range(count + 1)]


def tick_name(value: float, top: float) -> str:
    """All ticks of a chart in one unit."""
    if value == 0:
        return "0"
    return f"{value:g} s" if top >= 1 else f"{value * 1000:g} ms"


def spell(value: float) -> str:
    """A latency with as many digits as help; also one far below a millisecond."""
    if value < 0.00995:
        return f"{value * 1000:.2g} ms"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    return f"{value:.3g} s" if value < 1000 else f"{value:.0f} s" if value < MOST else "more than can be"


def moments(since: datetime, until: datetime, zone: tzinfo, most: int) -> list[tuple[datetime, str]]:
    """Round times of the clock on the wall there, at most so many, and how each is called."""
    minutes = (until - since).total_seconds() / 60
    if minutes <= 0:
        return []
    step = next((one for one in MINUTES if minutes / one <= most), 0)
    if step:
        return _hours(since, until, zone, step)
    days = next((one for one in DAYS if minutes / 1440 / one <= most), math.ceil(minutes / 1440 / most))
    return _days(since, until, zone, days)


def _hours(since: datetime, until: datetime, zone: tzinfo, step: int) -> list[tuple[datetime, str]]:
    there = since.astimezone(zone).replace(tzinfo=None)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
    wall = midnight + timedelta(minutes=int((there - midnight).total_seconds() // 60 // step) * step)
    found: list[tuple[datetime, str]] = []
    while (at := wall.replace(tzinfo=zone).astimezone(UTC)) <= until:
        if at >= since and (not found or at > found[-1][0]):
            local = at.astimezone(zone)  # not the time on the wall, which on one night in spring there is not
            found.append((at, local.strftime("%m-%d" if (local.hour, local.minute) == (0, 0) else "%H:%M")))
        wall += timedelta(minutes=step)
    return found


def _days(since: datetime, until: datetime, zone: tzinfo, step: int) -> list[tuple[datetime, str]]:
    first, last = since.astimezone(zone).date().toordinal(), until.astimezone(zone).date().toordinal()
    found = []
    for day in range(first - first % step, last + 1, step):
        wall = date.fromordinal(max(1, day))
        at = datetime(wall.year, wall.month, wall.day, tzinfo=zone).astimezone(UTC)
        if since <= at <= until:
            found.append((at, wall.strftime("%m-%d")))
    return found


def _places(
    times: Sequence[tuple[datetime, str]], since: datetime, until: datetime, cells: int
) -> list[tuple[int, str]]:
    """The column of each time, without those whose name would meet the one before."""
    found: list[tuple[int, str]] = []
    for at, name in times:
        column = min(cells - 1, int(_share(at, since, until) * cells))
        if not found or column - found[-1][0] > len(name) + 1:
            found.append((column, name))
    return found


def _times(places: Sequence[tuple[int, str]], margin: int, width: int) -> Line:
    text = ""
    for column, name in places:
        start = min(margin + column - len(name) // 2, width - len(name))
        if start >= len(text) + bool(text):
            text = text.ljust(start) + name
    return ((text, "muted"),) if text else ()


def _axis(name: str, edge: str, margin: int) -> Line:
    return ((f"{name:>{margin - 2}} ", "muted"), (edge, "border"))


# -- the picture ------------------------------------------------------------------------------------------------


def _dots(glyphs: Glyphs) -> tuple[int, int]:
    """How many dots a cell has across and upwards."""
    return (1, 1) if glyphs.is_ascii else (2, 4)


def _level(value: float, top: float, dots: int) -> int:
    """The dot from the ground up; one above all of them for what is higher than the chart."""
    return dots if value > top else int(value / top * (dots - 1) + 1e-9)


def _row_of(value: float, top: float, rows: int, glyphs: Glyphs) -> int:
    dots = _dots(glyphs)[1]
    return rows - 1 - _level(value, top, rows * dots) // dots


def _plot(columns: Sequence[Column], top: float, cells: int, rows: int, glyphs: Glyphs) -> list[list[Span]]:
    """Rows of cells from the highest down, each a sign and its style."""
    across, upwards = _dots(glyphs)
    levels = [_levels(column, top, rows * upwards) for column in columns]
    return [
        [
            _cell(levels[cell * across : (cell + 1) * across], row * upwards, upwards, rows * upwards, glyphs)
            for cell in range(cells)
        ]
        for row in reversed(range(rows))
    ]


def _levels(column: Column, top: float, dots: int) -> tuple[int, int, int]:
    """How high the three reach; below the ground what was not measured."""
    p50, p95, most = (-1 if one is None else _level(one, top, dots) for one in (column.p50, column.p95, column.most))
    return p50, p95, most


def _cell(levels: Sequence[tuple[int, int, int]], low: int, upwards: int, dots: int, glyphs: Glyphs) -> Span:
    """One cell, whose lowest dot is `low`: full up to what most took, thin up to what nearly all took."""
    if low + upwards == dots and any(most >= dots for _, _, most in levels):
        return (glyphs.up, "warn")
    if glyphs.is_ascii:
        return _plain(levels[0], low)
    if all(most < low for _, _, most in levels):
        return (" ", "text")
    if all(p50 >= low + upwards - 1 for p50, _, _ in levels):
        return (_FULL, "chart")
    bits, style = 0, "text"
    for side, (p50, p95, most) in enumerate(levels):
        for dot in range(upwards):
            at = low + dot
            if at <= p50:
                style = "chart"
            elif at in (p95, most) or (at < p95 and (at + side) % 2 == 0):
                style = style if style == "chart" else "chart-2"
            else:
                continue
            bits |= (_RIGHT if side else _LEFT)[dot]
    return (chr(0x2800 + bits), style) if bits else (" ", "text")


def _plain(levels: tuple[int, int, int], at: int) -> Span:
    p50, p95, most = levels
    if at <= p50:
        return (_PLAIN["p50"], "chart")
    if at <= p95:
        return (_PLAIN["p95"], "chart-2")
    return (_PLAIN["most"], "chart-2") if at == most else (" ", "text")


def _behind(bands: Sequence[Band], since: datetime, until: datetime, cells: int) -> list[str]:
    """What lies behind each column; the last band that covers it, and none is too short to be seen."""
    found = [""] * cells
    for band in bands:
        if band.until < since or band.since > until:
            continue
        first = min(cells - 1, int(_share(band.since, since, until) * cells))
        last = min(cells, math.ceil(_share(band.until, since, until) * cells))
        for column in range(first, max(last, first + 1)):
            found[column] = band.style
    return found


def _share(at: datetime, since: datetime, until: datetime) -> float:
    whole = (until - since).total_seconds()
    return min(1.0, max(0.0, (at - since).total_seconds() / whole)) if whole > 0 else 0.0


def _joined(row: Sequence[Span], behind: Sequence[str]) -> Line:
    """Neighbours of one style as one span."""
    found: list[Span] = []
    for (sign, own), under in zip(row, behind, strict=True):
        style = f"{own} {under}" if under else own
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + sign, style)
        else:
            found.append((sign, style))
    return tuple(found)


def _statuses(points: Sequence[View], count: int) -> list[str | None]:
    """The worst that was seen in each column."""
    total, found = len(points), []
    for number in range(count):
        first, last = number * total // count, (number + 1) * total // count
        found.append(_worst(points[first : max(last, first + 1)]))
    return found


def _ground(statuses: Sequence[str | None], places: Sequence[tuple[int, str]], glyphs: Glyphs) -> Line:
    """The axis of time: the sign of what was wrong in its place, dots where nobody looked."""
    marked = {column for column, _ in places}
    row = []
    for number, status in enumerate(statuses):
        if status not in (None, "operational"):
            row.append((glyphs.status[str(status)], str(status)))
        elif number in marked:
            row.append((glyphs.box.tee_top, "border"))
        else:
            row.append((glyphs.dot, "muted") if status is None else (glyphs.box.across, "border"))
    return _joined(row, [""] * len(row))
