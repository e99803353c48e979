"""What happened in a span of time: the data of a report, and the report as Markdown that nothing from outside can
bend. Rehearsals are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from tui_monitor.cli.words import clock, mean, share
from tui_monitor.core.text import clean, spell_duration

View = Mapping[str, Any]

LONGEST = 5
"""Outages that are named once more because they lasted longest."""

UNTOLD = ("given-up", "dropped", "held")
"""Where a delivery stands that will not arrive by itself."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MEANT = re.compile(r"([\\`*_\[\]{}#|!~$&<>])")


def summarized(stats: View, incidents: Iterable[View], board: View, timezone: str) -> dict[str, Any]:
    """Services with the worst first, incidents as they began."""
    names = {one["id"]: one["name"] for one in board["services"]}
    real = sorted((one for one in incidents if not one.get("rehearsal")), key=lambda one: one["started_at"])
    rows = [_row(one, names) for one in real]
    return {
        "at": stats["at"],
        "since": stats["since"],
        "title": board["title"],
        "timezone": timezone,
        "counts": stats["incidents"],
        "services": _services(stats, names),
        "incidents": rows,
        "longest": [one["id"] for one in sorted(rows, key=lambda one: -one["duration"])[:LONGEST]],
        "flapping": _flapping(real, names),
        "failed": [_failed(told, one) for one in real for told in one["told"] if _is_untold(told)],
    }


def _services(stats: View, names: Mapping[str, str]) -> list[dict[str, Any]]:
    downtime = stats.get("downtime", {})
    rows = [
        {"id": one, "name": names.get(one, one), "uptime": value, "downtime": downtime.get(one)}
        for one, value in stats["uptime"].items()
    ]
    return sorted(rows, key=lambda row: (row["uptime"] is None, row["uptime"], row["name"].lower()))


def _row(incident: View, names: Mapping[str, str]) -> dict[str, Any]:
    takers = [event["by"] for event in incident["timeline"] if event["kind"] == "acknowledged"]
    kept = (
        "id",
        "service",
        "title",
        "severity",
        "state",
        "started_at",
        "acknowledged_at",
        "resolved_at",
        "resolved_by",
    )
    return {
        **{key: incident[key] for key in kept},
        "name": names.get(incident["service"], incident["service"]),
        "duration": incident["duration"],
        "acknowledged_by": takers[0] if takers else "",
    }


def _flapping(incidents: Iterable[View], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """How often each service began to flap, the most restless first."""
    times = Counter(one["service"] for one in incidents for event in one["timeline"] if event["kind"] == "flapping")
    return [{"service": one, "name": names.get(one, one), "times": count} for one, count in times.most_common()]


def _is_untold(told: View) -> bool:
    return told["state"] in UNTOLD or bool(told["state"] == "owed" and told["error"])


def _failed(told: View, incident: View) -> dict[str, Any]:
    kept = ("id", "destination", "state", "attempts", "error", "reason")
    return {**{key: told[key] for key in kept}, "incident": incident["id"], "title": incident["title"]}


# -- as Markdown ----------------------------------------------------------------------------------------------------


def markdown(data: View, zone: tzinfo) -> Iterator[str]:
    """The lines of the report."""
    yield f"# {plain(data['title'])}: report"
    yield ""
    yield f"From {clock(data['since'], zone)} to {clock(data['at'], zone)}, {_span(data)}."
    yield from _counts(data["counts"])
    yield from _section("Uptime", _uptimes(data["services"]), "No service is watched.")
    yield from _section("Incidents", _incidents(data["incidents"], zone), "There was no incident.")
    if data["longest"]:
        yield from _section("Longest outages", _longest(data, zone))
    if data["flapping"]:
        yield from _section("Most flapping", _restless(data["flapping"]))
    yield from _section("Deliveries that failed", _untold(data["failed"]), "Everything arrived, or is on its way.")


def plain(text: object) -> str:
    """One line that reads as it is, in a sentence and in a table: no markup, no HTML, no column of its own."""
    return _MEANT.sub(lambda found: _ENTITIES.get(found[1], f"\\{found[1]}"), clean(str(text)))


def _span(data: View) -> str:
    length = datetime.fromisoformat(data["at"]) - datetime.fromisoformat(data["since"])
    return spell_duration(length.total_seconds())


def _section(title: str, lines: Sequence[str], otherwise: str = "") -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from lines or [otherwise]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *lines] if lines else []


def _counts(counts: View) -> Iterator[str]:
    yield ""
    yield f"- incidents: {counts['total']}, of which {counts['resolved']} resolved and {counts['active']} open"
    yield f"- mean time to acknowledge: {mean(counts['mean_time_to_acknowledge'])}"
    yield f"- mean time to resolve: {mean(counts['mean_time_to_resolve'])}"


def _uptimes(services: Sequence[View]) -> list[str]:
    rows = [(plain(one["name"]), share(one["uptime"]), _down(one)) for one in services]
    return _table(("service", "uptime", "down"), rows)


def _down(service: View) -> str:
    """What nobody looked at was not seen to be well either."""
    seconds = service["downtime"]
    if service["uptime"] is None or seconds is None:
        return ""
    return spell_duration(seconds) if seconds else "never"


def _incidents(incidents: Sequence[View], zone: tzinfo) -> list[str]:
    columns = ("began", "lasted", "severity", "service", "what", "acknowledged by", "resolved by")
    return _table(columns, [_incident(one, zone) for one in incidents])


def _incident(one: View, zone: tzinfo) -> Sequence[str]:
    return (
        clock(one["started_at"], zone),
        spell_duration(one["duration"]) + ("" if one["resolved_at"] else ", still open"),
        one["severity"],
        plain(one["name"]),
        plain(one["title"]),
        plain(one["acknowledged_by"]),
        plain(_ENDED.get(one["resolved_by"], one["resolved_by"])),
    )


_ENDED = {"engine": "recovered", "vendor": "recovered, says the vendor"}
"""What it means that nobody resolved an incident by hand."""


def _longest(data: View, zone: tzinfo) -> list[str]:
    known = {one["id"]: one for one in data["incidents"]}
    return [
        f"{n}. {spell_duration(one['duration'])}: {plain(one['name'])}, {plain(one['title'])}"
        f" ({one['id']}, {clock(one['started_at'], zone)})"
        for n, one in enumerate((known[name] for name in data["longest"]), 1)
    ]


def _restless(flapping: Sequence[View]) -> list[str]:
    return [f"- {plain(one['name'])}: {one['times']} time{'' if one['times'] == 1 else 's'}" for one in flapping]


def _untold(failed: Sequence[View]) -> list[str]:
    rows = [
        (
            plain(one["destination"]),
            one["state"],
            str(one["attempts"]),
            plain(one["title"]),
            plain(one["error"] or ""),
        )
        for one in failed
    ]
    return _table(("destination", "state", "tries", "of", "why"), rows)
