"""The ways in which a page is damaged: by hand at one place of it, or by chance in many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.checks.vendors.samples import Path

RETYPED: tuple[Any, ...] = (7, -1.5, "zzz", [], {}, [[]], ["zzz"], {"zzz": "zzz"})
"""What stands instead of something that is of another type. Never `true`, which is a word of its own."""
CLOSING = ("resolved", "RESOLVED", "postmortem", "completed", "Fixed", "available", "operational")


def paths(data: Any, here: Path = ()) -> Iterator[Path]:
    """Every place of a page, the outer ones first."""
    yield here
    if isinstance(data, dict):
        for key, value in data.items():
            yield from paths(value, (*here, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from paths(value, (*here, number))


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def own(data: Any) -> Any:
    """A copy in which no two places are the same thing."""
    return json.loads(json.dumps(data))


def put(data: Any, path: Path, value: Any) -> Any:
    """A copy in which something else stands there."""
    if not path:
        return value
    other = own(data)
    at(other, path[:-1])[path[-1]] = value
    return other


def gone(data: Any, path: Path) -> Any:
    other = own(data)
    del at(other, path[:-1])[path[-1]]
    return other


def renamed(data: Any, path: Path) -> Any:
    """A copy in which a key has another name, at its old place."""
    inner = at(data, path[:-1])
    return put(data, path[:-1], {(f"{key}_x" if key == path[-1] else key): value for key, value in inner.items()})


def wrongs(data: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """The page with one thing wrong there, each time another."""
    now = at(data, path)
    if isinstance(at(data, path[:-1]), dict):
        yield "gone", gone(data, path)
        yield "renamed", renamed(data, path)
    yield "null", put(data, path, None)
    for value in RETYPED if now is not None else ():
        if type(value) is not type(now) or (isinstance(value, str) and not isinstance(now, bool)):
            yield f"as {value!r}", put(data, path, value)


# -- by chance -----------------------------------------------------------------------------------------------------


def _swapped(dice: Random, data: Any, path: Path) -> Any:
    """Two values change places."""
    other = dice.choice(list(paths(data)))
    if other[: len(path)] == path or path[: len(other)] == other:
        return data
    return put(put(data, path, at(data, other)), other, at(data, path))


def _repeated(dice: Random, data: Any, path: Path) -> Any:
    value = at(data, path)
    return put(data, path, value * dice.randint(2, 4)) if isinstance(value, list | str) else data


def _reversed(dice: Random, data: Any, path: Path) -> Any:
    value = at(data, path)
    return put(data, path, value[::-1]) if isinstance(value, list | str) else data


def _retyped(dice: Random, data: Any, path: Path) -> Any:
    return put(data, path, dice.choice([*RETYPED, None, True, False, *CLOSING, "\u202e\x1b[31m", "9" * 400, 1e300]))


def _wrapped(dice: Random, data: Any, path: Path) -> Any:
    return put(data, path, dice.choice([[at(data, path)], {"value": at(data, path)}]))


def _lost(dice: Random, data: Any, path: Path) -> Any:
    return gone(data, path) if path else data


def _misnamed(dice: Random, data: Any, path: Path) -> Any:
    return renamed(data, path) if path and isinstance(at(data, path[:-1]), dict) else data


CHANCES: tuple[Callable[[Random, Any, Path], Any], ...] = (
    _swapped,
    _repeated,
    _reversed,
    _retyped,
    _wrapped,
    _lost,
    _misnamed,
)


def by_chance(dice: Random, data: Any, times: int) -> Any:
    """The page after so many changes, each of any kind at any place."""
    for _ in range(times):
        data = dice.choice(CHANCES)(dice, data, dice.choice(list(paths(data))))
    return data


def scratched(dice: Random, body: bytes, times: int) -> bytes:
    """Bytes are flipped, lost, put in or moved, wherever it may be."""
    found = bytearray(body)
    for _ in range(times):
        if not found:
            break
        start = dice.randrange(len(found))
        end = min(len(found), start + dice.choice((1, 1, 2, 8, 64)))
        piece = bytes(found[start:end])
        found[start:end] = dice.choice(
            (b"", piece * 2, piece[::-1], bytes(byte ^ (1 << dice.randrange(8)) for byte in piece), dice.randbytes(2))
        )
    return bytes(found)
