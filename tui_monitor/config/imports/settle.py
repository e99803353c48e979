"""A sheet held to our own reader until it takes it: what it refuses is taken out again, and told with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tui_monitor.config.imports.sheet import Entry, Place, Sheet, Writer, write
from tui_monitor.config.imports.source import MARK, Left
from tui_monitor.config.reader import read
from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.core.text import clean

ROUNDS = 6
USUAL = "200"
"""What a variable that is not set stands for while a config is tried: a length, a port and a status alike."""

_LISTS = ("services", "routes", "maintenance")
_ROWS = (*_LISTS, "destinations")


def settled(sheet: Sheet, environ: Mapping[str, str], folder: Path) -> str:
    """The text of a config that our reader takes. ConfigError where there is nothing left to look at."""
    for attempt in range(ROUNDS):
        if not sheet.services:
            raise ConfigError(_nothing_left(sheet))
        written = write(sheet)
        try:
            read(written.text, "", environ_for(written.text, sheet, environ), folder)
        except ConfigError as error:
            last = error
            _take_out(sheet, written, error.problems, whole=attempt > 0)
        else:
            return written.text
    raise ConfigError(
        [Problem(f"what was made of it is refused: {one.text}", file=sheet.file) for one in last.problems]
    )


def environ_for(text: str, sheet: Sheet, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, with something for each variable of a text that is not set, and for each place of a secret."""
    names = re.findall(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\}", text)
    return {**dict.fromkeys(names, USUAL), **sheet.stand_ins, **environ}


def _nothing_left(sheet: Sheet) -> list[Problem]:
    what = "there is nothing in it that could be looked at here"
    return [
        Problem(what, file=sheet.file),
        *(Problem(str(left), "", left.line or None, None, sheet.file) for left in sheet.all_left()),
    ]


def _take_out(sheet: Sheet, written: Writer, problems: Iterable[Problem], *, whole: bool) -> None:
    """What is refused, and no more than that; where that did not help, all that it belongs to."""
    refused: dict[tuple[Place, Place], str] = {}
    for problem in problems:
        line = min(max(problem.line or 1, 1), len(written.places))
        place = _place_of(problem.path, sheet.tree()) or written.places[line - 1]
        entry = _entry_at(sheet, place) if place else None
        if entry is not None:
            head = place[:1] if place[0] in sheet.sections else place[:2]
            refused.setdefault((head, () if whole else _dispensable(place, entry)), problem.text)
    gone = {head for head, inner in refused if not inner}
    for (head, inner), reason in sorted(refused.items(), key=_last_first):
        entry = _entry_at(sheet, head)
        if entry is None or (inner and head in gone):
            continue
        if inner and _drop(entry.data, inner):
            said = f"{'.'.join(map(str, inner))}: {reason}"
            entry.left.append(Left(entry.line, entry.path, "", f"our config does not take it: {said}"))
        else:
            _drop_entry(sheet, head, entry, reason)


_SPARE = ("client_certificate", "days", "expect", "headers", "latency", "redirects")
"""Options of a check without which it still looks at the same thing."""


def _dispensable(place: Place, entry: Entry) -> Place:
    """What can be taken out of an entry that means the same without it, only less; nothing where it would not."""
    if place[0] == "services":
        inner = place[2:]
        is_option = len(inner) == 1 and inner[0] != "name" and not isinstance(entry.data.get(str(inner[0])), dict)
        if is_option or inner[:1] in (("messages",), ("publish",)):
            return inner[:2]
        if len(inner) > 1 and inner[1] in _SPARE:
            return inner[: 3 if inner[1] in ("expect", "headers") else 2]
        return ()
    return place[1:2] if place[0] != "network_guard" and isinstance(place[-1], str) and place[0] not in _ROWS else ()


def _place_of(path: str, data: Any) -> Place:
    """The deepest place that the reader's spelling of a path leads to."""
    found: list[str | int] = []
    while path:
        step = next((key for key in _steps(data) if _is_next(path, key)), None)
        if step is None:
            break
        path = path[len(_spelt(step)) :].removeprefix(".")
        data = data[step]
        found.append(step)
    return tuple(found)


