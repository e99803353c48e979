"""The one way in which every vendor's page is fetched: asked only for what has changed, and as seldom as it wishes.

Nothing of a page is kept but what was read out of it, with the marks by which its server knows it again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.said import Choice, Said, conclude
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Phases, Reading
from tui_monitor.core.stamp import retry_after
from tui_monitor.core.text import spell_duration
from tui_monitor.net import Answer, Request, Trust, build_request

if TYPE_CHECKING:
    from tui_monitor.core.ports import Outside

Severity = Literal["notice", "degraded", "partial", "major"]
"""From which weight on an incident of a vendor is listed: a `notice` says nothing of anybody's health."""

LARGE = 64 * 1024
"""Bytes from which on a document is read in a thread, so that nobody waits for it."""

LONGEST_WAIT = 3600.0
"""Seconds to which a Retry-After is held: a page that asks for a year would never be read again."""

SHORTEST_WAIT = 30.0
"""Seconds for which a page is left alone that asks to be asked less often, and does not say for how long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One document to be fetched. `role` tells the check which one it is."""

    request: Request
    role: str = ""


def at(url: str, *, role: str = "", ca: str = "", headers: Mapping[str, str] | None = None) -> Asked:
    """A document at an address of a config. ValueError says what is wrong with the address."""
    known = {"Accept": "application/json", **(headers or {})}
    return Asked(build_request("GET", url, headers=known, redirects=5, trust=Trust(ca=ca)), role)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read out of a document, and how its server knows it again."""

    said: Said
    digest: bytes
    tag: str = ""
    changed: str = ""
    following: Asked | None = None


@dataclass(slots=True)
class Visit:
    """One look at a vendor: where the time of its exchanges went, and what has been read so far."""

    check: VendorPage
    outside: Outside
    said: Said = field(default_factory=Said)
    phases: Phases | None = None

    async def read(self, asked: Asked, within: float) -> Asked | None:
        """Fetch one document and read it; the document that follows it, where it names one."""
        shelf, key = self.outside.net.shelf, self._key(asked)
        self._keep_still(asked)
        kept: Kept | None = shelf.take(key)
        answer = await self.outside.net.fetch(_again(asked.request, kept), within)
        self.phases = _added(self.phases, answer.phases)
        if answer.status != 304 or kept is None:
            kept = await self._read(asked, answer, kept)
            shelf.put(key, kept)
        self.said += kept.said
        return kept.following

    def _key(self, asked: Asked) -> Hashable:
        return ("vendor", type(self.check).__name__, repr(self.check), asked.request, asked.role)

    def _keep_still(self, asked: Asked) -> None:
        until: datetime | None = self.outside.net.shelf.take(("until", asked.request.place.origin))
        left = (until - self.outside.now).total_seconds() if until is not None else 0.0
        if left > 0:
            raise Unreadable(f"it asked to be left alone (429); asked again in {spell_duration(left)}")

    async def _read(self, asked: Asked, answer: Answer, kept: Kept | None) -> Kept:
        self._refuse(asked, answer)
        body = answer.body
        if answer.truncated:
            raise Unreadable(f"its page is larger than {answer.max_body // 1024**2} MB, and is not read")
        if answer.corrupt:
            raise Unreadable("its page is packed in a way that cannot be unpacked")
        digest = blake2b(body, digest_size=16).digest()
        if kept is None or kept.digest != digest:
            document = Document(body, self.outside.now, answer.charset, asked.role)
            large = len(body) > LARGE
            kept = await self.outside.run(self._told, asked, document) if large else self._told(asked, document)
            kept = replace(kept, digest=digest)
        return replace(kept, tag=answer.header("etag") or "", changed=answer.header("last-modified") or "")

    def _told(self, asked: Asked, document: Document) -> Kept:
        return Kept(self.check.read(document), b"", following=self.check.following(asked, document))

    def _refuse(self, asked: Asked, answer: Answer) -> None:
        """Unreadable where the answer is none that can be read."""
        if answer.status in (429, 503):
            wait = retry_after(answer.header("retry-after") or "", self.outside.now)
            if wait is not None or answer.status == 429:
                held = timedelta(seconds=min(LONGEST_WAIT, max(1.0, SHORTEST_WAIT if wait is None else wait)))
                self.outside.net.shelf.put(("until", asked.request.place.origin), self.outside.now + held)
        if answer.status != 200:
            raise Unreadable(f"its page answered {answer.title}")


def _again(request: Request, kept: Kept | None) -> Request:
    """The request, only for what is newer than what was read."""
    if kept is None or not (kept.tag or kept.changed):
        return request
    marks = (("If-None-Match", kept.tag), ("If-Modified-Since", kept.changed))
    return replace(request, headers=(*request.headers, *(one for one in marks if one[1])))


def _added(before: Phases | None, now: Phases) -> Phases:
    if before is None:
        return now
    return Phases(
        before.dns + now.dns,
        before.connect + now.connect,
        before.tls + now.tls,
        before.first_byte + now.first_byte,
        before.total + now.total,
    )


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at a vendor brought home."""

    said: Said
    phases: Phases | None = field(default=None)


class VendorPage(ABC):
    """A check that reads somebody's page. Beside its options it has `asked`, the documents to fetch, and `read`.

    `read` is pure: the bytes of one document to what the vendor says in it. What the documents come to together is
    decided by `conclude`, for all vendors alike.
    """

    __slots__ = ()

    vendor: ClassVar[bool] = True
    usual: ClassVar[dict[str, float]] = {"every": 60.0, "timeout": 20.0, "down_after": 1, "up_after": 1}
    most_documents: ClassVar[int] = 20

    if TYPE_CHECKING:
        asked: tuple[Asked, ...]

    @property
    def choice(self) -> Choice:
        """What of the page concerns us."""
        return Choice(getattr(self, "components", ()), _severity(getattr(self, "severity", "")))

    @abstractmethod
    def read(self, document: Document) -> Said:
        """What one document says. Unreadable where it is not of the shape that it should be."""

    def following(self, asked: Asked, document: Document) -> Asked | None:
        """The document that goes on where this one ends; most say everything at once."""
        return None

    async def look(self, outside: Outside) -> Sight:
        visit = Visit(self, outside)
        until = outside.now + timedelta(seconds=outside.timeout)
        waiting = list(self.asked)
        for _ in range(self.most_documents):
            if not waiting:
                return Sight(visit.said, visit.phases)
            within = max(0.05, (until - outside.now).total_seconds())
            following = await visit.read(waiting.pop(0), within)
            if following is not None:
                waiting.append(following)
        raise Unreadable(f"its page goes on over more than {self.most_documents} documents")

    def judge(self, sight: Sight) -> Reading:
        phases: Any = sight.phases
        reading = conclude(sight.said, self.choice)
        return replace(reading, phases=phases, latency=phases.total if phases else None)


def _severity(word: str) -> str:
    return "" if word == "notice" else word
