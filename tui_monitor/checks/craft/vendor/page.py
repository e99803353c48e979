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

from tui_monitor.checks.craft.vendor.document import Document, words_of_refusal
from tui_monitor.checks.craft.vendor.said import Choice, Said, conclude
from tui_monitor.core.errors import Unreachable, Unreadable
from tui_monitor.core.model import Phases, Reading
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.stamp import retry_after
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.net import Answer, Request, Trust, build_request
from tui_monitor.net.request import Place, place_of
from tui_monitor.net.unpack import codings
from tui_monitor.net.unswept import UNSWEPT

if TYPE_CHECKING:
    from tui_monitor.core.ports import Outside

Severity = Literal["notice", "degraded", "partial", "major"]
"""From which weight on an incident of a vendor is listed: a `notice` says nothing of anybody's health."""

LONGEST_WAIT = 3600.0
"""Seconds to which a Retry-After is held: a page that asks for a year would never be read again."""

SHORTEST_WAIT = 60.0
"""Seconds for which a host is left alone that asks to be asked less often, and does not say for how long."""

LONGEST_KEPT = timedelta(hours=1)
"""After which a page is read anew though its server says that nothing has changed: some say so for ever."""

LARGE = 50
"""Incidents and components from which on a page is judged in a thread."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One document to be fetched. `role` tells the check which one it is; one that is `optional` may be missing."""

    request: Request
    role: str = ""
    optional: bool = False


def at(
    url: str, *, role: str = "", ca: str = "", headers: Mapping[str, str] | None = None, optional: bool = False
) -> Asked:
    """A document at an address of a config. ValueError says what is wrong with the address."""
    known = {"Accept": "application/json", "Accept-Encoding": codings(), **(headers or {})}
    return Asked(build_request("GET", url, headers=known, redirects=5, trust=Trust(ca=ca)), role, optional)


