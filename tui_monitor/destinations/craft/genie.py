"""A message as requests to Opsgenie, which takes a request first and says later what came of it.

It is asked a few times in a row, each of which takes its time on the way; what it does not know by then, the outbox
asks about. Every note ends with the key of its telling, so that one that was sent into silence is known again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item, Message, News
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.craft import posting
from tui_monitor.destinations.craft.alerting import Graded, grade, is_acknowledged, is_more, is_over, key_of
from tui_monitor.destinations.craft.document import facts_of, shorten
from tui_monitor.destinations.craft.posting import Post

if TYPE_CHECKING:
    from tui_monitor.core.ports import Outside

Priority = Literal["P1", "P2", "P3", "P4", "P5"]

_USUAL = {
    Status.MAJOR: "P1",
    Status.PARTIAL: "P2",
    Status.UNKNOWN: "P2",
    Status.DEGRADED: "P3",
    Status.MAINTENANCE: "P5",
    Status.OPERATIONAL: "P5",
}
_ASKED = 5
"""How often it is asked what came of a request."""
_LATER = 2.0
"""Seconds after which it will know."""

_RIGHTS = "give the key of an API integration that may read, create and update alerts, and look at the region"
_MENDS = {401: _RIGHTS, 403: _RIGHTS}
_DONE = ("does not exist", "not found", "already")
UNREAD = f"it was taken, but this key may not read what came of it: {_RIGHTS}"


@dataclass(frozen=True, slots=True)
class Step:
    """One request. One that is `lenient` may find that there is nothing left to do."""

    method: str
    path: str
    payload: Mapping[str, Any]
    lenient: bool = False


def steps_of(message: Message, usual: Mapping[str, Any], priorities: Mapping[Graded, Priority]) -> Iterator[Step]:
    """What is to be done, in order; `usual` is what every alert has. Only the last of them may not be done twice."""
    item, key = message.items[0], key_of(message)
    known = is_acknowledged(item)
    rank = {"priority": grade(item, _USUAL, priorities)}
    if is_over(message):
        yield Step("POST", _of(key, "close"), _word(message, item), lenient=True)
        return
    if message.news is News.OPENED:
        yield Step("POST", "/v2/alerts", {**_alert(message, item, usual), **rank, "alias": key})
    elif message.news is News.CHANGED and is_more(item):
        yield Step("PUT", _of(key, "priority"), rank, lenient=True)
    if known:
        yield Step("POST", _of(key, "acknowledge"), _word(message, item))
    elif message.news is not News.OPENED:
        yield Step("POST", _of(key, "notes"), _word(message, item))


def _of(key: str, what: str) -> str:
    return f"/v2/alerts/{quote(key, safe='')}{what and '/'}{what}?identifierType=alias"


def _alert(message: Message, item: Item, usual: Mapping[str, Any]) -> dict[str, Any]:
    service, facts = item.service, facts_of(message)
    tags = dict.fromkeys(shorten(tag, 50) for tag in (*usual.get("tags", ()), *service.tags) if tag.strip())
    lines = [shorten(item.text, 1000), "", *(f"{label}: {value}" for label, value in facts)]
    return {
        **usual,
        "message": shorten(item.text, 130),
        "description": "\n".join(lines),
        "tags": list(tags)[:20],
        "details": dict(facts),
        "entity": shorten(service.name, 200) or service.id,
        "source": "tui-monitor",
    }


def _word(message: Message, item: Item) -> dict[str, str]:
    by = {"user": shorten(item.incident.by, 100)} if is_acknowledged(item) and item.incident.by else {}
    return {"note": f"{shorten(item.text, 1000)}\n({message.key})", "source": "tui-monitor", **by}


@dataclass(frozen=True, slots=True)
class Desk:
    """Opsgenie as it is asked with one key."""

    base: str
    key: Secret
    outside: Outside

    async def do(self, step: Step) -> dict[str, Any]:
        """What came of a request, with the id of the alert; of one that may not be read, nothing."""
        post = self._post(step.method, step.path, step.payload)
        answer = await posting.ask(post, self.outside.http)
        if step.lenient and answer.status == 404:
            return {"status": "not found"}
        if not 200 <= answer.status < 300:
            raise self._refusal(post, answer)
        found = await self._settled(post, str(posting.said(post, answer).get("requestId", "")))
        status = str(found.get("status", ""))
        if found.get("isSuccess") is False and not (step.lenient and any(sign in status.lower() for sign in _DONE)):
            raise DeliveryError(f"{post.host} took it and did not do it: {post.harmless(status)}", retry=False)
        return found

    async def _settled(self, post: Post, request: str) -> dict[str, Any]:
        """What came of a request that was taken; from here on it is never sure that nothing did."""
        asked = self._post("GET", f"/v2/alerts/requests/{quote(request, safe='')}")
        for _ in range(_ASKED):
            answer = await posting.ask(asked, self.outside.http)
            if answer.status in _MENDS:
                return {}
            if answer.status == 200:
                return posting.said(asked, answer).get("data") or {}
            if answer.status != 404:
                error = self._refusal(asked, answer)
                raise DeliveryError(str(error), retry=error.retry, after=error.after, unsure=True)
        text = f"{post.host} took it, and will say in a moment what came of it"
        raise DeliveryError(text, retry=True, after=_LATER, unsure=True)

    async def read(self, path: str) -> Any:
        """The data at a path; None where there are none."""
        post = self._post("GET", path)
        answer = await posting.ask(post, self.outside.http)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise self._refusal(post, answer)
        return posting.said(post, answer).get("data") or {}

    async def find(self, message: Message) -> dict[str, Any] | None:
        """The alert, if just this has been said of it; one that is not there is as good as closed."""
        key = key_of(message)
        alert: dict[str, Any] | None = await self.read(_of(key, ""))
        if is_over(message):
            return alert or {} if alert is None or alert.get("status") == "closed" else None
        if alert is None and message.news is not News.OPENED:
            raise DeliveryError("Opsgenie has no alert of it any more: somebody has deleted it there", retry=False)
        if alert is None:
            return None
        if message.news is News.OPENED:
            return alert if alert.get("acknowledged") or not is_acknowledged(message.items[0]) else None
        notes: Sequence[Any] = await self.read(f"{_of(key, 'notes')}&limit=50&order=desc") or ()
        return alert if any(f"({message.key})" in str(one.get("note")) for one in notes) else None

    def _refusal(self, post: Post, answer: posting.Answer) -> DeliveryError:
        return posting.refusal(post, answer, self.outside.now, _MENDS.get(answer.status, ""))

    def _post(self, method: str, path: str, payload: Mapping[str, Any] | None = None) -> Post:
        headers = {"Authorization": f"GenieKey {self.key.reveal()}"}
        address, secrets = Secret(self.base + path), (self.key,)
        if payload is None:
            return Post(method, address, headers, secrets=secrets, known=True, reads=True)
        return posting.json_post(address, payload, headers, secrets, method)
