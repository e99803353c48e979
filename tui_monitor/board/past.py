"""Latencies from before this board began to look: asked for once, for services that are seen, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tui_monitor.board.state import LATELY

AT_ONCE = 100
"""Services in one question."""

Latencies = tuple[float | None, ...]


class Past:
    """What is known of the time before. A question that was refused is not asked again until the next picture."""

    def __init__(self) -> None:
        self._known: dict[str, Latencies] = {}
        self._asked: set[str] = set()
        self._is_waiting = False

    def __repr__(self) -> str:
        return f"<Past of {len(self._known)}>"

    def forget(self) -> None:
        """Another engine, or the same one after a while: what lies before it must be asked anew."""
        self._known.clear()
        self._asked.clear()

    def wanting(self, seen: Iterable[str], latencies: Mapping[str, Latencies]) -> list[str]:
        """Whom to ask for next; nobody while a question is under way."""
        if self._is_waiting:
            return []
        found = [one for one in seen if one not in self._asked and len(latencies.get(one, ())) < LATELY]
        wanted = found[:AT_ONCE]
        self._asked.update(wanted)
        self._is_waiting = bool(wanted)
        return wanted

    def learn(self, answer: Mapping[str, Any] | None, latencies: Mapping[str, Latencies]) -> list[str]:
        """The services of which more is known now. What has been seen since is in the answer too, at its end."""
        self._is_waiting = False
        for name, one in (answer or {}).items():
            past: Sequence[float | None] = one["latencies"]
            since = len(latencies.get(name, ()))
            self._known[name] = tuple(past[: len(past) - since] if since else past)
        return list(answer or {})

    def before(self, name: str, since: Latencies) -> Latencies:
        """With what came since: the newest so many."""
        if len(since) >= LATELY:
            return since
        return (*self._known.get(name, ()), *since)[-LATELY:]
