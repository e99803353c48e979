"""Teams over a real socket: the card, what nobody's words can do in it, and refusals that come with a success."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.destinations.small import Out, banner, message, opened, resolved
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.model import State
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.craft.adaptive import LARGEST
from tui_monitor.destinations.teams import Teams
from tui_monitor.fakes.teams import Teams as Channel

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures" / "teams"
HOSTILE = "<at>Ann</at> **b** _i_ [x](http://evil.test) - list {{DATE(2026-01-01T00:00:00Z)}}"


@pytest.fixture
async def channel() -> AsyncIterator[Channel]:
    async with Channel() as one:
        yield one
        assert one.refused == []


def to(channel: Channel, url: str = "") -> Teams:
    return Teams(Secret(url or channel.hook))


async def test_one_incident_is_a_card_with_what_is_known_of_it_and_a_button(channel: Channel, outside: Out) -> None:
    await to(channel).deliver(message(), outside)
    assert channel.shown == [
        "API production is major: it answered 500",
        "Service: API production",
        "Status: major",
        "Since: 2026-11-20T11:55:00Z",
        "Link: http://api.test/",
        "Incident: inc1",
    ]
    (card,) = channel.cards
    assert card["body"][0]["inlines"][0]["color"] == "Attention"
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": "http://api.test/"}]
    await to(channel).deliver(message(resolved()), outside)
    assert channel.cards[-1]["body"][0]["inlines"][0]["color"] == "Good"


@pytest.mark.parametrize("sign", ["💥", "漢", '"', "\\"])
async def test_a_card_fits_whatever_the_words_are_made_of(channel: Channel, outside: Out, sign: str) -> None:
    words = sign * 10_000
    known = {"title": words, "by": words, "url": f"https://x.test/{words}", "state": State.ACKNOWLEDGED}
    for told in (message(opened(words, **known)), message([opened(words, n) for n in range(500)]), banner(words)):
        await to(channel).deliver(told, outside)
    assert len(channel.cards) == 3


async def test_several_incidents_are_one_card_that_fits(channel: Channel, outside: Out) -> None:
    await to(channel).deliver(message([opened(f"💥 {n}" + "漢" * 9_000, n) for n in range(500)]), outside)
    assert channel.shown[0].startswith("500 incidents opened: 💥")
    shown = len(channel.shown) - 2
    assert shown > 3
    assert channel.shown[-1] == f"and {500 - shown} more"
    assert len(channel.heard[0].body) < LARGEST


async def test_words_of_others_mention_nobody_and_are_never_read_as_markdown(channel: Channel, outside: Out) -> None:
    item = opened(HOSTILE, title=HOSTILE, by=HOSTILE)
    for told in (message(item), message([item, item]), banner(HOSTILE)):
        await to(channel).deliver(told, outside)
    assert (channel.read, channel.pings) == ([], [])
    assert f"Service: {HOSTILE}" in channel.shown


async def test_an_address_that_no_browser_opens_gets_no_button(channel: Channel, outside: Out) -> None:
    await to(channel).deliver(message(opened(url="javascript:alert(1)")), outside)
    assert "actions" not in channel.cards[0]


# -- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body"),
    [(202, b""), (202, b"Accepted."), (200, b""), (200, b"1"), (200, b'{"posted": 3}'), (204, b"")],
)
async def test_what_workflows_and_connectors_say_of_success(
    channel: Channel, outside: Out, status: int, body: bytes
) -> None:
    channel.answer(status, body=body)
    await to(channel).deliver(message(), outside)
    assert len(channel.heard) == 1


THROTTLED = (
    b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId"
)


@pytest.mark.parametrize(
    ("body", "retry"),
    [
        (THROTTLED, True),
        (THROTTLED.replace(b"429", b"502"), True),
        (THROTTLED.replace(b"429", b"413"), False),
        (b"Summary or Text is required.", False),
        (b"<html>Sign in</html>", False),
        (b'{"error": {"code": "x"}}', False),
    ],
)
async def test_a_refusal_that_comes_with_200_is_a_failure(
    channel: Channel, outside: Out, body: bytes, retry: bool
) -> None:
    channel.answer(200, body=body)
    with pytest.raises(DeliveryError, match=r"^127\.0\.0\.1 answered 200, but took nothing: ") as caught:
        await to(channel).deliver(message(), outside)
    assert caught.value.retry is retry


async def test_the_connectors_of_old_take_the_same_card(channel: Channel, outside: Out) -> None:
    await to(channel, channel.connector).deliver(message(), outside)
    assert channel.heard[0].answered == 200
    assert len(channel.cards) == 1


async def test_a_refusal_says_in_one_sentence_what_to_mend(channel: Channel, outside: Out) -> None:
    for url, says in (
        (
            channel.hook + "S3CRET",
            "the signature in its address does not hold: copy the address of the workflow anew",
        ),
        (channel.hook.replace("3f0c", "S3CRET"), "there is no such workflow: copy its address anew"),
    ):
        with pytest.raises(DeliveryError, match=says) as caught:
            await to(channel, url).deliver(message(), outside)
        assert (caught.value.retry, "S3CRET" in str(caught.value)) == (False, False)
    channel.enabled = False
    with pytest.raises(DeliveryError, match="the workflow is switched off: switch it on"):
        await to(channel).deliver(message(), outside)
    assert channel.cards == []


async def test_too_many_are_tried_again_when_teams_says(channel: Channel, outside: Out) -> None:
    channel.answer(429, Retry_After="20")
    with pytest.raises(DeliveryError) as caught:
        await to(channel).deliver(message(), outside)
    assert (caught.value.retry, caught.value.after) == (True, 20.0)


async def test_what_was_sent_into_silence_is_the_very_same_when_it_is_sent_again(
    channel: Channel, outside: Out
) -> None:
    channel.drop()
    with pytest.raises(DeliveryError) as caught:
        await to(channel).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (True, True)
    await to(channel).deliver(message(), outside)
    assert channel.cards[0] == channel.cards[1]


async def test_proving_runs_no_workflow_and_shows_no_signature(channel: Channel, outside: Out) -> None:
    assert "whether it takes messages is seen only when one is posted" in await to(channel).prove(outside)
    assert [(heard.method, heard.target) for heard in channel.heard] == [("OPTIONS", "/")]
    assert "sig" not in repr(to(channel))


def test_an_address_that_is_none_is_refused_before_anything_runs() -> None:
    with pytest.raises(ValueError, match="url must begin with http"):
        Teams(Secret("prod-12.logic.azure.test/workflows"))


# -- the fake -------------------------------------------------------------------------------------------------------


def card(**changes: Any) -> dict[str, Any]:
    content = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "a"}], **changes}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": content}]}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (card(), 202),
        ({"text": "hello"}, 400),
        ([], 400),
        (card(body=[]), 400),
        (card(type="Card"), 400),
        (card(version="9"), 400),
        (card(body=[{"type": "Marquee"}]), 400),
        (card(body=[{"type": "TextBlock"}]), 400),
        (card(body=[{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": 3}]}]), 400),
        (card(body=[{"type": "TextBlock", "text": "a", "color": "red"}]), 400),
        (card(actions=[{"type": "Action.OpenUrl", "title": "a", "url": "javascript:x"}]), 400),
        (card(body=[{"type": "TextBlock", "text": "a" * LARGEST}]), 413),
    ],
)
async def test_the_fake_refuses_what_would_never_be_seen(channel: Channel, sent: Any, status: int) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.post(channel.hook, json=sent)).status_code == status
    assert len(channel.cards) == (status == 202)


async def test_the_fake_sees_markdown_and_mentions(channel: Channel) -> None:
    mention = {"type": "mention", "text": "<at>Ann</at>", "mentioned": {"id": "ann", "name": "Ann"}}
    facts = {"type": "FactSet", "facts": [{"title": "a", "value": "**b**"}]}
    async with httpx.AsyncClient() as client:
        await client.post(channel.hook, json=card(body=[facts], msteams={"entities": [mention]}))
    assert (channel.read, channel.pings) == (["a", "**b**"], ["ann"])


async def test_the_fake_takes_what_was_recorded_and_what_was_recorded_of_old_is_a_failure(
    channel: Channel, outside: Out
) -> None:
    if not FIXTURES.exists():
        pytest.skip("the recordings are not here")
    async with httpx.AsyncClient() as client:
        sent = json.loads((FIXTURES / "workflow_request.json").read_text())
        assert (await client.post(channel.hook, json=sent)).status_code == 202
    channel.answer(200, body=(FIXTURES / "legacy_connector_throttled_200.txt").read_bytes())
    with pytest.raises(DeliveryError, match="HTTP error 429") as caught:
        await to(channel).deliver(message(), outside)
    assert caught.value.retry
