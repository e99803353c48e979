"""What is said in Slack, in which order: a message is edited first and answered in its thread last.

To edit it twice changes nothing, so whatever fails in between is done again whole; only the last call adds something,
and it carries the key of the telling.
"""

from __future__ import annotations

from typing import Any

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message
from tui_monitor.core.ports import Receipt
from tui_monitor.destinations.craft import slack_blocks as look
from tui_monitor.destinations.craft.slack_api import Api
from tui_monitor.destinations.craft.slack_search import Ref, found, marked, ref_of

_QUIET = {"unfurl_links": False, "unfurl_media": False}


async def begin(api: Api, message: Message, mention: str, *, buttons: bool) -> Receipt:
    """A message of its own."""
    said = _said(message, look.top(message, mention, buttons=buttons))
    made = await api.do("chat.postMessage", channel=api.channel, metadata=marked(message), **said, **_QUIET)
    return await _receipt(api, ref_of(made, message))


async def go_on(api: Api, message: Message, ref: Ref, mention: str, *, buttons: bool, broadcast: bool) -> Receipt:
    """What stands there is edited, and what is new is said under it; of a banner nothing is said beside it."""
    place = {"channel": ref.channel}
    is_banner = message.banner is not None
    blocks = _standing(message, ref, buttons=buttons)
    if blocks:
        key = {"metadata": marked(message)} if is_banner else {}  # the thread knows the others
        await api.do("chat.update", **place, ts=ref.ts, **key, **_said(message, blocks))
    if not is_banner:
        said = _said(message, look.reply(message, mention))
        shown = {"reply_broadcast": True} if broadcast else {}
        where = {**place, "thread_ts": ref.ts, **shown}
        await api.do("chat.postMessage", **where, metadata=marked(message), **said, **_QUIET)
    return Receipt(message.ref, message.url)


async def ask(api: Api, message: Message) -> Receipt | None:
    """What came of a telling that was cut off; None where it did not arrive, or nobody can see."""
    ref = await found(api, message)
    return await _receipt(api, ref) if ref is not None else None


def _standing(message: Message, ref: Ref, *, buttons: bool) -> list[look.Block]:
    """How the message is to look by now; that about many stays as it is until the last of them is over."""
    if not ref.crowd:
        return look.top(message, buttons=buttons)
    lasting = message.beside or any(item.incident.is_open for item in message.items)
    return [] if lasting else look.last(message, ref.crowd)


def _said(message: Message, blocks: list[look.Block]) -> dict[str, Any]:
    return {"text": look.fallback(message), "blocks": blocks, "parse": "none"}


async def _receipt(api: Api, ref: Ref | None) -> Receipt:
    """The reference, and the link for people; that there is none keeps nothing from having arrived."""
    if ref is None:
        return Receipt(note="Slack took it, but did not say where it stands: what comes next begins anew")
    try:
        said = await api.get("chat.getPermalink", channel=ref.channel, message_ts=ref.ts)
    except DeliveryError:
        return Receipt(str(ref))
    link = said.get("permalink")
    return Receipt(str(ref), link if isinstance(link, str) and link.startswith("https://") else "")
