"""`websocket`: shake hands, say something if told to, wait for what is expected, and say goodbye."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from tui_monitor.checks.craft.expect import heard_test, weigh_talk
from tui_monitor.core.extras import need
from tui_monitor.core.model import Reading
from tui_monitor.core.options import Auth, CertificateFile, ClientCertificate, naming
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.net import Trust
from tui_monitor.net.protocols.websocket import Greeted, Hail, build_hail


@dataclass(frozen=True, slots=True)
class Websocket:
    vendor: ClassVar[bool] = False

    url: str = field(repr=False)
    headers: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    auth: Auth | None = None
    subprotocols: tuple[str, ...] = ()
    send: str | Secret = field(default="", repr=False)
    expect: str = ""
    matches: str = ""
    verify_tls: bool = True
    ca: CertificateFile = ""
    client_certificate: ClientCertificate | None = None
    hail: Hail = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        need("websockets", "websocket", "the websocket check")
        mine = self.client_certificate or ClientCertificate("")
        with naming("matches"):
            enough = heard_test(self.expect, self.matches)
        hail = build_hail(
            self.url,
            headers=self.headers,
            authorization=self.auth.header if self.auth is not None else "",
            subprotocols=self.subprotocols,
            trust=Trust(self.verify_tls, self.ca, mine.cert, mine.key),
            say=self.send,
            enough=enough,
        )
        object.__setattr__(self, "hail", hail)

    async def look(self, outside: Outside) -> Greeted:
        greeted: Greeted = await outside.net.converse(self.hail, outside.timeout)
        return greeted

    def judge(self, sight: Greeted) -> Reading:
        phases, until = sight.heard.phases, sight.heard.certificate_until
        text, cause = f"the handshake was refused ({sight.title})", f"status:{sight.status}"
        if sight.status == 101:
            if sight.subprotocol or not self.subprotocols:
                return weigh_talk(self.expect or self.matches, sight.heard)
            text, cause = "it speaks none of the subprotocols that were offered", "subprotocol"
        return Reading(Status.MAJOR, text, cause, latency=phases.total, phases=phases, certificate_until=until)
