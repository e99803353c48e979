"""What a certificate says of itself: for whom it is, who gave it, from when and until when it is good.

Read straight from its DER, because the standard library shows no field of a certificate that it does not trust, and
of those that are not trusted people want to know most.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address

from tui_monitor.core.text import clean
from tui_monitor.net.der import enter, moment, skip

_SEQUENCE, _SET, _OID, _OCTETS = 0x30, 0x31, 0x06, 0x04
_COMMON_NAME, _ORGANISATION, _NAMES = b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x1d\x11"
_ENCODINGS = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}
_EXTENSIONS, _DNS, _ADDRESS = 0xA3, 0x82, 0x87
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Leaf:
    """A certificate. Every text in it is cleaned; what cannot be read is empty."""

    fingerprint: str
    since: datetime | None = None
    until: datetime | None = None
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    der: bytes = field(default=b"", repr=False)

    @property
    def mark(self) -> str:
        """Which certificate it is, short enough to be read out."""
        return self.fingerprint[:12]

    @property
    def called(self) -> tuple[str, ...]:
        """Everything that it is for: the common name counts only where there are no other names."""
        return (*(self.names or ((self.subject,) if self.subject else ())), *self.addresses)

    def fits(self, name: str) -> bool:
        """Whether it is for this host name or address, by the rules that clients go by (RFC 6125)."""
        try:
            return str(ip_address(name)) in self.addresses
        except ValueError:
            known = self.names or (self.subject,)
            return any(_is_like(name.lower().rstrip("."), one.lower()) for one in known)


def _is_like(name: str, pattern: str) -> bool:
    """A star is for one whole label, the first, and never right below a top-level domain."""
    if not pattern.startswith("*."):
        return bool(pattern) and name == pattern
    _, dot, rest = name.partition(".")
    return bool(dot) and rest == pattern[2:] and "." in rest and "*" not in rest


def read_leaf(der: bytes) -> Leaf:
    """A certificate as far as it can be read."""
    fingerprint = hashlib.sha256(der).hexdigest()
    try:
        at, _ = enter(der, 0, _SEQUENCE)
        at, end = enter(der, at, _SEQUENCE)
        parts = list(_elements(der, at, end))
        if der[parts[0]] == 0xA0:  # version
            del parts[0]
        _, _, issuer, validity, subject = parts[:5]
        since, until = (_moment(der, one) for one in _elements(der, *enter(der, validity, _SEQUENCE)))
    except (IndexError, ValueError):
        return Leaf(fingerprint, der=der)
    names, addresses = _names(der, parts[5:])
    return Leaf(
        fingerprint,
        since,
        until,
        _name(der, subject, _COMMON_NAME),
        _name(der, issuer, _COMMON_NAME) or _name(der, issuer, _ORGANISATION),
        names,
        addresses,
        der,
    )


def _elements(der: bytes, at: int, end: int) -> Iterator[int]:
    """Where each element between two places begins."""
    while at < end:
        yield at
        at = skip(der, at)


def _moment(der: bytes, at: int) -> datetime:
    start, end = enter(der, at, der[at])
    return moment(der[at], der[start:end])


def _name(der: bytes, at: int, wanted: bytes) -> str:
    """One part of who somebody is; the last where there are several, as it is the most precise."""
    found = ""
    try:
        for one in _elements(der, *enter(der, at, _SEQUENCE)):
            for pair in _elements(der, *enter(der, one, _SET)):
                kind, value = list(_elements(der, *enter(der, pair, _SEQUENCE)))[:2]
                if _content(der, kind) == wanted:
                    found = _content(der, value).decode(_ENCODINGS.get(der[value], "utf-8"), "replace")
    except (IndexError, ValueError):
        return ""
    return clean(found, 200)


def _content(der: bytes, at: int) -> bytes:
    start, end = enter(der, at, der[at])
    return der[start:end]


def _names(der: bytes, parts: list[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names and the addresses that it is for."""
    names: list[str] = []
    addresses: list[str] = []
    try:
        for one in _alternatives(der, parts):
            content = _content(der, one)
            if der[one] == _DNS:
                names.append(clean(content.decode("ascii", "replace"), 255))
            elif der[one] == _ADDRESS:
                addresses.append(str(ip_address(content)))
            if len(names) + len(addresses) >= _MOST:
                break
    except (IndexError, ValueError):
        pass  # what came before it is read all the same
    return tuple(names), tuple(addresses)


def _alternatives(der: bytes, parts: list[int]) -> Iterator[int]:
    """Where each alternative name begins."""
    for part in parts:
        if der[part] != _EXTENSIONS:
            continue
        at, _ = enter(der, part, _EXTENSIONS)
        for extension in _elements(der, *enter(der, at, _SEQUENCE)):
            inner = list(_elements(der, *enter(der, extension, _SEQUENCE)))
            if _content(der, inner[0]) == _NAMES:
                at, _ = enter(der, inner[-1], _OCTETS)
                yield from _elements(der, *enter(der, at, _SEQUENCE))
