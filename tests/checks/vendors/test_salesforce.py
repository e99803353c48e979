"""Salesforce Trust: incidents without titles, maintenances by their windows, and instances by their words."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, addresses, strangers
from tests.core.small import Life
from tests.net.small import head_of, response, serving
from tui_monitor import checks
from tui_monitor.checks.craft.vendor.document import Document
from tui_monitor.checks.salesforce import Salesforce
from tui_monitor.core.errors import Unreadable
from tui_monitor.core.model import Kind, Reading
from tui_monitor.core.status import Status
from tui_monitor.net import Way

SEVERITIES = {"minor": Status.DEGRADED, "major": Status.PARTIAL}
API = "https://api.status.salesforce.com/v1"


def read(data: Any, **options: Any) -> Reading:
    return checks.read("salesforce", json.dumps(data).encode(), now=NOW, **options)


def refs(reading: Reading) -> list[str]:
    return [one.ref for one in reading.incidents or ()]


@each("salesforce")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("salesforce", recording(name), now=NOW)
    listed = {one.ref: one for one in reading.incidents or ()}
    if isinstance(right, dict):
        ill = {one.name for one in reading.components if one.status is not Status.OPERATIONAL}
        assert (len(reading.components), ill) == (right["instances"], {one["key"] for one in right["not_ok"]})
        assert set(listed) == {str(ref) for one in right["not_ok"] for ref in one["incidents"]}
        assert reading.status is Status.DEGRADED
        return
    assert set(listed) == {str(one["id"]) for one in right}
    for said in listed.values():
        rows = [one for one in right if str(one["id"]) == said.ref]
        known = {(*one["serviceKeys"], *one["instanceKeys"]): one for one in rows}
        one = known[said.components]
        ((kind, severity, began_at, _),) = one["impacts"]
        assert (said.status, said.impact, said.maintenance) == (SEVERITIES[severity], severity, False)
        assert said.started_at == datetime.fromisoformat(began_at)
        assert {update.state for update in said.updates if update.at} == set(one["events"])
        title = said.title.replace(" ", "").casefold()
        assert title.startswith(kind.casefold())
        assert all(key.replace(" ", "").casefold() in title for key in said.components)
    assert reading.over == reading.maintenances == ()


def test_a_recorded_maintenance_is_over_once_its_window_is():
    body = recording("salesforce/herokucli_herokuMaintenanceResponse.json")
    reading = checks.read("salesforce", body, now=NOW)
    assert (reading.incidents, reading.maintenances) == ((), ())
    assert [(one.ref, one.title, one.maintenance) for one in reading.over] == [("20745576", "test", True)]


def impact(**parts: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "startTime": "2026-09-01T10:00:00.000Z",
        "endTime": None,
        "type": "performanceDegradation",
        "severity": "minor",
        **parts,
    }


def incident(*impacts: Any, **parts: Any) -> dict[str, Any]:
    return {
        "id": 41,
        "createdAt": "2026-09-01T10:05:00.000Z",
        "updatedAt": "2026-09-01T10:06:00.000Z",
        "message": {"rootCause": None},
        "affectsAll": False,
        "IncidentImpacts": list(impacts or [impact()]),
        "IncidentEvents": [],
        "instanceKeys": ["EU1"],
        "serviceKeys": ["coreService"],
        **parts,
    }


def plan(**parts: Any) -> dict[str, Any]:
    return {
        "id": 51,
        "name": "New racks",
        "message": {"eventStatus": "scheduled", "maintenanceType": "scheduledMaintenance"},
        "plannedStartTime": "2026-09-02T01:00:00.000Z",
        "plannedEndTime": "2026-09-02T05:00:00.000Z",
        "MaintenanceImpacts": [],
        "MaintenanceEvents": [{"createdAt": "2026-08-20T01:00:00Z", "type": "scheduled", "message": "It will be."}],
        "instanceKeys": ["EU1"],
        "serviceKeys": ["coreService"],
        **parts,
    }


def place(key: str = "EU1", status: str = "OK", **parts: Any) -> dict[str, Any]:
    return {"key": key, "status": status, "location": "EMEA", "Incidents": [], "Maintenances": [], **parts}


ENDED = "2026-09-01T11:00:00.000Z"


class TestIsItOver:
    @pytest.mark.parametrize(
        "parts",
        [
            {},
            {"status": "Active"},
            {"status": "Resolved"},
            {"status": "pondering"},
            {"id": "41"},
            {"IncidentEvents": [{"type": "resolved", "message": "This is resolved.", "createdAt": ENDED}]},
        ],
    )
    @pytest.mark.parametrize("end", [None, "", "soon", -1, "2027-01-01T00:00:00Z"])
    def test_not_while_an_impact_has_no_end(self, parts: dict[str, Any], end: Any):
        assert refs(read([incident(impact(endTime=ENDED), impact(endTime=end), **parts)])) == ["41"]

    def test_not_while_it_says_that_it_is_active(self):
        assert refs(read([incident(impact(endTime=ENDED), status="Active")])) == ["41"]

    def test_once_each_impact_has_ended(self):
        reading = read([incident(impact(endTime="2026-09-01T10:30:00Z"), impact(endTime=ENDED))])
        assert (reading.status, refs(reading)) == (Status.OPERATIONAL, [])
        assert [(one.ref, one.until) for one in reading.over] == [("41", datetime(2026, 9, 1, 11, tzinfo=UTC))]

    def test_without_an_impact_only_its_words_can_say_so(self):
        bare = {**incident(), "IncidentImpacts": []}
        assert refs(read([bare])) == ["41"]
        assert refs(read([{**bare, "status": "Resolved"}])) == []
        events = [{"type": "resolution", "createdAt": ENDED}, {"type": "update", "createdAt": "2026-09-01T10:00:00Z"}]
        assert refs(read([{**bare, "IncidentEvents": events}])) == []
        assert refs(read([{**bare, "IncidentEvents": events, "status": "Active"}])) == ["41"]


class TestHowBadItIs:
    @pytest.mark.parametrize("word", ["minor", "major"])
    def test_by_its_impact(self, word: str):
        assert read([incident(impact(severity=word))]).status is SEVERITIES[word]

    def test_by_the_worst_that_lasts(self):
        page = [incident(impact(severity="major", endTime=ENDED), impact(severity="minor"))]
        assert read(page).status is Status.DEGRADED
        assert read([incident(impact(), impact(severity="major"))]).status is Status.PARTIAL

    def test_by_what_has_ended_where_it_says_that_it_lasts_all_the_same(self):
        page = [incident(impact(severity="major", endTime=ENDED), status="Active")]
        assert read(page).status is Status.PARTIAL

    @pytest.mark.parametrize("word", ["enormous", "", None, 3])
    def test_unknown_where_the_word_is(self, word: Any):
        reading = read([incident(impact(severity=word))])
        assert ([one.status for one in reading.incidents or ()], reading.status) == ([Status.UNKNOWN], Status.UNKNOWN)

    @pytest.mark.parametrize(
        ("kind", "status"), [("Degradation", "degraded"), ("Disruption", "partial"), ("", "unknown")]
    )
    def test_by_its_own_type_where_no_impact_is_written_yet(self, kind: str, status: str):
        assert read([{**incident(), "IncidentImpacts": [], "type": kind, "status": "Active"}]).status == status


class TestTheTitle:
    @pytest.mark.parametrize(
        ("parts", "title"),
        [
            ({}, "Performance degradation: coreService (EU1)"),
            ({"serviceKeys": []}, "Performance degradation (EU1)"),
            ({"instanceKeys": None, "serviceKeys": ["a", "b"]}, "Performance degradation: a, b"),
            ({"instanceKeys": list("abcd")}, "Performance degradation: coreService (a, b, c and 1 more)"),
            ({"instanceKeys": list("abcde")}, "Performance degradation: coreService (a, b, c and 2 more)"),
            ({"IncidentImpacts": [], "type": "Degradation"}, "Degradation: coreService (EU1)"),
            ({"IncidentImpacts": []}, "Incident: coreService (EU1)"),
        ],
    )
    def test_is_built_from_what_there_is(self, parts: dict[str, Any], title: str):
        assert [one.title for one in read([{**incident(), **parts}]).incidents or ()] == [title]

    def test_stays_when_an_impact_is_added(self):
        late = impact(type="serviceDisruption", severity="major", startTime="2026-09-01T11:00:00Z")
        for impacts in ([impact(), late], [late, impact()]):
            (said,) = read([incident(*impacts)]).incidents or ()
            assert said.title == "Performance degradation: coreService (EU1)"
            assert said.started_at == datetime(2026, 9, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(("status", "right"), [("OK", "operational"), ("MAJOR_INCIDENT_CORE", "partial")])
def test_instances_without_their_incidents_are_instances(status: str, right: str):
    row = {"key": "EU1", "location": "EMEA", "environment": "production", "isActive": True, "status": status}
    reading = read([row])
    assert (reading.status, len(reading.components)) == (right, 1)
    assert read([{**row, "status": None}]).status is Status.UNKNOWN


def test_what_is_known_of_a_cause_is_no_state():
    reading = read([incident(impact(), IncidentEvents=[], message={"rootCause": "A cable"})])
    assert [(one.state, one.update) for one in reading.incidents or ()] == [("", "A cable")]


def test_what_happened_stands_in_the_order_of_time_after_what_is_known():
    events = [
        {"type": "update", "message": "Half <b>done</b>", "createdAt": "2026-09-01T11:00:00Z"},
        {"type": "investigatingCauseOfIssue", "message": "Looking", "createdAt": "2026-09-01T10:10:00Z"},
    ]
    for given in (events, events[::-1], [*events, None, 7]):
        (said,) = read([incident(IncidentEvents=given, message={"rootCause": "A fox"})]).incidents or ()
        assert [(one.state, one.text) for one in said.updates] == [
            ("rootCause", "A fox"),
            ("investigatingCauseOfIssue", "Looking"),
            ("update", "Half done"),
        ]
        assert (said.state, said.updated_at) == ("update", datetime(2026, 9, 1, 11, tzinfo=UTC))


@pytest.mark.parametrize("when", ["", None, "soon", 0, []])
def test_a_time_that_cannot_be_read_loses_no_incident(when: Any):
    events = [{"type": "update", "message": "hm", "createdAt": when}]
    row = incident(impact(startTime=when), createdAt=when, updatedAt=when, IncidentEvents=events)
    (said,) = read([row]).incidents or ()
    assert (said.started_at, said.updated_at, said.update) == (None, None, "hm")


class TestMaintenance:
    def test_is_announced_before_its_window(self):
        reading = read([plan()])
        assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())
        (said,) = reading.maintenances
        assert (said.ref, said.title, said.maintenance) == ("51", "New racks", True)
        assert (said.started_at, said.until) == (
            datetime(2026, 9, 2, 1, tzinfo=UTC),
            datetime(2026, 9, 2, 5, tzinfo=UTC),
        )

    @pytest.mark.parametrize(
        "parts",
        [{"plannedStartTime": "2026-09-01T11:00:00Z"}, {"message": {"eventStatus": "in progress"}}],
    )
    def test_is_on_in_its_window_or_when_it_says_so(self, parts: dict[str, Any]):
        reading = read([plan(**parts)])
        assert [(one.ref, one.status, one.maintenance) for one in reading.incidents or ()] == [
            ("51", Status.MAINTENANCE, True)
        ]
        assert (reading.status, reading.message) == (Status.MAINTENANCE, "in maintenance: New racks")

    @pytest.mark.parametrize("word", ["completed", "cancelled", "resolved"])
    def test_is_over_when_it_says_so(self, word: str):
        reading = read([plan(message={"eventStatus": word})])
        assert (reading.maintenances, [one.ref for one in reading.over]) == ((), ["51"])

    def test_is_over_after_its_window(self):
        window = {"plannedStartTime": "2026-09-01T10:00:00Z", "plannedEndTime": ENDED}
        assert [one.ref for one in read([plan(**window)]).over] == ["51"]

    def test_goes_by_its_impacts_where_it_has_no_window(self):
        row = {**plan(), "plannedStartTime": None, "plannedEndTime": ""}
        assert [one.ref for one in read([row]).maintenances] == ["51"]
        row["MaintenanceImpacts"] = [{"startTime": "2026-09-01T10:00:00Z", "endTime": ""}]
        assert refs(read([row])) == ["51"]
        row["MaintenanceImpacts"] = [{"startTime": "2026-09-01T10:00:00Z", "endTime": ENDED}]
        assert refs(read([row])) == []

    def test_without_a_name_is_called_by_its_kind(self):
        assert [one.title for one in read([plan(name="")]).maintenances] == [
            "Scheduled maintenance: coreService (EU1)"
        ]


class TestInstances:
    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("OK", "operational"),
            ("INFORMATIONAL_CORE", "operational"),
            ("INFORMATIONAL_NONCORE", "operational"),
            ("MAINTENANCE_CORE", "maintenance"),
            ("MAINTENANCE_NONCORE", "maintenance"),
            ("MINOR_INCIDENT_CORE", "degraded"),
            ("MINOR_INCIDENT_NONCORE", "degraded"),
            ("MAJOR_INCIDENT_CORE", "partial"),
            ("MAJOR_INCIDENT_NONCORE", "partial"),
            ("ASTRAY", "unknown"),
            ("", "unknown"),
        ],
    )
    def test_each_word_has_its_weight(self, word: str, status: str):
        reading = read([place(), place("EU2", word)])
        assert [(one.name, one.status, one.group) for one in reading.components] == [
            ("EU1", "operational", "EMEA"),
            ("EU2", status, "EMEA"),
        ]
        assert reading.status == status

    def test_what_stands_below_them_is_listed_once(self):
        busy = {"Incidents": [incident()], "Maintenances": [plan()]}
        reading = read([place(status="MINOR_INCIDENT_CORE", **busy), place("EU2", **busy)])
        assert (refs(reading), [one.ref for one in reading.maintenances]) == (["41"], ["51"])

    def test_of_two_that_differ_the_one_that_was_changed_last_holds(self):
        later = incident(impact(severity="major"), updatedAt="2026-09-01T11:00:00Z")
        for first, second in ((later, incident()), (incident(), later)):
            page = [place(Incidents=[first]), place("EU2", Incidents=[second]), place("EU3", Incidents=[first])]
            assert [one.status for one in read(page).incidents or ()] == [Status.PARTIAL]

    def test_only_those_that_are_chosen_weigh(self):
        page = [place(), place("EU2", "MAJOR_INCIDENT_CORE")]
        reading = read(page, instances=["eu1"])
        assert (reading.status, [one.name for one in reading.components]) == (Status.OPERATIONAL, ["EU1"])
        assert read(page, instances=["EU*"]).status is Status.PARTIAL

    def test_one_that_is_not_there_is_never_green(self):
        reading = read([place()], instances=["EU1", "EU9"])
        assert (reading.status, reading.message) == (Status.UNKNOWN, "its page has no instance 'EU9'")

    def test_none_at_all_are_never_green(self):
        with pytest.raises(Unreadable, match="no instance"):
            Salesforce(instances=("EU1",)).read(Document(b"[]", NOW, role="instances"))

    def test_where_services_are_chosen_only_incidents_weigh(self):
        page = [place(status="MINOR_INCIDENT_CORE", Incidents=[incident()])]
        assert read(page, instances=["EU1"], services=["search"]).status is Status.OPERATIONAL
        assert read(page, instances=["EU1"], services=["coreService"]).status is Status.DEGRADED

    def test_one_alone_can_be_read(self):
        assert read(place(status="MAJOR_INCIDENT_CORE")).status is Status.PARTIAL


class TestOnlyWhatWasChosen:
    @pytest.mark.parametrize(
        ("options", "found"),
        [
            ({"instances": "EU1"}, ["41"]),
            ({"instances": ["EU9"]}, []),
            ({"instances": ["eu*"]}, ["41"]),
            ({"services": "coreservice"}, ["41"]),
            ({"services": ["search"]}, []),
            ({"instances": "EU1", "services": "search"}, []),
            ({"instances": "EU1", "services": "coreService"}, ["41"]),
            ({"severity": "partial"}, []),
        ],
    )
    def test_what_concerns_none_of_it_is_left_out(self, options: dict[str, Any], found: list[str]):
        reading = read([incident()], **options)
        assert (refs(reading), reading.status is Status.DEGRADED) == (found, bool(found))

    @pytest.mark.parametrize(
        ("parts", "options", "found"),
        [
            ({}, {"services": "search"}, ["41"]),
            ({"instanceKeys": []}, {"instances": "EU9"}, ["41"]),
            ({"instanceKeys": [], "serviceKeys": []}, {"instances": "EU9", "services": "search"}, ["41"]),
            ({}, {"instances": "EU9"}, []),
        ],
    )
    def test_what_affects_all_concerns_all_but_on_other_instances(
        self, parts: dict[str, Any], options: dict[str, Any], found: list[str]
    ):
        assert refs(read([incident(affectsAll=True, **parts)], **options)) == found

    def test_what_names_nothing_may_concern_anybody(self):
        bare = incident(instanceKeys=[], serviceKeys=None)
        assert refs(read([bare], instances="EU9", services="search")) == ["41"]

    def test_maintenance_too(self):
        assert read([plan()], instances="EU9").maintenances == ()
        assert len(read([plan()], instances="EU1").maintenances) == 1


class TestWhatIsAsked:
    ACTIVE, PLANS = f"{API}/incidents/active", f"{API}/maintenances"

    def test_by_default(self):
        assert addresses(Salesforce()) == addresses(Salesforce(f"{API}/")) == [self.ACTIVE, self.PLANS]

    def test_with_instances(self):
        preview = f"{API}/instances/status/preview?childProducts=false"
        assert addresses(Salesforce(instances=("EU1",))) == [self.ACTIVE, self.PLANS, preview]

    @pytest.mark.parametrize(
        "path",
        ["/incidents/active", "/incidents", "/incidents/41", "/maintenances?limit=9", "/instances/EU1/status"],
    )
    def test_or_the_very_document(self, path: str):
        assert addresses(Salesforce(f"https://trust.example/api{path}")) == [f"https://trust.example/api{path}"]

    def test_the_list_of_what_is_active_is_known_by_its_address(self):
        roles = [Salesforce(f"{API}/incidents{path}").asked[0].role for path in ("/active", "")]
        assert roles == ["active", ""]


async def test_a_look_asks_for_each_of_them(way: Way):
    pages: dict[str, Any] = {
        "/v1/incidents/active": [incident(), incident(id=42, instanceKeys=["EU2"])],
        "/v1/maintenances": [
            plan(plannedStartTime="2999-01-01T00:00:00Z", plannedEndTime=""),
            plan(id=52, message={"eventStatus": "completed"}),
        ],
        "/v1/instances/status/preview?childProducts=false": [place(status="MINOR_INCIDENT_CORE"), place("EU2")],
    }

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await head_of(reader)).split()[1].decode()
        writer.write(response(json.dumps(pages.pop(path)).encode()))
        await writer.drain()

    async with serving(handle) as served:
        check = Salesforce(f"http://127.0.0.1:{served.port}/v1", instances=("EU1",))
        reading = check.judge(await check.look(way))
    assert pages == {}
    assert (reading.status, refs(reading)) == (Status.DEGRADED, ["41"])
    assert [one.ref for one in reading.maintenances] == ["51"]
    assert [one.name for one in reading.components] == ["EU1"]
    assert (reading.reach, reading.as_of, reading.over) == (None, None, ())


class TestReach:
    def test_a_list_of_the_past_goes_back_so_far(self):
        past = [
            incident(impact(endTime=ENDED)),
            incident(impact(startTime="2026-08-01T00:00:00Z", endTime=ENDED), id=4),
        ]
        assert read(past).reach == datetime(2026, 8, 1, tzinfo=UTC)
        assert read(past, instances="EU9").reach == datetime(2026, 8, 1, tzinfo=UTC)

    def test_what_is_active_is_all_there(self):
        assert read([incident()]).reach is None
        over = json.dumps([incident(impact(endTime=ENDED))]).encode()
        assert Salesforce().read(Document(over, NOW, role="active")).reach is None

    def test_one_incident_alone_is_no_list(self):
        reading = read(incident(impact(endTime=ENDED)))
        assert ([one.ref for one in reading.over], reading.reach) == (["41"], None)


def test_an_incident_from_its_begin_to_its_end():
    life = Life(now=NOW)
    looking = {"type": "investigatingCauseOfIssue", "message": "Looking", "createdAt": "2026-09-01T10:10:00Z"}
    found = {"type": "issueIsolatedDatabaseTier", "message": "A disk", "createdAt": "2026-09-01T10:40:00Z"}
    worse = impact(severity="major", startTime="2026-09-01T10:50:00Z")
    story: list[list[Any]] = [
        [],
        [incident(IncidentEvents=[looking])],
        [incident(IncidentEvents=[found, looking])],
        [incident(impact(), worse, IncidentEvents=[looking, found])],
        [],
    ]
    for page in story:
        life.see(checks.read("salesforce", json.dumps(page).encode(), now=life.now))
    assert [event.kind for event in life.events] == [Kind.OPENED, Kind.UPDATED, Kind.WORSENED, Kind.RESOLVED]


def test_an_error_is_told_in_its_own_words():
    reading = read({"ok": False, "error": "ratelimited"})
    assert (reading.status, "ratelimited" in reading.message) == (Status.UNKNOWN, True)


@pytest.mark.parametrize(
    "body",
    [
        *DAMAGED,
        json.dumps([incident()]).encode()[:-20],
        *(
            json.dumps(one).encode()
            for one in (
                {"incidents": []},
                [incident(id=None)],
                [{**incident(), "IncidentImpacts": None}],
                [{**incident(), "IncidentImpacts": ["x"]}],
                [{key: value for key, value in incident().items() if key != "IncidentImpacts"}],
                [incident(), {"id": 1}],
                [place(key="")],
                [{"key": "EU1", "status": "OK"}],
                [place(Incidents=None)],
                [plan(id="")],
                [{"id": 1, "modelKey": "herokuIncident", "text": "Heroku - Incident"}],
            )
        ),
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("salesforce", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@strangers("salesforce")
def test_the_pages_of_others_are_unknown(name: str):
    assert checks.read("salesforce", recording(name), now=NOW).status is Status.UNKNOWN
