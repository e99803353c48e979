"""Instatus: the summary and the components; and Checkly's spelling."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.pages import addresses, cut_short, parts_of, told_of, without
from tests.checks.vendors.pages import read as read_page
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, strangers
from tui_monitor import checks
from tui_monitor.checks.instatus import Instatus
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status

SEVERITIES = {"minor": Status.DEGRADED, "major": Status.MAJOR}


def read(data: Any, **options: Any) -> Reading:
    return read_page("instatus", data, **options)


@each("instatus")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("instatus", recording(name), now=NOW)
    listed = reading.incidents or ()
    assert [[one.title, one.state, one.impact] for one in listed] == right["active_incidents"]
    assert {one.status for one in listed} == {reading.status} == {SEVERITIES[right["severity"]]}
    assert len(reading.maintenances) == right.get("future_maintenances", 0)
    assert not any(one.maintenance for one in listed)


@strangers("instatus")
def test_what_others_serve_is_never_green(name: str):
    assert checks.read("instatus", recording(name), now=NOW).status is Status.UNKNOWN


def summary(status: str = "UP", **lists: Any) -> dict[str, Any]:
    return {"page": {"name": "Parcels", "url": "https://status.example", "status": status}, **lists}


def incident(**parts: Any) -> dict[str, Any]:
    return {
        "id": "i1",
        "name": "No labels are printed",
        "started": "2026-09-01T10:00:00.000Z",
        "status": "INVESTIGATING",
        "impact": "PARTIALOUTAGE",
        "url": "https://status.example/i1",
        "updatedAt": "2026-09-01T10:05:00.000Z",
        **parts,
    }


def work(**parts: Any) -> dict[str, Any]:
    return {"id": "m1", "name": "New printers", "status": "INPROGRESS", "start": "2026-09-01T11:30:00Z", **parts}


def test_absent_lists_are_empty():
    reading = read(summary())
    assert (reading.status, reading.message, reading.incidents) == (Status.OPERATIONAL, "its page says UP", ())


@pytest.mark.parametrize("lists", [{"activeIncidents": None}, {"activeIncidents": ["x"]}, {"activeMaintenances": {}}])
def test_lists_that_are_damaged_are_not_empty(lists: Any):
    assert read(summary(**lists)).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("HASISSUES", "degraded"),
        ("HAS_ISSUES", "degraded"),
        ("UNDERMAINTENANCE", "maintenance"),
        ("SIDEWAYS", "unknown"),
    ],
)
def test_the_word_for_all_of_the_page(word: str, status: str):
    assert read(summary(word)).status == status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("OPERATIONAL", "degraded"),
        ("DEGRADEDPERFORMANCE", "degraded"),
        ("MINOROUTAGE", "degraded"),
        ("PARTIALOUTAGE", "partial"),
        ("MAJOROUTAGE", "major"),
        ("ABYSMAL", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_open_incident_weighs_what_its_impact_says_although_the_page_is_up(word: Any, status: str):
    reading = read(summary(activeIncidents=[incident(impact=word)]))
    assert [one.status for one in reading.incidents or ()] == [status]
    assert reading.status == status


@pytest.mark.parametrize("word", ["TRIAGING", "", None])
def test_an_incident_in_an_unknown_state_is_open(word: Any):
    assert [one.ref for one in read(summary(activeIncidents=[incident(status=word)])).incidents or ()] == ["i1"]


def test_an_incident_without_id_is_known_by_its_address_or_else_by_its_name():
    rows = [without(incident(), "id"), without(without(incident(), "id"), "url")]
    assert [one.ref for one in read(summary(activeIncidents=rows)).incidents or ()] == [
        "https://status.example/i1",
        "No labels are printed",
    ]


def test_checklys_spelling():
    row = {
        "id": "c1",
        "name": "No labels are printed",
        "severity": "CRITICAL",
        "startedAt": "2026-09-01T10:00:00Z",
        "lastUpdateStatus": "IDENTIFIED",
        "affectedServices": [{"id": "s", "name": "Labels"}],
        "incidentUpdates": [
            {"description": "A jam", "status": "IDENTIFIED", "publicIncidentUpdateDate": "2026-09-01T10:20:00Z"},
            {"description": "Looking", "status": "INVESTIGATING", "publicIncidentUpdateDate": "2026-09-01T10:01:00Z"},
        ],
    }
    reading = read(summary("HAS_ISSUES", activeIncidents=[row]))
    (said,) = reading.incidents or ()
    assert (said.status, said.state, said.impact) == (Status.MAJOR, "IDENTIFIED", "CRITICAL")
    assert said.started_at == datetime(2026, 9, 1, 10, tzinfo=UTC)
    assert said.components == ("Labels",)
    assert [one.text for one in said.updates] == ["Looking", "A jam"]


def test_maintenance_is_no_outage_and_is_shown_before_it_begins():
    rows = [
        work(duration="60"),
        work(id="m2", status="NOTSTARTEDYET", start="2026-09-02T10:00:00Z"),
        work(id="m3", status="COMPLETED"),
        work(id="m4", status="PONDERED", start="2026-09-02T10:00:00Z"),
        work(id="m5", status="PONDERED"),
        work(id="m6", start="2026-09-02T10:00:00Z"),
    ]
    reading = read(summary("UNDERMAINTENANCE", activeMaintenances=rows))
    assert reading.status is Status.MAINTENANCE
    assert [one.ref for one in reading.incidents or ()] == ["m1", "m5", "m6"]
    assert [one.ref for one in reading.maintenances] == ["m2", "m4"]
    assert [one.ref for one in reading.over] == ["m3"]
    assert (reading.incidents or ())[0].until == datetime(2026, 9, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("minutes", ["", "soon", "-5", "9" * 40, None])
def test_a_length_that_cannot_be_told_is_none(minutes: Any):
    (said,) = read(summary(activeMaintenances=[work(duration=minutes)])).incidents or ()
    assert said.until is None


COMPONENTS = {
    "components": [
        {"id": "a", "name": "API", "status": "OPERATIONAL", "group": {"id": "g", "name": "Europe"}},
        {"id": "b", "name": "Asia", "isParent": True, "children": [{"name": "Labels", "status": "MAJOROUTAGE"}]},
        {"id": "g", "name": "Europe", "status": "OPERATIONAL", "isParent": True},
        {"id": "d", "name": "Docs", "status": "WOBBLY", "group": None},
    ]
}


class TestComponents:
    def test_stand_under_their_groups(self):
        assert parts_of(read(COMPONENTS)) == {
            "Europe / API": "operational",
            "Asia / Labels": "major",
            "Docs": "unknown",
        }
        assert read(COMPONENTS).status is Status.MAJOR

    @pytest.mark.parametrize(
        ("wanted", "status"), [("API", "operational"), ("Asia", "major"), ("Docs", "unknown"), ("Dox", "unknown")]
    )
    def test_can_be_chosen(self, wanted: str, status: str):
        assert read(COMPONENTS, components=[wanted]).status == status

    @pytest.mark.parametrize(
        "rows", [[], None, [{"name": "API"}], [{"status": "OPERATIONAL"}], [{"name": "Europe", "isParent": True}]]
    )
    def test_that_are_damaged_are_never_green(self, rows: Any):
        assert read({"components": rows}).status is Status.UNKNOWN

    def test_are_asked_for_where_some_are_chosen(self):
        base = "https://status.example"
        check = Instatus(f"{base}/", components=("API",))
        assert addresses(check) == ["/summary.json", "/v2/components.json"]
        assert addresses(Instatus(base)) == ["/summary.json"]
        assert addresses(Instatus(f"{base}/v3/summary.json", components=("API",))) == ["/v3/summary.json"]


def test_an_incident_of_another_component_is_left_out_where_the_page_names_some():
    rows = [incident(components=["Docs"]), incident(id="i2")]
    assert [one.ref for one in read(summary(activeIncidents=rows), components=["API"]).incidents or ()] == ["i2"]


def test_a_story_is_told_word_by_word():
    later = {"updatedAt": "2026-09-01T10:20:00Z"}
    assert told_of(
        "instatus",
        summary(activeIncidents=[incident()]),
        summary("HASISSUES", activeIncidents=[incident()]),
        summary("HASISSUES", activeIncidents=[incident(status="IDENTIFIED", **later)]),
        summary("HASISSUES", activeIncidents=[incident(impact="MAJOROUTAGE", status="IDENTIFIED", **later)]),
        summary(),
    ) == [["opened partial"], [], ["updated partial"], ["worsened major"], ["resolved operational"]]


def test_an_incident_that_is_still_listed_as_resolved_is_over():
    pages = [summary(activeIncidents=[incident()]), summary(activeIncidents=[incident(status="RESOLVED")])]
    assert told_of("instatus", *pages) == [["opened partial"], ["resolved operational"]]


@pytest.mark.parametrize("body", DAMAGED)
def test_what_is_no_page_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("instatus", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@pytest.mark.parametrize("data", [summary(activeIncidents=[incident()]), COMPONENTS])
def test_a_page_that_breaks_off_is_never_green(data: Any):
    for body in cut_short(data):
        assert checks.read("instatus", body, now=NOW).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "page", [None, {}, {"name": "P"}, {"status": None}, {"status": ""}, {"status": ["UP"]}, "UP"]
)
def test_a_head_without_its_word_is_never_green(page: Any):
    assert read({"page": page, "activeIncidents": []}).status is Status.UNKNOWN
