"""A conversation with a mail server, and what its refusals mean: a 4xx may pass, a 5xx stays.

The encryption that was asked for is the encryption there is: nothing falls back to plain text.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft.files import placed

if TYPE_CHECKING:
    from aiosmtplib import SMTP, SMTPException

PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    security: str
    user: str
    password: Secret
    trust: ssl.SSLContext | None

    def harmless(self, text: str, limit: int = 200) -> str:
        return clean(redact(text, [self.password]), limit)


async def server_of(
    host: str, port: int, security: str, user: str, password: Secret, ca: str, outside: Outside
) -> Server:
    """A server with the certificates that it is judged by; the port follows from the security unless given."""
    trust = None if security == "none" else await outside.run(_trust, outside.home, ca)
    return Server(host, port or PORTS[security], security, user, password, trust)


def _trust(home: Path, ca: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(placed(home, ca)) if ca else None)
    except OSError as error:
        reason = clean(error.strerror or str(error), 200)
        raise DeliveryError(f"the certificates in {clean(ca, 300)} cannot be read: {reason}", retry=True) from None


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[SMTP]:
    """A server that is ready for a mail. The line is cut, not closed, where anything went wrong on it."""
    from aiosmtplib import SMTP

    client = SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=_own_name(),
        timeout=None,
        use_tls=server.security == "tls",
        start_tls=False,
        tls_context=server.trust,
    )
    is_well = False
    try:
        with refusals(server):
            await client.connect()
            await _secure(client, server)
            yield client
        is_well = True
    finally:
        _leave(client, is_well)


def _own_name() -> str:
    """Without asking a name server, which may hang."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"


async def _secure(client: SMTP, server: Server) -> None:
    from aiosmtplib import SMTPAuthenticationError

    await client.ehlo()
    if server.security == "starttls":
        if not client.supports_extension("starttls"):
            raise DeliveryError(
                f"{server.host} does not offer STARTTLS, and mail is not sent unprotected", retry=False
            )
        await client.starttls(tls_context=server.trust)
        await client.ehlo()
    if not server.user:
        return
    if not client.supported_auth_methods:
        raise DeliveryError(f"{server.host} offers no way to log in", retry=False)
    try:
        await client.login(server.user, server.password.reveal())
    except SMTPAuthenticationError as error:
        said = server.harmless(f"{error.code} {error.message}")
        text = f"{server.host} does not let {clean(server.user, 100)} log in: {said}"
        raise DeliveryError(text, retry=error.code < 500) from None


def _leave(client: SMTP, is_well: bool) -> None:
    """Say goodbye without waiting for an answer: a mail that was taken must not count as lost for want of it."""
    transport = client.transport
    if isinstance(transport, asyncio.Transport) and not transport.is_closing():
        if is_well:
            transport.write(b"QUIT\r\n")
        else:
            transport.abort()
    client.close()


@contextmanager
def refusals(server: Server) -> Iterator[None]:
    """Every way a server can fail us, as one DeliveryError."""
    from aiosmtplib import SMTPException

    try:
        yield
    except SMTPException as error:
        raise _refusal(server, error) from None
    except OSError as error:
        raise _unreached(server, error) from None


def _refusal(server: Server, error: SMTPException) -> DeliveryError:
    from aiosmtplib import SMTPNotSupported, SMTPRecipientsRefused, SMTPResponseException

    if isinstance(error, SMTPRecipientsRefused):
        said = server.harmless(
            "; ".join(f"{one.recipient}: {one.code} {one.message}" for one in error.recipients), 500
        )
        later = any(one.code < 500 for one in error.recipients)
        return DeliveryError(f"{server.host} refused every recipient: {said}", retry=later)
    if isinstance(error, SMTPResponseException):
        said = server.harmless(f"{error.code} {error.message}")
        return DeliveryError(f"{server.host} answered {said}", retry=not 500 <= error.code < 600)
    if isinstance(error, SMTPNotSupported):
        return DeliveryError(f"{server.host}: {server.harmless(str(error))}", retry=False)
    return _unreached(server, error)


def _unreached(server: Server, error: Exception, *, unsure: bool = False) -> DeliveryError:
    """In the system's own words where there are any: a library wraps them in numbers and addresses."""
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = f"its certificate is not trusted: {cause.verify_message}"
    elif isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError | socket.gaierror) and cause.errno:
        reason = os.strerror(cause.errno)
    else:
        reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return DeliveryError(f"{server.host} cannot be reached: {server.harmless(reason)}", retry=True, unsure=unsure)


async def hand_in(client: SMTP, server: Server, mail: EmailMessage, sender: str, to: Sequence[Address]) -> str:
    """Send it; the sentence says who was refused although others were not, and is empty when all took it."""
    try:
        refused, _ = await client.send_message(mail, sender=sender, recipients=[one.addr_spec for one in to])
    except OSError as error:  # the line broke, perhaps only after the whole mail was through it
        raise _unreached(server, error, unsure=True) from None
    who = "; ".join(f"{address}: {answer.code} {answer.message}" for address, answer in refused.items())
    return f"{server.host} refused {server.harmless(who, 500)}" if refused else ""


async def try_out(client: SMTP, server: Server, sender: str, to: Sequence[Address]) -> None:
    """DeliveryError where a recipient would be refused; the envelope is taken back, so that no mail comes of it."""
    from aiosmtplib import SMTPRecipientRefused

    await client.mail(sender)
    refused = []
    for one in to:
        try:
            await client.rcpt(one.addr_spec)
        except SMTPRecipientRefused as error:
            refused.append(f"{one.addr_spec}: {error.code} {error.message}")
    await client.rset()
    if refused:
        raise DeliveryError(f"{server.host} would refuse {server.harmless('; '.join(refused), 500)}", retry=False)
