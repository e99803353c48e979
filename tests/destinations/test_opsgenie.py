"""Opsgenie over a real socket: one alert under one alias, and what came of what it took."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.destinations.small import NOON, Out, changed, message, opened, resolved, service
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.message import Message, News, item_of
from tui_monitor.core.model import Kind, State
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.destinations.opsgenie import Opsgenie, Responder
from tui_monitor.fakes.opsgenie import Alert
from tui_monitor.fakes.opsgenie import Opsgenie as Genie

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
ALIAS = "tui-monitor-inc1"
ACK = {"state": State.ACKNOWLEDGED, "by": "ann"}


@pytest.fixture
async def genie() -> AsyncIterator[Genie]:
    async with Genie() as one:
        yield one
        assert one.refused == []


def to(genie: Genie, key: str = "", **options: Any) -> Opsgenie:
    return Opsgenie(Secret(key or genie.key), url=genie.url, **options)


def alert_of(genie: Genie) -> Alert:
    (alert,) = genie.alerts
    return alert


async def test_an_incident_is_one_alert_from_its_creation_to_its_close(genie: Genie, outside: Out) -> None:
    told = [message(), message(changed(kind=Kind.WORSENED)), message(changed(**ACK)), message(resolved(revision=3))]
    seen = []
    for one in told:
        receipt = await to(genie).deliver(one, outside)
        alert = alert_of(genie)
        assert (receipt.ref, receipt.note) == (ALIAS, "")
        assert receipt.url == f"https://app.opsgenie.com/alert/detail/{alert.id}/details"
        seen.append((alert.status, alert.acknowledged, len(alert.notes)))
    assert seen == [("open", False, 0), ("open", False, 1), ("open", True, 2), ("closed", True, 3)]
    assert [note["owner"] for note in alert.notes] == ["System", "ann", "System"]
    assert alert.notes[2]["note"] == f"API production is operational again after 5 m\n({told[3].key})"


async def test_an_alert_says_what_is_wrong_for_whom_and_how_urgent_it_is(genie: Genie, outside: Out) -> None:
    item = opened()
    item = replace(item, service=replace(item.service, tags=("prod", "api")))
    somebody = "0b5d3e4e-0000-4000-8000-00000000000f"
    responders = (Responder(team="SRE"), Responder(user="ann@example.com"), Responder(schedule=somebody))
    await to(genie, tags=("monitor", "prod"), responders=responders).deliver(message(item), outside)
    facts = {
        "Service": "API production",
        "Status": "major",
        "Since": "2026-11-20T11:55:00Z",
        "Link": "http://api.test/",
        "Incident": "inc1",
    }
    assert genie.heard[0].json == {
        "message": "API production is major: it answered 500",
        "alias": ALIAS,
        "description": "API production is major: it answered 500\n\n"
        + "\n".join(f"{label}: {value}" for label, value in facts.items()),
        "tags": ["monitor", "prod", "api"],
        "details": facts,
        "entity": "API production",
        "source": "tui-monitor",
        "priority": "P1",
        "responders": [
            {"type": "team", "name": "SRE"},
            {"type": "user", "username": "ann@example.com"},
            {"type": "schedule", "id": somebody},
        ],
    }


async def test_how_bad_it_is_now_is_the_priority(genie: Genie, outside: Out) -> None:
    await to(genie).deliver(message(opened(status=Status.DEGRADED)), outside)
    assert alert_of(genie).priority == "P3"
    await to(genie).deliver(message(changed(kind=Kind.WORSENED)), outside)
    assert alert_of(genie).priority == "P1"
    await to(genie, priorities={"partial": "P4"}).deliver(
        message(changed(status=Status.PARTIAL, kind=Kind.EASED)), outside
    )
    assert alert_of(genie).priority == "P4"
    await to(genie).deliver(message(changed(**ACK)), outside)
    assert alert_of(genie).priority == "P4"


async def test_what_is_first_told_when_somebody_is_on_it_says_so_at_once(genie: Genie, outside: Out) -> None:
    await to(genie).deliver(message(opened(**ACK)), outside)
    assert alert_of(genie).acknowledged


async def test_only_a_person_acknowledges(genie: Genie, outside: Out) -> None:
    await to(genie).deliver(message(), outside)
    for kind in (Kind.UPDATED, Kind.SUSPECTED):
        await to(genie).deliver(message(changed(kind=kind)), outside)
    assert not alert_of(genie).acknowledged


async def test_what_came_and_went_unheard_makes_no_alert_and_says_so(genie: Genie, outside: Out) -> None:
    over = item_of(resolved().incident, service(), News.OVER, (), {}, NOON)
    receipt = await to(genie).deliver(message(over), outside)
    assert receipt.note == "it was over before it could be told, so that no alert is open"
    assert genie.alerts == []


@pytest.mark.parametrize("gone", ["closed", "deleted"])
async def test_an_alert_that_people_closed_or_deleted_is_as_good_as_closed(
    genie: Genie, outside: Out, gone: str
) -> None:
    await to(genie).deliver(message(), outside)
    alert_of(genie).status = "closed"
    if gone == "deleted":
        genie.alerts.clear()
    assert (await to(genie).deliver(message(resolved()), outside)).note == ""


async def test_a_note_for_an_alert_that_is_gone_is_a_failure(genie: Genie, outside: Out) -> None:
    with pytest.raises(DeliveryError, match="took it and did not do it: Alert does not exist") as caught:
        await to(genie).deliver(message(changed()), outside)
    assert not caught.value.retry


async def test_names_of_any_length_or_none_make_an_alert_that_is_taken(genie: Genie, outside: Out) -> None:
    for n, name in enumerate(("", "n" * 10_000, "\u202e\x00💥")):
        item = opened(name, n, by=name, title=name, state=State.ACKNOWLEDGED)
        await to(genie, tags=tuple(f"{name}{one}" for one in range(30))).deliver(message(item), outside)
    assert [alert.body["entity"] for alert in genie.alerts] == ["api-production", "n" * 199 + "…", "💥"]
    assert all(len(alert.body["tags"]) == 20 or len(alert.body["tags"]) == 1 for alert in genie.alerts)


# -- what came of what was taken ------------------------------------------------------------------------------------


async def test_it_is_asked_what_came_of_a_request(outside: Out) -> None:
    async with Genie(lag=1) as genie:
        await to(genie).deliver(message(), outside)
        assert [heard.answered for heard in genie.heard] == [202, 404, 200]


async def test_what_it_does_not_know_yet_is_left_to_the_outbox_to_ask(genie: Genie, outside: Out) -> None:
    genie.lag = 9
    for told in (message(), message(changed()), message(resolved())):
        with pytest.raises(DeliveryError, match="took it, and will say in a moment what came of it") as caught:
            await to(genie).deliver(told, outside)
        assert (caught.value.retry, caught.value.after, caught.value.unsure) == (True, 2.0, True)
        assert await to(genie).find(told, outside) is not None
    assert len(genie.alerts) == 1


async def test_an_alert_that_is_not_there_is_closed_and_hears_no_more(genie: Genie, outside: Out) -> None:
    over = message(item_of(resolved().incident, service(), News.OVER, (), {}, NOON))
    for told in (over, message(resolved())):
        found = await to(genie).find(told, outside)
        assert found is not None
        assert found.ref == ALIAS
    with pytest.raises(DeliveryError, match="somebody has deleted it there") as caught:
        await to(genie).find(message(changed()), outside)
    assert not caught.value.retry


async def test_what_cannot_be_asked_for_now_may_have_happened(genie: Genie, outside: Out) -> None:
    genie.answer(202, body=b'{"requestId": "r"}')
    genie.answer(503)
    with pytest.raises(DeliveryError, match="answered 503") as caught:
        await to(genie).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (True, True)


async def test_a_key_that_may_not_read_still_makes_alerts_and_it_is_said(outside: Out) -> None:
    async with Genie(may=("create", "update")) as genie:
        receipt = await to(genie).deliver(message(), outside)
        assert receipt.note.startswith("it was taken, but this key may not read what came of it: give the key")
        assert alert_of(genie).status == "open"
        with pytest.raises(DeliveryError, match="give the key of an API integration that may read"):
            await to(genie).prove(outside)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ([], message()),
        ([], message(opened(**ACK))),
        ([message()], message(changed())),
        ([message()], message(changed(**ACK))),
        ([message()], message(resolved())),
    ],
    ids=["opened", "opened and known", "changed", "acknowledged", "resolved"],
)
async def test_what_was_sent_into_silence_is_found_and_not_sent_again(
    genie: Genie, outside: Out, before: list[Message], told: Message
) -> None:
    for one in before:
        await to(genie).deliver(one, outside)
    assert await to(genie).find(told, outside) is None
    receipt = await to(genie).deliver(told, outside)
    assert await to(genie).find(told, outside) == receipt
    other = message(changed(revision=9))
    assert await to(genie).find(other, outside) is None


async def test_a_half_told_beginning_is_told_again_and_makes_one_alert(genie: Genie, outside: Out) -> None:
    told = message(opened(**ACK))
    await to(genie).deliver(message(), outside)
    assert await to(genie).find(told, outside) is None
    await to(genie).deliver(told, outside)
    assert (alert_of(genie).count, alert_of(genie).acknowledged) == (2, True)


async def test_a_line_that_drops_leaves_it_unsure_only_where_something_was_sent(genie: Genie, outside: Out) -> None:
    genie.drop()
    with pytest.raises(DeliveryError) as caught:
        await to(genie).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (True, True)
    assert await to(genie).find(message(), outside) is not None
    genie.drop()
    with pytest.raises(DeliveryError) as asked:
        await to(genie).find(message(), outside)
    assert (asked.value.retry, asked.value.unsure) == (True, False)


# -- answers --------------------------------------------------------------------------------------------------------


async def test_a_wrong_key_is_one_sentence_also_when_it_is_proved(genie: Genie, outside: Out) -> None:
    plugin = to(genie, "S3CRETKEY")
    for act in (plugin.deliver(message(), outside), plugin.prove(outside), plugin.find(message(), outside)):
        with pytest.raises(
            DeliveryError, match="answered 403 Forbidden: give the key of an API integration"
        ) as caught:
            await act
        assert (caught.value.retry, "S3CRETKEY" in str(caught.value)) == (False, False)


@pytest.mark.parametrize(
    ("status", "body", "retry"),
    [
        (422, b'{"message": "Request body is not processable.", "errors": {"tags": "too many"}}', False),
        (200, b"<html>log in</html>", False),
        (429, b"", True),
        (500, b"", True),
    ],
)
async def test_what_is_no_success_is_a_failure(
    genie: Genie, outside: Out, status: int, body: bytes, retry: bool
) -> None:
    genie.answer(status, body=body, Retry_After="9")
    with pytest.raises(DeliveryError, match=rf"^127\.0\.0\.1 answered {status}") as caught:
        await to(genie).deliver(message(), outside)
    assert (caught.value.retry, caught.value.after) == (retry, 9.0 if retry else None)
    assert genie.alerts == []


async def test_proving_reads_and_makes_nothing(genie: Genie, outside: Out) -> None:
    assert "takes the key, which may read alerts" in await to(genie).prove(outside)
    assert [(heard.method, heard.target) for heard in genie.heard] == [("GET", "/v2/alerts?limit=1")]


def test_a_region_is_an_address_and_a_link() -> None:
    plugin = Opsgenie(Secret("k"), region="eu")
    assert plugin._desk(None).base == "https://api.eu.opsgenie.com"  # type: ignore[arg-type]  # asks for nothing here
    assert plugin._link("a-1") == "https://app.eu.opsgenie.com/alert/detail/a-1/details"
    assert plugin._link("../x") == ""


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: Responder(), "exactly one of team, user, schedule and escalation"),
        (lambda: Responder(team="a", user="b"), "exactly one of team"),
        (lambda: Opsgenie(Secret("a\nb")), "api_key: the header Authorization holds a line break"),
        (lambda: Opsgenie(Secret("k"), url="api.opsgenie.com"), "url: url must begin with"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(made: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        made()


# -- the fake -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v2/alerts", {}, "message"),
        ("/v2/alerts", {"message": "m" * 131}, "message"),
        ("/v2/alerts", {"message": "m", "alias": "a" * 513}, "alias"),
        ("/v2/alerts", {"message": "m", "tags": ["t"] * 21}, "tags"),
        ("/v2/alerts", {"message": "m", "tags": ["t" * 51]}, "tags"),
        ("/v2/alerts", {"message": "m", "details": {"a": 1}}, "details"),
        ("/v2/alerts", {"message": "m", "priority": "P0"}, "priority"),
        ("/v2/alerts", {"message": "m", "responders": [{"type": "team"}]}, "responders"),
        ("/v2/alerts", {"message": "m", "urgency": "x"}, "urgency"),
        ("/v2/alerts/a/notes?identifierType=alias", {"note": " "}, "note"),
        ("/v2/alerts/a/close?identifierType=name", {}, "identifierType"),
    ],
)
async def test_the_fake_refuses_what_opsgenie_refuses(genie: Genie, path: str, body: Any, field: str) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"GenieKey {genie.key}"}) as client:
        answer = await client.post(genie.url + path, json=body)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert genie.alerts == []


async def test_the_fake_takes_what_the_official_client_sends_and_answers_as_was_recorded() -> None:
    if not FIXTURES.exists():
        pytest.skip("the recordings are not here")
    recorded = json.loads((FIXTURES / "wire_requests" / "reference_client_requests.json").read_text())
    async with Genie(key="key") as genie, httpx.AsyncClient() as client:
        for name in ("opsgenie_create", "opsgenie_close"):
            (sent,) = recorded[name]["requests"]
            headers = {one: sent["headers"][one] for one in ("Authorization", "Content-Type")}
            taken = await client.post(genie.url + sent["path"], content=sent["body"], headers=headers)
            assert taken.status_code == 202
            assert set(taken.json()) == set(json.loads((FIXTURES / "opsgenie" / "success_202.json").read_text()))
        assert alert_of(genie).status == "closed"
        refused = await client.post(f"{genie.url}/v2/alerts", json={"message": ""}, headers=headers)
        stranger = await client.get(f"{genie.url}/v2/alerts", headers={"Authorization": "GenieKey x"})
    said = json.loads((FIXTURES / "opsgenie" / "error_422.json").read_text())
    assert (refused.json()["message"], refused.json()["errors"]) == (said["message"], said["errors"])
    assert stranger.json()["message"] == "Could not authenticate"
