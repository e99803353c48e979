"""What a destination is told: the difference between what it was last told and what is true now, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tui_monitor.core.banner import Banner
from tui_monitor.core.codec import moment
from tui_monitor.core.model import Event, Incident, Kind, Service
from tui_monitor.core.status import Status
from tui_monitor.core.template import fill
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.core.upstream import sentence


class News(StrEnum):
    """What a message is about. `over` is an incident that began and ended before anyone could be told."""

    OPENED = "opened"
    CHANGED = "changed"
    RESOLVED = "resolved"
    OVER = "over"
    REMINDER = "reminder"


DEFAULTS: Mapping[str, str] = {
    News.OPENED: "{name} is {status}: {message}",
    News.CHANGED: "{name} is {status}: {change}",
    News.RESOLVED: "{name} is operational again after {duration}",
    News.OVER: "{name} was {severity} for {duration} and is operational again: {message}",
    News.REMINDER: "{name} is still {status} after {duration}: {message}",
}
"""The texts where the config says nothing; `messages` of the config or of a service replaces any of them.

All but that of an end also say which vendor may be the reason, where the service names any as its upstream.
"""

ELSEWHERE: Mapping[str, str] = {
    News.RESOLVED: "{name}: closed by {resolved_by} after {duration}: {message}",
    News.OVER: "{name} was {severity} for {duration}, closed by {resolved_by}: {message}",
}
"""The defaults for an end that no look has seen: a person's or a vendor's word says nothing of how the service is."""

ENDED: Mapping[str, Mapping[str, str]] = {
    "vendor": {
        News.RESOLVED: "{name}: over after {duration}, says the vendor: {message}",
        News.OVER: "{name} was {severity} for {duration}, and that is over, says the vendor: {message}",
    }
}
"""The defaults for an incident of a vendor that the vendor itself has ended."""

NAMED: Mapping[str, str] = {
    News.RESOLVED: "{name}: the vendor names an incident for it after {duration}: {message}",
    News.OVER: "{name} was {severity} for {duration}, until the vendor named an incident for it: {message}",
}
"""The defaults for what was wrong with a vendor's page, and goes on as an incident of the vendor."""

NOTICE: Mapping[str, str] = {
    News.OPENED: "{name} gives notice: {message}",
    News.CHANGED: "{name} gives notice: {change}",
    News.REMINDER: "{name} has given notice for {duration}: {message}",
}
"""The defaults for an incident of a vendor that concerns nobody's health."""

UNCLEAR: Mapping[str, str] = {
    News.OPENED: "{name} has an incident of unknown severity: {message}",
    News.CHANGED: "{name}, severity unknown: {change}",
    News.REMINDER: "{name} still has an incident of unknown severity after {duration}: {message}",
}
"""The defaults for an incident of a vendor that weighs it in words that nobody knows."""

FLAPPING: Mapping[str, str] = {
    News.OPENED: "{name} keeps failing and recovering, just now it is {status}: {message}",
    News.CHANGED: "{name} keeps failing and recovering, just now it is {status}: {change}",
    News.REMINDER: "{name} has kept failing and recovering for {duration}, just now it is {status}: {message}",
}
"""The defaults while it flaps: what it is in this moment says little."""

TEST = "[TEST] "
"""What stands before everything that is said of a rehearsal."""

FIELDS = frozenset(
    {
        "id",
        "name",
        "group",
        "tags",
        "critical",
        "kind",
        "status",
        "severity",
        "state",
        "message",
        "change",
        "title",
        "duration",
        "started_at",
        "resolved_at",
        "resolved_by",
        "by",
        "url",
        "incident",
        "suspect",
        "news",
        "test",
    }
)
"""The fields a text may use, beside the plain options of the service's own check."""


