"""The dead man's switch outside: what it hears, and what is said where it does not."""

from __future__ import annotations

import pytest

from tests.destinations.small import Out
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.ports import Destination
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.heartbeat_out import HeartbeatOut
from tui_monitor.fakes.webhook import Webhook as Hook

SECRET = "S3CRETWORD"


def switch(hook: Hook, **more: object) -> HeartbeatOut:
    return HeartbeatOut(Secret(f"{hook.url}/{SECRET}"), **more)  # type: ignore[arg-type]  # options by name


async def test_a_beat_asks_for_the_address_and_nothing_else(hook: Hook, outside: Out) -> None:
    await switch(hook, token=Secret("word")).beat(outside)
    (heard,) = hook.heard
    assert (heard.method, heard.target, heard.body) == ("GET", f"/{SECRET}", b"")
    assert heard.headers["authorization"] == "Bearer word"


@pytest.mark.parametrize("method", ["POST", "HEAD"])
async def test_the_method_is_the_one_that_was_asked_for(hook: Hook, outside: Out, method: str) -> None:
    await switch(hook, method=method).beat(outside)
    assert [heard.method for heard in hook.heard] == [method]


@pytest.mark.parametrize(("status", "is_temporary"), [(503, True), (429, True), (404, False)])
async def test_a_refusal_is_said_without_the_address(
    hook: Hook, outside: Out, status: int, is_temporary: bool
) -> None:
    hook.answer(status, body=f"no {SECRET}".encode(), Retry_After="7")
    with pytest.raises(DeliveryError) as caught:
        await switch(hook).beat(outside)
    assert caught.value.retry is is_temporary
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(switch(hook))


async def test_nobody_there_is_said_and_tried_again(outside: Out) -> None:
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        await HeartbeatOut(Secret(f"http://127.0.0.1:9/{SECRET}")).beat(outside)
    assert caught.value.retry
    assert SECRET not in str(caught.value)


async def test_proving_is_no_beat(hook: Hook, outside: Out) -> None:
    said = await switch(hook).prove(outside)
    assert [(heard.method, heard.target) for heard in hook.heard] == [("OPTIONS", "/")]
    assert said.endswith("whether it is the right address is seen at the first beat")


def test_it_beats_as_often_as_the_config_says_and_is_told_of_no_incident() -> None:
    plugin = HeartbeatOut(Secret("https://hc.example/1"), every=30.0)
    assert plugin.beats_every == 30.0
    assert not plugin.hears
    assert not isinstance(plugin, Destination)


@pytest.mark.parametrize(
    ("url", "every", "words"),
    [("ftp://hc.example/1", 60.0, "must begin with http"), ("https://hc.example/{name}", 60.0, "no {fields}"),
     ("https://hc.example/1", 0.5, "at least 1s")],
)  # fmt: skip
def test_what_could_not_work_is_refused(url: str, every: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        HeartbeatOut(Secret(url), every=every)
