"""A Slack workspace: channels, threads, scopes, rate limits, and one incoming webhook. It refuses what Slack refuses.

`async with Slack() as slack`, then `slack.api`, `slack.hook`, `slack.token`, `slack.messages`. Whoever wants it
stricter takes scopes away, archives a channel, sends the bot out of one, or gives it `rate` messages a second.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from tui_monitor.fakes import slack_kit as kit
from tui_monitor.fakes.http import Answer, Heard, Site, answer_json

TOKEN = "xoxb-fake"  # noqa: S105 - of a workspace that is none
LONGEST = 40_000
ALL_SCOPES = ("chat:write", "channels:read", "channels:history", "groups:read", "groups:history")
_READING = re.compile(r"conversations\.(info|history|replies)|users\.conversations")


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as it stands now. `calls` is whom it called when it came, by Slack's own words."""

    channel: str
    ts: str
    text: str
    blocks: tuple[Any, ...] = ()
    thread_ts: str = ""
    broadcast: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    edits: int = 0
    by_hook: bool = False

    @property
    def shown(self) -> str:
        """What people read of it, a text a line."""
        texts = kit.texts_in(list(self.blocks)) or [self.text]
        return "\n".join(map(kit.shown, texts))

    @property
    def is_reply(self) -> bool:
        return bool(self.thread_ts)

    @property
    def json(self) -> dict[str, Any]:
        """As Slack gives it back; the metadata only where it is asked for."""
        thread = {"thread_ts": self.thread_ts} if self.thread_ts else {}
        subtype = {"subtype": "thread_broadcast"} if self.broadcast else {}
        said = {
            "type": "message",
            "ts": self.ts,
            "text": self.text,
            "blocks": list(self.blocks),
            "bot_id": "B0FAKEBOT",
        }
        return {**said, **thread, **subtype}


@dataclass(slots=True)
class Channel:
    """One channel, and whether the bot is in it."""

    id: str
    name: str
    is_private: bool = False
    is_member: bool = True
    is_archived: bool = False

    @property
    def json(self) -> dict[str, Any]:
        known = {"id": self.id, "name": self.name, "is_private": self.is_private}
        return {**known, "is_member": self.is_member, "is_archived": self.is_archived}


