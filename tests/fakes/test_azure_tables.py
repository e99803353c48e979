"""The fake account against what was recorded with a real emulator, and what it refuses besides."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tui_monitor.fakes.azure_filter import BadFilter, understood
from tui_monitor.fakes.azure_tables import AzureTables
from tui_monitor.fakes.http import Heard

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "azure_tables" / "azurite_recorded_http.json"
PASSING = ("Timestamp", "odata.etag", "odata.metadata")


def replay(account: AzureTables, request: dict[str, Any]) -> Any:
    headers = {name.lower(): value for name, value in request["headers"].items()}
    return account.reply(Heard(1, request["method"], request["path"], headers, request["body"].encode()))


def lasting(value: Any) -> Any:
    """Without what is another at each time, and the types that are told beside the values."""
    if isinstance(value, dict):
        return {
            name: lasting(part)
            for name, part in value.items()
            if name not in PASSING and not name.endswith("@odata.type")
        }
    return [lasting(one) for one in value] if isinstance(value, list) else value


def test_it_answers_as_the_emulator_did() -> None:
    if not RECORDED.exists():
        pytest.skip("the recordings are not here")
    account = AzureTables()
    for exchange in json.loads(RECORDED.read_text("utf-8")):
        answer, recorded = replay(account, exchange["request"]), exchange["response"]
        assert answer.status == recorded["status"], exchange["request"]
        said, then = (json.loads(body) if body else {} for body in (answer.body, recorded["body"]))
        if "odata.error" in then:
            code, then_code = said["odata.error"]["code"], then["odata.error"]["code"]
            assert code == (then_code or "InvalidResourceName")
        else:
            assert lasting(said) == lasting(then)
        assert ("ETag" in answer.headers) >= ("etag" in recorded["headers"])


def test_another_key_is_refused() -> None:
    if not RECORDED.exists():
        pytest.skip("the recordings are not here")
    account = AzureTables(key="b3RoZXI=")
    assert replay(account, json.loads(RECORDED.read_text("utf-8"))[0]["request"]).status == 403


@pytest.fixture
async def refusals() -> Any:
    """What the official client is told that does something, by the code of the answer."""
    async with AzureTables() as account:

        def code_of(work: Any) -> str:
            from azure.core.exceptions import HttpResponseError
            from azure.data.tables import TableClient, TableTransactionError

            with TableClient.from_connection_string(account.connection_string, "Things", retry_total=0) as client:
                try:
                    work(client)
                except TableTransactionError as error:
                    return str(error.error_code)
                except HttpResponseError as error:
                    return str(error.response.headers["x-ms-error-code"])
            return ""

        async def told(work: Any) -> str:
            return await asyncio.to_thread(code_of, work)

        assert await told(lambda client: client.create_table()) == ""
        yield told
        assert account.refused == []


def thing(row: str = "1", **more: Any) -> dict[str, Any]:
    return {"PartitionKey": "p", "RowKey": row, **more}


def many(count: int, **more: Any) -> list[Any]:
    return [("create", thing(str(n), **more)) for n in range(count)]


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda client: client.create_table(), "TableAlreadyExists"),
        (lambda client: client.get_entity("p", "none"), "ResourceNotFound"),
        (lambda client: client.create_entity(thing("a/b")), "OutOfRangeInput"),
        (lambda client: client.create_entity(thing("a" * 600)), "KeyValueTooLarge"),
        (lambda client: client.create_entity(thing(text="x" * 32_769)), "PropertyValueTooLarge"),
        (lambda client: client.create_entity(thing(**{f"n{n}": n for n in range(253)})), "TooManyProperties"),
        (lambda client: client.create_entity(thing(**{f"n{n}": "x" * 32_000 for n in range(20)})), "EntityTooLarge"),
        (lambda client: client.create_entity(thing(**{"a-b": 1})), "PropertyNameInvalid"),
        (lambda client: list(client.query_entities("RowKey eq")), "InvalidInput"),
        (lambda client: list(client.query_entities(" or ".join(["n eq 1"] * 16))), "InvalidInput"),
        (lambda client: client.submit_transaction(many(2) + many(1)), "InvalidDuplicateRow"),
        (lambda client: client.submit_transaction(many(101)), "InvalidInput"),
    ],
)
async def test_the_official_client_is_refused_what_is_not_allowed(refusals: Any, work: Any, code: str) -> None:
    assert await refusals(work) == code


async def test_the_official_client_gets_what_it_put_in_page_by_page(refusals: Any) -> None:
    found: list[Any] = []

    def work(client: Any) -> None:
        for start in range(0, 2500, 100):
            rows = [("create", thing(f"{n:04}", n=n, x=n / 3, b=n % 2 == 0)) for n in range(start, start + 100)]
            client.submit_transaction(rows)
        found.append([one["n"] for one in client.list_entities()])
        found.append(len(list(client.query_entities("n ge 2000 and b eq true and RowKey lt '2100'"))))
        found.append([dict(one) for one in client.query_entities("RowKey eq '0006'", select=["n", "x"])])

    assert await refusals(work) == ""
    assert found == [list(range(2500)), 50, [{"n": 6, "x": 2.0}]]


async def test_of_a_transaction_all_is_done_or_nothing(refusals: Any) -> None:
    rows: list[Any] = []
    assert await refusals(lambda client: client.submit_transaction([*many(3), ("delete", thing("9"))])) == (
        "ResourceNotFound"
    )
    assert await refusals(lambda client: rows.extend(client.list_entities())) == ""
    assert rows == []


@pytest.mark.parametrize("question", ["(a eq 1", "a eq 1)", "a like 1", "a eq 1 or", "a eq ~", "1 eq a"])
def test_a_question_that_is_none_is_refused(question: str) -> None:
    with pytest.raises(BadFilter):
        understood(question)


def test_a_column_that_is_missing_matches_nothing() -> None:
    assert not understood("a ne 'x'")({})
    assert understood("(a eq 'it''s' or b eq 2) and not_there ne 1")({"a": "it's", "not_there": 2})
