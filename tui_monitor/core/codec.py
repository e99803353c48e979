"""Our values to JSON and back, by their own type hints: for the store's checkpoints and the control door."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Plain JSON of a value; fields that hold their default are kept, so that a reader need not know defaults."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, datetime):
        return _exactly(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(item) for item in value]
    raise TypeError(f"no JSON for {type(value).__name__}")


def moment(at: datetime) -> str:
    """RFC 3339 in UTC for people and scripts, with milliseconds where there are any."""
    utc = at.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


def _exactly(at: datetime) -> str:
    """The same to the last digit: what is decided from a checkpoint must not depend on its having been written."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def decode(into: type[T], data: Any) -> T:
    """A value from its JSON; unknown keys are ignored, so that an older program reads a newer one's."""
    return typing.cast(T, _reader(typing.cast(Any, into))(data))


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    origin = typing.get_origin(hint)
    if hint is Any or hint in (str, int, bool):
        return lambda data: data
    if hint is float:
        return float
    if hint is datetime:
        return datetime.fromisoformat
    if origin in (typing.Union, types.UnionType):
        return _optional(hint)
    if origin in (tuple, list):
        return _sequence(origin, typing.get_args(hint)[0])
    if origin is Sequence:
        return _sequence(tuple, typing.get_args(hint)[0])
    if origin is not None and issubclass(origin, Mapping):
        item = _reader(typing.get_args(hint)[1])
        return lambda data: {key: item(value) for key, value in data.items()}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if is_dataclass(hint):
        return _value(hint)
    raise TypeError(f"cannot read {hint!r}")


def _optional(hint: Any) -> Callable[[Any], Any]:
    inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
    read = _reader(inner[0])
    return lambda data: None if data is None else read(data)


def _sequence(origin: Any, inner: Any) -> Callable[[Any], Any]:
    read = _reader(inner)
    return lambda data: origin(read(item) for item in data)


def _value(hint: Any) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(hint)
    readers = {field.name: _reader(hints[field.name]) for field in fields(hint) if field.init}
    required = [f.name for f in fields(hint) if f.default is MISSING and f.default_factory is MISSING]

    def read(data: Any) -> Any:
        missing = [name for name in required if name not in data]
        if missing:
            raise ValueError(f"{hint.__name__} without {', '.join(missing)}")
        return hint(**{name: reader(data[name]) for name, reader in readers.items() if name in data})

    return read
