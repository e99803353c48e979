"""Slack over a real socket: one message that is edited, its thread, what was cut off, and every no of Slack's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.destinations.small import NOON, Out, banner, changed, message, opened, resolved
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Item, Message, News, message_of
from tui_monitor.core.model import State
from tui_monitor.core.ports import Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.slack import Slack
from tui_monitor.fakes.slack import Channel, Posted
from tui_monitor.fakes.slack import Slack as Workspace

OPS = "C0FAKEOPS"


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as one:
        one.now = NOON.timestamp
        yield one
        assert one.refused == []
        assert one.slips == []


def to(workspace: Workspace, channel: str = "#ops", **options: Any) -> Slack:
    return Slack(Secret(workspace.token), channel, api=workspace.api, **options)


def hooked(workspace: Workspace, **options: Any) -> Slack:
    return Slack(webhook_url=Secret(workspace.hook), **options)


def calls(workspace: Workspace) -> list[str]:
    """The methods that were called, in their order."""
    return [heard.path.rpartition("/")[2] for heard in workspace.heard]


def said(one: Posted) -> str:
    return one.shown


def critical(item: Item) -> Item:
    return replace(item, service=replace(item.service, critical=True))


def acknowledged(**more: Any) -> Item:
    return changed(state=State.ACKNOWLEDGED, by="ann", acknowledged_at=NOON, **more)


def reminder(item: Item, ref: str = "") -> Message:
    return message_of("ops", [replace(item, news=News.REMINDER)], NOON, ref, told_at=NOON)


def many(count: int = 7) -> Message:
    return message([opened(f"service {n}", n) for n in range(count)])


# -- one message, and its thread ------------------------------------------------------------------------------------


async def test_an_incident_is_one_message_with_a_link_to_it(workspace: Workspace, outside: Out) -> None:
    receipt = await to(workspace).deliver(message(), outside)
    (one,) = workspace.messages
    assert receipt == Receipt(f"{OPS}/{one.ts}", f"https://fake.slack.test/archives/{OPS}/p{one.ts.replace('.', '')}")
    assert said(one).splitlines() == [
        "🔴 API production: major",
        "API production is major: it answered 500",
        "since 2026-11-20 11:55 UTC · link · `inc1`",
        "Acknowledge",
        "Resolve",
        "Open a ticket",
    ]
    assert one.text == "API production is major: it answered 500"
    heard = workspace.heard[0]
    assert heard.headers["authorization"] == f"Bearer {workspace.token}"
    assert heard.headers["content-type"] == "application/json; charset=utf-8"
    assert heard.json["unfurl_links"] is heard.json["unfurl_media"] is False
    assert heard.json["parse"] == "none"
    assert calls(workspace) == ["chat.postMessage", "chat.getPermalink"]


async def test_a_change_edits_the_message_and_is_said_in_its_thread(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    again = await plugin.deliver(message_of("ops", [acknowledged()], NOON, first.ref, first.url), outside)
    assert again == first
    top, reply = workspace.messages
    assert (top.edits, top.is_reply) == (1, False)
    assert (reply.thread_ts, reply.broadcast) == (top.ts, False)
    assert "acknowledged by ann" in said(top)
    assert said(top).splitlines()[-2:] == ["Resolve", "Open a ticket"]
    assert "looking" in said(reply)
    assert workspace.heard[-2].json["channel"] == OPS
    assert calls(workspace)[2:] == ["chat.update", "chat.postMessage"]


async def test_a_change_keeps_what_is_wrong_in_sight(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    await plugin.deliver(message(acknowledged(title="it answered 502"), first.ref), outside)
    assert "it answered 502" in said(workspace.tops[0])


async def test_the_end_turns_the_message_green_and_takes_its_buttons_away(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    await plugin.deliver(message(resolved(), first.ref), outside)
    top, reply = workspace.messages
    assert said(top).splitlines() == [
        "🟢 API production: over",
        "API production is operational again after 5 m",
        "it answered 500",
        "from 2026-11-20 11:55 UTC, for 5 m · link · `inc1`",
    ]
    assert said(reply) == "API production is operational again after 5 m"
    assert not reply.broadcast


async def test_what_is_over_before_it_was_told_is_one_quiet_message(workspace: Workspace, outside: Out) -> None:
    item = critical(replace(resolved(), news=News.OVER))
    await to(workspace, mention=("channel",)).deliver(message(item), outside)
    (one,) = workspace.messages
    assert said(one).startswith("🟢 API production: over")
    assert one.calls == ()
    assert "Acknowledge" not in said(one)


async def test_a_reply_is_shown_in_the_channel_where_the_config_says_so(workspace: Workspace, outside: Out) -> None:
    first = await to(workspace).deliver(message(), outside)
    told = [message(acknowledged(), first.ref), reminder(opened(), first.ref), message(resolved(), first.ref)]
    for broadcast in ((), ("reminder",), ("changed", "resolved")):
        for one in told:
            await to(workspace, broadcast=broadcast).deliver(one, outside)
    assert [one.broadcast for one in workspace.replies] == [
        *(False, False, False),
        *(False, True, False),
        *(True, False, True),
    ]


# -- mentions -------------------------------------------------------------------------------------------------------


async def test_a_critical_service_calls_the_channel_by_a_block_of_its_own(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace, mention=("channel", "U0123456", "S0123456"))
    await plugin.deliver(message(critical(opened())), outside)
    await plugin.deliver(message(), outside)
    called, other = workspace.messages
    assert called.calls == ("!channel", "@U0123456", "!subteam^S0123456")
    assert called.blocks[1]["text"]["text"] == "<!channel> <@U0123456> <!subteam^S0123456>"
    assert "<!channel>" not in called.text
    assert other.calls == ()


async def test_an_edit_and_its_reply_call_nobody_and_a_reminder_does(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace, mention=("here",))
    item = critical(opened())
    first = await plugin.deliver(message(item), outside)
    await plugin.deliver(message(critical(acknowledged()), first.ref), outside)
    await plugin.deliver(reminder(item, first.ref), outside)
    await plugin.deliver(message(critical(resolved()), first.ref), outside)
    assert [one.calls for one in workspace.replies] == [(), ("!here",), ()]
    assert "<!here>" not in str(workspace.tops[0].blocks)


@pytest.mark.parametrize(
    ("when", "item", "called"),
    [
        ("critical", opened(), False),
        ("critical", critical(opened()), True),
        ("critical", critical(opened(status=Status.MAINTENANCE)), False),
        ("critical", critical(opened(status=Status.UNKNOWN)), False),
        ("always", opened(), True),
        ("never", critical(opened()), False),
    ],
)
async def test_who_is_called_when(workspace: Workspace, outside: Out, when: Any, item: Item, called: bool) -> None:
    await to(workspace, mention=("channel",), mention_when=when).deliver(message(item), outside)
    assert bool(workspace.messages[0].calls) is called


async def test_a_rehearsal_says_so_and_calls_nobody(workspace: Workspace, outside: Out) -> None:
    item = replace(critical(opened("[TEST] API")), is_test=True)
    await to(workspace, mention=("channel",)).deliver(message(item), outside)
    (one,) = workspace.messages
    assert one.calls == ()
    assert "in earnest, this would mention channel" in said(one)
    assert said(one).startswith("🔴 [TEST] API: major")


async def test_what_others_wrote_calls_nobody_and_links_nowhere(workspace: Workspace, outside: Out) -> None:
    name = "<!channel> @here <https://evil.test|ok> & #general <@U0123456>"
    await to(workspace).deliver(message(opened(name, title=name, url="https://x.test/a|b>c <d")), outside)
    (one,) = workspace.messages
    assert one.calls == ()
    assert "<!channel> @here <https://evil.test|ok> & #general" in said(one)
    texts = [block["text"] for block in one.blocks if block["type"] == "section"]
    texts += [element for block in one.blocks if block["type"] == "context" for element in block["elements"]]
    assert all(text["verbatim"] is True for text in texts)
    assert "https://x.test/a%7Cb%3Ec%20%3Cd|link" in str(one.blocks)


# -- many at once ---------------------------------------------------------------------------------------------------


async def test_many_are_one_message_that_stays_until_the_last_of_them_is_over(
    workspace: Workspace, outside: Out
) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(many(), outside)
    top = workspace.messages[0]
    assert first.ref == f"{OPS}/{top.ts}/7"
    assert said(top).splitlines()[:2] == [
        "🔴 7 incidents opened: service 0, service 1, service 2, service 3, service 4 and 2 more",
        "🔴 service 0 is major: it answered 500",
    ]
    assert "Acknowledge" not in said(top)
    some = [resolved(f"service {n}", n) for n in range(3)]
    assert (await plugin.deliver(replace(message(some, first.ref), beside=4), outside)).ref == first.ref
    assert workspace.tops == [top]
    assert "🟢 service 1 is operational again after 5 m" in said(workspace.replies[0])
    rest = [resolved(f"service {n}", n) for n in range(3, 7)]
    await plugin.deliver(message(rest, first.ref), outside)
    (after,) = workspace.tops
    assert said(after).startswith(
        "🟢 All 7 incidents are over\nThe thread tells of each. The last of them:\n🟢 service 3"
    )
    assert len(workspace.replies) == 2


async def test_a_message_about_many_stays_while_one_of_them_lasts(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(many(), outside)
    await plugin.deliver(message(acknowledged(), first.ref), outside)
    await plugin.deliver(replace(message(resolved(), first.ref), beside=1), outside)
    assert workspace.tops[0].edits == 0
    assert len(workspace.replies) == 2


async def test_a_storm_of_the_heaviest_letters_fits_and_so_does_its_answer(
    workspace: Workspace, outside: Out
) -> None:
    for letters in ("💥", "漢", "&", "<", "n"):
        told = message([opened(letters * 9_000, n, title=letters * 9_000) for n in range(500)])
        receipt = await to(workspace).deliver(told, outside)
        assert receipt.ref.endswith("/500")
        assert " more" in said(workspace.messages[-1])
    for letters in ("💥", "&"):
        item = opened(letters * 9_000, title=letters * 9_000, by=letters * 9_000, id=letters * 90)
        await to(workspace, mention=tuple(f"U{n:010}" for n in range(50)), mention_when="always").deliver(
            message(item), outside
        )


# -- what was cut off -----------------------------------------------------------------------------------------------


async def test_a_refusal_between_edit_and_reply_leaves_one_reply(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    told = message(acknowledged(), first.ref)
    workspace.let(1)
    workspace.answer(503)
    with pytest.raises(DeliveryError) as caught:
        await plugin.deliver(told, outside)
    assert caught.value.retry
    assert not caught.value.unsure
    await plugin.deliver(told, outside)
    assert len(workspace.replies) == 1


async def test_a_reply_that_was_cut_off_is_found(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    told = message_of("ops", [acknowledged()], NOON, first.ref, first.url)
    workspace.let(1)
    workspace.drop()
    with pytest.raises(DeliveryError) as caught:
        await plugin.deliver(told, outside)
    assert caught.value.retry
    assert caught.value.unsure
    assert len(workspace.replies) == 1
    assert await plugin.find(told, outside) == first


async def test_an_edit_that_was_cut_off_is_done_again(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    told = message(acknowledged(), first.ref)
    workspace.drop()
    with pytest.raises(DeliveryError) as caught:
        await plugin.deliver(told, outside)
    assert caught.value.unsure
    assert await plugin.find(told, outside) is None
    await plugin.deliver(told, outside)
    assert len(workspace.messages) == 2


@pytest.mark.parametrize("channel", ["#ops", "ops", OPS, "G0FAKESEC", "secret"])
async def test_a_message_that_was_cut_off_is_found_with_its_link(
    workspace: Workspace, outside: Out, channel: str
) -> None:
    plugin = to(workspace, channel)
    workspace.drop()
    with pytest.raises(DeliveryError) as caught:
        await plugin.deliver(many(), outside)
    assert caught.value.unsure
    (one,) = workspace.messages
    receipt = await plugin.find(many(), outside)
    assert receipt is not None
    assert receipt.ref == f"{one.channel}/{one.ts}/7"
    assert receipt.url.startswith("https://fake.slack.test/archives/")


async def test_it_is_found_also_behind_what_others_have_said_since(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace, OPS)
    receipt = await plugin.deliver(message(), outside)
    (one,) = workspace.messages
    workspace.messages += [replace(one, ts=f"{NOON.timestamp():.0f}.{n:06d}", metadata={}) for n in range(1000, 1450)]
    assert await plugin.find(message(), outside) == receipt


async def test_nothing_older_than_the_incident_is_looked_at(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace, OPS)
    workspace.now = (NOON - timedelta(hours=1)).timestamp
    await plugin.deliver(message(), outside)
    assert await plugin.find(message(), outside) is None


@pytest.mark.parametrize("word", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_message_that_can_be_edited_no_more_is_told_anew(
    workspace: Workspace, outside: Out, word: str
) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    if word == "message_not_found":
        workspace.delete(workspace.messages[0].ts)
    else:
        workspace.answer(200, body=b'{"ok": false, "error": "%b"}' % word.encode())
    told = message_of("ops", [resolved()], NOON, first.ref, first.url)
    again = await plugin.deliver(told, outside)
    assert again.ref not in ("", first.ref)
    assert again.url not in ("", first.url)
    assert workspace.replies == []
    assert said(workspace.messages[-1]).startswith("🟢 API production: over")
    assert await plugin.find(told, outside) == again


async def test_a_message_that_is_refused_for_another_reason_is_not_told_anew(
    workspace: Workspace, outside: Out
) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    workspace.answer(200, body=b'{"ok": false, "error": "is_archived"}')
    with pytest.raises(DeliveryError, match="archived"):
        await plugin.deliver(message(resolved(), first.ref), outside)
    assert len(workspace.messages) == 1


async def test_the_thread_of_many_that_is_gone_begins_anew(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(many(), outside)
    workspace.delete(workspace.messages[0].ts)
    again = await plugin.deliver(replace(message(acknowledged(), first.ref), beside=6), outside)
    (one,) = workspace.messages
    assert again.ref == f"{OPS}/{one.ts}"


async def test_a_reference_that_is_none_of_slacks_begins_anew(workspace: Workspace, outside: Out) -> None:
    for ref in ("42", "a/b", "../x/1.2", f"{OPS}/not-a-time"):
        receipt = await to(workspace).deliver(message(acknowledged(), ref), outside)
        assert receipt.ref.startswith(f"{OPS}/")
    assert len(workspace.tops) == 4


@pytest.mark.parametrize(
    ("channel", "lacks"),
    [
        (OPS, {"channels:history"}),
        ("#ops", {"channels:history"}),
        ("#ops", {"channels:read", "groups:read"}),
        ("G0FAKESEC", {"groups:history"}),
        ("#secret", {"groups:read"}),
        ("U0123456789", set()),
    ],
)
async def test_a_bot_that_may_not_look_does_not_know(
    workspace: Workspace, outside: Out, channel: str, lacks: set[str]
) -> None:
    workspace.scopes = [one for one in workspace.scopes if one not in lacks]
    if not channel.startswith("U"):
        await to(workspace, channel).deliver(message(), outside)
    assert await to(workspace, channel).find(message(), outside) is None


async def test_it_finds_by_the_name_of_what_it_may_see(workspace: Workspace, outside: Out) -> None:
    workspace.scopes = [one for one in workspace.scopes if not one.startswith("groups:")]
    receipt = await to(workspace).deliver(message(), outside)
    assert await to(workspace).find(message(), outside) == receipt


async def test_to_be_unable_to_ask_is_not_to_be_told_no(workspace: Workspace, outside: Out) -> None:
    workspace.answer(503)
    with pytest.raises(DeliveryError) as caught:
        await to(workspace, OPS).find(message(), outside)
    assert caught.value.retry
    workspace.limited(after=20)
    with pytest.raises(DeliveryError) as caught:
        await to(workspace, OPS).find(message(), outside)
    assert caught.value.after == 20
    workspace.answer(200, body=b'{"ok": false, "error": "ratelimited"}')
    with pytest.raises(DeliveryError) as caught:
        await to(workspace, OPS).find(message(acknowledged(), f"{OPS}/1.2"), outside)
    assert caught.value.retry
    workspace.token = "another"
    plugin = Slack(Secret("xoxb-revoked"), OPS, api=workspace.api)
    with pytest.raises(DeliveryError, match="does not take the token"):
        await plugin.find(message(), outside)


async def test_a_message_without_a_link_has_arrived(workspace: Workspace, outside: Out) -> None:
    workspace.let(1)
    workspace.answer(503)
    receipt = await to(workspace).deliver(message(), outside)
    assert receipt == Receipt(f"{OPS}/{workspace.messages[0].ts}")
    workspace.let(1)
    workspace.answer(200, body=b'{"ok": true, "permalink": "javascript:alert(1)"}')
    receipt = await to(workspace).deliver(message(), outside)
    assert receipt == Receipt(f"{OPS}/{workspace.messages[1].ts}")


async def test_an_answer_that_names_no_message_is_said(workspace: Workspace, outside: Out) -> None:
    workspace.answer(200, body=b'{"ok": true}')
    receipt = await to(workspace).deliver(message(), outside)
    assert (receipt.ref, "did not say where it stands" in receipt.note) == ("", True)


# -- the banner -----------------------------------------------------------------------------------------------------


async def test_a_banner_is_one_message_that_is_edited_and_has_no_thread(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace, banner=True)
    first = await plugin.deliver(banner(), outside)
    for told in (
        banner("Search is down", 2, ref=first.ref),
        banner("Search is down", 3, ref=first.ref, cleared=True),
    ):
        await plugin.deliver(told, outside)
        assert (await plugin.find(told, outside) or Receipt()).ref == first.ref
    (one,) = workspace.messages
    assert said(one).splitlines() == ["🟢 Ops: No longer shown: Search is down", "No longer shown: Search is down"]
    assert one.edits == 2


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
    assert [said(one).splitlines()[0] for one in workspace.messages] == [
        "🔴 API production: major",
        "🟢 API production: over",
        "🔴 7 incidents opened: service 0, service 1, service 2, service 3, service 4 and 2 more",
        "🟡 Ops: Search is slow",
    ]
    assert workspace.messages[0].calls == ("!channel",)
    assert "Acknowledge" not in said(workspace.messages[0])


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
