"""The fake of Azure DevOps refuses what the real one refuses, and takes what its official client sends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tui_monitor.fakes import azure_devops as fake
from tui_monitor.fakes.azure_devops import AzureDevops

RECORDED = Path(__file__).parents[3] / "shared/fixtures"
PAT = "S3CRETPAT"
PATCH = "application/json-patch+json"


@pytest.fixture
async def site() -> AsyncIterator[AzureDevops]:
    async with AzureDevops(PAT, project="My Proj") as one:
        yield one
        assert one.refused == []


def ops(**fields: Any) -> str:
    return json.dumps(
        [{"op": "add", "path": f"/fields/{name.replace('_', '.')}", "value": one} for name, one in fields.items()]
    )


@pytest.mark.parametrize(
    ("path", "kind", "body", "says"),
    [
        ("workitems/$Bug?api-version=7.1", "application/json", ops(System_Title="T"), "Content-Type"),
        ("workitems/$Bug", PATCH, ops(System_Title="T"), "No api-version was supplied"),
        ("workitems/$Bug?api-version=7.2", PATCH, ops(System_Title="T"), "out of range"),
        ("workitems/$Bug?api-version=7.1", PATCH, "[]", "valid patch document"),
        ("workitems/$Bug?api-version=7.1", PATCH, '[{"op": "add", "path": "System.Title"}]', "valid patch document"),
        (
            "workitems/$Bug?api-version=7.1",
            PATCH,
            ops(System_Description="x"),
            fake.RULE.format("Title", "Required")[:-1],
        ),
        ("workitems/$Bug?api-version=7.1", PATCH, ops(System_Title="x" * 256), "InvalidTooLong"),
        ("workitems/$Bug?api-version=7.1", PATCH, ops(System_Title="T", System_State="Closed"), "supported values"),
        ("workitems/$Bug?api-version=7.1", PATCH, ops(System_Title="T", System_Tags="a;" * 101), "too many"),
        ("workitems/$Bug?api-version=7.1", PATCH, ops(System_Title="T", System_Tags="x" * 401), "too long"),
        ("workitems/Bug?api-version=7.1", PATCH, ops(System_Title="T"), "does not support http method"),
        ("workitems/%24Bug?api-version=7.1", PATCH, ops(System_Title="T"), "does not support http method"),
        ("wiql?api-version=7.1", "application/json", '{"query": "SELECT"}', "TF51006"),
        ("elsewhere/x/y?api-version=7.1", PATCH, ops(System_Title="T"), "was not found"),
    ],
)
async def test_the_fake_refuses_in_the_words_of_the_real_one(
    site: AzureDevops, path: str, kind: str, body: str, says: str
) -> None:
    async with httpx.AsyncClient(auth=("", PAT)) as client:
        url = f"{site.url}/org/My%20Proj/_apis/wit/{path}"
        answer = await client.post(url, content=body.encode(), headers={"Content-Type": kind})
    assert answer.status_code >= 400
    assert says in answer.json()["message"]


async def test_the_fake_wants_the_right_revision_and_a_flag_for_what_is_in_preview(site: AzureDevops) -> None:
    async with httpx.AsyncClient(auth=("", PAT), headers={"Content-Type": PATCH}) as client:
        base = f"{site.url}/org/My%20Proj/_apis/wit/workitems"
        made = await client.post(f"{base}/$Bug?api-version=7.1", content=ops(System_Title="T"))
        assert (made.status_code, made.json()["rev"]) == (200, 1)
        test = json.dumps([{"op": "test", "path": "/rev", "value": 2}])
        assert (await client.patch(f"{base}/1?api-version=7.1", content=test)).status_code == 412
        assert (await client.patch(f"{base}/9?api-version=7.1", content=test)).status_code == 404
        assert (await client.patch(f"{base}/1?api-version=7.1", content=test.replace("2", "1"))).json()["rev"] == 2
        assert "under preview" in (await client.get(f"{base}/1/comments?api-version=7.1")).json()["message"]
        many = await client.get(f"{base}/1/comments?api-version=7.1-preview&$top=201")
        assert many.status_code == 400


async def test_the_fake_tells_the_official_client_where_to_ask(site: AzureDevops) -> None:
    async with httpx.AsyncClient(auth=("", PAT)) as client:
        found = (await client.options(f"{site.url}/org/_apis")).json()["value"]
    assert {one["resourceName"] for one in found} == {"workItems", "wiql", "comments", "workItemTypes"}


async def test_the_fake_takes_what_the_official_client_sent() -> None:
    path = RECORDED / "wire_requests/reference_client_requests.json"
    if not path.exists():
        pytest.skip("the recordings are not here")
    recorded = json.loads(path.read_text("utf-8"))
    sent = [one for name in ("create", "update") for one in recorded[f"ado_{name}_work_item"]["requests"]]
    async with AzureDevops("PAT123") as site, httpx.AsyncClient(base_url=site.url) as client:
        site.items[131488] = fake.Item(131488, {"System.Title": "before"})
        answers = []
        for one in sent:
            headers = {name: text for name, text in one["headers"].items() if name not in ("Host", "Content-Length")}
            body = one["body"].replace("Closed", "Done")  # an Issue is Closed in Agile, and Done in Basic
            answers.append(await client.request(one["method"], one["path"], headers=headers, content=body))
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert [answer.json().get("id") for answer in answers] == [None, 131489, 131489]
        assert site.items[131489].fields["System.State"] == "Done"
        assert site.refused == []


async def test_the_fake_refuses_as_was_recorded(site: AzureDevops) -> None:
    folder = RECORDED / "azure_workitems"
    if not folder.exists():
        pytest.skip("the recordings are not here")
    form = "application/x-www-form-urlencoded"
    cases = {
        "error_400_TF401320_observed_shape": (PATCH, ops(System_Tags="x")),
        "error_content_type_observed": (form, ""),
    }
    async with httpx.AsyncClient(auth=("", PAT)) as client:
        for name, (kind, body) in cases.items():
            url = f"{site.url}/org/My%20Proj/_apis/wit/workitems/$Bug?api-version=7.1"
            answer = (await client.post(url, content=body, headers={"Content-Type": kind})).json()
            recorded = json.loads((folder / f"{name}.json").read_text("utf-8"))
            assert (answer["message"], answer["typeKey"]) == (recorded["message"], recorded["typeKey"])
            assert answer.keys() == recorded.keys()
