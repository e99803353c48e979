"""How data looks to a person: tables that lose their least columns first when the terminal is narrow."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from rich.table import Table
from rich.text import Text

from tui_monitor.cli.paper import paper, words
from tui_monitor.cli.words import clock, share
from tui_monitor.core.glyphs import SIGNS
from tui_monitor.core.text import spell_duration

View = Mapping[str, Any]

COLOURS = {
    "operational": "green",
    "maintenance": "blue",
    "degraded": "yellow",
    "partial": "dark_orange",
    "major": "bold red",
    "unknown": "magenta",
}

WORST_FIRST = ("major", "partial", "degraded", "unknown", "maintenance", "operational")


@dataclass(frozen=True, slots=True)
class Column:
    """`keep` says how narrow the terminal may get before the column goes."""

    name: str
    of: Callable[[View], Text]
    keep: int = 0
    fold: bool = False


def table(columns: Sequence[Column], rows: Iterable[View]) -> Table:
    width = paper().width
    shown = [column for column in columns if column.keep <= width]
    made = Table(box=None, pad_edge=False, header_style="dim", collapse_padding=True)
    for column in shown:
        made.add_column(column.name, overflow="fold", no_wrap=not column.fold)
    for row in rows:
        made.add_row(*(column.of(row) for column in shown))
    return made


def status_of(row: View, key: str = "status") -> Text:
    known = row[key] if row[key] in SIGNS else "unknown"
    sign, plain = SIGNS[known]
    sign = sign if (sys.stdout.encoding or "").lower().replace("-", "") == "utf8" else plain
    return words(f"{sign} {row[key]}", COLOURS[known])


def status_now(row: View) -> Text:
    return status_of(row).append("".join(f", {mark}" for mark in marks(row)))


def state_of(row: View) -> Text:
    return words(f"{row['state']}{_besides(row)}")


def _besides(incident: View) -> str:
    return (", flapping" if incident["flapping"] else "") + (", rehearsal" if incident.get("rehearsal") else "")


def marks(row: View) -> list[str]:
    """Said where no terminal is too narrow for it: of what people are not told, the board is where they see it."""
    found = {
        "flapping": row["flapping"],
        "simulated": row.get("simulated"),
        "suppressed": row.get("suppressed_by"),
        "silenced": row.get("silenced"),
        "in maintenance": row.get("maintenance") and row["status"] != "maintenance",
    }
    return [mark for mark, holds in found.items() if holds]


def field(key: str) -> Callable[[View], Text]:
    return lambda row: words("" if row.get(key) is None else row[key])


def lasting(key: str, now: datetime) -> Callable[[View], Text]:
    """How long ago a moment was."""
    return lambda row: words(spell_duration(age(row[key], now)) if row.get(key) else "")


def age(moment: str, now: datetime) -> float:
    return max(0.0, _since(moment, now))


def _since(moment: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(moment)).total_seconds()


def seconds(key: str) -> Callable[[View], Text]:
    return lambda row: words("" if row.get(key) is None else spell_duration(row[key]))


def services(snapshot: View, now: datetime) -> Table:
    ranked = sorted(snapshot["services"], key=lambda one: (WORST_FIRST.index(one["status"]), one["name"].lower()))
    return table(
        [
            Column("STATUS", status_now, fold=True),
            Column("SERVICE", field("name"), fold=True),
            Column("FOR", lasting("since", now), keep=50),
            Column("LATENCY", seconds("latency"), keep=100),
            Column("24H", lambda row: words(_uptime(row)), keep=90),
            Column("INCIDENT", field("incident"), keep=60),
            Column("MESSAGE", lambda row: _message(row, now), keep=40, fold=True),
        ],
        ranked,
    )


def _uptime(row: View) -> str:
    value = row["uptime"].get("24h")
    return "" if value is None else share(value)


def _message(row: View, now: datetime) -> Text:
    pending = f"failing {row['failing']}: " if row.get("failing") else ""
    closed = "closed by hand while this lasts: " if row.get("forgiven") else ""
    quiet = f" ({row['quiet']})" if row.get("quiet") and row["status"] != "operational" else ""
    said = "; ".join(filter(None, (row["message"], _last_read(row, now))))
    return words(closed + pending + said + quiet)


def _last_read(row: View, now: datetime) -> str:
    """How old what is known is, of what cannot be read now; a vendor's incident stands meanwhile."""
    is_told = row["status"] == "unknown" or row.get("vendor")
    if not is_told or not row.get("read_at") or row["read_at"] == row["checked_at"]:
        return ""
    return f"last read {spell_duration(max(0.0, _since(row['read_at'], now)))} ago"


