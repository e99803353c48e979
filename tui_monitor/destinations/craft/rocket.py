"""A message as Rocket.Chat shows it, and what its webhooks mean by their answers.

Rocket.Chat has no sign that takes the meaning from another one: its parser knows none, and its server looks for
mentions before anything is parsed. So what would ping or format in the words of others is written with a sign that
looks alike.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from tui_monitor.core.codec import moment
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item, Message
from tui_monitor.core.status import Status
from tui_monitor.destinations.craft import posting
from tui_monitor.destinations.craft.document import facts_of, link_of, shade_of, shorten
from tui_monitor.destinations.craft.posting import Answer, Post

MOST = 20
"""Incidents that are shown each for itself."""

COLOURS = {
    Status.OPERATIONAL: "#2e9e5b",
    Status.MAINTENANCE: "#4a7ebb",
    Status.DEGRADED: "#e0b000",
    Status.PARTIAL: "#e07b00",
    Status.MAJOR: "#d0342c",
    Status.UNKNOWN: "#8a8a8a",
}

_ALIKE = (
    (re.compile(r"(?<![0-9A-Za-z/])@"), "\N{FULLWIDTH COMMERCIAL AT}"),  # @all; but not ann@example.com
    (re.compile(r"(?<![0-9A-Za-z/])#"), "\N{FULLWIDTH NUMBER SIGN}"),  # #channel and headings; but not /page#part
    (re.compile(r"(?<![0-9A-Za-z])_"), "\N{FULLWIDTH LOW LINE}"),  # _italic_; but not snake_case
    (re.compile(r"\]\("), "] ("),  # [title](link)
    (re.compile(r"\\(?=[\[(])"), "\N{REVERSE SOLIDUS OPERATOR}"),  # formulas
    (re.compile(r"\|\|"), "| |"),  # ||spoilers||
    (re.compile(r":(?=[A-Za-z_+-][\w.+-]*:)"), "\N{RATIO}"),  # :emoji:
    (re.compile(r"^>"), "\N{FULLWIDTH GREATER-THAN SIGN}"),  # quotes
)
_TWINS = str.maketrans(
    {
        "*": "\N{ASTERISK OPERATOR}",
        "~": "\N{TILDE OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "<": "\N{FULLWIDTH LESS-THAN SIGN}",
    }
)

_MENDS = (
    ("Invalid integration id or token", "there is no such webhook: copy its address anew from the integration"),
    (
        "overriding destination channel is disabled",
        "the integration may post to no other channel: allow it there, or leave out channel",
    ),
    ("invalid-channel", "there is no such channel or person, or the integration may not post there: look at channel"),
)
_WAIT = re.compile(r"must wait (\d{1,5}) seconds")


def tame(text: str, limit: int = 500) -> str:
    """Words of others, as one line that reads the same, pings nobody and formats nothing."""
    line = shorten(text, limit).translate(_TWINS)
    for sign, alike in _ALIKE:
        line = sign.sub(alike, line)
    return line


def card_of(message: Message) -> dict[str, Any]:
    """The text, which is what a notification shows, and below it what is known of each incident, in its colour."""
    if message.banner is not None or len(message.items) == 1:
        return {"text": tame(message.text), "attachments": [_alone(message)]}
    shown = [_line(item) for item in message.items[:MOST]]
    left = len(message.items) - len(shown)
    more = [{"color": COLOURS[Status.UNKNOWN], "text": f"and {left} more"}] if left else []
    return {"text": tame(message.title), "attachments": [*shown, *more]}


def _alone(message: Message) -> dict[str, Any]:
    colour = COLOURS[shade_of(message)]
    fields = [
        {"title": label, "value": tame(value), "short": True} for label, value in facts_of(message) if label != "Link"
    ]
    link = link_of(message.items[0]) if message.items else ""
    head = {"title": tame(message.items[0].fields["title"], 200), "title_link": link} if link else {}
    return {"color": colour, **head, "fields": fields}


def _line(item: Item) -> dict[str, Any]:
    return {"color": COLOURS[shade_of(item)], "text": tame(item.text), "ts": moment(item.incident.started_at)}


def refusal(post: Post, answer: Answer, now: datetime) -> DeliveryError:
    """What an answer that is no success means, with what a person can do about it."""
    body = answer.body.decode("utf-8", "replace")
    mend = next((what for sign, what in _MENDS if sign in body), "")
    error = posting.refusal(post, answer, now, mend)
    wait = _WAIT.search(body)
    after = float(wait[1]) if error.retry and error.after is None and wait else error.after
    return DeliveryError(str(error), retry=error.retry, after=after)
