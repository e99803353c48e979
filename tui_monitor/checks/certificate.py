"""`certificate`: what a TLS server shows of itself, whether it is trusted and for whom, and how long it is good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.checks.craft.expiry import DAYS, check_days, weigh_expiry
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile, ClientCertificate
from tui_monitor.core.ports import Outside
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean
from tui_monitor.net.leaf import Leaf
from tui_monitor.net.peer import OF_DATES, Meeting, Met, build_meeting
from tui_monitor.net.trust import Trust

_SHOWN = 3
"""Names of a certificate that are said; of some it has hundreds."""


@dataclass(frozen=True, slots=True)
class Certificate:
    vendor: ClassVar[bool] = False
    usual: ClassVar[Mapping[str, float]] = {"every": 3600.0}

    host: str
    port: int | None = None
    starttls: Literal["smtp", "imap", "pop3", "ftp", "ldap", "postgres", "mysql", "xmpp"] | None = None
    server_name: str = ""
    days: tuple[float, ...] = DAYS
    verify_chain: bool = True
    check_name: bool = True
    ca: CertificateFile = ""
    client_certificate: ClientCertificate | None = None
    meeting: Meeting = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_days(self.days)
        if self.ca and not self.verify_chain:
            raise ValueError("ca is of no use without verify_chain")
        mine = self.client_certificate or ClientCertificate("")
        trust = Trust(self.verify_chain, self.ca, mine.cert, mine.key)
        meeting = build_meeting(self.host, self.port, trust, name=self.server_name, starttls=self.starttls or "")
        object.__setattr__(self, "meeting", meeting)

    async def look(self, outside: Outside) -> Met:
        met: Met = await outside.net.meet(self.meeting, outside.timeout)
        return met

    def judge(self, sight: Met) -> Reading:
        leaf, until = sight.leaf, sight.leaf.until
        if until is None:
            raise Unreadable("nothing of its certificate can be read")
        ending = weigh_expiry("the certificate", until, sight.at, self.days, leaf.mark)
        faults = dict(_faults(self, sight))
        texts, causes = list(faults.values()), list(faults)
        if ending.status.is_bad or not faults:
            texts, causes = [*texts, ending.message], [*causes, ending.cause]
        else:
            whose = f"for {_spell(leaf)}; " if leaf.called and "name" not in faults else ""
            issuer = f"from {leaf.issuer}; " if leaf.issuer else ""
            texts[-1] += f" ({whose}{issuer}good until {until:%Y-%m-%d})"
        return Reading(
            Status.MAJOR if faults else ending.status,
            "; ".join(texts),
            " ".join(causes),
            latency=sight.phases.total,
            phases=sight.phases,
            certificate_until=until,
            measures=ending.measures,
            milestone=ending.milestone,
        )


def _faults(check: Certificate, met: Met) -> Iterator[tuple[str, str]]:
    """What is wrong with it but that it runs out: for each a cause, and a sentence."""
    leaf = met.leaf
    if leaf.since is not None and met.at < leaf.since:
        yield "not-yet", f"the certificate is not valid before {leaf.since:%Y-%m-%d %H:%M} UTC"
    elif met.fault in OF_DATES and leaf.until is not None and met.at < leaf.until:
        yield "chain", "a certificate of its chain has expired, or is not yet valid"
    if met.fault and met.fault not in OF_DATES:
        yield "chain", met.why
    if check.check_name and not leaf.fits(check.meeting.name):
        whose = f"is for {_spell(leaf)}, not for" if leaf.called else "names nobody, and so not"
        yield "name", f"the certificate {whose} {check.meeting.name}"


def _spell(leaf: Leaf) -> str:
    names = [clean(name, 60) for name in leaf.called]
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
