"""A message in the shapes that several destinations share: JSON for programs, lines for people.

Both are bounded, since a storm of 500 incidents with names of any length must still arrive; what is left out is
always said, never dropped in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tui_monitor.core.banner import Banner, Severity
from tui_monitor.core.codec import moment
from tui_monitor.core.message import Item, Message, News
from tui_monitor.core.model import Event
from tui_monitor.core.status import Status, worst
from tui_monitor.core.text import clean

LONGEST = 500_000
"""Characters of a JSON document; the smallest limits of receivers lie around a megabyte."""

_SHADES = {Severity.INFO: Status.MAINTENANCE, Severity.WARNING: Status.DEGRADED, Severity.ERROR: Status.MAJOR}


def shorten(text: str, limit: int) -> str:
    """`text` as one harmless line of at most `limit` characters; an ellipsis says that there was more."""
    part = text[: limit * 4]
    line = clean(part, len(part))
    if len(line) <= limit and not text[len(part) :].strip():
        return line
    return line[: limit - 1].rstrip() + "…"


def listed(parts: Iterable[str], limit: int, most: int, joint: str) -> str:
    """The parts in a row, as many as fit, then how many more there are."""
    every = list(parts)
    shown: list[str] = []
    room = limit - 24
    for part in every[:most]:
        room -= len(part) + len(joint)
        if room < 0:
            break
        shown.append(part)
    if len(shown) < len(every):
        shown.append(f"and {len(every) - len(shown)} more" if shown else f"{len(every)} in all")
    return joint.join(shown)


def lines_of(message: Message) -> list[str]:
    """The words of a message, a line for each incident; of the banner, its own."""
    if message.banner is not None:
        return [shorten(message.text, 600)]
    return [shorten(item.text, 500) for item in message.items]


def text_of(message: Message, limit: int = 10_000, most: int = 50) -> str:
    """The lines of a message, as many as fit."""
    return listed(lines_of(message), limit, most, "\n")


def facts_of(message: Message) -> list[tuple[str, str]]:
    """What to say beyond the words, of one incident alone, or of the banner."""
    if message.banner is not None:
        banner = message.banner
        known = {"Severity": banner.severity.value, "By": banner.by, "Since": moment(banner.at)}
        return [(label, shorten(value, 500)) for label, value in known.items() if value]
    if len(message.items) != 1:
        return []
    item = message.items[0]
    incident = item.incident
    facts = {
        "Service": item.service.name,
        "Status": incident.status.value,
        "Since": moment(incident.started_at),
        "Resolved": moment(incident.resolved_at) if incident.resolved_at else "",
        "Acknowledged by": incident.by,
        "Link": incident.url or item.fields.get("url", ""),
        "Incident": incident.id,
    }
    return [(label, shorten(value, 500)) for label, value in facts.items() if value]


def link_of(item: Item) -> str:
    """Where a person reads on; empty where the address is none that a browser opens."""
    link = shorten(item.incident.url or item.fields.get("url", ""), 2000)
    return link if link.startswith(("https://", "http://")) else ""


def shade_of(subject: Item | Message) -> Status:
    """The status in whose colour a subject is shown: what is over is well, and of several it is the worst."""
    if isinstance(subject, Item):
        return Status.OPERATIONAL if subject.news in (News.RESOLVED, News.OVER) else subject.incident.status
    if subject.banner is None:
        return worst(map(shade_of, subject.items))
    if subject.banner.cleared:
        return Status.OPERATIONAL
    return _SHADES[subject.banner.severity]


def document_of(message: Message) -> dict[str, Any]:
    """The message as JSON data; where not all incidents fit, `omitted` says how many are missing.

    One that is about the banner has no incidents: `banner` says what is to be shown, and whether it still is.
    """
    shown: list[dict[str, Any]] = []
    room = LONGEST
    for item in message.items:
        plain = incident_of(item, message)
        room -= len(json.dumps(plain))
        if room < 0:
            break
        shown.append(plain)
    return {
        "key": message.key,
        "news": message.news.value,
        "at": moment(message.at),
        "title": shorten(message.title, 300),
        "text": text_of(message),
        "ref": message.ref,
        "test": message.is_test,
        "incidents": shown,
        "omitted": len(message.items) - len(shown),
        **({"banner": banner_of(message.banner)} if message.banner is not None else {}),
    }


def banner_of(banner: Banner) -> dict[str, Any]:
    return {
        "text": shorten(banner.text, 600),
        "severity": banner.severity.value,
        "shown": banner.is_open,
        "by": shorten(banner.by, 200),
        "at": moment(banner.at),
        "revision": banner.revision,
    }


def incident_of(item: Item, message: Message) -> dict[str, Any]:
    """One incident of a message under the names of `incidents --json`."""
    incident, service = item.incident, item.service
    return {
        "id": incident.id,
        "revision": incident.revision,
        "service": service.id,
        "name": shorten(item.fields["name"], 500),
        "group": shorten(service.group, 200),
        "tags": [shorten(tag, 100) for tag in service.tags],
        "critical": service.critical,
        "news": item.news.value,
        "text": shorten(item.text, 500),
        "title": shorten(item.fields["title"], 500),
        "status": incident.status.value,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "by": shorten(incident.by, 200),
        "vendor_ref": None if incident.vendor_ref is None else shorten(incident.vendor_ref, 500),
        "url": shorten(incident.url or item.fields.get("url", ""), 2000),
        "started_at": moment(incident.started_at),
        "acknowledged_at": moment(incident.acknowledged_at) if incident.acknowledged_at else None,
        "resolved_at": moment(incident.resolved_at) if incident.resolved_at else None,
        "resolved_by": shorten(incident.resolved_by, 200),
        "duration": incident.duration(message.at),
        "timeline": [event_of(event) for event in item.events[-50:]],
        "timeline_omitted": max(0, len(item.events) - 50),
    }


def event_of(event: Event) -> dict[str, Any]:
    """One line of a timeline; `n` tells two that look alike apart."""
    return {
        "n": event.n,
        "at": moment(event.at),
        "kind": event.kind.value,
        "by": shorten(event.by, 200),
        "text": shorten(event.text, 500),
    }
