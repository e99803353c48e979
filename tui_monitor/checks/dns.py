"""`dns`: ask a name server for the records of a name, and hold what it answers against what is expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.checks.craft.answers import Wanted, weigh_answers
from tui_monitor.core.model import Reading
from tui_monitor.core.options import Duration
from tui_monitor.core.ports import Outside
from tui_monitor.net import Found, Inquiry, build_inquiry, build_question


@dataclass(frozen=True, slots=True)
class Dns:
    vendor: ClassVar[bool] = False

    name: str
    type: str = "A"
    server: str = ""
    protocol: Literal["udp", "tcp"] = "udp"
    expect: tuple[str, ...] = ()
    exactly: bool = False
    minimum: int = 1
    expect_rcode: Literal["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"] = "NOERROR"
    latency: Duration | None = None
    dnssec: bool = False
    inquiry: Inquiry = field(init=False, repr=False, compare=False)
    wanted: Wanted = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        question = build_question(self.name, self.type, authentic=self.dnssec)
        wanted = Wanted(
            question.kind,
            self.expect,
            self.exactly,
            self.minimum,
            self.expect_rcode,
            self.latency,
            self.dnssec,
        )
        object.__setattr__(self, "wanted", wanted)
        object.__setattr__(self, "inquiry", build_inquiry(question, self.server, tcp=self.protocol == "tcp"))

    async def look(self, outside: Outside) -> Found:
        found: Found = await outside.net.inquire(self.inquiry, outside.timeout)
        return found

    def judge(self, sight: Found) -> Reading:
        return weigh_answers(self.wanted, sight)
