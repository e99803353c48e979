"""Whose the banner of a Qlik tenant is, and what becomes of it: one is in each tenant, for us and for people.

What we write carries a mark, with a digest of the board's name and one of its own words. So it is known as ours also
where no word of a send came back or the store is lost, and what a person has made of it is known as theirs. The mark
is the label of a link that is not enabled, or else the fragment of the link that is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_monitor.core.codec import moment
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message
from tui_monitor.core.ports import Receipt
from tui_monitor.core.stamp import read_stamp
from tui_monitor.destinations.craft.document import shorten
from tui_monitor.destinations.craft.filling import check_address
from tui_monitor.destinations.craft.qlik import Tenant

SHORTEST = 600.0
"""Seconds for which a banner is shown at least: it is told again in half of that."""
LOOK_AGAIN = 300.0
"""Seconds after which it is seen whether a banner that is not ours has gone."""
NOT_OURS = "the banner that stands there is not ours, and is left"

_MARK = re.compile(r"\btui-monitor-([0-9a-f]{8})-([0-9a-f]{16})\b")


@dataclass(frozen=True, slots=True)
class Sign:
    """A banner by its words and type; one that stands there also has an end, and whatever mark it carries."""

    text: str
    kind: str
    until: datetime | None = None
    mark: tuple[str, str] = ("", "")

    @property
    def seal(self) -> str:
        return _digest(f"{self.kind}\n{self.text}", 8)

    def marked(self, board: str) -> str:
        """The mark that it is to carry as ours."""
        return f"tui-monitor-{_digest(board, 4)}-{self.seal}"

    def says(self, text: str, kind: str, until: datetime) -> bool:
        """Whether it shows just this, and at least for so long."""
        return (self.text, self.kind) == (text, kind) and self.until is not None and self.until >= until

    def is_ours(self, board: str, ref: str) -> bool:
        """Whether it stands as we left it. Where it has lost its mark, only what was told last can tell."""
        owner, seal = self.mark
        return owner in ("", _digest(board, 4)) and self.seal in (seal, ref)

    def __str__(self) -> str:
        end = f" until {moment(self.until)}" if self.until is not None else ""
        return f'"{shorten(self.text, 120)}"{end}'


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=size).hexdigest()


def read(found: Mapping[str, Any], now: datetime) -> Sign:
    """A banner as the tenant spells it. An end that cannot be read is none."""
    try:
        until = read_stamp(found.get("endTime"), UTC, now)
    except ValueError:
        until = None
    mark = _MARK.search(f"{found.get('linkLabel')} {found.get('linkUrl')}")
    owner = (mark[1], mark[2]) if mark else ("", "")
    return Sign(str(found.get("message", "")), str(found.get("type", "")), until, owner)


def standing(found: Mapping[str, Any], now: datetime) -> Sign | None:
    """What is seen there, or will be when its time comes; None where that is nothing, or its time is over."""
    sign = read(found, now)
    is_over = sign.until is not None and sign.until <= now
    return None if found.get("enabled") is not True or is_over else sign


@dataclass(frozen=True, slots=True)
class Link:
    """Where people read on, and what is written on the link; no address for none."""

    url: str
    label: str

    def check(self) -> None:
        """ValueError says what is wrong with it."""
        if not self.url:
            return
        check_address(self.url)
        if "#" in self.url:
            raise ValueError("give an address without a #, behind which our own mark stands")
        if not self.label.strip():
            raise ValueError("a link needs a link_label")

    def spelt(self, mark: str) -> dict[str, Any]:
        if self.url:
            return {"linkEnabled": True, "linkUrl": f"{self.url}#{mark}", "linkLabel": shorten(self.label, 100)}
        return {"linkEnabled": False, "linkLabel": mark}


@dataclass(frozen=True, slots=True)
class Showing:
    """One message to one tenant: `text` is to be shown in its banner, or left there when it is shown no longer."""

    tenant: Tenant
    message: Message
    text: str
    link: Link
    lasts: float
    takes_over: bool = False

    async def tell(self) -> Receipt:
        """Makes it so, unless it is so, or the banner is somebody else's."""
        stands = await self._standing()
        if self._is_cleared:
            return await self._clear(stands)
        if stands is not None and self._is_enough(stands):
            return self._receipt(stands.seal)
        if stands is not None and not (self.takes_over or self._is_ours(stands)):
            text = f"{self.tenant.host} shows a banner that is not ours, {stands}"
            mend = "take it down there, or set take_over: true"
            raise DeliveryError(f"{text}: {mend}", retry=True, after=LOOK_AGAIN)
        mark = Sign(self.text, self._kind).marked(self._board)
        taken = await self.tenant.put(self._spelt(self._kind) | self.link.spelt(mark))
        return self._receipt(read(taken, self.tenant.now).seal)

    async def _clear(self, stands: Sign | None) -> Receipt:
        if stands is not None and self._is_ours(stands):
            await self.tenant.put(self._spelt("info") | {"linkEnabled": False})
            return self._receipt(self.message.ref)
        return self._receipt(self.message.ref, NOT_OURS if stands is not None else "")

    async def find(self) -> Receipt | None:
        """Whether nothing is left to be done."""
        stands = await self._standing()
        if self._is_cleared:
            is_left = stands is not None and self._is_ours(stands)
            return None if is_left else self._receipt(self.message.ref)
        return self._receipt(stands.seal) if stands is not None and self._is_enough(stands) else None

    async def _standing(self) -> Sign | None:
        return standing(await self.tenant.banner(), self.tenant.now)

    def _is_ours(self, stands: Sign) -> bool:
        return stands.is_ours(self._board, self.message.ref)

    def _is_enough(self, stands: Sign) -> bool:
        """Whether just this is shown already, until well after it is told again."""
        return stands.says(self.text, self._kind, self.tenant.now + timedelta(seconds=0.75 * self.lasts))

    @property
    def _is_cleared(self) -> bool:
        return self.message.banner is not None and self.message.banner.cleared

    @property
    def _kind(self) -> str:
        return self.message.banner.severity.value if self.message.banner is not None else "info"

    @property
    def _board(self) -> str:
        """Boards that share a tenant are told apart by their names."""
        return self.message.fields.get("name", "")

    def _receipt(self, ref: str, note: str = "") -> Receipt:
        return Receipt(ref, self.tenant.url, note)

    def _spelt(self, kind: str) -> dict[str, Any]:
        """All that a banner must say, but for its link."""
        begin, end = (self.tenant.now + timedelta(seconds=seconds) for seconds in (0.0, self.lasts))
        times = {"startTime": _stamp(begin), "endTime": _stamp(end)}
        return {"enabled": not self._is_cleared, "type": kind, "message": self.text, **times}


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
