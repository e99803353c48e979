"""A page of any shape, read by what a config says of where things stand in it, and of what its words mean.

Whatever is said to stand somewhere and does not makes the page unreadable, or that one thing unknown; a word that was
not explained is of unknown weight, and what has it is open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tui_monitor.checks.craft.expect import compile_path
from tui_monitor.checks.craft.vendor.document import Row, listed, names, refuse_error, text_of, when, word
from tui_monitor.checks.craft.vendor.prose import plain
from tui_monitor.checks.craft.vendor.said import Part, Said, Stage, Told, dated, in_order
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.options import naming
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean

Weight = Literal["operational", "maintenance", "degraded", "partial", "major", "unknown"]
Words = Mapping[str, Weight]
"""What the words of a page mean; `null` is what stands there as nothing, and is not missing."""

_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Path:
    """Where something stands, as a JMESPath; empty where a page has no such thing."""

    text: str
    find: Callable[[Any], Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """A plain path is walked: that takes a fraction of the time, and large pages have thousands of rows."""
        is_plain = _PLAIN.fullmatch(self.text) is not None
        steps = tuple(self.text.split("."))
        find = (lambda data: _walk(data, steps)) if is_plain or not self.text else compile_path(self.text)
        object.__setattr__(self, "find", find)

    def value(self, data: Any) -> Any:
        try:
            return self.find(data)
        except ValueError:  # which a JMESPathError is: nothing has no length
            raise Unreadable(f"{self} cannot be told of its page") from None

    def text_in(self, data: Any) -> str:
        return text_of({"it": self.value(data)}, "it")

    def word_in(self, data: Any) -> str:
        """The word that stands there, of any case and spelling; empty where nothing does."""
        value = self.value(data)
        if value is None:
            return "null" if self._is_null_in(data) else ""
        return _folded(str(value) if isinstance(value, bool) else value)

    def when_in(self, data: Any, now: datetime) -> datetime | None:
        return when(self.value(data), now)

    def _is_null_in(self, data: Any) -> bool:
        """Whether it is there, and is nothing. Only a plain path can be followed so."""
        if not _PLAIN.fullmatch(self.text):
            return False
        for name in self.text.split("."):
            if not isinstance(data, dict) or name not in data:
                return False
            data = data[name]
        return True

    def __str__(self) -> str:
        return repr(clean(self.text, 60))


def _walk(data: Any, steps: tuple[str, ...]) -> Any:
    for name in steps:
        data = data.get(name) if name and isinstance(data, dict) else None
    return data


def paths_of(options: Any, keys: tuple[str, ...]) -> dict[str, Path]:
    """The paths among some options, by their keys. ValueError: one of them is none."""
    found = {}
    for key in keys:
        with naming(key):
            found[key] = Path(getattr(options, key))
    return found


def meanings_of(words: Words) -> dict[str, Status]:
    return {_folded(text): Status(weight) for text, weight in words.items()}


def _folded(value: Any) -> str:
    return word({"it": value}, "it")


def _set(options: Any, keys: tuple[str, ...]) -> None:
    """Compile the paths of some frozen options. ValueError: one without which there is no list is empty."""
    if missing := [key for key in ("path", "id", "name") if getattr(options, key, "-") == ""]:
        raise ValueError(f"{missing[0]}: is empty: say where it stands")
    object.__setattr__(options, "paths", paths_of(options, keys))


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the components stand. A mapping of names to words is read as rows of `key` and `value`."""

    path: str
    name: str
    status: str
    group: str = ""
    words: Words = field(default_factory=dict)
    paths: Mapping[str, Path] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _set(self, ("path", "name", "status", "group"))

    def parts_in(self, data: Any, shared: Mapping[str, Status]) -> tuple[Part, ...]:
        paths, words = self.paths, {**shared, **meanings_of(self.words)}
        found = tuple(
            Part(
                paths["name"].text_in(row) or "a component without a name",
                words.get(paths["status"].word_in(row), Status.UNKNOWN),
                paths["group"].text_in(row),
            )
            for row in _rows(paths["path"].value(data), paths["path"])
        )
        if not found:
            raise Unreadable(f"its page lists no component at {paths['path']}")
        return found


def _rows(value: Any, path: Path) -> list[Row]:
    """A list, or a mapping whose values may be mappings themselves."""
    if not isinstance(value, dict):
        return _list(value, path)
    return [{**(one if isinstance(one, dict) else {"value": one}), "key": key} for key, one in value.items()]


def _list(value: Any, path: Path) -> list[Row]:
    if value is None:
        raise Unreadable(f"its page has nothing at {path}")
    return listed(value, f"its page at {path}")


