"""The last looks at each service with where their time went: packed small, since there are thousands of services, and
gone with the process. What history keeps of a look has no phases and no words.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tui_monitor.core.model import Observation, Phases
from tui_monitor.core.status import Status

KEPT = 12
LONGEST_WORDS = 160

_ONE = struct.Struct("<dB7f")
"""When it began, its state, its latency, how long it took in all, and the five phases."""
_SIZE = _ONE.size
_STATUSES = tuple(Status)
_CODES = {status: code for code, status in enumerate(_STATUSES)}
_CONFIRMING, _MEASURED, _PHASED = 0x08, 0x10, 0x20
_NO_PHASES = Phases()


@dataclass(frozen=True, slots=True)
class Recently:
    """One look as it is remembered here; the message only of one that failed."""

    at: datetime
    status: Status
    latency: float | None
    took: float
    phases: Phases | None
    confirming: bool
    message: str | None = None


class Recent:
    """The newest looks of each service as one text of bytes, and the words of those that failed."""

    def __init__(self) -> None:
        self._looks: dict[str, bytes] = {}
        self._words: dict[str, tuple[tuple[float, str], ...]] = {}

    def __repr__(self) -> str:
        return f"<Recent looks at {len(self._looks)} services>"

    def saw(self, seen: Observation) -> None:
        reading, name, at = seen.reading, seen.service, seen.at.timestamp()
        phases = reading.phases or _NO_PHASES
        state = _CODES[seen.counts_as or reading.status]
        state |= _CONFIRMING if seen.confirming else 0
        state |= _PHASED if reading.phases is not None else 0
        state |= _MEASURED if reading.latency is not None else 0
        one = _ONE.pack(
            at,
            state,
            _bounded(reading.latency or 0.0),
            _bounded(seen.took),
            *map(_bounded, (phases.dns, phases.connect, phases.tls, phases.first_byte, phases.total)),
        )
        kept = self._looks[name] = (self._looks.get(name, b"") + one)[-KEPT * _SIZE :]
        if name in self._words or not reading.status.is_good:
            self._keep_words(name, at, "" if reading.status.is_good else reading.message, _ONE.unpack_from(kept)[0])

    def _keep_words(self, name: str, at: float, message: str, oldest: float) -> None:
        """The same words again are the same text in memory."""
        words = tuple(one for one in self._words.get(name, ()) if one[0] >= oldest)
        if message:
            message = message[:LONGEST_WORDS]
            message = words[-1][1] if words and words[-1][1] == message else message
            words = (*words[1 - KEPT :], (at, message))
        if words:
            self._words[name] = words
        else:
            self._words.pop(name, None)

    def of(self, service: str) -> Iterator[Recently]:
        """Oldest first."""
        words = dict(self._words.get(service, ()))
        for at, state, latency, took, *phases in _ONE.iter_unpack(self._looks.get(service, b"")):
            yield Recently(
                datetime.fromtimestamp(at, UTC),
                _STATUSES[state & 0x07],
                round(latency, 6) if state & _MEASURED else None,
                round(took, 6),
                Phases(*(round(one, 6) for one in phases)) if state & _PHASED else None,
                bool(state & _CONFIRMING),
                words.get(at),
            )

    def keep_only(self, services: Collection[str]) -> None:
        """Another config is in force."""
        self._looks = {name: looks for name, looks in self._looks.items() if name in services}
        self._words = {name: words for name, words in self._words.items() if name in services}


def _bounded(seconds: float) -> float:
    """What four bytes can hold, whatever a plugin has measured."""
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), 1e9)
