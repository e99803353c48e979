"""Whom to trust: one TLS context per setting, the sessions to resume, and how long a certificate is good.

A context costs 20 ms, a full handshake 0.8 ms and a resumed one a third of that, so all three are kept. The end of
validity is read straight from the certificate's DER: the standard library shows no field of one it does not trust.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tui_monitor.core.errors import Unreadable
from tui_monitor.core.text import clean
from tui_monitor.net.der import enter, moment, skip
from tui_monitor.net.words import of_file

FULL_AFTER = 600.0
"""Seconds after which a session is not resumed any more, so that a new certificate is seen."""
FULL_EVERY = 50
"""Looks after which a session is not resumed any more."""


@dataclass(frozen=True, slots=True)
class Trust:
    """One setting of TLS: whether to verify, with whose authority, who we are, and what is to be spoken over it.

    With `names` false a certificate must be trusted, but may be for another name.
    """

    verify: bool = True
    ca: str = ""
    cert: str = ""
    key: str = ""
    speaks: str = ""
    names: bool = True


USUAL = Trust()
"""Verify, with the authorities of the system."""

Key = tuple[str, int, str, Trust]
"""What a session belongs to: host, port, the name asked for, and the setting."""


@dataclass(slots=True)
class Session:
    """A session that a target gave, to be resumed until it is used up."""

    context: ssl.SSLContext
    ticket: ssl.SSLSession
    since: float
    until: datetime | None
    looks: int = 0

    def is_used_up(self, now: float) -> bool:
        return self.looks >= FULL_EVERY or now - self.since >= FULL_AFTER


class Trusts:
    """The contexts and sessions of one process. Files are relative to `home`, and read again when they change."""

    _MOST = 20_000

    def __init__(self, home: Path) -> None:
        self._home = home
        self._contexts: dict[Trust, tuple[tuple[int, ...], ssl.SSLContext]] = {}
        self._sessions: dict[Key, Session] = {}

    def context(self, trust: Trust) -> ssl.SSLContext:
        """The context for this setting; Unreadable where a file of it cannot be used."""
        stamps = self._stamps(trust) if trust.ca or trust.cert else ()
        known = self._contexts.get(trust)
        if known is not None and known[0] == stamps:
            return known[1]
        context = self._build(trust)
        self._contexts[trust] = (stamps, context)
        return context

    def _stamps(self, trust: Trust) -> tuple[int, ...]:
        return tuple(self._stamp(name) for name in (trust.ca, trust.cert, trust.key) if name)

    def _stamp(self, name: str) -> int:
        try:
            return (self._home / name).stat().st_mtime_ns
        except OSError as error:
            raise Unreadable(f"the certificate file {clean(name)} cannot be read: {of_file(error)}") from error

    def _build(self, trust: Trust) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=str(self._home / trust.ca) if trust.ca else _bundle())
            if trust.cert:
                key = str(self._home / trust.key) if trust.key else None
                context.load_cert_chain(str(self._home / trust.cert), key, password=_no_password)
        except (OSError, ValueError) as error:
            named = " and ".join(name for name in (trust.ca, trust.cert, trust.key) if name)
            raise Unreadable(f"the certificate files {clean(named)} cannot be used: {of_file(error)}") from error
        if trust.speaks:
            context.set_alpn_protocols([trust.speaks])
        context.check_hostname = trust.verify and trust.names
        if not trust.verify:
            context.verify_mode = ssl.CERT_NONE
        return context

    def session(self, key: Key, context: ssl.SSLContext, now: float) -> Session | None:
        """A session to resume, if there is a good one.

        When it is used up, one look takes a full handshake while the others go on with the old session: it brings a
        new one, or fails, and then nobody resumes any more.
        """
        session = self._sessions.get(key)
        if session is None:
            return None
        if session.context is not context:
            del self._sessions[key]
            return None
        if session.is_used_up(now):
            session.looks, session.since = 0, now
            return None
        session.looks += 1
        return session

    def remember(self, key: Key, session: Session) -> None:
        self._sessions.pop(key, None)
        self._sessions[key] = session
        if len(self._sessions) > self._MOST:
            del self._sessions[next(iter(self._sessions))]

    def forget(self, key: Key) -> None:
        """A handshake has failed: what is believed of this target is old."""
        self._sessions.pop(key, None)


def _no_password() -> str:
    raise ValueError("the key is protected by a password")


def _bundle() -> str | None:
    """The system's authorities; those of certifi on a system that has none in the usual place."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        return None
    import certifi

    return certifi.where()


def valid_until(der: bytes | None) -> datetime | None:
    """The end of validity of a certificate; None where it cannot be read."""
    if not der:
        return None
    try:
        at, _ = enter(der, 0, 0x30)  # Certificate
        at, _ = enter(der, at, 0x30)  # TBSCertificate
        if der[at] == 0xA0:  # version
            at = skip(der, at)
        for _ in ("serial number", "signature", "issuer"):
            at = skip(der, at)
        at, _ = enter(der, at, 0x30)  # Validity
        at = skip(der, at)  # notBefore
        start, end = enter(der, at, der[at])
        return moment(der[at], der[start:end])
    except (IndexError, ValueError):
        return None
