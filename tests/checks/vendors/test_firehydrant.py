"""FireHydrant: incidents of now and before, and components that are as well as those say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.pages import addresses, cut_short, parts_of, told_of, without
from tests.checks.vendors.pages import read as read_page
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, strangers
from tui_monitor import checks
from tui_monitor.checks.firehydrant import Firehydrant
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status


def read(data: Any, **options: Any) -> Reading:
    return read_page("firehydrant", data, **options)


@each("firehydrant")
def test_each_recording_is_read_rightly(name: str):
    reading = checks.read("firehydrant", recording(name), now=NOW)
    assert [one.ref for one in reading.incidents or ()] == expected()[name]["active_incidents"]
    assert reading.status is Status.OPERATIONAL
    assert reading.message == "Currently, there are no active incidents."
    assert len(reading.over) == 4
    assert {one.state for one in reading.over} == {"resolved"}
    assert all(one.until is not None and len(one.updates) > 0 for one in reading.over)


@strangers("firehydrant")
def test_what_others_serve_is_never_green(name: str):
    assert checks.read("firehydrant", recording(name), now=NOW).status is Status.UNKNOWN


def page(*incidents: Any, **parts: Any) -> dict[str, Any]:
    return {
        "config": {"operationalMessage": "All is well."},
        "conditions": {"Slow": "DEGRADED", "Fine": "OPERATIONAL", "Gone": "OFFLINE", "Odd": "UNKNOWN"},
        "components": [{"id": "c1", "name": "API"}, {"id": "c2", "name": "Labels"}],
        "incidents": list(incidents),
        **parts,
    }


def incident(*timeline: Any, **parts: Any) -> dict[str, Any]:
    return {
        "id": "i1",
        "title": "No labels are printed",
        "severitySlug": "SEV3",
        "timestamps": {"started": "2026-09-01T10:00:00Z", "investigating": "2026-09-01T10:02:00Z"},
        "timeline": list(timeline),
        **parts,
    }


def note(minute: int, text: Any) -> dict[str, Any]:
    return {"occurredAt": f"2026-09-01T10:{minute:02}:00Z", "time": "2026-09-01T11:59:00Z", "details": {"note": text}}


def test_a_page_that_is_well():
    reading = read(page())
    assert (reading.status, reading.message, reading.incidents) == (Status.OPERATIONAL, "All is well.", ())


@pytest.mark.parametrize(
    ("slug", "status"),
    [
        ("SEV1", "major"),
        ("SEV2", "partial"),
        ("SEV3", "degraded"),
        ("SEV4", "degraded"),
        ("UNSET", "unknown"),
        ("SEV77", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_open_incident_weighs_what_its_severity_says(slug: Any, status: str):
    reading = read(page(incident(severitySlug=slug)))
    assert [one.status for one in reading.incidents or ()] == [status]
    assert reading.status == status


@pytest.mark.parametrize(
    ("condition", "status"),
    [("Slow", "degraded"), ("Gone", "major"), ("Fine", "degraded"), ("Odd", "unknown"), ("?", "unknown")],
)
def test_a_severity_that_was_not_set_is_what_has_become_of_the_components(condition: str, status: str):
    hurt = incident(severitySlug="UNSET", components=[{"name": "API", "condition": condition}])
    assert [one.status for one in read(page(hurt)).incidents or ()] == [status]


def test_components_are_as_well_as_open_incidents_say():
    hurt = incident(componentConditions={"API": "Gone"}, components=[{"name": "API", "condition": "Gone"}])
    healed = incident(
        id="i2", timestamps={"resolved": "2026-09-01T11:00:00Z"}, componentConditions={"Labels": "Gone"}
    )
    reading = read(page(hurt, healed))
    assert parts_of(reading) == {"API": "major", "Labels": "operational"}
    assert reading.status is Status.MAJOR
    assert (reading.incidents or ())[0].components == ("API",)


def test_a_condition_of_unknown_meaning_is_unknown():
    assert parts_of(read(page(incident(componentConditions={"API": "Dim"}))))["API"] is Status.UNKNOWN
    assert parts_of(read(page(components=[{"name": "API", "condition": "Odd"}])))["API"] is Status.UNKNOWN


@pytest.mark.parametrize("moment", [None, "", "0001-01-01T00:00:00Z", "soon"])
def test_an_incident_is_open_until_it_has_a_moment_of_its_end(moment: Any):
    stamps = {"started": "2026-09-01T10:00:00Z", "resolved": moment}
    assert [one.ref for one in read(page(incident(timestamps=stamps))).incidents or ()] == ["i1"]
    assert [one.ref for one in read(page(incident(timestamps="x"))).incidents or ()] == ["i1"]


def test_what_is_resolved_is_over_whatever_was_written_after():
    stamps = {"resolved": "2026-09-01T11:00:00Z", "acknowledged": "2026-09-01T11:30:00Z"}
    (said,) = read(page(incident(timestamps=stamps))).over
    assert (said.state, said.until) == ("resolved", datetime(2026, 9, 1, 11, tzinfo=UTC))


def test_updates_stand_in_the_order_of_time_by_when_they_happened():
    reached = {
        "occurredAt": "2026-09-01T10:05:00Z",
        "details": {"milestoneUpdate": {"currentMilestone": "mitigated"}},
    }
    (said,) = read(page(incident(note(9, {"note": "Third"}), reached, note(1, "First"), "x", {}))).incidents or ()
    assert [one.text or one.state for one in said.updates] == ["First", "mitigated", "Third"]
    assert said.updated_at == datetime(2026, 9, 1, 10, 9, tzinfo=UTC)
    assert said.state == "investigating"


def test_maintenance_is_no_outage_and_is_shown_before_it_begins():
    now = incident(severitySlug="MAINTENANCE", componentConditions={"API": "Gone"})
    coming = incident(id="i2", severitySlug="MAINTENANCE", timestamps={"started": "2026-09-02T10:00:00Z"})
    reading = read(page(now, coming))
    assert reading.status is Status.MAINTENANCE
    assert parts_of(reading)["API"] is Status.MAINTENANCE
    assert [one.ref for one in reading.incidents or ()] == ["i1"]
    assert [one.ref for one in reading.maintenances] == ["i2"]


def test_only_what_concerns_a_chosen_component_is_listed():
    data = page(
        incident(componentConditions={"API": "Gone"}), incident(id="i2", componentConditions={"Labels": "Slow"})
    )
    reading = read(data, components=["Labels"])
    assert ([one.ref for one in reading.incidents or ()], reading.status) == (["i2"], Status.DEGRADED)
    assert read(data, components=["Label"]).status is Status.UNKNOWN


def test_a_story_is_told_word_by_word():
    first, second = note(1, "Looking"), note(5, "Found")
    over = {"started": "2026-09-01T10:00:00Z", "resolved": "2026-09-01T11:04:00Z"}
    assert told_of(
        "firehydrant",
        page(incident(first)),
        page(incident(first)),
        page(incident(second, first)),
        page(incident(second, first, severitySlug="SEV1")),
        page(incident(second, first, severitySlug="SEV1", timestamps=over)),
        page(),
    ) == [["opened degraded"], [], ["updated degraded"], ["worsened major"], ["resolved operational"], []]


@pytest.mark.parametrize("body", DAMAGED)
def test_what_is_no_page_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("firehydrant", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


@pytest.mark.parametrize("way", [["config"], ["conditions"], ["components"], ["incidents"], ["incidents", 0, "id"]])
def test_a_page_that_lacks_what_it_means_is_never_green(way: list[Any]):
    over = incident(timestamps={"resolved": "2026-09-01T11:00:00Z"})
    assert read(without(page(over), *way)).status is Status.UNKNOWN


def test_a_page_that_breaks_off_is_never_green():
    for body in cut_short(page(incident())):
        assert checks.read("firehydrant", body, now=NOW).status is Status.UNKNOWN


@pytest.mark.parametrize("url", ["https://status.example/", "https://status.example/data/payload.json"])
def test_the_document_lies_below_the_page(url: str):
    assert addresses(Firehydrant(url)) == ["/data/payload.json"]
