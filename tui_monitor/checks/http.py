"""`http`: ask an URL and hold the answer against what is expected. The request is built once, with the config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from tui_monitor.checks.craft.expect import Expect, weigh
from tui_monitor.core.model import Reading
from tui_monitor.core.options import Auth, CertificateFile, ClientCertificate
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.net import MAX_BODY, Answer, Request, Trust, build_request


@dataclass(frozen=True, slots=True)
class Http:
    vendor: ClassVar[bool] = False

    url: str = field(repr=False)
    method: str = "GET"
    headers: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    body: str | Secret = field(default="", repr=False)
    auth: Auth | None = None
    redirects: int | Literal["none", "error"] = 5
    verify_tls: bool = True
    ca: CertificateFile = ""
    client_certificate: ClientCertificate | None = None
    max_body: int = MAX_BODY
    reuse: bool = False
    expect: tuple[Expect, ...] = ()
    request: Request = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        mine = self.client_certificate or ClientCertificate("")
        request = build_request(
            self.method,
            self.url,
            headers=self.headers,
            body=self.body,
            authorization=self.auth.header if self.auth is not None else "",
            trust=Trust(self.verify_tls, self.ca, mine.cert, mine.key),
            redirects=self.redirects,
            max_body=self.max_body,
            reuse=self.reuse,
            certificate=any(one.certificate_days is not None for one in self.expect),
        )
        object.__setattr__(self, "request", request)

    async def look(self, outside: Outside) -> Answer:
        answer: Answer = await outside.net.fetch(self.request, outside.timeout)
        return answer

    def judge(self, sight: Answer) -> Reading:
        return weigh(self.expect, sight)
