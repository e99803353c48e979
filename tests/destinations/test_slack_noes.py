"""Every no of Slack, and of a webhook: whether it may pass, what is to be mended, and what a proof sees."""

from __future__ import annotations

from typing import Any

import pytest

from tests.destinations.slacks import OPS, calls, critical, hooked, many, to
from tests.destinations.small import Out, banner, message, opened, resolved
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.ports import Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.slack import Slack
from tui_monitor.fakes.slack import Channel
from tui_monitor.fakes.slack import Slack as Workspace

# -- noes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says", "retry", "unsure"),
    [
        ('"error": "channel_not_found"', "knows no #ops that the bot can see: check it, and invite", False, False),
        ('"error": "not_in_channel"', "the bot is not in #ops: invite it there", False, False),
        ('"error": "is_archived"', "#ops is archived: name another", False, False),
        ('"error": "restricted_action"', "have an admin allow it", False, False),
        ('"error": "missing_scope", "needed": "chat:write"', "lacks the scope chat:write: add it", False, False),
        ('"error": "invalid_auth"', "does not take the token", False, False),
        ('"error": "token_revoked"', "does not take the token", False, False),
        ('"error": "account_inactive"', "does not take the token", False, False),
        ('"error": "invalid_blocks", "errors": ["must be less"]', r"\(invalid_blocks; must be less\)", False, False),
        ('"error": "some_new_word"', r"Slack refused it \(some_new_word\)", False, False),
        ('"error": ["a"]', r"Slack refused it \(without a reason\)", False, False),
        ('"error": "a\\u001b[31m\\nb"', r"Slack refused it \(a \[31m b\)", False, False),
        ('"error": "ratelimited"', "ratelimited", True, False),
        ('"error": "service_unavailable"', "service_unavailable", True, False),
        ('"error": "request_timeout"', "request_timeout", True, False),
        ('"error": "internal_error"', "internal_error", True, True),
        ('"error": "fatal_error"', "fatal_error", True, True),
    ],
)
async def test_a_no_that_comes_with_a_success_is_a_no(
    workspace: Workspace, outside: Out, body: str, says: str, retry: bool, unsure: bool
) -> None:
    workspace.answer(200, body=f'{{"ok": false, {body}}}'.encode())
    with pytest.raises(DeliveryError, match=says) as caught:
        await to(workspace).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (retry, unsure)
    assert len(workspace.heard) == 1


@pytest.mark.parametrize(
    ("status", "retry", "unsure"),
    [
        (500, True, True),
        (502, True, True),
        (503, True, False),
        (504, True, True),
        (400, False, False),
        (404, False, False),
    ],
)
async def test_the_status_of_an_answer_counts_too(
    workspace: Workspace, outside: Out, status: int, retry: bool, unsure: bool
) -> None:
    workspace.answer(status)
    with pytest.raises(DeliveryError) as caught:
        await to(workspace).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (retry, unsure)


async def test_too_many_waits_as_long_as_it_is_told_to(workspace: Workspace, outside: Out) -> None:
    workspace.limited(after=7)
    workspace.answer(200, body=b'{"ok": false, "error": "ratelimited"}', Retry_After="9")
    for after in (7, 9):
        with pytest.raises(DeliveryError) as caught:
            await to(workspace).deliver(message(), outside)
        assert (caught.value.retry, caught.value.after) == (True, after)


async def test_what_does_not_say_ok_is_no_success(workspace: Workspace, outside: Out) -> None:
    for body in (b"{}", b'{"ok": "true"}', b'{"ok": 1}'):
        workspace.answer(200, body=body)
        with pytest.raises(DeliveryError, match="without a reason"):
            await to(workspace).deliver(message(), outside)


async def test_a_page_to_log_in_is_no_success(workspace: Workspace, outside: Out) -> None:
    for body, says in ((b"<html>Log in</html>", "a page for people"), (b"[]", "something else than a JSON object")):
        workspace.answer(200, body=body)
        with pytest.raises(DeliveryError, match=says) as caught:
            await to(workspace).deliver(message(), outside)
        assert not caught.value.retry


