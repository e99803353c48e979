"""What went wrong with a database, as one plain sentence and a cause that stays the same from look to look.

Each driver has its own errors. The standard's states and MySQL's numbers are trusted where there are any; else the
words are, which only PostgreSQL's refusals of a login and SQLite's errors need.
"""

from __future__ import annotations

from collections.abc import Collection

from tui_monitor.core.errors import Unreachable
from tui_monitor.core.text import clean
from tui_monitor.net.databases.drivers import CONFUSED, NoRows

_SENTENCES = {
    "refused": "the connection was refused",
    "dns": "the name does not exist or has no address",
    "network": "there is no way to it through the network",
    "login": "it refuses the user, the password or the place we come from",
    "database": "there is no such database",
    "full": "it has no room for another connection",
    "starting": "it is starting, stopping or recovering, and takes nobody",
    "timeout": "it took too long, and was ended while still {doing}",
    "lost": "the connection was lost while {doing}",
    "locked": "somebody else has it locked",
    "change": "the query would change something, which is not for a look to do",
    "tls": "TLS failed",
    "protocol": "something else listens there: it does not speak the protocol of this database",
}

_NUMBERS = {
    **dict.fromkeys((1044, 1045, 1129, 1130, 1251, 1698, 1820, 1862, 3118), "login"),
    **dict.fromkeys((1040, 1203, 1226), "full"),
    **dict.fromkeys((2006, 2013, 2055), "lost"),
    **dict.fromkeys((1969, 3024), "timeout"),
    **dict.fromkeys((1290, 1792, 1836), "change"),
    1049: "database",
    1053: "starting",
    2005: "dns",
    2026: "tls",
}
"""MySQL's and MariaDB's own."""

_STATES = {
    "28": "login",
    "3D000": "database",
    "53300": "full",
    "57014": "timeout",
    "57P01": "lost",
    "57P02": "lost",
    "57P03": "starting",
    "25006": "change",
    "08": "lost",
}
"""The longest that a state begins with counts."""

_UNTRUSTED = ("certificate verify failed", "certificate_verify_failed", "hostname mismatch")

_WORDS = (
    ("invalid response to ssl negotiation", "protocol"),
    ("expected authentication request from server", "protocol"),
    ("protocol mismatch", "protocol"),
    ("does not support ssl", "tls"),
    ("certificate", "tls"),
    ("ssl error", "tls"),
    ("connection refused", "refused"),
    ("no such file or directory", "refused"),
    ("no route to host", "network"),
    ("network is unreachable", "network"),
    ("resolve host", "dns"),
    ("translate host", "dns"),
    ("name or service not known", "dns"),
    ("password authentication failed", "login"),
    ("authentication failed", "login"),
    ("no password supplied", "login"),
    ("pg_hba.conf", "login"),
    ("fatal: role ", "login"),
    ("fatal: database ", "database"),
    ("permission denied for database", "login"),
    ("unable to open database file", "database"),
    ("file is not a database", "database"),
    ("too many clients", "full"),
    ("too many connections", "full"),
    ("connection slots are reserved", "full"),
    ("database system is ", "starting"),
    ("timeout expired", "timeout"),
    ("timed out", "timeout"),
    ("interrupted", "timeout"),
    ("is locked", "locked"),
    ("readonly database", "change"),
    ("server closed the connection", "lost"),
    ("connection reset", "lost"),
    ("lost connection", "lost"),
)
"""Looked for in the words of an error that has neither number nor state."""


def of_driver(error: Exception, doing: str, secrets: Collection[str]) -> Unreachable:
    """An error of a driver. Its own words are quoted where nothing better is known, and no secret is in them."""
    if isinstance(error, NoRows):
        return Unreachable("query", "the query has no rows to look at")
    known = _known(error)
    said = _quoted(error, secrets)
    if known:
        more = said if known == "tls" else ""
        return Unreachable(known, _SENTENCES[known].format(doing=doing) + more)
    if isinstance(error, CONFUSED):
        return Unreachable("driver", f"the driver cannot make sense of it{said}")
    if doing == "connecting":
        return Unreachable("connect", f"it cannot be connected to{said}")
    return Unreachable("query", f"the query failed{said}")


_FORBIDDEN = frozenset({1142, 1143, 1227, "42501"})


def lacks_characters(error: BaseException | None) -> bool:
    """Whether the encoding of a table, or of its database, does not have a character of what was written."""
    return getattr(error, "sqlstate", None) == "22P05" or "incorrect string value" in str(error).lower()


def of_writer(error: Exception, doing: str, secrets: Collection[str]) -> Unreachable:
    """An error of a driver that was to write."""
    marks = {getattr(error, "errno", None), error.args[0] if error.args else None, getattr(error, "sqlstate", None)}
    marks = {one for one in marks if isinstance(one, int | str)}
    if marks & _FORBIDDEN:
        return Unreachable("rights", "the user may not write there: grant INSERT on the table, or CREATE to make it")
    said = of_driver(error, doing, secrets)
    if said.cause == "change":
        return Unreachable("change", "it may only be read, and takes nothing")
    if said.cause == "query":
        return Unreachable("refused", f"it takes nothing{_quoted(error, secrets)}")
    return said


def _known(error: Exception) -> str:
    words = " ".join(str(error).lower().split())
    if any(sign in words for sign in _UNTRUSTED):  # which MySQL's driver calls a connection that was lost
        return "tls"
    number = getattr(error, "errno", None) or (error.args[0] if error.args else None)
    if isinstance(number, int) and number in _NUMBERS:
        return _NUMBERS[number]
    state = str(getattr(error, "sqlstate", None) or "")
    begins = max((one for one in _STATES if state.startswith(one)), key=len, default="")
    if begins:
        return _STATES[begins]
    if state and state != "HY000":
        return ""
    return next((cause for sign, cause in _WORDS if sign in words), "")


def _quoted(error: Exception, secrets: Collection[str]) -> str:
    """What the driver says, unless a secret is in it; of an error of the server's only the message itself."""
    whole = str(error)
    if any(secret in whole for secret in secrets):
        return ""
    main = getattr(getattr(error, "diag", None), "message_primary", None) or getattr(error, "msg", None) or whole
    said = clean(str(main), 200)
    return f": {said}" if said else ""
