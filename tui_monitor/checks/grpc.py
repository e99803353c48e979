"""`grpc`: ask a gRPC server how it is, or how one of its services is, by the standard health protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from tui_monitor.core.extras import need
from tui_monitor.core.model import Reading
from tui_monitor.core.options import CertificateFile, ClientCertificate
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean
from tui_monitor.net import Trust
from tui_monitor.net.protocols.grpc import Health, HealthCall, build_health_call

NOT_FOUND, UNIMPLEMENTED = 5, 12
SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Grpc:
    vendor: ClassVar[bool] = False

    host: str
    port: int
    service: str = ""
    tls: bool = False
    verify_tls: bool = True
    ca: CertificateFile = ""
    server_name: str = ""
    client_certificate: ClientCertificate | None = None
    metadata: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    call: HealthCall = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        need("h2", "grpc", "the grpc check")
        if not self.tls and (self.ca or self.client_certificate):
            raise ValueError("ca and client_certificate are for tls: true")
        mine = self.client_certificate or ClientCertificate("")
        trust = Trust(self.verify_tls, self.ca, mine.cert, mine.key, speaks="h2") if self.tls else None
        call = build_health_call(
            self.host, self.port, self.service, trust=trust, name=self.server_name, metadata=self.metadata
        )
        object.__setattr__(self, "call", call)

    async def look(self, outside: Outside) -> Health:
        health: Health = await outside.net.converse(self.call, outside.timeout)
        return health

    def judge(self, sight: Health) -> Reading:
        status, text, cause = self._weigh(sight)
        until, phases = sight.certificate_until, sight.phases
        return Reading(status, text, cause, latency=phases.total, phases=phases, certificate_until=until)

    def _weigh(self, health: Health) -> tuple[Status, str, str]:
        if health.http != 200:
            return Status.MAJOR, f"it answered {health.http}, and not in gRPC", f"status:{health.http}"
        if health.code == NOT_FOUND or health.serving == SERVICE_UNKNOWN:
            return Status.MAJOR, f"it does not know the service {clean(self.service, 60)!r}", "service-unknown"
        if health.code:
            if health.code == UNIMPLEMENTED:  # it speaks gRPC, and nobody can say whether it is well
                return Status.UNKNOWN, f"it does not offer the health protocol ({health.words})", "unimplemented"
            return Status.MAJOR, f"the call failed with {health.words}", f"grpc:{health.code}"
        if health.serving == SERVING:
            return Status.OPERATIONAL, "serving", ""
        if health.serving == NOT_SERVING:
            return Status.MAJOR, "not serving", "not-serving"
        return Status.UNKNOWN, "it says that it does not know how it is", "unknown"
