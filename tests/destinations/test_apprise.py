"""Apprise over real sockets: what it is given, what it makes of a refusal, and what it is kept from saying."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.destinations.small import Out, banner, changed, message, opened, resolved
from tui_monitor import config
from tui_monitor.core.errors import ConfigError, DeliveryError
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.apprise import Apprise
from tui_monitor.fakes.webhook import Webhook as Hook

HIDDEN = "hidden-word-1"


def to(*hooks: Hook, **options: Any) -> Apprise:
    return Apprise(tuple(Secret(f"json://me:{HIDDEN}@127.0.0.1:{hook.port}/{HIDDEN}") for hook in hooks), **options)


@pytest.fixture
async def another() -> AsyncIterator[Hook]:
    async with Hook() as server:
        yield server


@pytest.mark.parametrize(
    ("told", "mood"),
    [
        (message(), "failure"),
        (message(changed()), "warning"),
        (message(resolved()), "success"),
        (banner(), "warning"),
        (banner(cleared=True), "success"),
    ],
)
async def test_it_is_given_a_title_a_body_and_how_bad_it_is(hook: Hook, outside: Out, told: Any, mood: str) -> None:
    await to(hook).deliver(told, outside)
    (heard,) = hook.heard
    assert heard.headers["authorization"].startswith("Basic ")
    assert (heard.path, heard.json["title"], heard.json["message"]) == (f"/{HIDDEN}", told.title, told.text)
    assert (heard.json["type"], heard.json["attachments"]) == (mood, [])


async def test_the_texts_of_the_config_are_filled(hook: Hook, outside: Out) -> None:
    await to(hook, title="[{severity}] {name}", body="{count}: {text}").deliver(message(), outside)
    assert hook.heard[0].json["title"] == "[major] API production"
    assert hook.heard[0].json["message"].startswith("1: API production is major")


async def test_markup_is_the_text_that_it_is(hook: Hook, outside: Out) -> None:
    await to(hook).deliver(message(opened(title="<b>*x*</b> &amp; [a](b)\u202e\x1b[31m")), outside)
    assert "<b>*x*</b> &amp; [a](b) [31m" in hook.heard[0].json["message"]


async def test_nobody_is_called_by_the_words_of_others_but_by_those_of_the_config(hook: Hook, outside: Out) -> None:
    told = message(opened(title="hi @everyone <@123> <@&4>, ask ann@example.com at https://example.com/@ann"))
    await to(hook, title="@here {title}", body="@channel {text}").deliver(told, outside)
    said = f"{hook.heard[0].json['title']} {hook.heard[0].json['message']}"
    assert "ask ann@example.com at https://example.com/@ann" in said
    assert re.findall(r"(?<![\w/])@\w*", said) == ["@here", "@channel"]


async def test_where_a_service_wants_html_a_text_is_escaped(hook: Hook, outside: Out) -> None:
    place = Apprise((Secret(f"json://127.0.0.1:{hook.port}/in?format=html"),))
    await place.deliver(message(opened(title="<b>x</b>")), outside)
    assert "&lt;b&gt;x&lt;/b&gt;" in hook.heard[0].json["message"]


async def test_a_storm_is_one_short_message(hook: Hook, outside: Out) -> None:
    await to(hook).deliver(message([opened("n" * 10_000, n) for n in range(500)]), outside)
    (heard,) = hook.heard
    assert len(heard.json["title"]) <= 250
    assert len(heard.json["message"]) <= 4000
    assert " more" in heard.json["message"]


async def test_of_two_the_one_that_took_it_is_not_told_again(hook: Hook, another: Hook, outside: Out) -> None:
    another.answer(500)
    receipt = await to(hook, another).deliver(message(), outside)
    assert receipt.note == "Apprise could not tell JSON, and gives no reason"
    assert (len(hook.heard), len(another.heard)) == (1, 1)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
async def test_a_refusal_has_no_reason_and_shows_no_secret(
    hook: Hook, outside: Out, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.answer(status, body=f"no {HIDDEN}".encode())
    with pytest.raises(DeliveryError, match="could not tell JSON, and gives no reason") as caught:
        await to(hook).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (True, True)
    assert HIDDEN not in f"{caught.value!r} {caplog.text} {to(hook)!r}"


async def test_a_place_that_hangs_is_given_up(hook: Hook, outside: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Out, "timeout", 0.2)
    hook.hold()
    async with asyncio.timeout(3):
        with pytest.raises(DeliveryError):
            await to(hook).deliver(message(), outside)
    hook.release()


async def test_proving_posts_nothing_and_says_what_it_cannot_know(hook: Hook, outside: Out) -> None:
    said = await to(hook, hook).prove(outside)
    assert (
        said == "2 addresses understood (JSON, JSON); whether messages are taken there is seen only when one is sent"
    )
    assert hook.heard == []


async def test_the_proxy_of_the_environment_is_used(outside: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await Apprise((Secret("json://far.example/in"),)).deliver(message(), outside)
    assert asked == [b"POST http://far.example/in HTTP/1.1\r\n"]


# -- what a config may say ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "urls", [[f"nosuch://{HIDDEN}"], ["json://a.example", f"slack://{HIDDEN}"], [f"json://a, json://{HIDDEN}"]]
)
def test_an_address_that_is_not_understood_is_told_at_load_and_not_shown(urls: list[str]) -> None:
    places = json.dumps({"a": {"apprise": {"urls": urls}}})
    text = f"services: [{{name: A, tcp: {{host: h, port: 1}}}}]\ndestinations: {places}"
    with pytest.raises(ConfigError) as caught:
        config.read(text, "c.yaml", {}, Path())
    (problem,) = caught.value.problems
    assert problem.text == f"urls[{len(urls) - 1}]: Apprise does not understand it; see its list of services"
    assert HIDDEN not in str(problem)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"urls": ()}, "at least one address"),
        ({"title": "{titel}"}, "title: unknown field {titel}; did you mean {title}"),
        ({"body": "{tex}"}, "body: unknown field {tex}; did you mean {text}"),
    ],
)
def test_an_option_that_is_wrong_says_so(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Apprise(**{"urls": (Secret("json://a.example"),), **options})
