"""`feed`: a vendor's RSS or Atom feed, where it has nothing better to read."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.feed import Identity, Presence, Reader
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Choice, Said
from tui_monitor.checks.craft.vendor.syndication import syndicated
from tui_monitor.core.options import CertificateFile, Duration

ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Feed(VendorPage):
    url: str = field(repr=False)
    presence: Presence = "auto"
    identity: Identity = "auto"
    max_age: Duration | None = None
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", (at(self.url, ca=self.ca, headers={"Accept": ACCEPT}),))

    @property
    def choice(self) -> Choice:
        """What concerns us is told by the words of an entry, which only the reader of it knows."""
        return Choice(severity="" if self.severity == "notice" else self.severity)

    def read(self, document: Document) -> Said:
        reader = Reader(self.presence, self.identity, self.components, self.max_age)
        return reader.said_of(syndicated(document), document.now)
