"""Slack's Web API and its incoming webhooks: one call, and what its answer means.

The API answers 200 also where it refuses, and says so inside; a webhook answers with a word of plain text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.secret import Secret
from tui_monitor.core.stamp import retry_after
from tui_monitor.destinations.craft import posting
from tui_monitor.destinations.craft.posting import Answer, Post

if TYPE_CHECKING:
    import httpx

JSON = {"Content-Type": "application/json; charset=utf-8"}

PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "org_login_required",
    }
)
UNSURE = frozenset({"internal_error", "fatal_error"})
"""After which some of what was asked may have been done."""

GONE = frozenset(
    {
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "thread_not_found",
        "cannot_reply_to_message",
    }
)
"""What says that a message can be followed up no more."""

_STRANGER = "Slack does not take the token: give the bot token of an app that is installed in the workspace"
_READ_ONLY = "the workspace does not let the bot post in {channel}: have an admin allow it, or name another channel"
MENDS: Mapping[str, str] = {
    "channel_not_found": "Slack knows no {channel} that the bot can see: check it, and invite the bot there",
    "not_in_channel": "the bot is not in {channel}: invite it there",
    "is_archived": "{channel} is archived: name another channel",
    "restricted_action": _READ_ONLY,
    "restricted_action_read_only_channel": _READ_ONLY,
    "restricted_action_thread_only_channel": _READ_ONLY,
    "restricted_action_non_threadable_channel": _READ_ONLY,
    "restricted_action_thread_locked": "an admin has locked the thread of this message in {channel}: unlock it",
    "ekm_access_denied": _READ_ONLY,
    "missing_scope": "the token lacks the scope {needed}: add it to the app, and install the app again",
    "no_permission": "the token lacks the scope chat:write: add it to the app, and install the app again",
    "not_allowed_token_type": _STRANGER,
    **dict.fromkeys(("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired"), _STRANGER),
}
HOOK_MENDS: Mapping[str, str] = {
    **dict.fromkeys(
        ("no_service", "no_active_hooks", "no_team", "invalid_token", "team_disabled", "no_service_id"),
        "there is no such webhook any more: make a new one and give its address",
    ),
    "channel_not_found": "the channel of the webhook is gone: make a new one",
    "channel_is_archived": "the channel of the webhook is archived: make one for another channel",
    "action_prohibited": "an admin does not let the webhook post: have it allowed",
    "posting_to_general_channel_denied": "an admin does not let the webhook post there: have it allowed",
}


class Refused(DeliveryError):
    """Slack has understood and does not do it; `code` is its word for why."""

    def __init__(
        self, text: str, code: str, *, retry: bool = False, after: float | None = None, unsure: bool = False
    ) -> None:
        super().__init__(text, retry=retry, after=after, unsure=unsure)
        self.code = code


@dataclass(frozen=True, slots=True)
class Api:
    """The way to a workspace for as long as one delivery takes; `channel` is what errors call the place."""

    base: str
    token: Secret
    channel: str
    client: httpx.AsyncClient
    now: datetime

    async def do(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A call that changes something."""
        return (await self._exchange(self._doing(method, arguments)))[0]

    async def get(self, method: str, **arguments: str) -> dict[str, Any]:
        """A call that asks; these take no JSON."""
        return (await self._exchange(self._asking(method, arguments)))[0]

    async def identify(self) -> tuple[dict[str, Any], frozenset[str] | None]:
        """Who the token is, and its scopes; None where nobody says them."""
        said, answer = await self._exchange(self._doing("auth.test", {}))
        scopes = answer.headers.get("x-oauth-scopes")
        return said, None if scopes is None else frozenset(scopes.replace(",", " ").split())

    def _doing(self, method: str, arguments: Mapping[str, Any]) -> Post:
        headers = {**JSON, **self._authorization()}
        return Post("POST", self._url(method), headers, json.dumps(arguments).encode(), (self.token,), known=True)

    def _asking(self, method: str, arguments: Mapping[str, str]) -> Post:
        given = {name: value for name, value in arguments.items() if value}
        url = self._url(method, f"?{urlencode(given)}" if given else "")
        return Post("GET", url, self._authorization(), secrets=(self.token,), known=True, reads=True)

    def _url(self, method: str, query: str = "") -> Secret:
        return Secret(f"{self.base.rstrip('/')}/{method}{query}")

    def _authorization(self) -> dict[str, str]:
        return posting.authorization("", Secret(""), self.token)

    async def _exchange(self, post: Post) -> tuple[dict[str, Any], Answer]:
        answer = await posting.ask(post, self.client)
        if not 200 <= answer.status < 300:
            refused = posting.refusal(post, answer, self.now)
            unsure = answer.status in (500, 502, 504)  # a gateway says so also of what was done behind it
            raise DeliveryError(str(refused), retry=refused.retry, after=refused.after, unsure=unsure)
        said = posting.said(post, answer)
        if said.get("ok") is not True:
            raise self._refused(post, answer, said)
        return said, answer

    def _refused(self, post: Post, answer: Answer, said: Mapping[str, Any]) -> Refused:
        code = said.get("error")
        code = code if isinstance(code, str) else ""
        named = {"{channel}": post.harmless(self.channel), "{needed}": str(said.get("needed") or "that it needs")}
        text = MENDS.get(code, "Slack refused it")
        for field, value in named.items():
            text = text.replace(field, post.harmless(value))
        why = post.harmless("; ".join((code or "without a reason", *_details(said))))
        after = retry_after(answer.headers.get("retry-after", ""), self.now)
        return Refused(f"{text} ({why})", code, retry=code in PASSING, after=after, unsure=code in UNSURE)


def _details(said: Mapping[str, Any]) -> list[str]:
    """What Slack says more of what is wrong with a request."""
    errors = said.get("errors")
    return [str(one) for one in errors[:3]] if isinstance(errors, list) else []


async def post_to_hook(url: Secret, payload: Mapping[str, Any], client: httpx.AsyncClient, now: datetime) -> None:
    """A message to an incoming webhook, which says `ok` and nothing else."""
    post = posting.json_post(url, payload, JSON, ())
    answer = await posting.ask(post, client)
    _check_hook(post, answer, now)
    if answer.body.strip() != b"ok":
        said = post.harmless(answer.body.decode("utf-8", "replace"), 60)
        text = (
            f"{post.host} answered {answer.status}, but not ok as Slack does: give the address of an incoming webhook"
        )
        raise DeliveryError(f"{text} ({said})" if said else text, retry=False)


async def prove_hook(url: Secret, client: httpx.AsyncClient, now: datetime) -> str:
    """A message without words is refused by a webhook that is there, and posts nothing."""
    post = posting.json_post(url, {}, JSON, ())
    answer = await posting.ask(post, client)
    if answer.status != 400 or answer.body.strip() not in (b"no_text", b"invalid_payload"):
        _check_hook(post, answer, now)
        text = f"{post.host} answered {answer.status} to an empty message, as no incoming webhook of Slack does"
        raise DeliveryError(f"{text}: check webhook_url", retry=False)
    return f"{post.host} has this webhook, and refuses an empty message as it should; nothing was posted"


def _check_hook(post: Post, answer: Answer, now: datetime) -> None:
    if not 200 <= answer.status < 300:
        word = post.harmless(answer.body.decode("utf-8", "replace"), 60)
        mend = HOOK_MENDS.get(word, "")
        raise posting.refusal(post, answer, now, f"{mend} ({word})" if mend else "")
