"""Where a message stands in Slack, and how it is found again: each carries its key where only programs look.

Finding needs more than posting does. `channels:history` (`groups:history` in a private channel) lets a bot read what
it has posted; a channel that is known by its name only needs `channels:read` or `groups:read` too. A bot that may not
look does not know, and what was cut off in the middle is then sent again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message
from tui_monitor.core.text import clean
from tui_monitor.destinations.craft.slack_api import GONE, Api, Refused

EVENT = "tui_monitor"
PAGES, SIZE = 5, "200"
CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,20}")
PERSON_ID = re.compile(r"[UW][A-Z0-9]{6,20}")
CHANNEL = re.compile(r"#?[^\s#@<>&,]{1,80}")
_TS = re.compile(r"\d{1,12}\.\d{1,8}")
_KINDS = {"channels:read": "public_channel", "groups:read": "private_channel"}
_HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
_BLIND = frozenset(
    {
        "missing_scope",
        "no_permission",
        "not_in_channel",
        "channel_not_found",
        "not_allowed_token_type",
        "team_not_found",
    }
)
"""What says that it cannot be seen from here."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A message by Slack's own names for it; `crowd` is of how many incidents it told, where it told of many."""

    channel: str
    ts: str
    crowd: int = 0

    def __str__(self) -> str:
        return f"{self.channel}/{self.ts}" + (f"/{self.crowd}" if self.crowd else "")


def ref_in(text: str) -> Ref | None:
    """The message that a reference names; None where it names none of Slack's."""
    channel, ts, *crowd = [*text.split("/"), ""][:3]
    if not CHANNEL_ID.fullmatch(channel) or not _TS.fullmatch(ts):
        return None
    return Ref(channel, ts, int(crowd[0]) if crowd and crowd[0].isdecimal() else 0)


def ref_of(said: Mapping[str, Any], message: Message, channel: str = "") -> Ref | None:
    """The message that Slack has just spoken of."""
    count = len(message.items)
    return ref_in(str(Ref(channel or str(said.get("channel")), str(said.get("ts")), count if count > 1 else 0)))


def marked(message: Message) -> dict[str, Any]:
    """The key of a telling, as metadata."""
    return {"event_type": EVENT, "event_payload": {"key": message.key}}


def has_mark(said: Any, message: Message) -> bool:
    """Whether this is what was posted in that telling."""
    metadata = said.get("metadata") if isinstance(said, dict) else None
    return isinstance(metadata, dict) and marked(message).items() <= metadata.items()


async def found(api: Api, message: Message) -> Ref | None:
    """Under which message a telling arrived; None where it did not, or nobody can see."""
    before = ref_in(message.ref)
    try:
        if before is not None and await _is_in_thread(api, message, before):
            return before
        channel = before.channel if before is not None else await _id_of(api)
        since = {"channel": channel, "oldest": f"{_begun(message):.6f}"}
        said = await _seek(api, "conversations.history", message, since) if channel else None
    except Refused as refused:
        if refused.code in _BLIND:
            return None
        raise
    return ref_of(said, message, channel) if said else None


async def _is_in_thread(api: Api, message: Message, ref: Ref) -> bool:
    """Whether it stands in the thread of a message, or is that message; of one that is gone, it is not."""
    where = {"channel": ref.channel, "ts": ref.ts}
    try:
        return await _seek(api, "conversations.replies", message, where) is not None
    except Refused as refused:
        if refused.code in GONE:
            return False
        raise


def _begun(message: Message) -> float:
    """Before which nothing can have been said of this."""
    banner = [message.banner.at] if message.banner is not None else []
    moments = [*banner, *(item.incident.started_at for item in message.items)]
    return min(moments, default=message.at).timestamp() - 60


async def _seek(api: Api, method: str, message: Message, where: Mapping[str, str]) -> dict[str, Any] | None:
    async for page in _pages(api, method, include_all_metadata="true", **where):
        for said in _list(page, "messages"):
            if has_mark(said, message):
                return dict(said)
    return None


async def _pages(api: Api, method: str, **query: str) -> Any:
    cursor = ""
    for _ in range(PAGES):
        page = await api.get(method, limit=SIZE, cursor=cursor, **query)
        yield page
        more = page.get("response_metadata")
        cursor = str(more.get("next_cursor") or "") if isinstance(more, dict) else ""
        if not cursor:
            return


def _list(page: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = page.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


async def _id_of(api: Api) -> str:
    """The id of the channel, which Slack wants where it is asked; empty where it cannot be seen."""
    if CHANNEL_ID.fullmatch(api.channel):
        return api.channel
    if PERSON_ID.fullmatch(api.channel):
        return ""  # what a direct message is called is known once something stands there
    _, scopes = await api.identify()
    one = await _named(api, _visible(scopes))
    return str(one.get("id")) if one else ""


def _visible(scopes: frozenset[str] | None) -> list[str]:
    """The kinds of channels of which the token may see which ones there are."""
    return [kind for scope, kind in _KINDS.items() if scopes is None or scope in scopes]


async def _named(api: Api, kinds: list[str]) -> dict[str, Any] | None:
    """The channel of this name, of those in which the bot is."""
    name = api.channel.removeprefix("#")
    async for page in _pages(api, "users.conversations", types=",".join(kinds)):
        for one in _list(page, "channels"):
            if one.get("name") == name:
                return one
    return None


# -- proof ----------------------------------------------------------------------------------------------------------


async def prove(api: Api) -> str:
    """That the token is one, may post, and sees the channel; nothing is posted."""
    said, scopes = await api.identify()
    if scopes is not None and not scopes & {"chat:write", "chat:write:bot", "bot"}:
        raise DeliveryError("the token lacks the scope chat:write: add it, and install the app again", retry=False)
    channel = clean(api.channel)
    is_seen = await _sees(api, scopes)
    where = f"is open to it: {channel}" if is_seen else f"could not be looked up: {channel}"
    bot, team = (clean(str(said.get(name, "?")), 60) for name in ("user", "team"))
    sentence = f"Slack takes the token of {bot} in {team}, and the channel {where}; nothing was posted"
    if scopes is not None and not scopes & _HISTORY:
        sentence += "; without the scope channels:history (private: groups:history), what is cut off may come twice"
    return sentence


async def _sees(api: Api, scopes: frozenset[str] | None) -> bool:
    """Whether the bot sees that it may post there; DeliveryError where it sees that it may not."""
    everywhere = scopes is not None and "chat:write.public" in scopes
    try:
        if PERSON_ID.fullmatch(api.channel):
            return False
        if CHANNEL_ID.fullmatch(api.channel):
            found = (await api.get("conversations.info", channel=api.channel)).get("channel")
        else:
            found = await _named(api, _visible(scopes))
    except Refused as refused:
        if refused.code in ("missing_scope", "no_permission", "not_allowed_token_type"):
            return False
        raise
    if found is None and (everywhere or scopes is None or len(_visible(scopes)) < len(_KINDS)):
        return False
    channel = clean(api.channel)
    if not isinstance(found, dict):
        raise DeliveryError(
            f"the bot is in no channel {channel}: check the name, and invite the bot there", retry=False
        )
    if found.get("is_archived"):
        raise DeliveryError(f"{channel} is archived: name another channel", retry=False)
    if found.get("is_member") is False and not everywhere:
        raise DeliveryError(f"the bot is not in {channel}: invite it there", retry=False)
    return True
