"""A webhook: any address that takes a request. Its URL, query and body are texts with fields of the message.

A field never reaches the scheme or the host of the address, and is always encoded for the place where it stands.
Beside the fields of the `messages`, `{title}` is the message's title and `{message}` its words, as cachet-url-monitor
had them; `{ref}` is what `ref_from` found in the first answer.
"""

from __future__ import annotations

import base64
import difflib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote, quote_plus, urlsplit

from tui_monitor.core.codec import moment
from tui_monitor.core.message import FIELDS, Message
from tui_monitor.core.model import Kind
from tui_monitor.core.ports import LOUD, Outside, Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.template import fill
from tui_monitor.core.text import clean, clean_lines
from tui_monitor.destinations.document import document_of, listed, shorten, text_of
from tui_monitor.destinations.posting import Post, plain, reach, send

METHODS = ("POST", "PUT", "PATCH", "GET", "DELETE")
OURS = FIELDS | {"ref", "key", "text", "count", "at"}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD = re.compile(r"\{\s*([^{}\s]+)\s*\}")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Options. `body` is a text or JSON with fields in its texts; without one, our own JSON document is sent."""

    url: Secret
    method: str = "POST"
    headers: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    query: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    user: str = ""
    password: Secret = field(default=Secret(""))
    token: Secret = field(default=Secret(""))
    ref_from: str = ""
    verify_tls: bool = True
    ca: str = ""

    hears: ClassVar[frozenset[Kind]] = LOUD

    @property
    def grouped(self) -> bool:
        """A place that gives a reference back is told of one incident at a time, so that each has its own."""
        return not self.ref_from

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}")
        _check_address(self.url.reveal())
        _check_headers(self.headers, bool(self.user or self.token))
        if self.user and self.token:
            raise ValueError("give either user and password or token, not both")
        for template in (self.url.reveal(), *map(plain, self.query.values()), *_texts(self._shape())):
            _check_fields(template)
        if self.ref_from:
            _query_of(self.ref_from)

    async def deliver(self, message: Message, outside: Outside) -> Receipt:
        post = self._post(message)
        answer = await send(post, outside.client(verify=self.verify_tls, ca=self.ca), outside.now)
        if not self.ref_from or message.ref:
            return Receipt(message.ref, message.url)
        ref = _reference(self.ref_from, answer.body)
        note = "" if ref else f"{post.host} took the message, but its answer holds no {self.ref_from}"
        return Receipt(ref, note=note)

    async def prove(self, outside: Outside) -> str:
        """Only the address and its certificate: an OPTIONS without path, secrets or body reaches no hook."""
        parts = urlsplit(self.url.reveal())
        origin = Secret(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/")
        post = Post("OPTIONS", origin, {}, secrets=self._secrets())
        await reach(post, outside.client(verify=self.verify_tls, ca=self.ca))
        proved = {"http": "over plain HTTP", "https": "with TLS that was not verified"}[parts.scheme]
        if parts.scheme == "https" and self.verify_tls:
            proved = "with a certificate that is trusted"
        return f"{post.host} answers {proved}; whether it takes messages is seen only when one is posted"

    def _post(self, message: Message) -> Post:
        fields = _fields(message)
        body, kind = self._body(message, fields)
        headers = {"Idempotency-Key": message.key, **({"Content-Type": kind} if body else {})}
        headers = _merged(headers, {name: plain(value) for name, value in self.headers.items()})
        if self._authorization():
            headers["Authorization"] = self._authorization()
        return Post(self.method, Secret(self._address(fields)), headers, body, self._secrets())

    def _address(self, fields: Mapping[str, str]) -> str:
        base, _, _ = self.url.reveal().partition("#")
        more = "&".join(
            f"{quote(name, safe='')}={_quoted(fill(plain(value), fields))}" for name, value in self.query.items()
        )
        origin, rest = _split(base)
        filled = origin + quote(fill(rest, fields, _quoted), safe="%/:=&?~+!$,;'@()*[]")
        return f"{filled}{'&' if '?' in filled else '?'}{more}" if more else filled

    def _body(self, message: Message, fields: Mapping[str, str]) -> tuple[bytes, str]:
        shape, kind = self._shape(), self._content_type()
        if shape is None:
            if self.method == "GET":
                return b"", ""
            return json.dumps(document_of(message)).encode(), "application/json"
        if not isinstance(shape, str) or "json" in kind:
            return json.dumps(_filled(shape, fields)).encode(), kind or "application/json"
        text = fill(shape, fields, _escape_for(kind))
        return text.encode("utf-8", "replace"), kind or "text/plain; charset=utf-8"

    def _shape(self) -> Any:
        """The body as configured, with a text of JSON read, so that fields are filled after its quotes are known."""
        if not isinstance(self.body, str):
            return self.body
        kind = self._content_type()
        if "json" not in kind and (kind or not self.body.lstrip().startswith(("{", "["))):
            return self.body
        try:
            return json.loads(self.body)
        except ValueError:
            raise ValueError("body is not JSON: write its fields inside the quotes of its texts") from None

    def _content_type(self) -> str:
        found = [plain(value) for name, value in self.headers.items() if name.lower() == "content-type"]
        return found[0].lower() if found else ""

    def _authorization(self) -> str:
        if self.token:
            return f"Bearer {self.token.reveal()}"
        pair = f"{self.user}:{self.password.reveal()}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}" if self.user else ""

    def _secrets(self) -> tuple[Secret, ...]:
        """Every value of the config that an answer might repeat; those of templates as they were written."""
        harmless = ("content-type", "accept", "user-agent")
        texts = [plain(value) for name, value in self.headers.items() if name.lower() not in harmless]
        texts += [word for text in texts for word in text.split()]
        texts += [*map(plain, self.query.values()), self._authorization(), self._authorization()[6:]]
        texts += [text for text in _texts(self._shape()) if not _FIELD.search(text)]
        return (self.url, self.password, self.token, *(Secret(text) for text in texts if text))


def _split(url: str) -> tuple[str, str]:
    """The origin, where no field may stand, and everything behind it."""
    match = re.match(r"(https?://[^/?#\\]*)(.*)", url, re.IGNORECASE | re.DOTALL)
    return (match[1], match[2]) if match else ("", url)


def _check_address(url: str) -> None:
    origin, rest = _split(url)
    if not origin:
        raise ValueError("url must begin with http:// or https://")
    if re.search(r"[{}]", origin):
        raise ValueError("url must have no field in its scheme or host: only its path and query may hold one")
    try:
        host, port = urlsplit(origin).hostname, urlsplit(origin).port
    except ValueError:
        host, port = None, None
    if not host or port == 0 or not re.fullmatch(r"[!-~]+", origin) or re.search(r"[\x00-\x20\x7f]", rest):
        raise ValueError("url is not an address: its host or port cannot be read, or it holds blanks")


def _check_headers(headers: Mapping[str, str | Secret], has_auth: bool) -> None:
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or name.lower() in ("content-length", "transfer-encoding", "connection"):
            raise ValueError(f"headers must not hold {clean(name, 50)!r}")
        if not re.fullmatch(r"[\t -~\x80-\xff]*", plain(value)):
            raise ValueError(f"the header {name} holds a line break or a character that no header can carry")
    if has_auth and "authorization" in map(str.lower, headers):
        raise ValueError("give either the header Authorization or user and token, not both")


def _check_fields(template: str) -> None:
    """A name near one of ours is a slip; any other may be an option of the service's own check."""
    for name in _FIELD.findall(template.replace("{{", "").replace("}}", "")):
        near = [] if name in OURS else difflib.get_close_matches(name, sorted(OURS), 1, 0.8)
        if near:
            raise ValueError(f"unknown field {{{name}}}; did you mean {{{near[0]}}}?")


