"""Two tables of an account, real and faked: each incident in one of them, whatever comes late, twice or at once."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.destinations.accounts import Account, azurite
from tests.destinations.small import NOON, Out, changed, incident, message, opened, resolved, service
from tui_monitor import config
from tui_monitor.core.errors import ConfigError, DeliveryError
from tui_monitor.core.message import Item, News, item_of
from tui_monitor.core.model import Event, Kind
from tui_monitor.core.ports import Receipt
from tui_monitor.core.secret import Secret
from tui_monitor.destinations.azure_table import AzureTable
from tui_monitor.destinations.craft.entities import LONGEST, bounded, moves_of, safe_key, units
from tui_monitor.fakes.azure_tables import KEY, AzureTables
from tui_monitor.fakes.http import Answer, Heard

HIDDEN = "aGlkZGVuLXdvcmQtMQ=="
real = pytest.param("azurite", marks=pytest.mark.service("azurite"))
BOTH = pytest.mark.parametrize("account", ["fake", real], indirect=True)


class Odd(AzureTables):
    """Answers some requests otherwise."""

    odd: Callable[[Heard], Answer | None] = staticmethod(lambda heard: None)

    def reply(self, heard: Heard) -> Answer:
        return self.odd(heard) or super().reply(heard)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with azurite(tmp_path_factory.mktemp("azurite")) as connection:
        yield connection


@pytest.fixture
async def fake() -> AsyncIterator[Odd]:
    async with Odd() as server:
        yield server
        assert server.refused == []


@pytest.fixture
def account(request: pytest.FixtureRequest) -> Account:
    if request.param == "azurite":
        return Account(str(request.getfixturevalue("emulator")))
    return Account(request.getfixturevalue("fake").connection_string)


def of(fake: Odd) -> Account:
    return Account(fake.connection_string)


async def both(account: Account) -> tuple[list[Any], list[Any]]:
    return await account.rows(account.active), await account.rows(account.resolved)


# -- what stands there ----------------------------------------------------------------------------------------------


@BOTH
async def test_an_incident_is_one_entity_whose_columns_have_their_types(account: Account, outside: Out) -> None:
    await account.told().deliver(message(critical()), outside)
    (row,), ended = await both(account)
    assert ended == []
    assert (row["PartitionKey"], row["RowKey"], row["revision"]) == ("http", "inc1", 1)
    assert (row["name"], row["title"], row["state"]) == ("漢字 💥 'x'", "it answered 500", "open")
    assert (row["critical"], row["test"], row["duration"]) == (True, False, 300.0)
    assert row["started_at"] == NOON - timedelta(minutes=5)
    assert (row["tags"], row["vendor_ref"], "resolved_at" in row) == ("prod, web", "", False)
    assert [event["kind"] for event in json.loads(row["timeline"])] == ["opened"]


def critical() -> Item:
    one = incident()
    of_it = service("漢字 💥 'x'", critical=True, tags=("prod", "web"))
    event = Event(one.id, 1, Kind.OPENED, one.started_at, text=one.title, service=one.service)
    return item_of(one, of_it, News.OPENED, (event,), {}, NOON)


@BOTH
async def test_when_it_ends_it_moves_with_all_that_was_told_of_it(account: Account, outside: Out) -> None:
    place = account.told()
    for item in (opened(), changed(), resolved(revision=3)):
        assert await place.deliver(message(item), outside) == Receipt()
    lasting, (row,) = await both(account)
    assert lasting == []
    assert (row["RowKey"], row["revision"], row["state"], row["resolved_at"]) == ("inc1", 3, "resolved", NOON)
    assert [event["kind"] for event in json.loads(row["timeline"])] == ["opened", "acknowledged", "resolved"]


@BOTH
@pytest.mark.parametrize("late", [opened(), changed()])
async def test_what_comes_late_changes_nothing(account: Account, outside: Out, late: Item) -> None:
    place = account.told()
    for item in (opened(), resolved(revision=3), late):
        await place.deliver(message(item), outside)
    lasting, (row,) = await both(account)
    assert (lasting, row["revision"]) == ([], 3)


@BOTH
async def test_an_older_word_of_what_lasts_changes_nothing_either(account: Account, outside: Out) -> None:
    for item in (changed(), opened()):
        await account.told().deliver(message(item), outside)
    (row,), _ = await both(account)
    assert (row["revision"], row["state"]) == (2, "open")


@BOTH
async def test_a_move_that_a_crash_cut_in_two_is_finished(account: Account, outside: Out) -> None:
    place, told = account.told(), message(resolved())
    await place.deliver(message(), outside)
    await place.deliver(told, outside)
    ((whole,)) = await account.rows(account.resolved)
    await account.does(account.active, lambda client: client.upsert_entity({**whole, "revision": 1}))
    assert await place.find(told, outside) is None
    await place.deliver(told, outside)
    assert [len(rows) for rows in await both(account)] == [0, 1]
    assert await place.find(told, outside) == Receipt()


@BOTH
async def test_what_others_keep_beside_it_stays_and_goes_along(account: Account, outside: Out) -> None:
    from azure.data.tables import EdmType, EntityProperty, UpdateMode

    place = account.told()
    await place.deliver(message(), outside)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    theirs = {"Ticket": "INC-7", "Cost": EntityProperty(2**40, EdmType.INT64), "Since": at, "Seen": True}
    keys = {"PartitionKey": "http", "RowKey": "inc1"}
    await account.does(account.active, lambda client: client.update_entity({**keys, **theirs}, mode=UpdateMode.MERGE))
    for item in (changed(), resolved(revision=3)):
        await place.deliver(message(item), outside)
    (row,) = await account.rows(account.resolved)
    assert (row["Ticket"], row["Cost"].value, row["Since"], row["Seen"]) == ("INC-7", 2**40, at, True)


@BOTH
async def test_a_storm_comes_and_goes_in_few_requests(account: Account, outside: Out, request: Any) -> None:
    place = account.told()
    await place.deliver(message([opened(n=n, title=f"cause {n} 💥") for n in range(500)]), outside)
    assert len(await account.rows(account.active)) == 500
    again = message([resolved(n=n) for n in range(500)])
    await place.deliver(again, outside)
    assert [len(rows) for rows in await both(account)] == [0, 500]
    assert await place.find(again, outside) == Receipt()
    if request.node.callspec.params["account"] == "fake":
        assert request.getfixturevalue("fake").count < 450


@BOTH
async def test_one_message_may_go_to_several_partitions_and_both_tables(account: Account, outside: Out) -> None:
    items = [replace(opened(n=n), service=service(kind=f"kind{n % 3}")) for n in range(6)]
    await account.told().deliver(message([*items, resolved(n=7)]), outside)
    lasting, ended = await both(account)
    assert sorted({row["PartitionKey"] for row in lasting}) == ["kind0", "kind1", "kind2"]
    assert (len(lasting), len(ended)) == (6, 1)


@BOTH
@pytest.mark.parametrize(
    "name", ["a/b\\c#d?e", "100 % + 'x' \"y\"", "a\x00b\x85", "n" * 5000, "", "💥" * 400, "\ud800"]
)
async def test_any_name_makes_a_key_that_the_tables_take(account: Account, outside: Out, name: str) -> None:
    place = account.told(partition="{name}")
    for item in (opened(name), resolved(name)):
        await place.deliver(message(item), outside)
    assert [len(rows) for rows in await both(account)] == [0, 1]


@BOTH
async def test_proving_makes_the_tables_and_leaves_nothing_in_them(account: Account, outside: Out) -> None:
    for _ in range(2):
        said = await account.told().prove(outside)
        assert said == f"the tables {account.active} and {account.resolved} at 127.0.0.1 can be read and written"
    assert await both(account) == ([], [])


@BOTH
async def test_a_wrong_key_is_told_in_one_sentence_that_shows_none(account: Account, outside: Out) -> None:
    account.connection = account.connection.replace(KEY, HIDDEN)
    place = account.told()
    for act in (place.prove(outside), place.deliver(message(), outside), place.find(message(), outside)):
        with pytest.raises(
            DeliveryError, match=r"does not let us in \(403 \w+\): mend its connection_string"
        ) as caught:
            await act
        assert not caught.value.retry
        assert HIDDEN not in repr(caught.value)


# -- who is late, and who at the same time --------------------------------------------------------------------------


class Gated(AzureTables):
    """Takes its request of a number, and answers it only when released."""

    gate = 0

    def open(self) -> None:
        self.gate = 0
        self._next.clear()

    def keep(self, heard: Heard) -> None:
        super().keep(heard)
        if self.count == self.gate - 1:
            self.hold()


@pytest.mark.parametrize("gate", range(1, 9))
@pytest.mark.parametrize("order", ["the older is slow", "the newer is slow"])
@pytest.mark.parametrize("before", [[], [opened()]])
@pytest.mark.parametrize("ends", ["it lasts", "it is over", "it is over, then it lasts", "it is over, and still is"])
async def test_two_tellings_at_once_end_as_the_newer_says(
    outside: Out, gate: int, order: str, before: Any, ends: str
) -> None:
    older = message(resolved() if "over, " in ends else changed())
    newer = message(changed(revision=3) if "lasts" in ends else resolved(revision=3))
    slow, quick = (older, newer) if order == "the older is slow" else (newer, older)
    async with Gated() as server:
        account = of(server)
        place = account.told()
        await place.prove(outside)
        for item in before:
            await place.deliver(message(item), outside)
        server.gate = server.count + gate
        if gate == 1:
            server.hold()
        first = asyncio.create_task(place.deliver(slow, outside))
        heard = asyncio.create_task(server.hears(server.gate))
        await asyncio.wait([first, heard], return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        if first.done():  # it has fewer requests than that
            server.open()
        await place.deliver(quick, outside)
        server.release()
        await first
        lasting, ended = await both(account)
    assert [row["revision"] for row in (lasting if "lasts" in ends else ended)] == [3]
    assert len(lasting) + len(ended) == 1


@pytest.mark.parametrize("there_are_tables", [True, False])
async def test_once_nobody_waits_nothing_more_is_begun(fake: Odd, outside: Out, there_are_tables: bool) -> None:
    account = of(fake)
    if there_are_tables:
        await account.told().prove(outside)
    asked = fake.count
    fake.hold()
    telling = asyncio.create_task(account.told().deliver(message(), outside))
    await fake.hears(asked + 1)
    telling.cancel()
    await asyncio.wait([telling])
    fake.release()
    await outside.quiet()
    assert fake.count == asked + 1


async def test_whoever_is_always_overtaken_gives_up_for_now(fake: Odd, outside: Out) -> None:
    account = of(fake)
    await account.told().deliver(message(), outside)
    said = {"odata.error": {"code": "UpdateConditionNotSatisfied", "message": {"lang": "en", "value": "0:no"}}}
    body = b"--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/http\r\n\r\n"
    body += b"HTTP/1.1 412 No\r\nContent-Type: application/json\r\n\r\n" + json.dumps(said).encode()
    body += b"\r\n--b--\r\n--a--\r\n"
    overtaken = Answer(202, {"Content-Type": "multipart/mixed; boundary=a"}, body)
    fake.odd = lambda heard: overtaken if "batch" in heard.target else None
    with pytest.raises(DeliveryError, match="keeps writing the same entities") as caught:
        await account.told().deliver(message(changed()), outside)
    assert caught.value.retry


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "retry", "after", "text"),
    [
        (503, {"Retry_After": "7"}, True, 7.0, "127.0.0.1 answered 503"),
        (429, {"Retry_After": "3"}, True, 3.0, "127.0.0.1 answered 429"),
        (500, {}, True, None, "127.0.0.1 answered 500"),
        (400, {}, False, None, "127.0.0.1 answered 400"),
        (404, {}, False, None, "127.0.0.1 answered 404"),
        (413, {}, False, None, "127.0.0.1 answered 413"),
        (401, {}, False, None, "does not let us in (401): mend its connection_string"),
        (302, {"Location": "http://127.0.0.1:9/elsewhere"}, False, None, "127.0.0.1 answered 302"),
    ],
)
async def test_each_refusal_says_whether_it_is_worth_another_try(
    fake: Odd, outside: Out, status: int, headers: dict[str, str], retry: bool, after: float | None, text: str
) -> None:
    fake.answer(status, body=b"<html>sign in</html>", Content_Type="text/html", **headers)
    with pytest.raises(DeliveryError) as caught:
        await of(fake).told().deliver(message(), outside)
    assert (caught.value.retry, caught.value.after) == (retry, after)
    assert text in str(caught.value)
    assert fake.count == 1


@pytest.mark.parametrize(
    ("answers", "status", "kind", "body"),
    [
        (0, 200, "text/html", b"<html>sign in</html>"),
        (1, 200, "application/json", b"[]"),
        (1, 200, "application/json", b'{"value": [7]}'),
        (2, 200, "text/html", b"<html>sign in</html>"),
        (2, 202, "text/html", b"<html>sign in</html>"),
        (2, 202, "multipart/mixed; boundary=a", b"--a\r\n\r\nnothing\r\n--a--\r\n"),
        (2, 202, "multipart/mixed; boundary=a", b"--a--\r\n"),
        (2, 202, "multipart/mixed", b""),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_page_instead_of_an_answer_is_no_success(
    fake: Odd, outside: Out, answers: int, status: int, kind: str, body: bytes
) -> None:
    account = of(fake)
    await account.told().prove(outside)
    wanted, page = fake.count + answers + 1, Answer(status, {"Content-Type": kind}, body)
    fake.odd = lambda heard: page if heard.n == wanted else None
    with pytest.raises(DeliveryError) as caught:
        await account.told().deliver(message(), outside)
    assert caught.value.retry
    assert str(caught.value) == (
        "127.0.0.1 gave no answer that a table gives: see whether connection_string leads to an account's tables"
    )


async def test_an_account_that_hangs_up_may_have_it_all_the_same(fake: Odd, outside: Out) -> None:
    fake.drop()
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        await of(fake).told().deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (True, True)


async def test_an_account_that_hangs_is_given_up(fake: Odd, outside: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Out, "timeout", 0.2)
    fake.hold()
    with pytest.raises(DeliveryError, match="no answer in time") as caught:
        await of(fake).told().deliver(message(), outside)
    assert (caught.value.retry, caught.value.unsure) == (True, True)
    fake.release()


@pytest.mark.parametrize("method", ["POST", "DELETE", "GET"])
async def test_rights_that_lack_are_named(fake: Odd, outside: Out, method: str) -> None:
    account = of(fake)
    await account.told().prove(outside)
    fake.denied = frozenset({method})
    with pytest.raises(DeliveryError, match="it needs to read, add, update and delete") as caught:
        await account.told().prove(outside)
    assert not caught.value.retry
    assert await account.rows(account.active) == [] if method != "GET" else True


async def test_nothing_is_logged_of_what_is_sent(fake: Odd, outside: Out, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await of(fake).told().deliver(message(), outside)
    assert [record for record in caplog.records if record.name.startswith(("azure", "urllib3"))] == []


async def test_a_signature_instead_of_a_key_is_kept_secret_too(
    outside: Out, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "c2VjcmV0LXNpZ25hdHVyZS1vZi1vdXJz"
    text = f"TableEndpoint=http://127.0.0.1:9/a;SharedAccessSignature=sv=2019-02-02&sig={secret}%3D"
    place = AzureTable(Secret(text))
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached: connection refused") as caught:
        await place.deliver(message(), outside)
    assert secret not in f"{caught.value!r} {caplog.text} {place!r}"


# -- what a config may say ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"connection_string": f"nonsense {HIDDEN}"}, "connection_string cannot be read: copy it whole"),
        ({"connection_string": f"AccountKey={HIDDEN}"}, "connection_string cannot be read"),
        (
            {"connection_string": f"AccountName=a;AccountKey={HIDDEN[:-1]}"},
            "connection_string has a broken AccountKey",
        ),
        ({"active_table": "a-b"}, "active_table must be 3 to 63 letters and digits, a letter first"),
        ({"resolved_table": "1abc"}, "resolved_table must be 3 to 63"),
        ({"resolved_table": "eventtickets"}, "resolved_table must be another one than active_table"),
        ({"partition": "{status}"}, "partition must stay the same while an incident lasts: unknown field {status}"),
    ],
)
def test_what_is_wrong_is_told_at_load_and_no_secret_is(options: dict[str, str], text: str) -> None:
    usual = {"connection_string": f"AccountName=a;AccountKey={HIDDEN}"}
    places = json.dumps({"a": {"azure_table": usual | options}})
    with pytest.raises(ConfigError) as caught:
        config.read(f"services: [{{name: A, tcp: {{host: h, port: 1}}}}]\ndestinations: {places}", "c", {}, Path())
    assert text in str(caught.value)
    assert HIDDEN[:-1] not in str(caught.value)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.data.tables", None)
    with pytest.raises(ValueError, match=r"pip install 'tui-monitor\[azure\]'"):
        AzureTable(Secret(f"AccountName=a;AccountKey={HIDDEN}"))


# -- laws -----------------------------------------------------------------------------------------------------------


@given(st.text(), st.text())
def test_keys_are_harmless_short_and_tell_texts_apart(one: str, other: str) -> None:
    key = safe_key(one)
    assert key
    assert not re.search(r"[/\\#?%\x00-\x1f\x7f-\x9f\ud800-\udfff]", key)
    assert units(key) <= 512
    assert (key == safe_key(other)) == (one == other)
    assert safe_key(one) == key


@given(st.text(min_size=1), st.integers(1, 200))
def test_a_text_is_cut_between_characters(text: str, limit: int) -> None:
    cut = bounded(text, limit)
    assert units(cut) <= limit
    assert text.startswith(cut)
    assert cut == text or units(cut) >= limit - 1


def test_a_timeline_keeps_the_newest_that_have_room() -> None:
    before = json.dumps([{"n": n, "text": "💥" * 100} for n in range(1, 400)])
    (move,) = moves_of(message(opened(revision=400)), "{kind}")
    move = replace(move, columns={**move.columns, "timeline": [{"n": 400, "text": "newest"}]})
    told = move.entity({"timeline": before, "Mine": 1})["timeline"]
    assert units(told) <= LONGEST
    numbers = [event["n"] for event in json.loads(told)]
    assert numbers == list(range(numbers[0], 401))
    assert len(numbers) > 100


@pytest.mark.parametrize("before", ["no json", "{}", '[1, {"n": "x"}]', 7, "[" * 5000])
def test_what_somebody_else_wrote_into_a_timeline_harms_nothing(before: Any) -> None:
    (move,) = moves_of(message(), "{kind}")
    assert [event["n"] for event in json.loads(move.entity({"timeline": before})["timeline"])] == [1]
