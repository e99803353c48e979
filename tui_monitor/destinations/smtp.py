"""Mail through a server of one's own: threaded by the first mail of an incident, encrypted or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import CertificateFile, Template, naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.text import spell_number
from tui_monitor.destinations.craft.filling import OURS, check_fields
from tui_monitor.destinations.craft.mail import compose, id_of, mailbox, mailboxes
from tui_monitor.destinations.craft.mailing import Server, connected, hand_in, server_of, try_out


@dataclass(frozen=True, slots=True)
class Smtp:
    """Options. `port` follows from `security` unless it is given; `ca` is a file of certificates to trust."""

    host: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
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
        if not self.to:
            raise ValueError("to must hold at least one address")
        for option, texts in (("sender", (self.sender,)), ("to", self.to), ("cc", self.cc)):
            with naming(option):
                mailboxes(texts)
        if self.user and self.security == "none":
            raise ValueError("user and password are not sent unprotected: set security to starttls or tls")
        if not 0 <= self.port <= 65_535:
            raise ValueError(f"port must be a number from 1 to 65535, not {self.port}")
        if not self.host or not self.host.isprintable() or " " in self.host:
            raise ValueError("host does not name a server")
        with naming("subject"):
            check_fields(self.subject)

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        sender, everyone = mailbox(self.sender), mailboxes((*self.to, *self.cc))
        mail = compose(message, sender, mailboxes(self.to), mailboxes(self.cc), self.subject)
        server = await self._server(outside)
        async with connected(server) as client:
            note = await hand_in(client, server, mail, sender.addr_spec, everyone)
        return Receipt(message.ref or id_of(message, sender), note=note)

    async def prove(self, outside: Outside) -> str:
        server, everyone = await self._server(outside), mailboxes((*self.to, *self.cc))
        async with connected(server) as client:
            await try_out(client, server, mailbox(self.sender).addr_spec, everyone)
        return f"{self.host} takes mail from {self.sender} to {spell_number(len(everyone), 'address')}; none was sent"

    async def _server(self, outside: Outside) -> Server:
        return await server_of(self.host, self.port, self.security, self.user, self.password, self.ca, outside)
