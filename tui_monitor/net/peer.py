"""Who is at the other end: a handshake that asks whether to trust the certificate, and shows it in any case.

Where it is not trusted, a second handshake that trusts blindly shows what it says, for the first one does not.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tui_monitor.core.errors import TuiMonitorError, Unreachable
from tui_monitor.core.model import Phases
from tui_monitor.net.dial import open_line
from tui_monitor.net.flow import Expired, Flow, Steps
from tui_monitor.net.leaf import Leaf, read_leaf
from tui_monitor.net.protocols.starttls import Talk, ask_for_tls, port_of
from tui_monitor.net.request import Place
from tui_monitor.net.talk import build_call
from tui_monitor.net.trust import Trust
from tui_monitor.net.words import of_certificate, of_tls

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

OF_DATES = frozenset({9, 10})
"""The faults that are one of dates: not yet valid, and no longer."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Whom to meet, under which name, in what trust, and how it is asked for TLS; empty where it begins with it."""

    place: Place
    trust: Trust
    name: str
    starttls: str = ""


@dataclass(frozen=True, slots=True)
class Met:
    """The certificate that was shown, and why it is not trusted; `fault` is the code of OpenSSL, 0 for none."""

    leaf: Leaf
    phases: Phases
    at: datetime
    fault: int = 0
    why: str = ""


def build_meeting(host: str, port: int | None, trust: Trust, *, name: str = "", starttls: str = "") -> Meeting:
    """A meeting from what a person wrote. ValueError says in one sentence what is wrong with it."""
    call = build_call(host, port_of(starttls) if port is None else port, name=name)
    return Meeting(call.place, replace(trust, names=False), call.name or call.place.host, starttls)


def meet(net: Net, flow: Flow[Met], meeting: Meeting) -> Steps[Met]:
    """One meeting, or two."""
    started = perf_counter()
    fault, why = 0, ""
    try:
        leaf = yield from _meet_once(net, flow, meeting, meeting.trust)
    except ssl.SSLCertVerificationError as error:
        fault, why = error.verify_code, of_certificate(error)
        leaf = yield from _meet_blindly(net, flow, meeting, why)
    total = perf_counter() - started - flow.waited
    phases = Phases(flow.dns, flow.connect, flow.tls, flow.first_byte, total)
    return Met(leaf, phases, datetime.now(UTC), fault, why)


def _meet_blindly(net: Net, flow: Flow[Any], meeting: Meeting, why: str) -> Steps[Leaf]:
    """What cannot be shown now does not make the fault another."""
    trust = replace(meeting.trust, verify=False, ca="")
    try:
        return (yield from _meet_once(net, flow, meeting, trust))
    except (TuiMonitorError, OSError, Expired) as error:
        raise Unreachable("certificate", why) from error


def _meet_once(net: Net, flow: Flow[Any], meeting: Meeting, trust: Trust) -> Steps[Leaf]:
    line = yield from open_line(net, flow, meeting.place, None)
    try:
        if meeting.starttls:
            yield from ask_for_tls(meeting.starttls, Talk(net, flow, line, meeting.name))
        begun = perf_counter()
        flow.doing = "in the TLS handshake"
        secure = net.secure(line.sock, meeting.place, trust, meeting.name, fresh=True)
        while not secure.shake_hands():
            net.watch.rearm(secure.fd, writing=bool(secure.unsent))
            yield
        flow.tls += perf_counter() - begun
        leaf = read_leaf(secure.tls.getpeercert(binary_form=True) or b"")
        secure.take_leave()
        return leaf
    except ssl.SSLCertVerificationError:
        raise
    except ssl.SSLError as error:
        raise of_tls(error) from error
    finally:
        net.hang_up(line)
