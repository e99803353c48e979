"""incident.io: the document for widgets, and those that are spelt as Statuspage's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.checks.vendors.pages import addresses, cut_short, told_of, without
from tests.checks.vendors.pages import read as read_page
from tests.checks.vendors.recordings import NOW, each, expected, recording
from tests.checks.vendors.strange import DAMAGED, strangers
from tui_monitor import checks
from tui_monitor.checks.incident_io import IncidentIo
from tui_monitor.core.model import Reading
from tui_monitor.core.status import Status

IMPACTS = {"degraded_performance": "degraded", "partial_outage": "partial", "full_outage": "major"}


def read(data: Any, **options: Any) -> Reading:
    return read_page("incident_io", data, **options)


@each("incidentio")
def test_each_recording_is_read_rightly(name: str):
    right = expected()[name]
    reading = checks.read("incident_io", recording(name), now=NOW)
    outages = [one for one in reading.incidents or () if not one.maintenance]
    assert [[one.title, one.state, one.impact] for one in outages] == right["active_incidents"]
    assert [one.status.value for one in outages] == [IMPACTS[impact] for _, _, impact in right["active_incidents"]]
    assert [one.title for one in reading.incidents or () if one.maintenance] == right["active_maintenances"]
    assert len(reading.maintenances) == right.get("future_maintenances", 0)
    assert [one.name for one in reading.components if one.status is not Status.OPERATIONAL] == right.get(
        "components_not_operational", []
    )
    assert reading.message == (outages[0].title if outages else right["description"])
    assert reading.status == (outages[0].status if outages else Status.OPERATIONAL)


@strangers("incidentio", "statuspage")
def test_what_others_serve_is_never_green(name: str):
    assert checks.read("incident_io", recording(name), now=NOW).status is Status.UNKNOWN


def widget(*incidents: Any, **parts: Any) -> dict[str, Any]:
    lists = {"in_progress_maintenances": [], "scheduled_maintenances": [], **parts}
    return {"page_title": "Parcels", "ongoing_incidents": list(incidents), **lists}


def incident(**parts: Any) -> dict[str, Any]:
    return {
        "id": "01A",
        "name": "No labels are printed",
        "status": "investigating",
        "url": "https://status.example/incidents/01A",
        "last_update_at": "2026-09-01T10:05:00Z",
        "last_update_message": "We are <b>looking</b>",
        "current_worst_impact": "degraded_performance",
        "affected_components": [{"id": "c1", "name": "Labels", "group_name": "Shop", "current_status": "x"}],
        **parts,
    }


WORK = {"id": "01M", "name": "New printers", "status": "maintenance_in_progress", "affected_components": []}


def test_a_page_without_incidents_is_well():
    reading = read(widget())
    assert (reading.status, reading.message) == (Status.OPERATIONAL, "it lists no incident")
    assert reading.incidents == ()


def test_an_incident_carries_what_was_said_of_it():
    (said,) = read(widget(incident())).incidents or ()
    assert (said.ref, said.url) == ("01A", "https://status.example/incidents/01A")
    assert said.components == ("Labels",)
    assert (said.update, said.updates[0].state) == ("We are looking", "investigating")
    assert said.updated_at == datetime(2026, 9, 1, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize("word", ["on_fire", "", None, 7])
def test_an_impact_that_is_not_known_is_of_unknown_weight(word: Any):
    reading = read(widget(incident(current_worst_impact=word, status=word)))
    assert [one.status for one in reading.incidents or ()] == [Status.UNKNOWN]
    assert reading.status is Status.UNKNOWN


def test_an_open_incident_whose_components_are_well_again_has_the_least_weight():
    assert read(widget(incident(current_worst_impact="operational", status="monitoring"))).status is Status.DEGRADED


def test_an_incident_that_is_still_listed_as_resolved_is_over():
    reading = read(widget(incident(status="resolved")))
    assert ([one.ref for one in reading.over], reading.incidents) == (["01A"], ())


def test_lists_of_maintenance_may_be_absent_and_that_of_incidents_may_not():
    assert read({"page_title": "P", "ongoing_incidents": []}).status is Status.OPERATIONAL
    assert read(without(widget(), "ongoing_incidents")).status is Status.UNKNOWN


def test_maintenance_is_no_outage_and_is_shown_before_it_begins():
    coming = {**WORK, "id": "01N", "status": "maintenance_scheduled", "starts_at": "2026-09-02T10:00:00Z"}
    done = {**WORK, "id": "01D", "status": "maintenance_complete"}
    reading = read(widget(in_progress_maintenances=[WORK, done], scheduled_maintenances=[coming]))
    assert (reading.status, reading.message) == (Status.MAINTENANCE, "in maintenance: New printers")
    assert [one.ref for one in reading.incidents or ()] == ["01M"]
    assert [(one.ref, one.started_at) for one in reading.maintenances] == [
        ("01N", datetime(2026, 9, 2, 10, tzinfo=UTC))
    ]
    assert [one.ref for one in reading.over] == ["01D"]


def test_only_what_concerns_a_chosen_component_is_listed():
    other = incident(id="01B", affected_components=[{"name": "Tracking"}])
    assert [one.ref for one in read(widget(incident(), other), components=["labels"]).incidents or ()] == ["01A"]
    assert read(widget(other), components=["Labels"]).status is Status.OPERATIONAL


def test_a_chosen_component_is_looked_up_in_the_list_of_all():
    check = IncidentIo("https://status.example/", components=("Labels",))
    assert addresses(check) == ["/api/v1/summary", "/api/v2/components.json"]
    page = {"page": {"id": "p"}, "components": [{"id": "c", "name": "Label", "status": "operational"}]}
    reading = read(page, components=["Labels"])
    assert reading.message == "its page has no component 'Labels'; did you mean 'Label'?"
    compatible = "https://status.example/api/v2/summary.json"
    assert addresses(IncidentIo(compatible, components=("Labels",))) == ["/api/v2/summary.json"]
    assert addresses(IncidentIo("https://status.example/api/v1/summary")) == ["/api/v1/summary"]


def test_components_that_are_spelt_as_statuspage_does_weigh_by_themselves():
    page = {"page": {"id": "p"}, "components": [{"id": "c", "name": "Labels", "status": "partial_outage"}]}
    assert read(page).status is Status.PARTIAL


def test_a_story_is_told_word_by_word():
    assert told_of(
        "incident_io",
        widget(incident()),
        widget(incident()),
        widget(incident(status="identified", last_update_at="2026-09-01T10:20:00Z", last_update_message="A jam")),
        widget(incident(current_worst_impact="full_outage", last_update_at="2026-09-01T10:30:00Z")),
        widget(),
    ) == [["opened degraded"], [], ["updated degraded"], ["worsened major"], ["resolved operational"]]


@pytest.mark.parametrize("body", DAMAGED)
def test_what_is_no_page_is_unknown_with_the_reason(body: bytes):
    reading = checks.read("incident_io", body, now=NOW)
    assert reading.status is Status.UNKNOWN
    assert reading.message


def test_a_page_that_breaks_off_is_never_green():
    for body in cut_short(widget(incident(), in_progress_maintenances=[WORK])):
        assert checks.read("incident_io", body, now=NOW).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "data", [widget("x"), widget(without(incident(), "id")), {**widget(), "ongoing_incidents": None}]
)
def test_a_row_that_is_damaged_does_not_vanish(data: Any):
    assert read(data).status is Status.UNKNOWN


def drawn(*incidents: Any, **parts: Any) -> dict[str, Any]:
    """What a page is drawn from itself."""
    within = [{"component_id": "c1", "name": "Labels"}]
    return {
        "summary": {
            "name": "Parcels",
            "public_url": "https://status.parcels.example/",
            "components": [{"id": "c1", "name": "Labels"}, {"id": "c2", "name": "Maps"}],
            "structure": {
                "items": [{"group": {"id": "g1", "name": "Shop", "components": within}}, {"component": {}}]
            },
            "affected_components": [],
            "ongoing_incidents": list(incidents),
            "scheduled_maintenances": [],
            **parts,
        }
    }


def drawn_incident(**parts: Any) -> dict[str, Any]:
    later = {"message_string": "Better", "published_at": "2026-09-01T10:30:00Z", "to_status": "monitoring"}
    first = {"message_string": "We look", "published_at": "2026-09-01T10:00:00Z", "to_status": "investigating"}
    return {
        "id": "01A",
        "name": "No labels are printed",
        "type": "incident",
        "status": "monitoring",
        "published_at": "2026-09-01T10:00:00Z",
        "affected_components": [{"component_id": "c1", "status": "full_outage", "current_status": "partial_outage"}],
        "component_impacts": [{"component_id": "c1", "start_at": "2026-09-01T09:50:00Z", "end_at": None}],
        "updates": [later, first],
        **parts,
    }


def test_what_a_page_is_drawn_from_is_read_as_well():
    assert (read(drawn()).status, read(drawn()).incidents) == (Status.OPERATIONAL, ())
    ill = [{"component_id": "c1", "status": "partial_outage"}]
    reading = read(drawn(drawn_incident(), affected_components=ill))
    (said,) = reading.incidents or ()
    assert (said.ref, said.status, said.components) == ("01A", Status.PARTIAL, ("Labels",))
    assert said.url == "https://status.parcels.example/incidents/01A"
    assert said.started_at == datetime(2026, 9, 1, 9, 50, tzinfo=UTC)
    assert [(one.text, one.state) for one in said.updates] == [("We look", "investigating"), ("Better", "monitoring")]
    assert [(one.group, one.name, one.status) for one in reading.components] == [
        ("Shop", "Labels", Status.PARTIAL),
        ("", "Maps", Status.OPERATIONAL),
    ]
    assert read(drawn(drawn_incident(), affected_components=ill), components="Maps").status is Status.OPERATIONAL


@pytest.mark.parametrize("key", ["components", "affected_components", "ongoing_incidents"])
def test_half_of_what_a_page_is_drawn_from_is_never_green(key: str):
    assert read(without(drawn(), "summary", key)).status is Status.UNKNOWN


def test_a_component_that_is_ill_and_has_no_name_is_not_lost():
    assert read(drawn(affected_components=[{"component_id": "c9", "status": "full_outage"}])).status is Status.MAJOR
    assert read(drawn(affected_components=[{"component_id": "c1", "status": "soggy"}])).status is Status.UNKNOWN


@pytest.mark.parametrize(("state", "place"), [("scheduled", 1), ("in_progress", 0), ("complete", 2)])
def test_work_in_what_a_page_is_drawn_from_goes_by_its_word(state: str, place: int):
    span = {"component_id": "c1", "start_at": "2026-09-01T09:00:00Z", "end_at": "2026-09-01T11:00:00Z"}
    work = drawn_incident(type="maintenance", status=f"maintenance_{state}", component_impacts=[span])
    reading = read(drawn(scheduled_maintenances=[work]))
    lists = [reading.incidents or (), reading.maintenances, reading.over]
    assert [len(one) for one in lists] == [int(place == at) for at in range(3)]
    assert (lists[place][0].maintenance, lists[place][0].until) == (True, datetime(2026, 9, 1, 11, tzinfo=UTC))


def test_a_list_of_the_past_and_a_single_incident_are_read_as_well():
    over = drawn_incident(
        id="01B",
        status="resolved",
        affected_components=[{"component_id": "c1", "status": "full_outage", "current_status": "operational"}],
    )
    reading = read({"incidents": [drawn_incident(), over]})
    assert [one.ref for one in reading.incidents or ()] == ["01A"]
    assert [(one.ref, one.status) for one in reading.over] == [("01B", Status.MAJOR)]
    assert reading.reach == datetime(2026, 9, 1, 9, 50, tzinfo=UTC)
    assert [one.ref for one in read({"incident": drawn_incident()}).incidents or ()] == ["01A"]
    assert read(drawn(drawn_incident(affected_components=[]))).status is Status.DEGRADED
    assert read(drawn(drawn_incident(affected_components=[], status="soggy"))).status is Status.UNKNOWN


def test_the_address_of_what_a_page_is_drawn_from_stays_as_it_is():
    page = "https://status.parcels.example/proxy/status.parcels.example"
    assert addresses(IncidentIo(url=page, components=("Labels",))) == ["/proxy/status.parcels.example"]
