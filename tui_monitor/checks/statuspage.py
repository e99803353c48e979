"""`statuspage`: a page by Atlassian Statuspage (v2), or one that serves the same, such as those of incident.io."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.checks.craft.vendor.statuspage import said_of
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class Statuspage(VendorPage):
    url: str = field(repr=False)
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        base = stem(self.url).removesuffix("/api/v2")
        url = base if base.endswith(".json") else f"{base}/api/v2/summary.json"
        object.__setattr__(self, "asked", (at(with_query_of(self.url, url), ca=self.ca),))

    def read(self, document: Document) -> Said:
        return said_of(document.mapping, document.now)
