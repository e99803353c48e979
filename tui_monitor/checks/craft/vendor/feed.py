"""The entries of a feed as incidents: each is over once any of its updates says so, in whichever order they stand.

A feed of the past names what is over; one of the present, such as Azure's, names only what is open. Where an entry
says nothing of how it stands, nobody can tell, and that is neither an outage nor a sign that all is well.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import groupby
from typing import Literal

from tui_monitor.checks.craft.vendor.document import when
from tui_monitor.checks.craft.vendor.said import Said, Stage, has_words, in_order, newest
from tui_monitor.checks.craft.vendor.syndication import Entry, Syndicated
from tui_monitor.checks.craft.vendor.wording import CLOSED, KNOWN, PLANNED, TO_COME, Wording, worded
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import VendorIncident, VendorUpdate
from tui_monitor.core.stamp import EPOCH
from tui_monitor.core.status import Status, worst
from tui_monitor.core.text import clean

Identity = Literal["auto", "id", "link", "title"]
Made = Identity | Literal["story"]
"""As a maker of feeds has it: a `story` is told by entries that have ids of their own, until one says it is over."""
Presence = Literal["auto", "history", "open"]

CONTENTS = ("content", ":encoded", "description", "summary")
PUBLISHED = ("published", "issued", "pubDate", ":date")
UPDATED = ("updated", "modified", ":updated", ":modified")
REMEMBERED = 1024
"""Entries that are not taken apart again: those of some twenty feeds, or of the longest one."""
LONGEST_REMEMBERED = 20_000
"""Characters of an entry, so that a stranger's feeds do not fill the memory."""
CALM = "its feed names nothing that is open"
BEGINNINGS = frozenset({"investigating", "scheduled"})
LONGEST_REF = 150

IMPACTS = {
    "operational": Status.DEGRADED,
    "minor": Status.DEGRADED,
    "degraded performance": Status.DEGRADED,
    "partial outage": Status.PARTIAL,
    "major": Status.PARTIAL,
    "major outage": Status.MAJOR,
    "full outage": Status.MAJOR,
    "critical": Status.MAJOR,
}
"""What feeds say of weight, where they do; what is open is never nothing."""

TITLES = {
    "service disruption": Status.MAJOR,
    "performance issues": Status.DEGRADED,
    "informational message": Status.OPERATIONAL,
}
"""How AWS begins its titles, by the levels that it has elsewhere."""

_WEIGHTY = re.compile(r"\b(partial outage|major outage|full outage)\b", re.IGNORECASE)
_MAINTENANCE = re.compile(r"\bmaintenance\b", re.IGNORECASE)
_WORDS = "|".join(sorted(map(re.escape, KNOWN - {"update"}), key=len, reverse=True))
_BEFORE = re.compile(
    rf"\s*(?:[\[(]\s*({_WORDS})\s*[\])]\s*[-\u2013\u2014:]?|({_WORDS})\s*(?::|\s[-\u2013\u2014]))\s*", re.IGNORECASE
)
_AFTER = re.compile(rf"(?:\s[-\u2013\u2014]\s?|\s?[\[(])\s?({_WORDS})\s?[\])]?\s*$", re.IGNORECASE)
_WITHIN = re.compile(rf"\[\s?({'|'.join(CLOSED)})\s?\]|operating normally", re.IGNORECASE)
_BRACKETS = re.compile(r"(.*)\(([^()]*)\)$")


@dataclass(frozen=True, slots=True)
class Shape:
    """How the feeds of one maker differ from those of the others."""

    presence: Literal["history", "open"] = "history"
    identity: Made = "auto"
    is_silence_open: bool = False
    """Whether an entry that names no state is open: this maker names the state of what is over."""


