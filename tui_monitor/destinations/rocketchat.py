"""Rocket.Chat, by an incoming webhook.

It gives no name to what it posts and cannot be asked for it. A message of which no word came back is sent again under
the same key, unless the config says `ambiguous: hold`; it may then stand there twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import CertificateFile, naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import filling, posting, rocket
from tui_monitor.destinations.craft.posting import plain


@dataclass(frozen=True, slots=True)
class RocketChat:
    """Options. `channel` is a #channel or @person instead of the integration's own, `alias` the name it posts by."""

    url: Secret
    headers: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    channel: str = ""
    alias: str = ""
    avatar: str = ""
    emoji: str = ""
    verify_tls: bool = True
    ca: CertificateFile = ""

    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True
    pace: ClassVar[float] = 6.0
    """It takes ten messages a minute, unless its keeper says otherwise."""

    def __post_init__(self) -> None:
        filling.check_address(self.url.reveal())
        with naming("headers"):
            filling.check_headers(self.headers)

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        who = {"channel": self.channel, "alias": self.alias, "avatar": self.avatar, "emoji": self.emoji}
        card = {**rocket.card_of(message), **{name: value for name, value in who.items() if value}}
        headers = {name: plain(value) for name, value in self.headers.items()}
        post = posting.json_post(self.url, card, headers, self._secrets())
        answer = await posting.ask(post, outside.client(verify=self.verify_tls, ca=self.ca))
        if not 200 <= answer.status < 300:
            raise rocket.refusal(post, answer, outside.now)
        said = posting.said(post, answer)
        if said.get("success") is not True:
            raise DeliveryError(
                f"{post.host} posted nothing: {post.harmless(str(said.get('error', said)))}", retry=False
            )
        return Receipt(message.ref, message.url)

    async def prove(self, outside: Outside) -> str:
        """Nothing is asked of the webhook itself, which posts whatever way it is called."""
        client = outside.client(verify=self.verify_tls, ca=self.ca)
        return await posting.prove_origin(self.url, client, self._secrets(), verify_tls=self.verify_tls)

    def _secrets(self) -> tuple[Secret, ...]:
        return (self.url, *posting.words_of(self.headers))
