"""A dead man's switch: what was heard of a job, and until when silence is no bad sign. Pure, a fold over beats.

Whoever waits for signs can only miss what it could have heard. After a time in which nothing could be heard, silence
counts from the return on; what was bad before stays bad, and what might have been well is unknown, until a sign
comes or a whole turn of silence has passed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tui_monitor.core.codec import decode, encode
from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.ports import Beat
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.core.window import fires_after, spell_moment

VERSION = 1
TEXT = 200
"""Characters of what a job says that are kept: the last ones, for an output ends with what went wrong."""

EARLY = timedelta(seconds=10)
"""How far the clock of a job may be ahead of ours: a sign just before its time is the sign of that time."""

_CODES = 2**31
_AGES = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a sign is expected: every `period` seconds, or when the cron line says so; and how late it may be."""

    period: float = 0.0
    cron: str = ""
    timezone: str = "UTC"
    grace: float | None = None
    longest: float | None = None

    def expected_after(self, at: datetime) -> datetime:
        """When the next sign is expected after one that came then."""
        if not self.cron:
            return at + timedelta(seconds=self.period)
        return fires_after(self.cron, self.timezone, at + EARLY) or at + _AGES

    def grace_at(self, expected: datetime) -> float:
        """How late that sign may be. Unless it is given a tenth of the time to the next one, from 1 to 60 minutes."""
        if self.grace is not None:
            return self.grace
        turn = (self.expected_after(expected) - expected).total_seconds()
        return min(max(60.0, turn / 10), 3600.0)

    def late_after(self, at: datetime) -> datetime:
        """From when on silence since a moment is a bad sign."""
        expected = self.expected_after(at)
        return expected + timedelta(seconds=self.grace_at(expected))

    def longest_of(self, started: datetime) -> float:
        """How long a run may take that began then: as long as a sign may be late, unless it is given."""
        return self.longest if self.longest is not None else self.grace_at(self.expected_after(started))

    def spell(self, at: datetime, now: datetime) -> str:
        """What was expected after a moment, in words."""
        expected = self.expected_after(at)
        grace = _spell(self.grace_at(expected))
        when = f"at {spell_moment(expected, now, self.timezone)}" if self.cron else f"every {_spell(self.period)}"
        return f"expected {when} (+{grace} grace)"


@dataclass(frozen=True, slots=True)
class Pulse:
    """What was heard: when it was done, since when it runs, when it failed. `since` is when we began to listen."""

    since: datetime
    done: datetime | None = None
    started: datetime | None = None
    failed: datetime | None = None
    code: int = 0
    text: str = ""
    took: float | None = None
    version: int = VERSION

    def spell(self) -> str:
        return json.dumps(encode(self))


def recalled(memo: str, now: datetime) -> Pulse:
    """What is remembered; where nothing is, or in another way than ours, we begin to listen now.

    What lies ahead was noted by a clock that has gone back since: it is taken to be of now, so that it ages at all.
    """
    try:
        pulse = decode(Pulse, json.loads(memo))
    except (ValueError, TypeError):
        return Pulse(now)
    moments = (pulse.since, pulse.done, pulse.started, pulse.failed)
    is_ours = pulse.version == VERSION and isinstance(pulse.code, int) and isinstance(pulse.text, str)
    if not is_ours or any(at is not None and at.tzinfo is None for at in moments):
        return Pulse(now)
    since, done, started, failed = (min(at, now) if at is not None else None for at in moments)
    return replace(pulse, since=since or now, done=done, started=started, failed=failed)


def heard(pulse: Pulse, beat: Beat, at: datetime) -> Pulse:
    """After a sign. A run that ends badly is bad until one ends well; that it has begun anew changes nothing."""
    text = clean(beat.text[-4 * TEXT :], 4 * TEXT)[-TEXT:].lstrip()
    if beat.kind not in ("done", "started", "failed"):
        raise ValueError(f"{clean(beat.kind, 40)!r} is no sign of life: it is done, started or failed")
    if beat.kind == "failed" or beat.code:
        code = max(-_CODES, min(beat.code, _CODES))
        return Pulse(pulse.since, failed=at, code=code, text=text)
    if beat.kind == "started":
        return replace(pulse, started=at)
    took = (at - pulse.started).total_seconds() if pulse.started is not None else None
    return Pulse(pulse.since, done=at, text=text, took=None if took is None else max(0.0, took))


def deafened(pulse: Pulse, at: datetime) -> Pulse:
    """After a time, ending now, in which nothing could be heard: also a run may have ended in it."""
    return replace(pulse, since=at, started=None)


# -- what it says ---------------------------------------------------------------------------------------------------


def weigh_pulse(pulse: Pulse, rhythm: Rhythm, now: datetime) -> Reading:
    """What was heard, and what was not, says of a job."""
    status, cause, text = _weigh(pulse, rhythm, now)
    measures = () if pulse.took is None else (Measure("took", round(pulse.took, 3), "s"),)
    return Reading(status, text, cause, measures=measures)


def _weigh(pulse: Pulse, rhythm: Rhythm, now: datetime) -> tuple[Status, str, str]:
    if pulse.failed is not None:
        return Status.MAJOR, "failed", _spell_failure(pulse)
    running = (now - pulse.started).total_seconds() if pulse.started is not None else None
    if pulse.started is not None and running is not None and running >= rhythm.longest_of(pulse.started):
        longest = _spell(rhythm.longest_of(pulse.started))
        return Status.MAJOR, "overrun", f"running for {_spell(running)}, longer than {longest}"
    also = f", running for {_spell(running)}" if running is not None else ""
    if pulse.done is not None and now < rhythm.late_after(pulse.done):
        return Status.OPERATIONAL, "", _spell_life(pulse, rhythm, now, pulse.done) + also
    listened = max(pulse.since, pulse.done or pulse.since)
    late = rhythm.late_after(listened)
    if now < late:
        heard = "no sign of life yet" if pulse.done is None else "nothing could be heard for a while"
        return Status.UNKNOWN, "waiting", f"{heard}: waits up to {_spell((late - now).total_seconds())}{also}"
    silence = f"no sign of life for {_spell((now - pulse.done).total_seconds())}" if pulse.done else "no sign of life"
    return Status.MAJOR, "late", f"{silence}, {rhythm.spell(listened, now)}{also}"


def _spell_failure(pulse: Pulse) -> str:
    code = f" with exit code {pulse.code}" if pulse.code else ""
    return f"failed{code}: {pulse.text}" if pulse.text else f"failed{code}"


def _spell_life(pulse: Pulse, rhythm: Rhythm, now: datetime, done: datetime) -> str:
    text = f"last sign of life {_spell((now - done).total_seconds())} ago"
    if pulse.text:
        text += f": {pulse.text}"
    late = (now - rhythm.expected_after(done)).total_seconds()
    return f"{text}, overdue by {_spell(late)} and within its grace" if late > 0 else text


def _spell(seconds: float) -> str:
    return spell_duration(seconds).removesuffix(" 00 m").removesuffix(" 0 h")
