"""Mail through SendGrid: in the threads of its incidents, as through a server of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import Template, naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import spell_number
from tui_monitor.destinations.craft import filling, mail, posting
from tui_monitor.destinations.craft.posting import Answer, Post
from tui_monitor.destinations.craft.sendgrid import mail_of, refused, trial_of

HOSTS = {"us": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}


@dataclass(frozen=True, slots=True)
class Sendgrid:
    """Options. `token` is an API key; `url` is for a server between here and there.

    Those under `escalate_to` are written to as under smtp.
    """

    token: Secret
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    escalate_to: tuple[str, ...] = ()
    escalate_at: Literal["degraded", "partial", "major"] = "major"
    subject: Template = "{title}"
    region: Literal["us", "eu"] = "us"
    url: str = ""

    fields: ClassVar[frozenset[str]] = filling.OURS
    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True

    def __post_init__(self) -> None:
        mail.check(self)
        if self.url:
            filling.check_address(self.url)
        with naming("token"):
            filling.check_headers(posting.authorization("", Secret(""), self.token))

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        letter = mail.letter_of(message, self)
        await self._ask("POST", "/v3/mail/send", outside, mail_of(letter, message.key))
        return Receipt(letter.ref)

    async def prove(self, outside: Outside) -> str:
        post, answer = await self._ask("GET", "/v3/scopes", outside)
        if "mail.send" not in posting.said(post, answer).get("scopes", ()):
            text = f"{post.host} knows the token, but it may not send: give its API key the permission Mail Send"
            raise DeliveryError(text, retry=False)
        everyone = mail.all_of(self)
        await self._ask("POST", "/v3/mail/send", outside, trial_of(mail.mailbox(self.sender), everyone))
        return f"{post.host} takes mail from {self.sender} to {spell_number(len(everyone), 'address')}; none was sent"

    async def _ask(self, method: str, path: str, outside: Outside, body: Any = None) -> tuple[Post, Answer]:
        url = Secret((self.url or HOSTS[self.region]).rstrip("/") + path)
        headers = posting.authorization("", Secret(""), self.token)
        if body is None:
            post = Post(method, url, headers, secrets=(self.token,))
        else:
            post = posting.json_post(url, body, headers, (self.token,), method)
        answer = await posting.exchange(post, outside.http)
        if not 200 <= answer.status < 300:
            raise refused(post, answer, outside.now)
        return post, answer
