"""What the places that page people have in common: one alert for each incident, under a key that never changes.

An alert is opened when an incident is, and closed when it is over. It is acknowledged only when a person has said
that somebody is on it, as that is what keeps others from being woken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tui_monitor.core.message import Item, Message, News
from tui_monitor.core.model import Kind, State
from tui_monitor.core.status import Status

Graded = Literal["operational", "maintenance", "degraded", "partial", "major", "unknown"]
"""How bad an incident is when somebody is told: a mere notice of a vendor is `operational`."""

NEVER_OPEN = "it was over before it could be told, so that no alert is open"


def key_of(message: Message) -> str:
    """The name of the alert, the same for all that is ever said of the incident."""
    return f"tui-monitor-{message.items[0].incident.id}"


def is_over(message: Message) -> bool:
    return message.news in (News.RESOLVED, News.OVER)


def is_acknowledged(item: Item) -> bool:
    """Whether this telling is the one that says that somebody is on it."""
    if item.incident.state is not State.ACKNOWLEDGED:
        return False
    return item.news is News.OPENED or any(event.kind is Kind.ACKNOWLEDGED for event in item.events)


def is_more(item: Item) -> bool:
    """Whether there is anything to say but that somebody is on it."""
    return item.news is not News.CHANGED or any(event.kind is not Kind.ACKNOWLEDGED for event in item.events)


def grade(item: Item, usual: Mapping[Status, str], chosen: Mapping[Graded, str]) -> str:
    """The place's own word for how bad it is now; a config may choose another."""
    status = item.incident.status
    return next((word for name, word in chosen.items() if name == status.value), usual[status])
