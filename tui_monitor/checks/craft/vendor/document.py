"""One document of a vendor's page as it came, and how to take one apart that may be anything at all.

Whatever is not of the shape that a vendor promises raises Unreadable with one plain sentence, so that a damaged page
is `unknown` and never green.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from tui_monitor.core.errors import Unreadable
from tui_monitor.core.stamp import EPOCH, read_stamp
from tui_monitor.core.text import clean

Row = Mapping[str, Any]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MOST_ROWS = 10_000
MOST_VALUES = 600_000
"""More than 8 MB of any page that is known would hold; to make them would keep everybody waiting."""
MOST_AT_ONCE = 20_000
"""Mappings that are read without anybody else having a turn."""
STRIDE = 17
"""Of which bytes one is looked at to tell how dense a page is."""
LONGEST_WORD = 100
LARGEST_REFUSAL = 64 * 1024
"""Bytes of an answer that refuses, in which to look for the reason."""

_WEB_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of one answer, and when it came. `role` says which of several documents of a check it is."""

    body: bytes
    now: datetime
    charset: str = ""
    role: str = ""
    _found: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def text(self) -> str:
        """By its own mark, else as UTF-8, else as the header says."""
        for mark, name in _MARKS:
            if self.body.startswith(mark):
                return self._decoded(name)
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError:
            if not self.charset:
                raise Unreadable("its page is not UTF-8 text, and names no charset") from None
            return self._decoded(self.charset)

    def _decoded(self, name: str) -> str:
        try:
            return self.body.decode(name)
        except (UnicodeError, LookupError):
            raise Unreadable(f"its page is not the {clean(name, 20)} text that it says it is") from None

    @property
    def json(self) -> Any:
        """What JSON it holds, which nobody may alter; Unreadable names what came instead."""
        if not self._found:
            self._found.append(self._json())
        return self._found[0]

    def _json(self) -> Any:
        text = self.text
        if not text.strip():
            raise Unreadable("an empty page came where data should be")
        if self._many(b",", b"[") > MOST_VALUES:
            raise Unreadable(f"its page holds more than {MOST_VALUES:,} values, which nobody could have written")
        try:
            return _parsed(text, self._many(b"{") > MOST_AT_ONCE)
        except (ValueError, RecursionError):
            raise Unreadable(_instead_of_json(text)) from None

    def _many(self, *marks: bytes) -> int:
        """About how many of these a large page has: to count them all would take as long as to read half of it."""
        some = self.body[::STRIDE] if len(self.body) > MOST_AT_ONCE else b""
        return STRIDE * sum(map(some.count, marks))

    @property
    def mapping(self) -> Row:
        """A JSON mapping; one that only says what went wrong is Unreadable with those words."""
        return mapping(self.json)


def _parsed(text: str, has_many: bool) -> Any:
    """By a parser that holds nobody up for long, which knows no half of a pair of surrogates; those are rare.

    Of very many mappings even that would: they are read by one that lets others have their turn after each.
    """
    if has_many:
        return json.loads(text, object_hook=lambda read: read)
    try:
        return from_json(text)
    except ValueError as error:
        if "hex escape" not in str(error):
            raise
    return json.loads(text)


def _instead_of_json(text: str) -> str:
    if _WEB_PAGE.match(text):
        return "a web page came where data should be: the address may be wrong, or ask to log in"
    if text.lstrip()[:1] in ("{", "["):
        return "its data is broken off or damaged: it is no valid JSON"
    return "something else than JSON came where data should be"


def mapping(value: Any, what: str = "its page") -> Row:
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is not of the shape that it should be: {_kind(value)} instead of a mapping")
    return value


def refuse_error(data: Row) -> None:
    """Unreadable where a body that came with 200 says that it is an error."""
    for key in ("error", "errors", "fault"):
        if data.get(key):
            raise Unreadable(f"its page says that something went wrong: {_said(data[key])}")


def words_of_refusal(body: bytes) -> str:
    """Why a server refused, in its own words, where its answer is JSON that says so; else empty. Never an error."""
    try:
        data = Document(body[:LARGEST_REFUSAL], EPOCH).mapping
    except Unreadable:
        return ""
    for key in ("error", "errors", "fault"):
        if data.get(key):
            return _said(data[key])
    return clean(text_of(data, "message"), 300)


def _said(value: Any) -> str:
    """`AuthorizationFailed: The client does not have ...`: the words of an error, after the word that names it."""
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return clean(str(value), 300)
    text = next((value[key] for key in ("message", "detail", "title") if value.get(key)), "")
    code = value.get("code")
    named = f"{code}: {text}" if isinstance(code, str) and text else text or code or "an error"
    return clean(str(named), 300)


def rows(data: Row, key: str, *, optional: bool = False) -> list[Row]:
    """The mappings of a list. Absent is none at all where that is `optional`; anything else is Unreadable."""
    if key not in data and optional:
        return []
    if key not in data:
        raise Unreadable(f"its page lacks {key!r}, so it is not of the shape that it should be")
    return listed(data[key], key)


def listed(value: Any, what: str = "its page") -> list[Row]:
    if not isinstance(value, list):
        raise Unreadable(f"{what} is not of the shape that it should be: {_kind(value)} instead of a list")
    if len(value) > MOST_ROWS:
        raise Unreadable(f"{what} lists more than {MOST_ROWS:,} things, which nobody could have written")
    for one in value:
        if not isinstance(one, dict):
            raise Unreadable(f"{what} is not of the shape that it should be: {_kind(one)} in a list of mappings")
    return value


def text_of(row: Row, key: str, default: str = "") -> str:
    """A text, or a number as one; `default` where there is none, whatever else is there."""
    value = row.get(key)
    if type(value) is str:  # as most are
        return value.strip() or default
    return default if type(value) not in (int, float) else str(value)


def needed(row: Row, key: str, what: str) -> str:
    """A text without which the row means nothing."""
    found = text_of(row, key)
    if not found:
        raise Unreadable(f"{what} of its page lacks {key!r}, so it is not of the shape that it should be")
    return found


def word(row: Row, key: str) -> str:
    """A word of a vendor's vocabulary, however it is spelt: `PartialOutage`, `PARTIAL_OUTAGE` are `partialoutage`."""
    return _plain_word(text_of(row, key)[:LONGEST_WORD])


@lru_cache(4096)
def _plain_word(text: str) -> str:
    """Kept, as a page says the same few words of each of its rows."""
    return re.sub(r"[\s_-]+", "", text).lower()


def names(value: Any, key: str = "name") -> tuple[str, ...]:
    """The texts of a list, or those under a key of its mappings; whatever else is in it says nothing."""
    if not value or not isinstance(value, list):
        return ()
    found = []
    for one in value:
        name = one.get(key) if isinstance(one, dict) else one
        if isinstance(name, str) and (name := name.strip()):
            found.append(name)
    return tuple(dict.fromkeys(found) if len(found) > 1 else found)


def when(value: Any, now: datetime, zone: tzinfo = UTC) -> datetime | None:
    """A moment; None where none is set, or none can be told: no incident is lost for a time that cannot be read."""
    if value is None:
        return None
    try:
        return read_stamp(value, zone, now)
    except ValueError:
        return None


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return {dict: "a mapping", list: "a list", str: "a text", bool: "true or false"}.get(type(value), "a number")
