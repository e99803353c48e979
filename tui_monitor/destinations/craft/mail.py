"""A message as a mail: what a person reads, and the headers by which mail programs thread it and know it again."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tui_monitor.core.codec import moment
from tui_monitor.core.message import Message
from tui_monitor.core.template import fill
from tui_monitor.destinations.craft.document import lines_of, listed, shorten, text_of
from tui_monitor.destinations.craft.filling import fields_of

MOST = 50
_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<in>[^<>\s]+)>|(?P<bare>[^<>\s]+))")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")


def mailbox(text: str) -> Address:
    """`Ops <ops@example.com>` or a bare address. ValueError says what is wrong with it."""
    match = _MAILBOX.fullmatch(text.strip())
    if match is None or not text.isprintable():
        raise ValueError(f"{shorten(text, 100)!r} is not a mail address")
    try:
        found = Address((match["name"] or "").strip().strip('"'), addr_spec=match["in"] or match["bare"])
    except (MessageError, ValueError, IndexError):
        found = Address()
    if not found.username or not found.domain:
        raise ValueError(f"{shorten(text, 100)!r} is not a mail address")
    return found


def mailboxes(texts: Sequence[str]) -> list[Address]:
    """Each address once, in order, however it is named."""
    return list({found.addr_spec: found for found in map(mailbox, texts)}.values())


def id_of(message: Message, sender: Address) -> str:
    """The same for each try of one telling, so that a mail that came twice is seen to be one."""
    domain = sender.domain if sender.domain.isascii() else "tui-monitor.invalid"
    return f"<{message.key}@{domain}>"


def compose(
    message: Message, sender: Address, to: Sequence[Address], cc: Sequence[Address], subject: str
) -> EmailMessage:
    """The whole mail. No text of a service reaches a header except through `shorten`, which makes it one line."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = shorten(fill(subject, fields_of(message)), 200)
    mail["From"] = sender
    mail["To"] = list(to)
    if cc:
        mail["Cc"] = list(cc)
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = id_of(message, sender)
    if _MESSAGE_ID.fullmatch(message.ref):
        mail["In-Reply-To"] = mail["References"] = message.ref
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_plain(message), cte="quoted-printable")
    mail.add_alternative(_html(message), subtype="html", cte="quoted-printable")
    return mail


def _facts(message: Message) -> list[tuple[str, str]]:
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


def _plain(message: Message) -> str:
    facts = "\n".join(f"{label}: {value}" for label, value in _facts(message))
    return f"{text_of(message, most=MOST)}\n\n{facts}".rstrip() + "\n"


def _html(message: Message) -> str:
    lines = listed(map(html.escape, lines_of(message)), 20_000, MOST, "<br>\n")
    rows = "".join(f"<tr><td>{label}</td><td>{_cell(value)}</td></tr>\n" for label, value in _facts(message))
    return f"<!doctype html>\n<p>{lines}</p>\n" + (f"<table>\n{rows}</table>\n" if rows else "")


def _cell(value: str) -> str:
    shown = html.escape(value)
    return f'<a href="{shown}">{shown}</a>' if value.startswith(("https://", "http://")) else shown
