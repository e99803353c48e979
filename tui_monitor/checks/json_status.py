"""`json_status`: any page in JSON, by where things stand in it and what its words mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.craft.vendor.mapped import (
    Incidents,
    Maintenances,
    Parts,
    Plan,
    Weight,
    meanings_of,
    paths_of,
)
from tui_monitor.checks.craft.vendor.page import Asked, Severity, VendorPage
from tui_monitor.checks.craft.vendor.said import Said
from tui_monitor.core.options import CertificateFile
from tui_monitor.core.secret import Secret
from tui_monitor.net import Trust, build_request


@dataclass(frozen=True, slots=True)
class JsonStatus(VendorPage):
    url: str = field(repr=False)
    headers: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    status: str = ""
    words: Mapping[str, Weight] = field(default_factory=dict)
    message: str = ""
    changed_at: str = ""
    parts: Parts | None = None
    incidents: Incidents | None = None
    maintenances: Maintenances | None = None
    components: tuple[str, ...] = ()
    severity: Severity = "notice"
    ca: CertificateFile = ""
    asked: tuple[Asked, ...] = field(init=False, repr=False, compare=False)
    plan: Plan = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (self.status or self.parts or self.incidents):
            raise ValueError("json_status looks at nothing: give status, parts or incidents")
        words, paths = meanings_of(self.words), paths_of(self, ("status", "message", "changed_at"))
        plan = Plan(**paths, words=words, parts=self.parts, incidents=self.incidents, maintenances=self.maintenances)
        object.__setattr__(self, "plan", plan)
        headers = {"Accept": "application/json", **self.headers}
        request = build_request("GET", self.url, headers=headers, redirects=5, trust=Trust(ca=self.ca))
        object.__setattr__(self, "asked", (Asked(request),))

    def read(self, document: Document) -> Said:
        return self.plan.said_of(document.json, document.now)