AZURE = Shape("open", "title")
"""Azure names what is live, under ids that it uses again."""
KUMA = Shape("open", "title")
"""Uptime Kuma names the monitors that are down, under an id that is new at each fetch."""
AMAZON = Shape("history", "story", is_silence_open=True)
GOOGLE = Shape("history", "link", is_silence_open=True)
"""Both write an entry for each update."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The options by which a feed is read."""

    presence: Presence = "auto"
    identity: Identity = "auto"
    components: tuple[str, ...] = ()
    max_age: float | None = None

    def said_of(self, feed: Syndicated, now: datetime) -> Said:
        if not feed.entries and not feed.fields:
            raise Unreadable("its feed has no entries, and does not even say whose it is")
        shape = shape_of(feed)
        is_past = (shape.presence if self.presence == "auto" else self.presence) == "history"
        refs = refs_of(feed.entries, shape.identity if self.identity == "auto" else self.identity)
        items = [item_of(entry, ref, now) for entry, ref in zip(feed.entries, refs, strict=True)]
        is_open_by_silence = not is_past or shape.is_silence_open
        found = [self._told(one, now, is_open_by_silence) for one in together(items)]
        known = [stage_and_incident for stage_and_incident, concerns_us in found if concerns_us]
        told = tuple((stage, one) for stage, one in known if stage is not None)
        unclear = [one for stage, one in known if stage is None]
        begun = [one.started_at for (_, one), _ in found if one.started_at is not None]
        words = f"its feed does not say whether {clean(unclear[0].title, 80)!r} is over" if unclear else CALM
        return Said(
            Status.UNKNOWN if unclear else Status.OPERATIONAL,
            words,
            told=told,
            reach=now if unclear else min(begun) if is_past and begun else None,
            as_of=when(feed.text("updated", "lastBuildDate", "pubDate", ":date"), now),
        )

    def _told(self, item: Item, now: datetime, silence: bool) -> tuple[tuple[Stage | None, VendorIncident], bool]:
        """How far it is, None where nobody can tell; and whether it concerns us."""
        said, stage = item.incident, item.stage(now)
        if stage is None and silence:
            stage = Stage.OPEN
        is_old = self.max_age is not None and said.updated_at is not None
        if is_old and stage is not Stage.ANNOUNCED and _age(said, now) > (self.max_age or 0.0):
            stage = Stage.OVER
        return (stage, said), self._concerns_us(said)

    def _concerns_us(self, said: VendorIncident) -> bool:
        if not self.components:
            return True
        texts = (said.title, *said.components, *(one.text for one in said.updates))
        return any(has_words(wanted, text) for wanted in self.components for text in texts)


def _age(said: VendorIncident, now: datetime) -> float:
    at = newest(said.updated_at, said.until if said.maintenance else None)
    return (now - at).total_seconds() if at is not None else 0.0


def item_of(entry: Entry, ref: str, now: datetime) -> Item:
    """An entry taken apart; what has not changed since it was read before is not taken apart again."""
    size = sum(map(len, entry.fields.values()))
    if size <= LONGEST_REMEMBERED and entry.text(*PUBLISHED, *UPDATED):
        return _remembered(ref, entry.link, tuple(entry.fields.items())) or Item(entry, ref, now)
    return Item(entry, ref, now)


@lru_cache(maxsize=REMEMBERED)
def _remembered(ref: str, link: str, fields: tuple[tuple[str, str], ...]) -> Item | None:
    """None where it does not date itself, so that it depends on when it is read."""
    item = Item(Entry(dict(fields), link), ref, EPOCH)
    return item if item.published or item.updated else None


