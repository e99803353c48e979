"""Statuspage: the summary, the lists, the status alone and single incidents, recorded and made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.recordings import NOW, each, expected, recording
from tui_monitor import checks
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status

HEADLINES = {"none": "operational", "minor": "degraded", "major": "partial", "critical": "major"}
COMPONENTS = {
    "under_maintenance": "maintenance",
    "degraded_performance": "degraded",
    "partial_outage": "partial",
    "major_outage": "major",
}


def read(data: Any, **options: Any) -> Reading:
    return checks.read("statuspage", json.dumps(data).encode(), now=NOW, **options)


@each("statuspage")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("statuspage", recording(name), now=NOW)
    listed = reading.incidents or ()
    active = right.get("active_ids", [one["id"] for one in right.get("active_incidents", [])])
    assert [one.ref for one in listed if not one.maintenance] == active
    assert [one.ref for one in listed if one.maintenance] == [
        one["id"] for one in right.get("active_maintenances", [])
    ]
    assert len(reading.maintenances) == right.get("future_maintenances", 0)
    for one in right.get("active_incidents", []):
        (said,) = [said for said in listed if said.ref == one["id"]]
        assert (said.title, said.state, said.impact) == (one["title"], one["status"], one["impact"])
        assert said.status == HEADLINES[one["impact"]]
    ill = {(one.name, one.status.value) for one in reading.components if one.status is not Status.OPERATIONAL}
    wrong = [one for one in right.get("components_not_operational", []) if not one["group"]]
    assert ill == {(one["name"], COMPONENTS[one["status"]]) for one in wrong}
    if right.get("indicator") in HEADLINES:
        assert reading.status.rank >= Status(HEADLINES[right["indicator"]]).rank
    assert reading.status is not Status.UNKNOWN


def summary(**parts: Any) -> dict[str, Any]:
    return {
        "page": {"id": "p", "name": "Parcels", "updated_at": "2026-09-01T11:00:00Z"},
        "status": {"indicator": "none", "description": "All Systems Operational"},
        "components": [],
        "incidents": [],
        "scheduled_maintenances": [],
        **parts,
    }


def incident(**parts: Any) -> dict[str, Any]:
    return {
        "id": "i1",
        "name": "Slow labels",
        "status": "investigating",
        "impact": "minor",
        "created_at": "2026-09-01T10:00:00Z",
        "updated_at": "2026-09-01T10:05:00Z",
        "shortlink": "https://stspg.example/i1",
        "incident_updates": [],
        **parts,
    }


def test_a_page_that_is_well():
    reading = read(summary())
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "All Systems Operational")
    assert reading.incidents == ()
    assert reading.as_of == datetime(2026, 9, 1, 11, tzinfo=UTC)


def test_updates_stand_in_the_order_of_time_as_plain_text():
    updates = [
        {"status": "monitoring", "body": "it <b>works</b><br />again", "display_at": "2026-09-01T10:30:00-07:00"},
        {"status": "identified", "body": "a cable &amp; a fox", "display_at": "2026-09-01T17:10:00Z"},
    ]
    (said,) = read(summary(incidents=[incident(incident_updates=updates)])).incidents or ()
    assert [(one.state, one.text) for one in said.updates] == [
        ("identified", "a cable & a fox"),
        ("monitoring", "it works\nagain"),
    ]
    assert said.updated_at == datetime(2026, 9, 1, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize("word", ["triaging", "", None, 7])
def test_an_incident_in_an_unknown_state_is_open(word: Any):
    (said,) = read(summary(incidents=[incident(status=word)])).incidents or ()
    assert said.ref == "i1"


def test_an_incident_of_unknown_weight_is_unknown_and_never_green():
    reading = read(summary(incidents=[incident(impact="catastrophic")]))
    assert [one.status for one in reading.incidents or ()] == [Status.UNKNOWN]
    assert reading.status is Status.UNKNOWN


def test_an_open_incident_without_impact_has_the_least_weight():
    assert read(summary(incidents=[incident(impact="none")])).status is Status.DEGRADED


class TestOnlyWhatWasChosen:
    PARTS = (
        {"id": "g", "name": "Europe", "status": "major_outage", "group": True},
        {"id": "a", "name": "API", "status": "operational", "group_id": "g"},
        {"id": "b", "name": "Labels", "status": "major_outage", "group_id": "g"},
    )

    @pytest.mark.parametrize("wanted", ["labels", "Europe", "Europe / Labels", "Lab*"])
    def test_a_component_is_named_in_several_ways(self, wanted: str):
        reading = read(summary(components=list(self.PARTS)), components=[wanted])
        assert reading.status is Status.MAJOR

    def test_what_was_not_chosen_weighs_nothing(self):
        page = summary(components=list(self.PARTS), status={"indicator": "critical", "description": "No"})
        other = incident(components=[{"name": "Labels"}])
        reading = read({**page, "incidents": [other]}, components=["API"])
        assert (reading.status, reading.incidents) == (Status.OPERATIONAL, ())

    def test_an_incident_that_names_no_component_concerns_all_of_them(self):
        reading = read(summary(components=list(self.PARTS), incidents=[incident()]), components=["API"])
        assert [one.ref for one in reading.incidents or ()] == ["i1"]

    def test_a_component_that_is_not_there_is_never_green(self):
        reading = read(summary(components=list(self.PARTS)), components=["APY"])
        assert reading.status is Status.UNKNOWN
        assert reading.message == "its page has no component 'APY'; did you mean 'API'?"

    def test_lighter_incidents_are_left_out(self):
        page = summary(incidents=[incident(), incident(id="i2", impact="critical")])
        assert [one.ref for one in read(page, severity="major").incidents or ()] == ["i2"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><title>Log in</title>",
        b'{"error": "rate limited"}',
        b'{"page": {"id": "p"}}',
        b"[]",
        b"null",
        json.dumps(summary())[:-20].encode(),
        json.dumps(summary(status={})).encode(),
        json.dumps(summary(status=None)).encode(),
        json.dumps(summary(incidents=None)).encode(),
        json.dumps(summary(incidents=["x"])).encode(),
        json.dumps(summary(components={})).encode(),
        json.dumps(summary(status={"indicator": "fine"})).encode(),
    ],
)
def test_what_cannot_be_read_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("statuspage", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


def test_a_server_that_writes_null_for_an_empty_list_is_understood():
    calm = summary(incidents=None, scheduled_maintenances=None)
    assert (read(calm).status, read(calm).incidents) == (Status.OPERATIONAL, ())
    planned = {"id": "m1", "name": "New racks", "status": "scheduled", "scheduled_for": "2026-09-02T10:00:00Z"}
    reading = read(summary(incidents=None, scheduled_maintenances=[planned]))
    assert (reading.status, [one.ref for one in reading.maintenances]) == (Status.OPERATIONAL, ["m1"])


def test_a_component_of_a_page_that_puts_none_forward_weighs_too():
    """Those who serve the same documents leave `showcase` out."""
    assert read(summary(components=[{"id": "a", "name": "API", "status": "partial_outage"}])).status is Status.PARTIAL


@pytest.mark.parametrize("key", ["ongoing_incidents", "in_progress_maintenances"])
def test_the_document_for_widgets_of_another_maker_is_not_read_as_a_list_of_maintenance(key: str):
    reading = read({"page_title": "Kites", key: [{"id": "k1"}], "scheduled_maintenances": []})
    assert reading.status is Status.UNKNOWN
    assert "incident_io" in reading.message


def test_a_single_incident_may_stand_below_its_page():
    row = {"id": "i1", "name": "Late parcels", "status": "identified", "impact": "major", "incident_updates": []}
    reading = read({"page": {"name": "Parcels"}, "incident": row})
    assert [(one.ref, one.status) for one in reading.incidents or ()] == [("i1", Status.PARTIAL)]


def test_a_full_outage_of_a_component_is_the_worst_that_there_is():
    parts = [{"id": "c1", "name": "Labels", "status": "full_outage"}]
    assert read(summary(components=parts)).status is Status.MAJOR


def test_maintenance_is_told_in_the_words_of_incident_io_too():
    rows = [
        {"id": word, "name": word, "status": f"maintenance_{word}", "impact": "maintenance"}
        for word in ("scheduled", "in_progress", "complete")
    ]
    reading = read({"page": {"name": "Parcels"}, "scheduled_maintenances": rows})
    found = [[one.ref for one in some] for some in (reading.incidents or (), reading.maintenances, reading.over)]
    assert found == [["in_progress"], ["scheduled"], ["complete"]]


def test_a_choice_of_components_is_not_green_where_none_are_named():
    alone = {"page": {"name": "Parcels"}, "status": {"indicator": "major", "description": "Partial System Outage"}}
    assert read(alone, components="Labels").status is Status.UNKNOWN
    assert read(summary(), components="Labels").status is Status.UNKNOWN


def test_an_incident_of_which_no_window_is_set_is_no_maintenance():
    """Older pages spell the keys of both kinds in every row."""
    row = {"id": "i1", "name": "Late", "status": "investigating", "impact": "major", "scheduled_for": None}
    for data in ({"page": {}, "incidents": [row]}, {"page": {}, "incident": row}, {**row, "incident_updates": []}):
        assert [(one.maintenance, one.status) for one in read(data).incidents or ()] == [(False, Status.PARTIAL)]


@pytest.mark.parametrize(
    "row", [{"status": "verifying it"}, {"status": "in_progress"}, {"scheduled_for": "2026-09-01"}]
)
def test_what_stands_among_maintenance_is_one_whatever_it_says(row: dict[str, Any]):
    work = {"id": "m1", "name": "New belts", "impact": "none", **row}
    for key, value in (("scheduled_maintenances", [work]), ("scheduled_maintenance", work)):
        assert [one.maintenance for one in read({"page": {}, key: value}).incidents or ()] == [True]
