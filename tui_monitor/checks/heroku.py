"""`heroku`: the status of Heroku's apps, data services and tools, by its own page."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.heroku import said_of
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class Heroku(VendorPage):
    url: str = field(default="https://status.heroku.com", repr=False)
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        base = stem(self.url)
        url = base if base.endswith("/current-status") else f"{base.removesuffix('/api/v4')}/api/v4/current-status"
        object.__setattr__(self, "asked", (at(with_query_of(self.url, url), ca=self.ca),))

    def read(self, document: Document) -> Said:
        return said_of(document.mapping, document.now)
