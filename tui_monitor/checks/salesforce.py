"""`salesforce`: what Salesforce Trust says, of some instances and services or of all."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.checks.craft.vendor.salesforce import Wanted, documents, said_of
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class Salesforce(VendorPage):
    url: str = field(default="https://api.status.salesforce.com/v1", repr=False)
    instances: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = documents(stem(self.url), with_instances=bool(self.instances))
        object.__setattr__(self, "asked", tuple(self._at(url, role) for url, role in found))

    def _at(self, url: str, role: str) -> Asked:
        return at(with_query_of(self.url, url), role=role, ca=self.ca)

    def read(self, document: Document) -> Said:
        return said_of(document.json, document.now, Wanted(self.instances, self.services), document.role)
