"""What is made of a source, and how it is written: a config to read and to keep, with what is missing beside it.

The writer spells only what our own reader takes back as the same value.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui_monitor.config.imports.source import MARK, Left, Pile
from tui_monitor.config.tree import scalar
from tui_monitor.core.text import clean

Place = tuple[str | int, ...]

WIDE = 110
_NARROW = 86
_PLAIN = re.compile(
    r"[A-Za-z0-9_./<=+(-](?:[^\x00-\x20:#,\[\]{}\"'`|&*!%@\\\x7f-\xa0]|:(?=[^\s,\[\]{}])| (?=[^\s#]))*"
)
_OTHERS = re.compile(
    r"(?i)y|n|yes|no|on|off|[-+]?0[xob]?[0-9a-f_]+|[-+]?[0-9][0-9_]*(?:[:.][0-9_:]+)?(?:e[-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|[0-9_]+)|\.nan|=|<<|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
)
"""What other YAML readers take for something else than a text: editors may be among them."""


@dataclass(slots=True)
class Entry:
    """One service, destination, route or section, with what could not be carried over into it.

    `path` is where it came from in the source; `remarks` say what is different here.
    """

    data: dict[str, Any]
    path: str = ""
    line: int = 0
    left: Pile = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """A config in the making. `differences` are of the program as a whole, `left` belongs to nothing else in it.

    `stand_ins` are what variables may stand for while it is tried: those that must look like an address, say. `what`
    the source is to its program.
    """

    program: str
    file: str
    services: list[Entry] = field(default_factory=list)
    destinations: dict[str, Entry] = field(default_factory=dict)
    routes: list[Entry] = field(default_factory=list)
    maintenance: list[Entry] = field(default_factory=list)
    sections: dict[str, Entry] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    left: Pile = field(default_factory=list)
    stand_ins: dict[str, str] = field(default_factory=dict)
    what: str = "a config"

    def entries(self) -> Iterator[Entry]:
        yield from self.sections.values()
        yield from self.services
        yield from self.destinations.values()
        yield from self.routes
        yield from self.maintenance

    def tree(self) -> dict[str, Any]:
        """The values alone, as they stand in the config."""
        rows = {"services": self.services, "routes": self.routes, "maintenance": self.maintenance}
        return {
            **{name: entry.data for name, entry in self.sections.items()},
            **{name: [entry.data for entry in entries] for name, entries in rows.items()},
            "destinations": {name: entry.data for name, entry in self.destinations.items()},
        }

    def all_left(self) -> list[Left]:
        """Everything that was not carried over, in the order of the source."""
        found = [*self.left, *(left for entry in self.entries() for left in entry.left)]
        return sorted(dict.fromkeys(found), key=lambda left: (left.line, left.path))


class Writer:
    """Lines, and for each of them what it says something of, so that a problem with it can be traced back."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: list[Place] = []

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def put(self, text: str, place: Place = ()) -> None:
        for line in text.split("\n"):
            self.lines.append(line.rstrip() if not line.strip() else line)
            self.places.append(place)

    def comment(self, text: str, indent: int = 0, hang: str = "") -> None:
        start = " " * indent + "# "
        line = clean(MARK.sub(r"${\1}", text), 2000)
        wrapped = textwrap.wrap(
            line, WIDE, initial_indent=start, subsequent_indent=start + hang, break_on_hyphens=False
        )
        for one in wrapped:
            self.put(one)

    # -- values -----------------------------------------------------------------------------------------------------

    def value(self, key: str, value: Any, indent: int, place: Place, start: str = "") -> None:
        """`key: value` in one line where it reads well, else over several. `start` is a dash that goes before it."""
        lead = start or " " * indent
        head = f"{lead}{spell_key(key)}:"
        inline = flow(value)
        if _is_long(value) and (block := _block_text(value, indent + 2)):
            self.put(f"{head} {block}", place)
        elif (
            not isinstance(value, dict | list)
            or not value
            or (_is_small(value) and len(head) + len(inline) < _NARROW)
        ):
            self.put(f"{head} {inline}", place)
        else:
            self.put(head, place)
            self.body(value, indent + 2, place)

    def body(self, value: dict[str, Any] | list[Any], indent: int, place: Place) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                self.value(key, one, indent, (*place, key))
            return
        for n, one in enumerate(value):
            self.item(one, indent, (*place, n))

    def item(self, value: Any, indent: int, place: Place, *, apart: bool = False) -> None:
        """One row of a list; `apart` gives each of its keys a line."""
        dash = " " * indent + "- "
        inline = flow(value)
        if not isinstance(value, dict) or not value or (not apart and _is_small(value) and len(inline) < WIDE):
            self.put(dash + inline, place)
            return
        for n, (key, one) in enumerate(value.items()):
            self.value(key, one, indent + 2, (*place, key), dash if not n else "")


def write(sheet: Sheet) -> Writer:
    """The whole config."""
    writer = Writer()
    _head(writer, sheet)
    for name in ("board", "defaults", "network_guard"):
        _section(writer, sheet, name)
    writer.put("\nservices:", ("services",))
    for n, entry in enumerate(sheet.services):
        _row(writer, entry, ("services", n), spaced=bool(n))
    _destinations(writer, sheet)
    _rows(writer, "maintenance", sheet.maintenance)
    for name in ("messages", "engine"):
        _section(writer, sheet, name)
    if sheet.left:
        writer.put("")
        _missing(writer, sheet.left, 0, "")
    return writer


