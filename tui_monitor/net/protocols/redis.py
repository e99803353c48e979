"""How a Redis is spoken to: commands as lists of texts, all sent in one breath, and the replies taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret
from tui_monitor.net.request import place_of_socket
from tui_monitor.net.talk import Call, build_call
from tui_monitor.net.trust import Trust

_DEEPEST = 4
"""Lists within lists that a reply may hold; ROLE needs three."""
_LONGEST = 8192
"""Bytes that all replies may have together: they are read anew whenever more has come."""
_KINDS = b"+-:$*"

Commands = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Login:
    """Where a Redis is, who we are to it, and which of its databases is meant; by its `socket` on this machine."""

    host: str
    port: int
    user: str
    password: Secret
    database: int
    tls: bool
    socket: str = ""

    def __post_init__(self) -> None:
        if self.user and not self.password:
            raise ValueError("user is of no use without a password")
        if not 0 <= self.database < 1 << 31:
            raise ValueError("database is a number from 0 on")


def login_of(url: Secret) -> Login:
    """`redis://user:password@host:port/database` or `unix://user:password@/path?db=database`.

    Nothing of it is shown in what is said to be wrong with it.
    """
    with naming("url"):
        try:
            parts = urlsplit(url.reveal())
            is_local = parts.scheme == "unix"
            number = parse_qs(parts.query).get("db", ["0"])[0] if is_local else parts.path.strip("/") or "0"
            host, port, database = parts.hostname or "", parts.port or 6379, int(number)
        except ValueError:
            raise ValueError("it cannot be read; write it like redis://user:password@host:6379/0") from None
        if parts.scheme not in ("redis", "rediss", "unix") or not (parts.path if is_local else host):
            raise ValueError("it must be like redis://host or, for TLS, rediss://host, or unix:///path of a socket")
        user, password = unquote(parts.username or ""), Secret(unquote(parts.password or ""))
        user, socket = user if password else "", unquote(parts.path) if is_local else ""
        return Login(host, port, user, password, database, parts.scheme == "rediss", socket)


def build_redis_call(login: Login, trust: Trust | None, name: str, commands: Commands) -> Call:
    """All commands in one breath. ValueError says in one sentence what is wrong with where it goes."""
    said, answered = spell(commands), partial(is_answered, commands=len(commands))
    if not login.socket:
        return build_call(login.host, login.port, trust=trust, name=name, say=said, enough=answered)
    with naming("socket"):
        return Call(place_of_socket(login.socket), trust, say=said.reveal().encode(), enough=answered)


def commands_of(login: Login, *last: str) -> Commands:
    """What is said to log in, then each of the last."""
    commands: list[tuple[str, ...]] = []
    if login.password:
        commands.append(("AUTH", *([login.user] if login.user else []), login.password.reveal()))
    if login.database:
        commands.append(("SELECT", str(login.database)))
    return (*commands, *((one,) for one in last))


def spell(commands: Commands) -> Secret:
    """Commands as they are sent: each word with its length in bytes, so that a password may hold anything."""
    return Secret("".join(map(_spell, commands)))


def _spell(command: tuple[str, ...]) -> str:
    return f"*{len(command)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in command)


# -- what comes back ------------------------------------------------------------------------------------------------


class Refusal(str):
    """A reply that is an error."""

    __slots__ = ()


class Unfinished(Exception):
    """More of the reply is still to come."""


def is_answered(said: bytes, commands: int) -> bool:
    """Whether every command has its reply, or one is refused, or what has come can be no reply."""
    if said[:1] in _KINDS and not said.endswith(b"\r\n") and len(said) <= _LONGEST:
        return False
    try:
        replies = read_replies(said)
    except ValueError:
        return True
    return len(replies) >= commands or any(isinstance(reply, Refusal) for reply in replies)


def read_replies(said: bytes) -> list[Any]:
    """Every reply that is there whole. ValueError: that is not what a Redis says."""
    if len(said) > _LONGEST:
        raise ValueError("more than any of these commands is answered with")
    replies, at = [], 0
    while at < len(said):
        try:
            reply, at = _reply(said, at, _DEEPEST)
        except Unfinished:
            break
        replies.append(reply)
    return replies


def _reply(said: bytes, at: int, depth: int) -> tuple[Any, int]:
    kind = said[at : at + 1]
    if kind not in _KINDS or not depth:
        raise ValueError("not a reply")
    end = said.find(b"\r\n", at)
    if end < 0:
        raise Unfinished
    head, after = said[at + 1 : end], end + 2
    if kind in b"+-":
        text = head.decode("utf-8", "replace")
        return (Refusal(text) if kind == b"-" else text), after
    number = int(head)
    if kind == b":":
        return number, after
    if number < 0:
        return None, after
    return _text(said, after, number) if kind == b"$" else _list(said, after, number, depth)


def _text(said: bytes, at: int, size: int) -> tuple[str, int]:
    end = at + size
    if len(said) < end + 2:
        raise Unfinished
    return said[at:end].decode("utf-8", "replace"), end + 2


def _list(said: bytes, at: int, size: int, depth: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(size):
        if at >= len(said):
            raise Unfinished
        item, at = _reply(said, at, depth - 1)
        items.append(item)
    return items, at
