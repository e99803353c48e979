"""A question of a face: its options as they were written, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_monitor.core.errors import Rejected
from tui_monitor.core.text import clean, duration_of

LONGEST = 100 * 365 * 86400.0
"""Seconds that a question may reach back: beyond, there is no calendar."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its options, as they were written."""

    now: datetime
    options: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.options.get(name, "")

    def seconds(self, name: str, otherwise: str) -> float:
        text = self.options.get(name, otherwise)
        try:
            seconds = duration_of(text)
        except ValueError as error:
            raise Rejected(str(error)) from None
        if seconds > LONGEST:
            raise Rejected(f"{clean(text, 40)!r} is longer than a hundred years")
        return seconds

    def since(self, otherwise: str) -> datetime:
        return self.now - timedelta(seconds=self.seconds("since", otherwise))

    def number(self, name: str, otherwise: int, most: int) -> int:
        text = self.options.get(name, str(otherwise))
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
            raise Rejected(f"{name} is a number from 1 to {most:,}, not {clean(text, 40)!r}")
        return int(text)
