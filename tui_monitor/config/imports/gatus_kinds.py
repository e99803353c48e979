"""The kinds of endpoints of Gatus, told apart by their address, as checks of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tui_monitor.config.imports.gatus_conditions import (
    Condition,
    Unsaid,
    days_of,
    expectation,
    limit_of,
    text_pattern,
)
from tui_monitor.config.imports.source import MARK, Branch, Leaf
from tui_monitor.config.imports.web import ANY_STATUS, address, method_of

_RCODES = ("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED")


@dataclass(slots=True)
class Looked:
    """An endpoint on its way to a check: what it says of itself, and what is known of it so far."""

    told: Branch
    url: str
    name: str
    group: str
    conditions: Sequence[Condition]
    insecure: bool = False
    client: dict[str, tuple[Leaf, Any]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def carry(self, take: Callable[[Condition], bool], otherwise: str) -> None:
        """Each condition that the check can hold to; the others are told."""
        for one in self.conditions:
            if one.subject in ("DOMAIN_EXPIRATION", "CONNECTED"):
                if one.subject == "CONNECTED" and not one.is_true:
                    one.leaf.leave("a look that finds nobody is always a failure here")
                continue
            try:
                taken = take(one)
            except Unsaid as error:
                one.leaf.leave(str(error))
            else:
                if not taken:
                    one.leaf.leave(otherwise)

    def text(self, key: str) -> str | None:
        return self.told.text(key)

    def said(self) -> str:
        """The body, with what Gatus puts in for its own words."""
        body = self.told.leaf("body")
        text = (body.text() or "") if body is not None else ""
        words = {"[ENDPOINT_NAME]": self.name, "[ENDPOINT_GROUP]": self.group, "[ENDPOINT_URL]": self.url}
        for word, meaning in words.items():
            text = text.replace(word, meaning)
        if body is not None and re.search(r"\[(RANDOM_STRING_\d+|LOCAL_ADDRESS)\]", text):
            body.leave("is sent as it stands: what changes from look to look is not put in here")
        return text


def check_of(looked: Looked) -> dict[str, Any]:
    """The check, under its kind. Unsaid where no check of ours looks like that."""
    if "dns" in looked.told:
        return _with_client({"dns": _dns(looked)}, looked)
    scheme = looked.url.partition("://")[0].lower() if "://" in looked.url else ""
    if MARK.match(looked.url):
        looked.remarks.append("taken for an address over HTTP, since it stands in a variable")
        scheme = "http"
    made = _KINDS.get(scheme)
    if made is None:
        raise Unsaid(f"no check of this release looks at {scheme or 'an address without a scheme'}")
    return _with_client(made(looked), looked)


_TAKES = {
    "http": ("redirects", "client_certificate"),
    "certificate": ("client_certificate",),
    "websocket": ("client_certificate",),
    "grpc": ("client_certificate",),
}


def _with_client(check: dict[str, Any], looked: Looked) -> dict[str, Any]:
    """With the options of the client that the check takes; the others are told."""
    ((kind, options),) = check.items()
    taken = () if kind == "grpc" and "tls" not in options else _TAKES.get(kind, ())
    last = {"expect": options.pop("expect")} if kind == "http" else {}
    for option, (leaf, value) in looked.client.items():
        if option in taken:
            options[option] = value
        else:
            leaf.leave(f"means nothing for {kind}")
    return {kind: {**options, **last}}


def _http(looked: Looked) -> dict[str, Any]:
    expect: list[dict[str, Any]] = []

    def take(one: Condition) -> bool:
        expect.append(expectation(one))
        return True

    check: dict[str, Any] = {**address(looked.url), **method_of(looked.text("method"))}
    headers = looked.told.texts("headers")
    body = looked.said()
    if looked.told.flag("graphql"):
        body = json.dumps({"query": body}, ensure_ascii=False)
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
    check |= {"headers": headers} if headers else {}
    check |= {"body": body} if body else {}
    check |= {"verify_tls": False} if looked.insecure else {}
    looked.carry(take, "")
    if not any("status" in one for one in expect):
        looked.remarks.append("any status is good: nothing was said of it there")
        expect.insert(0, dict(ANY_STATUS))
    return {"http": {**check, "expect": expect}}


def _place(looked: Looked, port: int | None = None) -> dict[str, Any]:
    """Host and port of an address. Unsaid where it has none."""
    text = looked.url.partition("://")[2].partition("/")[0]
    if MARK.search(text):
        host, _, number = text.rpartition(":")
        if not host or not (number.isdigit() or MARK.fullmatch(number)):
            raise Unsaid("which part of it is the port is only known once the variable is set")
        return {"host": host, "port": int(number) if number.isdigit() else number}
    try:
        parts = urlsplit(f"//{text}")
        host, found = parts.hostname or "", parts.port or port
    except ValueError:
        host, found = "", None
    if not host or found is None:
        raise Unsaid("its address has no host, or no port")
    return {"host": host, "port": found}


def _conversation(looked: Looked, *, tls: bool = False) -> dict[str, Any]:
    """Connect, say something, and wait for what must come back."""
    check = _place(looked)
    check |= {"tls": True} if tls else {}
    check |= {"verify_tls": False} if tls and looked.insecure else {}
    body = looked.said()
    check |= {"send": body} if body else {}
    looked.carry(_answer_into(check, "matches"), "is not looked at on a plain connection")
    return check


def _answer_into(check: dict[str, Any], option: str) -> Callable[[Condition], bool]:
    def take(one: Condition) -> bool:
        if one.subject != "BODY" or one.left.path or one.left.function or one.right.subject:
            return False
        has_it, pattern = text_pattern(one)
        if not has_it:
            raise Unsaid("an answer can be wanted here, not ruled out")
        if option in check:
            raise Unsaid("only one answer is waited for")
        check[option] = pattern
        return True

    return take


def _tcp(looked: Looked) -> dict[str, Any]:
    return {"tcp": _conversation(looked)}


def _ssh(looked: Looked) -> dict[str, Any]:
    """Whether an SSH server says who it is; nobody logs in."""
    check = {**_place(looked, 22), "matches": "^SSH-"}
    login = looked.told.branch("ssh")
    if login is not None:
        for name, leaf in login.leaves():
            if leaf.text():
                leaf.leave("nobody logs in here: it is looked whether an SSH server answers", None if name else "")
    looked.told.leave("body", "nothing is run here: it is looked whether an SSH server answers")

    def take(one: Condition) -> bool:
        return one.subject == "STATUS" and (one.operator, one.value) == ("==", "0")

    looked.carry(take, "needs somebody who logs in")
    return {"tcp": check}


def _ping(looked: Looked) -> dict[str, Any]:
    check: dict[str, Any] = {"host": looked.url.partition("://")[2].strip("[]/"), "count": 1}

    def take(one: Condition) -> bool:
        if one.subject == "RESPONSE_TIME":
            _latency_into(check, one, looked)
        return one.subject == "RESPONSE_TIME"

    looked.carry(take, "is not looked at by a ping")
    return {"ping": check}


def _latency_into(check: dict[str, Any], one: Condition, looked: Looked) -> None:
    if "latency" in check:
        raise Unsaid("only one bound for the time is held")
    check["latency"] = limit_of(one)
    looked.remarks.append("an answer that is too slow is degraded here; there it was unhealthy")


def _dns(looked: Looked) -> dict[str, Any]:
    asked = looked.told.branch("dns")
    name = asked.text("query-name") if asked is not None else None
    if asked is None or not name:
        raise Unsaid("it has no query-name")
    kind = asked.text("query-type") or "A"
    server = looked.url.partition("://")[2] or looked.url
    check: dict[str, Any] = {"name": name, "type": kind, "server": server.removesuffix(":53").strip("/")}
    expect: list[str] = []

    def take(one: Condition) -> bool:
        if one.subject == "BODY" and not (one.left.path or one.left.function or one.right.subject):
            if one.operator != "==" or one.value.startswith(("pat(", "any(")):
                raise Unsaid("an answer is expected word for word here")
            if kind in ("MX", "SRV"):
                raise Unsaid(
                    "an answer is expected whole here, such as 10 mail.example.com; there it was the name alone"
                )
            expect.append(one.value)
        elif one.subject == "DNS_RCODE":
            if one.operator != "==" or one.value not in _RCODES:
                raise Unsaid(f"one of {', '.join(_RCODES)} can be expected")
            check["expect_rcode"] = one.value
        elif one.subject == "RESPONSE_TIME":
            _latency_into(check, one, looked)
        else:
            return False
        return True

    looked.carry(take, "is not looked at in an answer of a name server")
    asked.close({}, "Gatus has no such option")
    if check.get("expect_rcode") == "NOERROR":
        del check["expect_rcode"]
    return {**check, **({"expect": expect} if expect else {"minimum": 0})}


def _certificate(looked: Looked, **more: Any) -> dict[str, Any]:
    """What a server over TLS shows; where nothing was said of its end, the usual warnings are new."""
    check: dict[str, Any] = {**_place(looked), **more}
    check |= {"verify_chain": False, "check_name": False} if looked.insecure else {}
    days: list[float] = []

    def take(one: Condition) -> bool:
        if one.subject == "CERTIFICATE_EXPIRATION":
            days.append(days_of(one))
        return one.subject == "CERTIFICATE_EXPIRATION"

    looked.carry(take, "is not looked at beside a certificate")
    looked.told.leave("body", "nothing is said to a server whose certificate is looked at")
    if not days:
        looked.remarks.append("warns before the certificate runs out, which there it did not")
    return {"certificate": {**check, **({"days": sorted(days, reverse=True)} if days else {})}}


def _tls(looked: Looked) -> dict[str, Any]:
    if any(one.subject == "CERTIFICATE_EXPIRATION" for one in looked.conditions):
        return _certificate(looked)
    return {"tcp": _conversation(looked, tls=True)}


def _starttls(looked: Looked) -> dict[str, Any]:
    return _certificate(looked, starttls="smtp")


def _websocket(looked: Looked) -> dict[str, Any]:
    check: dict[str, Any] = {"url": looked.url}
    headers = looked.told.texts("headers")
    check |= {"headers": headers} if headers else {}
    body = looked.said()
    check |= {"send": body} if body else {}
    check |= {"verify_tls": False} if looked.insecure else {}
    looked.carry(_answer_into(check, "matches"), "is not looked at over a WebSocket")
    return {"websocket": check}


def _grpc(looked: Looked, *, tls: bool = False) -> dict[str, Any]:
    """The health service, as there: serving is healthy."""
    check = _place(looked)
    check |= {"tls": True} if tls else {}
    check |= {"verify_tls": False} if tls and looked.insecure else {}

    def take(one: Condition) -> bool:
        return (one.subject, one.left.path, one.operator, one.value) == ("BODY", "status", "==", "SERVING")

    looked.carry(take, "is not looked at beside the health that the server tells")
    return {"grpc": check}


def _redis(looked: Looked) -> dict[str, Any]:
    check = _place(looked, 6379)
    looked.carry(lambda one: False, "is not looked at beside the answer of a Redis server")
    return {"redis": check}


_KINDS: dict[str, Callable[[Looked], dict[str, Any]]] = {
    "http": _http,
    "https": _http,
    "tcp": _tcp,
    "ssh": _ssh,
    "icmp": _ping,
    "tls": _tls,
    "starttls": _starttls,
    "ws": _websocket,
    "wss": _websocket,
    "grpc": _grpc,
    "grpcs": lambda looked: _grpc(looked, tls=True),
    "redis": _redis,
}
