"""PagerDuty, by its Events API: an incident is one alert, triggered, acknowledged and resolved under one key.

It cannot be asked what it has taken, and need not be: an event sent twice under the key of an incident is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message, News
from tui_monitor.core.model import Kind
from tui_monitor.core.options import naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import alerting, filling, pager, posting
from tui_monitor.destinations.craft.posting import Post

_KEY = "give the integration key of an Events API v2 integration, 32 letters and digits, as routing_key"


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """Options. `url` is another address than that of the region; `severities` say how loud each status is there."""

    routing_key: Secret
    region: Literal["us", "eu"] = "us"
    url: str = ""
    severities: Mapping[alerting.Graded, pager.Severity] = field(default_factory=dict)

    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = False
    pace: ClassVar[float] = 0.5
    """It takes some 120 events a minute for each key."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9A-Za-z]{32}", self.routing_key.reveal()):
            raise ValueError(f"routing_key is none of PagerDuty's: {_KEY}")
        if self.url:
            with naming("url"):
                filling.check_address(self.url)

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        if not message.items:  # a banner is no alert
            return Receipt()
        for event in pager.events_of(message, self.severities):
            post = self._post(event)
            answer = await posting.ask(post, outside.http)
            if not 200 <= answer.status < 300:
                raise posting.refusal(post, answer, outside.now, _KEY if b"outing" in answer.body else "")
            said = posting.said(post, answer)
            if said.get("status") != "success":
                raise DeliveryError(f"{post.host} took nothing: {post.harmless(str(said))}", retry=False)
        note = alerting.NEVER_OPEN if message.news is News.OVER else ""
        return Receipt(alerting.key_of(message), message.url, note)

    async def prove(self, outside: Outside) -> str:
        """An event without an action is refused, and says whether the key would have been refused too."""
        post = self._post({})
        answer = await posting.ask(post, outside.http)
        if answer.status != 400 or b"outing" in answer.body:
            raise posting.refusal(post, answer, outside.now, _KEY if answer.status == 400 else "")
        return f"{post.host} takes the form of the key; whether a service has it is seen only when an alert is sent"

    def _post(self, event: Mapping[str, object]) -> Post:
        base = (
            self.url or {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}[self.region]
        )
        address = Secret(f"{base.rstrip('/')}/v2/enqueue")
        return posting.json_post(
            address, {"routing_key": self.routing_key.reveal(), **event}, {}, (self.routing_key,)
        )
