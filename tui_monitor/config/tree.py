"""YAML text to a tree that knows its lines. All distrust of the text itself lives here: bounds, duplicates, aliases.

The tree is built from the parser's events rather than by the YAML library's own composer: it is three times quicker,
and depth and size are bounded while reading, before a hostile text has cost anything.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

MAX_BYTES = 8 * 1024 * 1024
MAX_NODES = 1_000_000
MAX_DEPTH = 50

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLS = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))
_TEXT_TAGS = frozenset(("!", "tag:yaml.org,2002:str"))


class Fault(Exception):
    """The text cannot be read on from here."""

    def __init__(self, text: str, line: int, column: int) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


class Node:
    """One value of the text and where it stands; `said` is what was written where variables were replaced."""

    __slots__ = ("column", "line", "plain", "said", "size", "value")

    def __init__(self, value: Any, line: int, column: int, plain: bool = False) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.plain = plain
        self.size = 1
        self.said: str | None = None


class Whole(int):
    """A whole number that remembers how it was written: `007` stays `007` where a text is wanted."""

    spelt: str

    def __str__(self) -> str:
        return self.spelt


class Real(float):
    """A number that remembers how it was written: `1.10` stays `1.10` where a text is wanted."""

    spelt: str

    def __str__(self) -> str:
        return self.spelt


class Word(str):
    """`true` or `false`: a text where a text is wanted, else a boolean."""

    __slots__ = ()

    @property
    def truth(self) -> bool:
        return self.lower() == "true"


class Filled(str):
    """A text that came, wholly or in part, from the environment: its pieces, and whether it was not quoted."""

    __slots__ = ("pieces", "plain")
    pieces: tuple[str, ...]
    plain: bool


def scalar(text: str) -> Any:
    """What an unquoted scalar means. What YAML 1.1 made of `on`, `NO`, `12:30`, `0x1F` and dates stays a text."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return Word(text)
    if text[0] in "+-.0123456789":
        if _INT.fullmatch(text):
            return _spelt(Whole(text), text)
        if len(text) < 40 and _FLOAT.fullmatch(text):
            return _spelt(Real(text), text)
    return text


def _spelt(number: Any, text: str) -> Any:
    number.spelt = text
    return number


def bare(value: Any) -> Any:
    """A value without its spelling, for options that take anything."""
    if isinstance(value, Filled):
        return bare(scalar(str(value))) if value.plain and value else str(value)
    if isinstance(value, Word):
        return value.truth
    if isinstance(value, Whole):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, list):
        return [bare(item) for item in value]
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    return value


def grow(text: str, *, last_counts: bool = False) -> tuple[Node | None, list[tuple[str, Node]]]:
    """The tree of a text (None where it holds nothing), and what is wrong with it that can be read past.

    Of a key that stands twice the first counts, or the last as for the programs of others.
    """
    grower = _Grower(last_counts)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            grower.take(event)
    except yaml.MarkedYAMLError as error:
        raise _told_plainly(error, text) from None
    except yaml.reader.ReaderError as error:
        raise _reader_fault(error, text) from None
    return grower.root, grower.faults


class _Grower:
    """Folds events into nodes."""

    def __init__(self, last_counts: bool = False) -> None:
        self.root: Node | None = None
        self._last_counts = last_counts
        self.faults: list[tuple[str, Node]] = []
        self._open: list[tuple[Node, list[Any], str | None]] = []
        self._anchors: dict[str, Node | None] = {}
        self._documents = 0
        self._total = 0

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._begin(event)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._end()
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise _fault("a second document begins here: a config is one document", event)

    def _scalar(self, event: Any) -> None:
        mark = event.start_mark
        tag = event.tag
        node = Node(event.value, mark.line + 1, mark.column + 1, not event.style and tag is None)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        if tag is not None and tag not in _TEXT_TAGS:
            self.faults.append((f"the tag {_short(tag)} means nothing here: write the value without it", node))
        self._count(1, event)
        self._attach(node)

    def _begin(self, event: Any) -> None:
        mark = event.start_mark
        if len(self._open) >= MAX_DEPTH:
            raise _fault(f"nested deeper than {MAX_DEPTH} levels", event)
        node = Node({} if type(event) is yaml.MappingStartEvent else [], mark.line + 1, mark.column + 1)
        if event.tag is not None:
            self.faults.append((f"the tag {_short(event.tag)} means nothing here: write the value without it", node))
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._count(1, event)
        self._open.append((node, [], event.anchor))

    def _end(self) -> None:
        node, items, anchor = self._open.pop()
        if isinstance(node.value, dict):
            self._pair(node, items)
        else:
            node.value = items
            node.size += sum(item.size for item in items)
        if anchor is not None:
            self._anchors[anchor] = node
        self._attach(node)

    def _alias(self, event: Any) -> None:
        node = self._anchors.get(event.anchor)
        if node is None:
            known = event.anchor in self._anchors
            reason = "stands inside the very value that it names" if known else "names an anchor that is not above it"
            raise _fault(f"the alias *{_short(event.anchor)} {reason}", event)
        self._count(node.size, event)
        self._attach(node)

    def _attach(self, node: Node) -> None:
        if self._open:
            self._open[-1][1].append(node)
        else:
            self.root = node

    def _count(self, values: int, event: Any) -> None:
        """An alias counts as all that it stands for, so that a few lines cannot mean a billion values."""
        self._total += values
        if self._total > MAX_NODES:
            raise _fault(f"more than {MAX_NODES:,} values, with aliases written out", event)

    def _pair(self, node: Node, items: list[Node]) -> None:
        """Keys with their values; of a key that stands twice one counts, and the second is told."""
        pairs: dict[str, tuple[Node, Node]] = {}
        merges = []
        for key, value in zip(items[::2], items[1::2], strict=True):
            name = key.value
            if not isinstance(name, str):
                self.faults.append(("a key must be a text, not a list or a mapping", key))
            elif name == "<<" and key.plain:
                merges.append(value)
            elif name in pairs:
                first = pairs[name][0]
                self.faults.append((f"the key {_short(name)!r} stands twice: first on line {first.line}", key))
                if self._last_counts:
                    pairs[name] = (key, value)
            else:
                pairs[name] = (key, value)
        for value in merges:
            self._merge(pairs, value)
        node.value = pairs
        node.size = 1 + sum(1 + value.size for _, value in pairs.values())

    def _merge(self, pairs: dict[str, tuple[Node, Node]], value: Node) -> None:
        for source in value.value if isinstance(value.value, list) else [value]:
            if not isinstance(source.value, dict):
                self.faults.append(("<< takes a mapping or a list of mappings", value))
                return
            for name, pair in source.value.items():
                pairs.setdefault(name, pair)


