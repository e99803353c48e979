"""The fakes of Cachet take what its clients send, and refuse what the real ones refuse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.destinations.cachets import serving
from tui_monitor.fakes.cachet import TOKEN
from tui_monitor.fakes.cachet2 import Cachet2
from tui_monitor.fakes.cachet3 import Cachet3
from tui_monitor.fakes.http import Heard

FIXTURES = Path(__file__).parents[2] / ".." / "shared" / "fixtures"
RECORDED = FIXTURES / "wire_requests" / "reference_client_requests.json"
INCIDENT = {"name": "n", "message": "m", "status": 1}
FORMAT = ["The status format is invalid."]


def ask(there: Cachet2 | Cachet3, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """What it makes of a request, without a line between."""
    key = {"x-cachet-token": TOKEN, "authorization": f"Bearer {TOKEN}", "accept": "application/json", **headers}
    content = {} if body is None else {"content-type": "application/json"}
    prefix = "/api/v1" if isinstance(there, Cachet2) else "/api"
    raw = b"" if body is None else json.dumps(body).encode()
    answer = there.reply(Heard(1, method, prefix + path, {**key, **content}, raw))
    return answer.status, json.loads(answer.body) if answer.body and answer.body[:1] == b"{" else answer.body


def refused(there: Cachet2 | Cachet3, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """With what a request is refused, and which sentences say why."""
    status, document = ask(there, method, path, body, **headers)
    if isinstance(there, Cachet2):
        return status, document["errors"][0].get("meta", {}).get("details", [])
    return status, sorted(text for some in document["errors"].values() for text in some)


def old(version: str = "2.4.0") -> Cachet2:
    there = Cachet2(version)
    there.component("API")
    there.metric("Time")
    return there


def new(**options: Any) -> Cachet3:
    there = Cachet3(**options)
    there.component("API")
    there.metric("Time")
    return there


# -- what clients send ----------------------------------------------------------------------------------------------

SAMPLES = {
    "by query": ("2.3.18", "POST", "/api/v1/incidents?name=X&message=m&status=1&visible=1&component_id=1"
                 "&component_status=4&notify=True", "", ""),
    "by form": ("2.4.0", "POST", "/api/v1/incidents", "application/x-www-form-urlencoded",
                "name=X&message=m&status=1&visible=1&component_id=1&component_status=4&notify=1"),
    "by JSON": ("2.4.0", "POST", "/api/v1/incidents", "application/json",
                '{"name": "X", "message": "m", "status": 1, "visible": 1, "component_id": 1, "component_status": 4}'),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_written_is_taken_from_query_form_and_json(name: str):
    version, method, target, kind, body = SAMPLES[name]
    there = old(version)
    headers = {"x-cachet-token": TOKEN, "content-type": kind}
    assert there.reply(Heard(1, method, target, headers, body.encode())).status == 200
    (row,) = there.page.incidents.values()
    assert (row["name"], row["visible"], there.status_of(1)) == ("X", 1, 4)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recordings are not here")
@pytest.mark.parametrize("version", ["2.3.18", "2.4.0"])
def test_the_very_requests_of_clients_are_taken(version: str):
    """But for the one word that 2.4 refuses, and the updates that 2.3 does not have."""
    recorded = {name: one for name, one in json.loads(RECORDED.read_text()).items() if name.startswith("cachet_")}
    assert len(recorded) == 7
    found = {name: _replayed(version, one["requests"]) for name, one in recorded.items()}
    odd = {"cachet_url_monitor_push_incident": 400} if version == "2.4.0" else {"cachet_url_monitor_resolve": 404}
    assert found == {**dict.fromkeys(recorded, 200), **odd}


def _replayed(version: str, requests: list[Mapping[str, Any]]) -> int:
    there = old(version)
    there.token = "tok"
    for _ in range(5):
        there.page.incidents.add(**INCIDENT, visible=1)
    statuses = set()
    for one in requests:
        headers = {name.lower(): value for name, value in one["headers"].items()}
        statuses.add(there.reply(Heard(1, one["method"], one["path"], headers, one["body"].encode())).status)
    (status,) = statuses
    return status


# -- what 2.x refuses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "another"])
def test_whoever_writes_needs_the_token_and_whoever_reads_does_not(token: str):
    there = old()
    assert refused(there, "PUT", "/components/1", {"status": 4}, **{"x-cachet-token": token}) == (401, [])
    assert refused(there, "PUT", "/components/99", {}, **{"x-cachet-token": token}) == (404, [])
    assert ask(there, "GET", "/components", **{"x-cachet-token": token})[0] == 200
    assert refused(there, "GET", "/subscribers", **{"x-cachet-token": token}) == (401, [])
    assert there.status_of(1) == 1


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ["The name field is required.", "The status field is required.", "The message field is required."]),
        ({**INCIDENT, "status": 5}, FORMAT),
        ({**INCIDENT, "status": True}, FORMAT),
        ({**INCIDENT, "notify": "True"}, ["The notify field must be true or false."]),
        ({**INCIDENT, "component_id": 1}, FORMAT),
        ({**INCIDENT, "component_id": 1, "component_status": 5}, FORMAT),
        (
            {**INCIDENT, "occurred_at": "2026-11-20T12:00:00Z"},
            ["The occurred at does not match the format Y-m-d H:i."],
        ),
    ],
)
def test_an_incident_that_is_not_whole_is_refused_by_2(body: dict[str, Any], wrong: list[str]):
    there = old()
    assert refused(there, "POST", "/incidents", body) == (400, wrong)
    assert not there.page.incidents


def test_2_3_makes_an_incident_that_it_refuses_for_its_component():
    there = old("2.3.18")
    assert refused(there, "POST", "/incidents", {**INCIDENT, "component_id": 1}) == (400, FORMAT)
    assert len(there.page.incidents) == 1


def test_the_word_false_is_true_for_2():
    there = old()
    assert ask(there, "POST", "/incidents?name=n&message=m&status=1&visible=False")[0] == 200
    assert ask(there, "POST", "/incidents?name=n&message=m&status=1&visible=0")[0] == 200
    assert [row["visible"] for row in there.page.incidents.values()] == [1, 0]


def test_a_closing_update_leaves_the_component_of_2_as_it_was():
    there = old()
    ask(there, "POST", "/incidents", {**INCIDENT, "component_id": 1, "component_status": 4})
    told = {"status": 4, "message": "well", "component_id": 1, "component_status": 1}
    assert ask(there, "POST", "/incidents/1/updates", told)[0] == 200
    assert (there.page.incidents[1]["status"], there.status_of(1)) == (4, 4)
    assert refused(there, "POST", "/incidents/1/updates", {"status": 0, "message": "x"}) == (400, FORMAT)
    assert refused(old("2.3.18"), "GET", "/incidents/1/updates") == (404, [])


def test_2_mails_of_each_state_that_is_set_unless_it_is_silent():
    there = old()
    for body in ({"status": 1}, {"status": 1, "silent": True}, {"status": 1, "silent": 1}, {"name": "x"}):
        assert ask(there, "PUT", "/components/1", body)[0] == 200
    assert there.page.mails == ["API is Operational"]


def test_a_change_that_does_not_say_that_an_incident_is_hidden_publishes_it():
    there = old()
    ask(there, "POST", "/incidents", {**INCIDENT, "visible": 0, "notify": 0})
    ask(there, "PUT", "/incidents/1", {"status": 4})
    assert (there.page.incidents[1]["visible"], len(there.page.mails)) == (1, 1)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/components/9", 404),
        ("GET", "/incidents/9", 404),
        ("POST", "/metrics/9/points", 404),
        ("POST", "/nothing", 404),
        ("PATCH", "/components/1", 405),
        ("DELETE", "/incidents/9", 404),
    ],
)
def test_what_is_not_there_is_not_there(method: str, path: str, status: int):
    assert refused(old(), method, path, {"value": 1})[0] == status


def test_a_point_is_a_number_of_a_half_minute():
    there = old()
    for body in ({}, {"value": "much"}, {"value": True}, {"value": 1, "timestamp": "now"}):
        assert refused(there, "POST", "/metrics/1/points", body)[0] == 400
    for _ in range(2):
        assert ask(there, "POST", "/metrics/1/points", {"value": 1, "timestamp": 1_700_000_017})[0] == 200
    (point,) = there.page.points.values()
    assert (point["created_at"], point["counter"]) == ("2023-11-14 22:13:30", 2)


def test_a_list_of_2_comes_in_pages_by_any_order_and_filter():
    there = old()
    for n in range(44):
        there.component(f"c{n}", enabled=n != 3)
    _, first = ask(there, "GET", "/components")
    assert (len(first["data"]), first["meta"]["pagination"]["total_pages"]) == (20, 3)
    _, last = ask(there, "GET", "/components?page=3&per_page=20&sort=id&order=desc")
    assert [row["id"] for row in last["data"]] == [5, 4, 3, 2, 1]
    _, one = ask(there, "GET", "/components?name=c7")
    assert [row["name"] for row in one["data"]] == ["c7"]
    _, shown = ask(there, "GET", "/components?name=c3", **{"x-cachet-token": ""})
    assert shown["data"] == []


# -- what 3.x refuses -----------------------------------------------------------------------------------------------


def test_3_wants_a_token_with_the_right_ability():
    there = new(abilities=["components.manage"])
    assert ask(there, "PUT", "/components/1", {"status": 4}, authorization="Bearer x") == (
        401,
        {"message": "Unauthenticated."},
    )
    assert ask(there, "PUT", "/components/1", {"status": 4})[0] == 200
    assert ask(there, "POST", "/incidents", INCIDENT)[0] == 403
    assert ask(there, "PUT", "/components/9", {"status": 4})[0] == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (
            {"name": "n"},
            ["The message field is required when template is not present.", "The status field is required."],
        ),
        ({**INCIDENT, "name": "n" * 256}, ["The name field must not be greater than 255 characters."]),
        ({**INCIDENT, "notifications": "yes"}, ["The notifications field must be true or false."]),
        ({**INCIDENT, "visible": 7}, ["The selected visible is invalid."]),
        ({**INCIDENT, "status": 9}, ["The selected status is invalid."]),
        ({**INCIDENT, "component_id": 9}, ["The selected component id is invalid."]),
        ({**INCIDENT, "component_id": 1}, ["The component status field is required when component id is present."]),
    ],
)
def test_an_incident_that_is_not_whole_is_refused_by_3(body: dict[str, Any], wrong: list[str]):
    there = new()
    assert refused(there, "POST", "/incidents", body) == (422, wrong)
    assert not there.page.incidents


def test_3_sends_whoever_does_not_want_json_to_the_front_page():
    there = new()
    assert ask(there, "POST", "/incidents", {}, accept="*/*")[0] == 302
    assert ask(there, "POST", "/incidents", {})[0] == 422


def test_an_incident_of_3_is_hidden_unless_it_is_to_be_seen():
    there = new()
    status, made = ask(there, "POST", "/incidents", INCIDENT)
    assert (status, made["data"]["id"], made["data"]["attributes"]["visible"]) == (201, "1", 0)
    assert ask(there, "POST", "/incidents/1/updates", {"status": 4, "message": "x"})[0] == 201
    assert refused(there, "POST", "/incidents/1/updates", {"status": 4}) == (422, ["The message field is required."])
    assert refused(there, "PUT", "/components/1", {"status": 0}) == (422, ["The selected status is invalid."])


@pytest.mark.skipif(not FIXTURES.exists(), reason="the samples are not here")
def test_an_incident_of_3_has_the_shape_of_the_real_one():
    there = new()
    body = {**INCIDENT, "component_id": 1, "component_status": 3}
    _, made = ask(there, "POST", "/incidents", body)
    real = json.loads((FIXTURES / "cachet" / "DERIVED_v3_incident_created.json").read_text())["data"]
    assert real.keys() == made["data"].keys()
    assert real["attributes"].keys() == made["data"]["attributes"].keys()
    assert real["attributes"]["status"] == made["data"]["attributes"]["status"]


def test_a_list_of_3_comes_in_pages_that_know_no_total():
    there = new()
    for n in range(20):
        there.component(f"c{n}", group="Own")
    _, first = ask(there, "GET", "/components?sort=-id&include=group")
    assert (len(first["data"]), first["data"][0]["id"]) == (15, "21")
    assert first["links"]["next"]
    assert first["included"][0]["attributes"]["name"] == "Own"
    _, last = ask(there, "GET", "/components?page=2")
    assert (len(last["data"]), last["links"]["next"], "total" in last["meta"]) == (6, None, False)
    assert ask(there, "GET", "/components?sort=secret")[0] == 400
    assert ask(there, "GET", "/components?filter[x]=1")[0] == 400


def test_3_takes_so_many_requests_a_minute():
    there = new()
    assert (there.allowance, ask(there, "GET", "/ping")[0]) == (300, 200)
    there.allowance = 0
    assert ask(there, "GET", "/ping")[0] == 429


async def test_each_stands_without_an_argument():
    for made in (Cachet2(), Cachet3()):
        async with made as there:
            assert there.url.startswith("http://127.0.0.1:")
    async with serving("3") as other:
        assert other.status_of(1) == 1
