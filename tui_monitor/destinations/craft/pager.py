"""A message as events of PagerDuty, each of which can be sent again without another effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from tui_monitor.core.codec import moment
from tui_monitor.core.message import Item, Message
from tui_monitor.core.status import Status
from tui_monitor.destinations.craft.alerting import Graded, grade, is_acknowledged, is_more, is_over, key_of
from tui_monitor.destinations.craft.document import facts_of, link_of, shorten

Severity = Literal["critical", "error", "warning", "info"]

_USUAL = {
    Status.MAJOR: "critical",
    Status.PARTIAL: "error",
    Status.UNKNOWN: "error",
    Status.DEGRADED: "warning",
    Status.MAINTENANCE: "info",
    Status.OPERATIONAL: "info",
}


def events_of(message: Message, severities: Mapping[Graded, Severity]) -> list[dict[str, Any]]:
    """What is to be sent, in order, without the key of the service; a trigger of what is open already adds to it."""
    item = message.items[0]
    if is_over(message):
        actions = ["resolve"]
    else:
        known = is_acknowledged(item)
        actions = [*(["trigger"] if is_more(item) or not known else []), *(["acknowledge"] if known else [])]
    event = {"dedup_key": key_of(message), "client": "tui-monitor", "payload": _payload(message, item, severities)}
    link = link_of(item)
    links = {"links": [{"href": link, "text": "Open"}]} if link else {}
    return [{"event_action": action, **event, **links} for action in actions]


def _payload(message: Message, item: Item, severities: Mapping[Graded, Severity]) -> dict[str, Any]:
    service = item.service
    known = {
        "component": shorten(service.name, 200),
        "group": shorten(service.group, 200),
        "class": shorten(service.kind, 200),
    }
    return {
        "summary": shorten(item.text, 1024),
        "source": shorten(service.name, 200) or service.id,
        "severity": grade(item, _USUAL, severities),
        "timestamp": moment(item.incident.started_at),
        **{name: value for name, value in known.items() if value},
        "custom_details": dict(facts_of(message)),
    }
