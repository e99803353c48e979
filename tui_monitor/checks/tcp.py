"""`tcp`: connect, say something if told to, and wait for what is expected (a text) or matches (a pattern)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from tui_monitor.checks.craft.expect import heard_test, weigh_talk
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile, naming
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.net import Call, Heard, Trust, build_call


@dataclass(frozen=True, slots=True)
class Tcp:
    vendor: ClassVar[bool] = False

    host: str
    port: int
    tls: bool = False
    verify_tls: bool = True
    ca: CertificateFile = ""
    server_name: str = ""
    send: str | Secret = field(default="", repr=False)
    expect: str = ""
    matches: str = ""
    call: Call = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.tls and (self.server_name or self.ca):
            raise ValueError("ca and server_name are for tls: true")
        trust = Trust(self.verify_tls, self.ca) if self.tls else None
        with naming("matches"):
            enough = heard_test(self.expect, self.matches)
        call = build_call(self.host, self.port, trust=trust, name=self.server_name, say=self.send, enough=enough)
        object.__setattr__(self, "call", call)

    async def look(self, outside: Outside) -> Heard:
        heard: Heard = await outside.net.talk(self.call, outside.timeout)
        return heard

    def judge(self, sight: Heard) -> Reading:
        return weigh_talk(self.expect or self.matches, sight)
