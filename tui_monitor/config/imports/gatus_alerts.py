"""The alerts of Gatus: how much evidence they want, whom they tell, and how often again.

Ours has one incident for a service, so the most impatient alert says when it opens; whoever wanted more failures is
told that much later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui_monitor.config.imports.gatus_places import PLACES, REMARKS, UNKNOWN, Told, braced
from tui_monitor.config.imports.sheet import Entry, Sheet
from tui_monitor.config.imports.source import MARK, Branch, Leaf
from tui_monitor.config.imports.spans import seconds_of, span_in_words, spell_span
from tui_monitor.core.text import slug

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of an endpoint, with what its provider says for all of them."""

    leaf: Leaf
    kind: str
    failures: int
    successes: int
    remind: str | None
    description: str


@dataclass(slots=True)
class Rows:
    """Who is told of which services: one route for those who are told alike."""

    found: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)

    def add(self, place: str, after: str, remind: str, service: str) -> None:
        names = self.found.setdefault((place, after, remind), [])
        if service not in names:
            names.append(service)


class Alerting:
    """The providers of a config: which became destinations, and what their default alerts say."""

    def __init__(self, top: Branch, sheet: Sheet) -> None:
        self._sheet = sheet
        self._usual: dict[str, Branch] = {}
        self._places: dict[tuple[str, str], str] = {}
        self._rows = Rows()
        self._known: set[str] = set()
        self.descriptions: list[tuple[Entry, str]] = []
        told = top.branch("alerting")
        for kind, leaf in told.leaves() if told is not None else ():
            self._known.add(kind)
            provider = leaf.branch([])
            if kind not in PLACES or provider is None:
                leaf.leave(f"this release cannot write to {kind}" if kind not in PLACES else "must be a mapping")
            self._take(kind, leaf)

    def _take(self, kind: str, leaf: Leaf) -> None:
        entry = Entry({}, leaf.path, leaf.line)
        provider = leaf.branch(entry.left)
        if provider is None:
            return
        usual = provider.branch("default-alert")
        if usual is not None:
            self._usual[kind] = usual
        if kind not in PLACES:
            return
        self._make(kind, "", Told(provider), entry, leaf)
        for row in provider.rows("overrides"):
            own = Entry({}, row.path, row.line)
            override = row.branch(own.left)
            group = (override.text("group") or "") if override is not None else ""
            if override is None or not group:
                row.leave("left out: it names no group")
                continue
            self._make(kind, group, Told(provider, override), own, row)
            override.close({}, UNKNOWN)
        provider.close({}, UNKNOWN)

    def _make(self, kind: str, group: str, told: Told, entry: Entry, leaf: Leaf) -> None:
        made = PLACES[kind](told)
        if made is None:
            self._sheet.left.extend(entry.left)
            leaf.leave("left out: something that it needs is missing, or could not be carried over")
            return
        name = f"{kind}-{slug(MARK.sub('', group))}" if group else kind
        while name in self._sheet.destinations:
            name += "-2"
        entry.data = made
        self._sheet.destinations[name] = entry
        self._places[kind, group] = name
        entry.remarks.extend(REMARKS.get(kind, ()))

    # -- of an endpoint ---------------------------------------------------------------------------------------------

    def read(self, told: Branch) -> list[Alert]:
        """The alerts of an endpoint that are switched on, whether anybody hears them or not."""
        found = []
        for row in told.rows("alerts"):
            alert = row.branch()
            made = self._alert(alert, row) if alert is not None else None
            if made is not None:
                found.append(made)
        return found

    def _alert(self, alert: Branch, row: Leaf) -> Alert | None:
        kind = alert.text("type") or ""
        both = [one for one in (alert, self._usual.get(kind)) if one is not None]
        enabled = [flag for one in both if (flag := one.flag("enabled")) is not None]
        if enabled and not enabled[0]:
            row.leave("left out: it is switched off")
            return None
        if kind not in self._known:
            row.leave("left out: there is no such provider under alerting, so nobody was told")
            return None
        if kind not in PLACES:
            row.leave(f"this release cannot write to {kind}")
        failures, successes = _count(both, "failure-threshold", 3), _count(both, "success-threshold", 2)
        remind = next((leaf for one in both if (leaf := one.leaf("minimum-reminder-interval"))), None)
        descriptions = [text for one in both if (text := one.text("description"))]
        for one in both:
            resolved = one.leaf("send-on-resolved")
            if resolved is not None and resolved.flag() is False:
                resolved.leave("people are told of every end here")
        alert.close({"provider-override": "an alert goes to the place as it is"}, UNKNOWN)
        usual = self._usual.get(kind)
        if usual is not None:
            usual.close({}, UNKNOWN)
        off = remind is None or remind.raw in ("0", 0, None)
        again = None if off else span_in_words(remind)
        return Alert(row, kind, failures, successes, again, (descriptions or [""])[0])

    def _heard(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        """Those that somebody hears of; all of them where nobody does."""
        return [alert for alert in alerts if (alert.kind, "") in self._places] or alerts

    def patience(self, alerts: Sequence[Alert]) -> dict[str, int]:
        """Of the most impatient alert; the defaults are those of an alert that says nothing."""
        alerts = self._heard(alerts)
        if not alerts:
            return {}
        first = min(alerts, key=lambda alert: alert.failures)
        for alert in alerts:
            if alert.successes != first.successes:
                alert.leaf.leave(f"an incident ends for everybody at once: after {first.successes} good looks")
        down = {"down_after": first.failures} if first.failures != 3 else {}
        return down | ({"up_after": first.successes} if first.successes != 2 else {})

    def lead(self, entry: Entry, alerts: Sequence[Alert], group: str, every: str | None) -> None:
        """Who is told of a service, and how much later than the first."""
        least = min((alert.failures for alert in self._heard(alerts)), default=0)
        heard: dict[str, int] = {}
        for alert in sorted(alerts, key=lambda alert: alert.failures):
            place = self._places.get((alert.kind, group)) or self._places.get((alert.kind, ""))
            if place is None:
                continue
            if place in heard:
                alert.leaf.leave(
                    f"{place} was told already, after {heard[place]} failures: `remind_every` tells again"
                )
                continue
            heard[place] = alert.failures
            after = self._later(alert, alert.failures - least, every)
            self._rows.add(place, after, alert.remind or "", str(entry.data["name"]))
        texts = list(dict.fromkeys(alert.description for alert in alerts if alert.description))
        if texts:
            self.descriptions.append((entry, texts[0]))
        for alert in alerts:
            if alert.description and alert.description != texts[0]:
                alert.leaf.leave("an incident has one text here, that of the first alert", alert.description[:60])

    def _later(self, alert: Alert, more: int, every: str | None) -> str:
        if not more:
            return ""
        seconds = seconds_of(every or "60s")
        if seconds is None:
            alert.leaf.leave("how much later it is told is only known once the variable is set; it is told at once")
            return ""
        return spell_span(more * seconds)

    def finish(self) -> None:
        """The routes, and the texts where all that have one have the same."""
        everybody = len(self._sheet.services)
        for (place, after, remind), names in self._rows.found.items():
            when: dict[str, Any] = {} if len(names) == everybody else {"when": {"services": names}}
            rest = {"after": after} if after else {}
            rest |= {"remind_every": remind} if remind else {}
            self._sheet.routes.append(Entry({**when, "to": [place], **rest}))
        texts = {text for _, text in self.descriptions}
        if len(texts) == 1 and len(self.descriptions) > 1:
            self._sheet.sections["messages"] = Entry({"opened": _opened(texts.pop())})
            return
        for entry, text in self.descriptions:
            kind = entry.data.popitem()
            entry.data |= {"messages": {"opened": _opened(text)}, kind[0]: kind[1]}


def _opened(description: str) -> str:
    return f"{{name}} is {{status}}: {{message}} ({braced(description)})"


def _count(places: Iterable[Branch], key: str, usual: int) -> int:
    for one in places:
        leaf = one.leaf(key)
        number = leaf.number() if leaf is not None else None
        if number is not None and 1 <= number <= _MOST:
            return int(number)
        if leaf is not None and number:
            leaf.leave(f"is no number of looks in a row, so it is {usual} there and here")
    return usual
