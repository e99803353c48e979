"""What a program says, and what is made of it: lines for people, patterns that must or must not be in it, and the
performance data of Nagios plug-ins.

Pure, and shared by the checks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tui_monitor.checks.craft.expect import Miss, compile_pattern
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

if TYPE_CHECKING:
    from tui_monitor.net import Ended

MOST_MEASURES = 50
_LINE = 200
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_FIGURE = re.compile(
    r"""\s* (?: '((?:[^']|''){0,200}+)' | ([^\s'=]{1,200}) ) \s*=        # a label, in quotes where it has blanks
        (?: U | ([-+]?[\d.,]{1,40}(?:[eE][-+]?\d{1,3})?) )?             # its value, or that it is unknown
        ([^\s;=\d][^\s;=]{0,20})? (?:;\S*)? (?=\s|$)                      # its unit, thresholds and bounds""",
    re.VERBOSE,
)
_WORD = re.compile(r"\s*\S*")


@dataclass(frozen=True, slots=True)
class Words:
    """One expectation of what is said: a pattern that is in it, or one that is not, and what it means to miss it."""

    matches: str | None = None
    lacks: str | None = None
    otherwise: Literal["degraded", "partial", "major"] = "partial"
    has_it: Callable[[str], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if (self.matches is None) == (self.lacks is None):
            raise ValueError("an expectation has exactly one of matches and lacks")
        with naming("lacks" if self.matches is None else "matches"):
            if not self._pattern:
                raise ValueError("an empty pattern is in everything that is said")
            object.__setattr__(self, "has_it", compile_pattern(self._pattern))

    @property
    def _pattern(self) -> str:
        return self.matches or self.lacks or ""

    def miss(self, said: str, *, is_cut: bool) -> Miss | None:
        """What is wrong with what was said; where not all of it was kept, more may have been in it."""
        plain = clean(self._pattern, 60)
        shown = f'"{plain}"'
        try:
            found = self.has_it(said)
        except TimeoutError:
            return Miss(Status.UNKNOWN, f"the pattern {shown} took too long on the output", "unreadable")
        if not found and is_cut:
            return Miss(Status.UNKNOWN, f"there is too much output to tell whether {shown} is in it", "unreadable")
        if found is (self.lacks is None):
            return None
        text = f"the output has {shown} in it" if found else f"the output does not match {shown}"
        return Miss(Status(self.otherwise), text, f"{'lacks' if found else 'matches'}:{plain}")


def weigh_output(
    ended: Ended, status: Status, expect: Iterable[Words], secrets: Sequence[Secret], *, plugin: bool, label: str
) -> Reading:
    """What a program says of the service, its exit code being known to mean this status.

    Whoever could not tell is not asked what he said. Secrets that he was given and repeats are shown nowhere.
    """
    out, err = (redact(part.decode("utf-8", "replace"), secrets) for part in (ended.out, ended.err))
    measures: tuple[Measure, ...] = ()
    text = _telling(ended, status, out, err)
    cause = "" if status is Status.OPERATIONAL else ended.how
    if plugin:
        said, measures = split_plugin(out if out.strip() else err)
        text = said or text
    if status is not Status.UNKNOWN:
        miss = _worst_miss(expect, f"{out}\n{err}", is_cut=ended.is_cut)
        if miss is not None and (status is Status.OPERATIONAL or miss.status.rank > status.rank):
            status, text, cause = miss.status, miss.text, miss.cause
    latency = seconds_of(measures, label) if label else ended.took
    return Reading(status, text, cause, latency=latency, measures=measures)


def _worst_miss(expect: Iterable[Words], said: str, *, is_cut: bool) -> Miss | None:
    misses = [miss for one in expect if (miss := one.miss(said, is_cut=is_cut)) is not None]
    return max(misses, key=lambda miss: miss.status.rank, default=None)


def _telling(ended: Ended, status: Status, out: str, err: str) -> str:
    """The first line of whoever is well, and the last of whoever is not: there most programs say why."""
    if status is Status.OPERATIONAL:
        return _line_of(out.splitlines()) or ended.how
    return f"{ended.how}: {_line_of(err.splitlines()[::-1]) or _line_of(out.splitlines()[::-1])}".removesuffix(": ")


def _line_of(lines: Iterable[str]) -> str:
    """The first line that says something."""
    return next((line for one in lines if (line := clean(one, _LINE))), "")


# -- the output of Nagios plug-ins ----------------------------------------------------------------------------------


def split_plugin(text: str) -> tuple[str, tuple[Measure, ...]]:
    """The first line without its figures, and all figures: those of the first line, and those after the long text."""
    first, _, rest = text.lstrip().partition("\n")
    message, _, figures = first.partition("|")
    return clean(message, _LINE), read_measures(f"{figures} {rest.partition('|')[2]}")


def read_measures(text: str) -> tuple[Measure, ...]:
    """The figures of performance data. What cannot be read is passed over, and what comes after it is read."""
    measures: list[Measure] = []
    at = 0
    while at < len(text) and len(measures) < MOST_MEASURES:
        found = _FIGURE.match(text, at)
        if found is None:
            word = _WORD.match(text, at)
            at = word.end() if word is not None else len(text)
            continue
        at = found.end()
        quoted, plain, number, unit = found.groups()
        value = _number(number or "")
        name = clean((quoted or "").replace("''", "'") or plain or "", 60)
        if value is not None and name:
            measures.append(Measure(name, value, clean(unit or "", 20)))
    return tuple(measures)


def seconds_of(measures: Iterable[Measure], label: str) -> float | None:
    """The time under this label; None where there is none, or it is no time."""
    return next(
        (one.value * _SECONDS[one.unit] for one in measures if one.name == label and one.unit in _SECONDS), None
    )


def _number(text: str) -> float | None:
    """Some plug-ins write numbers as people do where they were written: 1,5 or 1.234,5 or 1,234.5."""
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and (point > comma or text.count(",") > 1):
        text = text.replace(",", "")
    elif comma >= 0:
        text = text.replace(".", "").replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
