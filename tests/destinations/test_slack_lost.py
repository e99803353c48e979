"""What Slack was told and may not have heard: nothing is said twice, and what is gone is told anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.destinations.slacks import OPS, acknowledged, many, to
from tests.destinations.small import NOON, Out, message, resolved
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import message_of
from tui_monitor.core.ports import Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.slack import Slack
from tui_monitor.fakes.slack import Slack as Workspace

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
    assert workspace.messages[-1].shown.startswith("🟢 API production: over")
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
