"""How data reads as plain lines, without a drawing library: the last words of an engine, and single sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from tui_monitor.core.text import clean, spell_duration, spell_number, spell_waiting

if TYPE_CHECKING:
    from tui_monitor.core.plan import Plan

View = Mapping[str, Any]


def zone_of(name: str) -> tzinfo:
    """The zone of a board. Where this machine does not know it times are in UTC, which stands beside each."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC


def clock(moment: str | None, zone: tzinfo) -> str:
    """A moment as the clocks of the zone show it, with what they call their time."""
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z") if moment else ""


def size_of(plan: Plan) -> str:
    """`2 services, 1 destination`."""
    return f"{spell_number(len(plan.services), 'service')}, {spell_number(len(plan.places), 'destination')}"


def failing_lines(places: Iterable[View], now: datetime) -> Iterator[str]:
    """A sentence for each destination that does not take what it is given: since when, why, and what waits for it."""
    for one in places:
        if one["state"] == "well":
            continue
        age = (now - datetime.fromisoformat(one["since"])).total_seconds() if one["since"] else None
        lasts = f" for {spell_duration(max(0.0, age))}" if age is not None else ""
        left = f", {waits}" if (waits := spell_waiting(one["owed"], one["waiting"])) else ""
        yield f"Failing: {clean(one['name'])} ({clean(one['kind'])}){lasts}{left}: {clean(one['error'])}"


def share(value: float | None) -> str:
    """An uptime for a person; never rounded up to a hundred that it is not."""
    if value is None:
        return "no looks"
    return f"{100 if value >= 1 else min(value * 100, 99.99):.2f} %"


def mean(value: float | None) -> str:
    return "nothing to measure" if value is None else spell_duration(value)


def statistics_lines(stats: View, zone: tzinfo, title: str = "Statistics") -> Iterator[str]:
    """Aligned like a small table, and as easy to grep."""
    incidents, engine = stats["incidents"], stats.get("engine")
    yield f"{title} since {clock(stats['since'], zone)}"
    yield f"  incidents total          {incidents['total']}"
    yield f"  incidents active         {incidents['active']}"
    yield f"  incidents resolved       {incidents['resolved']}"
    yield f"  mean time to acknowledge {mean(incidents['mean_time_to_acknowledge'])}"
    yield f"  mean time to resolve     {mean(incidents['mean_time_to_resolve'])}"
    if engine:
        yield f"  looks made               {engine['looks']} since the engine started"
    names = stats.get("names", {})
    uptimes = [(clean(names.get(one, one)), value) for one, value in stats["uptime"].items()]
    width = max((len(name) for name, _ in uptimes), default=0)
    for name, value in uptimes:
        yield f"  uptime  {name.ljust(width)}  {share(value)}"
