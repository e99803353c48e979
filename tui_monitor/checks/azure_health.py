"""`azure_health`: what Azure Service Health says of our subscriptions, regions and services."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar
from urllib.parse import quote

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.azure_health import (
    Ours,
    is_list_of_subscriptions,
    said_of,
    subscriptions_of,
    united,
)
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.oauth import Login, login_at
from tui_monitor.checks.craft.vendor.page import Asked, Severity, Sight, VendorPage, at, onward
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret


@dataclass(frozen=True, slots=True)
class AzureHealth(VendorPage):
    usual: ClassVar[dict[str, float]] = {**VendorPage.usual, "timeout": 45.0}
    most_documents: ClassVar[int] = 500

    tenant: str
    client_id: str
    client_secret: Secret
    subscriptions: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    severity: Severity = "notice"
    url: str = field(default="https://management.azure.com", repr=False)
    login: str = "https://login.microsoftonline.com"
    scope: str = "https://management.azure.com/.default"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)
    buyer: Login = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        every = f"{stem(self.url)}/subscriptions?api-version=2020-01-01"
        listed = at(with_query_of(self.url, every), role="subscriptions", ca=self.ca)
        asked = tuple(map(self._events_of, dict.fromkeys(self.subscriptions))) or (listed,)
        buyer = login_at(self.login, self.tenant, self.client_id, self.client_secret, self.scope, self.ca)
        object.__setattr__(self, "asked", asked)
        object.__setattr__(self, "buyer", buyer)

    def _events_of(self, subscription: str) -> Asked:
        path = f"subscriptions/{quote(subscription, safe='')}/providers/Microsoft.ResourceHealth/events"
        url = with_query_of(self.url, f"{stem(self.url)}/{path}?api-version=2024-02-01")
        return at(url, role="events", ca=self.ca)

    async def authorize(self, outside: Outside, within: float, refused: Secret | None = None) -> Secret:
        return await self.buyer.key(outside, within, refused)

    def read(self, document: Document) -> Said:
        data = document.mapping
        if document.role == "subscriptions" or (not document.role and is_list_of_subscriptions(data)):
            subscriptions_of(data)
            return Said()
        return said_of(data, document.now, Ours(self.regions, self.services))

    def following(self, asked: Asked, document: Document) -> tuple[Asked, ...]:
        data = document.mapping
        found = subscriptions_of(data) if asked.role == "subscriptions" else ()
        return (*map(self._events_of, found), *onward(asked, data.get("nextLink")))

    def judge(self, sight: Sight) -> Reading:
        """Several subscriptions may name the same event."""
        if sight.said.told is None:
            raise Unreadable("its client sees no subscription: one needs to give it the role Reader")
        return VendorPage.judge(self, replace(sight, said=replace(sight.said, told=united(sight.said.told))))
