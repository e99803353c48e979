"""SendGrid's v3 API for mail, as strict as the real one; what it took is in `mails`, and nobody is sent anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

_HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#"
_ADDRESS = re.compile(r"[^@\s<>,]+@[^@\s<>,]+\.[^@\s<>,]+|[^@\s<>,]+@localhost")
_RESERVED = frozenset({
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
    "subject", "reply-to", "cc", "bcc",
})  # fmt: skip
_KEYS = frozenset({
    "personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id",
    "headers", "categories", "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings",
    "tracking_settings",
})  # fmt: skip
_MOST, _MOST_ARGS = 1000, 10_000

PERSONALIZATIONS = "The personalizations field is required and must have at least one personalization."
TO = (
    "The to array is required for all personalization objects, and must have at least one email object with a valid"
    " email address."
)
TWICE = (
    "Each email address in the personalization block should be unique between to, cc, and bcc. We found the first"
    " duplicate instance of [{email}] in the personalizations.{n}.{name} field."
)
SUBJECT = (
    "The subject is required. You can get around this requirement if you use a template with a subject defined or if"
    " every personalization has a subject defined."
)
FROM = (
    "The from object must be provided for every email send. It is an object that requires the email parameter, but"
    ' may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" :'
    ' "example@example.com", "name" : "Example Recipient"}.'
)
CONTENT = (
    "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined"
    " content block. We typically suggest both text/plain and text/html blocks are included, but only one block is"
    " required."
)
EMPTY = "The content value must be a string at least one character in length."
ORDER = "If present, text/plain and text/html may only be provided once, and text/plain must come first."
SENDER = (
    "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved."
    " Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity"
    " requirements"
)

Fault = tuple[str, str | None]
"""A message, and the field that it is about."""


def refuse(status: int, *faults: Fault) -> Answer:
    found = [{"message": text, "field": at, "help": f"{_HELP}{at}" if at else None} for text, at in faults]
    return answer_json({"errors": found}, status)


class Sendgrid(Site):
    """`async with Sendgrid() as site`, then `site.url`, `site.mails`. `senders` are verified; all are where None."""

    def __init__(self, key: str = "SG.key", senders: frozenset[str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.key = key
        self.senders = senders
        self.scopes = ["2fa_required", "mail.send", "sender_verification_eligible"]
        self.mails: list[dict[str, Any]] = []

    def reply(self, heard: Heard) -> Answer:
        given = heard.headers.get("authorization", "")
        if not given:
            return refuse(401, ("Permission denied, wrong credentials", None))
        if given != f"Bearer {self.key}":
            return refuse(401, ("The provided authorization grant is invalid, expired, or revoked", None))
        if (heard.method, heard.path) == ("GET", "/v3/scopes"):
            return answer_json({"scopes": self.scopes})
        if heard.path != "/v3/mail/send":
            return refuse(404, ("Not Found", None))
        return self._send(heard) if heard.method == "POST" else refuse(405, ("method not allowed", None))

    def _send(self, heard: Heard) -> Answer:
        if "mail.send" not in self.scopes:
            return refuse(403, ("access forbidden", None))
        if heard.headers.get("content-type", "").partition(";")[0] != "application/json":
            return refuse(415, ("Content-Type should be application/json.", None))
        mail = heard.json if heard.body else None
        if not isinstance(mail, dict):
            return refuse(400, ("Bad Request", None))
        faults = list(faults_of(mail))
        if faults:
            return refuse(400, *faults)
        if self.senders is not None and mail["from"]["email"].lower() not in self.senders:
            return refuse(403, (SENDER, "from"))
        if mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return Answer(200)
        self.mails.append(mail)
        return Answer(202, {"X-Message-Id": f"fake{len(self.mails):018}"})


def faults_of(mail: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with a mail."""
    for name in sorted(mail.keys() - _KEYS):
        yield f"Additional property {name} is not allowed", None
    for check in _CHECKS:
        yield from check(mail)


def _of_lists(mail: Mapping[str, Any]) -> Iterator[Fault]:
    blocks = mail.get("personalizations")
    if not isinstance(blocks, list) or not blocks:
        yield PERSONALIZATIONS, "personalizations"
        return
    if len(blocks) > _MOST:
        yield "Only 1000 personalizations are allowed per request.", "personalizations"
    for n, block in enumerate(blocks):
        yield from _of_list(n, block)


def _of_list(n: int, block: Any) -> Iterator[Fault]:
    block = block if isinstance(block, dict) else {}
    to = block.get("to")
    if not isinstance(to, list) or not to:
        yield TO, f"personalizations.{n}.to"
    met: set[str] = set()
    for name in ("to", "cc", "bcc"):
        for place, one in enumerate(block.get(name) or []):
            email = one.get("email") if isinstance(one, dict) else None
            if not isinstance(email, str) or not _ADDRESS.fullmatch(email):
                yield "Does not contain a valid address.", f"personalizations.{n}.{name}.{place}.email"
            elif email.lower() in met:
                yield TWICE.format(email=email.lower(), n=n, name=name), f"personalizations.{n}"
            else:
                met.add(email.lower())
    if len(met) > _MOST:
        yield "Only 1000 recipients are allowed per personalization.", f"personalizations.{n}"


def _of_sender(mail: Mapping[str, Any]) -> Iterator[Fault]:
    sender = mail.get("from")
    if not isinstance(sender, dict):
        yield FROM, "from"
    elif not isinstance(sender.get("email"), str) or not _ADDRESS.fullmatch(sender["email"]):
        yield "The from email does not contain a valid address.", "from.email"


def _of_subject(mail: Mapping[str, Any]) -> Iterator[Fault]:
    blocks = mail.get("personalizations")
    own = [isinstance(one, dict) and one.get("subject") for one in blocks] if isinstance(blocks, list) else []
    subject = mail.get("subject")
    if subject is not None and not isinstance(subject, str):
        yield "The subject must be a string.", "subject"
    elif not subject and not (own and all(own)):
        yield SUBJECT, "subject"
    elif subject and re.search(r"[\r\n]", subject):
        yield "The subject must not contain line breaks.", "subject"


def _of_content(mail: Mapping[str, Any]) -> Iterator[Fault]:
    content = mail.get("content")
    if not isinstance(content, list) or not content:
        yield CONTENT, "content"
        return
    kinds = []
    for n, part in enumerate(content):
        kind, value = (part.get("type"), part.get("value")) if isinstance(part, dict) else (None, None)
        if not value or not isinstance(value, str):
            yield EMPTY, f"content.{n}.value"
        kinds.append(str(kind))
    known = [kind for kind in kinds if kind in ("text/plain", "text/html")]
    if known != sorted(set(known), reverse=True) or kinds[: len(known)] != known:
        yield ORDER, "content"


def _of_extras(mail: Mapping[str, Any]) -> Iterator[Fault]:
    headers, args = mail.get("headers", {}), mail.get("custom_args", {})
    for name, value in headers.items():
        if name.lower() in _RESERVED:
            yield f"The header {name} is reserved and cannot be set.", f"headers.{name}"
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            yield "Header values must be encoded strings.", f"headers.{name}"
    if any(not isinstance(value, str) for value in args.values()):
        yield "The custom_args values must be strings.", "custom_args"
    if sum(len(f"{name}{value}") for name, value in args.items()) > _MOST_ARGS:
        yield "The custom_args must be less than 10,000 bytes.", "custom_args"


_CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[Fault]], ...] = (
    _of_lists,
    _of_sender,
    _of_subject,
    _of_content,
    _of_extras,
)
