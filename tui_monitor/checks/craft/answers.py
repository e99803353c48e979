"""What the answer of a name server is held against, and what is said where it falls short. Pure, and no plugin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui_monitor.core.model import Measure, Reading
from tui_monitor.core.options import naming
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean, spell_duration
from tui_monitor.net import Found, Records, spell_expected

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the answer must be, for records of one kind; `answers` are spelt as `Records` spells them."""

    kind: str
    answers: tuple[str, ...]
    exactly: bool
    minimum: int
    rcode: str
    latency: float | None
    authentic: bool

    def __post_init__(self) -> None:
        if self.exactly and not self.answers:
            raise ValueError("exactly is for expect: list all the answers there")
        if self.answers and self.rcode != "NOERROR":
            raise ValueError(f"expect_rcode {self.rcode} comes without answers, so that expect has no use")
        if self.minimum < 0:
            raise ValueError(f"minimum must be a number of answers, not {self.minimum}")
        if self.latency is not None and self.latency <= 0:
            raise ValueError("latency must be more than nothing")
        with naming("expect"):
            object.__setattr__(self, "answers", spell_expected(self.kind, self.answers))


def weigh_answers(wanted: Wanted, found: Found) -> Reading:
    """What an answer says of a name: the worst that is wrong with it, the first of several."""
    records, took = found.records, found.phases.total
    well = (Status.OPERATIONAL, _listed(records.answers) or _said(records.rcode), "")
    status, text, cause = max(_misses(wanted, records, took), key=lambda miss: miss[0].rank, default=well)
    ttl = (Measure("ttl", records.ttl, "s"),) if records.ttl is not None else ()
    measures = (Measure("answers", len(records.answers)), *ttl)
    return Reading(status, text, cause, latency=took, phases=found.phases, measures=measures)


def _misses(wanted: Wanted, records: Records, took: float) -> Iterator[Miss]:
    if records.rcode != wanted.rcode:
        instead = "" if wanted.rcode == "NOERROR" else f", expected {wanted.rcode}"
        yield Status.MAJOR, _said(records.rcode) + instead, f"rcode:{records.rcode}"
    elif records.rcode == "NOERROR":
        yield from _misses_of_records(wanted, records)
    if wanted.latency is not None and took > wanted.latency:
        text = f"the answer took {spell_duration(took)}, over {spell_duration(wanted.latency)}"
        yield Status.DEGRADED, text, "latency"


def _misses_of_records(wanted: Wanted, records: Records) -> Iterator[Miss]:
    answers = records.answers
    if not answers and (wanted.minimum or wanted.answers):
        name = f"the name stands for {clean(records.alias, 80)}, which" if records.alias else "the name"
        yield Status.MAJOR, f"{name} has no {wanted.kind} record", "nodata"
        return
    missing = [one for one in wanted.answers if one not in answers]
    if missing:
        status = Status.MAJOR if len(missing) == len(wanted.answers) else Status.PARTIAL
        yield status, f"{_listed(missing)} is not among the answers ({_listed(answers)})", "missing"
    strange = [one for one in answers if one not in wanted.answers]
    if wanted.exactly and strange:
        yield Status.PARTIAL, f"nobody expected {_listed(strange)} among the answers", "strange"
    if len(answers) < wanted.minimum:
        yield Status.PARTIAL, f"{len(answers)} of {wanted.minimum} answers: {_listed(answers)}", "minimum"
    if wanted.authentic and not records.authentic:
        yield Status.PARTIAL, "the name server does not vouch for the answer by DNSSEC", "dnssec"


def _said(rcode: str) -> str:
    known = _SAID.get(rcode)
    return f"{known} ({rcode})" if known else f"the name server answered {clean(rcode, 40)}"


def _listed(answers: Sequence[str]) -> str:
    more = f" and {len(answers) - _SHOWN} more" if len(answers) > _SHOWN else ""
    return ", ".join(clean(one, 80) for one in answers[:_SHOWN]) + more
