"""`domain`: until when a name is registered, and whether its registration is in good order, as its registry says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from tui_monitor.checks.craft.expiry import DAYS, check_days
from tui_monitor.checks.craft.registration import weigh_registration
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile
from tui_monitor.core.ports import Outside
from tui_monitor.net import Trust
from tui_monitor.net.protocols.rdap import Registration, registration_of
from tui_monitor.net.protocols.registry import IANA, Errand, Registered, build_registered


@dataclass(frozen=True, slots=True)
class Domain:
    vendor: ClassVar[bool] = True
    remembers: ClassVar[bool] = True
    usual: ClassVar[dict[str, float]] = {"every": 86_400.0, "timeout": 30.0, "down_after": 1, "up_after": 1}

    name: str
    days: tuple[float, ...] = DAYS
    server: str = ""
    bootstrap: str = IANA
    ca: CertificateFile = ""
    asked: Registered = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_days(self.days)
        trust = Trust(ca=self.ca)
        asked = build_registered(self.name, server=self.server, bootstrap=self.bootstrap, trust=trust)
        object.__setattr__(self, "asked", asked)

    async def look(self, outside: Outside) -> Registration:
        now = outside.now
        errand = Errand(self.asked, outside.memo, now)
        answer = await outside.net.follow(errand.request, errand.onward, outside.timeout)
        return replace(registration_of(self.asked.name, answer, now), memo=errand.memo)

    def judge(self, sight: Registration) -> Reading:
        return replace(weigh_registration(self.asked.name, sight, self.days), memo=sight.memo)
