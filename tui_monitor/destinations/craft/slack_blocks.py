"""How a message looks in Slack: Block Kit within its limits, outside texts escaped, a real mention in its place.

Texts are `verbatim`, so that Slack makes no mention and no link of what a stranger wrote; what is escaped can name no
channel and close no tag. A limit counts what is sent, so a text is cut before it is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from tui_monitor.core.message import Item, Message, News
from tui_monitor.core.model import Kind, State
from tui_monitor.core.status import Status
from tui_monitor.core.text import spell_duration
from tui_monitor.destinations.craft.document import lines_of, link_of, listed, shade_of, shorten

Block = dict[str, Any]

HEADER, SECTION, FALLBACK = 150, 3000, 3900
WHOLE = 9000
"""Characters of all the words of one message: Slack refuses blocks too long in all, and says no limit."""
HEAVIEST = 18_000
"""Bytes of them, as JSON: Slack's answer repeats the message, and only so much of an answer is read."""
MOST = 50
LONGEST_LINK = 1000

ACTIONS = {"ack": "Acknowledge", "resolve": "Resolve", "ticket": "Open a ticket"}
PREFIX = "tui-monitor:"
"""Before each of the actions in its `action_id`; its `value` is the id of the incident."""

MARKS = {
    Status.OPERATIONAL: "🟢",
    Status.MAINTENANCE: "🔵",
    Status.DEGRADED: "🟡",
    Status.PARTIAL: "🟠",
    Status.MAJOR: "🔴",
    Status.UNKNOWN: "⚪",
}


def escaped(text: str) -> str:
    """The three characters with which Slack's own words begin and end."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mentioned(name: str) -> str:
    """A word or an id of the config as Slack's own word for it. ValueError: it is none."""
    if name in ("channel", "here"):
        return f"<!{name}>"
    if name[:1] in ("U", "W", "S") and len(name) > 6 and name.isascii() and name.isalnum() and name.isupper():
        return f"<!subteam^{name}>" if name[0] == "S" else f"<@{name}>"
    raise ValueError(f"{name!r} is not channel, here, or the id of a person (U…) or of a group of people (S…)")


def check_mentions(names: Sequence[str]) -> None:
    """ValueError says which of them Slack could not call."""
    if len(names) > 50:
        raise ValueError("give 50 at most")
    for name in names:
        mentioned(name)


def mention_of(message: Message, names: Sequence[str], when: str) -> str:
    """Whom this is to call: not for a rehearsal."""
    if not names or when == "never" or not any(_calls(item, always=when == "always") for item in message.items):
        return ""
    if message.is_test:
        return escaped(f"(in earnest, this would mention {', '.join(names)})")
    return " ".join(map(mentioned, names))


def _calls(item: Item, *, always: bool) -> bool:
    """At the beginning of what is wrong and with each reminder, and where it gets worse before anybody is on it."""
    incident = item.incident
    is_worse = any(event.kind is Kind.WORSENED for event in item.events) and incident.state is State.OPEN
    if item.news not in (News.OPENED, News.REMINDER) and not is_worse:
        return False
    return always or (item.service.critical and incident.status.is_bad)


def fallback(message: Message) -> str:
    """What a notification shows, and a reader that knows no blocks."""
    return _joined(_lines(message), FALLBACK)


def top(message: Message, mention: str = "", *, buttons: bool = False) -> list[Block]:
    """The message itself: how things stand by now."""
    blocks = [_header(_headline(message)), *_words(_lines(message), mention)]
    if len(message.items) == 1:
        (item,) = message.items
        known = item.incident.title
        if known and known not in item.text:
            blocks.append(_section(escaped(shorten(known, 500))))
        blocks.append({"type": "context", "elements": [_mrkdwn(_facts(item, message))]})
        if buttons and item.incident.is_open:
            blocks.append(_actions(item))
    return blocks


def last(message: Message, count: int) -> list[Block]:
    """The top of a message about many, now that the last of them is over."""
    title = f"{MARKS[Status.OPERATIONAL]} {'[TEST] ' if message.is_test else ''}All {count} incidents are over"
    return [_header(title), *_words(_lines(message), "The thread tells of each. The last of them:")]


def reply(message: Message, mention: str = "") -> list[Block]:
    """What is new, for the thread."""
    return _words(_lines(message), mention)


def _headline(message: Message) -> str:
    mark = MARKS[shade_of(message)]
    if len(message.items) != 1:
        return f"{mark} {message.title}"
    (item,) = message.items
    state = item.incident.status.value if item.incident.is_open else "over"
    return f"{mark} {shorten(item.fields['name'], HEADER - 30)}: {state}"


def _lines(message: Message) -> list[str]:
    """A line for each incident, escaped; of several, each with its own mark."""
    lines = [escaped(line) or "(no text)" for line in lines_of(message)]
    if len(message.items) < 2:
        return lines
    return [f"{MARKS[shade_of(item)]} {line}" for item, line in zip(message.items, lines, strict=True)]


def _joined(lines: Sequence[str], limit: int) -> str:
    """As many as fit, in characters as in bytes, and how many more there are."""
    room, fits = HEAVIEST, 1
    for n, line in enumerate(lines[:MOST]):
        room -= len(json.dumps(line))
        fits = n + 1 if room >= 0 else fits
    return listed(lines, limit, fits, "\n")


def _words(lines: Sequence[str], before: str) -> list[Block]:
    """The lines in as many sections as they need, behind a line of our own."""
    sections = [before] if before else []
    room = 0
    for line in _joined(lines, WHOLE).split("\n"):
        room -= len(line) + 1
        if room < 0:
            sections.append(line)
            room = SECTION - len(line)
        else:
            sections[-1] += f"\n{line}"
    return [_section(text) for text in sections]


def _facts(item: Item, message: Message) -> str:
    """What to know beside the words, in small letters."""
    incident = item.incident
    lasted = spell_duration(incident.duration(message.at))
    fallback = f"{incident.started_at:%Y-%m-%d %H:%M} UTC"
    since = f"<!date^{int(incident.started_at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"
    facts = [
        f"since {since}" if incident.is_open else f"from {since}, for {lasted}",
        f"acknowledged by {escaped(shorten(incident.by, 100))}" if incident.is_open and incident.by else "",
        escaped(shorten(item.service.group, 100)),
        "critical" if item.service.critical else "",
        _link(link_of(item)),
        f"`{escaped(shorten(incident.id, 100))}`",
    ]
    return " · ".join(filter(None, facts))


def _link(url: str) -> str:
    """A link, where there is one that nothing in it can end."""
    whole = escaped(quote(url, safe="%/:=&?~+!$,;'@()*[]#", errors="replace"))
    return f"<{whole}|link>" if whole and len(whole) < LONGEST_LINK else ""


def _actions(item: Item) -> Block:
    """The buttons; acknowledging is offered until somebody has."""
    offered = [name for name in ACTIONS if name != "ack" or item.incident.state is State.OPEN]
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": ACTIONS[name]},
                "action_id": PREFIX + name,
                "value": item.incident.id,
                **({"style": "primary"} if name == "ack" else {}),
            }
            for name in offered
        ],
    }


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": shorten(text, HEADER), "emoji": False}}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