@dataclass(frozen=True, slots=True)
class Item:
    """One incident in a message: its truth now, what is new in it, and the words for it.

    `publish` is what the config says of its service for just this place; None where it says nothing.
    """

    incident: Incident
    service: Service
    news: News
    events: tuple[Event, ...]
    text: str
    fields: Mapping[str, str]
    is_test: bool = False
    publish: Any = None


@dataclass(frozen=True, slots=True)
class Message:
    """What one destination is told in one go. `key` is the same for each try of the same telling.

    One of the board has no items: it is the `banner`, with `fields` for the texts of a config. Its news is `opened`
    where nothing stands yet, `changed` where it takes the place of another, `reminder` where the same is shown for
    longer, and `resolved` where it is cleared.

    `beside` counts the other incidents told under the same reference that still last.
    """

    key: str
    news: News
    title: str
    text: str
    items: tuple[Item, ...]
    at: datetime
    ref: str = ""
    url: str = ""
    banner: Banner | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    beside: int = 0

    @property
    def is_test(self) -> bool:
        """Whether any of it is a rehearsal."""
        return bool(self.fields.get("test")) or any(item.is_test for item in self.items)


def fields_of(
    incident: Incident, service: Service, news: News, events: Sequence[Event], now: datetime
) -> dict[str, str]:
    """Every field a template may use, as text."""
    suspect = sentence(incident.suspects)
    return {
        **service.fields,
        "id": service.id,
        "name": service.name,
        "group": service.group,
        "tags": ", ".join(service.tags),
        "critical": "critical" if service.critical else "",
        "kind": service.kind,
        "status": incident.status.value,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "message": incident.title,
        "change": _change(incident, events, suspect),
        "title": incident.title,
        "duration": spell_duration(incident.duration(now)),
        "started_at": moment(incident.started_at),
        "resolved_at": moment(incident.resolved_at) if incident.resolved_at else "",
        "resolved_by": incident.resolved_by,
        "by": incident.by,
        "url": incident.url or service.fields.get("url", ""),
        "incident": incident.id,
        "suspect": suspect,
        "news": news.value,
        "test": "",
    }


def _change(incident: Incident, events: Sequence[Event], suspect: str) -> str:
    """What is new, each once; of suspects how it is by now, whatever was said of them when."""
    parts = [event.text for event in events if event.text and event.kind is not Kind.SUSPECTED]
    if suspect and any(event.kind is Kind.SUSPECTED for event in events):
        parts.append(suspect)
    return "; ".join(dict.fromkeys(parts)) or incident.title


def _default(incident: Incident, news: News) -> str:
    if incident.vendor_ref is not None:
        return _of_vendor(incident, news)
    if incident.flapping:
        return FLAPPING.get(news, DEFAULTS[news])
    if incident.resolved_by == "vendor":
        return NAMED.get(news, DEFAULTS[news])
    if incident.resolved_by not in ("", "engine"):
        return ELSEWHERE.get(news, DEFAULTS[news])
    return DEFAULTS[news]


def item_of(
    incident: Incident,
    service: Service,
    news: News,
    events: Sequence[Event],
    messages: Mapping[str, str],
    now: datetime,
    *,
    is_test: bool = False,
    publish: Any = None,
) -> Item:
    """One incident put into words: the service's own text, else the config's, else the default.

    Of a rehearsal, each field that names it says so too: a destination may send any one of them alone.
    """
    fields = fields_of(incident, service, news, events, now)
    template = service.messages.get(news) or messages.get(news) or DEFAULTS[news]
    text = fill(template, fields)
    if template == DEFAULTS[news] or not clean(text):  # nobody is told nothing
        text = _with_suspect(fill(_default(incident, news), fields), news, fields["suspect"])
    text = _with_words_of_people(text, news, events)
    if is_test:
        text = TEST + text
        fields.update({name: TEST + fields[name] for name in ("name", "title", "message", "change")})
    fields["test"] = "test" if is_test else ""
    return Item(incident, service, news, tuple(events), text, fields, is_test, publish)


