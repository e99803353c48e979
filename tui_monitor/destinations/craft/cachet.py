"""Cachet as one speaks to it: 2.x and 3.x by the same words, each told in the way that it understands.

Which of the two answers is found by asking, once for each call: nothing is remembered that an upgrade makes wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft import posting
from tui_monitor.destinations.craft.posting import Answer, Post

if TYPE_CHECKING:
    import httpx

Row = dict[str, Any]
Action = Literal["update_status", "create_incident", "push_metrics"]
ACTIONS: tuple[Action, ...] = ("update_status", "create_incident", "push_metrics")

STATES = {1: "operational", 6: "under maintenance", 2: "performance issues", 3: "partial outage", 4: "major outage"}
"""What a component's number means, from well to worst; 0 of 2.x and 5 of 3.x are unknown."""
BAD = frozenset({2, 3, 4})
_NUMBERS = {Status.OPERATIONAL: 1, Status.DEGRADED: 2, Status.PARTIAL: 3, Status.MAJOR: 4}
_RANKS = {number: rank for rank, number in enumerate(STATES)}
FIXED = 4

MOST_PAGES = 100
_PER_PAGE = 100
_TIMES = ("created", "updated")
_CLOSED = "subscribers?per_page=1"
_TOKEN = {
    False: "it does not take this token: give the API key of one of its users",
    True: "it does not take this token: give one that was made in its settings",
}
_RIGHTS = "its token lacks a right: incidents, incident updates, components and metric points must be its to manage"


@dataclass(frozen=True, slots=True)
class Published:
    """What the config says of a service for a Cachet. `actions` are all that make sense unless some are named."""

    component: int | None = None
    metric: int | None = None
    actions: tuple[Action, ...] | None = None
    public: bool = True
    latency_unit: Literal["ms", "s", "m", "h"] = "ms"

    def __post_init__(self) -> None:
        for option, number in (("component", self.component), ("metric", self.metric)):
            if number is not None and number < 1:
                raise ValueError(f"{option} must be a number that Cachet gave, from 1 on")
        needs = {"update_status": ("component", self.component), "push_metrics": ("metric", self.metric)}
        for action in self.actions or ():
            option, number = needs.get(action, ("", 0))
            if number is None:
                raise ValueError(f"actions: {action} needs {option}, the number of one at Cachet")

    def does(self, action: Action) -> bool:
        """Whether an action is wanted, and has what it needs."""
        if (action == "update_status" and self.component is None) or (
            action == "push_metrics" and self.metric is None
        ):
            return False
        return self.actions is None or action in self.actions


def check_url(url: str) -> None:
    """ValueError says what is wrong with the address of a Cachet."""
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        raise ValueError("url must be an address such as https://status.example.com")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("url must hold no user, query or fragment: only the address of the page")


