"""Plugins small enough to see through, for tests that are about the reader and not about what is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from tui_monitor import config
from tui_monitor.config.reader import read
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.options import Duration, Template
from tui_monitor.core.plan import Plan
from tui_monitor.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Expect:
    status: str | None = None
    latency: Duration | None = None
    json: str | None = None
    equals: Any = None


@dataclass(frozen=True, slots=True)
class Web:
    """Looks at an address."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    expect: tuple[Expect, ...] = ()
    reuse: bool = False
    user: str = ""
    password: Secret | None = None
    size: int | Literal["any"] = 10

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"url {self.url!r} must begin with http:// or https://")


@dataclass(frozen=True, slots=True)
class Port:
    host: str
    port: int
    weight: float = 1.0

    def __post_init__(self) -> None:
        if "@" in self.host:
            raise ValueError(f"host must not begin with {self.host.partition('@')[0]!r}")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Square:
    side: int


@dataclass(frozen=True, slots=True)
class Circle:
    radius: int
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Odd:
    """Every type that an option may have."""

    from_: str
    colour: Colour = Colour.RED
    shape: Square | Circle | str = "none"
    names: tuple[str, ...] = ()
    pair: tuple[int, str] = (0, "")
    bag: frozenset[str] = frozenset()
    path: Path = Path()
    whatever: Any = None
    scalar: str | int | float | bool | None = None
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paper:
    level: Literal["info", "warning"] = "info"
    text: Template = "{title}"


@dataclass(frozen=True, slots=True)
class Hook:
    url: Secret
    token: Secret = field(default=Secret(""))


class Kinds:
    def __init__(self, **kinds: type[Any]) -> None:
        self._kinds = kinds

    def kinds(self) -> tuple[str, ...]:
        return tuple(self._kinds)

    def find(self, kind: str) -> type[Any]:
        return self._kinds[kind]


CHECKS = Kinds(web=Web, port=Port, odd=Odd)
DESTINATIONS = Kinds(paper=Paper, hook=Hook)

ONE = "services:\n  - {name: A, web: {url: 'http://a.example'}}\n"
"""The least config that is right."""


def plan_of(text: str, folder: Path = Path("/nowhere"), **environ: str) -> Plan:
    return read(text, "c.yaml", environ, folder, checks=CHECKS, destinations=DESTINATIONS)


def problems_of(text: str, folder: Path = Path("/nowhere"), **environ: str) -> list[str]:
    """`line: path: sentence` of each problem; none where the config is right."""
    try:
        plan_of(text, folder, **environ)
    except ConfigError as error:
        return [f"{one.line}: {one.path + ': ' if one.path else ''}{one.text}" for one in error.problems]
    return []


def check_of(options: str, kind: str = "web", **environ: str) -> Any:
    """The check that these options make, written as one line of YAML."""
    return plan_of(f"services: [{{name: A, {kind}: {options}}}]", **environ).services[0].check


__all__ = ["CHECKS", "DESTINATIONS", "ONE", "check_of", "config", "plan_of", "problems_of"]
