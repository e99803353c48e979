"""The config of another monitor, read key by key: whatever nobody asked for is told as not carried over.

Every text that is read keeps its variables as marks, so that what is made of it can be taken apart and put together
as any text; only the writer knows how our own configs spell them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tui_monitor.config.tree import MAX_BYTES, Fault, Node, grow, scalar
from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.core.text import clean

MARK = re.compile("\ue000([A-Za-z_][A-Za-z0-9_]*)\ue001")
"""A variable in a text that was read."""

_DOLLAR = re.compile(r"\$\$|\$\{([^{}]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)|\$[0-9*#@!?-]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(r"token|pass|secret|\bkey\b|-key|_key|credential|auth|hook|cookie|engine|dsn", re.IGNORECASE)
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_SAID = 60


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that was not carried over: where it stands, what it said if that is no secret, and why.

    Line 0 is of a source that nobody has as a file.
    """

    line: int
    path: str
    said: str
    reason: str

    def __post_init__(self) -> None:
        """Words of the source stand in these, and a source may hold anything."""
        for name in ("path", "said", "reason"):
            object.__setattr__(self, name, clean(getattr(self, name), 500))

    def __str__(self) -> str:
        said = f" ({self.said})" if self.said else ""
        return f"{self.path}{said}: {self.reason}" if self.path else self.reason

    def at(self, file: str) -> str:
        return f"{file}:{self.line}: {self}" if self.line else f"{file}: {self}"


Pile = list[Left]
"""Where what is left over is kept: one for each service, destination or section that comes of the source."""


class Source:
    """The text of a source as a tree. `fills`: whether its program replaces variables before it reads.

    `mend` is tried on a text that is no YAML as it stands. One that is not `lined` was asked for, and has no lines.
    """

    def __init__(
        self,
        raw: bytes,
        file: str,
        *,
        fills: bool = False,
        mend: Callable[[str], str] | None = None,
        lined: bool = True,
    ) -> None:
        self.file = file
        self.fills = fills
        self.left: Pile = []
        text = _decoded(raw, file)
        try:
            root, faults = self._grown(text, mend)
        except Fault as fault:
            raise ConfigError([Problem(str(fault), "", fault.line, fault.column, file)]) from None
        if root is None or not isinstance(root.value, dict):
            wrong = "is empty" if root is None or root.value == "" else "is not a mapping of sections"
            raise ConfigError([Problem(wrong, "", root.line if root else 1, 1, file)])
        if not lined:
            _unline(root)
        self.left.extend(Left(node.line, "", "", _faulty(reason)) for reason, node in faults)
        self.left.extend(_odd_variables(text) if fills else ())
        self.root = root

    def _grown(self, text: str, mend: Callable[[str], str] | None) -> tuple[Node | None, list[tuple[str, Node]]]:
        try:
            return grow(text, last_counts=True)
        except Fault:
            changed = mend(text) if mend is not None else text
            if changed == text:
                raise
            grown = grow(changed, last_counts=True)
        pairs = zip(text.split("\n"), changed.split("\n"), strict=True)
        for number, (before, after) in enumerate(pairs, 1):
            if before != after:
                self.left.append(
                    Left(number, "", "", "is no YAML: it was taken for the rest of the comment above it")
                )
        return grown

    def branch(self) -> Branch:
        return Branch(self, self.root, "", self.left)

    def marked(self, text: str) -> str:
        """The text as its program understood it, with marks for the variables that it filled in."""
        text = text.replace("\ue000", "\ufffd").replace("\ue001", "\ufffd")
        return _DOLLAR.sub(_mark, text) if self.fills and "$" in text else text


def _unline(root: Node) -> None:
    """Whatever is said of it speaks of no line."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        node.line = 0
        if isinstance(node.value, dict):
            waiting += [one for pair in node.value.values() for one in pair]
        elif isinstance(node.value, list):
            waiting += node.value


def _mark(match: re.Match[str]) -> str:
    if match.group(0) == "$$":
        return "$"
    name = match.group(1) or match.group(2) or ""
    return f"\ue000{name}\ue001" if _NAME.fullmatch(name) else ""


def _faulty(reason: str) -> str:
    return f"{reason}; the last one counts" if "stands twice" in reason else reason


def _odd_variables(text: str) -> Iterator[Left]:
    """What looks like a variable with a default, and is the name of one that nobody can set."""
    for number, line in enumerate(text.split("\n"), 1):
        for found in _DOLLAR.finditer(line) if "${" in line and not line.lstrip().startswith("#") else ():
            if found.group(1) is not None and not _NAME.fullmatch(found.group(1)):
                yield Left(number, "", "", f"{clean(found.group(0), _SAID)} is nothing there, so it is nothing here")


def _decoded(raw: bytes, file: str) -> str:
    if len(raw) > MAX_BYTES:
        raise ConfigError([Problem(f"is larger than {MAX_BYTES // 1024**2} MB", file=file)])
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 if wide else raw.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(f"is not {'UTF-16' if wide else 'UTF-8'} text", "", line, file=file)]) from None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of the source. What it is not fit for is told, and is None then."""

    source: Source
    node: Node
    line: int
    path: str
    pile: Pile

    @property
    def name(self) -> str:
        """The last step of its path."""
        return self.path.rpartition(".")[2]

    @property
    def raw(self) -> Any:
        """A scalar by its meaning (None, a number that keeps its spelling, a text); anything else as its node."""
        value = self.node.value
        if not isinstance(value, str):
            return self.node
        text = self.source.marked(value)
        return scalar(text) if self.node.plain else text

    def leave(self, reason: str, said: str | None = None) -> None:
        self.pile.append(Left(self.line, self.path, self.said if said is None else said, reason))

    def beside(self, pile: Pile) -> Leaf:
        """The same value, telling what it is not fit for elsewhere."""
        return replace(self, pile=pile)

    @property
    def said(self) -> str:
        """What stands there, short; never what may be a secret."""
        return "" if _SECRET.search(self.path) else clean(spelt(self.node, self.source), _SAID)

    def text(self) -> str | None:
        """None where there is none, too."""
        value = self.raw
        if isinstance(value, Node):
            self.leave("must be a text")
            return None
        return None if value is None else str(value)

    def number(self) -> float | None:
        text = self.text()
        if text is None:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
        self.leave("is not a number")
        return None

    def flag(self) -> bool | None:
        text = self.text()
        if text is None:
            return None
        truth = _TRUTH.get(text.lower())
        if truth is None:
            self.leave("is neither true nor false")
        return truth

    def rows(self) -> list[Leaf]:
        """Of a list, each item; nothing at all is an empty list."""
        if isinstance(self.node.value, list):
            items = enumerate(self.node.value)
            return [Leaf(self.source, one, one.line, f"{self.path}[{n}]", self.pile) for n, one in items]
        if self.raw is not None:
            self.leave("must be a list")
        return []

    def branch(self, pile: Pile | None = None) -> Branch | None:
        if isinstance(self.node.value, dict):
            return Branch(self.source, self.node, self.path, self.pile if pile is None else pile, self.line)
        if self.raw is not None:
            self.leave("must be a mapping of keys to values")
        return None


