"""`google_cloud`: the incidents of Google Cloud or Google Workspace, of some products and regions or of all."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.google_cloud import Wanted, said_of
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class GoogleCloud(VendorPage):
    url: str = field(default="https://status.cloud.google.com", repr=False)
    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        url = with_query_of(self.url, f"{self._page}/incidents.json")
        object.__setattr__(self, "asked", (at(url, ca=self.ca),))

    @property
    def _page(self) -> str:
        return stem(stem(self.url).removesuffix("/incidents.json"))

    def read(self, document: Document) -> Said:
        return said_of(document.json, document.now, Wanted(self.products, self.regions), self._page)
