"""`sql`: put a query to a database and hold the first value, or the number of rows, against what is expected."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.checks.craft.expect import Miss, Scalar, compared, comparison_of, spell_value
from tui_monitor.core.extras import need
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net.databases.database import Query, Rows, build_query, extra_for

_MOST = 10_000
"""Rows that may be expected, and so are read."""


@dataclass(frozen=True, slots=True)
class Value:
    """One expectation: of the first value, or of how many rows there are; and what it means to miss it."""

    equals: Scalar | None = None
    not_equals: Scalar | None = None
    less_than: float | None = None
    greater_than: float | None = None
    matches: str | None = None
    exists: bool | None = None
    rows: int | None = None
    empty: bool | None = None
    otherwise: Literal["degraded", "partial", "major"] = "partial"
    miss: Callable[[Rows], Miss | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given = [name for name in _ALL if getattr(self, name) is not None]
        if not given or (len(given) > 1 and not set(given) <= set(_COMPARISONS)):
            raise ValueError(f"an expectation has one of {', '.join(_ALL)}, or several that compare the value")
        if self.rows is not None and not 0 <= self.rows <= _MOST:
            raise ValueError(f"rows is a number from 0 to {_MOST}")
        object.__setattr__(self, "miss", _counted(self) if given[0] in _COUNTS else _held(self, given))


@dataclass(frozen=True, slots=True)
class Sql:
    vendor: ClassVar[bool] = False

    url: Secret
    query: str = "select 1"
    password: Secret | None = None
    expect: tuple[Value, ...] = ()
    asked: Query = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        need("sqlalchemy", extra_for(self.url), "the sql check")
        most = max((1, *(one.rows for one in self.expect if one.rows is not None))) + 1
        object.__setattr__(self, "asked", build_query(self.url, self.query, most, self.password))

    async def look(self, outside: Outside) -> Rows:
        rows: Rows = await outside.net.ask(self.asked, outside.timeout)
        return rows

    def judge(self, sight: Rows) -> Reading:
        misses = [miss for one in self.expect if (miss := one.miss(sight)) is not None]
        well = Miss(Status.OPERATIONAL, f"it answered {spell_value(sight.value)}" if sight.count else "no rows", "")
        found = max(misses, key=lambda miss: miss.status.rank, default=well)
        phases, value = sight.phases, sight.value
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        measures = (Measure("value", float(value)),) if is_number else ()
        return Reading(found.status, found.text, found.cause, latency=phases.total, phases=phases, measures=measures)


_COMPARISONS = ("equals", "not_equals", "less_than", "greater_than", "matches", "exists")
_COUNTS = ("rows", "empty")
_ALL = (*_COMPARISONS, *_COUNTS)


def _held(expect: Value, given: list[str]) -> Callable[[Rows], Miss | None]:
    compare, status, cause = comparison_of(expect, "the value"), Status(expect.otherwise), f"value:{'+'.join(given)}"
    return lambda rows: compared(compare, rows.value, status, cause)


def _counted(expect: Value) -> Callable[[Rows], Miss | None]:
    status, wanted = Status(expect.otherwise), expect.rows

    def miss_empty(rows: Rows) -> Miss | None:
        text = "there are no rows, expected some" if not rows.count else "there are rows, expected none"
        return None if (rows.count == 0) is expect.empty else Miss(status, text, "empty")

    def miss_rows(rows: Rows) -> Miss | None:
        more = "more than " if rows.count > (wanted or 0) else ""
        text = f"there are {more}{min(rows.count, wanted or 0)} rows, expected {wanted}"
        return None if rows.count == wanted else Miss(status, text, "rows")

    return miss_empty if wanted is None else miss_rows
