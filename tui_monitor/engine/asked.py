"""A question of a face: its options as they were written, and what and whom they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui_monitor.core.errors import Rejected
from tui_monitor.core.model import Incident, Service
from tui_monitor.core.text import clean, duration_of
from tui_monitor.engine.requests import one_service

if TYPE_CHECKING:
    from tui_monitor.engine.board import Board

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


def service_of(board: Board, target: str) -> Service:
    return one_service(target, board.shown.services)


async def find_incident(board: Board, prefix: str) -> Incident:
    """The incident whose id begins like this, open or over."""
    known = {one.id: one for one in await board.store.incidents(open_only=False)}
    known.update(board.shown.incidents)
    fits = [one for name, one in known.items() if prefix and name.startswith(prefix.lower())]
    exact = [one for one in fits if one.id == prefix.lower()]
    if len(exact or fits) == 1:
        return (exact or fits)[0]
    if not fits:
        raise Rejected(f"no incident has an id that begins with {prefix!r}")
    raise Rejected(f"{prefix!r} could be any of {', '.join(sorted(one.id for one in fits))}")
