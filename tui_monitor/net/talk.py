"""The steps of a plain talk over TCP: connect, say something, listen until enough was heard."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tui_monitor.core.model import Phases
from tui_monitor.core.options import naming
from tui_monitor.core.secret import Secret
from tui_monitor.net.dial import open_line
from tui_monitor.net.flow import Flow, Steps
from tui_monitor.net.line import Line
from tui_monitor.net.request import Place, host_name, place_at
from tui_monitor.net.trust import Trust
from tui_monitor.net.words import of_tls

if TYPE_CHECKING:
    from tui_monitor.net.transport import Net

MAX_HEARD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call and what to say; `trust` for TLS, `enough` where something is expected in return."""

    place: Place
    trust: Trust | None = None
    name: str = ""
    say: bytes = field(default=b"", repr=False)
    enough: Callable[[bytes], bool] | None = None
    certificate: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in return, until it was enough or the other side was done."""

    said: bytes
    phases: Phases
    certificate_until: datetime | None = None
    is_enough: bool = True


def build_call(
    host: str,
    port: int,
    *,
    trust: Trust | None = None,
    name: str = "",
    say: str | Secret = "",
    enough: Callable[[bytes], bool] | None = None,
) -> Call:
    """A call from what a person wrote. ValueError says in one sentence what is wrong with it."""
    if not 0 < port < 65_536:
        raise ValueError(f"port must be a number from 1 to 65535, not {port}")
    with naming("server_name"):
        asked = host_name(name) if name else ""
    return Call(
        place_at("tcp", host, port),
        trust,
        asked,
        (say.reveal() if isinstance(say, Secret) else say).encode(),
        enough,
    )


def talk(net: Net, flow: Flow[Any], call: Call) -> Steps[Heard]:
    """One call."""
    started = perf_counter()
    line = yield from open_line(net, flow, call.place, call.trust, name=call.name, fresh=call.certificate)
    try:
        said, is_enough = yield from _speak(net, flow, line, call)
        net.learn(line)
    except ssl.SSLError as error:
        raise of_tls(error) from error
    finally:
        net.hang_up(line)
    total = perf_counter() - started - flow.waited
    phases = Phases(flow.dns, flow.connect, flow.tls, flow.first_byte, total)
    return Heard(said, phases, line.certificate_until, is_enough)


def _speak(net: Net, flow: Flow[Any], line: Line, call: Call) -> Steps[tuple[bytes, bool]]:
    """What is said until it is enough; whether it was."""
    begun = perf_counter()
    said = b""
    if call.say:
        line.write(call.say)
    while True:
        if line.unsent:
            line.flush()
        if not line.unsent and call.enough is None:
            return said, True
        flow.doing = "sending" if line.unsent else "waiting for what is expected"
        data = line.read() if call.enough is not None else None
        if data is None:
            net.watch.rearm(line.fd, writing=bool(line.unsent))
            yield
            continue
        if not said:
            flow.first_byte += perf_counter() - begun
        said += data
        if call.enough is not None and call.enough(said):
            return said, True
        if not data or len(said) > MAX_HEARD:
            return said, False
