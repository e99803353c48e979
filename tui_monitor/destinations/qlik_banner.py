"""`qlik_banner`: the banner on top of every page of a Qlik Cloud tenant, for as long as something is wrong.

It ends there by itself, so that none outlives us, and is told again for as long as it is to stand. What a person has
put there is left alone, unless `take_over` is set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tui_monitor.core.message import Message
from tui_monitor.core.model import Kind
from tui_monitor.core.options import CertificateFile, Duration, Template, naming
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.template import fill
from tui_monitor.destinations.craft import filling
from tui_monitor.destinations.craft.document import shorten
from tui_monitor.destinations.craft.qlik import Tenant, check_tenant
from tui_monitor.destinations.craft.qlik_sign import SHORTEST, Link, Showing


@dataclass(frozen=True, slots=True)
class QlikBanner:
    """Options. A banner that is cleared is disabled, and says `cleared_text` where only administrators see it."""

    tenant: str
    token: Secret
    template: Template = "{message}"
    longest: int = 500
    cleared_text: str = "All Systems Operational"
    link_url: str = ""
    link_label: str = "Details"
    expires_after: Duration = 86_400.0
    take_over: bool = False
    automatic: bool = True
    verify_tls: bool = True
    ca: CertificateFile = ""

    fields: ClassVar[frozenset[str]] = filling.OURS
    hears: ClassVar[frozenset[Kind]] = LOUD
    grouped: ClassVar[bool] = False
    banner: ClassVar[bool] = True
    public: ClassVar[bool] = True
    pace: ClassVar[float] = 1.0

    @property
    def renewed_every(self) -> float:
        return self.expires_after / 2

    def __post_init__(self) -> None:
        with naming("tenant"):
            check_tenant(self.tenant)
        with naming("token"):
            filling.check_headers({"Authorization": self.token})
        with naming("template"):
            filling.check_fields(self.template)
        with naming("link_url"):
            Link(self.link_url, self.link_label).check()
        if not 20 <= self.longest <= 5000:
            raise ValueError("longest: give a number from 20 to 5000")
        if not shorten(self.cleared_text, self.longest):
            raise ValueError("cleared_text: give a text, which Qlik wants also where none is shown")
        if self.expires_after < SHORTEST:
            raise ValueError("expires_after: give 10m or more")

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        return await self._showing(message, outside).tell() if message.banner else Receipt()

    async def find(self, message: Message, outside: Outside) -> Receipt | None:
        return await self._showing(message, outside).find() if message.banner else None

    async def prove(self, outside: Outside) -> str:
        return await self._tenant(outside).prove()

    def _showing(self, message: Message, outside: Outside) -> Showing:
        text = shorten(fill(self.template, filling.fields_of(message)), self.longest)
        if message.banner and message.banner.cleared:
            text = shorten(self.cleared_text, self.longest)
        words = text or shorten(message.title, self.longest)
        link = Link(self.link_url, self.link_label)
        return Showing(self._tenant(outside), message, words, link, self.expires_after, self.take_over)

    def _tenant(self, outside: Outside) -> Tenant:
        client = outside.client(verify=self.verify_tls, ca=self.ca)
        return Tenant(self.tenant, self.token, client, outside.now)
