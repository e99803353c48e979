"""`instatus`: a page by Instatus, or by Checkly, which is spelt much alike."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.instatus import said_of
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class Instatus(VendorPage):
    url: str = field(repr=False)
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """The summary names no components: those that are chosen stand in a document of their own."""
        base = stem(self.url)
        urls = [base] if base.endswith(".json") else [f"{base}/summary.json"]
        if self.components and not base.endswith(".json"):
            urls.append(f"{base}/v2/components.json")
        object.__setattr__(self, "asked", tuple(at(with_query_of(self.url, url), ca=self.ca) for url in urls))

    def read(self, document: Document) -> Said:
        return said_of(document.mapping, document.now)
