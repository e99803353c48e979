"""The fake of Slack: it takes what the official client sends, and refuses what Slack refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.destinations.small import NOON
from tui_monitor.fakes.slack import Channel, Slack

RECORDED = Path(__file__).parents[3] / "shared/fixtures"
OURS = [
    {"channel": "#asl-alerts", "text": "<!channel> *x*", "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "🚨 API down", "emoji": True}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Service:*\nAPI"}]},
        {"type": "actions", "block_id": "ev", "elements": [{
            "type": "button", "action_id": "create_ticket", "value": "id-1",
            "text": {"type": "plain_text", "text": "Create ticket"},
        }]},
    ]},
]  # fmt: skip


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(token="xoxb-1") as one:
        one.now = NOON.timestamp
        one.channels.append(Channel("C1", "asl-alerts"))
        yield one


async def call(slack: Slack, method: str, **said: Any) -> Any:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {slack.token}"}) as client:
        return (await client.post(f"{slack.api}/{method}", json=said)).json()


async def ask(slack: Slack, method: str, **said: Any) -> Any:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {slack.token}"}) as client:
        return (await client.get(f"{slack.api}/{method}", params=said)).json()


async def repeat(slack: Slack, request: dict[str, Any], path: str = "") -> httpx.Response:
    """A recorded request, as it was sent."""
    headers = {name: value for name, value in request["headers"].items() if name not in ("Host", "Content-Length")}
    async with httpx.AsyncClient() as client:
        url = f"{slack.url}{path or request['path']}"
        return await client.request(request["method"], url, headers=headers, content=request["body"].encode())


async def test_it_takes_what_the_official_client_sends(slack: Slack) -> None:
    path = RECORDED / "wire_requests/reference_client_requests.json"
    if not path.exists():
        pytest.skip("the recorded requests are not here")
    recorded = {name: one["requests"][0] for name, one in json.loads(path.read_text()).items() if "slack" in name}
    assert (await repeat(slack, recorded["slack_auth_test"])).json()["ok"] is True
    posted = (await repeat(slack, recorded["slack_chat_postMessage"])).json()
    assert (posted["ok"], posted["channel"]) == (True, "C1")
    update = recorded["slack_chat_update"]
    assert (await repeat(slack, update)).json()["error"] == "message_not_found"
    standing = {**update, "body": update["body"].replace('"1.2"', f'"{posted["ts"]}"')}
    assert (await repeat(slack, standing)).json()["text"] == "resolved"
    hooked = await repeat(slack, recorded["slack_incoming_webhook"], "/services/T0FAKE/B0FAKE/s3cr3tpath")
    assert (hooked.status_code, hooked.text) == (200, "ok")
    assert slack.refused == []


async def test_it_says_no_in_the_words_that_are_documented(slack: Slack) -> None:
    path = RECORDED / "slack_api/error_examples.json"
    if not path.exists():
        pytest.skip("the recorded answers are not here")
    known = json.loads(path.read_text())
    long = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    assert await call(slack, "chat.postMessage", channel="#ops", text="x", blocks=long) == known["invalid_blocks"]
    assert await call(slack, "chat.postMessage", channel="#none", text="x") == known["channel_not_found"]
    slack.channels[0].is_member = False
    assert await call(slack, "chat.postMessage", channel="#ops", text="x") == known["not_in_channel"]
    slack.scopes = ["identify"]
    said = await call(slack, "chat.postMessage", channel="#ops", text="x")
    assert set(said) == set(known["missing_scope"])
    slack.token = "another"
    async with httpx.AsyncClient(headers={"Authorization": "Bearer xoxb-1"}) as client:
        assert (await client.post(f"{slack.api}/auth.test")).json() == known["invalid_auth"]


BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": "a"}


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ("x", "must provide an array"),
        ([section()] * 51, "no more than 50"),
        (["x"], "unsupported type"),
        ([{"type": "banner"}], "unsupported type"),
        ([section("x" * 3001)], "less than 3001"),
        ([section("")], "more than 0"),
        ([{"type": "section"}], "text or fields"),
        ([section(fields=[])], "no less than 1"),
        ([section(fields=[{"type": "mrkdwn", "text": "x"}] * 11)], "no more than 10"),
        ([section(fields=[{"type": "mrkdwn", "text": "x" * 2001}])], "less than 2001"),
        ([section(colour="red")], "additional property: colour"),
        ([section(block_id="b"), section(block_id="b")], "already exists"),
        ([section(block_id="b" * 256)], "less than 256"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "text object"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}], "additional property: emoji"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": "yes"}}], "must be a boolean"),
        ([{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}], "no more than 10"),
        ([{"type": "actions", "elements": [{**BUTTON, "action_id": f"{n}"} for n in range(26)]}], "no more than 25"),
        ([{"type": "actions", "elements": [BUTTON, BUTTON]}], "already exists"),
        ([{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}], "less than 2001"),
        ([{"type": "actions", "elements": [{**BUTTON, "style": "green"}]}], "valid enum"),
        (
            [{"type": "actions", "elements": [{**BUTTON, "text": {"type": "plain_text", "text": "x" * 76}}]}],
            "than 76",
        ),
        ([{"type": "actions", "elements": [section()]}], "unsupported type"),
    ],
)
async def test_blocks_that_slack_would_refuse_are_refused(slack: Slack, blocks: Any, says: str) -> None:
    said = await call(slack, "chat.postMessage", channel="#ops", text="x", blocks=blocks)
    assert said["error"] == "invalid_blocks"
    assert says in said["errors"][0]
    assert slack.messages == []


@pytest.mark.parametrize(
    ("method", "said", "error"),
    [
        ("chat.postMessage", {"channel": "#ops"}, "no_text"),
        ("chat.postMessage", {"channel": "#ops", "text": "x" * 40_001}, "msg_too_long"),
        (
            "chat.postMessage",
            {"channel": "#ops", "text": "x", "blocks": [section("x" * 2900)] * 5},
            "msg_blocks_too_long",
        ),
        ("chat.postMessage", {"channel": "#ops", "text": "x", "metadata": {"key": "k"}}, "invalid_metadata_format"),
        ("chat.postMessage", {"channel": "#ops", "text": "x", "thread_ts": "1.2"}, "message_not_found"),
        ("chat.update", {"channel": "#ops", "ts": "1.2", "text": "x"}, "channel_not_found"),
        ("chat.update", {"channel": "C1", "ts": "1.2", "text": "x"}, "message_not_found"),
        ("chat.shout", {}, "unknown_method"),
    ],
)
async def test_what_slack_would_not_do_it_does_not_do(
    slack: Slack, method: str, said: dict[str, Any], error: str
) -> None:
    assert (await call(slack, method, **said))["error"] == error


async def test_a_reply_stands_under_a_message_and_not_under_another_reply(slack: Slack) -> None:
    top = await call(slack, "chat.postMessage", channel="#ops", text="x")
    reply = await call(slack, "chat.postMessage", channel="#ops", text="y", thread_ts=top["ts"])
    assert (await call(slack, "chat.postMessage", channel="#ops", text="z", thread_ts=reply["ts"]))["ok"] is False
    replies = await ask(slack, "conversations.replies", channel="C0FAKEOPS", ts=top["ts"])
    assert [one["text"] for one in replies["messages"]] == ["x", "y"]
    history = await ask(slack, "conversations.history", channel="C0FAKEOPS")
    assert [one["text"] for one in history["messages"]] == ["x"]


async def test_metadata_comes_back_to_who_asks_for_it_and_outlives_an_edit(slack: Slack) -> None:
    key = {"event_type": "t", "event_payload": {"key": "k"}}
    top = await call(slack, "chat.postMessage", channel="#ops", text="x", metadata=key)
    await call(slack, "chat.update", channel=top["channel"], ts=top["ts"], text="y")
    for wanted, found in ((False, None), (True, key)):
        said = await ask(slack, "conversations.history", channel=top["channel"], include_all_metadata=wanted)
        assert said["messages"][0].get("metadata") == found


@pytest.mark.parametrize(
    ("scope", "method", "said"),
    [
        ("channels:history", "conversations.history", {"channel": "C0FAKEOPS"}),
        ("groups:history", "conversations.replies", {"channel": "G0FAKESEC", "ts": "1.2"}),
        ("channels:read", "conversations.info", {"channel": "C0FAKEOPS"}),
        ("groups:read", "users.conversations", {"types": "public_channel,private_channel"}),
    ],
)
async def test_it_lets_nobody_read_without_the_scope(
    slack: Slack, scope: str, method: str, said: dict[str, str]
) -> None:
    slack.scopes.remove(scope)
    answer = await ask(slack, method, **said)
    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)


async def test_whoever_is_called_is_counted_and_so_is_what_was_not_escaped(slack: Slack) -> None:
    for text in ("<!here> <@U012ABC> <!subteam^S012ABC>", "a < b", "R&D", "&lt;!channel&gt; <https://x.test|x>"):
        await call(slack, "chat.postMessage", channel="#ops", text="fallback", blocks=[section(text)])
    await call(slack, "chat.postMessage", channel="#ops", text="<!channel>", blocks=[section()])
    await call(slack, "chat.postMessage", channel="#ops", text="<!channel>")
    assert [one.calls for one in slack.messages] == [
        ("!here", "@U012ABC", "!subteam^S012ABC"),
        *((),) * 4,
        ("!channel",),
    ]
    assert slack.slips == ["a < b", "R&D"]
    assert slack.messages[3].shown == "<!channel> x"


async def test_a_channel_takes_so_many_messages_a_second(slack: Slack) -> None:
    slack.rate = 0.001
    await call(slack, "chat.postMessage", channel="#ops", text="x")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {slack.token}"}) as client:
        said = await client.post(f"{slack.api}/chat.postMessage", json={"channel": "#ops", "text": "y"})
        other = await client.post(f"{slack.api}/chat.postMessage", json={"channel": "#secret", "text": "y"})
    assert (said.status_code, said.json()["error"], said.headers["retry-after"]) == (429, "ratelimited", "1")
    assert other.json()["ok"] is True


@pytest.mark.parametrize(
    ("body", "answer"),
    [(b"", (400, "invalid_payload")), (b"[]", (400, "invalid_payload")), (b"{}", (400, "no_text"))],
)
async def test_the_webhook_refuses_what_says_nothing(slack: Slack, body: bytes, answer: tuple[int, str]) -> None:
    async with httpx.AsyncClient() as client:
        said = await client.post(slack.hook, content=body, headers={"Content-Type": "application/json"})
    assert (said.status_code, said.text) == answer


async def test_a_form_is_taken_as_well(slack: Slack) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {slack.token}"}) as client:
        url = f"{slack.api}/chat.postMessage"
        said = await client.post(url, data={"channel": "#ops", "text": "x", "blocks": json.dumps([section()])})
        assert said.json()["ok"] is True
        said = await client.post(url, data={"channel": "#ops", "blocks": "{"})
        assert said.json()["error"] == "invalid_blocks_format"
        said = await client.post(url, content=b"x", headers={"Content-Type": "image/png"})
        assert said.json()["error"] == "invalid_post_type"
        said = await client.post(f"{slack.api}/conversations.history", json={"channel": "C0FAKEOPS"})
        assert said.json()["error"] == "channel_not_found"


@pytest.mark.parametrize("said", OURS)
async def test_a_request_of_a_predecessor_is_taken(slack: Slack, said: dict[str, Any]) -> None:
    assert (await call(slack, "chat.postMessage", **said))["ok"] is True