class Branch:
    """One mapping of the source, and what has not been asked of it yet."""

    def __init__(self, source: Source, node: Node, path: str, pile: Pile, line: int = 0) -> None:
        self.source = source
        self.node = node
        self.path = path
        self.pile = pile
        self.line = line or node.line
        self._pairs: dict[str, tuple[Node, Node]] = node.value
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._pairs

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def leaves(self) -> Iterator[tuple[str, Leaf]]:
        """Every key with its value."""
        for key in self._pairs:
            self._asked.add(key)
            yield self.source.marked(key), self._leaf(key)

    def leaf(self, key: str) -> Leaf | None:
        self._asked.add(key)
        return self.peek(key)

    def peek(self, key: str) -> Leaf | None:
        """A value that is looked at and not carried over by that."""
        return self._leaf(key) if key in self._pairs else None

    def _leaf(self, key: str) -> Leaf:
        name, value = self._pairs[key]
        shown = clean(self.source.marked(key), _SAID)
        path = f"{self.path}.{shown}" if self.path else shown
        return Leaf(self.source, value, name.line, path, self.pile)

    def text(self, key: str) -> str | None:
        leaf = self.leaf(key)
        return leaf.text() if leaf is not None else None

    def number(self, key: str) -> float | None:
        leaf = self.leaf(key)
        return leaf.number() if leaf is not None else None

    def flag(self, key: str) -> bool | None:
        leaf = self.leaf(key)
        return leaf.flag() if leaf is not None else None

    def rows(self, key: str) -> list[Leaf]:
        leaf = self.leaf(key)
        return leaf.rows() if leaf is not None else []

    def branch(self, key: str, pile: Pile | None = None) -> Branch | None:
        leaf = self.leaf(key)
        return leaf.branch(pile) if leaf is not None else None

    def texts(self, key: str) -> dict[str, str]:
        """A mapping of names to texts, such as headers; what is no text in it is told."""
        held = self.branch(key)
        found = {}
        for name, leaf in held.leaves() if held is not None else ():
            text = leaf.text()
            if MARK.search(name):
                leaf.leave("a variable can stand in a value here, not in a name")
            elif text is not None:
                found[name] = text
        return found

    def leave(self, key: str, reason: str) -> None:
        """Tell of a key that is known and cannot be carried over; nothing where it is not written."""
        leaf = self.leaf(key)
        if leaf is not None:
            leaf.leave(reason)

    def close(self, reasons: Mapping[str, str], otherwise: str) -> None:
        """Tell of all that nobody asked for: why it is not carried over, or that nobody knows it."""
        for key in self._pairs:
            if key not in self._asked:
                self._leaf(key).leave(reasons.get(key, otherwise))
        self._asked.update(self._pairs)


def spelt(node: Node, source: Source) -> str:
    """A value in one line, without what may be a secret in it, and never longer than anybody reads."""
    return "".join(_pieces(node, source, 12))[: _SAID * 4]


def _pieces(node: Node, source: Source, most: int) -> Iterator[str]:
    value = node.value
    if isinstance(value, str):
        yield _public(MARK.sub(r"${\1}", source.marked(value[: _SAID * 4])))
    elif most <= 0:
        yield "…"
    elif isinstance(value, list):
        yield "["
        for n, one in enumerate(value[:most]):
            yield ", " if n else ""
            yield from _pieces(one, source, most // 3)
        yield ", …]" if len(value) > most else "]"
    else:
        yield "{"
        for n, (key, (_, one)) in enumerate(list(value.items())[:most]):
            yield f"{', ' if n else ''}{key[:_SAID]}: "
            yield from ["***"] if _SECRET.search(key) else _pieces(one, source, most // 3)
        yield ", …}" if len(value) > most else "}"


def _public(text: str) -> str:
    """An address without user, password and query."""
    return re.sub(r"(://)[^/?#\s]*@|\?[^#\s]*", r"\1", text) if "://" in text else text
