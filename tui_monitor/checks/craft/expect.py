"""What an answer is held against: one line of an `expect` list each, and what is said where one is missed.

Pure, and shared by the checks. Patterns come from people and texts from outside, so matching has a limit of time:
where it runs out, the expectation cannot be told, which is `unknown` and never an outage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.options import Duration, naming
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_duration

if TYPE_CHECKING:
    from tui_monitor.net import Answer, Heard

PATIENCE = 0.05
"""Seconds that one pattern may take on one text; the loop stands still meanwhile."""

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Miss:
    """One expectation that an answer does not meet."""

    status: Status
    text: str
    cause: str


Judge = Callable[["Answer"], Miss | None]
Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True, repr=False)
class Expect:
    """One expectation: exactly one of the first seven, for some a comparison, and what it means to miss it."""

    status: str | int | None = None
    latency: Duration | None = None
    body_matches: str | None = None
    body_lacks: str | None = None
    json: str | None = None
    header: str | None = None
    certificate_days: float | None = None
    equals: Scalar | None = None
    not_equals: Scalar | None = None
    less_than: float | None = None
    greater_than: float | None = None
    matches: str | None = None
    exists: bool | None = None
    otherwise: Literal["degraded", "partial", "major"] | None = None
    miss: Judge = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        subjects = [name for name in _SUBJECTS if getattr(self, name) is not None]
        if len(subjects) != 1:
            found = f"not {' and '.join(subjects)} together" if subjects else "and none is given"
            raise ValueError(f"an expectation has exactly one of {', '.join(_SUBJECTS)}, {found}")
        build, allowed, usual = _SUBJECTS[subjects[0]]
        for name in _COMPARISONS:
            if getattr(self, name) is not None and name not in allowed:
                raise ValueError(f"{subjects[0]} is not compared by {name}")
        object.__setattr__(self, "miss", build(self, Status(self.otherwise or usual)))

    def __repr__(self) -> str:
        given = ((one.name, getattr(self, one.name)) for one in fields(self) if one.init)
        return f"Expect({', '.join(f'{name}={value!r}' for name, value in given if value is not None)})"


def weigh(expectations: Iterable[Expect], answer: Answer) -> Reading:
    """What an answer says of the service, held against all that is expected of it."""
    miss = worst_miss(_with_a_status(tuple(expectations)), answer)
    status, text, cause = (miss.status, miss.text, miss.cause) if miss else (Status.OPERATIONAL, answer.title, "")
    phases = answer.phases
    return Reading(
        status, text, cause, latency=phases.total, phases=phases, certificate_until=answer.certificate_until
    )


def _with_a_status(expectations: tuple[Expect, ...]) -> tuple[Expect, ...]:
    """A list that says nothing of the status still means the usual one: a quick error page is not well."""
    said = any(one.status is not None for one in expectations)
    return expectations if said else (_USUAL, *expectations)


def worst_miss(expectations: Iterable[Expect], answer: Answer) -> Miss | None:
    """The worst that an answer misses, the first of several; one that cannot be told is better than any miss."""
    worst: Miss | None = None
    for expect in expectations:
        miss = expect.miss(answer)
        if miss is not None and (worst is None or miss.status.rank > worst.status.rank):
            worst = miss
    return worst


# -- patterns -------------------------------------------------------------------------------------------------------


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a text has the pattern in it. The function raises TimeoutError; ValueError: it is not a pattern."""
    import regex

    try:
        compiled = regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"{clean(pattern, 80)!r} is not a regular expression: {clean(str(error))}") from error
    return lambda text: compiled.search(text, timeout=PATIENCE) is not None


def compile_path(path: str) -> Callable[[Any], Any]:
    """What a JMESPath finds in a value, None where nothing. ValueError: it is not one, or not one of this value."""
    import jmespath

    try:
        find: Callable[[Any], Any] = jmespath.compile(path).search
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"{clean(path, 80)!r} is not a JMESPath: {clean(str(error), 200)}") from error
    return find


def heard_test(text: str, pattern: str) -> Callable[[bytes], bool] | None:
    """Whether enough was heard on a line: a text or a pattern in it; None where nothing is expected."""
    if text and pattern:
        raise ValueError("give expect (a text) or matches (a pattern), not both")
    has_it = compile_pattern(pattern) if pattern else lambda said: text in said

    def is_enough(said: bytes) -> bool:
        try:
            return has_it(said.decode("utf-8", "replace"))
        except TimeoutError as error:
            raise Unreadable(f"the pattern {clean(pattern, 60)} took too long on what was said") from error

    return is_enough if text or pattern else None


