"""Slack over a real socket: one message that is edited, its thread, whom it calls, and many at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.destinations.slacks import OPS, acknowledged, calls, critical, hooked, many, reminder, to
from tests.destinations.small import NOON, Out, banner, changed, message, opened, resolved
from tui_monitor.core.message import Item, News, message_of
from tui_monitor.core.model import Kind
from tui_monitor.core.ports import Receipt
from tui_monitor.core.status import Status
from tui_monitor.fakes.slack import Slack as Workspace

# -- one message, and its thread ------------------------------------------------------------------------------------


async def test_an_incident_is_one_message_with_a_link_to_it(workspace: Workspace, outside: Out) -> None:
    receipt = await to(workspace).deliver(message(), outside)
    (one,) = workspace.messages
    assert receipt == Receipt(f"{OPS}/{one.ts}", f"https://fake.slack.test/archives/{OPS}/p{one.ts.replace('.', '')}")
    assert one.shown.splitlines() == [
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
    assert "acknowledged by ann" in top.shown
    assert top.shown.splitlines()[-2:] == ["Resolve", "Open a ticket"]
    assert "looking" in reply.shown
    assert workspace.heard[-2].json["channel"] == OPS
    assert calls(workspace)[2:] == ["chat.update", "chat.postMessage"]


async def test_a_change_keeps_what_is_wrong_in_sight(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    await plugin.deliver(message(acknowledged(title="it answered 502"), first.ref), outside)
    assert "it answered 502" in workspace.tops[0].shown


async def test_the_end_turns_the_message_green_and_takes_its_buttons_away(workspace: Workspace, outside: Out) -> None:
    plugin = to(workspace)
    first = await plugin.deliver(message(), outside)
    await plugin.deliver(message(resolved(), first.ref), outside)
    top, reply = workspace.messages
    assert top.shown.splitlines() == [
        "🟢 API production: over",
        "API production is operational again after 5 m",
        "it answered 500",
        "from 2026-11-20 11:55 UTC, for 5 m · link · `inc1`",
    ]
    assert reply.shown == "API production is operational again after 5 m"
    assert not reply.broadcast


async def test_what_is_over_before_it_was_told_is_one_quiet_message(workspace: Workspace, outside: Out) -> None:
    item = critical(replace(resolved(), news=News.OVER))
    await to(workspace, mention=("channel",)).deliver(message(item), outside)
    (one,) = workspace.messages
    assert one.shown.startswith("🟢 API production: over")
    assert one.calls == ()
    assert "Acknowledge" not in one.shown


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


async def test_what_gets_worse_calls_in_the_channel_until_somebody_is_on_it(
    workspace: Workspace, outside: Out
) -> None:
    plugin = to(workspace, broadcast=())
    mild = critical(opened(status=Status.DEGRADED))
    first = await plugin.deliver(message(mild), outside)
    for item in (changed(kind=Kind.WORSENED), acknowledged(), acknowledged(kind=Kind.WORSENED), changed()):
        await plugin.deliver(message(critical(item), first.ref), outside)
    assert [one.calls for one in workspace.messages] == [("!channel",), ("!channel",), (), (), ()]
    assert [one.broadcast for one in workspace.replies] == [True, False, False, False]


async def test_a_critical_service_calls_the_channel_unless_the_config_says_otherwise(
    workspace: Workspace, outside: Out
) -> None:
    hook = hooked(workspace)
    for plugin in (to(workspace), hook, to(workspace, mention=()), to(workspace, mention_when="never")):
        await plugin.deliver(message(critical(opened())), outside)
    assert [one.calls for one in workspace.messages] == [("!channel",), ("!channel",), (), ()]


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
    assert "in earnest, this would mention channel" in one.shown
    assert one.shown.startswith("🔴 [TEST] API: major")


async def test_what_others_wrote_calls_nobody_and_links_nowhere(workspace: Workspace, outside: Out) -> None:
    name = "<!channel> @here <https://evil.test|ok> & #general <@U0123456>"
    await to(workspace).deliver(message(opened(name, title=name, url="https://x.test/a|b>c <d")), outside)
    (one,) = workspace.messages
    assert one.calls == ()
    assert "<!channel> @here <https://evil.test|ok> & #general" in one.shown
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
    assert top.shown.splitlines()[:2] == [
        "🔴 7 incidents opened: service 0, service 1, service 2, service 3, service 4 and 2 more",
        "🔴 service 0 is major: it answered 500",
    ]
    assert "Acknowledge" not in top.shown
    some = [resolved(f"service {n}", n) for n in range(3)]
    assert (await plugin.deliver(replace(message(some, first.ref), beside=4), outside)).ref == first.ref
    assert workspace.tops == [top]
    assert "🟢 service 1 is operational again after 5 m" in workspace.replies[0].shown
    rest = [resolved(f"service {n}", n) for n in range(3, 7)]
    await plugin.deliver(message(rest, first.ref), outside)
    (after,) = workspace.tops
    assert after.shown.startswith(
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
        assert " more" in workspace.messages[-1].shown
    for letters in ("💥", "&"):
        item = opened(letters * 9_000, title=letters * 9_000, by=letters * 9_000, id=letters * 90)
        await to(workspace, mention=tuple(f"U{n:010}" for n in range(50)), mention_when="always").deliver(
            message(item), outside
        )


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
    assert one.shown.splitlines() == ["🟢 Ops: No longer shown: Search is down", "No longer shown: Search is down"]
    assert one.edits == 2
