"""What must hold of a world that has been lived through, as sentences of what does not."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.crash.life import Corpse
from tests.crash.world import Lived
from tui_monitor.core.ports import LOUD

Row = Mapping[str, Any]
LOUD_WORDS = frozenset(kind.value for kind in LOUD)
LAST_WORDS = ("resolved", "over")


def faults(lived: Lived) -> list[str]:
    """Every promise that was broken; empty for a world in order."""
    last = lived.corpses[-1]
    found = [
        *_of_the_store(lived),
        *_of_incidents(last),
        *_of_what_was_promised(lived, last),
        *_of_deliveries(last),
        *_of_the_recorder(lived, last),
        *_of_repeats(lived),
        *_of_files(lived, last),
        *_of_keys(lived),
    ]
    return [fault[:400] for fault in found[:20]]


def _of_the_store(lived: Lived) -> Iterator[str]:
    for number, corpse in enumerate(lived.corpses, 1):
        if corpse.integrity != "ok":
            yield f"after life {number} the store is not whole: {corpse.integrity}"
    if lived.codes[-1] != 0:
        yield f"the last engine ended with {lived.codes[-1]}"
    kept = {(one["id"], one["started_at"], one["revision"]) for one in lived.corpses[-1].incidents.values()}
    listed = [(one["id"], one["started_at"], len(one["timeline"])) for one in lived.listed]
    if sorted(listed) != sorted(kept):
        yield f"the command line lists {listed}"
    if lived.refused:
        yield f"the recorder refused: {lived.refused}"


# -- incidents ------------------------------------------------------------------------------------------------------


def _of_incidents(last: Corpse) -> Iterator[str]:
    by_service: defaultdict[str, list[Row]] = defaultdict(list)
    for one in last.incidents.values():
        by_service[one["service"]].append(one)
        numbers = [event["n"] for event in last.timeline(one["id"])]
        if numbers != list(range(1, one["revision"] + 1)):
            yield f"{one['id']} at revision {one['revision']} has the events {numbers}"
        if one["state"] != "resolved":
            yield f"{one['id']} is still {one['state']}, though all is well"
        kinds = Counter(event["kind"] for event in last.timeline(one["id"]))
        if kinds["opened"] != 1 or kinds["resolved"] != 1:
            yield f"{one['id']} did not open and end once: {dict(kinds)}"
    for service, found in by_service.items():
        found.sort(key=lambda one: datetime.fromisoformat(one["started_at"]))
        for one, following in pairwise(found):
            if not _is_in_order(one["started_at"], one["resolved_at"], following["started_at"]):
                yield f"{one['id']} and {following['id']} of {service} overlap"
    board = [event["n"] for event in last.timeline("board")]
    if board != list(range(1, len(board) + 1)):
        yield f"the board's events have gaps: {board}"


def _is_in_order(*moments: str | None) -> bool:
    read = [datetime.fromisoformat(one) for one in moments if one is not None]
    return len(read) == len(moments) and read == sorted(read)


def _of_what_was_promised(lived: Lived, last: Corpse) -> Iterator[str]:
    person = lived.person
    if person is None:
        return
    texts = Counter(event["text"] for event in last.events)
    for name, target, text in person.promised:
        kind = {"ack": "acknowledged", "note": "noted"}[name]
        found = [event["kind"] for event in last.timeline(target) if event["text"] == text]
        if found != [kind]:
            yield f"{name} {target} {text!r} was promised, and became {found}"
    yield from (f"{text!r} came {texts[text]} times" for text in person.unsure if texts[text] > 1)
    yield from (f"{text!r} was refused and yet is there" for text in person.refused if texts[text])
    seen = dict(person.seen)
    for corpse in lived.corpses:
        seen.update({one["id"]: (one["service"], one["started_at"]) for one in corpse.incidents.values()})
    for one in (one for message in documents(lived) for one in message["incidents"]):
        seen[one["id"]] = (one["service"], one["started_at"])
    for name, (service, started_at) in seen.items():
        kept = last.incidents.get(name)
        if kept is None or (kept["service"], kept["started_at"]) != (service, started_at):
            yield f"{name} of {service} since {started_at} was seen, and became {kept}"


# -- what was told --------------------------------------------------------------------------------------------------


def documents(lived: Lived) -> list[dict[str, Any]]:
    return [{**one.json, "answered": one.answered} for one in lived.heard]


def _of_deliveries(last: Corpse) -> Iterator[str]:
    rows = {(row["destination"], row["subject"]): row for row in last.told}
    for name, one in last.incidents.items():
        for destination in ("hook", "files"):
            row = rows.get((destination, name))
            if row is None:
                yield f"{destination} was never owed {name}"
            elif row["state"] != "told" or row["said"] not in LAST_WORDS or row["told"] < one["revision"]:
                standing = {key: row[key] for key in ("state", "said", "told", "owed")}
                yield f"{destination} was not told the end of {name} at {one['revision']}: {standing}"


def _of_the_recorder(lived: Lived, last: Corpse) -> Iterator[str]:
    """Each change was heard at least once, in order, and the last word was the end."""
    told: defaultdict[str, list[tuple[str, Row]]] = defaultdict(list)
    for message in documents(lived):
        for one in message["incidents"]:
            told[one["id"]].append((message["news"], one))
    for name in last.incidents:
        loud = {event["n"] for event in last.timeline(name) if event["kind"] in LOUD_WORDS}
        heard = {event["n"] for _, one in told[name] for event in one["timeline"]}
        if loud != heard:
            yield f"of {name} the changes {sorted(loud)} were to be heard, and {sorted(heard)} were"
        revisions = [one["revision"] for _, one in told[name]]
        if revisions != sorted(revisions):
            yield f"{name} was told backwards: {revisions}"
        if not told[name] or told[name][-1][0] not in LAST_WORDS:
            yield f"the last word of {name} was {told[name][-1:]}"


def _of_repeats(lived: Lived) -> Iterator[str]:
    """A change is heard again only where an end of a life, or a dropped line, left its first telling in doubt."""
    heard: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    doubts: Counter[tuple[str, int]] = Counter()
    for message in documents(lived):
        for one in message["incidents"]:
            for event in one["timeline"]:
                heard[one["id"], event["n"]].append(message["key"])
                doubts[one["id"], event["n"]] += message["answered"] != 200
    for corpse in lived.corpses:
        for row in corpse.sending("hook"):
            doubts.update((row["subject"], n) for n in range(row["told"] + 1, row["claimed"] + 1))
    for change, keys in heard.items():
        if len(keys) > 1 + doubts[change]:
            yield f"{change} was heard {len(keys)} times, with {doubts[change]} tellings in doubt: {keys}"


def _of_keys(lived: Lived) -> Iterator[str]:
    """Tellings that came again under another key, so that nobody can know them for the same; a refusal settles it."""
    keys: defaultdict[tuple[str, str, int], set[str]] = defaultdict(set)
    for message in documents(lived):
        for one in message["incidents"] if message["answered"] != 503 else ():
            if message["news"] != "reminder":
                keys[one["id"], message["news"], one["revision"]].add(message["key"])
    yield from (f"{one} came under the keys {sorted(found)}" for one, found in keys.items() if len(found) > 1)


# -- files ----------------------------------------------------------------------------------------------------------


def _of_files(lived: Lived, last: Corpse) -> Iterator[str]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in lived.files.iterdir() if lived.files.is_dir() else ():
        if path.suffix == ".json":
            content = json.loads(path.read_text())
            found[content["incident"]].append(content)
        else:
            yield f"{path.name} was left behind"
    for name in found.keys() | last.incidents.keys():
        files, one = found[name], last.incidents.get(name)
        if len(files) != 1 or one is None:
            yield f"{name} has {len(files)} files and is {'in' if one else 'not in'} the store"
            continue
        file, timeline = files[0], last.timeline(name)
        same = (file["revision"], file["start_time"], file["end_time"]) == (
            one["revision"],
            one["started_at"],
            one["resolved_at"],
        )
        if not same or file["status"] != "resolved":
            yield f"the file of {name} does not agree with the store: {file}"
        written = [(event["n"], event["kind"], event["text"]) for event in file["timeline"]]
        if written != [(event["n"], event["kind"], event["text"]) for event in timeline]:
            yield f"the file of {name} tells {written}"


def unsettled(corpse: Corpse) -> list[Row]:
    """What an engine left behind without knowing whether it was told."""
    return [*corpse.sending("hook"), *corpse.sending("files")]
