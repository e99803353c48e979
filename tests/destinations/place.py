"""A destination and the place it tells, seen alike whatever its kind; each kind's own is in a module of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

SECRET = "S3CRETWORD"


@dataclass
class Arrived:
    """One message as the place has it: by what it would be known again, its text as read there, its size."""

    identity: str
    text: str
    size: int


@dataclass
class Place:
    """A destination and the place it tells. What a place has no way to do is None."""

    plugin: Any
    arrived: Callable[[], list[Arrived]]
    later: Callable[[], AbstractContextManager[None]]
    never: Callable[[], AbstractContextManager[None]] | None = None
    hold: Callable[[], Any] | None = None
    release: Callable[[], Any] | None = None
    unreachable: list[Any] = field(default_factory=list)
    asks: bool = True
    """Whether proving it asks the place itself."""
    apart: bool = False
    """Whether each incident arrives by itself, also those of one message."""
    takes_banner: bool = True
    """Whether the banner of the board has any place there."""
    only_banner: bool = False
    """Whether it shows that alone, one in place of another: no incident arrives, and of one cleared nothing stays."""


def texts_in(value: Any) -> str:
    """Every text in a JSON document, a line each."""
    if isinstance(value, dict):
        return "\n".join(filter(None, map(texts_in, value.values())))
    if isinstance(value, list):
        return "\n".join(filter(None, map(texts_in, value)))
    return f"{value}" if isinstance(value, str | int) else ""