def weigh_talk(wanted: str, heard: Heard) -> Reading:
    """What a talk over TCP says of the service."""
    status, text, cause = Status.OPERATIONAL, "connected", ""
    if not heard.is_enough:
        said = clean(heard.said.decode("utf-8", "replace"), 60) or "nothing"
        status, text, cause = Status.MAJOR, f"it said {said}, expected {clean(wanted, 60)}", "expect"
    phases, until = heard.phases, heard.certificate_until
    return Reading(status, text, cause, latency=phases.total, phases=phases, certificate_until=until)


def _untold(what: str) -> Miss:
    return Miss(Status.UNKNOWN, what, "unreadable")


# -- one function for each subject ----------------------------------------------------------------------------------


def parse_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """`200-204, 301` as inclusive ranges."""
    ranges = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        numbers = (first, last) if dash else (first, first)
        if not all(number.isascii() and number.isdigit() and len(number) == 3 for number in numbers):
            raise ValueError(f"{clean(text, 40)!r} is not a list of statuses like 200-204, 301")
        low, high = int(numbers[0]), int(numbers[1])
        if low > high:
            raise ValueError(f"the status range {low}-{high} is upside down")
        ranges.append((low, high))
    return tuple(ranges)


def expect_status(expect: Expect, status: Status) -> Judge:
    spelt = str(expect.status).strip()
    ranges = parse_ranges(spelt)

    def judge(answer: Answer) -> Miss | None:
        code = answer.status
        for low, high in ranges:
            if low <= code <= high:
                return None
        return Miss(status, f"{code}, expected {spelt}", f"status:{code}")

    return judge


def expect_latency(expect: Expect, status: Status) -> Judge:
    limit = expect.latency or 0.0
    if limit <= 0:
        raise ValueError("the latency must be more than nothing")

    def judge(answer: Answer) -> Miss | None:
        took = answer.phases.total
        if took <= limit:
            return None
        return Miss(status, f"{spell_duration(took)}, over {spell_duration(limit)}", "latency")

    return judge


def expect_body(expect: Expect, status: Status) -> Judge:
    wanted = expect.body_matches is not None
    pattern = expect.body_matches if expect.body_matches is not None else expect.body_lacks or ""
    shown = f'"{clean(pattern, 60)}"'
    if not pattern:
        raise ValueError("an empty pattern is in every body")
    has_it = compile_pattern(pattern)
    key = "body_matches" if wanted else "body_lacks"
    text = f"the body does not match {shown}" if wanted else f"the body has {shown} in it"
    cause = f"{key}:{clean(pattern, 60)}"

    def judge(answer: Answer) -> Miss | None:
        try:
            found = has_it(answer.text)
        except TimeoutError:
            return _untold(f"the pattern {shown} took too long on this body")
        if answer.corrupt:
            return Miss(status, "the body is packed in a way that cannot be unpacked", cause)
        if not found and answer.truncated:
            return _untold(f"the body is larger than max_body, and {shown} is not in the part that was read")
        return None if found is wanted else Miss(status, text, cause)

    return judge


def expect_json(expect: Expect, status: Status) -> Judge:
    path = expect.json or ""
    find = compile_path(path)
    shown = clean(path, 60)
    compare = comparison_of(expect, shown)
    cause = f"json:{shown}"

    def judge(answer: Answer) -> Miss | None:
        try:
            document = answer.json
        except ValueError:
            if answer.truncated:
                return _untold("the body is larger than max_body, so its JSON is not whole")
            return Miss(status, "the body is not JSON", cause)
        try:
            value = find(document)
        except ValueError:  # which a JMESPathError is: nothing has no length
            return Miss(status, f"{shown} cannot be told of this body", cause)
        return compared(compare, value, status, cause)

    return judge


def expect_header(expect: Expect, status: Status) -> Judge:
    name = expect.header or ""
    shown = clean(name, 60)
    with naming("header"):
        check_header(name)
    compare = comparison_of(expect, f"the header {shown}")

    def judge(answer: Answer) -> Miss | None:
        return compared(compare, answer.header(name), status, f"header:{shown.lower()}")

    return judge


def check_header(name: str) -> None:
    """ValueError: no header is ever called so, so that it would be missing for ever."""
    if not name:
        raise ValueError("the header has no name")
    if not _HEADER.fullmatch(name):
        raise ValueError(f"{clean(name, 60)!r} is not the name of a header")


