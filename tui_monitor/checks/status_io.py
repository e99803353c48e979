"""`status_io`: a page by Status.io, by the id that it has there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.checks.craft.vendor.status_io import said_of
from tui_monitor.core.options import CertificateFile
from tui_monitor.core.text import clean


@dataclass(frozen=True, slots=True)
class StatusIo(VendorPage):
    places: ClassVar[tuple[str, ...]] = ("url", "page_id")
    """The options of which one says where the page is."""

    page_id: str = ""
    host: Literal["status-api.hostedstatus.com", "api.status.io"] = "status-api.hostedstatus.com"
    url: str = field(default="", repr=False)
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if bool(self.page_id) == bool(self.url):
            raise ValueError("status_io has exactly one of page_id and url")
        if self.page_id and not re.fullmatch(r"[0-9A-Za-z]{1,64}", self.page_id):
            raise ValueError(f"page_id: {clean(self.page_id, 60)!r} is not an id: it is made of letters and digits")
        url = self.url or f"https://{self.host}/1.0/status/{self.page_id}"
        object.__setattr__(self, "asked", (at(url, ca=self.ca),))

    def read(self, document: Document) -> Said:
        return said_of(document.mapping, document.now)
