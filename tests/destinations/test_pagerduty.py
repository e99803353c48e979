"""PagerDuty over a real socket: one alert for each incident, by its key, from trigger to resolve."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.destinations.small import NOON, Out, changed, incident, message, opened, resolved, service
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import News, item_of
from tui_monitor.core.model import Event, Kind, State
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.pagerduty import PagerDuty
from tui_monitor.fakes.pagerduty import PagerDuty as Duty

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures" / "pagerduty"
ACK = {"state": State.ACKNOWLEDGED, "by": "ann"}


@pytest.fixture
async def duty() -> AsyncIterator[Duty]:
    async with Duty() as one:
        yield one
        assert one.refused == []


def to(duty: Duty, key: str = "", **options: Any) -> PagerDuty:
    return PagerDuty(Secret(key or duty.key), url=duty.url, **options)


async def test_an_incident_is_one_alert_from_trigger_to_resolve(duty: Duty, outside: Out) -> None:
    for item in (opened(), changed(kind=Kind.WORSENED), changed(**ACK), resolved(revision=3)):
        receipt = await to(duty).deliver(message(item), outside)
        assert receipt.ref == "tui-monitor-inc1"
    (alert,) = duty.alerts.values()
    assert [event["event_action"] for event in alert.log] == ["trigger", "trigger", "acknowledge", "resolve"]
    assert (alert.status, alert.pages) == ("resolved", 1)


async def test_a_trigger_says_what_is_wrong_where_and_since_when(duty: Duty, outside: Out) -> None:
    item = opened()
    item = replace(item, service=replace(item.service, group="Own"))
    await to(duty).deliver(message(item), outside)
    (event,) = duty.events
    assert event == {
        "routing_key": duty.key,
        "event_action": "trigger",
        "dedup_key": "tui-monitor-inc1",
        "client": "tui-monitor",
        "links": [{"href": "http://api.test/", "text": "Open"}],
        "payload": {
            "summary": "API production is major: it answered 500",
            "source": "API production",
            "severity": "critical",
            "timestamp": "2026-11-20T11:55:00Z",
            "component": "API production",
            "group": "Own",
            "class": "http",
            "custom_details": {
                "Service": "API production",
                "Status": "major",
                "Since": "2026-11-20T11:55:00Z",
                "Link": "http://api.test/",
                "Incident": "inc1",
            },
        },
    }


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        (Status.MAJOR, "critical"),
        (Status.PARTIAL, "error"),
        (Status.UNKNOWN, "error"),
        (Status.DEGRADED, "warning"),
        (Status.OPERATIONAL, "info"),
    ],
)
async def test_how_bad_it_is_now_is_the_severity(duty: Duty, outside: Out, status: Status, severity: str) -> None:
    await to(duty).deliver(message(opened(status=status)), outside)
    assert duty.events[0]["payload"]["severity"] == severity
    await to(duty, severities={status.value: "info"}).deliver(message(opened(status=status)), outside)
    assert duty.events[1]["payload"]["severity"] == "info"


async def test_only_a_person_acknowledges(duty: Duty, outside: Out) -> None:
    for item in (changed(kind=Kind.UPDATED), changed(kind=Kind.WORSENED, **ACK), changed(kind=Kind.EASED)):
        await to(duty).deliver(message(item), outside)
    assert [event["event_action"] for event in duty.events] == ["trigger"] * 3


async def test_what_was_acknowledged_and_got_worse_is_both(duty: Duty, outside: Out) -> None:
    one = incident(revision=3, **ACK)
    events = tuple(
        Event(one.id, n, kind, NOON, text="x") for n, kind in enumerate((Kind.ACKNOWLEDGED, Kind.WORSENED))
    )
    item = item_of(one, service(), News.CHANGED, events, {}, NOON)
    await to(duty).deliver(message(item), outside)
    assert [event["event_action"] for event in duty.events] == ["trigger", "acknowledge"]


async def test_what_is_first_told_when_somebody_is_on_it_says_so_at_once(duty: Duty, outside: Out) -> None:
    await to(duty).deliver(message(opened(**ACK)), outside)
    assert duty.alerts["tui-monitor-inc1"].status == "acknowledged"


async def test_what_came_and_went_unheard_pages_nobody_and_says_so(duty: Duty, outside: Out) -> None:
    over = item_of(resolved().incident, service(), News.OVER, (), {}, NOON)
    receipt = await to(duty).deliver(message(over), outside)
    assert receipt.note == "it was over before it could be told, so that no alert is open"
    assert duty.alerts == {}


async def test_what_was_sent_into_silence_and_again_pages_once(duty: Duty, outside: Out) -> None:
    duty.drop()
    with pytest.raises(DeliveryError) as caught:
        await to(duty).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (True, True)
    await to(duty).deliver(message(), outside)
    (alert,) = duty.alerts.values()
    assert (alert.pages, len(alert.log)) == (1, 2)


async def test_names_of_any_length_or_none_make_an_event_that_is_taken(duty: Duty, outside: Out) -> None:
    for n, name in enumerate(("", "n" * 10_000, "\u202e\x00💥")):
        await to(duty).deliver(message(opened(name, n, by=name, title=name)), outside)
    assert [event["payload"]["source"] for event in duty.events] == ["api-production", "n" * 199 + "…", "💥"]


# -- answers --------------------------------------------------------------------------------------------------------


async def test_a_key_that_nobody_has_is_one_sentence(duty: Duty, outside: Out) -> None:
    wrong = "S3CRET".ljust(32, "x")
    with pytest.raises(DeliveryError, match="give the integration key of an Events API v2 integration") as caught:
        await to(duty, wrong).deliver(message(), outside)
    assert (caught.value.retry, "S3CRET" in str(caught.value)) == (False, False)
    assert duty.events == []


@pytest.mark.parametrize(
    ("status", "body", "retry"),
    [
        (400, b'{"status": "invalid event", "errors": "a text"}', False),
        (200, b'{"status": "throttled"}', False),
        (202, b"<html>log in</html>", False),
        (404, b"", False),
        (429, b"", True),
        (500, b"", True),
    ],
)
async def test_what_is_no_success_is_a_failure(
    duty: Duty, outside: Out, status: int, body: bytes, retry: bool
) -> None:
    duty.answer(status, body=body, Retry_After="9")
    with pytest.raises(DeliveryError, match=r"^127\.0\.0\.1 (answered|took nothing)") as caught:
        await to(duty).deliver(message(), outside)
    assert (caught.value.retry, caught.value.after) == (retry, 9.0 if retry else None)


async def test_proving_triggers_nothing_and_says_what_it_cannot_know(duty: Duty, outside: Out) -> None:
    assert "takes the form of the key; whether a service has it is seen only" in await to(duty).prove(outside)
    (heard,) = duty.heard
    assert (heard.answered, duty.events, duty.alerts) == (400, [], {})
    duty.answer(400, body=b'{"errors": ["Invalid routing key"]}')
    with pytest.raises(DeliveryError, match="give the integration key") as caught:
        await to(duty).prove(outside)
    assert not caught.value.retry
    duty.answer(503)
    with pytest.raises(DeliveryError, match="answered 503"):
        await to(duty).prove(outside)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"routing_key": Secret("e+23rschqsESqk9Q6_-g")},
            "routing_key is none of PagerDuty's: give the integration key",
        ),
        ({"routing_key": Secret("é" * 32)}, "32 letters and digits"),
        ({"url": "events.pagerduty.com"}, "url: url must begin with"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        PagerDuty(**{"routing_key": Secret("a" * 32), **options})


def test_a_region_is_an_address() -> None:
    for region, host in (("us", "events.pagerduty.com"), ("eu", "events.eu.pagerduty.com")):
        assert PagerDuty(Secret("a" * 32), region=region)._post({}).url.reveal() == f"https://{host}/v2/enqueue"


# -- the fake -------------------------------------------------------------------------------------------------------

RIGHT = {"summary": "s", "source": "o", "severity": "info"}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"routing_key": "short"}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        ({"routing_key": "-" * 32}, "'routing_key' cannot contain non-alphanumeric characters."),
        ({"event_action": "open"}, "'event_action' is missing or blank"),
        ({"event_action": "resolve", "dedup_key": ""}, "'dedup_key' is missing or blank"),
        ({"dedup_key": "x" * 256}, "'dedup_key' is longer than 255 characters"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": {**RIGHT, "summary": "s" * 1025}}, "'payload.summary' is longer than 1024 characters"),
        ({"payload": {**RIGHT, "source": " "}}, "'payload.source' is missing or blank"),
        ({"payload": {**RIGHT, "severity": "fatal"}}, "'payload.severity' is invalid"),
        ({"payload": {**RIGHT, "timestamp": "noon"}}, "'payload.timestamp' is invalid"),
        ({"payload": {**RIGHT, "group": 3}}, "'payload.group' is invalid"),
        ({"payload": {**RIGHT, "custom_details": "x"}}, "'payload.custom_details' is invalid"),
        ({"links": [{"href": "x"}]}, "'links' is invalid"),
        ({"sevrity": "x"}, "'sevrity' is unknown"),
        ({"routing_key": "b" * 32}, "Invalid routing key"),
    ],
)
async def test_the_fake_refuses_what_pagerduty_refuses(duty: Duty, event: dict[str, Any], says: str) -> None:
    whole = {"routing_key": duty.key, "event_action": "trigger", "payload": RIGHT, **event}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{duty.url}/v2/enqueue", json=whole)
    assert answer.status_code == 400
    assert answer.json()["status"] == "invalid event"
    assert any(error.startswith(says) for error in answer.json()["errors"])
    assert duty.events == []


async def test_the_fake_answers_as_was_recorded(duty: Duty) -> None:
    if not FIXTURES.exists():
        pytest.skip("the recordings are not here")
    recorded = {path.stem: json.loads(path.read_text()) for path in FIXTURES.iterdir()}
    event = {"routing_key": duty.key, "event_action": "trigger", "dedup_key": "srv01/HTTP", "payload": RIGHT}
    missing = {**event, "payload": {"summary": "s", "source": "o"}}
    async with httpx.AsyncClient() as client:
        taken = await client.post(f"{duty.url}/v2/enqueue", json=event)
        short = await client.post(f"{duty.url}/v2/enqueue", json={**event, "routing_key": "short"})
        lacking = await client.post(f"{duty.url}/v2/enqueue", json=missing)
    assert (taken.status_code, taken.json()) == (202, recorded["success_202"])
    assert (short.status_code, short.json()) == (400, recorded["error_400"])
    assert recorded["error_400_missing"]["errors"][0] in lacking.json()["errors"]
