"""`slack_status`: what Slack says of itself, in any version of its page: what is active now, or its history."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.checks.craft.vendor.slack_status import ALL_ACTIVE, address_of, said_of
from tui_monitor.core.options import CertificateFile


@dataclass(frozen=True, slots=True)
class SlackStatus(VendorPage):
    url: str = field(default="https://slack-status.com", repr=False)
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        url = address_of(stem(self.url))
        role = ALL_ACTIVE if url.endswith("/v2.0.0/current") else ""
        object.__setattr__(self, "asked", (at(with_query_of(self.url, url), role=role, ca=self.ca),))

    def read(self, document: Document) -> Said:
        return said_of(document.json, document.now, document.role)