def heading(snapshot: View, zone: tzinfo) -> list[Text]:
    """What colours everything below it, where there is such a thing, and how many are well."""
    found = []
    if snapshot.get("test_mode"):
        found.append("TEST MODE")
    if snapshot.get("cut_off"):
        found.append(f"CUT OFF from the network since {clock(snapshot['cut_off'], zone)}")
    return [words(", ".join(found), "bold yellow"), counts(snapshot)] if found else [counts(snapshot)]


def counts(snapshot: View) -> Text:
    """`3 operational, 1 major`, the worst first."""
    found = Text()
    for status in WORST_FIRST:
        if number := snapshot["counts"].get(status):
            found.append(", " if found else "")
            found.append(f"{number} {status}", COLOURS[status])
    return found or Text("no services")


def incidents(rows: Sequence[View], zone: tzinfo) -> Table:
    return table(
        [
            Column("ID", field("id")),
            Column("STATE", state_of),
            Column("SEVERITY", lambda row: status_of(row, "severity"), keep=50),
            Column("SERVICE", _called, fold=True),
            Column("STARTED", lambda row: words(clock(row["started_at"], zone)), keep=90),
            Column("LASTED", seconds("duration"), keep=60),
            Column("BY", field("by"), keep=100),
            Column("TITLE", field("title"), keep=40, fold=True),
        ],
        rows,
    )


def _called(incident: View) -> Text:
    """The service as people call it; an engine of an earlier release gives only its id."""
    return words(incident.get("name") or incident["service"])


def incident(view: View, zone: tzinfo) -> list[Text | Table]:
    """One incident, whole: what it is, what happened, who was told, and who is not."""
    facts = Table(box=None, pad_edge=False, show_header=False)
    for name, value in _facts(view, zone):
        facts.add_row(words(name, "dim"), value)
    parts: list[Text | Table] = [facts]
    if view.get("suspects"):
        parts += [Text(), Text("What the vendors say that it stands on", "bold"), suspects(view["suspects"])]
    if view.get("concerns"):
        parts += [Text(), Text("What of ours fails meanwhile", "bold"), concerns(view["concerns"])]
    if view.get("updates"):
        parts += [Text(), Text("What the vendor has written", "bold"), updates(view["updates"], zone)]
    parts += [Text(), Text("What happened", "bold"), timeline(view["timeline"], zone)]
    if view["told"]:
        parts += [Text(), Text("Who was told", "bold"), told(view["told"], zone)]
    if unheard := _not_told(view):
        parts += [Text(), Text("Who is not told", "bold"), unheard]
    return parts


def _not_told(view: View) -> Table | None:
    """The others, and what keeps it from them: nobody should have to wonder why it stayed quiet."""
    heard = {row["destination"] for row in view["told"]}
    rows = [one for one in view.get("why", ()) if not one["told"] and one["destination"] not in heard]
    columns = [Column("DESTINATION", field("destination")), Column("WHY", field("reason"), fold=True)]
    return table(columns, rows) if rows else None


def _facts(view: View, zone: tzinfo) -> Iterable[tuple[str, Text]]:
    yield "incident", words(view["id"])
    yield "service", _called(view)
    yield "title", words(view["title"])
    yield "status", status_of(view)
    yield "severity", status_of(view, "severity")
    by = f" by {view['by']}" if view["by"] and view["state"] == "acknowledged" else ""
    yield "state", words(f"{view['state']}{by}{_besides(view)}")
    if view.get("quiet"):
        yield "quiet", words(view["quiet"])
    yield "started", words(clock(view["started_at"], zone))
    if view["acknowledged_at"]:
        yield "acknowledged", words(clock(view["acknowledged_at"], zone))
    if view["resolved_at"]:
        yield "resolved", words(f"{clock(view['resolved_at'], zone)} by {view['resolved_by']}")
    yield "lasted", words(spell_duration(view["duration"]))
    if view.get("vendor_ref"):
        yield "at the vendor", words(view["vendor_ref"])
    if view.get("words"):
        yield "in its words", words(view["words"])
    if view.get("components"):
        yield "concerns", words(", ".join(view["components"]))
    if view.get("url"):
        yield "link", words(view["url"])