@dataclass(frozen=True, slots=True)
class Incidents:
    """Where the incidents stand, and which of them are over: those with a word of `closed`, or an end."""

    path: str
    id: str
    title: str
    status: str = ""
    severity: str = ""
    url: str = ""
    started_at: str = ""
    updated_at: str = ""
    ended_at: str = ""
    components: str = ""
    message: str = ""
    closed: tuple[str, ...] = ()
    words: Words = field(default_factory=dict)
    weight: Weight = "unknown"
    most: int = 0
    paths: Mapping[str, Path] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.closed and not self.status:
            raise ValueError("closed names words of status: say where that stands")
        keys = ("status", "severity", "url", "started_at", "updated_at", "ended_at", "components", "message")
        _set(self, ("path", "id", "title", *keys))

    def told_in(self, data: Any, shared: Mapping[str, Status], now: datetime) -> list[Told]:
        words = {**shared, **meanings_of(self.words)}
        return [self._told(row, words, now) for row in _list(self.paths["path"].value(data), self.paths["path"])]

    def reach_of(self, told: list[Told]) -> datetime | None:
        """How far back a full list goes."""
        begun = [one.started_at for _, one in told if one.started_at is not None]
        return min(begun) if begun and 0 < self.most <= len(told) else None

    def _told(self, row: Row, words: Mapping[str, Status], now: datetime) -> Told:
        """One whose weight is maintenance is that, and no outage."""
        at, ended = self.paths, self.paths["ended_at"].when_in(row, now)
        impact = at["severity"].word_in(row)
        status = words.get(impact, Status.UNKNOWN) if self.severity else Status(self.weight)
        said = _incident(row, at, now, status, "an incident")
        over = (ended is not None and ended <= now) or at["status"].word_in(row) in set(map(_folded, self.closed))
        is_to_come = said.maintenance and said.started_at is not None and said.started_at > now
        return Stage.OVER if over else Stage.ANNOUNCED if is_to_come else Stage.OPEN, said


@dataclass(frozen=True, slots=True)
class Maintenances:
    """Where planned work stands, and what of it lies ahead or behind: by words of its status, else by its times."""

    path: str
    id: str
    title: str
    status: str = ""
    url: str = ""
    started_at: str = ""
    updated_at: str = ""
    ended_at: str = ""
    components: str = ""
    message: str = ""
    announced: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    paths: Mapping[str, Path] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if (self.announced or self.begun or self.closed) and not self.status:
            raise ValueError("announced, begun and closed name words of status: say where that stands")
        keys = ("status", "url", "started_at", "updated_at", "ended_at", "components", "message")
        _set(self, ("path", "id", "title", *keys))

    def told_in(self, data: Any, now: datetime) -> list[Told]:
        return [self._told(row, now) for row in _list(self.paths["path"].value(data), self.paths["path"])]

    def _told(self, row: Row, now: datetime) -> Told:
        said = _incident(row, self.paths, now, Status.MAINTENANCE, "a maintenance")
        state = self.paths["status"].word_in(row)
        known = ((self.closed, Stage.OVER), (self.begun, Stage.OPEN), (self.announced, Stage.ANNOUNCED))
        for words, stage in known:
            if state in set(map(_folded, words)):
                return stage, said
        if said.until is not None and said.until <= now:
            return Stage.OVER, said
        return Stage.ANNOUNCED if said.started_at is not None and said.started_at > now else Stage.OPEN, said


def _incident(row: Row, at: Mapping[str, Path], now: datetime, status: Status, what: str) -> VendorIncident:
    ref = at["id"].text_in(row)
    if not ref:
        raise Unreadable(f"{what} of its page has nothing at {at['id']}")
    state, changed = at["status"].text_in(row), at["updated_at"].when_in(row, now)
    affected = at["components"].value(row)
    said = VendorIncident(
        ref=ref,
        title=at["title"].text_in(row) or f"{what} without a title",
        status=status,
        url=at["url"].text_in(row),
        started_at=at["started_at"].when_in(row, now),
        updated_at=changed,
        maintenance=status is Status.MAINTENANCE,
        components=names([affected] if isinstance(affected, str) else affected),
        updates=in_order([VendorUpdate(text, changed, state)] if (text := plain(at["message"].text_in(row))) else []),
        state=state,
        impact=at["severity"].text_in(row) if "severity" in at else "",
        until=at["ended_at"].when_in(row, now),
    )
    return dated(said)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a config says of a page."""

    status: Path
    message: Path
    changed_at: Path
    words: Mapping[str, Status]
    parts: Parts | None
    incidents: Incidents | None
    maintenances: Maintenances | None

    def said_of(self, data: Any, now: datetime) -> Said:
        if isinstance(data, dict):
            refuse_error(data)
        headline, spelt = self._headline(data)
        told = self.incidents.told_in(data, self.words, now) if self.incidents else []
        reach = self.incidents.reach_of(told) if self.incidents else None
        told += self.maintenances.told_in(data, now) if self.maintenances else []
        return Said(
            headline,
            self.message.text_in(data) or spelt,
            parts=self.parts.parts_in(data, self.words) if self.parts else None,
            told=tuple(told) if self.incidents or self.maintenances else None,
            reach=reach,
            as_of=self.changed_at.when_in(data, now),
        )

    def _headline(self, data: Any) -> tuple[Status | None, str]:
        if not self.status.text:
            return None, "it lists nothing that is wrong"
        found = self.status.word_in(data)
        if not found or (found == "null" and found not in self.words):
            raise Unreadable(f"its page has no word at {self.status}")
        return self.words.get(found, Status.UNKNOWN), f"its page says {self.status.text_in(data) or found}"