class Item:
    """One entry, taken apart. It may be remembered: nobody may change it."""

    def __init__(self, entry: Entry, ref: str, now: datetime) -> None:
        self.ref = ref
        self.title = title_of(entry)
        self.published = when(entry.text(*PUBLISHED), now)
        self.updated = when(entry.text(*UPDATED), now)
        self.base = self.published or self.updated or now
        self.wording = _most_telling([worded(text, self.base) for text in _contents(entry)])
        self.ends = when(entry.text("maintenanceEndDate", ":maintenanceEndDate"), now) or self.wording.window[1]
        self.word, _ = parted(self.title)
        self.link = entry.link if entry.link.startswith(("http://", "https://")) else ""

    @property
    def changed(self) -> datetime:
        """When it was written last, as far as that can be told."""
        return self._written([one.at for one in self.wording.updates]) or self.base

    def _written(self, times: Sequence[datetime | None]) -> datetime | None:
        return newest(self.updated, None if self.is_maintenance else self.published, *times)

    @cached_property
    def is_maintenance(self) -> bool:
        return bool(
            self.ends
            or self.wording.is_event
            or _is_of_maintenance(self.title)
            or _is_of_maintenance(self.wording.labels.get("type", ""))
            or any(map(_is_word_of_maintenance, (*self.wording.words, self.word)))
        )

    @property
    def closed(self) -> str:
        """The word by which it is over; empty while it is not."""
        if self.wording.closed:
            return self.wording.closed
        within = _WITHIN.search(self.title)
        return self.word if self.word.lower() in CLOSED else within[0].strip("[] ") if within else ""

    def stage(self, now: datetime) -> Stage | None:
        if self.closed:
            return Stage.OVER
        if self.is_maintenance:
            begins = self.wording.window[0] or self.published
            has_begun = any(one.lower() in PLANNED - TO_COME for one in [*self.wording.words, self.word])
            return Stage.ANNOUNCED if begins is not None and begins > now and not has_begun else Stage.OPEN
        return Stage.OPEN if self.wording.words or self.word else None

    @cached_property
    def incident(self) -> VendorIncident:
        planned, closed = self.is_maintenance, self.closed
        times = [one.at for one in self.wording.updates if one.at is not None]
        begins = self.wording.window[0] or self.published if planned else min(times, default=None)
        named = [_BRACKETS.sub(r"\1", one).strip() for one in self.wording.components]
        updates, written = in_order(oldest_first(self.wording.updates)), self._written(times)
        return VendorIncident(
            ref=self.ref,
            title=self.title,
            status=Status.MAINTENANCE if planned else self.weight,
            url=self.link,
            started_at=begins or self.published or self.updated,
            updated_at=written or self.published,
            maintenance=planned,
            components=tuple(dict.fromkeys(filter(None, named))),
            updates=updates,
            state=closed or self._state(updates),
            impact=self.wording.labels.get("impact", "") or self.wording.labels.get("severity", ""),
            until=self.ends if planned else (written or self.base) if closed else None,
        )

    def _state(self, updates: Sequence[VendorUpdate]) -> str:
        """The vendor's own word; an update as such says nothing of how far it is."""
        words = [one.state for one in updates if one.state]
        telling = [one for one in words if one.lower() != "update"]
        return next(reversed(telling or words), self.word)

    @property
    def weight(self) -> Status:
        """What its labels, its components and its title say; unknown where it is only open by a word of its own."""
        title = self.title.lower()
        said = [self.wording.labels.get(one, "").lower() for one in ("impact", "severity")]
        said += [found[2].strip().lower() for one in self.wording.components if (found := _BRACKETS.match(one))]
        said += [one.lower() for one in _WEIGHTY.findall(self.title)] if "outage" in title else []
        known = [IMPACTS[one] for one in said if one in IMPACTS]
        known += [weight for begin, weight in TITLES.items() if title.startswith(f"{begin}:")]
        if known:
            return worst(known)
        words = [one.lower() for one in (*self.wording.words, self.word) if one]
        return Status.DEGRADED if not words or any(map(KNOWN.__contains__, words)) else Status.UNKNOWN


def _retold(item: Item, updates: list[VendorUpdate]) -> Item:
    """The same entry with other updates."""
    other = copy(item)
    for known in ("incident", "is_maintenance"):
        other.__dict__.pop(known, None)
    other.wording = replace(item.wording, updates=updates)
    return other


def _is_of_maintenance(text: str) -> bool:
    return bool(_MAINTENANCE.search(text))


@lru_cache(maxsize=512)
def _is_word_of_maintenance(word: str) -> bool:
    """Kept, as feeds say the same few words again and again."""
    return _is_of_maintenance(word) or word.lower() in ("scheduled", "in progress")


def oldest_first(updates: Sequence[VendorUpdate]) -> Sequence[VendorUpdate]:
    """Turned round where no time tells, but the first word of a story stands last."""
    if len(updates) < 2 or updates[-1].state.lower() not in BEGINNINGS or updates[0].state.lower() in BEGINNINGS:
        return updates
    is_dated = any(one.at != updates[0].at for one in updates)
    return updates if is_dated else updates[::-1]


def _contents(entry: Entry) -> list[str]:
    found = [entry.fields[name] for name in CONTENTS if entry.fields.get(name, "").strip()]
    return found or [""]


