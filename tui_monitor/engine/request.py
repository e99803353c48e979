"""One command at the desk, with what each of them needs: who asks, in which words, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tui_monitor.core.errors import Rejected
from tui_monitor.core.ports import Command
from tui_monitor.core.text import clean, clean_lines, duration_of, spell_duration
from tui_monitor.core.window import spell_moment
from tui_monitor.engine.desk import Desk


@dataclass(frozen=True, slots=True)
class Request:
    """One command at the desk, with what every one of them needs."""

    desk: Desk
    command: Command
    now: datetime
    timezone: str

    @property
    def by(self) -> str:
        return clean_lines(self.command.by, 100) or "somebody"

    @property
    def text(self) -> str:
        return clean_lines(self.command.text, 5000)

    @property
    def line(self) -> str:
        return clean(self.command.text, 500)

    def seconds(self, default: str, longest: float) -> float:
        """How long, as `for` says. Rejected where that is no time or a senseless one."""
        text = self.command.options.get("for") or default
        if not text:
            raise Rejected(f"say for how long, as in {self.command.name} {self.command.target} --for 2h")
        try:
            seconds = duration_of(text)
        except ValueError as error:
            raise Rejected(str(error)) from None
        if not 1 <= seconds <= longest:
            raise Rejected(f"{text!r} is not between 1 s and {spell_duration(longest)}")
        return seconds

    def until(self, at: datetime) -> str:
        return spell_moment(at, self.now, self.timezone)
