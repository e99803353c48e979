"""The fake of Qlik Cloud refuses what the real one refuses, and takes what the predecessor sends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tui_monitor.fakes.qlik import Qlik

FIXTURES = Path(__file__).parents[3] / "shared/fixtures/qlik"
UPSERT, READ = "/api/v1/banners/actions/upsert", "/api/v1/banners"
SAMPLE = {
    "enabled": True,
    "type": "error",
    "message": "Web: 503",
    "startTime": "2026-11-20T12:00:00.000Z",
    "endTime": "2026-11-21T12:00:00.000Z",
    "linkEnabled": False,
}


@pytest.fixture
async def qlik() -> AsyncIterator[Qlik]:
    async with Qlik() as one:
        yield one
        assert one.refused == []


async def ask(qlik: Qlik, method: str, path: str, key: str = "qlik-key", **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}, follow_redirects=True) as client:
        return await client.request(method, qlik.url + path, **more)


def fixture(name: str) -> Any:
    path = FIXTURES / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return json.loads(path.read_text())


async def test_it_takes_a_banner_and_gives_it_back(qlik: Qlik) -> None:
    assert (await ask(qlik, "GET", READ)).status_code == 404
    assert qlik.shown == ""
    for name in ("Web: 503", "Web: 504"):
        answer = await ask(qlik, "POST", UPSERT, json={**SAMPLE, "message": name})
        assert answer.status_code == 201
        assert answer.json() == (await ask(qlik, "GET", READ)).json()
        assert qlik.shown == name
    await ask(qlik, "POST", UPSERT, json={**SAMPLE, "enabled": False})
    assert (qlik.shown, len(qlik.written)) == ("", 3)


@pytest.mark.parametrize("name", ["DERIVED_upsert_request.json", "DERIVED_clear_request.json"])
async def test_it_takes_what_the_predecessor_sends(qlik: Qlik, name: str) -> None:
    sent, recorded = fixture(name), fixture("DERIVED_upsert_response_201.json")
    answer = await ask(qlik, "POST", UPSERT, json=sent)
    assert answer.status_code == 201
    assert answer.json().keys() == recorded.keys()
    assert answer.json()["startTime"] == sent["startTime"].replace(".000Z", "Z")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        *((dict(SAMPLE, **{name: None}), f"{name} must be a") for name in SAMPLE),
        *(({key: one for key, one in SAMPLE.items() if key != name}, f"'{name}' is missing") for name in SAMPLE),
        ({**SAMPLE, "enabled": "true"}, "enabled must be a bool"),
        ({**SAMPLE, "enabled": 1}, "enabled must be a bool"),
        ({**SAMPLE, "type": "critical"}, "type must be one of"),
        ({**SAMPLE, "message": "  "}, "message must not be empty"),
        ({**SAMPLE, "locale": "en"}, "'locale' is unsupported"),
        ({**SAMPLE, "startTime": "2026-11-20 12:00"}, "must be date-times"),
        ({**SAMPLE, "endTime": "2026-11-21T12:00:00+01:00"}, "must be date-times"),
        ({**SAMPLE, "endTime": "2026-13-21T12:00:00Z"}, "must be date-times"),
        ({**SAMPLE, "endTime": SAMPLE["startTime"]}, "must be after"),
        ({**SAMPLE, "linkEnabled": True}, "linkUrl is required"),
        ({**SAMPLE, "linkUrl": "not a link"}, "linkUrl must be a URI"),
        ([SAMPLE], "malformed"),
    ],
)
async def test_it_refuses_what_is_no_banner(qlik: Qlik, wrong: Any, says: str) -> None:
    answer = await ask(qlik, "POST", UPSERT, json=wrong)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["code"], error["title"], error["status"]) == ("HTTP-400", "Bad request", 400)
    assert says in error["detail"]
    assert (qlik.written, qlik.banner) == ([], None)


async def test_it_takes_nothing_but_json(qlik: Qlik) -> None:
    sent = {"content": json.dumps(SAMPLE), "headers": {"Content-Type": "text/plain"}}
    assert (await ask(qlik, "POST", UPSERT, **sent)).status_code == 400


@pytest.mark.parametrize("name", ["error_400_doc_shape.json", "error_401_doc_shape.json"])
async def test_its_errors_have_the_documented_shape(qlik: Qlik, name: str) -> None:
    recorded = fixture(name)
    is_who = recorded["errors"][0]["status"] == 401
    answer = await ask(qlik, "POST", UPSERT, "wrong" if is_who else "qlik-key", json=[])
    assert answer.json()["errors"] == recorded["errors"]
    assert answer.json().keys() == recorded.keys()


async def test_who_asks_matters() -> None:
    async with Qlik(roles=("Developer",), group_roles=("DataAdmin",)) as qlik:
        for key, method, path, status in (
            ("wrong", "GET", READ, 401),
            ("wrong", "POST", UPSERT, 401),
            ("qlik-key", "POST", UPSERT, 403),
            ("qlik-key", "GET", READ, 404),
            ("qlik-key", "DELETE", READ, 404),
        ):
            sent = {"json": SAMPLE} if method == "POST" else {}
            assert (await ask(qlik, method, path, key, **sent)).status_code == status
        me = (await ask(qlik, "GET", "/api/v1/users/me?fields=assignedRoles,assignedGroups")).json()
        assert [one["name"] for one in me["assignedRoles"]] == ["Developer"]
        assert [one["name"] for one in me["assignedGroups"][0]["assignedRoles"]] == ["DataAdmin"]
        assert "assignedRoles" not in (await ask(qlik, "GET", "/api/v1/users/me")).json()


async def test_a_person_writes_it_too(qlik: Qlik) -> None:
    await ask(qlik, "POST", UPSERT, json=SAMPLE)
    qlik.by_hand("tonight", "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z", type="warning")
    found = (await ask(qlik, "GET", READ)).json()
    assert (found["message"], found["type"], qlik.shown, len(qlik.written)) == ("tonight", "warning", "tonight", 1)
    assert found["updatedBy"] != found["createdBy"]
