"""A question that is asked again and again while somebody reads the answer."""

from __future__ import annotations

from typing import Any


class Asked:
    """Its last answer, why there is none, and when it was asked; an answer to another question is none."""

    def __init__(self) -> None:
        self.answer: Any = None
        self.refusal = ""
        self.is_waiting = False
        self.at: float | None = None
        self._turn = 0

    def is_due(self, now: float, after: float) -> bool:
        return not self.is_waiting and (self.at is None or now - self.at >= after)

    def begin(self, now: float) -> int:
        """The number of this turn, by which an answer that comes too late is known."""
        self._turn += 1
        self.at, self.is_waiting = now, True
        return self._turn

    def take(self, turn: int, answer: Any, refusal: str) -> bool:
        """Whether this answer is still the one that is waited for. What was known stays through a refusal."""
        if turn != self._turn:
            return False
        self.is_waiting, self.refusal = False, refusal
        if not refusal:
            self.answer = answer
        return True

    def forget(self) -> None:
        """Another question from now on."""
        self.answer, self.refusal, self.at, self.is_waiting = None, "", None, False
        self._turn += 1