def _most_telling(found: Sequence[Wording]) -> Wording:
    """A short and a long text may say the same: the first that names a state is taken, and any end counts."""
    if len(found) == 1:
        return found[0]
    best = max(found, key=lambda one: (bool(one.words), bool(one.updates)))
    best.closed = best.closed or next((one.closed for one in found if one.closed), "")
    best.components = best.components or next((one.components for one in found if one.components), [])
    return best


def title_of(entry: Entry) -> str:
    title = entry.text("title")
    return html.unescape(title) if title else "an entry without a title"


def parted(title: str) -> tuple[str, str]:
    """The state that a title names before or after its subject: `[RESOLVED] Slow mail`, `Slow mail - Resolved`."""
    found = _BEFORE.match(title)
    if found and found.end() < len(title):
        return found[1] or found[2], title[found.end() :].strip()
    found = _AFTER.search(title)
    if found and found.start() > 0:
        return found[1], title[: found.start()].strip()
    return "", title


def together(items: Sequence[Item]) -> list[Item]:
    """One of each: where several entries tell of one incident, the newest says how it stands, and none is lost."""
    kept: dict[str, list[Item]] = {}
    for one in items:
        kept.setdefault(one.ref, []).append(one)
    return [_joined(same) for same in kept.values()]


def _joined(same: list[Item]) -> Item:
    if len(same) == 1:
        return same[0]
    last = max(same, key=lambda one: (one.changed, not one.closed))
    updates = [update for one in sorted(same, key=lambda one: one.changed) for update in _dated(one)]
    return _retold(last, [one for one, _ in groupby(updates)])


def _dated(item: Item) -> list[VendorUpdate]:
    return [replace(one, at=one.at or item.changed, state=one.state or item.word) for one in item.wording.updates]


def refs_of(entries: Sequence[Entry], identity: Made) -> list[str]:
    """By what entries are known again: by their ids, where each has its own; else by their links or titles."""
    if identity == "story":
        return _stories(entries)
    known = {
        "id": [entry.text("id", "guid", ":identifier") for entry in entries],
        "link": [entry.link for entry in entries],
        "title": [parted(title_of(entry))[1] for entry in entries],
    }
    named = known.get(identity)
    if named is None:
        named = next((refs for refs in known.values() if all(refs) and len(set(refs)) == len(refs)), None)
    if named is None:
        named = [
            f"{title} {entry.text('published', 'pubDate', 'updated', ':date')}".strip()
            for title, entry in zip(known["title"], entries, strict=True)
        ]
    return [_short(ref or title) for ref, title in zip(named, known["title"], strict=True)]


def _stories(entries: Sequence[Entry]) -> list[str]:
    """The id of the entry with which each story began: one of a service goes on until it operates normally."""
    refs = [entry.text("id", "guid") or title_of(entry) for entry in entries]
    times = [when(entry.text("pubDate", "published"), EPOCH) for entry in entries]
    running: dict[str, str] = {}
    for _, n in sorted((at, -n) for n, at in enumerate(times) if at is not None):
        service = refs[-n].partition("#")[2].rpartition("_")[0]
        if service:
            refs[-n] = running.setdefault(service, refs[-n])
            if _WITHIN.search(title_of(entries[-n])):
                del running[service]
    return [_short(ref) for ref in refs]


def _short(ref: str) -> str:
    """One that may be kept; of a long one the end is told by a digest."""
    if len(ref) <= LONGEST_REF:
        return ref
    return f"{ref[: LONGEST_REF - 20]} {blake2b(ref.encode(errors='replace'), digest_size=8).hexdigest()}"


def shape_of(feed: Syndicated) -> Shape:
    """Whose feed it is, by what it says of itself."""
    title, link = feed.text("title").lower(), feed.link.lower()
    if title == "azure status" or "azure.status.microsoft" in link or "status.azure.com" in link:
        return AZURE
    if feed.text("description", "subtitle").lower().startswith("current status:"):
        return KUMA
    if "status.aws.amazon.com" in link or (title.startswith("amazon ") and title.endswith(" service status")):
        return AMAZON
    is_of_google = "status.cloud.google.com" in link or "google.com/appsstatus" in link
    if is_of_google and all("/incident" in entry.link for entry in feed.entries):
        return GOOGLE
    return replace(GOOGLE, identity="auto") if is_of_google else Shape()
