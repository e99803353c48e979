"""`dns`: ask a name server for the records of a name, and hold what it answers against what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.options import Duration, naming
from tui_monitor.core.ports import Outside
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.net import Found, Inquiry, Records, build_inquiry, build_question, spell_expected

Miss = tuple[Status, str, str]
"""A status, a text and a cause."""

_SHOWN = 5
_SAID = {
    "NOERROR": "the name exists",
    "NXDOMAIN": "the name does not exist",
    "SERVFAIL": "the name server could not find the answer",
    "REFUSED": "the name server refuses to answer",
    "FORMERR": "the name server did not understand the question",
    "NOTIMP": "the name server does not answer such questions",
    "NOTAUTH": "the name server is not in charge of the name",
}
_WANTED = Literal["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"]


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
    expect_rcode: _WANTED = "NOERROR"
    latency: Duration | None = None
    dnssec: bool = False
    inquiry: Inquiry = field(init=False, repr=False, compare=False)
    wanted: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        question = build_question(self.name, self.type, authentic=self.dnssec)
        inquiry = build_inquiry(question, self.server, tcp=self.protocol == "tcp")
        with naming("expect"):
            wanted = spell_expected(question.kind, self.expect)
        if self.exactly and not wanted:
            raise ValueError("exactly is for expect: list all the answers there")
        if wanted and self.expect_rcode != "NOERROR":
            raise ValueError(f"expect_rcode {self.expect_rcode} comes without answers, so that expect has no use")
        if self.minimum < 0:
            raise ValueError(f"minimum must be a number of answers, not {self.minimum}")
        if self.latency is not None and self.latency <= 0:
            raise ValueError("latency must be more than nothing")
        object.__setattr__(self, "inquiry", inquiry)
        object.__setattr__(self, "wanted", wanted)

    async def look(self, outside: Outside) -> Found:
        found: Found = await outside.net.inquire(self.inquiry, outside.timeout)
        return found

    def judge(self, sight: Found) -> Reading:
        records, took = sight.records, sight.phases.total
        well = (Status.OPERATIONAL, _listed(records.answers) or _said(records.rcode), "")
        status, text, cause = max(self._misses(records, took), key=lambda miss: miss[0].rank, default=well)
        ttl = (Measure("ttl", records.ttl, "s"),) if records.ttl is not None else ()
        measures = (Measure("answers", len(records.answers)), *ttl)
        return Reading(status, text, cause, latency=took, phases=sight.phases, measures=measures)

    def _misses(self, records: Records, took: float) -> Iterator[Miss]:
        """What is wrong; of two that are as bad, the first one counts."""
        if records.rcode != self.expect_rcode:
            wanted = "" if self.expect_rcode == "NOERROR" else f", expected {self.expect_rcode}"
            yield Status.MAJOR, _said(records.rcode) + wanted, f"rcode:{records.rcode}"
        elif records.rcode == "NOERROR":
            yield from self._misses_of_answers(records)
        if self.latency is not None and took > self.latency:
            text = f"the answer took {spell_duration(took)}, over {spell_duration(self.latency)}"
            yield Status.DEGRADED, text, "latency"

    def _misses_of_answers(self, records: Records) -> Iterator[Miss]:
        kind, answers = self.inquiry.question.kind, records.answers
        if not answers and (self.minimum or self.wanted):
            alias = f"the name stands for {clean(records.alias, 80)}, which" if records.alias else "the name"
            yield Status.MAJOR, f"{alias} has no {kind} record", "nodata"
            return
        missing = [one for one in self.wanted if one not in answers]
        if missing:
            status = Status.MAJOR if len(missing) == len(self.wanted) else Status.PARTIAL
            yield status, f"{_listed(missing)} is not among the answers ({_listed(answers)})", "missing"
        strange = [one for one in answers if one not in self.wanted]
        if self.exactly and strange:
            yield Status.PARTIAL, f"nobody expected {_listed(strange)} among the answers", "strange"
        if len(answers) < self.minimum:
            yield Status.PARTIAL, f"{len(answers)} of {self.minimum} answers: {_listed(answers)}", "minimum"
        if self.dnssec and not records.authentic:
            yield Status.PARTIAL, "the name server does not vouch for the answer by DNSSEC", "dnssec"


def _said(rcode: str) -> str:
    known = _SAID.get(rcode)
    return f"{known} ({rcode})" if known else f"the name server answered {clean(rcode, 40)}"


def _listed(answers: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(answers) - _SHOWN} more" if len(answers) > _SHOWN else ""
    return ", ".join(clean(one, 80) for one in answers[:_SHOWN]) + more
