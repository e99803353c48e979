"""The key to pages that ask who reads them: bought once, shared, renewed in time, and never shown."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.checks.vendors.cloud import ARM, EVENTS, GRAPH, ISSUES, SECRET, Cloud, clouding, event, refusal, spelt
from tests.net.small import answering, response
from tui_monitor.core.model import Reading, Service
from tui_monitor.core.secret import Secret
from tui_monitor.core.status import Status
from tui_monitor.engine.runner import read as look
from tui_monitor.net import Way

PAGE = EVENTS.format("s1")


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    async with clouding() as made:
        made.pages[PAGE] = spelt({"value": [event("a")]})
        made.pages[ISSUES] = spelt({"value": []})
        yield made


@dataclass(frozen=True, slots=True)
class Later(Way):
    """The way out, some time from now."""

    ahead: timedelta = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def mine(cloud: Cloud, **options: Any) -> Any:
    return cloud.azure(subscriptions=("s1",), **options)


async def seen(check: Any, way: Way) -> Reading:
    return await look(Service("a", "A", check, "any"), way)


# -- bought once ------------------------------------------------------------------------------------------------


async def test_a_key_is_kept_from_look_to_look(cloud: Cloud, way: Way):
    readings = [await seen(mine(cloud), way) for _ in range(3)]
    assert {one.status for one in readings} == {Status.PARTIAL}
    assert cloud.logins == [ARM]


async def test_services_with_the_same_login_share_a_key_even_at_once(cloud: Cloud, way: Way):
    made = [mine(cloud), mine(cloud, regions=("West Europe",)), mine(cloud, severity="major")]
    await asyncio.gather(*(seen(check, way) for check in made))
    assert cloud.logins == [ARM]


async def test_another_scope_needs_another_key(cloud: Cloud, way: Way):
    assert (await seen(mine(cloud), way)).status is Status.PARTIAL
    assert (await seen(cloud.office(), way)).status is Status.OPERATIONAL
    assert cloud.logins == [ARM, GRAPH]


async def test_a_wrong_secret_does_not_ride_on_the_key_of_a_right_one(cloud: Cloud, way: Way):
    await seen(mine(cloud), way)
    reading = await seen(mine(cloud, client_secret=Secret("another")), way)
    assert reading.status is Status.UNKNOWN
    assert len(cloud.asked) == 1


# -- renewed in time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lasts", "minutes", "logins"),
    [(3599, 54, 1), (3599, 56, 2), ("3599", 54, 1), (60, 0.4, 1), (60, 0.6, 2), (None, 4, 1), ("soon", 6, 2)],
)
async def test_a_key_is_renewed_before_its_end(lasts: Any, minutes: float, logins: int, cloud: Cloud, way: Way):
    cloud.granted["expires_in"] = lasts
    await seen(mine(cloud), way)
    assert (await seen(mine(cloud), Later(way.net, 5.0, ahead=timedelta(minutes=minutes)))).status is Status.PARTIAL
    assert len(cloud.logins) == logins


@pytest.mark.parametrize("lasts", [0, -5, "nan"])
async def test_a_key_that_does_not_last_is_bought_for_each_document(lasts: Any, cloud: Cloud, way: Way):
    cloud.granted["expires_in"] = lasts
    cloud.pages[EVENTS.format("s2")] = spelt({"value": []})
    reading = await seen(cloud.azure(subscriptions=("s1", "s2")), way)
    assert (reading.status, len(cloud.logins)) == (Status.PARTIAL, 2)


async def test_a_key_is_not_kept_for_ever(cloud: Cloud, way: Way):
    cloud.granted["expires_in"] = 1e300
    assert (await seen(mine(cloud), way)).status is Status.PARTIAL
    assert (await seen(mine(cloud), Later(way.net, 5.0, ahead=timedelta(days=1)))).status is Status.PARTIAL
    assert len(cloud.logins) == 2


async def test_a_key_that_runs_out_on_its_way_is_bought_anew_exactly_once(cloud: Cloud, way: Way):
    def first() -> bytes:
        cloud.expire()
        return spelt({"value": [event("a")], "nextLink": f"{cloud.url}{PAGE}?api-version=2024-02-01&$skiptoken=2"})

    cloud.pages[PAGE] = first
    cloud.pages[f"{PAGE}?$skiptoken=2"] = spelt({"value": [event("b")]})
    reading = await seen(mine(cloud), way)
    assert [one.ref for one in reading.incidents or ()] == ["a", "b"]
    assert len(cloud.logins) == 2
    assert (len(cloud.asked), cloud.refused) == (3, 0)


async def test_services_whose_key_has_run_out_buy_one_together(cloud: Cloud, way: Way):
    await seen(mine(cloud), way)
    cloud.expire()
    made = [mine(cloud), mine(cloud, regions=("West Europe",)), mine(cloud, severity="major")]
    readings = await asyncio.gather(*(seen(check, way) for check in made))
    assert Status.UNKNOWN not in {one.status for one in readings}
    assert len(cloud.logins) == 2


async def test_a_page_that_takes_no_key_at_all_is_unknown_after_the_second(cloud: Cloud, way: Way):
    cloud.pages[PAGE] = refusal(401, "InvalidAuthenticationToken", "Not this one.")
    reading = await seen(mine(cloud), way)
    assert reading.status is Status.UNKNOWN
    assert reading.message == "its page answered 401 Unauthorized: InvalidAuthenticationToken: Not this one."
    assert (len(cloud.logins), len(cloud.asked)) == (2, 2)


# -- refused ----------------------------------------------------------------------------------------------------


async def test_a_wrong_secret_is_told_in_the_words_of_the_login_and_never_shown(cloud: Cloud, way: Way):
    wrong = "the secret of another app/+&"
    check = mine(cloud, client_secret=Secret(wrong))
    one, other = [await seen(check, way) for _ in range(2)]
    assert one.status is Status.UNKNOWN
    host = cloud.url.removeprefix("http://")
    assert one.message == (f"the login at {host}: it gave no key: AADSTS7000215: Invalid client secret provided: ***")
    assert one.message == other.message
    assert (cloud.asked, cloud.refused) == ([], 2)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"tenant": "else/where"}, "AADSTS90002: Tenant 'else/where' not found."),
        ({"client_id": "nobody"}, "AADSTS700016"),
        ({"scope": "everything"}, "AADSTS70011"),
    ],
)
async def test_whatever_is_wrong_with_the_login_is_told(options: dict[str, str], code: str, cloud: Cloud, way: Way):
    reading = await seen(mine(cloud, **options), way)
    assert reading.status is Status.UNKNOWN
    assert code in reading.message


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (response(b"<!DOCTYPE html><title>Sign in</title>"), "a web page came where data should be"),
        (response(b"<html>No</html>", "502 Bad Gateway"), "it answered 502 Bad Gateway"),
        (response(b"", "302 Found", "Location: http://127.0.0.1:9/"), "it answered 302 Found"),
        (response(b""), "an empty page came"),
        (spelt([]), "its answer is not of the shape"),
        (spelt({}), "its answer holds no key"),
        (spelt({"access_token": ""}), "its answer holds no key"),
        (spelt({"access_token": ["k"]}), "its answer holds no key"),
        (spelt({"access_token": "k\r\nX-Evil: 1"}), "its answer holds no key"),
        (spelt({"access_token": "k" * 30_000}), "its answer holds no key"),
        (spelt({"access_token": "k", "token_type": "MAC"}), "it gave a key of another kind: MAC"),
        (spelt({"error": "temporarily_unavailable"}), "it gave no key: temporarily_unavailable"),
        (spelt({"access_token": "k"}, 500), "it answered 500 Internal Server Error"),
    ],
)
async def test_a_login_that_gives_no_key_is_unknown(said: bytes, words: str, cloud: Cloud, way: Way):
    cloud.login = said
    reading = await seen(mine(cloud), way)
    assert reading.status is Status.UNKNOWN
    assert reading.message.startswith("the login at 127.0.0.1:")
    assert words in reading.message
    assert cloud.asked == []


async def test_a_login_that_is_asked_too_often_is_left_alone_as_long_as_it_asks(cloud: Cloud, way: Way):
    async with answering(spelt({"error": "busy"}, 429, "Retry-After: 120")) as busy:
        for _ in range(2):
            reading = await seen(mine(cloud, login=busy.url), way)
            assert reading.status is Status.UNKNOWN
            assert "asked to be left alone (429 Too Many Requests)" in reading.message
    assert (busy.connections, cloud.asked) == (1, [])


async def test_a_login_that_says_nothing_ends_with_the_look(cloud: Cloud, way: Way):
    async with answering(hold=True) as silent:
        patient = asyncio.ensure_future(seen(mine(cloud, login=silent.url), Way(way.net, 0.5)))
        hasty = asyncio.ensure_future(seen(mine(cloud, login=silent.url, severity="major"), Way(way.net, 0.1)))
        ended, _ = await asyncio.wait((patient, hasty), return_when=asyncio.FIRST_COMPLETED)
        assert hasty in ended, "it waited for a login that somebody else had asked for"
        for reading in await asyncio.gather(patient, hasty):
            assert (reading.status, reading.cause) == (Status.UNKNOWN, "timeout")
            assert reading.message.startswith("the login at 127.0.0.1:")
    assert cloud.asked == []
    assert way.net.places == 20


async def test_a_login_that_nobody_answers_is_told(cloud: Cloud, way: Way):
    async with answering() as gone:
        pass
    reading = await seen(mine(cloud, login=gone.url), way)
    assert (reading.status, reading.cause) == (Status.UNKNOWN, "refused")
    assert reading.message.startswith("the login at 127.0.0.1:")


def test_an_address_that_cannot_be_asked_is_named():
    with pytest.raises(ValueError, match=r"^login: the URL must begin with http"):
        Cloud(url="https://api.example").azure(login="login.example")


# -- never shown ------------------------------------------------------------------------------------------------


async def test_neither_secret_nor_key_is_ever_shown(cloud: Cloud, way: Way, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    check = mine(cloud)
    await seen(check, way)
    (key,) = cloud.keys
    cloud.pages[PAGE] = refusal(403, "Forbidden", f"Bearer {key} may not.")
    reading = await seen(check, way)
    assert reading.message == "its page answered 403 Forbidden: Forbidden: *** may not."
    shelf = way.net.shelf
    shown = [repr(check), repr(check.buyer), repr(check.asked), repr(shelf), repr(shelf._things), caplog.text]
    assert not [text for text in shown if SECRET in text or key in text or json.dumps(SECRET)[1:-1] in text]
    assert not [text for text in shown if "client_secret=o" in text]
