"""Few errors, named by what the reader should do next. The text of each is one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class TuiMonitorError(Exception):
    """Anything that is told to a person as one sentence, without a traceback."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a config: where it is, and what to do about it."""

    text: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    file: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part not in (None, ""))
        where = f"{self.path}: " if self.path else ""
        return f"{place}: {where}{self.text}" if place else f"{where}{self.text}"


class ConfigError(TuiMonitorError):
    """Mend the config: `problems` holds every one of them at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Unreachable(TuiMonitorError):
    """A look got no answer. `cause` is stable from one look to the next (`refused`, `dns`, `tls`, `timeout`)."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause


class Unreadable(TuiMonitorError):
    """An answer came, but nothing can be told from it: `unknown`, never evidence."""


class DeliveryError(TuiMonitorError):
    """A destination refused. With `retry`, the outbox tries again (after `after` seconds where it was told).

    `unsure` is a destination that may have taken the message all the same: the next try is the same telling.
    """

    def __init__(self, text: str, *, retry: bool, after: float | None = None, unsure: bool = False) -> None:
        super().__init__(text)
        self.retry = retry
        self.after = after
        self.unsure = unsure


class Rejected(TuiMonitorError):
    """A request that cannot be carried out as things stand; the text says why."""


class CursorExpired(TuiMonitorError):
    """The changes asked for are no longer kept: take a new snapshot."""


class EngineUnreachable(TuiMonitorError):
    """No engine answers on this state: start one."""


class StoreError(TuiMonitorError):
    """The store cannot be written or read now; nothing half-written is left behind."""