def _fault(text: str, event: Any) -> Fault:
    return Fault(text, event.start_mark.line + 1, event.start_mark.column + 1)


def _short(text: str, limit: int = 60) -> str:
    shown = text.removeprefix("tag:yaml.org,2002:")
    shown = "".join(char if char.isprintable() else "?" for char in shown[:limit])
    return shown + ("…" if len(text) > limit else "")


_PLAINLY = (
    ("found a tab character", "a tab is used to indent; YAML wants blanks"),
    ("mapping values are not allowed", "a colon where no key can be; check the indentation, or quote the text"),
    ("block sequence entries", "a dash where no list can begin; check the indentation, or quote the text"),
    ("unknown escape", "an unknown escape after a backslash; use single quotes to keep backslashes"),
    ("flow", "a bracket or brace is not closed"),
    ("quoted scalar", "a quote is not closed"),
    ("block mapping", "the indentation does not fit the lines above"),
    ("block collection", "the indentation does not fit the lines above"),
    ("block scalar", "a text that begins with > or | must be quoted"),
    ("simple key", "a line that is neither a key with a colon nor part of a text"),
    ("document start", "something stands after the end of the config"),
    ("alphabetic or numeric", "a text that begins with * or & must be quoted"),
    ("directive", "a line that begins with %; quote it to mean a text"),
    ("tag", "a text that begins with ! must be quoted"),
)
_OPENINGS = ("flow", "quoted scalar")


def _told_plainly(error: yaml.MarkedYAMLError, text: str) -> Fault:
    """The parser's words are for its authors; people get the usual cause, and where a quote or bracket began."""
    words = f"{error.problem or ''} {error.context or ''}"
    began = any(sign in words for sign in _OPENINGS) and "escape" not in words
    mark = (error.context_mark if began else None) or error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "cannot start any token" in words:
        return Fault(f"not YAML: {_cannot_start(text, line, column)}", line, column)
    plain = next((meaning for sign, meaning in _PLAINLY if sign in words), None)
    where = error.problem_mark.line + 1 if error.problem_mark else line
    if "flow" in words and "${" in "".join(text.splitlines()[line - 1 : where]):
        plain = "inside brackets or braces a ${NAME} must be quoted, or one of them is not closed"
    return Fault(f"not YAML: {plain or _short(words.strip() or 'unreadable')}", line, column)


def _cannot_start(text: str, line: int, column: int) -> str:
    rows = text.splitlines()
    char = rows[line - 1][column - 1 : column] if line <= len(rows) else ""
    if char == "\t":
        return "a tab is used to indent; YAML wants blanks"
    return f"a text that begins with {char or 'this character'} must be quoted"


def _reader_fault(error: Any, text: str) -> Fault:
    before = text[: error.position if isinstance(error.position, int) else 0]
    line = before.count("\n") + 1
    return Fault("not YAML: a control character is not allowed in a config", line, len(before) - before.rfind("\n"))


def node_at(root: Node, place: Sequence[str | int]) -> Node:
    """The deepest node on the way to a place; a mapping stands where its key does."""
    node = mark = root
    for step in place:
        if isinstance(node.value, dict) and step in node.value:
            key, node = node.value[step]
            mark = key if isinstance(node.value, dict | list) else node
        elif isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.value):
            mark = node = node.value[step]
        else:
            break
    return mark


def key_at(root: Node, place: Sequence[str | int]) -> Node:
    """The key of the last step of a place."""
    node = value_at(root, place[:-1])
    if node is not None and isinstance(node.value, dict) and place[-1] in node.value:
        return typing.cast(Node, node.value[place[-1]][0])
    return node_at(root, place)


def value_at(root: Node, place: Sequence[str | int]) -> Node | None:
    node: Node = root
    for step in place:
        if isinstance(node.value, dict) and step in node.value:
            node = node.value[step][1]
        elif isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.value):
            node = node.value[step]
        else:
            return None
    return node


def under(node: Node) -> Iterator[Node]:
    """Every scalar at or below a node, each once."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one.value, dict):
            waiting.extend(value for _, value in one.value.values())
        elif isinstance(one.value, list):
            waiting.extend(one.value)
        else:
            yield one
