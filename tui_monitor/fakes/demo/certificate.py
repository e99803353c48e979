"""Certificates for servers on the loopback, made with nothing but Python: not every machine has a program for it.

An authority and what it issues, with keys on the curve P-256. The arithmetic takes a few milliseconds, more for one
key than for another: good enough for a demo that trusts nobody with anything, and for nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

_SEQUENCE, _SET, _INTEGER, _BITS, _OCTETS, _OID, _UTF8, _BOOLEAN, _TIME = 48, 49, 2, 3, 4, 6, 12, 1, 24

ECDSA_SHA256 = "2a8648ce3d040302"
EC_KEY, P_256 = "2a8648ce3d0201", "2a8648ce3d030107"
COMMON_NAME, KEY_ID, USAGE, NAMES, BASIC, AUTHORITY = "550403", "551d0e", "551d0f", "551d11", "551d13", "551d23"

ISSUER = "tui-monitor demo"
BEGUN = timedelta(days=60)
"""How long ago everything here was issued."""


@dataclass(frozen=True, slots=True)
class Key:
    """A number that nobody else knows, and the point that everybody may."""

    secret: int
    point: tuple[int, int]

    @classmethod
    def make(cls) -> Key:
        secret = secrets.randbelow(_N - 1) + 1
        return cls(secret, _times(secret))

    @property
    def public(self) -> bytes:
        return b"\x04" + _bytes(self.point[0]) + _bytes(self.point[1])

    @property
    def name(self) -> bytes:
        """What certificates call the key by."""
        return hashlib.sha256(self.public).digest()[:20]

    def sign(self, data: bytes) -> bytes:
        digest = int.from_bytes(hashlib.sha256(data).digest())
        once = Key.make()
        r = once.point[0] % _N
        s = pow(once.secret, -1, _N) * (digest + r * self.secret) % _N
        return _der(_SEQUENCE, _number(r), _number(s))

    def pem(self) -> str:
        point = _der(0xA1, _der(_BITS, b"\0", self.public))
        kind = _der(0xA0, _oid(P_256))
        whole = _der(_SEQUENCE, _number(1), _der(_OCTETS, _bytes(self.secret)), kind, point)
        return _pem("EC PRIVATE KEY", whole)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs, and is trusted by whoever trusts `pem()`."""

    key: Key
    certificate: bytes

    @classmethod
    def make(cls, now: datetime) -> Authority:
        key = Key.make()
        extensions = (
            _extension(BASIC, _der(_SEQUENCE, _der(_BOOLEAN, b"\xff")), critical=True),
            _extension(USAGE, _der(_BITS, b"\x01\x06"), critical=True),  # may sign certificates, and lists of them
            _extension(KEY_ID, _der(_OCTETS, key.name)),
        )
        until = now + timedelta(days=3650)
        return cls(key, _certificate(ISSUER, key, ISSUER, key, now, until, extensions))

    def pem(self) -> str:
        return _pem("CERTIFICATE", self.certificate)

    def issue(self, key: Key, now: datetime, until: datetime) -> str:
        """A certificate for a server on this machine, as PEM."""
        names = (_der(0x87, bytes((127, 0, 0, 1))), _der(0x82, b"localhost"))
        extensions = (
            _extension(BASIC, _der(_SEQUENCE), critical=True),
            _extension(NAMES, _der(_SEQUENCE, *names)),
            _extension(KEY_ID, _der(_OCTETS, key.name)),
            _extension(AUTHORITY, _der(_SEQUENCE, _der(0x80, self.key.name))),
        )
        return _pem("CERTIFICATE", _certificate("localhost", key, ISSUER, self.key, now, until, extensions))


def write_pair(path: Path, authority: Authority, key: Key, days: float) -> None:
    """A certificate that is good for so many days more, and its key, in one file for its owner alone."""
    now = datetime.now(UTC)
    text = key.pem() + authority.issue(key, now, now + timedelta(days=days))
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="ascii")
    fresh.replace(path)


def _certificate(
    subject: str, key: Key, issuer: str, by: Key, now: datetime, until: datetime, extensions: tuple[bytes, ...]
) -> bytes:
    algorithm = _der(_SEQUENCE, _oid(ECDSA_SHA256))
    public = _der(_SEQUENCE, _der(_SEQUENCE, _oid(EC_KEY), _oid(P_256)), _der(_BITS, b"\0", key.public))
    body = _der(
        _SEQUENCE,
        _der(0xA0, _number(2)),
        _number(secrets.randbits(120) + 1),
        algorithm,
        _name(issuer),
        _der(_SEQUENCE, _moment(now - BEGUN), _moment(until)),
        _name(subject),
        public,
        _der(0xA3, _der(_SEQUENCE, *extensions)),
    )
    return _der(_SEQUENCE, body, algorithm, _der(_BITS, b"\0", by.sign(body)))


# -- how it is written ----------------------------------------------------------------------------------------------


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes((tag, 128 + len(length))) + length + body


def _number(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def _bytes(value: int) -> bytes:
    return value.to_bytes(32)


def _oid(spelt: str) -> bytes:
    return _der(_OID, bytes.fromhex(spelt))


def _name(common: str) -> bytes:
    return _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _oid(COMMON_NAME), _der(_UTF8, common.encode()))))


def _moment(at: datetime) -> bytes:
    """The long form is for the years from 2050 on; the standard wants the short one before."""
    spelt = f"{at.astimezone(UTC):%Y%m%d%H%M%SZ}"
    return _der(_TIME, spelt.encode()) if at.year >= 2050 else _der(23, spelt[2:].encode())


def _extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    flag = _der(_BOOLEAN, b"\xff") if critical else b""
    return _der(_SEQUENCE, _oid(kind), flag, _der(_OCTETS, value))


def _pem(kind: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""])


# -- the curve, in coordinates that need one division in all ---------------------------------------------------------

_Point = tuple[int, int, int]


def _times(number: int) -> tuple[int, int]:
    """So many times the point that everybody starts from."""
    found: _Point = (1, 1, 0)
    for bit in f"{number:b}":
        found = _doubled(found)
        if bit == "1":
            found = _plus(found, (*_G, 1))
    x, y, z = found
    shrink = pow(z, -1, _P)
    return x * shrink**2 % _P, y * shrink**3 % _P


def _doubled(point: _Point) -> _Point:
    x, y, z = point
    square = y * y % _P
    reach = 4 * x * square % _P
    slope = 3 * (x - z * z) * (x + z * z) % _P
    there = (slope * slope - 2 * reach) % _P
    return there, (slope * (reach - there) - 8 * square * square) % _P, 2 * y * z % _P


def _plus(one: _Point, other: _Point) -> _Point:
    """Never called with a point and itself: the number is smaller than the curve is long."""
    (x1, y1, z1), (x2, y2, z2) = one, other
    if not z1:
        return other
    u1, u2 = x1 * z2 * z2 % _P, x2 * z1 * z1 % _P
    s1, s2 = y1 * z2**3 % _P, y2 * z1**3 % _P
    h, r = u2 - u1, s2 - s1
    cube, part = h**3 % _P, u1 * h * h % _P
    x = (r * r - cube - 2 * part) % _P
    return x, (r * (part - x) - s1 * cube) % _P, h * z1 * z2 % _P