def onward(asked: Asked, link: object) -> tuple[Asked, ...]:
    """The document to which a page's own link leads, if it has one. It must lie where that page does."""
    if link is None or link == "":
        return ()
    try:
        place = place_of(link if isinstance(link, str) else "")
    except ValueError as error:
        raise Unreadable(f"its page goes on at an address that cannot be asked: {error}") from None
    if place.origin != asked.request.place.origin:
        raise Unreadable(f"its page goes on at another host, {clean(place.authority, 100)}, which is not asked")
    return (replace(asked, request=replace(asked.request, place=place)),)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read out of a document, for whom, where it came from, and how its server knows it again."""

    check: VendorPage
    said: Said
    until: datetime
    following: tuple[Asked, ...] = ()
    digest: bytes = b""
    place: Place | None = None
    tag: str = ""
    changed: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """A host that wants to be left alone for a while, and how it said so."""

    until: datetime
    title: str


@dataclass(slots=True)
class Visit:
    """One look at a vendor: where the time of its exchanges went, and what has been read so far."""

    check: VendorPage
    outside: Outside
    until: datetime
    said: Said = field(default_factory=Said)
    phases: Phases | None = None
    secrets: tuple[Secret, ...] = ()

    async def read(self, asked: Asked) -> tuple[Asked, ...]:
        """Fetch one document and read it; the documents that follow it, where it names some."""
        shelf, key = self.outside.net.shelf, self._key(asked)
        keep_still(self.outside, asked.request)
        kept = self._kept(key)
        request = _again(asked.request, kept)
        answer = await self._fetch(request)
        shelf.put(("led", asked.request), answer.place.origin)
        if asked.optional and answer.status == 404:
            return ()
        if kept is None or not _is_unchanged(request, answer, kept):
            self._refuse(answer)
            if answer.is_light:
                kept = self._told(asked, answer, kept)
            else:
                kept = await self.outside.run(self._told_of_much, asked, answer, kept)
            shelf.put(key, kept)
        self.said += kept.said
        return kept.following

    @property
    def within(self) -> float:
        """Seconds that are left of this look. Unreachable where there are none: all its documents share them."""
        left = (self.until - self.outside.now).total_seconds()
        if left <= 0:
            text = f"not all of its documents came within {spell_duration(self.outside.timeout)}"
            raise Unreachable("timeout", text)
        return left

    async def _fetch(self, request: Request) -> Answer:
        """The answer, with what it must be shown for it; shown something new once, where that is refused."""
        shown = await self.check.authorize(self.outside, self.within)
        answer = await self._shown(request, shown)
        if answer.status == 401 and shown is not None:
            shown = await self.check.authorize(self.outside, self.within, shown)
            answer = await self._shown(request, shown)
        self.secrets = () if shown is None else (shown, Secret(shown.reveal().rpartition(" ")[2]))
        return answer

    async def _shown(self, request: Request, shown: Secret | None) -> Answer:
        if shown is not None:
            request = replace(request, headers=(*request.headers, ("Authorization", shown.reveal())))
        answer: Answer = await self.outside.net.fetch(request, self.within)
        self.phases = _added(self.phases, answer.phases)
        return answer

    def _key(self, asked: Asked) -> Hashable:
        return ("vendor", type(self.check).__name__, repr(self.check), asked.request, asked.role)

    def _kept(self, key: Hashable) -> Kept | None:
        """What was read for this very check, as long as it holds."""
        kept: Kept | None = self.outside.net.shelf.take(key)
        is_good = kept is not None and kept.check == self.check and self.outside.now < kept.until
        return kept if is_good else None

    def _refuse(self, answer: Answer) -> None:
        """Unreadable where the answer is none that can be read."""
        heed(self.outside, answer)
        if answer.status == 304:
            raise Unreadable("its page answered that nothing has changed (304), which was not asked")
        if answer.status != 200:
            words = words_of_refusal(answer.body)
            said = f"its page answered {answer.title}" + (f": {words}" if words else "")
            raise Unreadable(redact(said, self.secrets))

    def _told_of_much(self, asked: Asked, answer: Answer, kept: Kept | None) -> Kept:
        with UNSWEPT:
            return self._told(asked, answer, kept)

    def _told(self, asked: Asked, answer: Answer, kept: Kept | None) -> Kept:
        """What the document says, unless it is the same that was read last time. In a thread, where it is large."""
        body = answer.body
        if answer.truncated:
            raise Unreadable(f"its page is larger than {answer.max_body // 1024**2} MB, and is not read")
        if answer.packed:
            raise Unreadable(_unknown_packing(answer.packed))
        if answer.corrupt:
            raise Unreadable("its page is packed in a way that cannot be unpacked")
        digest = blake2b(body, digest_size=16).digest()
        if kept is None or kept.digest != digest:
            document = Document(body, self.outside.now, answer.charset, asked.role)
            said = self.check.read(document)
            following = self.check.following(asked, document)
            kept = Kept(self.check, said, _holds_until(said, document.now), following, digest)
        marks = (answer.header("etag") or "", answer.header("last-modified") or "")
        return replace(kept, place=answer.place, tag=marks[0], changed=marks[1])


def keep_still(outside: Outside, request: Request) -> None:
    """Unreadable while the host, or the one to which it led last time, wants to be left alone."""
    shelf = outside.net.shelf
    for origin in (request.place.origin, shelf.take(("led", request))):
        hold: Hold | None = shelf.take(("hold", origin))
        if hold is not None and hold.until > outside.now:
            raise Unreadable(_held(hold, outside.now))


def heed(outside: Outside, answer: Answer) -> None:
    """Unreadable where the host wants to be left alone; that is remembered for as long as it says."""
    wait = retry_after(answer.header("retry-after") or "", outside.now) if answer.status >= 400 else None
    if answer.status == 429 or wait is not None:
        held = timedelta(seconds=min(LONGEST_WAIT, max(1.0, SHORTEST_WAIT if wait is None else wait)))
        hold = Hold(outside.now + held, answer.title)
        outside.net.shelf.put(("hold", answer.place.origin), hold)
        raise Unreadable(_held(hold, outside.now))


def _held(hold: Hold, now: datetime) -> str:
    left = spell_duration((hold.until - now).total_seconds())
    return f"it asked to be left alone ({hold.title}); it is asked again in {left}"


def _again(request: Request, kept: Kept | None) -> Request:
    """The request, only for what is newer than what was read there; the marks of another host mean nothing."""
    if kept is None or kept.place is None or kept.place.origin != request.place.origin:
        return request
    marks = (("If-None-Match", kept.tag), ("If-Modified-Since", kept.changed))
    given = tuple(one for one in marks if one[1])
    return replace(request, headers=(*request.headers, *given)) if given else request


def _is_unchanged(request: Request, answer: Answer, kept: Kept) -> bool:
    """Whether it says so of the very document that was read, and has been asked."""
    was_asked = any(name in ("If-None-Match", "If-Modified-Since") for name, _ in request.headers)
    return answer.status == 304 and was_asked and answer.place == kept.place


def _holds_until(said: Said, now: datetime) -> datetime:
    """Until the first moment of which it speaks has come: what was announced has begun then."""
    times = [at for _, one in said.told or () for at in (one.started_at, one.until) if at is not None and at > now]
    return min([now + LONGEST_KEPT, *times])


def _unknown_packing(coding: str) -> str:
    if coding == "br":
        return "its page is packed with brotli, which needs a package: pip install 'tui-monitor[brotli]'"
    return f"its page is packed with {clean(coding, 20)!r}, which cannot be unpacked"


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

    @property
    def is_large(self) -> bool:
        """Whether judging it takes longer than others should wait."""
        return len(self.said.told or ()) + len(self.said.parts or ()) > LARGE


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

    def following(self, asked: Asked, document: Document) -> tuple[Asked, ...]:
        """The documents that go on where this one ends; most say everything at once."""
        return ()

    async def authorize(self, outside: Outside, within: float, refused: Secret | None = None) -> Secret | None:
        """What stands in the header Authorization, where a page asks for one; another than the one just `refused`."""
        return None

    async def look(self, outside: Outside) -> Sight:
        visit = Visit(self, outside, outside.now + timedelta(seconds=outside.timeout))
        waiting, done = list(self.asked), set[Asked]()
        while waiting and len(done) < self.most_documents:
            asked = waiting.pop(0)
            if asked in done:
                raise Unreadable("its pages lead back to one another")
            done.add(asked)
            waiting += await visit.read(asked)
        if not waiting:
            return Sight(visit.said, visit.phases)
        raise Unreadable(f"its page goes on over more than {self.most_documents} documents")

    def judge(self, sight: Sight) -> Reading:
        phases: Any = sight.phases
        reading = conclude(sight.said, self.choice)
        return replace(reading, phases=phases, latency=phases.total if phases else None)


def _severity(word: str) -> str:
    return "" if word == "notice" else word
