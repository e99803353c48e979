"""Texts with `{fields}`: only names of known fields, no attributes, no calls, no format codes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def fill(template: str, fields: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """`template` with each `{field}` replaced by its escaped value; `{{` and `}}` are braces."""

    def value_of(match: re.Match[str]) -> str:
        token = match.group(0)
        if token in ("{{", "}}"):
            return token[0]
        name = match.group(1)
        return escape(fields[name.strip()]) if name is not None and name.strip() in fields else token

    return _FIELD.sub(value_of, template)


def faults(template: str, known: Collection[str]) -> list[str]:
    """What is wrong with a template, one sentence each."""
    found = []
    for match in _FIELD.finditer(template):
        token, name = match.group(0), match.group(1)
        if token in ("{{", "}}"):
            continue
        if name is None:
            found.append(f"a lone {token!r}: write it twice to mean the character")
        elif name.strip() not in known:
            near = difflib.get_close_matches(name.strip(), list(known), 1)
            hint = f"did you mean {{{near[0]}}}?" if near else f"known are {', '.join(sorted(known))}"
            found.append(f"unknown field {token}; {hint}")
    return found