def _head(writer: Writer, sheet: Sheet) -> None:
    writer.comment(f"Made by tui-monitor from {sheet.file.rpartition('/')[2]}, {sheet.what} of {sheet.program}.")
    if sheet.all_left():
        lines = ", with its line there" if any(left.line for left in sheet.all_left()) else ""
        writer.comment(f"What could not be carried over stands beside what it belongs to{lines}.")
    if sheet.differences:
        writer.put("#")
        writer.comment("What is different here:")
        for one in sheet.differences:
            writer.comment(f"- {one}", hang="  ")


def _section(writer: Writer, sheet: Sheet, name: str) -> None:
    entry = sheet.sections.get(name)
    if entry is None or not (entry.data or entry.left or entry.remarks):
        return
    writer.put("")
    _remarks(writer, entry, 0)
    if entry.data:
        writer.value(name, entry.data, 0, (name,))
    _missing(writer, entry.left, 2 if entry.data else 0, entry.path)


def _destinations(writer: Writer, sheet: Sheet) -> None:
    if not sheet.destinations:
        writer.put("")
        writer.comment("Nobody is told of anything yet: add destinations, and routes that lead to them.")
        return
    writer.put("\ndestinations:", ("destinations",))
    for name, entry in sheet.destinations.items():
        _remarks(writer, entry, 2)
        writer.value(name, entry.data, 2, ("destinations", name))
        _missing(writer, entry.left, 4, entry.path)
    if sheet.routes:
        _rows(writer, "routes", sheet.routes)
    else:
        writer.put("")
        writer.comment("Nobody was told of anything there, so nobody is told here.")
        writer.put("routes: []", ("routes",))


def _rows(writer: Writer, name: str, rows: Sequence[Entry]) -> None:
    if rows:
        writer.put(f"\n{name}:", (name,))
    for n, entry in enumerate(rows):
        _row(writer, entry, (name, n), spaced=False)


def _row(writer: Writer, entry: Entry, place: Place, *, spaced: bool) -> None:
    if spaced:
        writer.put("")
    _remarks(writer, entry, 2)
    writer.item(entry.data, 2, place, apart=place[0] == "services")
    _missing(writer, entry.left, 4, entry.path)


def _remarks(writer: Writer, entry: Entry, indent: int) -> None:
    for one in dict.fromkeys(entry.remarks):
        writer.comment(one, indent)


def _missing(writer: Writer, left: Pile, indent: int, path: str) -> None:
    """What was not carried over, by its reason."""
    reasons: dict[str, list[Left]] = {}
    for one in sorted(dict.fromkeys(left), key=lambda one: one.line):
        reasons.setdefault(one.reason, []).append(one)
    if reasons:
        writer.comment("Not carried over:", indent)
    for reason, some in reasons.items():
        what = ", ".join(_named(one, path) for one in some)
        writer.comment(f"- {what}: {reason}", indent, "  ")


def _named(left: Left, path: str) -> str:
    name = left.path.removeprefix(path).lstrip(".") or left.path
    said = f": {left.said}" if left.said and name else ""
    where = f"line {left.line}" if left.line else ""
    return f"{name}{said}{f' ({where})' if where else ''}" if name else where or "here"


# -- how a value is spelt -------------------------------------------------------------------------------------------


def _is_single(value: Any) -> bool:
    return not isinstance(value, dict | list) or not value


def _is_small(value: Any) -> bool:
    """A mapping or list of single values, or of lists of these: it reads well in one line."""
    held = list(value.values()) if isinstance(value, dict) else value
    if any(map(_holds_lines, held)) or (isinstance(value, list) and not _is_flat(value)):
        return False
    lists = [one for one in held if isinstance(one, dict | list)]
    return len(held) <= 8 and all(_is_flat(one) and len(one) <= 6 for one in lists) and len(lists) <= 1


def _is_flat(value: Any) -> bool:
    held = value.values() if isinstance(value, dict) else value
    return not any(isinstance(one, dict | list) for one in held)


def flow(value: Any) -> str:
    """Any value in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{spell_key(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return spell(value) if isinstance(value, str) else str(value)


def spell_key(key: str) -> str:
    return spell(key)


def spell(text: str) -> str:
    """A text as our reader takes it back: bare where nobody can mistake it, else quoted. Marks become variables."""
    written = with_variables(text)
    if _is_bare(written) and not MARK.search(text):
        return written
    if all(char.isprintable() for char in written) and ("\\" in written or '"' in written):
        return "'" + written.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, json.dumps(written, ensure_ascii=False)[1:-1])) + '"'


def with_variables(text: str) -> str:
    """`${` means the characters there, and a variable here, so it is doubled; marks are variables."""
    return MARK.sub(r"${\1}", text.replace("${", "$${"))


def _is_bare(text: str) -> bool:
    return (
        bool(_PLAIN.fullmatch(text))
        and text.isprintable()
        and not text.endswith(":")
        and not text.startswith(("- ", "---", "..."))
        and text != "-"
        and type(scalar(text)) is str
        and not _OTHERS.fullmatch(text)
    )


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value.strip("\n")


def _holds_lines(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_holds_lines, value.values() if isinstance(value, dict) else value))
    return _is_long(value)


def _block_text(text: str, indent: int) -> str:
    """A text of several lines as it stands; empty where YAML would not give back the very same."""
    written = with_variables(text)
    lines = written.split("\n")
    fits = all(line.isprintable() and line.rstrip() == line for line in lines)
    ends = written.endswith("\n") and not written.endswith("\n\n")
    if not fits or not lines[0] or lines[0][0] in " \t" or (not ends and written.endswith("\n")):
        return ""
    body = "\n".join(" " * indent + line if line else "" for line in (lines[:-1] if ends else lines))
    return f"|\n{body}" if ends else f"|-\n{body}"
