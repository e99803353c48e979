"""`freshness`: how old what a service serves is, by a time in it, or by when we last saw it change; or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from tui_monitor.checks.craft.age import Bounds, Subject, weigh_age
from tui_monitor.core.model import Reading
from tui_monitor.core.options import Auth, CertificateFile, ClientCertificate, Duration, WatchedFile, naming
from tui_monitor.core.ports import Outside
from tui_monitor.core.secret import Secret
from tui_monitor.core.stamp import check_format, zone_named
from tui_monitor.core.status import Status
from tui_monitor.net import MAX_BODY, Answer, Request, Trust, build_request


@dataclass(frozen=True, slots=True)
class Sight:
    """What came, an answer or when a file was written; when it came; and what was remembered."""

    came: Answer | datetime
    now: datetime
    memo: str


@dataclass(frozen=True, slots=True)
class Freshness:
    vendor: ClassVar[bool] = False
    remembers: ClassVar[bool] = True

    stale_after: Duration
    url: str = field(default="", repr=False)
    path: WatchedFile = ""
    json: str = ""
    header: str = ""
    changes: bool = False
    warn_after: Duration | None = None
    otherwise: Literal["degraded", "partial", "major"] = "major"
    tolerance: Duration = 60.0
    timezone: str = "UTC"
    format: str = ""
    method: str = "GET"
    headers: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    body: str | Secret = field(default="", repr=False)
    auth: Auth | None = None
    redirects: int | Literal["none", "error"] = 5
    verify_tls: bool = True
    ca: CertificateFile = ""
    client_certificate: ClientCertificate | None = None
    max_body: int = MAX_BODY
    request: Request | None = field(init=False, repr=False, compare=False)
    subject: Subject = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_choice(self)
        with naming("timezone"):
            zone = zone_named(self.timezone)
        bounds = Bounds(self.stale_after, self.warn_after, Status(self.otherwise), self.tolerance)
        subject = Subject(bounds, self.json, self.header, self.changes, zone, self.format)
        object.__setattr__(self, "subject", subject)
        object.__setattr__(self, "request", request_of(self) if self.url else None)

    async def look(self, outside: Outside) -> Sight:
        if self.request is None:
            return Sight(await outside.net.written_at(self.path, outside.timeout), outside.now, "")
        return Sight(await outside.net.fetch(self.request, outside.timeout), outside.now, outside.memo)

    def judge(self, sight: Sight) -> Reading:
        if isinstance(sight.came, datetime):
            return weigh_age("written {} ago", sight.came, sight.now, self.subject.bounds)
        return self.subject.weigh(sight.came, sight.now, sight.memo)


def request_of(asked: Freshness) -> Request:
    mine = asked.client_certificate or ClientCertificate("")
    return build_request(
        asked.method,
        asked.url,
        headers=asked.headers,
        body=asked.body,
        authorization=asked.auth.header if asked.auth is not None else "",
        trust=Trust(asked.verify_tls, asked.ca, mine.cert, mine.key),
        redirects=asked.redirects,
        max_body=asked.max_body,
    )


def check_choice(asked: Freshness) -> None:
    """ValueError where the options do not say what is to be looked at, or say it twice."""
    if bool(asked.url) == bool(asked.path):
        raise ValueError("freshness has exactly one of url and path")
    if asked.path and (asked.json or asked.header or asked.changes):
        raise ValueError("path goes by when the file was written: json, header and changes are for an url")
    if asked.json and asked.header:
        raise ValueError("json and header are two places to look: give one of them")
    if asked.url and not (asked.json or asked.header or asked.changes):
        raise ValueError("url alone does not say what to look at: give json or header, or changes: true")
    if asked.format:
        with naming("format"):
            check_format(asked.format)