def updates(rows: Sequence[View], zone: tzinfo) -> Table:
    return table(
        [
            Column("AT", lambda row: words(clock(row["at"], zone) if row["at"] else "")),
            Column("STATE", field("state"), keep=60),
            Column("TEXT", field("text"), fold=True),
        ],
        rows,
    )


def timeline(events: Sequence[View], zone: tzinfo) -> Table:
    return table(
        [
            Column("AT", lambda row: words(clock(row["at"], zone))),
            Column("WHAT", field("kind")),
            Column("BY", field("by"), keep=60),
            Column("TEXT", field("text"), fold=True),
        ],
        events,
    )


def suspects(rows: Sequence[View]) -> Table:
    """Those of which something is wrong are suspects; the others only say how they are."""
    return table(
        [
            Column("STATUS", status_of),
            Column("VENDOR", field("name"), fold=True),
            Column("INCIDENT", field("incident")),
            Column("WHAT IT SAYS", _what_it_says, keep=50, fold=True),
            Column("LINK", field("url"), keep=90, fold=True),
        ],
        rows,
    )


def _what_it_says(row: View) -> Text:
    if row["incident"] or row["title"]:
        return words(row["title"])
    return words(_WITHOUT_WORDS.get(row["status"], ""))


_WITHOUT_WORDS = {
    "operational": "its own page says that all is well",
    "maintenance": "its own page speaks of maintenance",
    "unknown": "its page cannot be read",
}


def concerns(rows: Sequence[View]) -> Table:
    return table([Column("SERVICE", field("name"), fold=True), Column("INCIDENT", field("incident"))], rows)


def deliveries(rows: Sequence[View], zone: tzinfo) -> Table:
    return table(
        [
            Column("ID", field("id")),
            Column("DESTINATION", field("destination")),
            Column("STATE", field("state")),
            Column("INCIDENT", field("subject"), keep=60),
            Column("TRIES", field("attempts"), keep=70),
            Column("WHEN", _when(zone), keep=90),
            Column("WHY", lambda row: words(row["error"] or row["reason"]), keep=50, fold=True),
        ],
        rows,
    )


def told(rows: Sequence[View], zone: tzinfo) -> Table:
    """The told list of an incident: how far each destination is, where to see it there, and what it refused last."""
    return table(
        [
            Column("ID", field("id"), keep=100),
            Column("DESTINATION", field("destination")),
            Column("STATE", field("state")),
            Column("TOLD", field("said"), keep=110),
            Column("TRIES", field("attempts"), keep=60),
            Column("WHEN", _when(zone), keep=90),
            Column("LINK", lambda row: words(row["url"] or row["ref"]), keep=70, fold=True),
            Column("WHY", lambda row: words(row["error"] or row["reason"]), keep=50, fold=True),
        ],
        rows,
    )


def _when(zone: tzinfo) -> Callable[[View], Text]:
    """When it was told, or is tried next; of what nobody tries any more, since when it is owed."""

    def when(row: View) -> Text:
        is_done = row["state"] in ("told", "dropped")
        return words(clock(row["told_at"] if is_done else row["due_at"] or row["since"], zone))

    return when


def readings(rows: Sequence[View]) -> Table:
    ranked = sorted(rows, key=lambda one: (WORST_FIRST.index(one["status"]), one["name"].lower()))
    return table(
        [
            Column("STATUS", status_of),
            Column("SERVICE", field("name"), fold=True),
            Column("LATENCY", seconds("latency"), keep=60),
            Column("MESSAGE", field("message"), keep=40, fold=True),
        ],
        ranked,
    )


