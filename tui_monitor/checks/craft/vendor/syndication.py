"""The XML of feeds, RSS 2.0, RSS 1.0 and Atom alike, taken apart without trust in whoever wrote it.

No DTD is accepted, so that no entity is ever declared, expanded or fetched. What XML does not allow in a text is left
out before the parser sees it, for one stray control character is no reason to know nothing of a vendor.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.text import clean

PIECE = 64 * 1024
"""Characters that the parser is given at once: it holds the interpreter for as long as it has one piece."""

DEEPEST = 60
MOST_ENTRIES = 1000
LONGEST_FIELD = 256 * 1024
LARGEST_TAG = 1024 * 1024
"""Bytes that one tag or comment may have; the parser starts anew at its beginning with every piece."""

_ENTRIES, _HEADS = frozenset({"item", "entry"}), frozenset({"channel", "feed"})
_ONCE = ("id", "guid", "title")
"""What an entry has at most once; where it is there twice, the border between two entries is lost."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROLS = bytes(sorted({*range(0x20)} - {*b"\t\n\r"}))
_RARE = (b"\xed", b"\xef")
"""How half a pair begins, and what is no character at all: among others that are allowed, and as rare in feeds."""
_UNUSUAL = re.compile(r"&(?!lt;|gt;|amp;|quot;|apos;)")
_NUMBERED = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)[a-zA-Z][a-zA-Z0-9]{1,31};")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_WEB_PAGE = re.compile(
    r"(?:<\?xml[^>]{0,200}>|<!--(?:(?!-->).){0,2000}-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(slots=True)
class Entry:
    """The texts of one entry by their names; those of a foreign namespace have a colon before it."""

    fields: dict[str, str] = field(default_factory=dict)
    link: str = ""

    def text(self, *names: str) -> str:
        """The first of these that is there and not empty."""
        for name in names:
            if name in self.fields and (found := self.fields[name].strip()):
                return found
        return ""


@dataclass(slots=True)
class Syndicated(Entry):
    """A whole feed: what it says of itself, and its entries in their own order."""

    entries: list[Entry] = field(default_factory=list)


def syndicated(document: Document) -> Syndicated:
    """The feed that this is. Unreadable where it is none, or a damaged one."""
    text = decoded(document).lstrip("\ufeff\x00 \t\r\n")
    if not text:
        raise Unreadable("an empty page came where a feed should be")
    reader = _Reader()
    try:
        reader.feed(text)
    except Unreadable:
        raise Unreadable(_web_page_or(text, reader.wrong)) from None
    except expat.ExpatError as error:
        damage = f"its feed is broken off or damaged: {clean(str(error), 100)}"
        raise Unreadable(
            _web_page_or(text, damage if text[0] == "<" else "something else than a feed came")
        ) from None
    if not reader.feeds:
        raise Unreadable(_web_page_or(text, "its page is XML, but neither RSS nor Atom"))
    return reader.feeds[0]


def _web_page_or(text: str, otherwise: str) -> str:
    is_page = _WEB_PAGE.match(text[:4096])
    return (
        "a web page came where a feed should be: the address may be wrong, or ask to log in" if is_page else otherwise
    )


def decoded(document: Document) -> str:
    """The text, by its mark, as UTF-8, or as it or its server says; never wholly lost for a letter that is wrong."""
    body = document.body
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    if body[:4] in (b"<\x00?\x00", b"\x00<\x00?"):
        return body.decode("utf-16-le" if body[:1] == b"<" else "utf-16-be", "replace")
    declared = _DECLARED.match(body[:400])
    for name in ("utf-8", declared[1].decode("ascii") if declared else "", document.charset):
        try:
            if name:
                return body.decode(name)
        except (UnicodeError, LookupError):
            continue
    return body.decode("windows-1252" if declared is None else "utf-8", "replace")


def _pieces(text: str) -> Iterator[bytes]:
    """Bit by bit, without what XML forbids, `&nbsp;` and its kin as letters, and no cut through one of these."""
    at = 0
    while at < len(text):
        end = at + PIECE
        cut = text.rfind("&", end - 34, end)
        if cut > at and ";" not in text[cut:end]:
            end = cut
        yield _permitted(text[at:end])
        at = end


