"""Microsoft Teams, by a workflow that posts what a webhook receives, or by a connector of old.

What becomes of a card behind the workflow is not said: it answers before it has posted. Nor can it be asked for what
it took, so a message of which no word came back is sent again under the same key, and may then stand there twice,
unless the config says `ambiguous: hold`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import adaptive, filling, posting


@dataclass(frozen=True, slots=True)
class Teams:
    """Options. The signature in the `url` is all that is needed to post, so it is a secret."""

    url: Secret

    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True
    pace: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        filling.check_address(self.url.reveal())

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        post = posting.json_post(self.url, adaptive.envelope_of(message), {}, (self.url,))
        adaptive.check(post, await posting.ask(post, outside.http), outside.now)
        return Receipt(message.ref, message.url)

    async def prove(self, outside: Outside) -> str:
        """Whatever is sent to a workflow runs it, so only where it lives is asked."""
        return await posting.prove_origin(self.url, outside.http, (self.url,))