def silences(rows: Sequence[View], now: datetime, zone: tzinfo) -> Table:
    return table(
        [
            Column("ID", field("id")),
            Column("TARGET", field("target"), fold=True),
            Column("SERVICES", _how_many, keep=80),
            Column("ENDS IN", until("until", now)),
            Column("UNTIL", lambda row: words(clock(row["until"], zone)), keep=100),
            Column("BY", field("by"), keep=60),
            Column("WHY", field("reason"), keep=50, fold=True),
        ],
        rows,
    )


def windows(rows: Sequence[View], now: datetime, zone: tzinfo) -> Table:
    """Of planned work, what is running first and then by what begins next."""
    return table(
        [
            Column("ID", field("id")),
            Column("STATE", _running, keep=40),
            Column("TARGET", field("target"), fold=True),
            Column("FROM", lambda row: words(clock(row["since"], zone)), keep=50),
            Column("LASTS", _length),
            Column("UNTIL", lambda row: words(clock(row["until"], zone)), keep=120),
            Column("BY", _planned_by, keep=100),
            Column("WHY", field("reason"), keep=70, fold=True),
        ],
        sorted(rows, key=lambda row: (not row["active"], row["since"] is None, row["since"])),
    )


def simulations(rows: Sequence[View], now: datetime, zone: tzinfo) -> Table:
    return table(
        [
            Column("SERVICE", field("service"), fold=True),
            Column("SHOWN AS", status_of),
            Column("ENDS IN", until("until", now)),
            Column("BY", field("by"), keep=60),
        ],
        rows,
    )


def until(key: str, now: datetime) -> Callable[[View], Text]:
    """How long until a moment; what has passed while no engine looked is over."""
    return lambda row: words(spell_duration(left) if (left := -_since(row[key], now)) > 0 else "over")


def preview(rows: Sequence[View]) -> Table:
    """Who would be told what of an update, those first who would."""
    return table(
        [
            Column("DESTINATION", field("destination")),
            Column("TOLD", lambda row: words("yes" if row["told"] else "no", "" if row["told"] else "dim")),
            Column("WHY", field("reason"), keep=60, fold=True),
            Column("TEXT", field("text"), fold=True),
        ],
        sorted(rows, key=lambda row: not row["told"]),
    )


def stands(rows: Sequence[View], zone: tzinfo) -> Table:
    """The banner, place by place."""
    return table(
        [
            Column("DESTINATION", field("destination")),
            Column("STATE", field("state")),
            Column("SEVERITY", field("severity")),
            Column("TEXT", field("text"), fold=True),
            Column("BY", field("by"), keep=60),
            Column("SINCE", lambda row: words(clock(row["at"], zone)), keep=80),
            Column("LINK", lambda row: words(row["url"] or row["ref"]), keep=110, fold=True),
            Column("WHY", field("error"), keep=60, fold=True),
        ],
        rows,
    )


def _how_many(row: View) -> Text:
    return words(len(row["services"]))


def _running(row: View) -> Text:
    """What has no next time is over for good, and stands there only because the config still names it."""
    if row["active"]:
        return words("running", "blue")
    return words("over", "dim") if row["since"] is None else words("coming")


def _length(row: View) -> Text:
    """Nothing for a window of the config that never comes again."""
    if row["since"] is None:
        return words("")
    return words(spell_duration(_since(row["since"], datetime.fromisoformat(row["until"]))))


def _planned_by(row: View) -> Text:
    """The config with the times that it repeats at, or whoever asked for it."""
    return words(f"config, {row['cron']}" if row["cron"] else row["by"] or row["source"])


def findings(rows: Sequence[View]) -> Table:
    return table(
        [
            Column("", lambda row: words(row["verdict"], _VERDICTS[row["verdict"]])),
            Column("WHAT", field("about"), keep=40),
            Column("HOW IT IS", field("text"), fold=True),
        ],
        rows,
    )


_VERDICTS = {"fine": "green", "note": "yellow", "mend": "bold red"}

LISTS = {"silences": silences, "maintenance": windows, "simulations": simulations}
"""What draws the lists of the board, by their keys."""
