"""What every destination that speaks HTTP does alike: one request, and what its answer means.

No retry and no clock: the outbox has both. Here a refusal becomes a DeliveryError that says whether trying again can
help. The address is a secret (whoever knows a webhook's URL can post to it), so an error names the host at most.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, unquote, urljoin, urlsplit

from tui_monitor.core.errors import DeliveryError, Unreachable, Unreadable
from tui_monitor.core.secret import Secret, redact
from tui_monitor.core.stamp import retry_after
from tui_monitor.core.text import clean

if TYPE_CHECKING:
    import httpx

HOPS = 5
_PORTS = {"http": 80, "https": 443}
_BEFORE = ("dns", "refused", "network", "proxy", "tls", "certificate")
"""Why a place was not reached before anything was said to it; after all else, it may have what was sent."""


@dataclass(frozen=True, slots=True)
class Post:
    """One request. `secrets` never appear in an error, not even where the answer repeats them.

    Nor does any part of its address, unless that is `known` to all, as that of an API is. One that `reads` does
    nothing there, and wants all of its answer.
    """

    method: str
    url: Secret
    headers: Mapping[str, str]
    body: bytes = b""
    secrets: tuple[Secret, ...] = ()
    known: bool = False
    reads: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.url.reveal()).hostname or "the webhook"

    def harmless(self, text: str, limit: int = 200) -> str:
        """What the other side said, fit for a log: without our secrets, control characters or a second line."""
        hidden = () if self.known else secrets_of(self.url)
        return clean(redact(text, (*self.secrets, *hidden)), limit)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; of the body no more than a beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def send(
    post: Post, client: httpx.AsyncClient, now: datetime, mends: Mapping[int, str] = MappingProxyType({})
) -> Answer:
    """The answer of a 2xx; DeliveryError for everything else. `mends` says by status what is to be put right."""
    answer = await ask(post, client)
    if not 200 <= answer.status < 300:
        raise refusal(post, answer, now, mends.get(answer.status, ""))
    return answer


async def ask(post: Post, client: httpx.AsyncClient) -> Answer:
    """The answer, whatever its status. Redirects are followed on the same host only."""
    for _ in range(HOPS):
        answer = await exchange(post, client)
        if not 300 <= answer.status < 400:
            return answer
        post = _follow(post, answer)
    raise DeliveryError(f"{post.host} redirects in a circle", retry=False)


async def reach(post: Post, client: httpx.AsyncClient) -> int:
    """The status with which the place answers, whatever it is; DeliveryError where it does not answer at all."""
    return (await exchange(post, client)).status


async def prove_origin(
    url: Secret,
    client: httpx.AsyncClient,
    secrets: tuple[Secret, ...] = (),
    *,
    verify_tls: bool = True,
    unproved: str = "whether it takes messages is seen only when one is posted",
) -> str:
    """Only the address and its certificate: an OPTIONS without path, secrets or body reaches no hook."""
    parts = urlsplit(url.reveal())
    origin = Secret(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/")
    post = Post("OPTIONS", origin, {}, secrets=secrets)
    await reach(post, client)
    trusted = "with a trusted certificate" if verify_tls else "with a certificate that was not verified"
    how = trusted if parts.scheme == "https" else "over plain HTTP"
    return f"{post.host} answers {how}; {unproved}"


def said(post: Post, answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; anything else, such as a page to log in, is a DeliveryError."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    is_page = answer.body.lstrip()[:1] == b"<"
    what = "with a page for people, such as to log in" if is_page else "with something else than a JSON object"
    raise DeliveryError(f"{post.host} answered {answer.status} {what}: give the address of its API", retry=False)


async def exchange(post: Post, client: httpx.AsyncClient) -> Answer:
    """The answer as it came: a redirect too."""
    try:
        response = await client.request(
            post.method,
            post.url.reveal(),
            headers=dict(post.headers),
            content=post.body or None,
            follow_redirects=False,
            extensions={"telling": not post.reads},
        )
    except Unreachable as error:
        what = "gave no proper answer" if error.cause == "protocol" else "cannot be reached"
        text = f"{post.host} {what}: {post.harmless(str(error))}"
        raise DeliveryError(text, retry=True, unsure=not post.reads and error.cause not in _BEFORE) from None
    except Unreadable as error:
        raise DeliveryError(f"{post.host} cannot be told: {post.harmless(str(error))}", retry=True) from None
    return Answer(response.status_code, response.headers, response.content)


def _follow(post: Post, answer: Answer) -> Post:
    target = answer.headers.get("location", "")
    if answer.status not in (307, 308) and post.method not in ("GET", "HEAD"):
        raise DeliveryError(
            f"{post.host} answered {answer.status}, a redirect that would lose the message: give its final address",
            retry=False,
        )
    here = post.url.reveal()
    try:
        there = urljoin(here, target)
        is_ours = bool(target) and _is_same_place(urlsplit(here), urlsplit(there))
    except ValueError:
        is_ours = False
    if not is_ours:
        raise DeliveryError(f"{post.host} redirects to another place, which is not told our secrets", retry=False)
    return replace(post, url=Secret(there), secrets=(*post.secrets, *secrets_of(post.url)))


def _is_same_place(here: SplitResult, there: SplitResult) -> bool:
    """The same origin, or the same host over TLS on the usual ports; never from TLS down to plain text."""
    if here.hostname != there.hostname:
        return False
    ports = [one.port or _PORTS.get(one.scheme) for one in (here, there)]
    if here.scheme == there.scheme:
        return ports[0] == ports[1]
    return (here.scheme, there.scheme, ports) == ("http", "https", [80, 443])


def refusal(post: Post, answer: Answer, now: datetime, mend: str = "") -> DeliveryError:
    """What an answer that is no success means: later, or never. `mend`, what to do, is said instead of its body."""
    retry = answer.status in (408, 425, 429) or answer.status >= 500
    after = retry_after(answer.headers.get("retry-after", ""), now) if retry else None
    said = mend or post.harmless(answer.body.decode("utf-8", "replace"))
    text = f"{post.host} answered {answer.status}{_phrase(answer.status)}{f': {said}' if said else ''}"
    return DeliveryError(text, retry=retry, after=after)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def secrets_of(url: Secret) -> Iterable[Secret]:
    """Every part of an address that an answer might repeat: whole, its path, each long segment, each value."""
    parts = urlsplit(url.reveal())
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    values = [value for _, value in parse_qsl(parts.query)] + [
        one.partition("=")[2] for one in parts.query.split("&")
    ]
    segments = [segment for segment in parts.path.split("/") if len(segment) >= 6]
    userinfo = parts.netloc.rpartition("@")[0]
    found = {url.reveal(), target, parts.path, parts.query, userinfo, *userinfo.split(":", 1), *values, *segments}
    return [Secret(text) for text in {*found, *map(unquote, found)} if len(text) >= 4]


def plain(value: str | Secret) -> str:
    """A value that may be a secret, for the wire only."""
    return value.reveal() if isinstance(value, Secret) else value


def words_of(headers: Mapping[str, str | Secret]) -> list[Secret]:
    """Every value of headers that a config gives, whole and word by word, which an answer might repeat."""
    harmless = ("content-type", "accept", "user-agent")
    texts = [plain(value) for name, value in headers.items() if name.lower() not in harmless]
    return [Secret(text) for text in (*texts, *(word for text in texts for word in text.split()))]


def authorization(user: str, password: Secret, token: Secret) -> dict[str, str]:
    """The header for a bearer token, or for a user and password; none for neither."""
    if token:
        return {"Authorization": f"Bearer {token.reveal()}"}
    pair = f"{user}:{password.reveal()}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"} if user else {}


def merged(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Their headers win over ours of the same name, however it is spelt."""
    taken = {name.lower() for name in theirs}
    return {**{name: value for name, value in ours.items() if name.lower() not in taken}, **theirs}


def json_post(
    url: Secret, payload: Any, headers: Mapping[str, str], secrets: tuple[Secret, ...], method: str = "POST"
) -> Post:
    """A request with a body of JSON."""
    body = json.dumps(payload).encode()
    return Post(method, url, merged({"Content-Type": "application/json"}, headers), body, secrets)


def found_in(body: bytes, query: str) -> str:
    """The text or number at a JMESPath of an answer; empty where there is none, or the answer is no JSON."""
    try:
        found = compiled(query).search(json.loads(body))
    except (ValueError, RecursionError):
        return ""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return clean(str(found), 500)


def compiled(query: str) -> Any:
    """A JMESPath, ready to search with. ValueError says what is wrong with it."""
    import jmespath

    try:
        return jmespath.compile(query)
    except ValueError as error:
        raise ValueError(f"not a JMESPath: {clean(str(error), 200)}") from None
