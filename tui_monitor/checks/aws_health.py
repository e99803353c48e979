"""`aws_health`: the public events of Amazon Web Services, of some services and regions or of all."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.aws_health import Wanted, said_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class AwsHealth(VendorPage):
    url: str = field(default="https://health.aws.amazon.com/public/currentevents", repr=False)
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", (at(self.url, ca=self.ca),))

    def read(self, document: Document) -> Said:
        return said_of(document.json, document.now, Wanted(self.services, self.regions))
