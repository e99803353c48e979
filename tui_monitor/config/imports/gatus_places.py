"""The alerting providers of Gatus as destinations of ours: places of their own, requests with some JSON, and mail."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tui_monitor.config.imports.source import MARK, Branch, Leaf

UNKNOWN = "Gatus has no such option, or this release no use for it"
_FIELDS = {
    "[ENDPOINT_NAME]": "{name}",
    "[ENDPOINT_GROUP]": "{group}",
    "[ENDPOINT_URL]": "{url}",
    "[ALERT_DESCRIPTION]": "{message}",
    "[RESULT_ERRORS]": "{message}",
    "[RESULT_CONDITIONS]": "{message}",
    "[ALERT_TRIGGERED_OR_RESOLVED]": "{state}",
}
"""What a custom request may hold, and which of our fields says it."""

_TOLD_OTHERWISE = "[ALERT_TRIGGERED_OR_RESOLVED]"
_OF_SLACK = ("https://hooks.slack.com/", "https://hooks.slack-gov.com/")
_PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


class Told:
    """A provider, with what one group overrides in it."""

    def __init__(self, provider: Branch, override: Branch | None = None) -> None:
        self._from = [one for one in (override, provider) if one is not None]

    def leaf(self, key: str) -> Leaf | None:
        found = [leaf for one in self._from if (leaf := one.leaf(key)) is not None]
        return found[0] if found else None

    def text(self, key: str) -> str:
        leaf = self.leaf(key)
        return (leaf.text() or "") if leaf is not None else ""

    def whole(self, key: str) -> int | str | None:
        """A whole number, or a variable that stands for one."""
        text = self.text(key)
        return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text if MARK.fullmatch(text) else None

    def flag(self, key: str) -> bool:
        leaf = self.leaf(key)
        return bool(leaf is not None and leaf.flag())

    def texts(self, key: str) -> dict[str, str]:
        holder = next((one for one in self._from if key in one), None)
        return holder.texts(key) if holder is not None else {}

    @property
    def is_insecure(self) -> bool:
        """Whether the certificate of the other side does not count; what else a client may do is told."""
        client = next((one.branch("client") for one in self._from if "client" in one), None)
        if client is None:
            return False
        insecure = client.flag("insecure")
        client.close({}, "a destination has no such option here")
        return bool(insecure)


Made = dict[str, Any]


def braced(text: str) -> str:
    """A text in which braces mean themselves."""
    return text.replace("{", "{{").replace("}", "}}")


def _hook(told: Told, body: Any, url: str = "", **more: Any) -> Made | None:
    where = url or told.text("webhook-url")
    if not where:
        return None
    hook = {"url": braced(where) if not url else where, **more, "body": body}
    return {"webhook": {**hook, **({"verify_tls": False} if told.is_insecure else {})}}


def _with_text(told: Told) -> Made | None:
    return _hook(told, {"text": "{text}"})


def _slack(told: Told) -> Made | None:
    """Nobody was called there. What else takes the requests of Slack may not show its blocks."""
    where = told.text("webhook-url")
    if MARK.fullmatch(where) or where.lower().startswith(_OF_SLACK):
        return {"slack": {"webhook_url": where, "mention": []}}
    return _with_text(told)


def _rocketchat(told: Told) -> Made | None:
    where = told.text("webhook-url")
    who = {key: text for key in ("channel", "alias", "emoji", "avatar") if (text := told.text(key))}
    insecure = {"verify_tls": False} if told.is_insecure else {}
    return {"rocketchat": {"url": where, **who, **insecure}} if where else None


def _teams(told: Told) -> Made | None:
    where = told.text("webhook-url")
    return {"teams": {"url": where}} if where else None


def _pagerduty(told: Told) -> Made | None:
    key = told.text("integration-key")
    return {"pagerduty": {"routing_key": key}} if key else None


def _opsgenie(told: Told) -> Made | None:
    key, tags, leaf = told.text("api-key"), told.leaf("tags"), told.leaf("priority")
    priority = (leaf.text() or "P1") if leaf is not None else "P1"
    if leaf is not None and priority not in _PRIORITIES:
        leaf.leave("is no priority of Opsgenie, so it is P1 here")
        priority = "P1"
    words = [text for row in tags.rows() if (text := row.text())] if tags is not None else []
    more: Made = {"priorities": {"major": priority}} if priority != "P1" else {}
    return {"opsgenie": {"api_key": key, **more, **({"tags": words} if words else {})}} if key else None


def _mattermost(told: Told) -> Made | None:
    channel = told.text("channel")
    return _hook(told, {"text": "{text}", **({"channel": braced(channel)} if channel else {})})


def _discord(told: Told) -> Made | None:
    before = told.text("message-content")
    return _hook(told, {"content": f"{braced(before)} {{text}}".strip() if before else "{text}"})


def _ntfy(told: Told) -> Made | None:
    topic, token = told.text("topic"), told.text("token")
    if not topic:
        return None
    body: Made = {"topic": braced(topic), "title": "{title}", "message": "{text}"}
    body["priority"] = told.whole("priority") or 3
    body |= {key: braced(text) for key in ("click", "email") if (text := told.text(key))}
    headers = {"disable-firebase": ("Firebase", "no"), "disable-cache": ("Cache", "no")}
    chosen = dict(header for key, header in headers.items() if told.flag(key))
    more: Made = {**({"headers": chosen} if chosen else {}), **({"token": token} if token else {})}
    return _hook(told, body, braced(told.text("url") or "https://ntfy.sh"), **more)


def _gotify(told: Told) -> Made | None:
    server, token = told.text("server-url"), told.text("token")
    if not server or not token:
        return None
    body = {"title": braced(told.text("title")) or "{title}", "message": "{text}"}
    query = {"token": braced(token)}
    url = f"{braced(server.rstrip('/'))}/message"
    return _hook(told, {**body, "priority": told.whole("priority") or 5}, url, query=query)


def _telegram(told: Told) -> Made | None:
    token, chat = told.text("token"), told.text("id")
    if not token or not chat:
        return None
    api = told.text("api-url") or "https://api.telegram.org"
    topic = told.text("topic-id")
    body = {"chat_id": braced(chat), "text": "{text}", **({"message_thread_id": braced(topic)} if topic else {})}
    return _hook(told, body, f"{braced(api.rstrip('/'))}/bot{braced(token)}/sendMessage")


def _email(told: Told) -> Made | None:
    host, sender, to = told.text("host"), told.text("from"), told.text("to")
    if not host or not sender or not to:
        return None
    port, password = told.whole("port") or 25, told.text("password")
    plain = not password and port == 25
    security = "tls" if port == 465 else "none" if plain else "starttls"
    mail: Made = {"host": host, "port": port, "security": security, "sender": sender}
    mail["to"] = [one.strip() for one in to.split(",") if one.strip()]
    if password:
        mail |= {"user": told.text("username") or sender, "password": password}
    if told.is_insecure:
        leaf = told.leaf("client")
        if leaf is not None:
            leaf.leave("the certificate of a mail server always counts here; `ca` names one to trust")
    return {"smtp": mail}


# -- requests that people made up themselves ------------------------------------------------------------------------


def _custom(told: Told) -> Made | None:
    url = told.text("url")
    if not url:
        return None
    method = (told.text("method") or "GET").upper()
    headers = told.texts("headers")
    leaf = told.leaf("body")
    body: Any = told.text("body")
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "").lower()
    if body:
        try:
            body = _filled(json.loads(body))
        except ValueError:
            if leaf is not None and ("json" in kind or (not kind and body.lstrip().startswith(("{", "[")))):
                leaf.leave(
                    "is no JSON before its words are put in, and only JSON with words in its texts can be sent"
                )
                return None
            body = _filled(body)
    if any(word in value for value in headers.values() for word in _FIELDS) and (held := told.leaf("headers")):
        held.leave("headers are sent as they stand here; its words stay what they are")
    if leaf is not None and _TOLD_OTHERWISE in str(leaf.raw):
        leaf.leave("TRIGGERED and RESOLVED are open and resolved here", _TOLD_OTHERWISE)
    return _hook(told, body, _filled(url), method=method, **({"headers": headers} if headers else {}))


def _filled(shape: Any) -> Any:
    """With our fields for the words of Gatus, in each text of a body."""
    if isinstance(shape, Mapping):
        return {key: _filled(one) for key, one in shape.items()}
    if isinstance(shape, list):
        return [_filled(one) for one in shape]
    if not isinstance(shape, str):
        return shape
    text = braced(shape)
    for word, ours in _FIELDS.items():
        text = text.replace(word, ours)
    return text


PLACES: dict[str, Callable[[Told], Made | None]] = {
    "slack": _slack,
    "googlechat": _with_text,
    "rocketchat": _rocketchat,
    "teams": _teams,
    "teams-workflows": _teams,
    "pagerduty": _pagerduty,
    "opsgenie": _opsgenie,
    "mattermost": _mattermost,
    "discord": _discord,
    "ntfy": _ntfy,
    "gotify": _gotify,
    "telegram": _telegram,
    "email": _email,
    "custom": _custom,
}
"""The providers that this release can write to. Each gives None where something that it needs is missing."""

_STAYS = "alerts that Gatus left open there have other keys: close them by hand"
REMARKS = {
    "email": ("there mail went unprotected where the server offered no protection; here it does not",),
    "pagerduty": (_STAYS,),
    "opsgenie": (_STAYS, "the key must be one that may read alerts, too: what came of a request is asked"),
}
"""What is different at some of them."""