def _of_vendor(incident: Incident, news: News) -> str:
    """A mere notice makes nothing of anybody, and what is of unknown severity is not of unknown health."""
    if news in (News.RESOLVED, News.OVER):
        return ENDED.get(incident.resolved_by, ELSEWHERE)[news]
    for status, texts in ((Status.OPERATIONAL, NOTICE), (Status.UNKNOWN, UNCLEAR)):
        if incident.status is status:
            return texts[news]
    return DEFAULTS[news]


def _with_suspect(text: str, news: News, suspect: str) -> str:
    """The defaults end with what the vendors say; where it is over nobody asks any more."""
    return text if news is News.RESOLVED or not suspect or suspect in text else f"{text}; {suspect}"


def _with_words_of_people(text: str, news: News, events: Sequence[Event]) -> str:
    """What a person wrote for this place is never lost, whatever the text makes of changes; an end overtakes it."""
    if news in (News.RESOLVED, News.OVER):
        return text
    unsaid = [event.text for event in events if event.to and event.text and event.text not in text]
    return "; ".join((text, *unsaid))


CLEARED = "No longer shown: "
"""What stands before a banner that is cleared, for places that say so instead of taking it away."""


def banner_message(
    banner: Banner,
    news: News,
    board: str,
    at: datetime,
    ref: str = "",
    url: str = "",
    told_at: datetime | None = None,
    *,
    is_test: bool = False,
) -> Message:
    """The banner as a place is told of it; a place that shows one at all shows it instead of the one before.

    `told_at` makes one reminder another message than the one before it.
    """
    mark = TEST if is_test else ""
    text = mark + (CLEARED if banner.cleared else "") + banner.text
    title = f"{mark}{board}: {text.removeprefix(mark)}"
    fields = {
        **dict.fromkeys(FIELDS, ""),
        "name": mark + board,
        "kind": "banner",
        "status": banner.severity.value,
        "severity": banner.severity.value,
        "state": banner.state.value,
        "message": text,
        "change": text,
        "title": title,
        "started_at": moment(banner.at),
        "by": banner.by,
        "news": news.value,
        "test": "test" if is_test else "",
    }
    subject = f"banner@{banner.revision} {moment(banner.at)}"
    key = _digest("\n".join([banner.destination, news, *_again(news, told_at), fields["test"], subject]))
    return Message(key, news, title, text, (), at, ref, url, banner, fields)


def message_of(
    destination: str,
    items: Sequence[Item],
    at: datetime,
    ref: str = "",
    url: str = "",
    told_at: datetime | None = None,
    beside: int = 0,
) -> Message:
    """Items of one kind of news as one message that names its members.

    `told_at`, when this was last told, makes one reminder another message than the one before it.
    """
    news = items[0].news
    title = items[0].text if len(items) == 1 else _summary(news, items)
    title = TEST + title if any(item.is_test for item in items) and not title.startswith(TEST) else title
    text = "\n".join(item.text for item in items)
    key = _key(destination, news, items, told_at)
    return Message(key, news, title, text, tuple(items), at, ref, url, beside=beside)


def _summary(news: News, items: Sequence[Item]) -> str:
    names = list(dict.fromkeys(item.service.name for item in items))
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    verb = {
        News.OPENED: "opened",
        News.CHANGED: "changed",
        News.RESOLVED: "resolved",
        News.OVER: "came and went",
        News.REMINDER: "still open",
    }[news]
    return f"{len(items)} incidents {verb}: {shown}"


def _key(destination: str, news: News, items: Sequence[Item], told_at: datetime | None) -> str:
    subjects = sorted(f"{item.incident.id}@{item.incident.revision}" for item in items)
    return _digest("\n".join([destination, news, *_again(news, told_at), *subjects]))


def _again(news: News, told_at: datetime | None) -> list[str]:
    return [moment(told_at)] if told_at is not None and news is News.REMINDER else []


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
