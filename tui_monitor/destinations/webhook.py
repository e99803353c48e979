"""A webhook: any address that takes a request. Its URL, query and body are texts with fields of the message.

Beside the fields of the `messages`, `{title}` is the message's title and `{message}` what is wrong, as
cachet-url-monitor had them; `{ref}` is what `ref_from` found in the first answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import CertificateFile, naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import filling, posting
from tui_monitor.destinations.craft.document import document_of
from tui_monitor.destinations.craft.posting import Post, plain

METHODS = ("POST", "PUT", "PATCH", "GET", "DELETE")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Options. `body` is a text or JSON with fields in its texts; without one, our own JSON document is sent.

    With `ticket`, what it is told first of an incident opens a ticket; with `banner`, it shows that of the board, and
    hears of no incident. `url_from` finds the link for people, as `ref_from` finds the reference.
    """

    url: Secret
    method: str = "POST"
    headers: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    query: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    user: str = ""
    password: Secret = field(default=Secret(""))
    token: Secret = field(default=Secret(""))
    ref_from: str = ""
    url_from: str = ""
    ticket: bool = False
    banner: bool = False
    verify_tls: bool = True
    ca: CertificateFile = ""

    hears: ClassVar[frozenset[Kind]] = LOUD

    @property
    def grouped(self) -> bool:
        """A place that gives a reference back is told of one incident at a time, so that each has its own."""
        return not (self.ref_from or self.url_from or self.ticket)

    @property
    def tickets(self) -> bool:
        return self.ticket

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}")
        filling.check_address(self.url.reveal())
        with naming("headers"):
            filling.check_headers({**self.headers, **self._authorization()})
        named = "authorization" in map(str.lower, self.headers)
        if bool(self.user) + bool(self.token) + named + ("@" in urlsplit(self.url.reveal()).netloc) > 1:
            raise ValueError("give one of user and password, token, the header Authorization, or a user in the url")
        self._check_fields()
        if self.ticket and self.banner:
            raise ValueError("give one of ticket and banner: what shows the banner is told of no incident")
        for option, query in (("ref_from", self.ref_from), ("url_from", self.url_from)):
            if query:
                with naming(option):
                    posting.compiled(query)

    def _check_fields(self) -> None:
        texts = {"url": [self.url.reveal()], "query": map(plain, self.query.values())}
        for option, templates in {**texts, "body": filling.texts_of(self._shape())}.items():
            with naming(option):
                for template in templates:
                    filling.check_fields(template)

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        post = self._post(message)
        answer = await posting.send(post, outside.client(verify=self.verify_tls, ca=self.ca), outside.now)
        if message.ref or message.url:
            return Receipt(message.ref, message.url)
        ref, link = (posting.found_in(answer.body, one) if one else "" for one in (self.ref_from, self.url_from))
        link = link if link.startswith(("https://", "http://")) else ""
        missing = [one for one, found in ((self.ref_from, ref), (self.url_from, link)) if one and not found]
        note = f"{post.host} took it, but its answer holds no {' and no '.join(missing)}" if missing else ""
        return Receipt(ref, link, note)

    async def prove(self, outside: Outside) -> str:
        client = outside.client(verify=self.verify_tls, ca=self.ca)
        return await posting.prove_origin(self.url, client, self._secrets(), verify_tls=self.verify_tls)

    def _post(self, message: Message) -> Post:
        fields = filling.fields_of(message)
        body, kind = self._body(message, fields)
        ours = {"Idempotency-Key": message.key, **({"Content-Type": kind} if body else {}), **self._authorization()}
        headers = posting.merged(ours, {name: plain(value) for name, value in self.headers.items()})
        url = Secret(filling.address(self.url.reveal(), self.query, fields))
        return Post(self.method, url, headers, body, self._secrets())

    def _body(self, message: Message, fields: Mapping[str, str]) -> tuple[bytes, str]:
        if self.body is not None:
            return filling.body_of(self._shape(), self._content_type(), fields)
        if self.method == "GET":
            return b"", ""
        return json.dumps(document_of(message)).encode(), "application/json"

    def _shape(self) -> Any:
        return filling.shape_of(self.body, self._content_type())

    def _content_type(self) -> str:
        found = [plain(value) for name, value in self.headers.items() if name.lower() == "content-type"]
        return found[0].lower() if found else ""

    def _authorization(self) -> dict[str, str]:
        return posting.authorization(self.user, self.password, self.token)

    def _secrets(self) -> tuple[Secret, ...]:
        """Every value of the config that an answer might repeat."""
        words = posting.words_of({**self.headers, **self._authorization()})
        texts = [text for text in filling.texts_of(self._shape()) if not filling.FIELD.search(text)]
        queried = map(plain, self.query.values())
        return (self.url, self.password, self.token, *words, *map(Secret, (*texts, *queried)))
