"""A server on the loopback that is a login, Azure's API and Graph at once, and takes nothing that they would not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.net.small import head_of, response, serving
from tui_monitor.checks.azure_health import AzureHealth
from tui_monitor.checks.microsoft365 import Microsoft365
from tui_monitor.core.secret import Secret

TENANT, CLIENT, SECRET = "meadow.example", "c1ie-nt", "o~so/secret+&=1"
ARM, GRAPH = "https://management.azure.com/.default", "https://graph.microsoft.com/.default"
NUMBERS = " Trace ID: 7d-{0} Correlation ID: 8e-{0} Timestamp: 2026-09-01 12:00:{0:02}Z"

Said = bytes | Callable[[], bytes]


def spelt(data: Any, status: int = 200, *headers: str) -> bytes:
    return response(json.dumps(data).encode(), f"{status} {HTTPStatus(status).phrase}", *headers)


def refusal(status: int, code: str, text: str, *headers: str) -> bytes:
    return spelt({"error": {"code": code, "message": text}}, status, *headers)


@dataclass
class Cloud:
    """`pages` are what the APIs have, by path and query without the version; `logins` what was bought, in order."""

    url: str = ""
    pages: dict[str, Said] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)
    refused: int = 0
    asked: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    granted: dict[str, Any] = field(default_factory=lambda: {"token_type": "Bearer", "expires_in": 3599})
    login: bytes | None = None

    def expire(self) -> None:
        """No key that was ever bought is good any more."""
        self.keys.clear()

    def answer(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        if target.endswith("/oauth2/v2.0/token"):
            return self._grant(method, target, headers, body.decode())
        return self._show(method, target, headers)

    def _grant(self, method: str, target: str, headers: dict[str, str], body: str) -> bytes:
        if self.login is not None:
            self.refused += 1
            return self.login
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        for wrong in self._faults(method, target, headers, form):
            self.refused += 1
            text = wrong + NUMBERS.format(self.refused)
            return spelt({"error": "invalid_client", "error_description": text, "error_codes": [1]}, 401)
        self.logins.append(form["scope"])
        key = f"key-{len(self.logins)}.{'x' * 20}"
        self.keys[key] = form["scope"]
        return spelt({**self.granted, "access_token": key})

    def _faults(self, method: str, target: str, headers: dict[str, str], form: dict[str, str]) -> Iterator[str]:
        if method != "POST" or headers.get("content-type") != "application/x-www-form-urlencoded":
            yield "AADSTS900144: The request body must be a form."
        if unquote(target.split("/")[1]) != TENANT:
            yield f"AADSTS90002: Tenant '{unquote(target.split('/')[1])}' not found."
        if form.get("grant_type") != "client_credentials":
            yield "AADSTS70003: The app requested an unsupported grant type."
        if form.get("client_id") != CLIENT:
            yield "AADSTS700016: Application was not found in the directory."
        if form.get("client_secret") != SECRET:
            yield f"AADSTS7000215: Invalid client secret provided: {form.get('client_secret')}"
        if form.get("scope") not in (ARM, GRAPH):
            yield "AADSTS70011: The provided value for the input parameter 'scope' is not valid."

    def _show(self, method: str, target: str, headers: dict[str, str]) -> bytes:
        self.asked.append(target)
        is_graph = target.startswith("/v1.0/")
        key = headers.get("authorization", "").removeprefix("Bearer ")
        if self.keys.get(key) != (GRAPH if is_graph else ARM):
            return refusal(401, "InvalidAuthenticationToken", f"The access token {key} is invalid.")
        parts = urlsplit(target)
        if method != "GET" or (not is_graph and not parse_qs(parts.query).get("api-version")):
            return refusal(400, "MissingApiVersionParameter", "The api-version query parameter is required.")
        query = "&".join(one for one in unquote(parts.query).split("&") if not one.startswith("api-version="))
        page = self.pages.get(f"{parts.path}?{query}" if query else parts.path)
        if page is None:
            return refusal(404, "SubscriptionNotFound", f"There is nothing at {parts.path}.")
        return page if isinstance(page, bytes) else page()

    def azure(self, **options: Any) -> AzureHealth:
        return AzureHealth(**self._options(options))

    def office(self, **options: Any) -> Microsoft365:
        return Microsoft365(**self._options(options))

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        known = {"tenant": TENANT, "client_id": CLIENT, "client_secret": Secret(SECRET)}
        return {**known, "url": self.url, "login": self.url, **options}


@asynccontextmanager
async def clouding() -> AsyncIterator[Cloud]:
    cloud = Cloud()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(cloud.answer(await head_of(reader)))
        await writer.drain()

    async with serving(handle) as served:
        cloud.url = served.url.rstrip("/")
        yield cloud


EVENTS = "/subscriptions/{}/providers/Microsoft.ResourceHealth/events"
ISSUES = "/v1.0/admin/serviceAnnouncement/issues?$filter=isResolved eq false"


def event(ref: str, **parts: Any) -> dict[str, Any]:
    """An event of Azure as it is usually written."""
    known = {
        "eventType": "ServiceIssue",
        "status": "Active",
        "title": f"Trouble {ref}",
        "description": "<p>We are <b>looking</b> into it.</p>",
        "level": "Warning",
        "eventLevel": "Error",
        "impactStartTime": "2026-09-01T10:00:00Z",
        "impactMitigationTime": "0001-01-01T00:00:00Z",
        "lastUpdateTime": "2026-09-01T11:00:00Z",
        "impact": [],
    }
    return {"id": f"/subscriptions/s/events/{ref}", "name": ref, "properties": {**known, **parts}}


def touching(service: str, *regions: str, status: str = "Active") -> dict[str, Any]:
    named = [{"impactedRegion": one, "status": status} for one in regions]
    return {"impactedService": service, "impactedRegions": named}


def issue(ref: str, **parts: Any) -> dict[str, Any]:
    """An issue of Microsoft 365 as it is usually written."""
    return {
        "id": ref,
        "title": f"Trouble {ref}",
        "classification": "incident",
        "status": "serviceDegradation",
        "service": "Exchange Online",
        "isResolved": False,
        "startDateTime": "2026-09-01T10:00:00Z",
        "lastModifiedDateTime": "2026-09-01T11:00:00Z",
        "endDateTime": None,
        "posts": [],
        **parts,
    }
