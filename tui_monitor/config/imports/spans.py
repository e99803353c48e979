"""Lengths of time as other programs write them, and as ours does."""

from __future__ import annotations

import re
from decimal import Decimal

from tui_monitor.config.imports.source import MARK, Leaf
from tui_monitor.core.text import duration_of

_GO = re.compile(r"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+")
_GO_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_STEPS = ((86_400, "d"), (3600, "h"), (60, "m"))
LONGEST = 100 * 365 * 86_400.0


def spell_span(seconds: float) -> str:
    """The very same length as people write it: `10ms`, `1.5s`, `90s`, `5m`, `2d`."""
    exact = Decimal(repr(seconds))
    if exact < 1 and (exact * 1000) % 1 == 0:
        return f"{int(exact * 1000)}ms"
    for size, unit in _STEPS:
        if exact and exact % size == 0:
            return f"{int(exact / size)}{unit}"
    return f"{exact.normalize():f}s"


def go_span(text: str) -> float | None:
    """Seconds of a duration as Go writes it (`1h30m`, `500ms`); None where it is none."""
    if text.strip("+-") == "0":
        return 0.0
    if not _GO.fullmatch(text):
        return None
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _GO_PART.findall(text))
    return -seconds if text.startswith("-") else round(seconds, 9)


def span(leaf: Leaf | None, unit: float = 1.0) -> str | None:
    """A number of some unit as a duration of ours. What cannot be one is told."""
    number = leaf.number() if leaf is not None else None
    return None if leaf is None or number is None else usable(leaf, number * unit)


def span_in_words(leaf: Leaf | None) -> str | None:
    """A duration in the words of Go as one of ours. A variable is taken over as it stands."""
    text = leaf.text() if leaf is not None else None
    if leaf is None or text is None:
        return None
    if MARK.fullmatch(text):
        return text
    seconds = go_span(text)
    if seconds is None:
        bare = re.fullmatch(r"\d+", text)
        leaf.leave("has no unit, so it is a number of nanoseconds there" if bare else "is not a duration")
        return None
    return usable(leaf, seconds)


def usable(leaf: Leaf, seconds: float) -> str | None:
    """A length that one of our options may have: more than nothing, and an end that somebody will see."""
    if seconds <= 0:
        leaf.leave("must be above zero here")
    elif seconds > LONGEST:
        leaf.leave("is more than a hundred years")
    elif duration_of(text := spell_span(seconds)) <= 0:
        leaf.leave("is too short")
    else:
        return text
    return None


def seconds_of(text: str | None) -> float | None:
    """Of a length that was spelt here; None where it stands for a variable."""
    return None if text is None or MARK.search(text) else duration_of(text)
