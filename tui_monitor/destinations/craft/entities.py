"""An incident as an entity of Azure Table Storage, and what is to become of the one that stands there already.

The tables of what lasts and of what is over never hold the same incident for long: it is put into the one where it
belongs before it is taken out of the other, so that no crash in between can lose it. What others have put beside our
own columns stays there, and goes along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from typing import Any

from tui_monitor.core.message import Item, Message
from tui_monitor.core.template import fill
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft.document import incident_of

KEYS = frozenset({"id", "name", "group", "kind", "incident"})
"""What a partition may be named by: all that stays the same while an incident lasts."""

LONGEST = 32_000
"""UTF-16 units of a text; 32 K are allowed."""
MOST = 100
"""Entities of one transaction."""
_UNSAFE = re.compile(r"[/\\#?%+'\"]")
_FIRST_YEAR = 1601
_MOMENTS = ("started_at", "acknowledged_at", "resolved_at")


@dataclass(frozen=True, slots=True)
class Move:
    """One incident on its way to where it belongs, with what there is to be said of it."""

    partition: str
    row: str
    revision: int
    is_open: bool
    columns: Mapping[str, Any]

    def entity(self, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """The whole entity: what others keep in it stays, and so does each event that was told before."""
        kept = {name: value for name, value in (before or {}).items() if name not in self.columns}
        told = _timeline((before or {}).get("timeline"), self.columns["timeline"])
        ours = {name: value for name, value in self.columns.items() if value is not None}
        return {**kept, **ours, "timeline": told, "PartitionKey": self.partition, "RowKey": self.row}


def moves_of(message: Message, partition: str) -> list[Move]:
    """What a message asks for; nothing for the banner, which is no incident."""
    return [_move(item, message, partition) for item in message.items]


def _move(item: Item, message: Message, partition: str) -> Move:
    incident, service = item.incident, item.service
    names = {"id": service.id, "name": service.name, "group": service.group, "kind": service.kind}
    key = safe_key(fill(partition, {**names, "incident": incident.id}))
    return Move(key, safe_key(incident.id), incident.revision, incident.is_open, _columns(item, message))


def _columns(item: Item, message: Message) -> dict[str, Any]:
    """Under the names of `incidents --json`, each with the type that it has there; None where there is nothing."""
    ours = incident_of(item, message)
    moments = {name: _moment(getattr(item.incident, name)) for name in _MOMENTS}
    plain = {name: value for name, value in ours.items() if name not in ("timeline", "tags", "timeline_omitted")}
    words = {name: bounded(value) if isinstance(value, str) else value for name, value in plain.items()}
    more = {"tags": bounded(", ".join(ours["tags"])), "vendor_ref": words["vendor_ref"] or "", "test": item.is_test}
    return {**words, **moments, **more, "duration": float(ours["duration"]), "timeline": ours["timeline"]}


def _moment(at: datetime | None) -> datetime | None:
    """A time before the first that the tables know is left out."""
    return at if at is not None and at.year >= _FIRST_YEAR else None


def _timeline(before: Any, new: list[dict[str, Any]]) -> str:
    """Each event once, in order, as JSON; the oldest are left out where not all have room."""
    try:
        known = json.loads(before) if isinstance(before, str) else []
    except (ValueError, RecursionError):
        known = []
    events = {one["n"]: one for one in (*known, *new) if isinstance(one, dict) and type(one.get("n")) is int}
    rows = [json.dumps(events[n], ensure_ascii=False) for n in sorted(events)]
    room = LONGEST - 2
    for n, row in enumerate(reversed(rows)):
        room -= units(row) + 2
        if room < 0:
            return f"[{', '.join(rows[len(rows) - n :])}]"
    return f"[{', '.join(rows)}]"


def units(text: str) -> int:
    """How long a text is where it is counted in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def bounded(text: str, limit: int = LONGEST) -> str:
    """As much of a text as has room, and no half of a character."""
    if units(text) <= limit:
        return text
    return text.encode("utf-16-le", "replace")[: 2 * limit].decode("utf-16-le", "ignore")


def safe_key(text: str) -> str:
    """A key that any table takes, the same for the same text; texts that differ stay apart."""
    kept = _UNSAFE.sub("-", clean(text, 120))
    if kept and kept == text:
        return kept
    mark = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{kept}~{mark}"


# -- what is to be done ---------------------------------------------------------------------------------------------


def revision_of(entity: Mapping[str, Any] | None) -> int:
    """How much an entity knows; less than any of ours where there is none, or it is somebody else's."""
    found = None if entity is None else entity.get("revision")
    return found if type(found) is int else -1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done about one move: is it written, and is either of what stands there now taken away."""

    writes: bool = False
    leaves_here: bool = False
    leaves_there: bool = False


def decide(move: Move, here: Mapping[str, Any] | None, there: Mapping[str, Any] | None) -> Verdict:
    """`here` stands where the incident belongs, `there` in the other table. What is newer is never touched."""
    mine, other = revision_of(here), revision_of(there)
    if other > move.revision:
        return Verdict(leaves_here=here is not None and mine < other)
    return Verdict(writes=mine < move.revision, leaves_there=there is not None)


def is_settled(move: Move, here: Mapping[str, Any] | None, there: Mapping[str, Any] | None) -> bool:
    """Whether the tables say already what this would, or more."""
    return decide(move, here, there) == Verdict()


def batches(moves: Iterable[Move]) -> list[list[Move]]:
    """As many together as one transaction takes: of one partition, on their way to the same table."""
    last = {(one.partition, one.row): one for one in moves}  # an entity may stand in a transaction only once
    ordered = sorted(last.values(), key=lambda one: (one.is_open, one.partition, one.row))
    found = []
    for _, together in groupby(ordered, key=lambda one: (one.is_open, one.partition)):
        every = list(together)
        found += [every[n : n + MOST] for n in range(0, len(every), MOST)]
    return found