# -- proof ----------------------------------------------------------------------------------------------------------


async def test_a_proof_says_what_was_seen_and_posts_nothing(workspace: Workspace, outside: Out) -> None:
    for channel in ("#ops", OPS, "#secret"):
        sentence = await to(workspace, channel).prove(outside)
        proved = "Slack takes the token of tui_monitor in Fake, and the channel is open to it"
        assert sentence == f"{proved}: {channel}; nothing was posted"
    assert workspace.messages == []
    assert not any(one.startswith("chat.") for one in calls(workspace))


@pytest.mark.parametrize(
    ("change", "channel", "says"),
    [
        ({"token": "other"}, "#ops", "does not take the token"),
        ({"scopes": ["channels:read"]}, "#ops", "lacks the scope chat:write"),
        ({}, "#nowhere", "the bot is in no channel #nowhere: check the name, and invite"),
        ({}, "C0NOWHERE", "knows no C0NOWHERE that the bot can see"),
        ({"is_member": False}, OPS, "the bot is not in C0FAKEOPS: invite it there"),
        ({"is_member": False}, "#ops", "the bot is in no channel #ops"),
        ({"is_archived": True}, OPS, "C0FAKEOPS is archived"),
    ],
)
async def test_a_proof_says_what_is_to_be_mended(
    workspace: Workspace, outside: Out, change: dict[str, Any], channel: str, says: str
) -> None:
    plugin = to(workspace, channel)
    for name, value in change.items():
        setattr(workspace if hasattr(workspace, name) else workspace.channels[0], name, value)
    with pytest.raises(DeliveryError, match=says) as caught:
        await plugin.prove(outside)
    assert not caught.value.retry


@pytest.mark.parametrize(
    ("scopes", "channel", "says"),
    [
        (
            ["chat:write"],
            "#ops",
            "could not be looked up: #ops; nothing was posted; without the scope channels:history",
        ),
        (["chat:write"], OPS, "could not be looked up: C0FAKEOPS"),
        (
            ["chat:write", "channels:read", "channels:history"],
            "#nowhere",
            "could not be looked up: #nowhere; nothing was posted",
        ),
        (["chat:write", "chat:write.public", "channels:read", "groups:read"], "#nowhere", "could not be looked up"),
        (["chat:write"], "U0123456789", "could not be looked up: U0123456789"),
    ],
)
async def test_a_proof_says_what_could_not_be_seen(
    workspace: Workspace, outside: Out, scopes: list[str], channel: str, says: str
) -> None:
    workspace.scopes = scopes
    assert says in await to(workspace, channel).prove(outside)


async def test_a_bot_that_may_post_everywhere_need_not_be_there(workspace: Workspace, outside: Out) -> None:
    workspace.scopes.append("chat:write.public")
    workspace.channels[0].is_member = False
    assert "is open to it" in await to(workspace, OPS).prove(outside)
    await to(workspace).deliver(message(), outside)
    assert len(workspace.messages) == 1


async def test_a_name_is_found_on_a_later_page(workspace: Workspace, outside: Out) -> None:
    workspace.channels[:0] = [Channel(f"C1{n:08}", f"room-{n}") for n in range(450)]
    assert "is open to it" in await to(workspace).prove(outside)


# -- an incoming webhook --------------------------------------------------------------------------------------------


async def test_through_a_webhook_each_message_stands_alone(workspace: Workspace, outside: Out) -> None:
    plugin = hooked(workspace, mention=("channel",))
    for told in (message(critical(opened())), message(resolved()), many(), banner()):
        assert await plugin.deliver(told, outside) == Receipt()
    assert [one.shown.splitlines()[0] for one in workspace.messages] == [
        "🔴 API production: major",
        "🟢 API production: over",
        "🔴 7 incidents opened: service 0, service 1, service 2, service 3, service 4 and 2 more",
        "🟡 Ops: Search is slow",
    ]
    assert workspace.messages[0].calls == ("!channel",)
    assert "Acknowledge" not in workspace.messages[0].shown


