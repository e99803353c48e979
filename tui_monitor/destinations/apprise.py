"""Apprise: the long tail of services that it knows by an address each.

It tells no reason when one of them takes nothing, and none of them can be asked what it has: so a message is sent
again until one takes it, and may then arrive twice. Whoever wants to know of each service by itself gives each a
destination.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import Template, naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.template import fill
from tui_monitor.core.text import clean_lines, spell_number
from tui_monitor.destinations.craft import notifying
from tui_monitor.destinations.craft.document import shorten
from tui_monitor.destinations.craft.filling import OURS, check_fields, fields_of


@dataclass(frozen=True, slots=True)
class Apprise:
    """Options: addresses as Apprise writes them, and the texts that each is sent."""

    urls: tuple[Secret, ...]
    title: Template = "{title}"
    body: Template = "{text}"
    services: Any = field(init=False, repr=False, compare=False)

    fields: ClassVar[frozenset[str]] = OURS
    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not self.urls:
            raise ValueError("urls must hold at least one address")
        for option, template in (("title", self.title), ("body", self.body)):
            with naming(option):
                check_fields(template)
        object.__setattr__(self, "services", tuple(notifying.services_of(self.urls)))

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        fields = {name: notifying.unmentioned(value) for name, value in fields_of(message).items()}
        mood = notifying.mood_of(message)
        title = shorten(fill(self.title, fields), 250)
        words = (title, clean_lines(fill(self.body, fields)) or title)  # many services take no empty text
        telling = (outside.run(notifying.notify, one, *words, mood, outside.timeout) for one in self.services)
        taken = zip(notifying.kinds_of(self.services), await asyncio.gather(*telling), strict=True)
        refused = [kind for kind, is_taken in taken if not is_taken]
        text = f"Apprise could not tell {', '.join(refused)}, and gives no reason"
        if len(refused) == len(self.services):
            raise DeliveryError(f"{text}; see whether its address is right", retry=True, unsure=True)
        return Receipt(message.ref, message.url, text if refused else "")

    async def prove(self, outside: Outside) -> str:
        """Only that each address is understood: Apprise has no way to try one without a message."""
        kinds = ", ".join(notifying.kinds_of(self.services))
        count = spell_number(len(self.services), "address")
        return f"{count} understood ({kinds}); whether messages are taken there is seen only when one is sent"
