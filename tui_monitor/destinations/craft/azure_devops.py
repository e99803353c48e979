"""A project of Azure DevOps: how it is asked, and what its answers mean.

Who is not let in gets a page to log in, with 203 or a redirect, as if all were well; so whatever is no JSON is a
failed login. The addresses are known to all, and errors name what is wrong in them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.options import basic
from tui_monitor.core.ports import Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft import posting
from tui_monitor.destinations.craft.posting import Answer, Post

if TYPE_CHECKING:
    import httpx

Patch = Sequence[Mapping[str, Any]]

NEWEST = 200
"""Comments that are looked through for one of ours; the most that it gives at once."""

_PATCH = "application/json-patch+json"
_LOGIN = (
    "does not let us log in: the token is wrong or has expired, is of another organization, or lacks the scope"
    " Work Items (read and write)"
)


@dataclass(frozen=True, slots=True)
class Project:
    """`url` is that of the server, `version` that of its API."""

    url: str
    organization: str
    name: str
    token: Secret
    version: str
    client: httpx.AsyncClient
    now: datetime

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def home(self) -> str:
        names = (quote(one.strip(), safe="") for one in (self.organization, self.name))
        return "/".join([self.url.rstrip("/"), *names])

    def receipt(self, item: Mapping[str, Any], note: str = "") -> Receipt:
        """The link is that for people, not that of the API."""
        number = str(item["id"])
        link = str(((item.get("_links") or {}).get("html") or {}).get("href", ""))
        known = link if link.startswith(("https://", "http://")) else f"{self.home}/_workitems/edit/{number}"
        return Receipt(number, known, note)

    async def create(self, kind: str, patch: Patch, *, trial: bool = False) -> dict[str, Any]:
        """A work item; as a trial it is weighed like any other, and not kept."""
        query = {"validateOnly": "true"} if trial else {}
        return await self._ask("POST", f"workitems/${quote(kind, safe='')}", patch, _PATCH, **query)

    async def change(self, number: str, patch: Patch) -> dict[str, Any]:
        return await self._ask("PATCH", f"workitems/{quote(number, safe='')}", patch, _PATCH)

    async def item(self, number: str) -> dict[str, Any]:
        return await self._ask("GET", f"workitems/{quote(number, safe='')}")

    async def kind(self, name: str) -> dict[str, Any]:
        """A type of work items: its fields and states."""
        return await self._ask("GET", f"workitemtypes/{quote(name, safe='')}")

    async def number_of(self, tags: Sequence[str]) -> str:
        """The oldest work item that has any of these tags; empty where there is none."""
        named = " OR ".join(f"[System.Tags] CONTAINS '{tag}'" for tag in tags)
        where = f"[System.TeamProject] = @project AND ({named})"
        query = f"SELECT [System.Id] FROM WorkItems WHERE {where} ORDER BY [System.Id]"  # noqa: S608 - of our own ids
        found = (await self._ask("POST", "wiql", {"query": query}, **{"$top": "1"})).get("workItems") or []
        return str(found[0]["id"]) if found else ""

    async def has_comment(self, number: str, mark: str) -> bool:
        path = f"workItems/{quote(number, safe='')}/comments"
        query = {"$top": str(NEWEST), "order": "desc"}
        found = (await self._ask("GET", path, stage="-preview", **query)).get("comments") or []
        return any(mark in str(one.get("text", "")) for one in found)

    async def _ask(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", stage: str = "", **query: str
    ) -> dict[str, Any]:
        given = urlencode({**query, "api-version": self.version + stage}, safe="$")
        word = basic("", self.token.reveal())
        headers = {"Authorization": word, "Accept": "application/json", "X-TFS-FedAuthRedirect": "Suppress"}
        post = Post(
            method,
            Secret(f"{self.home}/_apis/wit/{path}?{given}"),
            headers if body is None else {**headers, "Content-Type": kind},
            b"" if body is None else json.dumps(body).encode(),
            (self.token, Secret(word.removeprefix("Basic "))),
            known=True,
        )
        return read(post, await posting.exchange(post, self.client), self.now)


def read(post: Post, answer: Answer, now: datetime) -> dict[str, Any]:
    """The JSON of an answer; DeliveryError for all else."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if answer.status == 401 or (answer.status < 400 and not isinstance(found, dict)):
        raise DeliveryError(f"{post.host} {_LOGIN}", retry=False)
    if not 200 <= answer.status < 300:
        raise _refusal(post, answer, found if isinstance(found, dict) else {}, now)
    return found if isinstance(found, dict) else {}


def _refusal(post: Post, answer: Answer, found: dict[str, Any], now: datetime) -> DeliveryError:
    """Its own words, with every rule that was broken; of a page none. What somebody else just changed may pass."""
    rules = (found.get("customProperties") or {}).get("RuleValidationErrors") or []
    broken = [str(one.get("errorMessage", "")) for one in rules if isinstance(one, dict)]
    words = " ".join(filter(None, dict.fromkeys([str(found.get("message", "")), *broken])))
    mend = "" if words or answer.status != 404 else "is there an organization of this name?"
    error = posting.refusal(post, replace(answer, body=words.encode("utf-8", "replace")), now, mend)
    return DeliveryError(str(error), retry=True) if answer.status in (409, 412) else error