class No(Exception):
    """What Slack answers instead: its word for why, and what it says beside it."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.said = {"ok": False, "error": error, **more}


class Slack(Site):
    """The workspace. Its bot may do everything that the scopes name."""

    def __init__(self, *, token: str = TOKEN, host: str = "127.0.0.1", port: int = 0, **more: Any) -> None:
        super().__init__(host, port, **more)
        self.token = token
        self.scopes = list(ALL_SCOPES)
        self.channels = [Channel("C0FAKEOPS", "ops"), Channel("G0FAKESEC", "secret", is_private=True)]
        self.messages: list[Posted] = []
        self.slips: list[str] = []
        """Texts that came with something in them that should have been escaped."""
        self.dead_hooks = False
        self.now: Callable[[], float] = time.time
        self.rate: float | None = None
        """How many messages a channel takes in a second; as many as come where nobody says."""
        self._last: dict[str, float] = {}
        self._calls: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "auth.test": self._identify,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.getPermalink": self._link,
            "conversations.info": self._info,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "users.conversations": self._memberships,
        }

    @property
    def api(self) -> str:
        return f"{self.url}/api"

    @property
    def hook(self) -> str:
        return f"{self.url}/services/T0FAKE/B0FAKE/s3cr3tpath"

    @property
    def tops(self) -> list[Posted]:
        """What stands in the channels themselves."""
        return [one for one in self.messages if not one.is_reply]

    @property
    def replies(self) -> list[Posted]:
        return [one for one in self.messages if one.is_reply]

    def channel(self, named: str) -> Channel:
        """The channel of an id or a name. No: the bot knows none."""
        name = named.removeprefix("#")
        for one in self.channels:
            if named == one.id or name == one.name:
                return one
        raise No("channel_not_found")

    def delete(self, ts: str) -> None:
        """Somebody takes a message away, as people may."""
        self.messages = [one for one in self.messages if one.ts != ts]

    def limited(self, times: int = 1, after: int = 7) -> None:
        """Refuse the next calls as too many."""
        self.answer(429, times=times, body=b'{"ok":false,"error":"ratelimited"}', Retry_After=str(after))

    def keep(self, heard: Heard) -> None:
        super().keep(heard)
        self.forget(self.messages, self.slips)

    # -- the wire ---------------------------------------------------------------------------------------------------

    def reply(self, heard: Heard) -> Answer:
        if heard.path.startswith("/services/"):
            return self._hooked(heard)
        method = heard.path.removeprefix("/api/")
        if method not in self._calls:
            return answer_json({"ok": False, "error": "unknown_method", "req_method": method})
        try:
            self._authorize(heard, method)
            said = self._calls[method](_arguments(heard, method))
        except No as no:
            if no.said["error"] == "ratelimited":
                return answer_json(no.said, 429, Retry_After="1")
            return answer_json(no.said, X_OAuth_Scopes=",".join(self.scopes))
        return answer_json({"ok": True, **said}, X_OAuth_Scopes=",".join(self.scopes))

    def _authorize(self, heard: Heard, method: str) -> None:
        given = heard.headers.get("authorization", "")
        if not given:
            raise No("not_authed")
        if given != f"Bearer {self.token}":
            raise No("invalid_auth")
        if method.startswith("chat.") and method != "chat.getPermalink":
            self._need("chat:write")

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            raise No("missing_scope", needed=scope, provided=",".join(self.scopes))

    def _hooked(self, heard: Heard) -> Answer:
        """The webhook speaks in plain words, and only to whom it is a secret of."""
        if heard.path != "/services/T0FAKE/B0FAKE/s3cr3tpath" or self.dead_hooks:
            return _plain(404, "no_service")
        try:
            said = json.loads(heard.body or b"null")
        except ValueError:
            said = None
        if not isinstance(said, dict):
            return _plain(400, "invalid_payload")
        channel = self.channels[0]
        if channel.is_archived:
            return _plain(410, "channel_is_archived")
        try:
            self._keep(channel, said, by_hook=True)
        except No as no:
            word = no.said["error"]
            return _plain(429, "rate_limited") if word == "ratelimited" else _plain(400, word)
        return _plain(200, "ok")

    # -- what it does -----------------------------------------------------------------------------------------------

    def _identify(self, said: Mapping[str, Any]) -> dict[str, Any]:
        bot = {"user": "tui_monitor", "user_id": "U0FAKEBOT", "bot_id": "B0FAKEBOT"}
        return {"url": "https://fake.slack.test/", "team": "Fake", "team_id": "T0FAKE", **bot}

    def _post(self, said: Mapping[str, Any]) -> dict[str, Any]:
        channel = self.channel(str(said.get("channel", "")))
        if channel.is_archived:
            raise No("is_archived")
        if not channel.is_member and ("chat:write.public" not in self.scopes or channel.is_private):
            raise No("channel_not_found" if channel.is_private else "not_in_channel")
        if said.get("thread_ts") and self._standing(channel, said["thread_ts"]).is_reply:
            raise No("cannot_reply_to_message")
        one = self._keep(channel, said)
        return {"channel": channel.id, "ts": one.ts, "message": one.json}

    def _keep(self, channel: Channel, said: Mapping[str, Any], *, by_hook: bool = False) -> Posted:
        text, blocks, metadata = self._weighed(said)
        self._spend(channel)
        one = Posted(
            channel.id,
            f"{int(self.now())}.{self.count:06d}",
            text,
            tuple(blocks),
            str(said.get("thread_ts") or ""),
            _is_true(said.get("reply_broadcast")),
            metadata or {},
            tuple(kit.called_in(blocks, text)),
            by_hook=by_hook,
        )
        self.messages.append(one)
        return one

    def _spend(self, channel: Channel) -> None:
        if self.rate is None:
            return
        now = asyncio.get_running_loop().time()
        if now - self._last.get(channel.id, -1e9) < 1 / self.rate:
            raise No("ratelimited")
        self._last[channel.id] = now

    def _weighed(self, said: Mapping[str, Any]) -> tuple[str, list[Any], Mapping[str, Any] | None]:
        """Text, blocks and metadata, where Slack would take them."""
        text, blocks, metadata = said.get("text") or "", said.get("blocks") or [], said.get("metadata")
        if not isinstance(text, str) or not (text or blocks):
            raise No("no_text")
        if len(text) > LONGEST:
            raise No("msg_too_long")
        try:
            kit.check(blocks)
        except kit.Invalid as wrong:
            messages = {"messages": [f"[ERROR] {wrong}"]}
            raise No("invalid_blocks", errors=[str(wrong)], response_metadata=messages) from None
        if sum(map(len, kit.texts_in(blocks))) > kit.WHOLE:
            raise No("msg_blocks_too_long")
        if metadata is not None and not _is_metadata(metadata):
            raise No("invalid_metadata_format")
        self.slips += kit.slips_in(blocks, text)
        return text, blocks, metadata

    def _update(self, said: Mapping[str, Any]) -> dict[str, Any]:
        named = str(said.get("channel", ""))
        if named not in [one.id for one in self.channels]:
            raise No("channel_not_found")  # a name is none: it wants the id
        one = self._standing(self.channel(named), said.get("ts"))
        if one.by_hook:
            raise No("cant_update_message")
        text, blocks, metadata = self._weighed(said)
        kept = one.metadata if metadata is None else metadata
        edited = replace(one, text=text, blocks=tuple(blocks), metadata=kept, edits=one.edits + 1)
        self.messages = [edited if each.ts == one.ts else each for each in self.messages]
        return {"channel": one.channel, "ts": one.ts, "text": text, "message": edited.json}

    def _standing(self, channel: Channel, ts: Any) -> Posted:
        for one in self.messages:
            if (one.channel, one.ts) == (channel.id, ts):
                return one
        raise No("message_not_found")

    def _link(self, said: Mapping[str, Any]) -> dict[str, Any]:
        one = self._standing(self.channel(str(said.get("channel", ""))), said.get("message_ts"))
        link = f"https://fake.slack.test/archives/{one.channel}/p{one.ts.replace('.', '')}"
        return {"channel": one.channel, "permalink": link}

    # -- what it lets a bot read ------------------------------------------------------------------------------------

    def _readable(self, named: Any, right: str) -> Channel:
        """By its id only, and only of what the bot may know."""
        channel = next((one for one in self.channels if one.id == named), None)
        self._need(f"{'groups' if channel is not None and channel.is_private else 'channels'}:{right}")
        if channel is None or (channel.is_private and not channel.is_member):
            raise No("channel_not_found")
        if right == "history" and not channel.is_member:
            raise No("not_in_channel")
        return channel

    def _info(self, said: Mapping[str, Any]) -> dict[str, Any]:
        return {"channel": self._readable(said.get("channel"), "read").json}

    def _memberships(self, said: Mapping[str, Any]) -> dict[str, Any]:
        kinds = str(said.get("types") or "public_channel").split(",")
        for kind in kinds:
            self._need("groups:read" if kind == "private_channel" else "channels:read")
        shown = [one for one in self.channels if one.is_member and not one.is_archived]
        fits = [one.json for one in shown if ("private_channel" if one.is_private else "public_channel") in kinds]
        return _paged("channels", fits, said)

    def _history(self, said: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._readable(said.get("channel"), "history")
        oldest = float(said.get("oldest") or 0)
        seen = [one for one in self.messages if one.channel == channel.id and (one.broadcast or not one.is_reply)]
        fits = [_given(one, said) for one in reversed(seen) if float(one.ts) > oldest]
        return _paged("messages", fits, said)

    def _replies(self, said: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._readable(said.get("channel"), "history")
        ts = said.get("ts")
        if not any(one.ts == ts for one in self.messages if one.channel == channel.id):
            raise No("thread_not_found")
        fits = [_given(one, said) for one in self.messages if ts in (one.ts, one.thread_ts)]
        return _paged("messages", fits, said)


def _arguments(heard: Heard, method: str) -> dict[str, Any]:
    """What came with a call: in its query or a form, or as JSON where the method takes any."""
    if not heard.body:
        return dict(heard.query)
    kind = heard.headers["content-type"].partition(";")[0].strip()
    if kind == "application/json" and not _READING.fullmatch(method):
        said = heard.json
        if not isinstance(said, dict):
            raise No("json_not_object")
        return said
    if kind == "application/json":
        return dict(heard.query)  # these read no JSON, and say nothing of it
    if kind != "application/x-www-form-urlencoded":
        raise No("invalid_post_type")
    form: dict[str, Any] = dict(parse_qsl(heard.body.decode("ascii"), keep_blank_values=True))
    for name in ("blocks", "metadata"):
        if name in form:
            try:
                form[name] = json.loads(form[name])
            except ValueError:
                raise No(f"invalid_{name}_format") from None
    return form


def _given(one: Posted, said: Mapping[str, Any]) -> dict[str, Any]:
    wants = _is_true(said.get("include_all_metadata"))
    return {**one.json, **({"metadata": dict(one.metadata)} if wants and one.metadata else {})}


def _paged(name: str, found: list[dict[str, Any]], said: Mapping[str, Any]) -> dict[str, Any]:
    """A page of what there is; the cursor is for the next."""
    cursor = str(said.get("cursor") or "0")
    if not cursor.isdecimal():
        raise No("invalid_cursor")
    start, size = int(cursor), min(int(said.get("limit") or 100), 999)
    more = str(start + size) if start + size < len(found) else ""
    return {name: found[start : start + size], "has_more": bool(more), "response_metadata": {"next_cursor": more}}


def _is_metadata(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"event_type", "event_payload"}:
        return False
    return isinstance(value["event_type"], str) and isinstance(value["event_payload"], dict)


def _is_true(value: Any) -> bool:
    return value is True or str(value).lower() in ("1", "true")


def _plain(status: int, word: str) -> Answer:
    return Answer(status, {"Content-Type": "text/html"}, word.encode())
