"""`azure_devops`: how Azure DevOps is, by its services and geographies."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.azure_devops import PAGE, said_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class AzureDevops(VendorPage):
    geographies: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    severity: Severity = "notice"
    url: str = field(default=PAGE, repr=False)
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        base = stem(self.url)
        health = with_query_of(self.url, f"{base}/_apis/status/health?api-version=7.2-preview.1")
        object.__setattr__(self, "asked", (at(self.url if "/_apis/" in base else health, ca=self.ca),))

    def read(self, document: Document) -> Said:
        return said_of(document.mapping, document.now, self.geographies, self.services)
