"""Mail through SendGrid over real sockets: what is sent, in which thread, and what its refusals mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.destinations.small import NOON, Out, changed, message, opened, resolved
from tui_monitor.core.errors import DeliveryError
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.sendgrid import HOSTS, Sendgrid
from tui_monitor.fakes import sendgrid as fake
from tui_monitor.fakes.sendgrid import Sendgrid as Site

RECORDED = Path(__file__).parents[3] / "shared/fixtures"
KEY = "SG.S3CRET"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site(KEY) as one:
        yield one
        assert one.refused == []


def to(site: Site, **options: Any) -> Sendgrid:
    usual = {"token": Secret(KEY), "sender": "Ops <ops@example.com>", "to": ("team@example.com",), "url": site.url}
    return Sendgrid(**{**usual, **options})


async def test_a_mail_is_sent_whole_as_text_and_page(site: Site, outside: Out) -> None:
    told = message()
    receipt = await to(site, cc=("Böss <boss@example.com>", "TEAM@example.com")).deliver(told, outside)
    (mail,) = site.mails
    assert mail["from"] == {"email": "ops@example.com", "name": "Ops"}
    assert mail["personalizations"] == [
        {"to": [{"email": "team@example.com"}], "cc": [{"email": "boss@example.com", "name": "Böss"}]}
    ]
    assert mail["subject"] == "API production is major: it answered 500"
    plain, page = mail["content"]
    assert (plain["type"], page["type"]) == ("text/plain", "text/html")
    assert plain["value"].splitlines()[:3] == [mail["subject"], "", "Service: API production"]
    assert '<a href="http://api.test/"' in page["value"]
    assert mail["headers"] == {"Message-ID": receipt.ref, "Auto-Submitted": "auto-generated"}
    assert mail["custom_args"] == {"tui_monitor_key": told.key}
    assert mail["tracking_settings"]["open_tracking"] == {"enable": False}


async def test_an_incident_is_one_thread_and_a_second_try_the_same_mail(site: Site, outside: Out) -> None:
    first = await to(site).deliver(message(), outside)
    assert await to(site).deliver(message(), outside) == first
    for item in (changed(), resolved(revision=3)):
        assert (await to(site).deliver(message(item, first.ref), outside)).ref == first.ref
    heads = [mail["headers"] for mail in site.mails]
    assert heads[0] == heads[1]
    assert len({one["Message-ID"] for one in heads}) == 3
    assert [one.get("In-Reply-To") for one in heads] == [None, None, first.ref, first.ref]
    assert [one.get("References") for one in heads] == [None, None, first.ref, first.ref]


async def test_the_escalation_list_is_written_to_too(site: Site, outside: Out) -> None:
    await to(site, escalate_to=("boss@example.com", "team@example.com")).deliver(message(), outside)
    assert site.mails[0]["personalizations"] == [
        {"to": [{"email": "team@example.com"}, {"email": "boss@example.com"}]}
    ]


async def test_no_name_breaks_out_of_the_subject_or_the_page(site: Site, outside: Out) -> None:
    nasty = 'Ünïcode 💥 <b>"x"</b>\r\nBcc: thief@example.com'
    await to(site, subject="[{name}] {title}").deliver(message(opened(nasty)), outside)
    (mail,) = site.mails
    assert mail["subject"].startswith('[Ünïcode 💥 <b>"x"</b> Bcc: thief@example.com]')
    assert "<b>" not in mail["content"][1]["value"]


async def test_a_subject_that_its_fields_leave_empty_is_given_one(site: Site, outside: Out) -> None:
    await to(site, subject="{ref}").deliver(message(), outside)
    assert site.mails[0]["subject"] == "An incident"


def test_europe_has_a_server_of_its_own() -> None:
    assert HOSTS == {"us": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}


# -- refusals -------------------------------------------------------------------------------------------------------


async def test_a_wrong_token_and_an_unverified_sender_are_said_with_what_to_do(site: Site, outside: Out) -> None:
    wrong = to(site, token=Secret("SG.WRONG"))
    for act in (wrong.deliver(message(), outside), wrong.prove(outside)):
        with pytest.raises(
            DeliveryError, match=r"^127\.0\.0\.1 answered 401 Unauthorized: the token is wrong"
        ) as caught:
            await act
        assert not caught.value.retry
        assert "WRONG" not in str(caught.value)
    site.senders = frozenset({"other@example.com"})
    for act in (to(site).deliver(message(), outside), to(site).prove(outside)):
        with pytest.raises(DeliveryError, match="403 Forbidden: the sender is not verified there") as caught:
            await act
        assert not caught.value.retry
    assert site.mails == []


async def test_its_own_words_are_passed_on_without_their_wrapping(site: Site, outside: Out) -> None:
    errors = [{"message": "Too large.", "field": None}, {"message": f"No {KEY}.", "field": "x"}, "odd"]
    site.answer(413, body=json.dumps({"errors": errors}).encode())
    with pytest.raises(DeliveryError) as caught:
        await to(site).deliver(message(), outside)
    assert str(caught.value).endswith("answered 413 Request Entity Too Large: Too large.; No ***.")
    assert not caught.value.retry
    for body in (b"<html>no</html>", b'{"errors": 1}', b"[]", b""):
        site.answer(400, body=body)
        with pytest.raises(DeliveryError, match="answered 400 Bad Request") as caught:
            await to(site).deliver(message(), outside)
        assert not caught.value.retry


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry_After": "7"}, 7.0),
        ({"X_RateLimit_Reset": str(int((NOON + timedelta(seconds=42)).timestamp()))}, 42.0),
        ({"X_RateLimit_Reset": str(int((NOON - timedelta(seconds=42)).timestamp()))}, 0.0),
        ({"X_RateLimit_Reset": "soon"}, None),
        ({}, None),
    ],
)
async def test_too_many_requests_say_when_to_come_again(
    site: Site, outside: Out, headers: dict[str, str], after: float | None
) -> None:
    site.answer(429, body=b'{"errors": [{"message": "too many requests"}]}', **headers)
    with pytest.raises(DeliveryError, match="429 Too Many Requests: too many requests") as caught:
        await to(site).deliver(message(), outside)
    assert caught.value.retry
    assert caught.value.after == after


async def test_an_answer_that_never_came_may_have_been_a_yes(site: Site, outside: Out) -> None:
    site.drop()
    with pytest.raises(DeliveryError) as caught:
        await to(site).deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure, len(site.mails)) == (True, True, 1)


async def test_proving_weighs_a_mail_to_everybody_and_sends_none(site: Site, outside: Out) -> None:
    plugin = to(site, cc=("b@example.com",), escalate_to=("boss@example.com",))
    assert (
        await plugin.prove(outside) == "127.0.0.1 takes mail from Ops <ops@example.com> to 3 addresses; none was sent"
    )
    assert [heard.path for heard in site.heard] == ["/v3/scopes", "/v3/mail/send"]
    assert len(site.heard[1].json["personalizations"][0]["to"]) == 3
    assert site.mails == []


async def test_a_token_that_may_not_send_is_said_with_what_to_do(site: Site, outside: Out) -> None:
    site.scopes = ["stats.read"]
    with pytest.raises(DeliveryError, match="give its API key the permission Mail Send") as caught:
        await to(site).prove(outside)
    assert not caught.value.retry


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"to": ()}, "at least one"),
        ({"cc": ("nobody",)}, "cc: 'nobody' is not a mail address"),
        ({"url": "ftp://x"}, "url must begin with http"),
        ({"token": Secret("a\nb")}, "token: the header Authorization holds a line break"),
        ({"subject": "{titel}"}, "did you mean {title}"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("{", r"\{")):
        to(Site(port=1), **options)


# -- the fake: it refuses what the real one refuses -----------------------------------------------------------------

GOOD: dict[str, Any] = {
    "personalizations": [{"to": [{"email": "b@x.com"}]}],
    "from": {"email": "a@x.com"},
    "subject": "S",
    "content": [{"type": "text/plain", "value": "p"}, {"type": "text/html", "value": "<p>h</p>"}],
}


def twice(**lists: list[str]) -> list[dict[str, Any]]:
    return [{name: [{"email": one} for one in some] for name, some in lists.items()}]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"personalizations": []}, fake.PERSONALIZATIONS),
        ({"personalizations": None}, fake.PERSONALIZATIONS),
        ({"personalizations": [{"to": []}]}, fake.TO),
        ({"personalizations": twice(to=["nobody"])}, "Does not contain a valid address."),
        ({"personalizations": twice(to=["a@x.com"], cc=["A@x.com"])}, "first duplicate instance of [a@x.com]"),
        ({"personalizations": twice(to=[f"{n}@x.com" for n in range(1001)])}, "Only 1000 recipients"),
        ({"from": None}, fake.FROM),
        ({"from": {"email": "x"}}, "from email does not contain a valid address"),
        ({"subject": None}, fake.SUBJECT),
        ({"subject": ""}, fake.SUBJECT),
        ({"content": []}, fake.CONTENT),
        ({"content": [{"type": "text/plain", "value": ""}]}, fake.EMPTY),
        ({"content": GOOD["content"][::-1]}, fake.ORDER),
        ({"headers": {"Subject": "x"}}, "The header Subject is reserved"),
        ({"headers": {"X": "ä"}}, "must be encoded"),
        ({"custom_args": {"a": 1}}, "must be strings"),
        ({"colour": "red"}, "Additional property colour is not allowed"),
    ],
)
async def test_the_fake_refuses_a_mail_in_the_words_of_the_real_one(
    site: Site, change: dict[str, Any], says: str
) -> None:
    async with httpx.AsyncClient(base_url=site.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        answer = await client.post("/v3/mail/send", json={**GOOD, **change})
        assert answer.status_code == 400
        assert any(says in one["message"] for one in answer.json()["errors"])
        assert (await client.post("/v3/mail/send", json=GOOD)).status_code == 202
        assert (
            await client.post("/v3/mail/send", content=b"x=1", headers={"Content-Type": "a/b"})
        ).status_code == 415
        assert (await client.get("/v3/mail/send")).status_code == 405
        assert (await client.get("/v3/templates")).status_code == 404
    assert len(site.mails) == 1


async def test_the_fake_takes_what_the_official_client_sent(site: Site) -> None:
    path = RECORDED / "wire_requests/reference_client_requests.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    (sent,) = json.loads(path.read_text("utf-8"))["sendgrid_mail_send"]["requests"]
    headers = {name: value for name, value in sent["headers"].items() if name not in ("Host", "Content-Length")}
    headers["Authorization"] = f"Bearer {KEY}"
    async with httpx.AsyncClient(base_url=site.url) as client:
        answer = await client.request(sent["method"], sent["path"], headers=headers, content=sent["body"])
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["x-message-id"]
    assert site.mails == [json.loads(sent["body"])]


@pytest.mark.parametrize("name", ["error_400", "error_401", "error_403_sender"])
async def test_the_fake_refuses_as_was_recorded(site: Site, name: str) -> None:
    path = RECORDED / f"sendgrid/{name}.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    site.senders = frozenset({"verified@x.com"})
    mail = {**GOOD, "subject": None} if name == "error_400" else GOOD
    key = "SG.other" if name == "error_401" else KEY
    async with httpx.AsyncClient(base_url=site.url, headers={"Authorization": f"Bearer {key}"}) as client:
        answer = await client.post("/v3/mail/send", json=mail)
    (recorded,), (given,) = json.loads(path.read_text("utf-8"))["errors"], answer.json()["errors"]
    assert str(answer.status_code) in name
    assert (given["message"], given["field"]) == (recorded["message"], recorded["field"])
