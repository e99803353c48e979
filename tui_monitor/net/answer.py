"""What came back: parsed by a C parser into as little as possible, decoded only when somebody looks inside.

Everything here comes from outside: sizes are bounded before memory is taken.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui_monitor.core.model import Phases
from tui_monitor.core.text import clean
from tui_monitor.net.unpack import unpack

if TYPE_CHECKING:
    from tui_monitor.net.request import Place

MAX_HEAD = 64 * 1024
LIGHT = 64 * 1024
"""Bytes up to which a body is looked into where it is, and not in a thread."""

_CODECS = re.compile(
    r"(us-?)?ascii|utf[-_]?(8|16|32)([-_]?[bl]e)?|utf-8-sig|(iso[-_]?)?8859[-_]?\d+|iso-8859-\d+|latin-?\d+"
    r"|windows-?\d+|cp\d+|koi8[-_][rut]|gb2312|gbk|gb18030|big5(hkscs)?|shift_?jis|euc[-_]?(jp|kr)",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,20})", re.IGNORECASE)
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]")
_UNREAD = object()


class Incoming:
    """An answer on its way in: the callbacks of the parser."""

    __slots__ = ("body", "bodyless", "done", "headed", "headers", "parser", "reason", "room", "status", "truncated")

    def __init__(self, *, bodyless: bool, max_body: int) -> None:
        self.parser: Any = None
        self.bodyless = bodyless
        self.room = max_body
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self.headed = self.done = self.truncated = False

    def on_status(self, text: bytes) -> None:
        if not self.done:
            self.reason += text

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.headed:  # trailers say nothing that a look wants to know
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if not self.headed:
            self.headed = True
            self.status = self.parser.get_status_code()
            self.done = self.bodyless and self.status >= 200

    def on_body(self, data: bytes) -> None:
        if self.done:
            return
        self.room -= len(data)
        if self.room < 0:
            data = data[: self.room]
            self.truncated = self.done = True
        self.body.append(data)

    def on_message_complete(self) -> None:
        if self.status >= 200:
            self.done = True
        elif not self.done:  # 100 Continue and its like: the answer is yet to come
            self.headed, self.reason = False, b""
            self.headers.clear()

    def header(self, name: bytes) -> bytes | None:
        """The first header of this name (in lower case)."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None

    @property
    def ends_by_closing(self) -> bool:
        """Whether the end of the connection is the proper end of this body."""
        return self.headed and self.header(b"content-length") is None and not self._is_chunked()

    def may_go_on(self, version: str) -> bool:
        """Whether the line can carry another exchange: both sides keep it, and the end of this body was told."""
        kept = (self.header(b"connection") or (b"keep-alive" if version == "1.1" else b"close")).lower()
        framed = self.bodyless or self.status in (204, 304) or not self.ends_by_closing
        return framed and b"close" not in kept and self.status != 101

    def _is_chunked(self) -> bool:
        return b"chunked" in (self.header(b"transfer-encoding") or b"").lower()


class Answer:
    """What a service answered, with where the time went. `body` is decoded on first sight.

    `packed` is then what it is still packed with, where nobody here can undo that.
    """

    __slots__ = ("_decoded", "_json", "_raw", "at", "certificate_until", "corrupt", "headers", "max_body",
                 "packed", "phases", "place", "reason", "resumed", "status", "truncated")  # fmt: skip

    def __init__(
        self,
        incoming: Incoming,
        place: Place,
        max_body: int,
        certificate_until: datetime | None = None,
        resumed: bool = False,
    ) -> None:
        self.status = incoming.status
        self.reason = incoming.reason
        self.headers = incoming.headers
        self.truncated = incoming.truncated
        self.corrupt = False
        self._raw = incoming.body
        self._decoded: bytes | None = None
        self._json: Any = _UNREAD
        self.place = place
        self.packed = ""
        self.phases = Phases()
        self.max_body = max_body
        self.at = datetime.now(UTC)
        self.certificate_until = certificate_until
        self.resumed = resumed

    def __repr__(self) -> str:
        return f"Answer({self.status} from {self.place.host})"

    @property
    def is_light(self) -> bool:
        """Whether unpacking it and reading it takes next to no time."""
        return self.header("content-encoding") is None and sum(map(len, self._raw)) <= LIGHT

    @property
    def title(self) -> str:
        """The first line as people know it: `503 Service Unavailable`."""
        reason = clean(self.reason.decode("latin-1"), 60) if self.reason else ""
        return f"{self.status} {reason}" if reason else str(self.status)

    def header(self, name: str) -> str | None:
        """The header of this name; several are joined by commas, as HTTP means them."""
        wanted = name.lower().encode("latin-1", "replace")
        found = [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]
        return ", ".join(found) if found else None

    @property
    def body(self) -> bytes:
        """The body, unpacked. Where it is larger than allowed it is cut (`truncated`); where broken, `corrupt`."""
        if self._decoded is None:
            data = b"".join(self._raw)
            self._raw = []
            for coding in reversed((self.header("content-encoding") or "").split(",")[:3]):
                data = self._unpack(coding.strip().lower(), data)
            self._decoded = data
        return self._decoded

    def _unpack(self, coding: str, data: bytes) -> bytes:
        found = None if self.packed else unpack(coding, data, self.max_body)
        if found is None:
            self.packed = self.packed or coding
            return data
        self.truncated = self.truncated or found.is_cut
        self.corrupt = self.corrupt or (found.is_broken and not self.truncated)
        return found.data

    @property
    def charset(self) -> str:
        """The charset that it names, if that is one of text; else empty."""
        named = _CHARSET.search(self.header("content-type") or "")
        return named[1] if named and _CODECS.fullmatch(named[1]) else ""

    @property
    def text(self) -> str:
        """The body as text: in the charset it names if that is one of text, else UTF-8; never an error."""
        try:
            return self.body.decode(self.charset or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON. ValueError where it is none."""
        if self._json is _UNREAD:
            import json

            try:
                self._json = json.loads(self.body)
            except RecursionError as error:
                raise ValueError("nested too deeply") from error
        return self._json


def read_status(head: bytes) -> int | None:
    """The status of a head on its own; None where it is none."""
    found = _STATUS_LINE.match(head)
    return int(found[1]) if found and b"\r\n\r\n" in head else None
