"""A Rocket.Chat server with one incoming webhook, as strict as the real one, and as careless: a GET posts too."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

_HOOK = re.compile(r"/hooks/([^/]+)(?:/[^/]+)?/([^/]+)")
_MENTION = re.compile(r"(?<![0-9A-Za-z/])@([0-9A-Za-z_.-]+)")
_TEXTS = (
    "text",
    "msg",
    "alias",
    "username",
    "avatar",
    "icon_url",
    "emoji",
    "icon_emoji",
    "channel",
    "roomId",
    "tmid",
)
_OF_ATTACHMENT = ("title", "title_link", "text", "color", "author_name", "author_link", "image_url", "thumb_url")
_UNKNOWN = "Invalid integration id or token provided."


@dataclass(frozen=True, slots=True)
class Posted:
    """One message in a channel, as the server keeps it; `pings` are the people whom its words call."""

    channel: str
    text: str = ""
    alias: str = ""
    avatar: str = ""
    emoji: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    pings: tuple[str, ...] = ()


class RocketChat(Site):
    """`async with RocketChat() as chat`, then `chat.hook` is the webhook's address, and `chat.posts` what it posted.

    `classic` answers a wrong token as older servers do; `override` lets the integration post to other channels;
    `per_minute` is how many messages it takes in sixty seconds, any number where nobody says.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        ids: tuple[str, str] = ("65f0c0ffee65f0c0ffee0001", "ThisIsTheTokenOfAFakeHook"),
        channels: tuple[str, ...] = ("#ops", "#general", "@ann"),
        override: bool = True,
        enabled: bool = True,
        classic: bool = True,
        per_minute: int | None = None,
        tls: ssl.SSLContext | None = None,
        remembers: int | None = None,
    ) -> None:
        super().__init__(host, port, tls=tls, remembers=remembers)
        self.posts: list[Posted] = []
        self.enabled, self.override = enabled, override
        self._ids = ids
        self._channels = channels
        self._classic, self._per_minute = classic, per_minute
        self._times: list[float] = []

    @property
    def hook(self) -> str:
        return f"{self.url}/hooks/{self._ids[0]}/{self._ids[1]}"

    def reply(self, heard: Heard) -> Answer:
        found = _HOOK.fullmatch(heard.path)
        if found is None or heard.method not in ("POST", "GET"):
            return Answer(204 if heard.method == "OPTIONS" else 404)
        if found.groups() != self._ids:
            return _refused(_UNKNOWN, 404 if self._classic else 400)
        if not self.enabled:
            return _refused("The integration is disabled.", 503)
        if wait := self._wait():
            return _refused(
                "Error, too many requests. Please slow down. "
                f"You must wait {wait} seconds before trying this endpoint again. [error-too-many-requests]",
                429,
            )
        return self._take(_fields(heard))

    def _wait(self) -> int:
        """Seconds until it takes another one; each that it takes counts."""
        now = asyncio.get_running_loop().time()
        self._times = [one for one in self._times if now - one < 60]
        if self._per_minute is not None and len(self._times) >= self._per_minute:
            return max(1, round(self._times[0] + 60 - now))
        self._times.append(now)
        return 0

    def _take(self, body: Any) -> Answer:
        if body == {}:
            return answer_json({"success": True})  # and nothing is posted
        wrong = _fault(body)
        if wrong:
            return _refused(wrong)
        channel = body.get("channel") or body.get("roomId") or self._channels[0]
        if channel != self._channels[0] and not self.override:
            return _refused("overriding destination channel is disabled for this integration")
        if channel not in self._channels:
            return _refused("invalid-channel")
        text = body.get("text") or body.get("msg") or ""
        attachments = body.get("attachments") or []
        names = {one: body.get(one) or body.get(other) or "" for one, other in _ALIASES}
        posted = Posted(channel, text, **names, attachments=attachments, pings=_pings(text, attachments))
        self.posts.append(posted)
        return answer_json({"success": True})


_ALIASES = (("alias", "username"), ("avatar", "icon_url"), ("emoji", "icon_emoji"))


def _refused(error: str, status: int = 400) -> Answer:
    return answer_json({"success": False, "error": error}, status)


def _fields(heard: Heard) -> Any:
    """What is to be posted: JSON, a form with a payload of JSON under just that type, or the query of a GET."""
    kind = heard.headers.get("content-type", "")
    if not heard.body:
        return heard.query
    if kind == "application/x-www-form-urlencoded":
        payload = parse_qs(heard.body.decode()).get("payload")
        return json.loads(payload[0]) if payload else heard.query
    return heard.json if "json" in kind else None


def _fault(body: Any) -> str:
    """What is wrong with a message; empty where nothing is."""
    if not isinstance(body, dict) or any(not isinstance(body.get(name, ""), str) for name in _TEXTS):
        return "unknown-error"
    attachments = body.get("attachments", [])
    if not isinstance(attachments, list) or not all(map(_is_attachment, attachments)):
        return "Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation in field attachments"
    if not (body.get("text") or body.get("msg") or attachments):
        return "unknown-error"
    return ""


def _is_attachment(value: Any) -> bool:
    if not isinstance(value, dict) or any(not isinstance(value.get(name, ""), str) for name in _OF_ATTACHMENT):
        return False
    if not value.get("title_link", "https://").startswith(("https://", "http://")):
        return False
    fields = value.get("fields", [])
    return isinstance(fields, list) and all(map(_is_field, fields))


def _is_field(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("title"), str)
        and isinstance(value.get("value"), str | int | float)
        and isinstance(value.get("short", False), bool)
    )


def _pings(text: str, attachments: list[dict[str, Any]]) -> tuple[str, ...]:
    words = [text, *(one.get(name, "") for one in attachments for name in ("title", "text"))]
    words += [str(one["value"]) for part in attachments for one in part.get("fields", [])]
    return tuple(name for text in words for name in _MENTION.findall(text))