def _steps(data: Any) -> list[str | int]:
    """The longest first, so that a key with a dot in it is not taken for another."""
    if isinstance(data, list):
        return list(range(len(data)))
    return sorted(data, key=lambda key: -len(str(key))) if isinstance(data, dict) else []


def _spelt(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else clean(step, 60)


def _is_next(path: str, step: str | int) -> bool:
    spelt = _spelt(step)
    return bool(spelt) and path.startswith(spelt) and (path[len(spelt) :] or ".")[0] in ".["


def _last_first(item: tuple[tuple[Place, Place], str]) -> list[tuple[int, str]]:
    """Of a list, the later ones go first, so that the numbers of the others stay true."""
    head, inner = item[0]
    return [(-step, "") if isinstance(step, int) else (0, step) for step in (*head, *inner)]


def _entry_at(sheet: Sheet, place: Place) -> Entry | None:
    name = str(place[0])
    if name in sheet.sections:
        return sheet.sections[name]
    if len(place) < 2:
        return None
    if name == "destinations":
        return sheet.destinations.get(str(place[1]))
    rows: list[Entry] = getattr(sheet, name) if name in _LISTS else []
    n = place[1]
    return rows[n] if isinstance(n, int) and n < len(rows) else None


def _drop(data: Any, inner: Place) -> bool:
    for step in inner[:-1]:
        data = data[step] if _has(data, step) else None
    if not _has(data, inner[-1]):
        return False
    del data[inner[-1]]
    return True


def _has(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and 0 <= step < len(data)
    return isinstance(data, dict) and step in data


def _drop_entry(sheet: Sheet, place: Place, entry: Entry, reason: str) -> None:
    """The entry and whatever leads to it; what was told beside it is told at the end."""
    sheet.left.extend(entry.left)
    called = str(entry.data.get("name", ""))
    sheet.left.append(Left(entry.line, entry.path, called, f"left out, for our config does not take it: {reason}"))
    name = str(place[0])
    if name in sheet.sections:
        del sheet.sections[name]
    elif name == "destinations":
        del sheet.destinations[str(place[1])]
        _forget(sheet.routes, ("to",), str(place[1]))
    else:
        rows: list[Entry] = getattr(sheet, name)
        rows.remove(entry)
        if name == "services":
            _forget(sheet.routes, ("when", "services"), called)
            _forget(sheet.maintenance, ("services",), called)
            _forget_recorded(sheet, called)


def _forget(rows: list[Entry], where: tuple[str, ...], name: str) -> None:
    """A name in lists of names; a row that would then mean everything, or nothing, goes too."""
    for row in list(rows):
        holder: Any = row.data
        for step in where[:-1]:
            holder = holder.get(step, {})
        names = holder.get(where[-1])
        if names and name in names:
            holder[where[-1]] = [one for one in names if one != name]
            if not holder[where[-1]]:
                rows.remove(row)


def _forget_recorded(sheet: Sheet, name: str) -> None:
    """A destination that would then record everything goes, too."""
    kept = list(sheet.destinations.values())
    _forget(kept, ("sql", "services"), name)
    for key, entry in list(sheet.destinations.items()):
        if not any(entry is one for one in kept):
            sheet.left.extend(entry.left)
            del sheet.destinations[key]


def needed(text: str, sheet: Sheet, environ: Mapping[str, str]) -> list[str]:
    """The variables of a config that are not set yet, also those that are only the first place of a secret."""
    names = re.findall(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\}", text)
    names += [name for name in sheet.stand_ins if f"env: {name}" in text]
    return [name for name in dict.fromkeys(names) if name not in environ]


def secretive(sheet: Sheet) -> bool:
    """Whether the config holds what others must not read: addresses that are keys, passwords, headers, bodies."""
    if any(not {"log", "json_files"} & entry.data.keys() for entry in sheet.destinations.values()):
        return True
    checks = [one for entry in sheet.services for one in entry.data.values() if isinstance(one, dict)]
    return any(_is_telling(check) for check in checks)


def _is_telling(check: Mapping[str, Any]) -> bool:
    if {"headers", "auth", "body", "send", "password"} & check.keys():
        return True
    return "?" in MARK.sub("", str(check.get("url", "")))
