"""Texts with fields put into a request, each value encoded for the place where it stands.

A field never reaches the scheme or the host of an address, cannot end the string of a JSON body and adds no
parameter to a query: what a service is called, or what its answer says, decides nothing about where a message goes.
"""

from __future__ import annotations

import difflib
import html
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from tui_monitor.core.codec import moment
from tui_monitor.core.message import FIELDS, Message
from tui_monitor.core.secret import Secret
from tui_monitor.core.template import fill
from tui_monitor.core.text import clean, clean_lines
from tui_monitor.destinations.craft.document import listed, shorten, text_of
from tui_monitor.destinations.craft.posting import plain

OURS = FIELDS | {"ref", "key", "text", "count", "at"}
FIELD = re.compile(r"\{\s*([^{}\s]+)\s*\}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def fields_of(message: Message) -> dict[str, str]:
    """The fields of the incident; of several, what they have, each once. The title and words are the message's.

    Of the banner each field is there too, so that one template serves for both; what it has nothing for is empty.
    """
    names = dict.fromkeys(name for item in message.items for name in item.fields)
    joined = {name: _joined([item.fields.get(name, "") for item in message.items]) for name in names}
    words = joined.get("message", "") if len(message.items) == 1 else text_of(message, 4000)
    return {
        **message.fields,
        **joined,
        "title": shorten(message.title, 500),
        "message": words,
        "text": text_of(message, 4000),
        "ref": message.ref,
        "key": message.key,
        "count": str(len(message.items)),
        "at": moment(message.at),
        "news": message.news.value,
    }


def _joined(values: list[str]) -> str:
    return listed([shorten(value, 500) for value in dict.fromkeys(values) if value], 2000, 20, ", ")


def address(url: str, query: Mapping[str, str | Secret], fields: Mapping[str, str]) -> str:
    """The URL with its fields filled in and the query appended."""
    origin, rest = _split(url.partition("#")[0])
    filled = origin + quote(fill(rest, fields, _quoted), safe="%/:=&?~+!$,;'@()*[]")
    more = "&".join(f"{quote(name, safe='')}={_quoted(fill(plain(value), fields))}" for name, value in query.items())
    return f"{filled}{'&' if '?' in filled else '?'}{more}" if more else filled


def _quoted(value: str) -> str:
    """For a path or a query; dots alone would climb out of the path."""
    short = shorten(value, 500)
    return short.replace(".", "%2E") if short in (".", "..") else quote(short, safe="", errors="replace")


def shape_of(body: Any, kind: str) -> Any:
    """The body as configured, with a text of JSON read, so that fields are filled after its quotes are known."""
    if not isinstance(body, str) or ("json" not in kind and (kind or not body.lstrip().startswith(("{", "[")))):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("body is not JSON: write its fields inside the quotes of its texts") from None


def body_of(shape: Any, kind: str, fields: Mapping[str, str]) -> tuple[bytes, str]:
    """The bytes of a body and its Content-Type."""
    if not isinstance(shape, str) or "json" in kind:
        return json.dumps(_filled(shape, fields)).encode(), kind or "application/json"
    text = fill(shape, fields, _escape_for(kind))
    return text.encode("utf-8", "replace"), kind or "text/plain; charset=utf-8"


def _filled(shape: Any, fields: Mapping[str, str]) -> Any:
    if isinstance(shape, Mapping):
        return {str(name): _filled(part, fields) for name, part in shape.items()}
    if isinstance(shape, list | tuple):
        return [_filled(part, fields) for part in shape]
    return fill(shape, fields) if isinstance(shape, str) else shape


def _escape_for(kind: str) -> Callable[[str], str]:
    if "urlencoded" in kind:
        return lambda value: quote_plus(value, errors="replace")
    if "xml" in kind or "html" in kind:
        return lambda value: html.escape(clean_lines(value))
    return clean_lines


def texts_of(shape: Any) -> list[str]:
    """Every text in a body of JSON."""
    if isinstance(shape, Mapping):
        return [text for part in shape.values() for text in texts_of(part)]
    if isinstance(shape, list | tuple):
        return [text for part in shape for text in texts_of(part)]
    return [shape] if isinstance(shape, str) else []


# -- what a config may say ------------------------------------------------------------------------------------------


def _split(url: str) -> tuple[str, str]:
    """The origin, where no field may stand, and everything behind it."""
    match = re.match(r"(https?://[^/?#\\]*)(.*)", url, re.IGNORECASE | re.DOTALL)
    return (match[1], match[2]) if match else ("", url)


def check_address(url: str) -> None:
    """ValueError says what is wrong with an address, without repeating it."""
    origin, rest = _split(url)
    if not origin:
        raise ValueError("url must begin with http:// or https://")
    if re.search(r"[{}]", origin):
        raise ValueError("url must have no field in its scheme or host: only its path and query may hold one")
    try:
        host, port = urlsplit(origin).hostname, urlsplit(origin).port
    except ValueError:
        host, port = None, None
    if not host or port == 0 or not re.fullmatch(r"[!-~]+", origin) or re.search(r"^[^/?#]|[\x00-\x20\x7f]", rest):
        raise ValueError("url is not an address: its host or port cannot be read, or it holds blanks")


def check_headers(headers: Mapping[str, str | Secret]) -> None:
    """ValueError where a header could not be sent, or would break the request it is sent in."""
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or name.lower() in ("content-length", "transfer-encoding", "connection"):
            raise ValueError(f"headers must not hold {clean(name, 50)!r}")
        if not re.fullmatch(r"[\t -~]*", plain(value)):
            raise ValueError(f"the header {name} holds a line break or a character that no header can carry")


def check_fields(template: str) -> None:
    """A name near one of ours is a slip; any other may be an option of the service's own check."""
    for name in FIELD.findall(template.replace("{{", "").replace("}}", "")):
        near = [] if name in OURS else difflib.get_close_matches(name, sorted(OURS), 1, 0.8)
        if near:
            raise ValueError(f"unknown field {{{name}}}; did you mean {{{near[0]}}}?")
