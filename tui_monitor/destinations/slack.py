"""Slack: a message for each incident, edited as it goes on, with what is new in its thread.

A bot that may read the channel finds out whether something that was cut off had arrived. Through an incoming webhook
nothing can be edited, answered or found: each message stands alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import filling, slack_api, slack_blocks, slack_search, slack_talk
from tui_monitor.destinations.craft.slack_api import GONE, Api, Refused


@dataclass(frozen=True, slots=True)
class Slack:
    """Options: a bot's `token` and a `channel` (its id finds more than its name), or else a `webhook_url`.

    What is `broadcast`, or calls somebody, is shown in the channel too, beside the thread; an edit calls nobody.
    """

    token: Secret = field(default=Secret(""))
    channel: str = ""
    webhook_url: Secret = field(default=Secret(""))
    mention: tuple[str, ...] = ("channel",)
    mention_when: Literal["critical", "always", "never"] = "critical"
    buttons: bool = True
    broadcast: tuple[Literal["changed", "reminder", "resolved"], ...] = ("reminder",)
    banner: bool = False
    api: str = "https://slack.com/api"

    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True
    crowd: ClassVar[int] = 5
    pace: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        if bool(self.token) == bool(self.webhook_url):
            raise ValueError("give one of token and webhook_url")
        if bool(self.token) != bool(self.channel):
            raise ValueError("channel belongs to a token: give both, or a webhook_url alone")
        if self.channel and not slack_search.CHANNEL.fullmatch(self.channel):
            raise ValueError("channel must be a name like #alerts or an id like C0123456789")
        with naming("token"):
            filling.check_headers({"Authorization": f"Bearer {self.token.reveal()}"})
        for option, address in (("webhook_url", self.webhook_url.reveal()), ("api", self.api)):
            with naming(option):
                filling.check_address(address or "https://slack.com/")
        with naming("mention"):
            slack_blocks.check_mentions(self.mention)

    @property
    def find(self) -> Callable[[Message, Outside], Awaitable[Receipt | None]]:
        """Only a bot can be asked; a webhook has no such attribute, and the outbox knows that by it."""
        if not self.token:
            raise AttributeError("a webhook cannot be asked")
        return self._find

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        mention = slack_blocks.mention_of(message, self.mention, self.mention_when)
        if self.webhook_url:
            said = {"text": slack_blocks.fallback(message), "blocks": slack_blocks.top(message, mention)}
            await slack_api.post_to_hook(self.webhook_url, said, outside.http, outside.now)
            return Receipt(message.ref, message.url)
        api, ref = self._api(outside), slack_search.ref_in(message.ref)
        if ref is not None:
            broadcast = bool(mention) or message.news.value in self.broadcast
            try:
                return await slack_talk.go_on(api, message, ref, mention, buttons=self.buttons, broadcast=broadcast)
            except Refused as refused:
                if refused.code not in GONE:  # else somebody has taken it away, and it is told anew
                    raise
        return await slack_talk.begin(api, message, mention, buttons=self.buttons)

    async def prove(self, outside: Outside) -> str:
        if self.webhook_url:
            return await slack_api.prove_hook(self.webhook_url, outside.http, outside.now)
        return await slack_search.prove(self._api(outside))

    async def _find(self, message: Message, outside: Outside) -> Receipt | None:
        return await slack_talk.ask(self._api(outside), message)

    def _api(self, outside: Outside) -> Api:
        return Api(self.api, self.token, self.channel, outside.http, outside.now)