# -- which one it is ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Api:
    """One Cachet, for as long as one call takes. Whatever it refuses is a DeliveryError."""

    root: str
    is_new: bool
    version: str
    token: Secret
    client: httpx.AsyncClient
    now: datetime

    @property
    def host(self) -> str:
        return urlsplit(self.root).hostname or ""

    @property
    def page(self) -> str:
        """Where people look at it."""
        return self.root.removesuffix("/v1").removesuffix("/api")

    def number_of(self, status: Status) -> int | None:
        """How a component with this status is shown; None where it is left as it is.

        2.x has no word for planned work; what is worked on may be slow or away, which is what 2 says.
        """
        return (6 if self.is_new else 2) if status is Status.MAINTENANCE else _NUMBERS.get(status)

    def worse(self, one: int, other: int) -> int:
        """Of two states of a component; any is worse than one that is unknown."""
        return max(one, other, key=lambda number: _RANKS.get(number, -1))

    async def get(self, path: str) -> Row | None:
        """One record; None where there is none."""
        post = self._post("GET", path)
        answer = await posting.ask(post, self.client)
        if answer.status == 404:
            return None
        found = self._taken(post, answer).get("data")
        return flat(found) if isinstance(found, dict) else None

    async def rows(self, path: str, most: int = MOST_PAGES, *, newest: bool = False, include: str = "") -> list[Row]:
        """A whole list, page by page, or the newest records of it. DeliveryError where there is none."""
        found: list[Row] = []
        for number in range(1, most + 1):
            post = self._post("GET", f"{path}?{self._paging(number, newest=newest, include=include)}")
            document = self._taken(post, await posting.ask(post, self.client))
            given = document.get("data")
            page = [flat(one, document) for one in given if isinstance(one, dict)] if isinstance(given, list) else []
            found += page
            if not page or not goes_on(document, number):
                break
        return found

    def _paging(self, number: int, *, newest: bool, include: str) -> str:
        query: dict[str, Any] = {"per_page": _PER_PAGE, **({"page": number} if number > 1 else {})}
        if newest:
            query |= {"sort": "-id"} if self.is_new else {"sort": "id", "order": "desc"}
        if include and self.is_new:
            query["include"] = include
        return urlencode(query)

    async def write(self, method: str, path: str, body: Mapping[str, Any]) -> Row:
        """What was made or changed."""
        post = self._post(method, path, body)
        found = self._taken(post, await posting.ask(post, self.client)).get("data")
        return flat(found) if isinstance(found, dict) else {}

    async def try_token(self) -> None:
        """DeliveryError where the token is not taken, which changes nothing.

        2.x looks up what a path names before it looks at the token, but shows subscribers to its users alone; 3.x has
        the token in sight first, so a component that cannot be is written to.
        """
        ways: tuple[str, str, Row | None] = ("PUT", "components/0", {}) if self.is_new else ("GET", _CLOSED, None)
        post = self._post(*ways)
        answer = await posting.ask(post, self.client)
        if answer.status not in (400, 404, 405, 422):
            self._taken(post, answer)

    async def set_component(self, number: int, state: int) -> None:
        """Subscribers hear of incidents; a component's own mail would only say the same again."""
        await self.write(
            "PUT", f"components/{number}", {"status": state, **({} if self.is_new else {"silent": True})}
        )

    def _post(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Post:
        return _post(method, f"{self.root}/{path}", self.token, body, is_new=self.is_new)

    def _taken(self, post: Post, answer: Answer) -> Row:
        """The JSON of a success; why there is none as one sentence."""
        if answer.status == 204:
            return {}
        if 200 <= answer.status < 300:
            return posting.said(post, answer)
        mend = {401: _TOKEN[self.is_new], 403: _RIGHTS}.get(answer.status) or post.harmless(_wrong(answer.body))
        raise Refusal(posting.refusal(post, answer, self.now, mend), answer.status)


class Refusal(DeliveryError):
    """What Cachet refused, with the status of its answer."""

    def __init__(self, error: DeliveryError, status: int) -> None:
        super().__init__(str(error), retry=error.retry, after=error.after)
        self.status = status


def _post(method: str, url: str, token: Secret, body: Mapping[str, Any] | None, *, is_new: bool) -> Post:
    key = token.reveal()
    name, value = ("Authorization", f"Bearer {key}") if is_new else ("X-Cachet-Token", key)
    headers = {"Accept": "application/json", **({name: value} if key else {})}
    if body is None:
        return Post(method, Secret(url), headers, secrets=(token,), known=True, reads=True)
    headers["Content-Type"] = "application/json"
    return Post(method, Secret(url), headers, json.dumps(body).encode(), (token,), known=True)


async def find_api(url: str, token: Secret, client: httpx.AsyncClient, now: datetime) -> Api:
    """The API of the Cachet at this address, however much of the API's own path the address has."""
    base = url.rstrip("/")
    base = base.removesuffix("/v1").removesuffix("/api")
    old, new = f"{base}/api/v1", f"{base}/api"
    asked = [(old, "version", False), (new, "status", True), (old, "ping", False)]
    if url.rstrip("/").endswith("/api"):
        asked.sort(key=lambda one: not one[2])
    for root, word, is_new in asked:
        post = _post("GET", f"{root}/{word}", token, None, is_new=is_new)
        answer = await posting.ask(post, client)
        if answer.status in (401, 403, 408, 425, 429) or answer.status >= 500:
            raise posting.refusal(post, answer, now, _TOKEN[is_new] if answer.status == 401 else "")
        version = _version(answer, is_new=is_new)
        if version:
            return Api(root, is_new, version, token, client, now)
    text = f"{post.host} has no API of Cachet: give the address of its page, and see that its API is switched on"
    raise DeliveryError(text, retry=True)


def _version(answer: Answer, *, is_new: bool) -> str:
    """What an answer shows the other side to be; nothing where it is no Cachet of this kind."""
    try:
        document = json.loads(answer.body) if answer.status == 200 else None
    except (ValueError, RecursionError):
        document = None
    data = document.get("data") if isinstance(document, dict) else None
    if is_new:
        return "3.x" if isinstance(data, dict) and isinstance(data.get("status"), str) else ""
    if not isinstance(data, str):
        return ""
    return clean(data, 40) if re.match(r"v?[12]\.", data) else "2.x" if data == "Pong!" else ""


def _wrong(body: bytes) -> str:
    """What is wrong with a request, in the words of either; else the beginning of the answer."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
    if not isinstance(document, dict):
        return body.decode("utf-8", "replace")
    errors = document.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        meta = errors[0].get("meta")
        details = meta.get("details") if isinstance(meta, dict) else None
        return " ".join(_texts(details)) or str(errors[0].get("detail") or errors[0].get("title") or "")
    if isinstance(errors, dict):
        return " ".join(text for some in errors.values() for text in _texts(some))
    return str(document.get("message") or "")


def _texts(value: Any) -> Iterable[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


# -- rows -----------------------------------------------------------------------------------------------------------


def flat(row: Row, document: Mapping[str, Any] | None = None) -> Row:
    """A record of 3.x as 2.x would spell it; its `group` is the name of the group that the document brings along."""
    attributes = row.get("attributes")
    if not isinstance(attributes, dict):
        return row
    found = {**attributes, "id": row.get("id")}
    for name in _TIMES:
        if isinstance(attributes.get(name), dict):
            found[f"{name}_at"] = attributes[name].get("string")
    if isinstance(attributes.get("status"), dict):
        found["status"] = attributes["status"].get("value")
    group = _inner(_inner(_inner(row, "relationships"), "group"), "data")
    for one in (document or {}).get("included") or ():
        if (
            isinstance(one, dict)
            and group
            and (one.get("type"), one.get("id")) == (group.get("type"), group.get("id"))
        ):
            found["group"] = _inner(one, "attributes").get("name")
    return found


def _inner(row: Mapping[str, Any], key: str) -> Row:
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def goes_on(document: Mapping[str, Any], number: int) -> bool:
    """Whether another page follows this one: 2.x counts its pages, 3.x says that there is a next."""
    pages = whole(_inner(_inner(document, "meta"), "pagination").get("total_pages"))
    return number < pages or bool(_inner(document, "links").get("next"))


def whole(value: Any, otherwise: int = 0) -> int:
    """A number, also one that is written as a text, as some databases make Cachet do."""
    text = str(value).removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else otherwise


def state_of(row: Mapping[str, Any]) -> int:
    """The state of a component."""
    return whole(row.get("status"))


def spell_state(number: int) -> str:
    return STATES.get(number, "unknown")


def segment(text: str) -> str:
    """A reference as a step of a path, whatever stands in it."""
    return quote(text, safe="").replace(".", "%2E")