async def test_a_webhook_cannot_be_asked_and_nobody_tries(workspace: Workspace) -> None:
    assert not hasattr(hooked(workspace), "find")
    assert hasattr(to(workspace), "find")


@pytest.mark.parametrize(
    ("status", "body", "says", "retry"),
    [
        (404, b"no_service", "there is no such webhook any more: make a new one", False),
        (403, b"invalid_token", "there is no such webhook any more", False),
        (403, b"action_prohibited", "an admin does not let the webhook post", False),
        (410, b"channel_is_archived", "archived: make one for another channel", False),
        (400, b"invalid_blocks", "answered 400 Bad Request: invalid_blocks", False),
        (500, b"rollup_error", "rollup_error", True),
        (200, b"<html>Log in", "not ok as Slack does", False),
        (200, b"", "not ok as Slack does", False),
    ],
)
async def test_a_webhook_that_takes_nothing_says_what_is_to_be_mended(
    workspace: Workspace, outside: Out, status: int, body: bytes, says: str, retry: bool
) -> None:
    workspace.answer(status, body=body)
    with pytest.raises(DeliveryError, match=says) as caught:
        await hooked(workspace).deliver(message(), outside)
    assert caught.value.retry is retry
    assert "s3cr3tpath" not in str(caught.value)


async def test_a_webhook_that_is_asked_too_often_says_when(workspace: Workspace, outside: Out) -> None:
    workspace.limited(after=30)
    with pytest.raises(DeliveryError) as caught:
        await hooked(workspace).deliver(message(), outside)
    assert (caught.value.retry, caught.value.after) == (True, 30)


async def test_a_webhook_is_proved_by_what_it_refuses(workspace: Workspace, outside: Out) -> None:
    assert "has this webhook" in await hooked(workspace).prove(outside)
    assert workspace.messages == []
    workspace.dead_hooks = True
    with pytest.raises(DeliveryError, match="no such webhook"):
        await hooked(workspace).prove(outside)
    for status, body in ((200, b"<html>"), (200, b"no_text"), (400, b"what?")):
        workspace.answer(status, body=body)
        with pytest.raises(DeliveryError) as caught:
            await hooked(workspace).prove(outside)
        assert not caught.value.retry


# -- config ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "give one of token and webhook_url"),
        ({"token": "x", "channel": "#a", "webhook_url": "https://h.test/"}, "give one of token and webhook_url"),
        ({"token": "x"}, "channel belongs to a token"),
        ({"webhook_url": "https://h.test/", "channel": "#a"}, "channel belongs to a token"),
        ({"token": "x", "channel": "# a b"}, "channel must be a name like"),
        ({"token": "x", "channel": "@ann"}, "channel must be a name like"),
        ({"token": "x\n", "channel": "#a"}, "token: .*line break"),
        ({"token": "x", "channel": "#a", "api": "slack.com/api"}, "api: .*must begin with http"),
        ({"webhook_url": "hooks.slack.com/s3cr3tpath"}, "webhook_url: .*must begin with http"),
        ({"token": "x", "channel": "#a", "mention": ("ops",)}, "mention: 'ops' is not channel, here, or the id"),
        ({"token": "x", "channel": "#a", "mention": ("U12|3456",)}, "mention: .*is not channel"),
        ({"token": "x", "channel": "#a", "mention": ("here",) * 51}, "mention: give 50 at most"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(options: dict[str, Any], says: str) -> None:
    for name in ("token", "webhook_url"):
        if name in options:
            options = {**options, name: Secret(options[name])}
    with pytest.raises(ValueError, match=says) as caught:
        Slack(**options)
    assert "s3cr3tpath" not in str(caught.value)
