"""The questions that the tables of Azure are asked: comparisons of columns, joined by and, or and brackets."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:([()])|'((?:[^']|'')*)'|([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)L?)")
_COMPARES: Mapping[str, Callable[[Any, Any], Any]] = {
    name: getattr(operator, name) for name in ("eq", "ne", "gt", "ge", "lt", "le")
}
Asked = Callable[[Mapping[str, Any]], bool]
MOST = 15
"""Comparisons in one question."""


class BadFilter(Exception):
    """A question that is not understood; the text says why."""


def understood(question: str) -> Asked:
    """Whether an entity is asked for. A column that it lacks never matches."""
    tokens = _tokens(question)
    if sum(token in _COMPARES for kind, token in tokens if kind == "word") > MOST:
        raise BadFilter(f"a filter may have {MOST} comparisons at most")
    if not tokens:
        return lambda entity: True
    found = _either(tokens)
    if tokens:
        raise BadFilter(f"there is more behind the filter: {tokens[0][1]}")
    return found


def _tokens(question: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while question[at:].strip():
        match = _TOKEN.match(question, at)
        if match is None:
            raise BadFilter(f"the filter is not understood at {at}")
        bracket, text, word, number = match.groups()
        if text is not None:
            found.append(("text", text.replace("''", "'")))
        else:
            found.append(("bracket" if bracket else "word" if word else "number", bracket or word or number))
        at = match.end()
    return found


def _either(tokens: list[tuple[str, str]]) -> Asked:
    parts = [_both(tokens)]
    while tokens[:1] == [("word", "or")]:
        tokens.pop(0)
        parts.append(_both(tokens))
    return lambda entity: any(part(entity) for part in parts)


def _both(tokens: list[tuple[str, str]]) -> Asked:
    parts = [_one(tokens)]
    while tokens[:1] == [("word", "and")]:
        tokens.pop(0)
        parts.append(_one(tokens))
    return lambda entity: all(part(entity) for part in parts)


def _one(tokens: list[tuple[str, str]]) -> Asked:
    if tokens[:1] == [("bracket", "(")]:
        tokens.pop(0)
        found = _either(tokens)
        if tokens[:1] != [("bracket", ")")]:
            raise BadFilter("a bracket is not closed")
        tokens.pop(0)
        return found
    if len(tokens) < 3 or tokens[0][0] != "word" or tokens[1][1] not in _COMPARES:
        raise BadFilter("a comparison is not whole")
    (_, name), (_, sign), (kind, text) = tokens[:3]
    del tokens[:3]
    wanted: Any = float(text) if kind == "number" else text == "true" if kind == "word" else text
    kinds, compare = _LIKE[kind], _COMPARES[sign]
    return lambda entity: type(entity.get(name)) in kinds and bool(compare(entity[name], wanted))


_LIKE: Mapping[str, tuple[type, ...]] = {"number": (int, float), "word": (bool,), "text": (str,), "bracket": ()}
