"""Azure Service Health: its events as they are read, and the way to them over several subscriptions and pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.checks.vendors.cloud import EVENTS, Cloud, clouding, event, refusal, spelt, touching
from tests.checks.vendors.pages import told_of
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.net.small import answering
from tui_monitor import checks
from tui_monitor.checks.azure_health import AzureHealth
from tui_monitor.core.model import Reading, Service
from tui_monitor.core.status import Status
from tui_monitor.engine.runner import read as look
from tui_monitor.net import Way

NEXT = "?$skiptoken=2"


def read(*events: dict[str, Any], **options: Any) -> Reading:
    return checks.read("azure_health", json.dumps({"value": list(events)}).encode(), now=NOW, **options)


def refs(reading: Reading) -> list[str]:
    return [one.ref for one in reading.incidents or ()]


@each("azure_service_health")
def test_each_recording_is_read_rightly(name: str):
    reading = checks.read("azure_health", recording(name), now=NOW)
    listed = {one.ref: one for one in reading.incidents or ()}
    right = {one["name"]: one for one in expected()[name]}
    assert list(listed) == [ref for ref, one in right.items() if one["counts_as_active"]]
    assert [one.ref for one in reading.over] == [ref for ref, one in right.items() if not one["counts_as_active"]]
    for ref, one in listed.items():
        assert (one.title, one.state) == (right[ref]["title"], right[ref]["status"])
        assert one.maintenance == (right[ref]["type"] == "PlannedMaintenance")
        assert one.status.is_bad == (right[ref]["type"] == "ServiceIssue")
    assert reading.status is Status.MAJOR


def test_the_documented_example_is_an_open_issue():
    body = recording("azure_service_health/spec_Events_ListBySubscriptionId_2024-02-01.json")
    (said,) = checks.read("azure_health", body, now=NOW).incidents or ()
    assert (said.ref, said.status, said.components) == (
        "BC_1-FXZ",
        Status.DEGRADED,
        ("Virtual Machines / West US",),
    )
    assert said.started_at == datetime(2018, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize("name", ["error_401.json", "error_403.json"])
def test_an_error_is_unknown_with_what_it_says(name: str):
    body = recording(f"azure_service_health/{name}")
    reading = checks.read("azure_health", body, now=NOW)
    error = json.loads(body)["error"]
    assert reading.status is Status.UNKNOWN
    assert reading.incidents is None
    assert f"{error['code']}: {error['message']}"[:200] in reading.message


class TestOneEvent:
    def test_no_event_at_all_is_well(self):
        reading = read()
        assert (reading.status, reading.incidents, reading.message) == (Status.OPERATIONAL, (), "no open issue")

    @pytest.mark.parametrize(
        ("levels", "status"),
        [
            ({"level": "Critical", "eventLevel": "Warning"}, Status.MAJOR),
            ({"level": "Warning", "eventLevel": "Critical"}, Status.MAJOR),
            ({"level": "Warning", "eventLevel": "Error"}, Status.PARTIAL),
            ({"level": "Warning", "eventLevel": "Informational"}, Status.DEGRADED),
            ({"level": "WARNING", "eventLevel": None}, Status.DEGRADED),
            ({"level": "Apocalyptic", "eventLevel": None}, Status.UNKNOWN),
            ({"level": None, "eventLevel": None}, Status.UNKNOWN),
        ],
    )
    def test_an_issue_weighs_by_the_worse_of_its_levels(self, levels: dict[str, Any], status: Status):
        reading = read(event("a", **levels))
        assert [one.status for one in reading.incidents or ()] == [status]
        assert reading.status is status

    @pytest.mark.parametrize("kind", ["HealthAdvisory", "Billing", "SecurityAdvisory", "Security", "RCA"])
    def test_what_is_only_good_to_know_is_listed_and_weighs_nothing(self, kind: str):
        reading = read(event("a", eventType=kind, level="Critical"))
        assert (reading.status, refs(reading)) == (Status.OPERATIONAL, ["a"])
        assert reading.message == "notice: Trouble a"

    def test_a_kind_of_event_that_nobody_knows_is_open_and_of_unknown_weight(self):
        reading = read(event("a", eventType="Eclipse"))
        assert (reading.status, refs(reading)) == (Status.UNKNOWN, ["a"])

    @pytest.mark.parametrize("word", ["Reopened", "", None, 3])
    def test_an_unknown_state_is_open(self, word: Any):
        assert refs(read(event("a", status=word))) == ["a"]

    @pytest.mark.parametrize("word", ["Resolved", "RESOLVED"])
    def test_resolved_is_over_and_says_since_when(self, word: str):
        reading = read(event("a", status=word, impactMitigationTime="2026-09-01T11:30:00Z"))
        assert (reading.status, refs(reading)) == (Status.OPERATIONAL, [])
        assert [one.until for one in reading.over] == [datetime(2026, 9, 1, 11, 30, tzinfo=UTC)]

    def test_a_time_that_is_not_set_is_none(self):
        unset = "0001-01-01T00:00:00Z"
        (said,) = read(event("a", impactStartTime=unset, lastUpdateTime=unset)).incidents or ()
        assert (said.started_at, said.updated_at, said.until) == (None, None, None)

    def test_what_is_written_is_plain_text_in_the_order_of_time(self):
        told = [
            {"summary": "<p>half is <i>back</i></p>", "updateDateTime": "2026-09-01T10:40:00Z"},
            {"summary": "found", "updateDateTime": "2026-09-01T10:20:00Z"},
        ]
        impact = [{"impactedService": "Disks", "impactedRegions": [{"impactedRegion": "West US", "updates": told}]}]
        (said,) = read(event("a", impact=impact)).incidents or ()
        assert [one.text for one in said.updates] == ["found", "half is back", "We are looking into it."]

    def test_planned_work_is_announced_until_it_begins_and_never_an_outage(self):
        begins = NOW + timedelta(hours=1)
        times = {
            "impactStartTime": begins.isoformat(),
            "impactMitigationTime": (begins + timedelta(hours=2)).isoformat(),
        }
        body = json.dumps({"value": [event("m", eventType="PlannedMaintenance", level="Critical", **times)]}).encode()
        before = checks.read("azure_health", body, now=NOW)
        assert (before.status, before.incidents) == (Status.OPERATIONAL, ())
        assert [(one.ref, one.until) for one in before.maintenances] == [("m", begins + timedelta(hours=2))]
        during = checks.read("azure_health", body, now=begins)
        assert (during.status, refs(during), during.maintenances) == (Status.MAINTENANCE, ["m"], ())

    def test_planned_work_that_is_done_is_over(self):
        reading = read(event("m", eventType="PlannedMaintenance", status="Resolved"))
        assert ([one.ref for one in reading.over], reading.maintenances) == (["m"], ())

    def test_an_event_alone_is_read_too(self):
        reading = checks.read("azure_health", json.dumps(event("a")).encode(), now=NOW)
        assert refs(reading) == ["a"]

    def test_a_list_of_subscriptions_says_nothing_of_health(self):
        body = json.dumps({"value": [{"subscriptionId": "s1", "state": "Enabled"}]}).encode()
        assert checks.read("azure_health", body, now=NOW).status is Status.UNKNOWN


def test_an_event_is_one_incident_whatever_its_title_becomes():
    told = told_of(
        "azure_health",
        {"value": [event("a")]},
        {"value": [event("a", title="Disks are slow")]},
        {"value": [event("b"), event("a", title="Disks are gone", level="Critical")]},
        {"value": [event("b"), event("a", status="Resolved", lastUpdateTime="2026-09-01T11:30:00Z")]},
        {"value": []},
    )
    assert told == [["opened partial"], ["updated partial"], ["opened partial", "worsened major"],
                    ["resolved operational"], ["resolved operational"]]  # fmt: skip


class TestOnlyWhatIsOurs:
    @pytest.mark.parametrize(
        ("wanted", "concerns"),
        [
            ("US", True),
            ("East US 2", True),
            ("eastus2", True),
            ("east us", True),
            ("East US 3", False),
            ("Europe", False),
        ],
    )
    def test_a_region_goes_by_its_words(self, wanted: str, concerns: bool):
        listed = read(event("a", impact=[touching("Disks", "East US 2")]), regions=[wanted])
        assert refs(listed) == (["a"] if concerns else [])
        assert refs(read(event("a", impact=[touching("Disks", "Australia East")]), regions=["US"])) == []

    @pytest.mark.parametrize(
        "impact",
        [[], None, "all", [None], [touching("Disks", "Global")], [touching("Disks")], [{"impactedRegions": None}]],
    )
    def test_what_is_global_or_names_no_region_concerns_everybody(self, impact: Any):
        assert refs(read(event("a", impact=impact), regions=["West Europe"])) == ["a"]

    def test_a_service_goes_by_its_words_in_a_region_that_is_ours(self):
        impact = [touching("SQL Database", "West Europe"), touching("Virtual Machines", "East US")]
        mine = read(event("a", impact=impact), regions=["US"], services=["Virtual Machines"])
        assert [one.components for one in mine.incidents or ()] == [("Virtual Machines / East US",)]
        assert refs(read(event("a", impact=impact), regions=["US"], services=["SQL"])) == []

    def test_what_is_over_in_our_region_is_over_for_us(self):
        impact = [touching("Disks", "East US"), touching("Disks", "West Europe", status="Resolved")]
        assert [one.ref for one in read(event("a", impact=impact), regions=["Europe"]).over] == ["a"]
        (said,) = read(event("a", impact=impact)).incidents or ()
        assert said.components == ("Disks / East US",)

    def test_over_in_each_region_is_not_yet_over_where_the_event_itself_goes_on(self):
        assert refs(read(event("a", impact=[touching("Disks", "East US", status="Resolved")]))) == ["a"]

    def test_a_service_without_a_region_concerns_only_who_uses_it(self):
        impact = [touching("Disks")]
        assert refs(read(event("a", impact=impact), services=["SQL"], regions=["US"])) == []
        assert refs(read(event("a", impact=impact), services=["Disks"], regions=["US"])) == ["a"]

    def test_what_is_damaged_may_be_ours(self):
        assert refs(read(event("a", impact=[touching("Disks", "Australia East"), None]), regions=["US"])) == ["a"]

    def test_lighter_events_are_left_out(self):
        light, heavy = event("a", eventLevel="Warning"), event("b", level="Critical")
        assert refs(read(light, heavy, event("c", eventType="Billing"), severity="major")) == ["b"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in</html>",
        b"[]",
        b"null",
        b"{}",
        b'{"value": null}',
        b'{"value": ["x"]}',
        b'{"value": [{}]}',
        b'{"value": [{"name": "a"}]}',
        b'{"value": [{"name": "a", "properties": null}]}',
        b'{"value": [{"properties": {"status": "Active"}}]}',
        b'{"value": [], "error": {"code": "Throttled"}}',
        json.dumps({"value": [event("a")]}).encode()[:-9],
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("azure_health", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


# -- over real sockets ------------------------------------------------------------------------------------------


@pytest.fixture
async def cloud() -> Any:
    async with clouding() as made:
        yield made


async def seen(check: AzureHealth, way: Way) -> Reading:
    return await look(Service("a", "A", check, "azure_health"), way)


async def test_all_subscriptions_that_the_client_sees_are_asked(cloud: Cloud, way: Way):
    states = {"s 1": "Enabled", "s2": "Warned", "gone": "Deleted", "off": "Disabled"}
    listed = [{"subscriptionId": name, "displayName": name, "state": state} for name, state in states.items()]
    later = {"value": [{"subscriptionId": "s3", "state": "Enabled"}]}
    more = f"{cloud.url}/subscriptions?api-version=2020-01-01&$skiptoken=2"
    cloud.pages["/subscriptions"] = spelt({"value": listed, "nextLink": more})
    cloud.pages[f"/subscriptions{NEXT}"] = spelt(later)
    for name in ("s%201", "s2", "s3"):
        cloud.pages[EVENTS.format(name)] = spelt({"value": [event(f"of-{name}")]})
    reading = await seen(cloud.azure(), way)
    assert sorted(refs(reading)) == ["of-s%201", "of-s2", "of-s3"]
    assert len(cloud.asked) == 5


async def test_a_client_that_sees_no_subscription_is_unknown(cloud: Cloud, way: Way):
    cloud.pages["/subscriptions"] = spelt({"value": []})
    reading = await seen(cloud.azure(), way)
    assert reading.status is Status.UNKNOWN
    assert reading.message == "its client sees no subscription: one needs to give it the role Reader"


async def test_only_the_subscriptions_that_are_named_are_asked_and_each_once(cloud: Cloud, way: Way):
    cloud.pages[EVENTS.format("s1")] = spelt({"value": []})
    reading = await seen(cloud.azure(subscriptions=("s1", "s1")), way)
    assert (reading.status, reading.message, len(cloud.asked)) == (Status.OPERATIONAL, "no open issue", 1)
    assert reading.latency is not None


async def test_an_event_of_several_subscriptions_is_one_incident(cloud: Cloud, way: Way):
    here, there = touching("Disks", "West US"), touching("Disks", "East US")
    newer = {"status": "Resolved", "lastUpdateTime": "2026-09-01T11:50:00Z"}
    told = {
        "s1": event("x", impact=[here]),
        "s2": event("x", impact=[there], lastUpdateTime="2026-09-01T11:20:00Z", title="Still trouble"),
        "s3": event("x", impact=[here], **newer),
    }
    for name, one in told.items():
        cloud.pages[EVENTS.format(name)] = spelt({"value": [one]})
    reading = await seen(cloud.azure(subscriptions=tuple(told)), way)
    (said,) = reading.incidents or ()
    assert (said.ref, said.title, said.components) == ("x", "Still trouble", ("Disks / West US", "Disks / East US"))
    assert reading.over == ()


async def test_what_follows_is_read_too(cloud: Cloud, way: Way):
    first = EVENTS.format("s1")
    cloud.pages[first] = spelt({"value": [event("a")], "nextLink": f"{cloud.url}{first}?api-version=1&$skiptoken=2"})
    cloud.pages[first + NEXT] = spelt({"value": [event("b", level="Critical")], "nextLink": ""})
    reading = await seen(cloud.azure(subscriptions=("s1",)), way)
    assert (refs(reading), reading.status) == (["a", "b"], Status.MAJOR)


async def test_nobody_else_is_asked_whatever_a_page_says(cloud: Cloud, way: Way):
    async with answering(hold=True) as other:
        cloud.pages[EVENTS.format("s1")] = spelt({"value": [], "nextLink": f"{other.url}steal?api-version=1"})
        reading = await seen(cloud.azure(subscriptions=("s1",)), way)
    assert reading.status is Status.UNKNOWN
    assert reading.message == f"its page goes on at another host, 127.0.0.1:{other.port}, which is not asked"
    assert other.connections == 0


@pytest.mark.parametrize(
    "link", [7, ["x"], "/subscriptions/s1", "{originalRequestUrl}?$skipToken=2", "ftp://127.0.0.1/"]
)
async def test_a_link_that_leads_nowhere_leaves_the_rest_unknown(link: Any, cloud: Cloud, way: Way):
    cloud.pages[EVENTS.format("s1")] = spelt({"value": [], "nextLink": link})
    reading = await seen(cloud.azure(subscriptions=("s1",)), way)
    assert reading.status is Status.UNKNOWN
    assert "goes on at an address that cannot be asked" in reading.message


async def test_pages_that_lead_back_to_one_another_are_left(cloud: Cloud, way: Way):
    first = EVENTS.format("s1")
    link = f"{cloud.url}{first}?api-version=2024-02-01"
    cloud.pages[first] = spelt({"value": [], "nextLink": link})
    reading = await seen(cloud.azure(subscriptions=("s1",)), way)
    assert (reading.status, reading.message) == (Status.UNKNOWN, "its pages lead back to one another")
    assert len(cloud.asked) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (refusal(403, "AuthorizationFailed", "No right to read."), "403 Forbidden: AuthorizationFailed: No right"),
        (refusal(404, "SubscriptionNotFound", "No such one."), "404 Not Found: SubscriptionNotFound: No such one."),
        (spelt({"value": [{"name": "x"}]}), "an event of its page is not of the shape"),
        (spelt({}, 200), "its page lacks 'value'"),
    ],
)
async def test_one_subscription_that_cannot_be_read_leaves_all_unknown(
    wrong: bytes, words: str, cloud: Cloud, way: Way
):
    cloud.pages[EVENTS.format("s1")] = spelt({"value": []})
    cloud.pages[EVENTS.format("s2")] = wrong
    reading = await seen(cloud.azure(subscriptions=("s1", "s2")), way)
    assert reading.status is Status.UNKNOWN
    assert words in reading.message
    assert reading.incidents is None


async def test_it_is_left_alone_as_long_as_it_asks(cloud: Cloud, way: Way):
    cloud.pages[EVENTS.format("s1")] = refusal(429, "Throttled", "Slower.", "Retry-After: 90")
    check = cloud.azure(subscriptions=("s1",))
    readings = [await seen(check, way) for _ in range(2)]
    assert len(cloud.asked) == 1
    assert {one.status for one in readings} == {Status.UNKNOWN}
    assert "asked to be left alone (429 Too Many Requests)" in readings[1].message
