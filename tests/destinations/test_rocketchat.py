"""Rocket.Chat over a real socket: what is posted, what pings nobody, and what its many refusals mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.small import Out, banner, changed, message, opened, resolved
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft.rocket import tame
from tui_monitor.destinations.rocketchat import RocketChat
from tui_monitor.fakes.rocketchat import RocketChat as Server

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
HOSTILE = "@all @here (@ann) #general *b* _i_ ~s~ `c` [x](http://evil.test) <http://evil.test|x> :boom: ||s|| \\[k\\]"


@pytest.fixture
async def chat() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server
        assert server.refused == []


def to(chat: Server, **options: Any) -> RocketChat:
    return RocketChat(Secret(chat.hook), **options)


async def test_one_incident_is_a_line_with_what_is_known_of_it_in_its_colour(chat: Server, outside: Out) -> None:
    await to(chat).deliver(message(), outside)
    (post,) = chat.posts
    assert post.text == "API production is major: it answered 500"
    assert post.channel == "#ops"
    (card,) = post.attachments
    assert (card["color"], card["title_link"]) == ("#d0342c", "http://api.test/")
    assert [(one["title"], one["value"]) for one in card["fields"]] == [
        ("Service", "API production"),
        ("Status", "major"),
        ("Since", "2026-11-20T11:55:00Z"),
        ("Incident", "inc1"),
    ]
    await to(chat).deliver(message(resolved()), outside)
    assert chat.posts[-1].attachments[0]["color"] == "#2e9e5b"


async def test_several_incidents_come_in_one_message_each_in_its_colour(chat: Server, outside: Out) -> None:
    await to(chat).deliver(message([opened(f"service {n}", n) for n in range(23)]), outside)
    (post,) = chat.posts
    assert post.text.startswith("23 incidents opened: service 0, service 1")
    assert [card["text"] for card in post.attachments][:2] == [
        "service 0 is major: it answered 500",
        "service 1 is major: it answered 500",
    ]
    assert (len(post.attachments), post.attachments[-1]["text"]) == (21, "and 3 more")


async def test_who_speaks_and_where_is_an_option_and_so_are_headers(chat: Server, outside: Out) -> None:
    options = {"channel": "@ann", "alias": "Ops", "avatar": "https://x.test/a.png", "emoji": ":fire:"}
    await to(chat, headers={"X-Proxy": Secret("k3y")}, **options).deliver(message(), outside)
    (post,) = chat.posts
    assert (post.channel, post.alias, post.avatar, post.emoji) == tuple(options.values())
    assert chat.heard[0].headers["x-proxy"] == "k3y"
    assert chat.heard[0].headers["content-type"] == "application/json"


async def test_words_of_others_ping_nobody_and_format_nothing(chat: Server, outside: Out) -> None:
    item = opened(HOSTILE, title=HOSTILE, by=HOSTILE)
    await to(chat).deliver(message(item), outside)
    await to(chat).deliver(message([item, item]), outside)
    await to(chat).deliver(banner(HOSTILE), outside)
    assert [post.pings for post in chat.posts] == [(), (), ()]
    sent = json.dumps([[post.text, post.attachments] for post in chat.posts], ensure_ascii=False)
    for sign in ("*", "~", "`", "<", "](", "||", ":boom:", " _i_", "@all", "#general", "\\\\["):
        assert sign not in sent, sign


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.com wrote at 12:30:45: snake_case failed, see http://x.test/a_b#part and https://x.test/@me",
        "it answered 500 - 3 of 4 > 2 [TEST] (x) 漢字 💥 50 %",
    ],
)
def test_what_neither_pings_nor_formats_stays_as_it_is(text: str) -> None:
    assert tame(text) == text


@given(st.text(alphabet="@#*_~`<>|[]()\\: \nab1!-", max_size=60))
def test_no_text_pings_anybody_or_grows(text: str) -> None:
    tamed = tame(text)
    assert "\n" not in tamed
    assert not set("*~`<") & set(tamed)
    assert all(tamed[n - 1 : n].isalnum() or tamed[n - 1] == "/" for n, sign in enumerate(tamed) if sign == "@" and n)
    assert not tamed.startswith(("@", "#", ">", "_"))
    assert "](" not in tamed
    assert len(tamed) <= 2 * len(text)


async def test_an_address_that_no_browser_opens_is_no_link(chat: Server, outside: Out) -> None:
    await to(chat).deliver(message(opened(url="javascript:alert(1)")), outside)
    assert "title_link" not in chat.posts[0].attachments[0]


# -- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b'{"success": false, "error": "nobody"}', b"{}", b"", b"[]", b"<html>log in</html>", b'{"success": "true"}'],
)
async def test_a_success_that_is_none_is_a_failure(chat: Server, outside: Out, body: bytes) -> None:
    chat.answer(200, body=body)
    with pytest.raises(DeliveryError, match=r"^127\.0\.0\.1 (posted nothing|answered 200 with)") as caught:
        await to(chat).deliver(message(), outside)
    assert not caught.value.retry


@pytest.mark.parametrize("classic", [True, False])
async def test_a_wrong_token_is_one_sentence_on_old_and_new_servers(outside: Out, classic: bool) -> None:
    async with Server(classic=classic) as chat:
        plugin = RocketChat(Secret(chat.hook + "S3CRET"))
        with pytest.raises(DeliveryError, match="there is no such webhook: copy its address anew") as caught:
            await plugin.deliver(message(), outside)
        assert (caught.value.retry, "S3CRET" in str(caught.value)) == (False, False)
        assert chat.heard[0].answered == (404 if classic else 400)


async def test_a_channel_that_is_not_allowed_or_not_there_says_which_option_to_mend(outside: Out) -> None:
    async with Server(override=False) as chat:
        with pytest.raises(DeliveryError, match="may post to no other channel: allow it there, or leave out channel"):
            await to(chat, channel="#general").deliver(message(), outside)
    async with Server() as chat:
        with pytest.raises(DeliveryError, match=r"no such channel or person.*look at channel"):
            await to(chat, channel="#nowhere").deliver(message(), outside)


async def test_too_many_messages_wait_as_long_as_the_server_says_in_its_own_words(outside: Out) -> None:
    async with Server(per_minute=1) as chat:
        await to(chat).deliver(message(), outside)
        with pytest.raises(DeliveryError, match="answered 429") as caught:
            await to(chat).deliver(message(changed()), outside)
        assert caught.value.retry
        assert caught.value.after is not None
        assert 50 <= caught.value.after <= 60
        chat.answer(429, Retry_After="7")
        with pytest.raises(DeliveryError) as told:
            await to(chat).deliver(message(changed()), outside)
        assert told.value.after == 7.0
    assert RocketChat.pace * 10 >= 60


async def test_an_answer_that_repeats_a_header_gives_no_secret_away(chat: Server, outside: Out) -> None:
    chat.answer(403, body=b"Basic HEADERSECRET is not welcome")
    with pytest.raises(DeliveryError, match="answered 403") as caught:
        await to(chat, headers={"X-Proxy": Secret("Basic HEADERSECRET")}).deliver(message(), outside)
    assert "HEADERSECRET" not in str(caught.value)
    assert "is not welcome" in str(caught.value)


async def test_an_integration_that_is_switched_off_is_tried_again(outside: Out) -> None:
    async with Server(enabled=False) as chat:
        with pytest.raises(DeliveryError, match="answered 503") as caught:
            await to(chat).deliver(message(), outside)
        assert caught.value.retry


async def test_what_was_sent_into_silence_is_the_very_same_when_it_is_sent_again(chat: Server, outside: Out) -> None:
    chat.drop()
    with pytest.raises(DeliveryError) as caught:
        await to(chat).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (True, True)
    await to(chat).deliver(message(), outside)
    assert chat.posts[0] == chat.posts[1]


async def test_proving_asks_nothing_of_the_webhook_as_even_a_get_would_post(chat: Server, outside: Out) -> None:
    assert "answers over plain HTTP" in await to(chat).prove(outside)
    assert [(heard.method, heard.target) for heard in chat.heard] == [("OPTIONS", "/")]
    assert chat.posts == []


@pytest.mark.parametrize(
    ("options", "says"),
    [({"url": "chat.test/hooks"}, "http:// or https://"), ({"headers": {"X": "a\r\nb"}}, "headers: the header X")],
)
def test_a_wrong_option_is_refused_before_anything_runs(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        RocketChat(Secret(options.pop("url", "https://chat.test/hooks/a/b")), **options)


# -- the fake -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "status", "posted"),
    [
        ({"json": {}}, 200, 0),
        ({"json": {"text": 5}}, 400, 0),
        ({"json": {"channel": "#ops"}}, 400, 0),
        ({"json": {"attachments": [{"color": 3}]}}, 400, 0),
        ({"json": {"attachments": [{"title_link": "javascript:x"}]}}, 400, 0),
        ({"json": {"attachments": [{"fields": [{"title": "a", "value": None}]}]}}, 400, 0),
        ({"json": {"msg": "hello @all", "username": "x"}}, 200, 1),
        ({"data": {"payload": '{"text": "by a form"}'}}, 200, 1),
        ({"content": b"text", "headers": {"Content-Type": "text/plain"}}, 400, 0),
    ],
)
async def test_the_fake_refuses_what_the_server_refuses(
    chat: Server, sent: dict[str, Any], status: int, posted: int
) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.post(chat.hook, **sent)).status_code == status
    assert len(chat.posts) == posted
    assert [post.pings for post in chat.posts] in ([], [()], [("all",)])


async def test_the_fake_posts_what_a_get_says(chat: Server) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.get(chat.hook, params={"text": "oh"})).json() == {"success": True}
    assert [post.text for post in chat.posts] == ["oh"]


async def test_the_fake_takes_what_apprise_sends_and_answers_as_was_recorded(chat: Server) -> None:
    if not FIXTURES.exists():
        pytest.skip("the recordings are not here")
    recorded = json.loads((FIXTURES / "wire_requests" / "reference_client_requests.json").read_text())
    (sent,) = recorded["apprise_rocketchat_webhook"]["requests"]
    async with httpx.AsyncClient() as client:
        headers = {"Content-Type": sent["headers"]["Content-Type"]}
        taken = await client.post(chat.hook, content=sent["body"], headers=headers)
        bad = await client.post(f"{chat.url}/hooks/token1/token2", content=sent["body"], headers=headers)
    assert taken.json() == json.loads((FIXTURES / "rocketchat" / "success.json").read_text())
    assert bad.json() == json.loads((FIXTURES / "rocketchat" / "error_bad_token.json").read_text())
    assert chat.posts[0].text == "Title\r\nBody text"
