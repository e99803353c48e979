"""`domain`: until when a name is registered, and whether its registration is in good order, as its registry says."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from tui_monitor.checks.expiry import DAYS, check_days, weigh_expiry
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile
from tui_monitor.core.ports import Outside
from tui_monitor.core.status import Status
from tui_monitor.net import Answer, Trust
from tui_monitor.net.registry import IANA, Errand, Registered, build_registered, read_rdap

_STATES = {
    "redemptionperiod": (Status.MAJOR, "was deleted, and can only be restored for a while (redemption period)"),
    "pendingrestore": (Status.MAJOR, "was deleted, and is being restored (pending restore)"),
    "pendingdelete": (Status.MAJOR, "is about to be deleted (pending delete)"),
    "serverhold": (Status.MAJOR, "was taken out of the DNS by its registry (server hold)"),
    "clienthold": (Status.MAJOR, "was taken out of the DNS by its registrar (client hold)"),
    "inactive": (Status.PARTIAL, "has no name servers (inactive)"),
}
"""What can be wrong with a registration, the worst first; all other states are in order."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a registry says of a name; `memo` is how its registry was found."""

    at: datetime
    is_there: bool = True
    until: datetime | None = None
    states: tuple[str, ...] = ()
    memo: str = ""


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
        name = self.asked.name
        if not sight.is_there:
            text = f"nobody has registered {name}"
            return Reading(Status.MAJOR, text, "unregistered", milestone=True, memo=sight.memo)
        reading = Reading(Status.UNKNOWN, f"its registry does not say until when {name} is registered", "unreadable")
        if sight.until is not None:
            what, identity = f"the registration of {name}", f"{sight.until:%Y-%m-%d}"
            reading = weigh_expiry(what, sight.until, sight.at, self.days, identity)
        wrong = {state: said for state, said in _STATES.items() if state in sight.states}
        worst = next((status for status, _ in wrong.values()), Status.OPERATIONAL)
        if wrong and worst.rank >= reading.status.rank:
            until = f"; {reading.message}" if sight.until is not None else ""
            text = f"{name} {' and '.join(text for _, text in wrong.values())}{until}"
            cause = f"states:{','.join(wrong)}"
            reading = replace(reading, status=worst, message=text, cause=cause, milestone=True)
        return replace(reading, memo=sight.memo)


def registration_of(name: str, answer: Answer, at: datetime) -> Registration:
    """What an answer of a registry says of a name. Raises Unreadable."""
    registry = f"the registry ({answer.host})"
    if answer.status not in (200, 404):
        why = ": it wants to be asked less often" if answer.status == 429 else ""
        raise Unreadable(f"{registry} answered {answer.status}{why}")
    if answer.status == 404 and not answer.body.strip():
        return Registration(at, is_there=False)
    said = read_rdap(answer, f"the answer of {registry}")
    if answer.status == 404:
        return Registration(at, is_there=False)
    if not said.keys() & {"events", "status", "ldhName"} or said.get("objectClassName", "domain") != "domain":
        raise Unreadable(f"the answer of {registry} is about no domain")
    if str(said.get("ldhName", name)).lower().removesuffix(".") != name:
        raise Unreadable(f"the answer of {registry} is about another name")
    ends = [moment for event in _listed(said, "events") if (moment := _end(event)) is not None]
    states = {re.sub("[^a-z]", "", one.lower()) for one in _listed(said, "status") if isinstance(one, str)}
    return Registration(at, until=min(ends, default=None), states=tuple(sorted(states & _STATES.keys())))


def _listed(said: dict[str, Any], key: str) -> list[Any]:
    found = said.get(key)
    return found if isinstance(found, list) else []


def _end(event: Any) -> datetime | None:
    """When the registration ends, where an event says that."""
    if not isinstance(event, dict) or event.get("eventAction") != "expiration":
        return None
    with suppress(ValueError, TypeError, OverflowError):
        moment = datetime.fromisoformat(event["eventDate"])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None
