"""A message as an adaptive card for Teams, and what its answers mean.

All words stand in text runs: unlike the text of a text block they are shown as they are. No Markdown is read in them,
and `<at>` names nobody, as the card lists no mentions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item, Message
from tui_monitor.core.status import Status
from tui_monitor.destinations.craft import posting
from tui_monitor.destinations.craft.document import facts_of, link_of, shade_of, shorten
from tui_monitor.destinations.craft.posting import Answer, Post

LARGEST = 28 * 1024
"""Bytes of a card that Teams shows; a larger one is refused, or lost on its way."""

_ROOM = 20_000
"""Bytes for what is said of single incidents."""
_FACT, _LINK = 200, 2000
"""Characters of one fact, of which each may take twelve bytes, and bytes of an address."""

_COLOURS = {
    Status.OPERATIONAL: "Good",
    Status.MAINTENANCE: "Accent",
    Status.DEGRADED: "Warning",
    Status.PARTIAL: "Warning",
    Status.MAJOR: "Attention",
    Status.UNKNOWN: "Default",
}

_MENDS = {
    401: "the signature in its address does not hold: copy the address of the workflow anew",
    403: "the signature in its address does not hold: copy the address of the workflow anew",
    404: "there is no such workflow: copy its address anew",
}
_OFF = ("WorkflowTriggerIsNotEnabled", "WorkflowDisabled")
_THROTTLED = re.compile(r"HTTP error (?:429|5\d\d)")


def envelope_of(message: Message) -> dict[str, Any]:
    """What is posted: one card."""
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": list(_body(message)),
        **_actions(message),
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": content}]}


def _body(message: Message) -> Iterator[dict[str, Any]]:
    single = message.banner is not None or len(message.items) == 1
    head = message.text if single else message.title
    yield _said(_run(shorten(head, 500), weight="Bolder", size="Medium", color=_COLOURS[shade_of(message)]))
    for label, value in facts_of(message):
        yield _said(_run(f"{label}: ", isSubtle=True), _run(shorten(value, _FACT)), spacing="Small")
    if single:
        return
    room = _ROOM
    for shown, item in enumerate(message.items):
        block = _line(item)
        room -= len(json.dumps(block))
        if room < 0:
            yield _said(_run(f"and {len(message.items) - shown} more", isSubtle=True))
            return
        yield block


def _line(item: Item) -> dict[str, Any]:
    return _said(_run("● ", color=_COLOURS[shade_of(item)]), _run(shorten(item.text, 500)), spacing="Small")


def _run(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **look}


def _said(*runs: dict[str, Any], **look: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs), **look}


def _actions(message: Message) -> dict[str, Any]:
    link = link_of(message.items[0]) if len(message.items) == 1 else ""
    fits = link and len(json.dumps(link)) <= _LINK
    return {"actions": [{"type": "Action.OpenUrl", "title": "Open", "url": link}]} if fits else {}


def check(post: Post, answer: Answer, now: datetime) -> None:
    """DeliveryError unless the card was taken, also where a refusal comes with 200, as from the connectors of old."""
    body = answer.body.decode("utf-8", "replace").strip()
    if not 200 <= answer.status < 300:
        mend = "the workflow is switched off: switch it on" if any(sign in body for sign in _OFF) else ""
        raise posting.refusal(post, answer, now, mend or _MENDS.get(answer.status, ""))
    if answer.status == 202 or body in ("", "1"):
        return
    if _is_data(body):
        return
    text = f"{post.host} answered {answer.status}, but took nothing: {post.harmless(body)}"
    raise DeliveryError(text, retry=bool(_THROTTLED.search(body)))


def _is_data(body: str) -> bool:
    """What a workflow of one's own answers is its own affair, unless it names an error."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "error" not in found
