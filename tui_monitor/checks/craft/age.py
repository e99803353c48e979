"""How old is too old: what an age says, by a time that an answer holds or since when its value is the one it is.

Pure, and shared by the checks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from tui_monitor.checks.craft.expect import check_header, compile_path, weigh
from tui_monitor.core.codec import decode, encode
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.options import naming
from tui_monitor.core.stamp import read_stamp
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_duration

if TYPE_CHECKING:
    from tui_monitor.net import Answer

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """From which age on something is old, and from which stale; how far its time may be ahead of our clock."""

    stale_after: float
    warn_after: float | None = None
    otherwise: Status = Status.MAJOR
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        if self.stale_after <= 0:
            raise ValueError("stale_after must be more than nothing")
        if self.warn_after is not None and not 0 < self.warn_after < self.stale_after:
            raise ValueError("warn_after must be more than nothing and less than stale_after")


def weigh_age(what: str, since: datetime, now: datetime, bounds: Bounds) -> Reading:
    """What an age says; `what` has it in words with a place for the age, such as `computed {} ago`.

    A time ahead of our clock is unknown: a clock or a zone is wrong, here or there, so that the true age cannot be
    told. That is no evidence of bad data, and operational would hide data that are stale.
    """
    age = (now - since).total_seconds()
    measures = (Measure("age", round(age, 3), "s"),)
    if age < -bounds.tolerance:
        text = f"its time is {spell_duration(-age)} ahead of our clock: a clock or a time zone is wrong"
        return Reading(Status.UNKNOWN, text, "ahead", measures=measures)
    status, cause, text = Status.OPERATIONAL, "", what.format(spell_duration(max(0.0, age)))
    if age > bounds.stale_after:
        status, cause, text = bounds.otherwise, "stale", f"{text}, over {spell_duration(bounds.stale_after)}"
    elif bounds.warn_after is not None and age > bounds.warn_after:
        status, cause, text = Status.DEGRADED, "old", f"{text}, over {spell_duration(bounds.warn_after)}"
    return Reading(status, text, cause, measures=measures)


@dataclass(frozen=True, slots=True)
class Subject:
    """What in an answer is looked at: the time that it says, or, with `changes`, when it last became another."""

    bounds: Bounds
    json: str = ""
    header: str = ""
    changes: bool = False
    zone: tzinfo = UTC
    pattern: str = ""
    find: Callable[[Any], Any] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        with naming("json"):
            object.__setattr__(self, "find", compile_path(self.json) if self.json else None)
        with naming("header"):
            if self.header:
                check_header(self.header)

    def weigh(self, answer: Answer, now: datetime, memo: str) -> Reading:
        """How fresh an answer is; one that is an error says nothing else."""
        served = weigh((), answer)
        if served.status.is_bad:
            return served
        found = self._weigh(answer, now, memo)
        until = served.certificate_until
        return replace(found, latency=served.latency, phases=served.phases, certificate_until=until)

    def _weigh(self, answer: Answer, now: datetime, memo: str) -> Reading:
        try:
            value = self._value_in(answer)
            digest = digest_of(value) if self.changes else ""
        except ValueError:
            return self._unread(answer)
        if value is None:
            return self._unset()
        if not self.changes:
            return self._weigh_time(value, now)
        seen = seen_again(memo, digest, now)
        what = "unchanged for {}" if seen.since < now else "a new value"
        return replace(weigh_age(what, seen.since, now, self.bounds), memo=seen.spell())

    def _weigh_time(self, value: Any, now: datetime) -> Reading:
        try:
            at = read_stamp(value, self.zone, now, self.pattern)
        except ValueError as error:
            return Reading(Status.UNKNOWN, f"{self._shown}: {error}", "unreadable")
        what = "computed {} ago" if self.json else "dated {} ago"
        return self._unset() if at is None else weigh_age(what, at, now, self.bounds)

    def _value_in(self, answer: Answer) -> Any:
        """ValueError: the body is not whole, or not JSON."""
        if self.find is not None:
            return self.find(answer.json)
        if self.header:
            return answer.header(self.header)
        body = answer.body
        if answer.truncated or answer.corrupt:
            raise ValueError("not whole")
        return body

    def _unread(self, answer: Answer) -> Reading:
        if answer.truncated:
            return Reading(Status.UNKNOWN, "the body is larger than max_body, so it is not whole", "unreadable")
        text = "is not the JSON that was expected" if self.json else "is packed in a way that cannot be unpacked"
        return Reading(self.bounds.otherwise, f"the body {text}", "body")

    def _unset(self) -> Reading:
        return Reading(self.bounds.otherwise, f"{self._shown} is missing or not set", "unset")

    @property
    def _shown(self) -> str:
        return clean(self.json or f"the header {self.header}", 60)


# -- changes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """A value by its digest, and since when it is this one, as far as we have looked."""

    value: str
    since: datetime
    version: int = _VERSION

    def spell(self) -> str:
        return json.dumps(encode(self))


def digest_of(value: Any) -> str:
    """The same for values that are the same JSON, in whatever order their keys are. ValueError: nested too deeply."""
    try:
        spelt = value if isinstance(value, bytes) else json.dumps(value, sort_keys=True).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return blake2b(spelt, digest_size=16).hexdigest()


def seen_again(memo: str, value: str, now: datetime) -> Seen:
    """Since when a value is this one: since what the memo says of the same, else from now on.

    A change that lies ahead was noted by a clock that has gone back since: it counts from now on.
    """
    last = _recalled(memo)
    return last if last is not None and last.value == value and last.since <= now else Seen(value, now)


def _recalled(memo: str) -> Seen | None:
    """None where nothing is remembered, or in another way than ours."""
    try:
        last = decode(Seen, json.loads(memo))
    except (ValueError, TypeError):
        return None
    return last if last.version == _VERSION and last.since.tzinfo is not None else None
