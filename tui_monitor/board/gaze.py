"""What the person looks at: which services, in which order, which is selected. Pure, and asked at each drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

View = Mapping[str, Any]
Place = tuple[Any, ...]
"""What services are sorted by."""

SORTS = ("worst", "group", "name")
SORT_WORDS = {"worst": "worst first", "group": "by group", "name": "by name"}
RANKS = {"major": 0, "partial": 1, "degraded": 2, "unknown": 3, "maintenance": 4, "operational": 5}
WELL = ("operational", "maintenance")


@dataclass(frozen=True, slots=True)
class Gaze:
    """Chosen by keys, and kept while the services change below it. `selected` is a service and never a position."""

    sort: str = "worst"
    words: str = ""
    faults: bool = False
    selected: str = ""
    marked: frozenset[str] = field(default_factory=frozenset)

    def sorted_next(self) -> Gaze:
        return replace(self, sort=SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)])

    def mark(self, name: str) -> Gaze:
        """Marked, or no longer."""
        return replace(self, marked=self.marked ^ {name})

    @property
    def is_narrowed(self) -> bool:
        """Whether something may be hidden."""
        return self.faults or bool(self.words.strip())


@dataclass(frozen=True, slots=True)
class Section:
    """Services under one heading; without one unless they are sorted by group."""

    heading: str
    services: tuple[str, ...]


def fits(row: View, gaze: Gaze) -> bool:
    """Whether a service is shown: all words must stand somewhere in it, and none of those with `!` in front."""
    if gaze.faults and row["status"] in WELL and not row["failing"]:
        return False
    if not gaze.words:
        return True
    words = (row["name"], row["group"], *row["tags"], row["status"], row["kind"], row["message"] or "", row["id"])
    text = "\n".join(map(str, words)).casefold()
    return all(
        (word[1:] not in text if len(word) > 1 else True) if word.startswith("!") else word in text
        for word in gaze.words.casefold().split()
    )


def place_of(row: View, sort: str) -> Place:
    """Where a service stands among the others; the same place as long as this stays the same."""
    name = str(row["name"]).casefold()
    if sort == "name":
        return (name, row["id"])
    rank = (RANKS.get(row["status"], 3), not row["critical"])
    if sort == "group":
        return (not row["group"], str(row["group"]).casefold(), *rank, name, row["id"])
    pending = 0 if row["failing"] else 1
    return (*rank, pending, name, row["id"])


def places_of(services: Mapping[str, View], gaze: Gaze) -> dict[str, Place | None]:
    """Of each service; None where it is not shown."""
    return {name: _place(row, gaze) for name, row in services.items()}


def arranged(services: Mapping[str, View], places: Mapping[str, Place | None], sort: str) -> list[Section]:
    """What is shown, in order."""
    shown = [name for _, name in sorted((place, name) for name, place in places.items() if place is not None)]
    if sort != "group":
        return [Section("", tuple(shown))] if shown else []
    groups: dict[str, list[str]] = {}
    for name in shown:
        groups.setdefault(str(services[name]["group"]), []).append(name)
    return [Section(name or "No group", tuple(names)) for name, names in groups.items()]


class Arrangement:
    """The order of the services, made anew only when something moved: with thousands, sorting is what costs."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.order: list[str] = []
        self._gaze = Gaze()
        self._places: dict[str, Place | None] = {}

    def __repr__(self) -> str:
        return f"<Arrangement of {len(self.order)} in {len(self.sections)} sections>"

    def follow(self, services: Mapping[str, View], gaze: Gaze, touched: Sequence[str] | None) -> bool:
        """Whether the order is another one; `touched` are the services that may have moved, or None for any."""
        is_other = touched is None or _chosen(gaze) != _chosen(self._gaze)
        self._gaze = gaze
        if is_other:
            self._places = places_of(services, gaze)
        else:
            for name in touched or ():
                row = services.get(name)
                place = _place(row, gaze) if row is not None else None
                if place != self._places.get(name):
                    is_other = True
                self._places[name] = place
        if is_other:
            self.sections = arranged(services, self._places, gaze.sort)
            self.order = [name for section in self.sections for name in section.services]
        return is_other


def _chosen(gaze: Gaze) -> tuple[str, str, bool]:
    return (gaze.sort, gaze.words, gaze.faults)


def _place(row: View, gaze: Gaze) -> Place | None:
    return place_of(row, gaze.sort) if fits(row, gaze) else None


def kept(order: Sequence[str], selected: str, before: Sequence[str]) -> str:
    """The service that is selected from now on: the same while it is shown, else the one that stood nearest to it."""
    if selected in order or not order:
        return selected if order else ""
    there = set(order)
    if selected in before:
        at = list(before).index(selected)
        after = (name for name in before[at:] if name in there)
        ahead = (name for name in reversed(before[:at]) if name in there)
        return next(after, next(ahead, order[0]))
    return order[0]
