"""What one turn of the loop has decided and not yet written down; it can be taken back as long as nobody was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tui_monitor.core.model import Belief, Event, Incident, Observation, Told
from tui_monitor.core.ports import Batch

KEPT_LOOKS = 200_000
"""Looks kept in memory while the store cannot be written; the oldest go first. Changes are always kept."""


@dataclass(slots=True)
class Draft:
    """Collects what changed, with what stood there before."""

    observations: list[Observation] = field(default_factory=list)
    beliefs: dict[str, Belief] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    told: dict[tuple[str, str], Told] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    before: list[tuple[dict[Any, Any], Any, Any]] = field(default_factory=list)

    def __bool__(self) -> bool:
        changed = self.observations or self.beliefs or self.incidents or self.events or self.told or self.settings
        return bool(changed)

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Set a value in a table of belief, remembering what was there."""
        self.before.append((table, key, table.get(key)))
        table[key] = value

    def remove(self, table: dict[Any, Any], key: Any) -> None:
        """Take a value out of a table of belief, remembering it."""
        self.before.append((table, key, table.get(key)))
        table.pop(key, None)

    def undo(self) -> None:
        """Every table as it was before this draft."""
        for table, key, value in reversed(self.before):
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value

    def batch(self) -> Batch:
        return Batch(
            observations=self.observations,
            beliefs=list(self.beliefs.values()),
            incidents=list(self.incidents.values()),
            events=self.events,
            told=list(self.told.values()),
            settings=self.settings,
        )


def join(drafts: Iterable[Draft]) -> Draft:
    """Several turns as one: the newest row of each kind, every event, the newest looks."""
    joined = Draft()
    for draft in drafts:
        joined.observations.extend(draft.observations)
        joined.beliefs.update(draft.beliefs)
        joined.incidents.update(draft.incidents)
        joined.events.extend(draft.events)
        joined.told.update(draft.told)
        joined.settings.update(draft.settings)
    del joined.observations[:-KEPT_LOOKS]
    return joined
