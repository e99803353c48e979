"""A real mail server on a port of its own, which can be told to refuse."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


@dataclass
class PostOffice:
    """What was handed in, and what is refused: answers by the command they are given to."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    hangs: bool = False
    protocols: list[SMTP] = field(default_factory=list)

    def hang_up(self) -> None:
        for one in self.protocols:
            if one.transport is not None:
                one.transport.abort()

    @property
    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(bytes(one.content or b""), policy=default) for one in self.envelopes]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        self.commands.append("MAIL")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.refuse.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if (answer := self.refuse.get(address)) is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_RSET(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.commands.append("RSET")
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.reached.set()
        if self.hangs:
            await asyncio.Event().wait()
        if (answer := self.refuse.get("DATA")) is not None:
            return answer
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.left.set()
        return "221 Bye"

    def log_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        if (answer := self.refuse.get("AUTH")) is not None:
            return AuthResult(success=False, handled=False, message=answer)
        return AuthResult(success=True)


@asynccontextmanager
async def opened_office(
    starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[PostOffice]:
    office = PostOffice()
    loop = asyncio.get_running_loop()

    def serve() -> SMTP:
        auth = {"authenticator": office.log_in, "auth_require_tls": tls is None} if starttls or tls else {}
        office.protocols.append(
            SMTP(office, tls_context=starttls, hostname="localhost", loop=loop, **auth, **options)
        )
        return office.protocols[-1]

    server = await loop.create_server(serve, "127.0.0.1", 0, ssl=tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        office.hang_up()
        for one in office.protocols:
            if one._handler_coroutine is not None:
                one._handler_coroutine.cancel()
                await asyncio.gather(one._handler_coroutine, return_exceptions=True)
