"""A tenant of Qlik Cloud as it is asked with one key: its banner, and what its user may do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import posting
from tui_monitor.destinations.craft.filling import check_address
from tui_monitor.destinations.craft.posting import Answer, Post

if TYPE_CHECKING:
    import httpx

ADMIN = "TenantAdmin"
_WHO = "the token is wrong, expired or of another tenant: give an API key of a user of this one"
_RIGHTS = f"the user of the token may not do this: give that user the role {ADMIN}"
_MENDS = {401: _WHO, 403: _RIGHTS}
_UNPROVED = f"whether its user is a {ADMIN}, who may write it, is seen only when one is shown"


def check_tenant(url: str) -> None:
    """ValueError says what is wrong with the address of a tenant."""
    check_address(url)
    parts = urlsplit(url)
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("give the address of the tenant alone, like https://example.eu.qlikcloud.com")


@dataclass(frozen=True, slots=True)
class Tenant:
    """Reads tell nothing to anybody; `put` does."""

    url: str
    token: Secret
    client: httpx.AsyncClient
    now: datetime

    @property
    def host(self) -> str:
        return self._post("GET", "").host

    async def banner(self) -> dict[str, Any]:
        """The banner, shown or not; empty where the tenant never had one."""
        return await self._read("/api/v1/banners") or {}

    async def put(self, banner: Mapping[str, Any]) -> dict[str, Any]:
        """The banner in its place, in the words that it was taken in."""
        post = self._post("POST", "/api/v1/banners/actions/upsert", banner)
        answer = await posting.ask(post, self.client)
        if answer.status not in (200, 201):
            raise self._refusal(post, answer)
        return {**banner, **posting.said(post, answer)}

    async def prove(self) -> str:
        """That the token reads the banner, and that the roles of its user let it write one."""
        await self.banner()
        user = await self._read("/api/v1/users/me?fields=assignedRoles,assignedGroups", closed=(403,)) or {}
        if not isinstance(user.get("assignedRoles"), list):
            return f"{self.host} takes the token, which may read the banner; {_UNPROVED}"
        holders = [user, *_listed(user.get("assignedGroups"))]
        roles = {role.get("name") for one in holders for role in _listed(one.get("assignedRoles"))}
        if ADMIN not in roles:
            mend = f"give that user the role {ADMIN}"
            raise DeliveryError(f"{self.host} lets the user of the token write no banner: {mend}", retry=False)
        return f"{self.host} takes the token, whose user is a {ADMIN} and may write the banner"

    async def _read(self, path: str, closed: tuple[int, ...] = ()) -> dict[str, Any] | None:
        """The object at a path; None where there is none, or it is closed to us."""
        post = self._post("GET", path)
        answer = await posting.ask(post, self.client)
        if answer.status != 404 and answer.status not in (200, *closed):
            raise self._refusal(post, answer)
        found = posting.said(post, answer)  # what is no tenant says so in another way than this
        return found if answer.status == 200 else None

    def _refusal(self, post: Post, answer: Answer) -> DeliveryError:
        body = _words(answer.body) or answer.body
        return posting.refusal(post, replace(answer, body=body), self.now, _MENDS.get(answer.status, ""))

    def _post(self, method: str, path: str, payload: Mapping[str, Any] | None = None) -> Post:
        headers = {"Authorization": f"Bearer {self.token.reveal()}", "Accept": "application/json"}
        kind = {"Content-Type": "application/json"} if payload is not None else {}
        body = json.dumps(payload).encode() if payload is not None else b""
        address = Secret(self.url.rstrip("/") + path)
        return Post(method, address, {**headers, **kind}, body, (self.token,), known=True, reads=payload is None)


def _words(body: bytes) -> bytes:
    """What its errors say, which are a list."""
    try:
        errors = _listed(json.loads(body)["errors"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return b""
    said = (f"{one.get('title') or ''}: {one.get('detail') or ''}".strip(": ") for one in errors)
    return "; ".join(dict.fromkeys(filter(None, said))).encode("utf-8", "replace")


def _listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