def expect_certificate(expect: Expect, status: Status) -> Judge:
    days = expect.certificate_days or 0.0
    if not 0 < days < 10_000:
        raise ValueError("certificate_days must be a number of days above zero")

    def judge(answer: Answer) -> Miss | None:
        until = answer.certificate_until
        if until is None:
            return Miss(status, "there is no certificate: it does not speak TLS", "certificate_days")
        left = (until - answer.at).total_seconds() / 86_400
        if left >= days:
            return None
        word = f"expires in {_days(int(left))}" if left >= 0 else "has expired"
        return Miss(
            status,
            f"the certificate {word} (on {until:%Y-%m-%d}), expected {_days(days)} or more",
            "certificate_days",
        )

    return judge


def _days(number: float) -> str:
    return f"{number:g} day{'' if number == 1 else 's'}" if number else "less than a day"


# -- comparisons of one value ---------------------------------------------------------------------------------------

Comparison = Callable[[Any], str | None]
"""From a value to what is wrong with it."""


class Comparing(Protocol):
    """Options that say what a value is compared with; None where they say nothing."""

    @property
    def equals(self) -> Scalar | None: ...
    @property
    def not_equals(self) -> Scalar | None: ...
    @property
    def less_than(self) -> float | None: ...
    @property
    def greater_than(self) -> float | None: ...
    @property
    def matches(self) -> str | None: ...
    @property
    def exists(self) -> bool | None: ...


def comparison_of(expect: Comparing, name: str) -> Comparison:
    """All the comparisons of one expectation; a value that must merely be there where none is given."""
    tests: list[Comparison] = []
    if expect.equals is not None:
        tests.append(_equality(name, expect.equals, True))
    if expect.not_equals is not None:
        tests.append(_equality(name, expect.not_equals, False))
    if expect.less_than is not None:
        tests.append(_order(name, expect.less_than, less=True))
    if expect.greater_than is not None:
        tests.append(_order(name, expect.greater_than, less=False))
    if expect.matches is not None:
        tests.append(_likeness(name, expect.matches))
    if expect.exists is not None or not tests:
        tests.append(_presence(name, expect.exists is not False))

    def compare(value: Any) -> str | None:
        return next((wrong for test in tests if (wrong := test(value)) is not None), None)

    return compare


def compared(compare: Comparison, value: Any, status: Status, cause: str) -> Miss | None:
    try:
        wrong = compare(value)
    except TimeoutError:
        return _untold("a pattern took too long on this answer")
    return None if wrong is None else Miss(status, wrong, cause)


def _equality(name: str, wanted: Scalar, same: bool) -> Comparison:
    def compare(value: Any) -> str | None:
        is_same = value == wanted and isinstance(value, bool) is isinstance(wanted, bool)
        if is_same is same:
            return None
        return f"{name} is {spell_value(value)}, expected {'' if same else 'anything but '}{spell_value(wanted)}"

    return compare


def _order(name: str, limit: float, *, less: bool) -> Comparison:
    def compare(value: Any) -> str | None:
        try:
            number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
        except (ValueError, OverflowError):
            number = None
        if number is None:
            return f"{name} is {spell_value(value)}, which is not a number"
        if (number < limit) if less else (number > limit):
            return None
        return f"{name} is {spell_value(value)}, expected {'less' if less else 'more'} than {limit:g}"

    return compare


def _likeness(name: str, pattern: str) -> Comparison:
    with naming("matches"):
        has_it = compile_pattern(pattern)

    def compare(value: Any) -> str | None:
        if value is not None and has_it(value if isinstance(value, str) else json.dumps(value)):
            return None
        return f"{name} is {spell_value(value)}, expected to match {clean(pattern, 60)}"

    return compare


def _presence(name: str, wanted: bool) -> Comparison:
    def compare(value: Any) -> str | None:
        if (value is not None) is wanted:
            return None
        return f"{name} is missing" if wanted else f"{name} is {spell_value(value)}, expected to be missing"

    return compare


def spell_value(value: Any) -> str:
    return "missing" if value is None else clean(json.dumps(value, ensure_ascii=False), 60)


_COMPARISONS = ("equals", "not_equals", "less_than", "greater_than", "matches", "exists")
_SUBJECTS: dict[str, tuple[Callable[[Expect, Status], Judge], tuple[str, ...], str]] = {
    "status": (expect_status, (), "major"),
    "latency": (expect_latency, (), "degraded"),
    "body_matches": (expect_body, (), "partial"),
    "body_lacks": (expect_body, (), "partial"),
    "json": (expect_json, _COMPARISONS, "partial"),
    "header": (expect_header, _COMPARISONS, "partial"),
    "certificate_days": (expect_certificate, (), "degraded"),
}
_USUAL = Expect(status="200-399")
