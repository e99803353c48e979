"""`microsoft365`: the open issues of Microsoft 365, as the health page of its admin center lists them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.microsoft365 import said_of
from tui_monitor.checks.craft.vendor.oauth import Login, login_at
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at, onward
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.options import CertificateFile
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Microsoft365(VendorPage):
    usual: ClassVar[dict[str, float]] = {**VendorPage.usual, "timeout": 45.0}
    most_documents: ClassVar[int] = 50

    tenant: str
    client_id: str
    client_secret: Secret
    services: tuple[str, ...] = ()
    severity: Severity = "notice"
    url: str = field(default="https://graph.microsoft.com", repr=False)
    login: str = "https://login.microsoftonline.com"
    scope: str = "https://graph.microsoft.com/.default"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)
    buyer: Login = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        base = stem(self.url).removesuffix("/v1.0")
        every = f"{base}/v1.0/admin/serviceAnnouncement/issues?$filter=isResolved%20eq%20false"
        issues = with_query_of(self.url, every)
        asked = at(self.url if "/admin/serviceAnnouncement/" in base else issues, ca=self.ca)
        buyer = login_at(self.login, self.tenant, self.client_id, self.client_secret, self.scope, self.ca)
        object.__setattr__(self, "asked", (asked,))
        object.__setattr__(self, "buyer", buyer)

    async def authorize(self, outside: Outside, within: float, refused: Secret | None = None) -> Secret:
        return await self.buyer.key(outside, within, refused)

    def read(self, document: Document) -> Said:
        return said_of(document.mapping, document.now, self.services)

    def following(self, asked: Asked, document: Document) -> tuple[Asked, ...]:
        return onward(asked, document.mapping.get("@odata.nextLink"))
