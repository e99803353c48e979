"""How a plain line is asked to go on in TLS, in the language of each protocol that can.

Generators like those of `talk`. Whatever is said before TLS can be forged, so it must end exactly where TLS begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui_monitor.core.errors import Unreachable
from tui_monitor.core.text import clean
from tui_monitor.net.der import enter
from tui_monitor.net.flow import Flow, Steps
from tui_monitor.net.line import Line

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

_MOST = 16 * 1024
"""Bytes that may be said before TLS begins."""
_REPLY = re.compile(rb"\A(?:(\d{3})-(?:[^\n]*\n)+?\1(?: [^\n]*)?|\d{3}(?: [^\n]*)?|(?!\d{3}[- \r\n])[^\n]*)\r?\n")
"""A reply of SMTP or FTP, of one line or of several; or a line that is none."""
_TAGGED = re.compile(rb"^a [^\n]*\n", re.MULTILINE)
_LINE = re.compile(rb"^[^\n]*\n")
_FEATURES = re.compile(rb"</stream:features\s*>|<stream:features\s*/>|</stream:stream\s*>")
_PROCEED = re.compile(rb"<(?:proceed|failure)\b[^>]*?(?:/>|>\s*</(?:proceed|failure)\s*>)|</stream:stream\s*>")


class Talk:
    """A line on which both sides speak in turn, until TLS begins."""

    def __init__(self, net: Net, flow: Flow[Any], line: Line, name: str) -> None:
        self._net, self._flow, self._line = net, flow, line
        self.name = name
        self._heard = b""

    def end(self) -> None:
        """All that was said must have been heard: what comes next is TLS."""
        if self._heard:
            raise Unreachable("starttls", "it says more before TLS than it may")

    def say(self, words: bytes) -> Steps[None]:
        self.end()
        self._line.write(words)
        while self._line.unsent:
            self._net.watch.rearm(self._line.fd, writing=True)
            yield
            self._line.flush()

    def hear(self, pattern: re.Pattern[bytes]) -> Steps[tuple[bytes, bytes]]:
        """All up to what ends a reply, and what that is."""
        while (found := pattern.search(self._heard)) is None:
            yield from self._more()
        said, self._heard = self._heard[: found.end()], self._heard[found.end() :]
        return said, found[0]

    def take(self, size: int) -> Steps[bytes]:
        while len(self._heard) < size:
            yield from self._more()
        said, self._heard = self._heard[:size], self._heard[size:]
        return said

    def _more(self) -> Steps[None]:
        self._flow.doing = "waiting for the go-ahead for TLS"
        while (data := self._line.read()) is None:
            self._net.watch.rearm(self._line.fd, writing=False)
            yield
        self._heard += data
        if not data or len(self._heard) > _MOST:
            why = "it closed the connection before TLS could begin" if not data else "it talks on instead of TLS"
            raise Unreachable("starttls", why)


def refused(said: bytes) -> Unreachable:
    words = clean(said.decode("utf-8", "replace"), 80)
    return Unreachable("starttls", f"it does not go on in TLS: it said {words}")


def _absent() -> Unreachable:
    return Unreachable("starttls", "it does not offer TLS")


def _ask_smtp(talk: Talk) -> Steps[None]:
    yield from _expect(talk, _REPLY, rb"^220")
    yield from talk.say(b"EHLO localhost\r\n")
    offers = yield from _expect(talk, _REPLY, rb"^250")
    if not re.search(rb"^250[- ]STARTTLS\b", offers, re.MULTILINE | re.IGNORECASE):
        raise _absent()
    yield from talk.say(b"STARTTLS\r\n")
    yield from _expect(talk, _REPLY, rb"^220")


def _ask_ftp(talk: Talk) -> Steps[None]:
    yield from _expect(talk, _REPLY, rb"^220")
    yield from talk.say(b"AUTH TLS\r\n")
    yield from _expect(talk, _REPLY, rb"^234")


def _ask_imap(talk: Talk) -> Steps[None]:
    yield from _expect(talk, _LINE, rb"^\* (?:OK|PREAUTH)\b")
    yield from talk.say(b"a STARTTLS\r\n")
    yield from _expect(talk, _TAGGED, rb"^a OK\b")


def _ask_pop3(talk: Talk) -> Steps[None]:
    yield from _expect(talk, _LINE, rb"^\+OK")
    yield from talk.say(b"STLS\r\n")
    yield from _expect(talk, _LINE, rb"^\+OK")


def _expect(talk: Talk, last: re.Pattern[bytes], wanted: bytes) -> Steps[bytes]:
    """A reply, of which the line that ends it must be the one that is wanted."""
    said, final = yield from talk.hear(last)
    if not re.match(wanted, final, re.IGNORECASE):
        raise refused(final)
    return said


def _ask_xmpp(talk: Talk) -> Steps[None]:
    head = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' "
    head += f"xmlns:stream='http://etherx.jabber.org/streams' to='{talk.name}'>"
    yield from talk.say(head.encode())
    offers, _ = yield from talk.hear(_FEATURES)
    if b"urn:ietf:params:xml:ns:xmpp-tls" not in offers:
        raise _absent()
    yield from talk.say(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    _, answer = yield from talk.hear(_PROCEED)
    if b"<proceed" not in answer:
        raise refused(answer)


def _ask_ldap(talk: Talk) -> Steps[None]:
    """An extended request of one name, and its response with a code, 0 for yes (RFC 4511)."""
    yield from talk.say(b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037")
    said = yield from talk.take(2)
    if said[:1] == b"\x30" and said[1] & 0x80:
        said += yield from talk.take(said[1] & 0x7F)
    size = int.from_bytes(said[2:], "big") if said[2:] else said[1]
    try:
        if said[:1] != b"\x30" or size > _MOST:
            raise ValueError("no message")
        said += yield from talk.take(size)
        at, _ = enter(said, 0, 0x30)
        _, at = enter(said, at, 0x02)  # the number of the message
        at, _ = enter(said, at, 0x78)  # the response to an extended request
        at, end = enter(said, at, 0x0A)
    except (IndexError, ValueError):
        raise Unreachable("starttls", "it does not speak LDAP") from None
    code = int.from_bytes(said[at:end], "big")
    if code:
        raise Unreachable("starttls", f"it does not go on in TLS: the code is {code}")


def _ask_postgres(talk: Talk) -> Steps[None]:
    yield from talk.say(b"\0\0\0\x08\x04\xd2\x16\x2f")
    answer = yield from talk.take(1)
    if answer == b"N":
        raise _absent()
    if answer != b"S":
        raise Unreachable("starttls", "it does not speak the protocol of PostgreSQL")


def _ask_mysql(talk: Talk) -> Steps[None]:
    """A greeting that says what it can, and a first half of a login that asks for TLS."""
    head = yield from talk.take(4)
    size = int.from_bytes(head[:3], "little")
    body = (yield from talk.take(size)) if size < 1024 and not head[3] else b""
    if body[:1] == b"\xff":
        raise refused(body[3:])
    _, nul, rest = body.partition(b"\0")
    if body[:1] != b"\x0a" or not nul or len(rest) < 15:
        raise Unreachable("starttls", "it does not speak the protocol of MySQL")
    if not int.from_bytes(rest[13:15], "little") & 0x0800:
        raise _absent()
    asked = (0x0200 | 0x0800 | 0x8000).to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + b"\x21" + bytes(23)
    yield from talk.say(len(asked).to_bytes(3, "little") + b"\x01" + asked)


_ASKING: dict[str, tuple[int, Callable[[Talk], Steps[None]]]] = {
    "smtp": (25, _ask_smtp),
    "imap": (143, _ask_imap),
    "pop3": (110, _ask_pop3),
    "ftp": (21, _ask_ftp),
    "ldap": (389, _ask_ldap),
    "postgres": (5432, _ask_postgres),
    "mysql": (3306, _ask_mysql),
    "xmpp": (5222, _ask_xmpp),
}


def port_of(kind: str) -> int:
    """Where one listens who is asked for TLS in this way; 443 for one who begins with it."""
    return _ASKING[kind][0] if kind else 443


def ask_for_tls(kind: str, talk: Talk) -> Steps[None]:
    """Until both sides are about to begin with TLS."""
    _, ask = _ASKING[kind]
    yield from ask(talk)
    talk.end()
