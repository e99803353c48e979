"""Mail through a server of one's own: threaded by the first mail of an incident, encrypted or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import CertificateFile, Template
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import spell_number
from tui_monitor.destinations.craft import mail
from tui_monitor.destinations.craft.filling import OURS
from tui_monitor.destinations.craft.mailing import Server, connected, hand_in, server_of, try_out


@dataclass(frozen=True, slots=True)
class Smtp:
    """Options. `port` follows from `security` unless it is given; `ca` is a file of certificates to trust.

    Those under `escalate_to` are written to as well from when a service is critical, an incident as bad as
    `escalate_at`, or people must be reminded; and then until it is over.
    """

    host: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    escalate_to: tuple[str, ...] = ()
    escalate_at: Literal["degraded", "partial", "major"] = "major"
    subject: Template = "{title}"
    port: int = 0
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: Secret = field(default=Secret(""))
    ca: CertificateFile = ""

    fields: ClassVar[frozenset[str]] = OURS
    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = True

    def __post_init__(self) -> None:
        mail.check(self)
        if self.user and self.security == "none":
            raise ValueError("user and password are not sent unprotected: set security to starttls or tls")
        if not 0 <= self.port <= 65_535:
            raise ValueError(f"port must be a number from 1 to 65535, not {self.port}")
        if not self.host or not self.host.isprintable() or " " in self.host or "/" in self.host:
            raise ValueError("host must be the name of a server, without a scheme")

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        letter = mail.letter_of(message, self)
        server = await self._server(outside)
        async with connected(server) as client:
            sent, sender = mail.compose(letter, message), letter.sender.addr_spec
            note = await hand_in(client, server, sent, sender, letter.everyone)
        return Receipt(letter.ref, note=note)

    async def prove(self, outside: Outside) -> str:
        server, everyone = await self._server(outside), mail.all_of(self)
        async with connected(server) as client:
            await try_out(client, server, mail.mailbox(self.sender).addr_spec, everyone)
        return f"{self.host} takes mail from {self.sender} to {spell_number(len(everyone), 'address')}; none was sent"

    async def _server(self, outside: Outside) -> Server:
        return await server_of(self.host, self.port, self.security, self.user, self.password, self.ca, outside)
