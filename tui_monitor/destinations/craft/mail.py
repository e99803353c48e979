"""A message as a mail, however it is sent: to whom, under which heads, and in which thread of a mail program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol

from tui_monitor.core.message import Item, Message, News
from tui_monitor.core.options import naming
from tui_monitor.core.status import Status
from tui_monitor.core.template import fill
from tui_monitor.destinations.craft.document import shorten
from tui_monitor.destinations.craft.filling import check_fields, fields_of
from tui_monitor.destinations.craft.mail_body import html_of, plain_of

ESCALATED = " escalated"
"""What stands behind the reference of a thread whose escalation list was told of more than it would be by itself."""

_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<in>[^<>\s]+)>|(?P<bare>[^<>\s]+))")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")


class Writer(Protocol):
    """The options that every destination of mail has."""

    @property
    def sender(self) -> str: ...
    @property
    def to(self) -> Sequence[str]: ...
    @property
    def cc(self) -> Sequence[str]: ...
    @property
    def escalate_to(self) -> Sequence[str]: ...
    @property
    def escalate_at(self) -> str: ...
    @property
    def subject(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is put on any wire. `ref` is the thread, for whoever writes in it next."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    headers: Mapping[str, str]
    plain: str
    html: str
    ref: str

    @property
    def everyone(self) -> tuple[Address, ...]:
        return (*self.to, *self.cc)


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


def mailboxes(texts: Sequence[str]) -> tuple[Address, ...]:
    """Each address once, in order, however it is named and in whatever case it is written."""
    found: dict[str, Address] = {}
    for text in texts:
        one = mailbox(text)
        found.setdefault(one.addr_spec.lower(), one)
    return tuple(found.values())


def check(writer: Writer) -> None:
    """ValueError says what is wrong with the options that every mail has."""
    if not writer.to:
        raise ValueError("to must hold at least one address")
    lists = {"sender": (writer.sender,), "to": writer.to, "cc": writer.cc, "escalate_to": writer.escalate_to}
    for option, texts in lists.items():
        with naming(option):
            mailboxes(texts)
    with naming("subject"):
        check_fields(writer.subject)


def letter_of(message: Message, writer: Writer) -> Letter:
    """The whole mail. No text of a service reaches a header except through `shorten`, which makes it one line."""
    sender = mailbox(writer.sender)
    own = _id_of(message, sender)
    known = _MESSAGE_ID.match(message.ref)
    thread = known[0] if known else own
    replies = {"In-Reply-To": thread, "References": thread} if known else {}
    added, keeps = _escalated(message, writer)
    to = mailboxes((*writer.to, *added))
    return Letter(
        sender,
        to,
        mailboxes((*writer.to, *added, *writer.cc))[len(to) :],
        shorten(fill(writer.subject, fields_of(message)), 200),
        {"Message-ID": own, **replies, "Auto-Submitted": "auto-generated"},
        plain_of(message),
        html_of(message),
        thread + ESCALATED if keeps else thread,
    )


def all_of(writer: Writer) -> tuple[Address, ...]:
    """Everyone who may ever be written to."""
    return mailboxes((*writer.to, *writer.cc, *writer.escalate_to))


def _id_of(message: Message, sender: Address) -> str:
    """The same for each try of one telling, so that a mail that came twice is seen to be one."""
    domain = sender.domain if sender.domain.isascii() else "tui-monitor.invalid"
    return f"<{message.key}@{domain}>"


def _escalated(message: Message, writer: Writer) -> tuple[Sequence[str], bool]:
    """Who is written to beside the others, and whether the thread must remember that they were.

    An incident of a critical service, and one that was ever bad enough, is theirs for good: both are seen in it. A
    reminder, and what came in the same mail as such an incident, is not; but whoever was told of something hears how
    it goes on.
    """
    if not writer.escalate_to:
        return (), False
    least = Status(writer.escalate_at)
    by_itself = [_is_grave(item, least) for item in message.items]
    is_told = message.ref.endswith(ESCALATED) or message.news is News.REMINDER or any(by_itself)
    return (writer.escalate_to, not all(by_itself)) if is_told else ((), False)


def _is_grave(item: Item, least: Status) -> bool:
    return item.service.critical or item.incident.severity.rank >= least.rank


def compose(letter: Letter, message: Message) -> EmailMessage:
    """A letter for a mail server."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = letter.subject
    mail["From"] = letter.sender
    mail["To"] = list(letter.to)
    if letter.cc:
        mail["Cc"] = list(letter.cc)
    mail["Date"] = format_datetime(message.at)
    for name, value in letter.headers.items():
        mail[name] = value
    mail.set_content(letter.plain, cte="quoted-printable")
    mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return mail
