"""What people and the config have said about being quiet, as it stands: silences, planned work, rehearsals.

All of it is kept in settings of the store, so that a restart changes nothing. Time is only noticed at a tick: what
ran out while no engine looked still holds when one starts, and ends at its first tick, with everything that follows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tui_monitor.core.codec import decode, encode
from tui_monitor.core.model import Kind, Reading, Service
from tui_monitor.core.plan import Plan
from tui_monitor.core.quiet import Quiet, Silence, Simulation, Why
from tui_monitor.core.window import Span, Window, spell_moment
from tui_monitor.engine.draft import Draft

WARNED_BEFORE = 600.0
"""Seconds before the end of a silence at which those who trust in it are warned; a fifth of it where it is short."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that people should see on the board."""

    kind: Kind
    text: str
    by: str = "engine"


class Hush:
    """Tables that only change through the draft of a turn."""

    def __init__(self, plan: Plan, settings: Mapping[str, str], now: datetime) -> None:
        self._plan = plan
        self.silences: dict[str, Silence] = {one.id: one for one in _kept(settings, "silences", Silence)}
        self.windows: dict[str, Window] = {one.id: one for one in _kept(settings, "windows", Window)}
        self.simulations: dict[str, Simulation] = {
            one.service: one for one in _kept(settings, "simulations", Simulation)
        }
        self.flags: dict[str, str] = {
            name: settings[name] for name in ("test_mode", "announced") if settings.get(name)
        }
        self._spans: dict[str, Span] = {}
        self._past: dict[str, Span] = {}
        self._covering: dict[str, tuple[Window, ...]] = {}
        self._silencing: dict[str, Silence | None] = {}
        self._follow(now)

    def __repr__(self) -> str:
        return f"<Hush {len(self.silences)} silences, {len(self.windows)} windows, test mode {self.is_test}>"

    @property
    def is_test(self) -> bool:
        return bool(self.flags.get("test_mode"))

    @property
    def test_since(self) -> datetime | None:
        """Since when everything outward is marked as a test."""
        written = self.flags.get("test_mode")
        return datetime.fromisoformat(written) if written else None

    def settings(self) -> dict[str, str]:
        """All of it as the store keeps it."""
        tables = {name: _written(getattr(self, name)) for name in ("silences", "windows", "simulations")}
        return {**tables, **self.flags}

    def every_window(self) -> list[Window]:
        return [*self._plan.maintenance, *self.windows.values()]

    def span_of(self, window: Window) -> Span | None:
        """The span that holds, else the next one."""
        return self._spans.get(window.id)

    # -- what holds -----------------------------------------------------------------------------------------------

    def maintenance_of(self, service: Service, at: datetime) -> tuple[Window, Span] | None:
        """The planned work on a service at a moment, now or just before; of several, what lasts longest."""
        found = [
            (window, span)
            for window in self._covering.get(service.id, ())
            for span in (self._past.get(window.id), self._spans.get(window.id))
            if span is not None and span.holds(at)
        ]
        return max(found, key=lambda one: one[1].until) if found else None

    def silence_of(self, service: Service) -> Silence | None:
        """The silence that lasts longest over a service; one that has run out holds until the next tick."""
        if not self.silences:
            return None
        if service.id not in self._silencing:
            found = (one for one in self.silences.values() if one.scope.covers(service))
            self._silencing[service.id] = max(found, key=lambda one: one.until, default=None)
        return self._silencing[service.id]

    def of(self, service: Service, now: datetime) -> Quiet | None:
        """Why nobody is told of a service, as far as somebody has asked for it."""
        if self._covering.get(service.id):
            found = self.maintenance_of(service, now)
            if found is not None:
                window, span = found
                until = spell_moment(span.until, now, self._plan.timezone)
                why = f": {window.reason}" if window.reason else ""
                return Quiet(Why.MAINTENANCE, f"in maintenance until {until}{why}", span.until)
        silence = self.silence_of(service) if self.silences else None
        if silence is None:
            return None
        until = spell_moment(silence.until, now, self._plan.timezone)
        why = f": {silence.reason}" if silence.reason else ""
        return Quiet(Why.SILENCED, f"silenced by {silence.by} until {until}{why}", silence.until)

    def pretended(self, service: str) -> Reading | None:
        """What a look is taken to have seen in a rehearsal."""
        simulation = self.simulations.get(service)
        if simulation is None:
            return None
        text = f"rehearsal by {simulation.by}: as if it were {simulation.status}"
        return Reading(simulation.status, text, "rehearsal")

    # -- what time changes ----------------------------------------------------------------------------------------

    def tick(self, draft: Draft, now: datetime) -> list[Notice]:
        """What begins and ends because of the time it is; rehearsals are ended by the desk, which knows incidents."""
        self._follow(now)
        notices = [*self._end_silences(draft, now), *self._announce(draft, now)]
        for name in [one.id for one in self.windows.values() if one.is_over_at and one.is_over_at <= now]:
            self.remove(draft, "windows", name)
        return notices

    def _follow(self, now: datetime) -> None:
        """The spans that hold or come next."""
        if not self._plan.maintenance and not self.windows:
            self._spans.clear()
            return
        for window in self.every_window():
            span = self._spans.get(window.id)
            if span is None or span.until <= now:
                if span is not None:
                    self._past[window.id] = span
                found = window.open_at(now) or window.next_after(now)
                if found is None:
                    self._spans.pop(window.id, None)
                else:
                    self._spans[window.id] = found
        if len(self._spans) > len(self._plan.maintenance) + len(self.windows):
            known = {window.id for window in self.every_window()}
            self._spans = {name: span for name, span in self._spans.items() if name in known}
            self._past = {name: span for name, span in self._past.items() if name in known}

    def find_spans(self, now: datetime) -> None:
        """The clock was set: what holds and what comes next is found anew."""
        self._spans.clear()
        self._past.clear()
        self._follow(now)

    def cover(self, services: Iterable[Service]) -> None:
        """Which planned work is about which service; to be said again when either has changed."""
        windows = self.every_window()
        found = {one.id: tuple(window for window in windows if window.scope.covers(one)) for one in services}
        self._covering = {name: some for name, some in found.items() if some}
        self._silencing.clear()

    def _end_silences(self, draft: Draft, now: datetime) -> list[Notice]:
        notices = []
        for one in [one for one in self.silences.values() if one.until <= now]:
            self.remove(draft, "silences", one.id)
            notices.append(Notice(Kind.UNSILENCED, f"the silence of {one.target} by {one.by} is over"))
        return notices

    def due_warnings(self, now: datetime) -> list[Silence]:
        """Silences that end soon, of which nobody has been warned yet."""
        return [one for one in self.silences.values() if not one.warned and now >= _warned_at(one)]

    def _announce(self, draft: Draft, now: datetime) -> list[Notice]:
        """Each planned work once when it begins and once when it is over, also over a restart."""
        before: dict[str, str] = json.loads(self.flags.get("announced", "{}"))
        windows = {window.id: window for window in self.every_window()}
        spans = {name: self._spans.get(name) for name in windows}
        running = {
            name: window.target for name, window in windows.items() if (span := spans[name]) and span.holds(now)
        }
        if running == before:
            return []
        begun = [self._begins(windows[name], now) for name in running if name not in before]
        over = [
            Notice(Kind.MAINTAINED, f"maintenance of {target} is over")
            for name, target in before.items()
            if name not in running
        ]
        self.put_flag(draft, "announced", json.dumps(running))
        return [*begun, *over]

    def _begins(self, window: Window, now: datetime) -> Notice:
        until = spell_moment(self._spans[window.id].until, now, self._plan.timezone)
        why = f": {window.reason}" if window.reason else ""
        return Notice(Kind.MAINTENANCE, f"maintenance of {window.target} until {until}{why}", window.by or "config")

    # -- changing it ----------------------------------------------------------------------------------------------

    def put(self, draft: Draft, table: str, key: str, value: Any) -> None:
        found = getattr(self, table)
        draft.put(found, key, value)
        self._write(draft, table)

    def remove(self, draft: Draft, table: str, key: str) -> None:
        found = getattr(self, table)
        draft.remove(found, key)
        self._write(draft, table)

    def put_flag(self, draft: Draft, name: str, value: str) -> None:
        draft.put(self.flags, name, value)
        draft.settings[name] = value

    def mark_warned(self, draft: Draft, silence: Silence) -> None:
        self.put(draft, "silences", silence.id, replace(silence, warned=True))

    def _write(self, draft: Draft, table: str) -> None:
        self._silencing.clear()
        draft.settings[table] = _written(getattr(self, table))


def _written(table: Mapping[str, Any]) -> str:
    return json.dumps(encode(list(table.values())), separators=(",", ":"))


def _kept(settings: Mapping[str, str], name: str, kind: type[Any]) -> Sequence[Any]:
    return [decode(kind, one) for one in json.loads(settings.get(name) or "[]")]


def _warned_at(silence: Silence) -> datetime:
    length = silence.until - silence.since
    return silence.until - min(length / 5, length.__class__(seconds=WARNED_BEFORE))
