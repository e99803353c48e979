"""Azure DevOps: what is ill, in which geography; recorded, and made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.pages import told_of
from tests.checks.vendors.recordings import FOLDER, NOW, each, expected, recording
from tests.net.small import answering, response
from tui_monitor import checks
from tui_monitor.checks.azure_devops import AzureDevops
from tui_monitor.core.model import Reading, Service
from tui_monitor.core.status import Status
from tui_monitor.engine.runner import read as look
from tui_monitor.net import Way

SPECS = sorted(f"azure_devops_health/{one.name}" for one in FOLDER.glob("azure_devops_health/spec_*.json"))
SPEC = pytest.mark.parametrize("name", SPECS or [pytest.param("", marks=pytest.mark.skip("no recordings here"))])


def read(data: Any, **options: Any) -> Reading:
    return checks.read("azure_devops", json.dumps(data).encode(), now=NOW, **options)


def health(headline: str = "healthy", **cells: str) -> dict[str, Any]:
    """`Pipelines_US="degraded"`: a service in a geography."""
    known = {"US": "United States", "EU": "Europe", "AU": "Australia"}
    services: dict[str, list[dict[str, str]]] = {}
    for where, word in {"Boards_US": "healthy", "Boards_EU": "healthy", **cells}.items():
        service, _, short = where.replace("Test_Plans", "Test Plans").rpartition("_")
        services.setdefault(service, []).append({"id": short, "name": known[short], "health": word})
    return {
        "lastUpdated": "2026-09-01T11:00:00.0100000Z",
        "status": {"health": headline, "message": "As it is"},
        "services": [{"id": name, "geographies": listed} for name, listed in services.items()],
    }


def ill(reading: Reading) -> dict[str, Status]:
    return {one.ref: one.status for one in reading.incidents or ()}


@each("azure_devops_health")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("azure_devops", recording(name), now=NOW)
    assert [(one.ref, one.state) for one in reading.incidents or ()] == [
        (f"{service}/{where}", word) for service, where, word in right["bad"]
    ]
    assert reading.status is Status.MAJOR
    there = checks.read("azure_devops", recording(name), now=NOW, geographies="US")
    assert [(one.ref, one.state) for one in there.incidents or ()] == [
        (f"{service}/US", word) for service, word in right["US_only"]
    ]


@SPEC
def test_each_documented_page_is_well(name: str):
    page = json.loads(recording(name))["responses"]["200"]["body"]
    reading = read(page)
    assert (reading.status, reading.message, reading.incidents) == (
        Status.OPERATIONAL,
        "Everything is looking good",
        (),
    )
    assert len(reading.components) == sum(len(one["geographies"]) for one in page["services"])


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("degraded", Status.DEGRADED),
        ("Unhealthy", Status.MAJOR),
        ("advisory", Status.OPERATIONAL),
        ("unknown", Status.UNKNOWN),
        ("on fire", Status.UNKNOWN),
        ("", Status.UNKNOWN),
    ],
)
def test_what_is_not_healthy_is_an_incident_by_service_and_geography(word: str, status: Status):
    reading = read(health(Pipelines_US=word, Test_Plans_EU="Healthy"))
    assert ill(reading) == {"Pipelines/US": status}
    assert reading.status is status
    (said,) = reading.incidents or ()
    assert said.components == ("Pipelines / United States",)
    assert said.update == "As it is"


def test_a_page_that_only_its_headline_calls_ill_is_ill():
    reading = read(health("degraded"))
    assert (reading.status, reading.message, reading.cause) == (Status.DEGRADED, "As it is", "headline")
    assert read(health("wobbly")).status is Status.UNKNOWN


def test_it_knows_when_the_page_last_changed():
    assert read(health()).as_of == datetime(2026, 9, 1, 11, 0, 0, 10_000, tzinfo=UTC)


class TestOnlyWhatWasChosen:
    PAGE = health("unhealthy", Pipelines_US="degraded", Pipelines_EU="unhealthy", Pipelines_AU="unhealthy")

    @pytest.mark.parametrize("wanted", ["US", "us", "United States", "united"])
    def test_a_geography_goes_by_either_name(self, wanted: str):
        reading = read(self.PAGE, geographies=[wanted])
        assert ill(reading) == {"Pipelines/US": Status.DEGRADED}
        assert reading.status is Status.DEGRADED

    def test_us_is_not_in_australia(self):
        page = health("unhealthy", Pipelines_AU="unhealthy")
        assert read(page, geographies=["US"]).status is Status.OPERATIONAL

    def test_a_service_that_was_not_chosen_weighs_nothing(self):
        reading = read(self.PAGE, services=["boards"])
        assert (reading.status, reading.incidents, reading.message) == (Status.OPERATIONAL, (), "boards: healthy")
        assert {one.group for one in reading.components} == {"Boards"}

    def test_both_together_choose_what_is_in_both(self):
        reading = read(self.PAGE, services=["Pipelines", "Boards"], geographies=["EU"])
        assert ill(reading) == {"Pipelines/EU": Status.MAJOR}

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"services": ["Pipelins"]}, "its page has no service 'Pipelins'"),
            ({"geographies": ["US", "Mars"]}, "its page has no geography 'Mars'"),
            (
                {"services": ["Boards"], "geographies": ["AU"]},
                "its page has none of these services in any of these geographies",
            ),
        ],
    )
    def test_what_the_page_does_not_have_is_never_green(self, options: dict[str, Any], words: str):
        reading = read(self.PAGE, **options)
        assert (reading.status, reading.message) == (Status.UNKNOWN, words)

    def test_advisories_can_be_left_out(self):
        page = health(Pipelines_US="advisory", Boards_US="degraded")
        assert ill(read(page, severity="degraded")) == {"Boards/US": Status.DEGRADED}


def test_what_is_ill_is_one_incident_from_its_first_day_to_its_last():
    words = ("healthy", "degraded", "degraded", "unhealthy", "unknown", "advisory", "healthy")
    told = told_of("azure_devops", *({**health(Pipelines_US=word), "lastUpdated": None} for word in words))
    assert [[one.partition(" ")[0] for one in events if "maintenance" not in one] for events in told] == [
        [],
        ["opened"],
        [],
        ["worsened"],
        ["updated"],
        ["updated"],
        ["resolved"],
    ]


PROBLEM = {
    "$id": "1",
    "innerException": None,
    "message": 'No api-version was supplied for the "GET" request.',
    "typeName": "Some.Exception, Some.Assembly",
    "typeKey": "VssVersionNotSpecifiedException",
    "errorCode": 0,
}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><title>Sign in</title>",
        b"[]",
        b"null",
        b"{}",
        json.dumps(health())[:-30].encode(),
        json.dumps(PROBLEM).encode(),
        json.dumps({**health(), "services": []}).encode(),
        json.dumps({**health(), "services": None}).encode(),
        json.dumps({**health(), "services": [{"id": "Boards"}]}).encode(),
        json.dumps({**health(), "services": [{"id": "Boards", "geographies": [{"health": "healthy"}]}]}).encode(),
        json.dumps({**health(), "status": {}}).encode(),
        json.dumps({**health(), "status": "healthy"}).encode(),
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("azure_devops", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


def test_a_page_of_nothing_says_so():
    assert read({**health(), "services": []}).message == "its page names no service in any geography"


def test_geographies_that_nobody_could_have_written_are_not_read():
    """However few stand below each service."""
    page = health()
    page["services"] = page["services"][:1] * 5_001
    assert read(page).cause == "unreadable"
    page["services"] = page["services"][:5_000]
    assert read(page).status is Status.OPERATIONAL


def test_a_problem_is_told_in_its_own_words():
    assert 'No api-version was supplied for the "GET" request.' in read(PROBLEM).message


async def test_a_refusal_is_told_in_its_own_words(way: Way):
    body = json.dumps(PROBLEM).encode()
    async with answering(response(body, "400 Bad Request")) as served:
        reading = await look(Service("a", "A", AzureDevops(url=served.url), "azure_devops"), way)
    assert reading.status is Status.UNKNOWN
    assert reading.message == (
        'its page answered 400 Bad Request: No api-version was supplied for the "GET" request.'
    )


async def test_the_page_is_asked_whole_and_in_its_version(way: Way):
    async with answering(response(json.dumps(health()).encode())) as served:
        check = AzureDevops(geographies=("US",), url=served.url)
        reading = await look(Service("a", "A", check, "azure_devops"), way)
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "US: healthy")
    assert served.heard[0].startswith(b"GET /_apis/status/health?api-version=7.2-preview.1 HTTP/1.1")