def _permitted(piece: str) -> bytes:
    """A piece as the parser may see it; nearly all may be seen as they came."""
    raw = piece.encode("utf-8", "surrogatepass")
    if len(raw.translate(None, _CONTROLS)) < len(raw) or any(map(raw.__contains__, _RARE)):
        piece = _FORBIDDEN.sub("", piece)
        raw = piece.encode()
    if not _UNUSUAL.search(piece):
        return raw
    return _NAMED.sub(lambda found: html.unescape(found[0]), _NUMBERED.sub(_allowed, piece)).encode()


def _allowed(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    is_forbidden = number > 0x10FFFF or bool(_FORBIDDEN.match(chr(number)))
    return "" if is_forbidden else found[0]


class _Reader:
    """Hears the parser, and keeps the texts of the feed and of its entries."""

    def __init__(self) -> None:
        self.feeds: list[Syndicated] = []
        self.wrong = ""
        self.path: list[str] = []
        self.owner: Entry | None = None
        self.owner_at = 0
        self.name = ""
        self.parts: list[tuple[bool, str]] = []
        self.size = 0

    def feed(self, text: str) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_dtd
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._hear
        given = 0
        for piece in _pieces(text):
            parser.Parse(piece, False)
            given += len(piece)
            if given - parser.CurrentByteIndex > LARGEST_TAG:
                self._refuse("its feed has a tag that is larger than anything that is read")
        parser.Parse(b"", True)

    def _refuse(self, why: str) -> None:
        self.wrong = why
        raise Unreadable(why)

    def _refuse_dtd(self, *_: object) -> None:
        self._refuse("its feed declares a document type (DTD), which is not accepted")

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self.path.append(name)
        depth, local = len(self.path), _local(name)
        if depth > DEEPEST:
            self._refuse(f"its feed is nested more than {DEEPEST} levels deep")
        if depth == 1 and local not in ("rss", "RDF", "feed"):
            self._refuse("its page is XML, but neither RSS nor Atom")
        if self.name:
            self._keep(True, f"<{local}>")
        elif local in _HEADS and depth <= 2 and not self.feeds:
            self._own(Syndicated(), depth)
        elif local in _ENTRIES and depth <= 3:
            self._own(Entry(), depth)
        elif self.owner is not None and depth == self.owner_at + 1:
            self._field(self.owner, name, attributes)

    def _own(self, owner: Entry, depth: int) -> None:
        """From here on the texts are those of this feed or entry."""
        if isinstance(owner, Syndicated):
            self.feeds.append(owner)
        elif not self.feeds:
            self._refuse("its feed has entries before it begins")
        else:
            self.feeds[0].entries.append(owner)
            if len(self.feeds[0].entries) > MOST_ENTRIES:
                self._refuse(f"its feed has more than {MOST_ENTRIES} entries")
        self.owner, self.owner_at = owner, depth

    def _field(self, owner: Entry, name: str, attributes: Mapping[str, str]) -> None:
        above = self.path[-2]
        if ":" in name or ":" in above:
            own, _, local = name.rpartition(":")
            self.name = local if own == above.rpartition(":")[0] else f":{local}"
        else:
            self.name = name
        self.parts, self.size = [], 0
        if self.name == "link" and attributes.get("rel", "alternate") == "alternate":
            owner.link = owner.link or attributes.get("href", "").strip()
        if self.name in _ONCE and self.name in owner.fields and owner is not self.feeds[0]:
            self._refuse("its feed is damaged: an entry of it is two at once")

    def _end(self, name: str) -> None:
        depth = len(self.path)
        self.path.pop()
        if self.owner is None:
            return
        if self.name and depth == self.owner_at + 1:
            self._close_field(self.owner)
        elif self.name:
            self._keep(True, f"</{_local(name)}>")
        elif depth == self.owner_at:
            self.owner = None if isinstance(self.owner, Syndicated) else self.feeds[0]
            self.owner_at = depth - 1

    def _close_field(self, owner: Entry) -> None:
        """With markup of its own it is spelt as the HTML that the others escape."""
        if len(self.parts) == 1:
            text = self.parts[0][1]
        else:
            marked = any(is_tag for is_tag, _ in self.parts)
            text = "".join(part if is_tag or not marked else html.escape(part, False) for is_tag, part in self.parts)
        owner.fields.setdefault(self.name, text)
        if self.name == "link":
            owner.link = owner.link or text.strip()
        self.name = ""

    def _hear(self, text: str) -> None:
        if self.name and self.size < LONGEST_FIELD:
            self.parts.append((False, text))
            self.size += len(text)

    def _keep(self, is_tag: bool, part: str) -> None:
        if self.size < LONGEST_FIELD:
            self.parts.append((is_tag, part))
            self.size += len(part)


def _local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name
