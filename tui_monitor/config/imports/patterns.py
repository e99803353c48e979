"""Patterns of other programs as patterns of ours, with the same meaning, or the reason why that cannot be."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from tui_monitor.checks.craft.expect import compile_pattern
from tui_monitor.config.imports.source import MARK
from tui_monitor.core.text import clean

LONGEST = 10_000
_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")
_QUANTIFIER = re.compile(r"\{(?:\d+(?:,\d*)?|,\d+)\}")


def anchored(pattern: str) -> str:
    """What Python's `re.match` with DOTALL means, for a search: held to the beginning, the dot takes line ends too.

    ValueError says why it cannot be taken.
    """
    if len(pattern) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST:,} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern, re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"it is no pattern: {clean(str(error), 120)}") from None
    flags, rest = "s", pattern
    while found := _FLAGS.match(rest):
        flags += "".join(flag for flag in found.group(1) if flag not in flags + "u")
        rest = rest[found.end() :]
    end = "\n" if "x" in flags else ""
    plain = "".join(_literals(rest))
    body = f"(?:{plain}{end})" if "|" in plain or end else plain
    return checked(f"(?{flags})\\A{body}")


def _literals(pattern: str) -> Iterator[str]:
    """The same pattern, with what `regex` reads more into than `re` does escaped: a brace, a class in a class."""
    in_class, at = False, 0
    while at < len(pattern):
        char = pattern[at]
        step = 1
        if char == "\\":
            step = 2
            if pattern.startswith("\\N{", at):
                step = pattern.find("}", at) + 1 - at
            yield pattern[at : at + step]
        elif in_class:
            yield "\\[" if char == "[" else char
            in_class = char != "]"
        elif char == "[":
            step = len(opening := _opening(pattern, at))
            in_class = True
            yield opening
        elif char == "{" and not _QUANTIFIER.match(pattern, at):
            yield "\\{"
        else:
            yield char
        at += step


def _opening(pattern: str, at: int) -> str:
    """The beginning of a class: a bracket that closes at once is one of its characters."""
    found = re.compile(r"\[\^?\]?").match(pattern, at)
    return found.group(0) if found else "["


def checked(pattern: str) -> str:
    """The pattern, if ours can be made of it. ValueError says why not."""
    compile_pattern(MARK.sub("x", pattern))
    return pattern


def literal(text: str) -> str:
    """A text as a pattern that means exactly it, without more backslashes than it takes."""
    return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", text)


def globbed(glob: str) -> str:
    """A glob (`*`, `?`, `[a-z]`) as a pattern for a whole text. ValueError where it is none."""
    if MARK.search(glob):
        raise ValueError("a variable inside of a pattern cannot be carried over")
    return "".join(_glob_parts(glob))


def _glob_parts(glob: str) -> Iterator[str]:
    at = 0
    while at < len(glob):
        char = glob[at]
        if char == "*":
            yield ".*"
        elif char == "?":
            yield "."
        elif char == "[":
            found = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]").match(glob, at)
            if found is None:
                raise ValueError("a bracket in it is not closed, so it never matches")
            yield f"[{found.group(1)}{found.group(2).replace('[', chr(92) + '[')}]"
            at = found.end() - 1
        elif char == "\\":
            at += 1
            if at >= len(glob):
                raise ValueError("it ends with a backslash, so it never matches")
            yield literal(glob[at])
        else:
            yield literal(char)
        at += 1
