"""`uptime_kuma`: somebody's public status page by an Uptime Kuma, 1.x or 2.x."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tui_monitor.checks.craft.vendor.address import with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.kuma import documents, joined, said_of
from tui_monitor.checks.craft.vendor.page import Asked, Severity, Sight, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class UptimeKuma(VendorPage):
    url: str = field(repr=False)
    slug: str = ""
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = documents(self.url, self.slug)
        asked = (at(with_query_of(self.url, url), role=role, ca=self.ca) for url, role in found)
        object.__setattr__(self, "asked", tuple(asked))

    def read(self, document: Document) -> Said:
        return said_of(document.mapping, document.now, document.role)

    def judge(self, sight: Sight) -> Reading:
        return VendorPage.judge(self, replace(sight, said=joined(sight.said)))