def _texts(shape: Any) -> list[str]:
    if isinstance(shape, Mapping):
        return [text for part in shape.values() for text in _texts(part)]
    if isinstance(shape, list | tuple):
        return [text for part in shape for text in _texts(part)]
    return [shape] if isinstance(shape, str) else []


def _filled(shape: Any, fields: Mapping[str, str]) -> Any:
    if isinstance(shape, Mapping):
        return {str(name): _filled(part, fields) for name, part in shape.items()}
    if isinstance(shape, list | tuple):
        return [_filled(part, fields) for part in shape]
    return fill(shape, fields) if isinstance(shape, str) else shape


def _fields(message: Message) -> dict[str, str]:
    """The fields of the incident; of several, what they have, each once."""
    names = dict.fromkeys(name for item in message.items for name in item.fields)
    joined = {name: _joined([item.fields.get(name, "") for item in message.items]) for name in names}
    words = clean_lines(joined["message"]) if len(message.items) == 1 else text_of(message, 4000)
    ours = {"title": shorten(message.title, 500), "message": words, "text": text_of(message, 4000)}
    plain_ones = {"ref": message.ref, "key": message.key, "count": str(len(message.items)), "at": moment(message.at)}
    return {**joined, **ours, **plain_ones, "news": message.news.value}


def _joined(values: list[str]) -> str:
    return listed((shorten(value, 500) for value in dict.fromkeys(values) if value), 2000, 20, ", ")


def _quoted(value: str) -> str:
    """For a path or a query; dots alone would climb out of the path."""
    short = shorten(value, 500)
    return short.replace(".", "%2E") if short in (".", "..") else quote(short, safe="", errors="replace")


def _escape_for(kind: str) -> Callable[[str], str]:
    if "urlencoded" in kind:
        return lambda value: quote_plus(value, errors="replace")
    if "xml" in kind or "html" in kind:
        return lambda value: html.escape(clean_lines(value))
    return clean_lines


def _merged(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Their headers win over ours of the same name, however it is spelt."""
    taken = {name.lower() for name in theirs}
    return {**{name: value for name, value in ours.items() if name.lower() not in taken}, **theirs}


def _query_of(text: str) -> Any:
    import jmespath

    try:
        return jmespath.compile(text)
    except ValueError as error:
        raise ValueError(f"ref_from is not a JMESPath: {clean(str(error), 200)}") from None


def _reference(query: str, body: bytes) -> str:
    """The reference in an answer; empty where there is none, or the answer is no JSON."""
    try:
        found = _query_of(query).search(json.loads(body))
    except (ValueError, RecursionError):
        return ""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return clean(str(found), 500)
