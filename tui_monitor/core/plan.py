"""The config as understood: what is to be looked at, who is to be told, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_monitor.core.model import Service
from tui_monitor.core.ports import Destination
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.core.window import Hours, Window

_SIGNS = (">=", "<=", "==", "=", ">", "<")


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound on a severity, as in `>=partial`; a bare status means exactly that one."""

    sign: str
    status: Status

    @classmethod
    def parse(cls, text: str) -> Condition:
        """ValueError says what is wrong with the text."""
        stripped = text.strip()
        sign = next((one for one in _SIGNS if stripped.startswith(one)), "")
        word = stripped[len(sign) :].strip()
        if word not in [one.value for one in Status if one is not Status.UNKNOWN]:
            raise ValueError(f"{text!r} is not a condition on a severity: write it like >=partial")
        return cls("=" if sign in ("", "==") else sign, Status(word))

    def holds(self, severity: Status) -> bool:
        """An unknown severity counts as partial, so that nothing of unknown weight goes unheard."""
        rank = (Status.PARTIAL if severity is Status.UNKNOWN else severity).rank
        bound = self.status.rank
        return {
            ">=": rank >= bound,
            ">": rank > bound,
            "=": rank == bound,
            "<=": rank <= bound,
            "<": rank < bound,
        }[self.sign]

    def __str__(self) -> str:
        return f"{self.sign}{self.status}"


@dataclass(frozen=True, slots=True)
class Route:
    """Whom to tell of what. A condition that is empty holds for everything."""

    to: tuple[str, ...]
    severity: Condition = Condition(">=", Status.DEGRADED)
    critical: bool | None = None
    services: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    after: float = 0.0
    unless: str = ""
    remind_every: float | None = None
    group_wait: float = 10.0
    during: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """How the monitor knows that it is not itself cut off: so many of these addresses must take a connection."""

    targets: tuple[tuple[str, int], ...]
    quorum: int = 1
    timeout: float = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """A destination of the config: its name, its plugin, and how patient the outbox is with it.

    `ambiguous` says what happens to a message that may or may not have been sent when the engine died,
    at a destination that cannot be asked: `resend` it or `hold` it for a person.
    """

    name: str
    kind: str
    plugin: Destination
    ambiguous: str = "resend"
    give_up_after: float = 86400.0
    timeout: float = 15.0


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the board shows itself, and how it calls for attention. Every face of an engine is told of it.

    `theme` is empty where the board chooses one that suits the terminal; `keys` holds only operations with others
    than their own, by id. Bell and notice reach who sits at this machine, unless `notify_over_ssh`.
    """

    theme: str = ""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mouse: bool = True
    bell: bool = True
    notice: bool = True
    notify_over_ssh: bool = False
    sort: str = "worst"
    layout: str = "auto"
    ascii: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One config, ready to run."""

    services: tuple[Service, ...] = ()
    places: tuple[Place, ...] = ()
    routes: tuple[Route, ...] = ()
    messages: Mapping[str, str] = field(default_factory=dict)
    title: str = "Ops"
    timezone: str = "UTC"
    settle: float = 10.0
    keep_looks: float = 30 * 86400.0
    keep_history: float = 400 * 86400.0
    size_limit: int = 2 * 1024**3
    concurrency: int = 0
    log_level: str = "info"
    secrets: tuple[Secret, ...] = ()
    source: str = ""
    maintenance: tuple[Window, ...] = ()
    guard: Guard | None = None
    appearance: Appearance = Appearance()
