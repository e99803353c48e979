"""`incident_io`: a page by incident.io: its document for widgets, or those that it spells as Statuspage does."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor import incident_io, incident_proxy, statuspage
from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class IncidentIo(VendorPage):
    url: str = field(repr=False)
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """The document for widgets names only what is affected: what is chosen is looked up in the list of all."""
        base = stem(self.url).removesuffix("/api/v1/summary")
        is_document = base.endswith(".json") or "/proxy/" in base
        urls = [base] if is_document else [f"{base}/api/v1/summary"]
        if self.components and not is_document:
            urls.append(f"{base}/api/v2/components.json")
        object.__setattr__(self, "asked", tuple(at(with_query_of(self.url, url), ca=self.ca) for url in urls))

    def read(self, document: Document) -> Said:
        data = document.mapping
        if incident_io.is_widget(data):
            return incident_io.said_of(data, document.now)
        if incident_proxy.is_proxy(data):
            return incident_proxy.said_of(data, document.now)
        if not isinstance(data.get("page"), dict):
            raise Unreadable("its page has nothing of what incident.io serves: no ongoing_incidents and no page")
        return statuspage.said_of(data, document.now)
