"""`cachet_status`: a page by Cachet, 2.x or 3.x, read through its API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Literal

from tui_monitor.checks.craft.vendor.address import stem, with_query_of
from tui_monitor.checks.craft.vendor.cachet import COMPONENTS, OPTIONAL, PATHS, joined, page_of, said_of
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.page import Asked, Severity, Sight, VendorPage, at
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile, naming
from tui_monitor.core.stamp import zone_named


@dataclass(frozen=True, slots=True)
class CachetStatus(VendorPage):
    url: str = field(repr=False)
    version: Literal["auto", 2, 3] = "auto"
    timezone: str = "UTC"
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)
    zone: tzinfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        with naming("timezone"):
            object.__setattr__(self, "zone", zone_named(self.timezone))
        asked = (self._at(one, COMPONENTS) for one in PATHS if str(self.version) in ("auto", one))
        object.__setattr__(self, "asked", tuple(asked))

    def _at(self, version: str, kind: str, page: int = 1) -> Asked:
        base = stem(self.url).removesuffix("/v1").removesuffix("/api")
        url = with_query_of(self.url, f"{base}{PATHS[version][kind]}" + (f"&page={page}" if page > 1 else ""))
        is_probe = kind == COMPONENTS and page == 1 and self.version == "auto"
        return at(url, role=f"{version} {kind}", ca=self.ca, optional=is_probe or kind in OPTIONAL)

    def read(self, document: Document) -> Said:
        return said_of(document.mapping, document.now, self.zone, document.role.rpartition(" ")[2])

    def following(self, asked: Asked, document: Document) -> tuple[Asked, ...]:
        """The rest of what a Cachet has, once it has shown by its first page of components which one it is."""
        version, _, kind = asked.role.partition(" ")
        if kind != COMPONENTS:
            return ()
        page = page_of(document.mapping)
        rest = [one for one in PATHS[version] if one != COMPONENTS] if page.number == 1 else []
        more = (self._at(version, COMPONENTS, page.number + 1),) if page.goes_on else ()
        return (*more, *(self._at(version, one) for one in rest))

    def judge(self, sight: Sight) -> Reading:
        if sight.said == Said():
            raise Unreadable("there is no Cachet at this address: it has no components, in 2.x or in 3.x")
        return VendorPage.judge(self, replace(sight, said=joined(sight.said)))
