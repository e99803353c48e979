"""`docker`: ask an engine of containers, Docker's or Podman's, how a container is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from tui_monitor.checks.craft.container import weigh_container
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile, ClientCertificate
from tui_monitor.core.ports import Outside
from tui_monitor.core.text import clean
from tui_monitor.net import Answer, Request, Trust, build_request

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Docker:
    vendor: ClassVar[bool] = False

    container: str
    socket: str = "/var/run/docker.sock"
    url: str = ""
    health: bool = False
    verify_tls: bool = True
    ca: CertificateFile = ""
    client_certificate: ClientCertificate | None = None
    request: Request = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.container):
            raise ValueError(f"container: {clean(self.container, 60)!r} is not the name or id of a container")
        if not self.url and (self.ca or self.client_certificate is not None):
            raise ValueError("ca and client_certificate are for an engine at a url")
        if not (self.url or self.socket):
            raise ValueError("socket: give the path of a socket, or a url")
        if any(sign in self.url for sign in "?#"):
            raise ValueError("url: write it without a query, like https://docker.example.com:2376")
        mine = self.client_certificate or ClientCertificate("")
        request = build_request(
            "GET",
            f"{self.url.rstrip('/') or 'http://localhost'}/containers/{self.container}/json",
            trust=Trust(self.verify_tls, self.ca, mine.cert, mine.key),
            max_body=_MOST,
            socket="" if self.url else self.socket,
        )
        object.__setattr__(self, "request", request)

    async def look(self, outside: Outside) -> Answer:
        answer: Answer = await outside.net.fetch(self.request, outside.timeout)
        return answer

    def judge(self, sight: Answer) -> Reading:
        return weigh_container(sight, health=self.health)
