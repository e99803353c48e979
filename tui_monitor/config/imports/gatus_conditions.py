"""The conditions of Gatus, taken apart: what is looked at, how it is compared, and with what.

They compare texts, and numbers only where both sides are some; a response time and what is left of a certificate are
milliseconds. Whatever cannot be said by an expectation of ours is refused with the reason, never bent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tui_monitor.config.imports.patterns import checked, globbed, literal
from tui_monitor.config.imports.source import MARK, Leaf
from tui_monitor.config.imports.spans import go_span, spell_span

OPERATORS = ("==", "!=", "<=", ">=", ">", "<")
"""In the order in which Gatus looks for them."""

_FLIPPED = {"==": "==", "!=": "!=", "<=": ">=", ">=": "<=", ">": "<", "<": ">"}
_SUBJECT = re.compile(
    r"(STATUS|RESPONSE_TIME|IP|CONNECTED|CERTIFICATE_EXPIRATION|DOMAIN_EXPIRATION|DNS_RCODE|BODY|HEADER|CONTEXT)",
    re.IGNORECASE,
)
_LEFT = re.compile(rf"\[{_SUBJECT.pattern}\]((?:\.|\[).*)?", re.IGNORECASE | re.DOTALL)
_STEP = re.compile(r"([^.\[\]]*)((?:\[\d+\])*)")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DAY = 86_400.0
_STATUSES = range(100, 1000)

DOWN = {"otherwise": "major"}
"""Whatever a condition misses makes an endpoint unhealthy there, and nothing less."""


class Unsaid(Exception):
    """A condition that no expectation says; the text is why."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One side of a comparison: a value, or what is looked at, through `len` or `has` maybe."""

    text: str
    subject: str = ""
    path: str = ""
    function: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of `conditions`, with what is looked at on its left side."""

    leaf: Leaf
    left: Operand
    operator: str
    right: Operand

    @property
    def subject(self) -> str:
        return self.left.subject

    @property
    def value(self) -> str:
        return self.right.text

    @property
    def is_true(self) -> bool:
        """Whether it wants what is looked at to be true."""
        return (self.operator, self.value.lower()) in (("==", "true"), ("!=", "false"))


def conditions_of(rows: Iterable[Leaf]) -> list[Condition]:
    """Those that can be read; the others are told."""
    found = []
    for row in rows:
        text = row.text()
        if text is None:
            continue
        try:
            found.append(parsed(row, text))
        except Unsaid as error:
            row.leave(str(error))
    return found


def parsed(leaf: Leaf, text: str) -> Condition:
    operator = next((one for one in OPERATORS if f" {one} " in text), None)
    if operator is None:
        raise Unsaid("is no condition: it has no comparison with a blank on both sides")
    first, second = (operand(part.strip()) for part in text.split(f" {operator} ")[:2])
    if not first.subject and second.subject:
        first, second, operator = second, first, _FLIPPED[operator]
    if not first.subject:
        raise Unsaid("looks at nothing: it compares two values that stay the same")
    return Condition(leaf, first, operator, second)


def operand(text: str) -> Operand:
    function, inner = "", text
    wrapped = re.fullmatch(r"(len|has|age)\((.*)\)", text, re.DOTALL)
    if wrapped:
        function, inner = wrapped.group(1), wrapped.group(2).strip()
    found = _LEFT.fullmatch(inner)
    if found is None:
        return Operand(text)
    return Operand(text, found.group(1).upper(), (found.group(2) or "").removeprefix("."), function)


# -- values ---------------------------------------------------------------------------------------------------------


def number(text: str) -> int | None:
    """A whole number as Go reads it: 0x10, 0b1, 017 and 1_000 too."""
    try:
        return int(text, 0)
    except ValueError:
        return int(text, 8) if re.fullmatch(r"[-+]?0[0-7]+", text) else None


def amount(text: str) -> float:
    """What a side of `<` and its like counts: milliseconds of a duration, else a number; Unsaid for anything else."""
    span = go_span(text)
    if span:
        return float(round(span * 1000))
    whole = number(text)
    if whole is not None:
        return float(whole)
    try:
        return float(text)
    except ValueError:
        raise Unsaid(f"{text[:60]!r} is not a number, so it counts as 0 there") from None


def is_equal(value: str, wanted: str) -> bool:
    """Whether a value is the wanted one, which may be a pattern, any of several, or a number."""
    if (glob := _inside(wanted, "pat")) is not None:
        return glob == "*" or re.fullmatch(f"(?s:{globbed(glob)})", value) is not None
    if (options := _inside(wanted, "any")) is not None:
        return value in [one.strip() for one in options.split(",")]
    one, other = number(value), number(wanted)
    return one == other if one is not None and other is not None else value == wanted


def _inside(text: str, function: str) -> str | None:
    start = f"{function}("
    return text[len(start) : -1] if text.startswith(start) and text.endswith(")") else None


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


# -- what they expect -----------------------------------------------------------------------------------------------


def expectation(one: Condition) -> dict[str, Any]:
    """What an answer over HTTP is held against. Unsaid says why a condition cannot be one."""
    if one.right.subject:
        return _two_places(one)
    made = _EXPECTED.get(one.subject)
    if made is None:
        raise Unsaid("an answer over HTTP is not held against this")
    found = made(one)
    return found if "status" in found else {**found, **DOWN}


def _two_places(one: Condition) -> dict[str, Any]:
    both = (one.left, one.right)
    if {side.subject for side in both} != {"BODY"} or any(side.function or not side.path for side in both):
        raise Unsaid("both sides of it are looked up, which only two places of one body can be")
    if one.operator not in ("==", "!="):
        raise Unsaid("two places of a body can only be compared for being the same")
    first, second = (f"to_string({json_path(side.path)})" for side in both)
    return {"json": f"{first} {one.operator} {second}", "equals": True, **DOWN}


def statuses(one: Condition) -> str:
    """Every status that fulfils a condition, as ranges that have both their ends in."""
    if one.left.function:
        raise Unsaid("len and has say nothing of a status")
    if MARK.search(one.value):
        if one.operator == "==" and MARK.fullmatch(one.value):
            return one.value
        raise Unsaid("a variable can only be the very status")
    good = _codes(one.operator, one.value)
    if not good:
        raise Unsaid("no status fulfils it, so the endpoint was never healthy")
    return ", ".join(_ranges(good))


@lru_cache(256)
def _codes(operator: str, value: str) -> Sequence[int]:
    """Every status for which it holds; most endpoints of a config have the same condition."""
    if operator in ("==", "!="):
        return [code for code in _STATUSES if is_equal(str(code), value) is (operator == "==")]
    limit, order = int(amount(value)), _ORDERS[operator]
    return [code for code in _STATUSES if order(code, limit)]


def _ranges(codes: Sequence[int]) -> list[str]:
    starts = [code for n, code in enumerate(codes) if not n or codes[n - 1] != code - 1]
    ends = [code for n, code in enumerate(codes) if n == len(codes) - 1 or codes[n + 1] != code + 1]
    return [str(low) if low == high else f"{low}-{high}" for low, high in zip(starts, ends, strict=True)]


def _of_status(one: Condition) -> dict[str, Any]:
    good = statuses(one)
    return {"status": int(good) if good.isdigit() else good}


def limit_of(one: Condition) -> str:
    """The longest that a response may take: milliseconds are counted whole there, so that 500.9 is 500."""
    if one.operator not in ("<", "<=") or one.left.function:
        raise Unsaid("a response can be too slow here, not too quick")
    most = int(amount(one.value)) + (one.operator == "<=")
    if most <= 0:
        raise Unsaid("no response is as quick, so the endpoint was never healthy")
    return spell_span(most / 1000)


def _of_time(one: Condition) -> dict[str, Any]:
    return {"latency": limit_of(one)}


def days_of(one: Condition) -> float | int:
    """The days that something must still be good for."""
    if one.operator not in (">", ">=") or one.left.function:
        raise Unsaid("something can run out too soon here, not too late")
    days = amount(one.value) / 1000 / _DAY
    if days <= 0:
        days = 1 / 24
    return int(days) if days == int(days) else round(days, 4)


def _of_certificate(one: Condition) -> dict[str, Any]:
    return {"certificate_days": days_of(one)}


def _of_connection(one: Condition) -> dict[str, Any]:
    raise Unsaid("a look that finds nobody is always a failure here")


def text_pattern(one: Condition) -> tuple[bool, str]:
    """Whether a whole text must have a pattern or must not, and the pattern; blanks around the text do not count."""
    if one.operator not in ("==", "!="):
        raise Unsaid("a whole body can be compared with a text or a pattern, not counted")
    try:
        return one.operator == "==", _whole(one.value)
    except ValueError as error:
        raise Unsaid(str(error)) from None


def _whole(wanted: str) -> str:
    glob = _inside(wanted, "pat")
    if glob is not None:
        found = re.fullmatch(r"\*([^*?\[\]\\]+)\*", glob)
        if found:
            return checked(literal(found.group(1)))
        if not glob.strip("*"):
            raise ValueError("everything fulfils it")
        return checked(rf"(?s)\A\s*{globbed(glob)}\s*\Z")
    options = _inside(wanted, "any")
    texts = [part.strip() for part in options.split(",")] if options is not None else [wanted]
    spelt = "|".join(map(literal, texts))
    return checked(rf"\A\s*(?:{spelt})\s*\Z" if len(texts) > 1 else rf"\A\s*{spelt}\s*\Z")


def _of_body(one: Condition) -> dict[str, Any]:
    if one.left.path:
        return _of_json(one, json_path(one.left.path))
    if one.left.function == "has":
        return {"body_matches" if one.is_true else "body_lacks": r"\S"}
    if one.left.function == "len":
        return _of_json(one, "@")
    if one.left.function:
        raise Unsaid("the age of a body is not an expectation here; the check `freshness` tells it")
    has_it, pattern = text_pattern(one)
    return {"body_matches" if has_it else "body_lacks": pattern}


def json_path(path: str) -> str:
    """A path of Gatus as a JMESPath."""
    if MARK.search(path):
        raise Unsaid("a variable inside of a path cannot be carried over")
    steps = []
    for step in path.split("."):
        found = _STEP.fullmatch(step)
        if found is None or not step:
            raise Unsaid("this path leads through more than names and places in lists")
        name, places = found.groups()
        steps.append((name if _IDENTIFIER.fullmatch(name) or not name else json.dumps(name)) + places)
    return ".".join(steps)


def _of_json(one: Condition, path: str) -> dict[str, Any]:
    if one.left.function == "has":
        if one.operator not in ("==", "!="):
            raise Unsaid("has is true or false, and nothing to count")
        return {"json": path, "exists": one.is_true}
    if one.left.function == "len":
        return _counted(one, f"length({path})", whole=True)
    if one.left.function:
        raise Unsaid("an age is not an expectation here; the check `freshness` tells it")
    if one.operator in ("==", "!="):
        return _compared(one, path)
    return _counted(one, path, whole=False)


def _counted(one: Condition, query: str, *, whole: bool) -> dict[str, Any]:
    """A number in the body against a bound; ours leave the bound out."""
    limit = int(amount(one.value))
    if one.operator in ("==", "!="):
        return {"json": query, "equals" if one.operator == "==" else "not_equals": limit}
    if one.operator == ">":
        return {"json": query, "greater_than": limit}
    if one.operator == "<":
        return {"json": query, "less_than": limit}
    if one.operator == "<=":
        return {"json": query, "less_than": limit + 1}
    if whole:
        return {"json": query, "greater_than": limit - 1}
    return {"json": f"to_number({query}) >= `{limit}`", "equals": True}


def _compared(one: Condition, path: str) -> dict[str, Any]:
    """A value in the body against a text: a number or a truth may be written as a text there, or as itself."""
    wanted, is_same = one.value, one.operator == "=="
    if wanted == "null":
        raise Unsaid("null is a word there, and what is null is missing: has() tells whether something is")
    if _inside(wanted, "pat") is not None or _inside(wanted, "any") is not None:
        pattern = _whole_value(wanted)
        if is_same:
            return {"json": path, "matches": pattern}
        return {"json": f"not_null({path}, '')", "matches": rf"(?s)\A(?!{pattern.removeprefix('(?s)')})"}
    if MARK.search(wanted) or _is_bare(wanted):
        path = f"to_string({path})"
    return {"json": path, "equals" if is_same else "not_equals": wanted}


def _is_bare(wanted: str) -> bool:
    """Whether JSON may hold it without quotes."""
    return wanted in ("true", "false") or re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", wanted) is not None


def _whole_value(wanted: str) -> str:
    try:
        glob = _inside(wanted, "pat")
        if glob is not None:
            if not glob.strip("*"):
                raise Unsaid("everything that is there fulfils it")
            return checked(rf"(?s)\A{globbed(glob)}\Z")
        options = (_inside(wanted, "any") or "").split(",")
        return checked(rf"(?s)\A(?:{'|'.join(literal(part.strip()) for part in options)})\Z")
    except ValueError as error:
        raise Unsaid(str(error)) from None


def _of_header(one: Condition) -> dict[str, Any]:
    name = one.left.path
    if not name or MARK.search(name):
        raise Unsaid("it names no header")
    if one.left.function == "has":
        return {"header": name, "exists": one.is_true}
    if one.left.function:
        raise Unsaid(f"{one.left.function}() of a header is not an expectation here")
    if one.operator not in ("==", "!="):
        return _header_order(one, name)
    if _inside(one.value, "pat") is not None or _inside(one.value, "any") is not None:
        if one.operator == "!=":
            raise Unsaid("a header can be held against a pattern that it has, not one that it lacks")
        return {"header": name, "matches": _whole_value(one.value)}
    return {"header": name, "equals" if one.operator == "==" else "not_equals": one.value}


def _header_order(one: Condition, name: str) -> dict[str, Any]:
    if one.operator in (">=", "<="):
        raise Unsaid("a header is compared by < and >")
    return {"header": name, "less_than" if one.operator == "<" else "greater_than": int(amount(one.value))}


_EXPECTED: dict[str, Callable[[Condition], dict[str, Any]]] = {
    "STATUS": _of_status,
    "RESPONSE_TIME": _of_time,
    "CERTIFICATE_EXPIRATION": _of_certificate,
    "CONNECTED": _of_connection,
    "BODY": _of_body,
    "HEADER": _of_header,
}
